"""Study 6: which autoencoder denoises best?"""

DENOISING = plan.members("denoising")
DENOISING_NOISE = plan.studies["denoising"]["corruption"]
DENOISING_PRINTED = [{"name": printed["model"]} for printed in plan.studies["denoising"]["printed_losses"]]


rule tabulate_losses:
    input:
        plan.of_run(DENOISING_PRINTED, "history.csv"),
    output:
        table("denoising", "run-{run}/losses.csv"),
    log:
        "results/logs/tabulate_losses/run-{run}.log",
    benchmark:
        "results/timings/tabulate_losses/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("denoising", "printed_losses"),
    script:
        "scripts/tabulate_losses.py"


rule interpolate_test_pairs:
    input:
        weights=plan.of_run(DENOISING, "weights.npz"),
        split=plan.split_files(DENOISING)[0],
        judge=plan.judge_of("denoising"),
        train_images=plan.data("denoising")["train"]["images"],
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


rule measure_interpolations:
    input:
        paths=rules.interpolate_test_pairs.output[0],
        labels=plan.data("denoising")["test"]["labels"],
    output:
        table("denoising", "run-{run}/interpolations.csv"),
    log:
        "results/logs/measure_interpolations/run-{run}.log",
    benchmark:
        "results/timings/measure_interpolations/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("denoising", "interpolation", members=select(DENOISING, "name")),
    script:
        "scripts/measure_interpolations.py"


rule plot_interpolated_pairs:
    input:
        paths="results/studies/denoising/run-1/interpolations.npz",
        table="results/studies/denoising/run-1/interpolations.csv",
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


rule tabulate_errors:
    input:
        metrics=plan.of_run(DENOISING, "metrics.json"),
        interpolations=rules.measure_interpolations.output[0],
        split=plan.split_files(DENOISING)[0],
        judge=plan.judge_of("denoising"),
        train_images=plan.data("denoising")["train"]["images"],
        test_images=plan.data("denoising")["test"]["images"],
        test_labels=plan.data("denoising")["test"]["labels"],
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
    params:
        spec=plan.settings("denoising", data=plan.shown("denoising")),
    script:
        "scripts/plot_errors.py"


rule iterate_reconstructions:
    input:
        weights=plan.of_run(DENOISING, "weights.npz"),
        split=plan.split_files(DENOISING)[0],
        images=plan.data("denoising")["test"]["images"],
        labels=plan.data("denoising")["test"]["labels"],
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
        judge=plan.judge_of("denoising"),
        images=plan.data("denoising")["test"]["images"],
        labels=plan.data("denoising")["test"]["labels"],
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


rule vary_targets:
    input:
        walks=rules.iterate_reconstructions.output[0],
        weights=plan.of_run(DENOISING, "weights.npz"),
        split=plan.split_files(DENOISING)[0],
        judge=plan.judge_of("denoising"),
        images=plan.data("denoising")["test"]["images"],
        labels=plan.data("denoising")["test"]["labels"],
    output:
        table=table("denoising", "run-{run}/walk_targets.csv"),
        pictures="results/studies/denoising/run-{run}/walk_targets.npz",
    log:
        "results/logs/vary_targets/run-{run}.log",
    benchmark:
        "results/timings/vary_targets/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("denoising", "walks", members=select(DENOISING, "name", "group")),
    script:
        "scripts/vary_targets.py"


rule plot_targets:
    input:
        pictures="results/studies/denoising/run-1/walk_targets.npz",
        table="results/studies/denoising/run-1/walk_targets.csv",
    output:
        figure("denoising", "walk_targets.png"),
    log:
        "results/logs/plot_targets.log",
    benchmark:
        "results/timings/plot_targets.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("denoising", "walks", members=select(DENOISING, "name"), data=plan.shown("denoising")),
    script:
        "scripts/plot_targets.py"


rule answer_denoising:
    input:
        errors=rules.tabulate_errors.output[0],
        losses=rules.tabulate_losses.output[0],
        walks=rules.measure_walks.output.table,
        targets=rules.vary_targets.output.table,
        interpolations=rules.measure_interpolations.output[0],
    output:
        "results/studies/denoising/run-{run}/answers.csv",
    log:
        "results/logs/answer_denoising/run-{run}.log",
    benchmark:
        "results/timings/answer_denoising/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("denoising", "compared", "deeper"),
    script:
        "scripts/answer_denoising.py"
