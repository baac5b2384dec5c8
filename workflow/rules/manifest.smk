"""Write the SHA-256 of every file that the workflow makes, for comparisons byte by byte (`make verify`)."""


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
