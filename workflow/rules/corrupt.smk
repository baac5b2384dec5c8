rule corrupt_images:
    input:
        images=lambda wildcards: plan.datasets[wildcards.dataset].file(wildcards.part, "images"),
    output:
        "results/data/{dataset}/corrupted/{corruption}/draw-{draw}/{part}.npy",
    log:
        "results/logs/corrupt_images/{dataset}/{corruption}/draw-{draw}/{part}.log",
    benchmark:
        "results/timings/corrupt_images/{dataset}/{corruption}/draw-{draw}/{part}.tsv"
    priority: plan.first
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.corrupting(wildcards.corruption, wildcards.draw, wildcards.part),
    script:
        "../scripts/corrupt_images.py"
