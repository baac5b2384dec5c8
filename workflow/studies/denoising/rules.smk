"""Study 6: which autoencoder denoises best?"""

DENOISING = plan.members("denoising")
DENOISING_NOISE = plan.corrupted("denoising", plan.studies["denoising"]["corruption"])

STUDY_RESULTS += [
    "results/studies/denoising/training_curves.png",
    "results/studies/denoising/clean_reconstructions.png",
    "results/studies/denoising/corrupted_reconstructions.png",
    "results/studies/denoising/errors.csv",
    "results/studies/denoising/errors.png",
    "results/studies/denoising/interpolation_same_digit.png",
    "results/studies/denoising/interpolation_different_digits.png",
    "results/studies/denoising/interpolations.csv",
    "results/studies/denoising/walk_trajectories.png",
    "results/studies/denoising/walk_residuals.png",
    "results/studies/denoising/walk_ends.png",
    "results/studies/denoising/walks.csv",
    "results/studies/denoising/answers.csv",
]


rule tabulate_denoising_errors:
    input:
        metrics=plan.first_runs(DENOISING, "metrics.json"),
        split=plan.split_files(DENOISING)[0],
        train_images=plan.data("denoising")["train"]["images"],
        test_images=plan.data("denoising")["test"]["images"],
        train_noisy=f"{DENOISING_NOISE}/train.npy",
        test_noisy=f"{DENOISING_NOISE}/test.npy",
    output:
        report(
            "results/studies/denoising/errors.csv",
            caption=caption("denoising", "errors_table"),
            category="denoising",
            labels={"figure": "errors, table"},
        ),
    log:
        "results/logs/denoising/tabulate_errors.log",
    benchmark:
        "results/timings/tabulate_denoising_errors.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "denoising",
            "tabulate_errors",
            "analysis",
            members=DENOISING,
            updates=[plan.updates(member["name"]) for member in DENOISING],
        ),
    script:
        "scripts/tabulate_errors.py"


rule plot_denoising_errors:
    input:
        rules.tabulate_denoising_errors.output[0],
    output:
        report(
            "results/studies/denoising/errors.png",
            caption=caption("denoising", "errors"),
            category="denoising",
            labels={"figure": "errors"},
        ),
    log:
        "results/logs/denoising/plot_errors.log",
    benchmark:
        "results/timings/plot_denoising_errors.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("denoising", "plot_errors", "analysis"),
    script:
        "scripts/plot_errors.py"


rule interpolate_denoising_codes:
    input:
        weights=plan.first_runs(DENOISING, "weights.npz"),
        split=plan.split_files(DENOISING)[0],
        judge=plan.judge_of("denoising"),
        images=plan.data("denoising")["test"]["images"],
        labels=plan.data("denoising")["test"]["labels"],
    output:
        "results/studies/denoising/interpolations.npz",
    log:
        "results/logs/denoising/interpolate_test_pairs.log",
    benchmark:
        "results/timings/interpolate_denoising_codes.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("denoising", "interpolate_test_pairs", "analysis", ["interpolation"], DENOISING),
    script:
        "scripts/interpolate_test_pairs.py"


rule plot_denoising_interpolations:
    input:
        paths=rules.interpolate_denoising_codes.output[0],
        labels=plan.data("denoising")["test"]["labels"],
    output:
        same_digit=report(
            "results/studies/denoising/interpolation_same_digit.png",
            caption=caption("denoising", "interpolation_same_digit"),
            category="denoising",
            labels={"figure": "interpolation, same digit"},
        ),
        different_digits=report(
            "results/studies/denoising/interpolation_different_digits.png",
            caption=caption("denoising", "interpolation_different_digits"),
            category="denoising",
            labels={"figure": "interpolation, different digits"},
        ),
    log:
        "results/logs/denoising/plot_interpolated_pairs.log",
    benchmark:
        "results/timings/plot_denoising_interpolations.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "denoising", "plot_interpolated_pairs", "analysis", members=DENOISING, data=plan.shown("denoising")
        ),
    script:
        "scripts/plot_interpolated_pairs.py"


rule iterate_denoising_reconstructions:
    input:
        weights=plan.first_runs(DENOISING, "weights.npz"),
        split=plan.split_files(DENOISING)[0],
        judge=plan.judge_of("denoising"),
        train_images=plan.data("denoising")["train"]["images"],
        test_images=plan.data("denoising")["test"]["images"],
    output:
        "results/studies/denoising/walks.npz",
    log:
        "results/logs/denoising/iterate_reconstructions.log",
    benchmark:
        "results/timings/iterate_denoising_reconstructions.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("denoising", "iterate_reconstructions", "analysis", ["walks"], DENOISING),
    script:
        "scripts/iterate_reconstructions.py"


rule measure_denoising_walks:
    input:
        walks=rules.iterate_denoising_reconstructions.output[0],
        split=plan.split_files(DENOISING)[0],
        images=plan.data("denoising")["test"]["images"],
    output:
        table=report(
            "results/studies/denoising/walks.csv",
            caption=caption("denoising", "walks_table"),
            category="denoising",
            labels={"figure": "walks from noise, table"},
        ),
        distances="results/studies/denoising/walk_distances.npz",
    log:
        "results/logs/denoising/measure_walks.log",
    benchmark:
        "results/timings/measure_denoising_walks.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("denoising", "measure_walks", "analysis", members=DENOISING),
    script:
        "scripts/measure_walks.py"


rule plot_denoising_walks:
    input:
        walks=rules.iterate_denoising_reconstructions.output[0],
        table=rules.measure_denoising_walks.output.table,
        distances=rules.measure_denoising_walks.output.distances,
        split=plan.split_files(DENOISING)[0],
        images=plan.data("denoising")["test"]["images"],
    output:
        trajectories=report(
            "results/studies/denoising/walk_trajectories.png",
            caption=caption("denoising", "walk_trajectories"),
            category="denoising",
            labels={"figure": "walks from noise, images"},
        ),
        residuals=report(
            "results/studies/denoising/walk_residuals.png",
            caption=caption("denoising", "walk_residuals"),
            category="denoising",
            labels={"figure": "walks from noise, ||r(x) - x||"},
        ),
        ends=report(
            "results/studies/denoising/walk_ends.png",
            caption=caption("denoising", "walk_ends"),
            category="denoising",
            labels={"figure": "walks from noise, where they end"},
        ),
    log:
        "results/logs/denoising/plot_walks.log",
    benchmark:
        "results/timings/plot_denoising_walks.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("denoising", "plot_walks", "analysis", members=DENOISING, data=plan.shown("denoising")),
    script:
        "scripts/plot_walks.py"


rule answer_denoising:
    input:
        errors=rules.tabulate_denoising_errors.output[0],
        walks=rules.measure_denoising_walks.output.table,
        paths=rules.interpolate_denoising_codes.output[0],
        labels=plan.data("denoising")["test"]["labels"],
    output:
        answers="results/studies/denoising/answers.csv",
        interpolations=report(
            "results/studies/denoising/interpolations.csv",
            caption=caption("denoising", "interpolations_table"),
            category="denoising",
            labels={"figure": "interpolations, table"},
        ),
    log:
        "results/logs/denoising/answer.log",
    benchmark:
        "results/timings/answer_denoising.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("denoising", "answer_denoising", "analysis", ["twins", "deeper"], DENOISING),
    script:
        "scripts/answer_denoising.py"
