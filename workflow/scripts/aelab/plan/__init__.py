"""What is to be done and what it depends on.

The `snakemake` process imports this package, so that it needs only the standard library, PyYAML and jsonschema.
"""
