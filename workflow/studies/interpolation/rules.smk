"""Study 4: can the codes of a variational autoencoder be interpolated?"""

INTERPOLATION = plan.members("interpolation")
PAIRS = ["same_digit", "different_digits"]

STUDY_RESULTS += [
    "results/studies/interpolation/training_curves.png",
    "results/studies/interpolation/clean_reconstructions.png",
    "results/studies/interpolation/interpolations_compared.png",
    "results/studies/interpolation/along_paths.png",
    "results/studies/interpolation/plausibility.csv",
    "results/studies/interpolation/prior_samples.png",
    "results/studies/interpolation/latent_dimensions.png",
    "results/studies/interpolation/answers.csv",
]
STUDY_RESULTS += expand(
    "results/studies/interpolation/{pairs}_{drawn}.png",
    pairs=PAIRS,
    drawn=[*(member["name"] for member in INTERPOLATION), "pixel_blend"],
)


rule interpolate_codes:
    input:
        weights=plan.first_runs(INTERPOLATION, "weights.npz"),
        judge=plan.judge_of("interpolation"),
        images=plan.data("interpolation")["test"]["images"],
        labels=plan.data("interpolation")["test"]["labels"],
    output:
        paths="results/studies/interpolation/paths.npz",
        samples="results/studies/interpolation/samples.npz",
    log:
        "results/logs/interpolation/interpolate_codes.log",
    benchmark:
        "results/timings/interpolate_codes.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "interpolation",
            "interpolate_codes",
            "analysis",
            ["pairs", "prior_samples"],
            INTERPOLATION,
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
        along="results/studies/interpolation/along_paths.csv",
        whole=report(
            "results/studies/interpolation/plausibility.csv",
            caption=caption("interpolation", "plausibility"),
            category="interpolation",
            labels={"figure": "plausibility, table"},
        ),
    log:
        "results/logs/interpolation/measure_paths.log",
    benchmark:
        "results/timings/measure_paths.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("interpolation", "measure_paths", "analysis", ["plausible_quantile"], INTERPOLATION),
    script:
        "scripts/measure_paths.py"


rule plot_interpolations:
    input:
        paths=rules.interpolate_codes.output.paths,
        images=plan.data("interpolation")["test"]["images"],
        labels=plan.data("interpolation")["test"]["labels"],
    output:
        report(
            "results/studies/interpolation/{pairs}_{drawn}.png",
            caption="interpolations.rst",
            category="interpolation",
            labels={"figure": "{pairs}, {drawn}"},
        ),
    log:
        "results/logs/interpolation/plot_{pairs}_{drawn}.log",
    benchmark:
        "results/timings/plot_interpolations/{pairs}/{drawn}.tsv"
    wildcard_constraints:
        pairs="|".join(PAIRS),
        drawn="|".join([*(member["name"] for member in INTERPOLATION), "pixel_blend"]),
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=lambda wildcards: plan.study(
            "interpolation",
            "plot_interpolations",
            "analysis",
            pairs=wildcards.pairs,
            drawn=wildcards.drawn,
            data=plan.shown("interpolation"),
        ),
    script:
        "scripts/plot_interpolations.py"


rule compare_interpolations:
    input:
        paths=rules.interpolate_codes.output.paths,
        images=plan.data("interpolation")["test"]["images"],
        labels=plan.data("interpolation")["test"]["labels"],
    output:
        report(
            "results/studies/interpolation/interpolations_compared.png",
            caption=caption("interpolation", "interpolations_compared"),
            category="interpolation",
            labels={"figure": "interpolations, all models"},
        ),
    log:
        "results/logs/interpolation/compare_interpolations.log",
    benchmark:
        "results/timings/compare_interpolations.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "interpolation",
            "compare_interpolations",
            "analysis",
            members=INTERPOLATION,
            data=plan.shown("interpolation"),
        ),
    script:
        "scripts/compare_interpolations.py"


rule plot_path_measures:
    input:
        along=rules.measure_paths.output.along,
        whole=rules.measure_paths.output.whole,
    output:
        report(
            "results/studies/interpolation/along_paths.png",
            caption=caption("interpolation", "along_paths"),
            category="interpolation",
            labels={"figure": "confidence and distance along the paths"},
        ),
    log:
        "results/logs/interpolation/plot_path_measures.log",
    benchmark:
        "results/timings/plot_path_measures.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "interpolation", "plot_path_measures", "analysis", members=INTERPOLATION, data=plan.shown("interpolation")
        ),
    script:
        "scripts/plot_path_measures.py"


rule plot_prior_samples:
    input:
        rules.interpolate_codes.output.samples,
    output:
        report(
            "results/studies/interpolation/prior_samples.png",
            caption=caption("interpolation", "prior_samples"),
            category="interpolation",
            labels={"figure": "samples from the prior"},
        ),
    log:
        "results/logs/interpolation/plot_prior_samples.log",
    benchmark:
        "results/timings/plot_prior_samples.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "interpolation", "plot_prior_samples", "analysis", members=INTERPOLATION, data=plan.shown("interpolation")
        ),
    script:
        "scripts/plot_prior_samples.py"


rule plot_latent_dimensions:
    input:
        metrics=plan.first_runs(INTERPOLATION, "metrics.json"),
    output:
        figure=report(
            "results/studies/interpolation/latent_dimensions.png",
            caption=caption("interpolation", "latent_dimensions"),
            category="interpolation",
            labels={"figure": "KL by dimension"},
        ),
        table=report(
            "results/studies/interpolation/latent_dimensions.csv",
            caption=caption("interpolation", "latent_dimensions"),
            category="interpolation",
            labels={"figure": "terms of the ELBO, table"},
        ),
    log:
        "results/logs/interpolation/plot_latent_dimensions.log",
    benchmark:
        "results/timings/plot_latent_dimensions.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("interpolation", "plot_latent_dimensions", "analysis", members=INTERPOLATION),
    script:
        "scripts/plot_latent_dimensions.py"


rule answer_interpolation:
    input:
        whole=rules.measure_paths.output.whole,
        samples=rules.interpolate_codes.output.samples,
        train_images=plan.data("interpolation")["train"]["images"],
        test_images=plan.data("interpolation")["test"]["images"],
    output:
        "results/studies/interpolation/answers.csv",
    log:
        "results/logs/interpolation/answer.log",
    benchmark:
        "results/timings/answer_interpolation.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "interpolation",
            "answer_interpolation",
            "analysis",
            members=INTERPOLATION,
            data=plan.shown("interpolation"),
        ),
    script:
        "scripts/answer_interpolation.py"
