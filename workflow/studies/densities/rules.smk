"""Study: which metrics of samples lie?"""

DENSITIES = plan.members("densities")
DENSITIES_DRAWN = [
    {"model": model, "way": way}
    for way in ("prior", "gaussian", "mixture", "score", "chain")
    for model in plan.studies["densities"][way]
]
DENSITIES_NOISE = {
    model: plan.corruptions[plan.models[model]["corruption"]] for model in plan.studies["densities"]["chain"]
}


# Which images are references, which are the row that ought to win, and which choose the width of Parzen windows.
rule divide_images:
    input:
        split=plan.split_files(DENSITIES)[0],
        train_images=plan.data("densities")["train"]["images"],
    output:
        "results/studies/densities/run-{run}/rows.npz",
    log:
        "results/logs/divide_images/run-{run}.log",
    benchmark:
        "results/timings/divide_images/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.settings("densities", "samples", "width_images", "seed", run=int(wildcards.run)),
    script:
        "scripts/divide_images.py"


rule cluster_images:
    input:
        rows=rules.divide_images.output[0],
        train_images=plan.data("densities")["train"]["images"],
    output:
        "results/studies/densities/run-{run}/centres.npy",
    log:
        "results/logs/cluster_images/run-{run}.log",
    benchmark:
        "results/timings/cluster_images/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.settings("densities", "clustering", "seed", run=int(wildcards.run)),
    script:
        "scripts/cluster_images.py"


rule sample_generators:
    input:
        rows=rules.divide_images.output[0],
        weights=plan.of_run(DENSITIES, "weights.npz"),
        splits=plan.split_files(DENSITIES),
        train_images=plan.data("densities")["train"]["images"],
    output:
        "results/studies/densities/run-{run}/samples.npz",
    log:
        "results/logs/sample_generators/run-{run}.log",
    benchmark:
        "results/timings/sample_generators/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.settings(
            "densities",
            "fit",
            "walks",
            "seed",
            run=int(wildcards.run),
            members=select(DENSITIES, "name"),
            drawn=DENSITIES_DRAWN,
            noise=DENSITIES_NOISE,
        ),
    script:
        "scripts/sample_generators.py"


rule measure_generators:
    input:
        rows=rules.divide_images.output[0],
        centres=rules.cluster_images.output[0],
        samples=rules.sample_generators.output[0],
        judge=plan.judge_of("densities"),
        train_images=plan.data("densities")["train"]["images"],
        test_images=plan.data("densities")["test"]["images"],
    output:
        table=table("densities", "run-{run}/generators.csv"),
        nearest="results/studies/densities/run-{run}/nearest.npz",
    log:
        "results/logs/measure_generators/run-{run}.log",
    benchmark:
        "results/timings/measure_generators/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings(
            "densities",
            "neighbours",
            "copies",
            drawn=DENSITIES_DRAWN,
            data=plan.shown("densities"),
        ),
    script:
        "scripts/measure_generators.py"


rule plot_metric_ranks:
    input:
        "results/studies/densities/run-1/generators.csv",
    output:
        figure("densities", "metric_ranks.png"),
    log:
        "results/logs/plot_metric_ranks.log",
    benchmark:
        "results/timings/plot_metric_ranks.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("densities", data=plan.shown("densities")),
    script:
        "scripts/plot_metric_ranks.py"


rule plot_two_metrics:
    input:
        "results/studies/densities/run-1/generators.csv",
    output:
        figure("densities", "two_metrics.png"),
    log:
        "results/logs/plot_two_metrics.log",
    benchmark:
        "results/timings/plot_two_metrics.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("densities", data=plan.shown("densities")),
    script:
        "scripts/plot_two_metrics.py"


rule plot_generated_samples:
    input:
        table="results/studies/densities/run-1/generators.csv",
        nearest="results/studies/densities/run-1/nearest.npz",
        rows="results/studies/densities/run-1/rows.npz",
        centres="results/studies/densities/run-1/centres.npy",
        samples="results/studies/densities/run-1/samples.npz",
        train_images=plan.data("densities")["train"]["images"],
        test_images=plan.data("densities")["test"]["images"],
    output:
        figure("densities", "samples.png"),
    log:
        "results/logs/plot_generated_samples.log",
    benchmark:
        "results/timings/plot_generated_samples.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("densities", data=plan.shown("densities")),
    script:
        "scripts/plot_generated_samples.py"


rule plot_copies:
    input:
        table="results/studies/densities/run-1/generators.csv",
        nearest="results/studies/densities/run-1/nearest.npz",
    output:
        figure("densities", "copies.png"),
    log:
        "results/logs/plot_copies.log",
    benchmark:
        "results/timings/plot_copies.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("densities", "copies", data=plan.shown("densities")),
    script:
        "scripts/plot_copies.py"


rule answer_densities:
    input:
        rules.measure_generators.output.table,
    output:
        "results/studies/densities/run-{run}/answers.csv",
    log:
        "results/logs/answer_densities/run-{run}.log",
    benchmark:
        "results/timings/answer_densities/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    script:
        "scripts/answer_densities.py"
