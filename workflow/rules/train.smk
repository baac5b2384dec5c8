rule train_model:
    input:
        unpack(lambda wildcards: plan.training_inputs(wildcards.model, wildcards.seed)),
    output:
        weights="results/models/{model}/seed-{seed}/weights.npz",
        history="results/models/{model}/seed-{seed}/history.csv",
        timings="results/models/{model}/seed-{seed}/timings.json",
    log:
        "results/logs/train_model/{model}/seed-{seed}.log",
    benchmark:
        "results/timings/train_model/{model}/seed-{seed}.tsv"
    priority: lambda wildcards: plan.priorities[wildcards.model]
    conda:
        ENVIRONMENTS["tensorflow"]
    resources:
        gpu=plan.gpus,
    params:
        spec=lambda wildcards: plan.training(wildcards.model, wildcards.seed),
    script:
        "../scripts/train_model.py"
