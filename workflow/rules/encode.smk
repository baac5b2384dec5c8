rule encode_images:
    input:
        weights="results/models/{model}/seed-{seed}/weights.npz",
        train=known(lambda wildcards: plan.encoded(wildcards.model, wildcards.seed, "train")),
        test=known(lambda wildcards: plan.encoded(wildcards.model, wildcards.seed, "test")),
    output:
        train="results/models/{model}/seed-{seed}/codes/train.npy",
        test="results/models/{model}/seed-{seed}/codes/test.npy",
    log:
        "results/logs/encode_images/{model}/seed-{seed}.log",
    benchmark:
        "results/timings/encode_images/{model}/seed-{seed}.tsv"
    priority: lambda wildcards: plan.priorities[wildcards.model]
    conda:
        "../../envs/analysis.yaml"
    script:
        "../scripts/encode_images.py"
