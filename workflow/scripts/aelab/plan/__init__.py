"""What is to be done, and what it depends on. Standard library, PyYAML and jsonschema: `snakemake` imports it."""
