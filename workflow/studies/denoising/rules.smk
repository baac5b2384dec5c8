"""Study 6: which autoencoder denoises best?"""

DENOISING = plan.members("denoising")
DENOISING_NOISE = plan.studies["denoising"]["corruption"]


rule tabulate_errors:
    input:
        metrics=plan.of_run(DENOISING, "metrics.json"),
        split=plan.split_files(DENOISING)[0],
        train_images=plan.data("denoising")["train"]["images"],
        test_images=plan.data("denoising")["test"]["images"],
        train_noisy=plan.corrupted("denoising", DENOISING_NOISE, "train"),
        test_noisy=plan.corrupted("denoising", DENOISING_NOISE, "test"),
    output:
        table("denoising", "run-{run}/errors.csv"),
    log:
        "results/logs/tabulate_errors/run-{run}.log",
    benchmark:
        "results/timings/tabulate_errors/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings(
            "denoising",
            members=select(DENOISING, "name", "group", "description"),
            updates=[plan.updates(member["name"]) for member in DENOISING],
        ),
    script:
        "scripts/tabulate_errors.py"


rule plot_errors:
    input:
        "results/studies/denoising/run-1/errors.csv",
    output:
        figure("denoising", "errors.png"),
    log:
        "results/logs/plot_errors.log",
    benchmark:
        "results/timings/plot_errors.tsv"
    conda:
        "../../../envs/analysis.yaml"
    script:
        "scripts/plot_errors.py"


rule interpolate_test_pairs:
    input:
        weights=plan.of_run(DENOISING, "weights.npz"),
        split=plan.split_files(DENOISING)[0],
        judge=plan.judge_of("denoising"),
        images=plan.data("denoising")["test"]["images"],
        labels=plan.data("denoising")["test"]["labels"],
    output:
        "results/studies/denoising/run-{run}/interpolations.npz",
    log:
        "results/logs/interpolate_test_pairs/run-{run}.log",
    benchmark:
        "results/timings/interpolate_test_pairs/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("denoising", "interpolation"),
    script:
        "scripts/interpolate_test_pairs.py"


rule plot_interpolated_pairs:
    input:
        paths="results/studies/denoising/run-1/interpolations.npz",
        labels=plan.data("denoising")["test"]["labels"],
    output:
        same_digit=figure("denoising", "interpolation_same_digit.png"),
        different_digits=figure("denoising", "interpolation_different_digits.png"),
    log:
        "results/logs/plot_interpolated_pairs.log",
    benchmark:
        "results/timings/plot_interpolated_pairs.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("denoising", members=select(DENOISING, "name"), data=plan.shown("denoising")),
    script:
        "scripts/plot_interpolated_pairs.py"


rule iterate_reconstructions:
    input:
        weights=plan.of_run(DENOISING, "weights.npz"),
        split=plan.split_files(DENOISING)[0],
        judge=plan.judge_of("denoising"),
        train_images=plan.data("denoising")["train"]["images"],
        test_images=plan.data("denoising")["test"]["images"],
    output:
        "results/studies/denoising/run-{run}/walks.npz",
    log:
        "results/logs/iterate_reconstructions/run-{run}.log",
    benchmark:
        "results/timings/iterate_reconstructions/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("denoising", "walks"),
    script:
        "scripts/iterate_reconstructions.py"


rule measure_walks:
    input:
        walks=rules.iterate_reconstructions.output[0],
        split=plan.split_files(DENOISING)[0],
        images=plan.data("denoising")["test"]["images"],
    output:
        table=table("denoising", "run-{run}/walks.csv"),
        distances="results/studies/denoising/run-{run}/walk_distances.npz",
    log:
        "results/logs/measure_walks/run-{run}.log",
    benchmark:
        "results/timings/measure_walks/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("denoising", members=select(DENOISING, "name", "group")),
    script:
        "scripts/measure_walks.py"


rule plot_walks:
    input:
        walks="results/studies/denoising/run-1/walks.npz",
        table="results/studies/denoising/run-1/walks.csv",
        distances="results/studies/denoising/run-1/walk_distances.npz",
        split=plan.split_files(DENOISING)[0],
        images=plan.data("denoising")["test"]["images"],
    output:
        trajectories=figure("denoising", "walk_trajectories.png"),
        residuals=figure("denoising", "walk_residuals.png"),
        ends=figure("denoising", "walk_ends.png"),
    log:
        "results/logs/plot_walks.log",
    benchmark:
        "results/timings/plot_walks.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("denoising", members=select(DENOISING, "name"), data=plan.shown("denoising")),
    script:
        "scripts/plot_walks.py"


rule answer_denoising:
    input:
        errors=rules.tabulate_errors.output[0],
        walks=rules.measure_walks.output.table,
        paths=rules.interpolate_test_pairs.output[0],
        labels=plan.data("denoising")["test"]["labels"],
    output:
        answers="results/studies/denoising/run-{run}/answers.csv",
        interpolations=table("denoising", "run-{run}/interpolations.csv"),
    log:
        "results/logs/answer_denoising/run-{run}.log",
    benchmark:
        "results/timings/answer_denoising/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("denoising", "twins", "deeper", members=select(DENOISING, "name")),
    script:
        "scripts/answer_denoising.py"
