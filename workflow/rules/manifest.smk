"""The SHA-256 of everything that the workflow makes, for comparisons byte by byte (`make verify`)."""

import functools


@functools.cache
def manifested():
    """Every file that the manifest lists, known when all rules are."""
    return produced(RESULTS, workflow.rules)


rule write_manifest:
    input:
        lambda wildcards: manifested(),
    output:
        "results/manifest.sha256",
    log:
        "results/logs/write_manifest.log",
    benchmark:
        "results/timings/write_manifest.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.spec("write_manifest", "analysis"),
    script:
        "../scripts/write_manifest.py"
