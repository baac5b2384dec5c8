rule train_model:
    input:
        unpack(known(lambda wildcards: plan.training_inputs(wildcards.model, wildcards.seed))),
    output:
        weights="results/models/{model}/seed-{seed}/weights.npz",
        history="results/models/{model}/seed-{seed}/history.csv",
        timings="results/models/{model}/seed-{seed}/timings.json",
    log:
        "results/logs/train_model/{model}/seed-{seed}.log",
    benchmark:
        "results/timings/train_model/{model}/seed-{seed}.tsv"
    wildcard_constraints:
        model=plan.trained_by_gradients,
    priority: known(lambda wildcards: plan.priorities[wildcards.model])
    conda:
        f"../../envs/{plan.tensorflow}.yaml"
    resources:
        gpu=plan.gpus,
        runtime=known(lambda wildcards, attempt: attempt * plan.minutes[wildcards.model]),
    params:
        spec=lambda wildcards: plan.training(wildcards.model, wildcards.seed),
    script:
        "../scripts/train_model.py"


rule fit_pca:
    input:
        unpack(lambda wildcards: plan.training_inputs(wildcards.model, wildcards.seed)),
    output:
        weights="results/models/{model}/seed-{seed}/weights.npz",
        history="results/models/{model}/seed-{seed}/history.csv",
    log:
        "results/logs/fit_pca/{model}/seed-{seed}.log",
    benchmark:
        "results/timings/fit_pca/{model}/seed-{seed}.tsv"
    wildcard_constraints:
        model=plan.made_by("fit_pca"),
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: {"code_size": plan.models[wildcards.model]["code_size"]},
    script:
        "../scripts/fit_pca.py"


rule stack_layers:
    input:
        layers=lambda wildcards: plan.start_weights(wildcards.model, wildcards.seed),
    output:
        weights="results/models/{model}/seed-{seed}/weights.npz",
        history="results/models/{model}/seed-{seed}/history.csv",
    log:
        "results/logs/stack_layers/{model}/seed-{seed}.log",
    benchmark:
        "results/timings/stack_layers/{model}/seed-{seed}.tsv"
    wildcard_constraints:
        model=plan.made_by("stack_layers"),
    priority: lambda wildcards: plan.priorities[wildcards.model]
    conda:
        "../../envs/analysis.yaml"
    script:
        "../scripts/stack_layers.py"
