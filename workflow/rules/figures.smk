"""Figures that every study has: training curves and examples of reconstructions."""


rule plot_training_curves:
    input:
        histories=lambda wildcards: plan.first_runs(plan.curves(wildcards.study), "history.csv"),
    output:
        report(
            "results/studies/{study}/training_curves.png",
            caption="../report/training_curves.rst",
            category="{study}",
            labels={"figure": "training curves"},
        ),
    log:
        "results/logs/{study}/plot_training_curves.log",
    benchmark:
        "results/timings/plot_training_curves/{study}.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=lambda wildcards: plan.spec(
            "plot_training_curves",
            "analysis",
            curves=plan.read_by("plot_training_curves", plan.curves(wildcards.study)),
        ),
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
        "results/logs/{study}/reconstruct_examples.log",
    benchmark:
        "results/timings/reconstruct_examples/{study}.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=lambda wildcards: plan.study(
            wildcards.study,
            "reconstruct_examples",
            "analysis",
            ["examples"],
            plan.members(wildcards.study),
        ),
    script:
        "../scripts/reconstruct_examples.py"


rule plot_reconstructions:
    input:
        rules.reconstruct_examples.output,
    output:
        report(
            "results/studies/{study}/{inputs}_reconstructions.png",
            caption="../report/reconstructions.rst",
            category="{study}",
            labels={"figure": "reconstructions of {inputs} images"},
        ),
    log:
        "results/logs/{study}/plot_{inputs}_reconstructions.log",
    benchmark:
        "results/timings/plot_reconstructions/{study}/{inputs}.tsv"
    wildcard_constraints:
        inputs="clean|corrupted",
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=lambda wildcards: plan.study(
            wildcards.study,
            "plot_reconstructions",
            "analysis",
            members=plan.members(wildcards.study),
            inputs=wildcards.inputs,
            data=plan.shown(wildcards.study),
        ),
    script:
        "../scripts/plot_reconstructions.py"
