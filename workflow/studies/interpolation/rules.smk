"""Study 4: can the codes of a variational autoencoder be interpolated?"""

INTERPOLATION = plan.members("interpolation")
PAIRS = ["same_digit", "different_digits"]

STUDY_RESULTS["interpolation"] += expand(
    "results/studies/interpolation/{pairs}_{drawn}.png",
    pairs=PAIRS,
    drawn=[*(member["name"] for member in INTERPOLATION), "pixel_blend"],
)


rule interpolate_codes:
    input:
        weights=plan.first_runs(INTERPOLATION, "weights.npz"),
        judge=plan.judge_weights,
        images=MNIST["test"]["images"],
        labels=MNIST["test"]["labels"],
    output:
        paths="results/studies/interpolation/paths.npz",
        samples="results/studies/interpolation/samples.npz",
    log:
        "results/logs/interpolate_codes.log",
    benchmark:
        "results/timings/interpolate_codes.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("interpolation", "pairs", "prior_samples", members=select(INTERPOLATION, "name")),
    script:
        "scripts/interpolate_codes.py"


rule measure_paths:
    input:
        paths=rules.interpolate_codes.output.paths,
        samples=rules.interpolate_codes.output.samples,
        train_images=MNIST["train"]["images"],
        test_images=MNIST["test"]["images"],
        test_labels=MNIST["test"]["labels"],
    output:
        along="results/studies/interpolation/along_paths.csv",
        whole=table("interpolation", "plausibility.csv"),
    log:
        "results/logs/measure_paths.log",
    benchmark:
        "results/timings/measure_paths.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("interpolation", "plausible_quantile"),
    script:
        "scripts/measure_paths.py"


rule plot_interpolations:
    input:
        paths=rules.interpolate_codes.output.paths,
        images=MNIST["test"]["images"],
        labels=MNIST["test"]["labels"],
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
        spec=lambda wildcards: plan.settings("interpolation", pairs=wildcards.pairs, drawn=wildcards.drawn),
    script:
        "scripts/plot_interpolations.py"


rule compare_interpolations:
    input:
        paths=rules.interpolate_codes.output.paths,
        images=MNIST["test"]["images"],
        labels=MNIST["test"]["labels"],
    output:
        figure("interpolation", "interpolations_compared.png"),
    log:
        "results/logs/compare_interpolations.log",
    benchmark:
        "results/timings/compare_interpolations.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("interpolation", members=select(INTERPOLATION, "name")),
    script:
        "scripts/compare_interpolations.py"


rule plot_path_measures:
    input:
        along=rules.measure_paths.output.along,
        whole=rules.measure_paths.output.whole,
    output:
        figure("interpolation", "along_paths.png"),
    log:
        "results/logs/plot_path_measures.log",
    benchmark:
        "results/timings/plot_path_measures.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("interpolation", members=select(INTERPOLATION, "name")),
    script:
        "scripts/plot_path_measures.py"


rule plot_prior_samples:
    input:
        rules.interpolate_codes.output.samples,
    output:
        figure("interpolation", "prior_samples.png"),
    log:
        "results/logs/plot_prior_samples.log",
    benchmark:
        "results/timings/plot_prior_samples.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("interpolation", members=select(INTERPOLATION, "name")),
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
        train_images=MNIST["train"]["images"],
        test_images=MNIST["test"]["images"],
    output:
        "results/studies/interpolation/answers.csv",
    log:
        "results/logs/answer_interpolation.log",
    benchmark:
        "results/timings/answer_interpolation.tsv"
    conda:
        "../../../envs/analysis.yaml"
    script:
        "scripts/answer_interpolation.py"
