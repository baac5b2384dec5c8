"""Study 4: can the codes of a variational autoencoder be interpolated?"""

INTERPOLATION = plan.members("interpolation")
PAIRS = ["same_digit", "different_digits"]
FED_BACK = plan.members("interpolation", ["published"]) or INTERPOLATION

STUDY_RESULTS["interpolation"] += expand(
    "results/studies/interpolation/{pairs}_{drawn}.png",
    pairs=PAIRS,
    drawn=[*(member["name"] for member in INTERPOLATION), "pixel_blend"],
)


rule interpolate_codes:
    input:
        weights=plan.of_run(INTERPOLATION, "weights.npz"),
        judge=plan.judge_of("interpolation"),
        images=plan.data("interpolation")["test"]["images"],
        labels=plan.data("interpolation")["test"]["labels"],
    output:
        paths="results/studies/interpolation/run-{run}/paths.npz",
        samples="results/studies/interpolation/run-{run}/samples.npz",
    log:
        "results/logs/interpolate_codes/run-{run}.log",
    benchmark:
        "results/timings/interpolate_codes/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings(
            "interpolation",
            "pairs",
            "prior_samples",
            members=select(INTERPOLATION, "name"),
            data=plan.shown("interpolation"),
        ),
    script:
        "scripts/interpolate_codes.py"


rule measure_paths:
    input:
        paths=rules.interpolate_codes.output.paths,
        samples=rules.interpolate_codes.output.samples,
        train_images=plan.data("interpolation")["train"]["images"],
        test_images=plan.data("interpolation")["test"]["images"],
        test_labels=plan.data("interpolation")["test"]["labels"],
    output:
        along="results/studies/interpolation/run-{run}/along_paths.csv",
        whole=table("interpolation", "run-{run}/plausibility.csv"),
    log:
        "results/logs/measure_paths/run-{run}.log",
    benchmark:
        "results/timings/measure_paths/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("interpolation", "plausible_quantile"),
    script:
        "scripts/measure_paths.py"


rule plot_interpolations:
    input:
        paths="results/studies/interpolation/run-1/paths.npz",
        images=plan.data("interpolation")["test"]["images"],
        labels=plan.data("interpolation")["test"]["labels"],
    output:
        figure("interpolation", "{pairs}_{drawn}.png", caption="interpolations.rst"),
    log:
        "results/logs/plot_interpolations/{pairs}/{drawn}.log",
    benchmark:
        "results/timings/plot_interpolations/{pairs}/{drawn}.tsv"
    wildcard_constraints:
        pairs="|".join(PAIRS),
        drawn="|".join([*(member["name"] for member in INTERPOLATION), "pixel_blend"]),
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.settings(
            "interpolation", pairs=wildcards.pairs, drawn=wildcards.drawn, data=plan.shown("interpolation")
        ),
    script:
        "scripts/plot_interpolations.py"


# What was published under the names of interpolations.
rule feed_images_back:
    input:
        weights=plan.of_run(FED_BACK, "weights.npz"),
        judge=plan.judge_of("interpolation"),
        images=plan.data("interpolation")["test"]["images"],
        labels=plan.data("interpolation")["test"]["labels"],
    output:
        "results/studies/interpolation/run-{run}/fed_back.npz",
    log:
        "results/logs/feed_images_back/run-{run}.log",
    benchmark:
        "results/timings/feed_images_back/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.settings(
            "interpolation",
            "fed_back",
            run=int(wildcards.run),
            members=select(FED_BACK, "name"),
            data=plan.shown("interpolation"),
        ),
    script:
        "scripts/feed_images_back.py"


rule plot_images_fed_back:
    input:
        fed_back="results/studies/interpolation/run-1/fed_back.npz",
        paths="results/studies/interpolation/run-1/paths.npz",
        images=plan.data("interpolation")["test"]["images"],
        labels=plan.data("interpolation")["test"]["labels"],
    output:
        same_digit=figure("interpolation", "published_same_digit.png"),
        different_digits=figure("interpolation", "published_different_digits.png"),
    log:
        "results/logs/plot_images_fed_back.log",
    benchmark:
        "results/timings/plot_images_fed_back.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("interpolation", members=select(FED_BACK, "name"), data=plan.shown("interpolation")),
    script:
        "scripts/plot_images_fed_back.py"


rule compare_interpolations:
    input:
        paths="results/studies/interpolation/run-1/paths.npz",
        images=plan.data("interpolation")["test"]["images"],
        labels=plan.data("interpolation")["test"]["labels"],
    output:
        figure("interpolation", "interpolations_compared.png"),
    log:
        "results/logs/compare_interpolations.log",
    benchmark:
        "results/timings/compare_interpolations.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("interpolation", members=select(INTERPOLATION, "name"), data=plan.shown("interpolation")),
    script:
        "scripts/compare_interpolations.py"


rule plot_path_measures:
    input:
        along="results/studies/interpolation/run-1/along_paths.csv",
        whole="results/studies/interpolation/run-1/plausibility.csv",
    output:
        figure("interpolation", "along_paths.png"),
    log:
        "results/logs/plot_path_measures.log",
    benchmark:
        "results/timings/plot_path_measures.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("interpolation", members=select(INTERPOLATION, "name"), data=plan.shown("interpolation")),
    script:
        "scripts/plot_path_measures.py"


rule plot_prior_samples:
    input:
        "results/studies/interpolation/run-1/samples.npz",
    output:
        figure("interpolation", "prior_samples.png"),
    log:
        "results/logs/plot_prior_samples.log",
    benchmark:
        "results/timings/plot_prior_samples.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("interpolation", members=select(INTERPOLATION, "name"), data=plan.shown("interpolation")),
    script:
        "scripts/plot_prior_samples.py"


rule plot_latent_dimensions:
    input:
        metrics=plan.first_runs(INTERPOLATION, "metrics.json"),
    output:
        figure=figure("interpolation", "latent_dimensions.png"),
        table=table("interpolation", "latent_dimensions.csv"),
    log:
        "results/logs/plot_latent_dimensions.log",
    benchmark:
        "results/timings/plot_latent_dimensions.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("interpolation", members=select(INTERPOLATION, "name", "group")),
    script:
        "scripts/plot_latent_dimensions.py"


rule answer_interpolation:
    input:
        whole=rules.measure_paths.output.whole,
        samples=rules.interpolate_codes.output.samples,
        fed_back=rules.feed_images_back.output[0],
        train_images=plan.data("interpolation")["train"]["images"],
        test_images=plan.data("interpolation")["test"]["images"],
        test_labels=plan.data("interpolation")["test"]["labels"],
    output:
        "results/studies/interpolation/run-{run}/answers.csv",
    log:
        "results/logs/answer_interpolation/run-{run}.log",
    benchmark:
        "results/timings/answer_interpolation/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec={"data": plan.shown("interpolation")},
    script:
        "scripts/answer_interpolation.py"
