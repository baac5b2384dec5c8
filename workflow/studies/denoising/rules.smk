"""Study 6: which autoencoder denoises best?"""

DENOISING = plan.members("denoising")
DENOISING_NOISE = f"results/data/corrupted/{plan.studies['denoising']['corruption']}"


rule tabulate_errors:
    input:
        metrics=plan.first_runs(DENOISING, "metrics.json"),
        split=plan.split_files(DENOISING)[0],
        train_images=MNIST["train"]["images"],
        test_images=MNIST["test"]["images"],
        train_noisy=f"{DENOISING_NOISE}/train.npy",
        test_noisy=f"{DENOISING_NOISE}/test.npy",
    output:
        table("denoising", "errors.csv"),
    log:
        "results/logs/tabulate_errors.log",
    benchmark:
        "results/timings/tabulate_errors.tsv"
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
        rules.tabulate_errors.output[0],
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
        weights=plan.first_runs(DENOISING, "weights.npz"),
        split=plan.split_files(DENOISING)[0],
        judge=plan.judge_weights,
        images=MNIST["test"]["images"],
        labels=MNIST["test"]["labels"],
    output:
        "results/studies/denoising/interpolations.npz",
    log:
        "results/logs/interpolate_test_pairs.log",
    benchmark:
        "results/timings/interpolate_test_pairs.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("denoising", "interpolation"),
    script:
        "scripts/interpolate_test_pairs.py"


rule plot_interpolated_pairs:
    input:
        paths=rules.interpolate_test_pairs.output[0],
        labels=MNIST["test"]["labels"],
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
        spec=plan.settings("denoising", members=select(DENOISING, "name")),
    script:
        "scripts/plot_interpolated_pairs.py"


rule iterate_reconstructions:
    input:
        weights=plan.first_runs(DENOISING, "weights.npz"),
        split=plan.split_files(DENOISING)[0],
        judge=plan.judge_weights,
        train_images=MNIST["train"]["images"],
        test_images=MNIST["test"]["images"],
    output:
        "results/studies/denoising/walks.npz",
    log:
        "results/logs/iterate_reconstructions.log",
    benchmark:
        "results/timings/iterate_reconstructions.tsv"
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
        images=MNIST["test"]["images"],
    output:
        table=table("denoising", "walks.csv"),
        distances="results/studies/denoising/walk_distances.npz",
    log:
        "results/logs/measure_walks.log",
    benchmark:
        "results/timings/measure_walks.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("denoising", members=select(DENOISING, "name", "group")),
    script:
        "scripts/measure_walks.py"


rule plot_walks:
    input:
        walks=rules.iterate_reconstructions.output[0],
        table=rules.measure_walks.output.table,
        distances=rules.measure_walks.output.distances,
        split=plan.split_files(DENOISING)[0],
        images=MNIST["test"]["images"],
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
        spec=plan.settings("denoising", members=select(DENOISING, "name")),
    script:
        "scripts/plot_walks.py"


rule answer_denoising:
    input:
        errors=rules.tabulate_errors.output[0],
        walks=rules.measure_walks.output.table,
        paths=rules.interpolate_test_pairs.output[0],
        labels=MNIST["test"]["labels"],
    output:
        answers="results/studies/denoising/answers.csv",
        interpolations=table("denoising", "interpolations.csv"),
    log:
        "results/logs/answer_denoising.log",
    benchmark:
        "results/timings/answer_denoising.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("denoising", "twins", "deeper", members=select(DENOISING, "name")),
    script:
        "scripts/answer_denoising.py"
