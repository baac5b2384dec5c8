# Training and test images are encoded apart, so that a training on codes depends on no test image.
rule encode_images:
    input:
        weights="results/models/{model}/seed-{seed}/weights.npz",
        given=known(lambda wildcards: plan.encoded(wildcards.model, wildcards.seed, wildcards.part)),
    output:
        "results/models/{model}/seed-{seed}/codes/{part}.npy",
    log:
        "results/logs/encode_images/{model}/seed-{seed}/{part}.log",
    benchmark:
        "results/timings/encode_images/{model}/seed-{seed}/{part}.tsv"
    priority: lambda wildcards: plan.priorities[wildcards.model]
    conda:
        "../../envs/analysis.yaml"
    script:
        "../scripts/encode_images.py"
