"""Study 7: does a denoiser help with noise that it was not trained on?"""

ROBUSTNESS = plan.members("robustness")
ROBUSTNESS_SETTINGS = plan.studies["robustness"]
ROBUSTNESS_SPECIALISTS = ROBUSTNESS_SETTINGS["specialists"]


rule measure_references:
    input:
        split=plan.split_files(ROBUSTNESS)[0],
        judge=plan.judge_of("robustness"),
        train_images=plan.data("robustness")["train"]["images"],
        images=plan.data("robustness")["test"]["images"],
        labels=plan.data("robustness")["test"]["labels"],
    output:
        table=table("robustness", "run-{run}/references.csv"),
        shown="results/studies/robustness/run-{run}/references.npz",
    log:
        "results/logs/measure_references/run-{run}.log",
    benchmark:
        "results/timings/measure_references/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.settings(
            "robustness",
            "degradations",
            "images",
            "read",
            "shown_image",
            draw=plan.draw("robustness", wildcards.run),
        ),
    script:
        "scripts/measure_references.py"


rule measure_degraded:
    input:
        weights=lambda wildcards: f"{plan.folder(wildcards.model, plan.seed(wildcards.model, wildcards.run))}/weights.npz",
        split=plan.split_files(ROBUSTNESS)[0],
        judge=plan.judge_of("robustness"),
        images=plan.data("robustness")["test"]["images"],
        labels=plan.data("robustness")["test"]["labels"],
    output:
        table="results/studies/robustness/run-{run}/measured/{model}.csv",
        shown="results/studies/robustness/run-{run}/measured/{model}.npz",
    log:
        "results/logs/measure_degraded/run-{run}/{model}.log",
    benchmark:
        "results/timings/measure_degraded/run-{run}/{model}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.settings(
            "robustness",
            "degradations",
            "images",
            "read",
            "shown_image",
            draw=plan.draw("robustness", wildcards.run),
        ),
    script:
        "scripts/measure_degraded.py"


rule tabulate_degradations:
    input:
        references=rules.measure_references.output.table,
        measured=[f"results/studies/robustness/run-{{run}}/measured/{member['name']}.csv" for member in ROBUSTNESS],
    output:
        table("robustness", "run-{run}/degradations.csv"),
    log:
        "results/logs/tabulate_degradations/run-{run}.log",
    benchmark:
        "results/timings/tabulate_degradations/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("robustness", members=select(ROBUSTNESS, "name", "group")),
    script:
        "scripts/tabulate_degradations.py"


rule compare_specialists:
    input:
        rules.tabulate_degradations.output[0],
    output:
        table("robustness", "run-{run}/specialists.csv"),
    log:
        "results/logs/compare_specialists/run-{run}.log",
    benchmark:
        "results/timings/compare_specialists/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings(
            "robustness",
            "specialists",
            "blind",
            trained_on=[
                plan.corruptions[plan.models[name]["corruption"]]["amount"] for name in ROBUSTNESS_SPECIALISTS
            ],
        ),
    script:
        "scripts/compare_specialists.py"


rule answer_robustness:
    input:
        references=rules.measure_references.output.table,
        degradations=rules.tabulate_degradations.output[0],
        specialists=rules.compare_specialists.output[0],
    output:
        "results/studies/robustness/run-{run}/answers.csv",
    log:
        "results/logs/answer_robustness/run-{run}.log",
    benchmark:
        "results/timings/answer_robustness/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings(
            "robustness",
            "images",
            "read",
            "blind",
            pixels=plan.dataset_of("robustness").pixels,
            train=plan.splits[ROBUSTNESS[0]["entry"]["split"]]["train"],
        ),
    script:
        "scripts/answer_robustness.py"


rule plot_degradations:
    input:
        "results/studies/robustness/run-1/degradations.csv",
    output:
        figure("robustness", "degradations.png"),
    log:
        "results/logs/plot_degradations.log",
    benchmark:
        "results/timings/plot_degradations.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("robustness", "curves"),
    script:
        "scripts/plot_degradations.py"


rule plot_gains:
    input:
        "results/studies/robustness/run-1/degradations.csv",
    output:
        figure("robustness", "gains.png"),
    log:
        "results/logs/plot_gains.log",
    benchmark:
        "results/timings/plot_gains.tsv"
    conda:
        "../../../envs/analysis.yaml"
    script:
        "scripts/plot_gains.py"


rule plot_specialists:
    input:
        "results/studies/robustness/run-1/specialists.csv",
    output:
        figure("robustness", "specialists.png"),
    log:
        "results/logs/plot_specialists.log",
    benchmark:
        "results/timings/plot_specialists.tsv"
    conda:
        "../../../envs/analysis.yaml"
    script:
        "scripts/plot_specialists.py"


rule plot_restored_image:
    input:
        references="results/studies/robustness/run-1/references.npz",
        restored=[f"results/studies/robustness/run-1/measured/{name}.npz" for name in ROBUSTNESS_SETTINGS["curves"]],
    output:
        figure("robustness", "restored_image.png"),
    log:
        "results/logs/plot_restored_image.log",
    benchmark:
        "results/timings/plot_restored_image.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("robustness", "curves", "degradations", data=plan.shown("robustness")),
    script:
        "scripts/plot_restored_image.py"
