"""Draw the figures that every study has: training curves and examples of reconstructions."""


rule plot_training_curves:
    input:
        histories=lambda wildcards: plan.first_runs(plan.curves(wildcards.study), "history.csv"),
    output:
        figure("{study}", "training_curves.png", caption="../report/caption.rst"),
    log:
        "results/logs/plot_training_curves/{study}.log",
    benchmark:
        "results/timings/plot_training_curves/{study}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: {"curves": select(plan.curves(wildcards.study), "name", "loss", "watch", "on")},
    script:
        "../scripts/plot_training_curves.py"


rule reconstruct_examples:
    input:
        unpack(lambda wildcards: plan.example_inputs(wildcards.study)),
        weights=lambda wildcards: plan.first_runs(plan.members(wildcards.study), "weights.npz"),
        judge=lambda wildcards: plan.judge_of(wildcards.study),
        images=lambda wildcards: plan.data(wildcards.study)["test"]["images"],
        labels=lambda wildcards: plan.data(wildcards.study)["test"]["labels"],
    output:
        "results/studies/{study}/examples.npz",
    log:
        "results/logs/reconstruct_examples/{study}.log",
    benchmark:
        "results/timings/reconstruct_examples/{study}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.settings(wildcards.study, "examples"),
    script:
        "../scripts/reconstruct_examples.py"


rule plot_reconstructions:
    input:
        rules.reconstruct_examples.output,
    output:
        figure("{study}", "{inputs}_reconstructions.png", caption="../report/caption.rst"),
    log:
        "results/logs/plot_reconstructions/{study}/{inputs}.log",
    benchmark:
        "results/timings/plot_reconstructions/{study}/{inputs}.tsv"
    wildcard_constraints:
        inputs="clean|corrupted",
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.settings(
            wildcards.study,
            members=select(plan.members(wildcards.study), "name"),
            inputs=wildcards.inputs,
            data=plan.shown(wildcards.study),
        ),
    script:
        "../scripts/plot_reconstructions.py"
