rule make_split:
    output:
        "results/data/splits/{split}.npz",
    log:
        "results/logs/make_split/{split}.log",
    benchmark:
        "results/timings/make_split/{split}.tsv"
    priority: plan.first
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.splitting(wildcards.split),
    script:
        "../scripts/make_split.py"


# Training reads a separate file, so that changing the number of test images does not repeat any training.
use rule make_split as make_training_split with:
    output:
        "results/data/splits/{split}-training.npz",
    log:
        "results/logs/make_training_split/{split}.log",
    benchmark:
        "results/timings/make_training_split/{split}.tsv"
    params:
        spec=lambda wildcards: plan.splitting(wildcards.split, whole=False),
