rule corrupt_images:
    input:
        images=lambda wildcards: MNIST[wildcards.part]["images"],
    output:
        "results/data/corrupted/{corruption}/{part}.npy",
    log:
        "results/logs/corrupt_images/{corruption}/{part}.log",
    benchmark:
        "results/timings/corrupt_images/{corruption}/{part}.tsv"
    priority: plan.first
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.corrupting(wildcards.corruption, wildcards.part),
    script:
        "../scripts/corrupt_images.py"
