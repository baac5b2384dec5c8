"""The SHA-256 of everything that the workflow makes, for comparisons byte by byte (`make verify`)."""

WANTED = [workflow.modifier.modify_path(file) for file in RESULTS]


rule write_manifest:
    input:
        RESULTS,
    output:
        "results/manifest.sha256",
    log:
        "results/logs/write_manifest.log",
    benchmark:
        "results/timings/write_manifest.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: {"files": produced(WANTED, OWN_RULES)},
    script:
        "../scripts/write_manifest.py"
