"""The SHA-256 of everything that the workflow makes, for comparisons byte by byte (`make verify`)."""

import functools


@functools.cache
def manifested():
    """Every file that the manifest lists, known when all rules are; without a module's prefix, which Snakemake adds."""
    prefix = RESULTS_FOLDER.removesuffix("results")
    wanted = [workflow.modifier.modify_path(file) for file in RESULTS]
    return [file.removeprefix(prefix) for file in produced(wanted, OWN_RULES)]


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
        "../../envs/analysis.yaml"
    script:
        "../scripts/write_manifest.py"
