"""Study 5: deterministic and variational codes in the plane."""

PLANES = [
    member for member in plan.members("latent_plane") if member["name"] in plan.studies["latent_plane"]["plane_of"]
]
PLANE_CLASSIFIERS = plan.members("latent_plane", ["classifiers"])
PLANE_CODES = {part: plan.of_run(PLANES, f"codes/{part}.npy") for part in ("train", "test")}

STUDY_RESULTS["latent_plane"] += [f"results/studies/latent_plane/plane_of_{member['name']}.png" for member in PLANES]


rule decode_plane_grids:
    input:
        weights=plan.of_run(PLANES, "weights.npz"),
        train_codes=PLANE_CODES["train"],
        test_codes=PLANE_CODES["test"],
        judge=plan.judge_of("latent_plane"),
    output:
        "results/studies/latent_plane/run-{run}/grids.npz",
    log:
        "results/logs/decode_plane_grids/run-{run}.log",
    benchmark:
        "results/timings/decode_plane_grids/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("latent_plane", "grid_side", members=select(PLANES, "name")),
    script:
        "scripts/decode_plane_grids.py"


rule measure_grids:
    input:
        grids=rules.decode_plane_grids.output[0],
        train_codes=PLANE_CODES["train"],
        test_codes=PLANE_CODES["test"],
        train_images=plan.data("latent_plane")["train"]["images"],
    output:
        table("latent_plane", "run-{run}/generators.csv"),
    log:
        "results/logs/measure_grids/run-{run}.log",
    benchmark:
        "results/timings/measure_grids/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("latent_plane", members=select(PLANES, "name"), data=plan.shown("latent_plane")),
    script:
        "scripts/measure_grids.py"


rule compare_neighbours:
    input:
        train_codes=PLANE_CODES["train"],
        test_codes=PLANE_CODES["test"],
        test_images=plan.data("latent_plane")["test"]["images"],
        train_labels=plan.data("latent_plane")["train"]["labels"],
        test_labels=plan.data("latent_plane")["test"]["labels"],
    output:
        by_digit=table("latent_plane", "run-{run}/neighbours.csv"),
        confusion=table("latent_plane", "run-{run}/confusion.csv"),
        plane=table("latent_plane", "run-{run}/plane.csv"),
    log:
        "results/logs/compare_neighbours/run-{run}.log",
    benchmark:
        "results/timings/compare_neighbours/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings(
            "latent_plane", "trustworthiness", members=select(PLANES, "name"), data=plan.shown("latent_plane")
        ),
    script:
        "scripts/compare_neighbours.py"


rule plot_neighbours:
    input:
        by_digit="results/studies/latent_plane/run-1/neighbours.csv",
        confusion="results/studies/latent_plane/run-1/confusion.csv",
        plane="results/studies/latent_plane/run-1/plane.csv",
    output:
        accuracy=figure("latent_plane", "neighbours.png"),
        confusion=figure("latent_plane", "confusion.png"),
    log:
        "results/logs/plot_neighbours.log",
    benchmark:
        "results/timings/plot_neighbours.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("latent_plane", members=select(PLANES, "name"), data=plan.shown("latent_plane")),
    script:
        "scripts/plot_neighbours.py"


rule plot_plane_codes:
    input:
        train_codes=plan.first_runs(PLANES, "codes/train.npy"),
        test_codes=plan.first_runs(PLANES, "codes/test.npy"),
        train_labels=plan.data("latent_plane")["train"]["labels"],
        test_labels=plan.data("latent_plane")["test"]["labels"],
        plane="results/studies/latent_plane/run-1/plane.csv",
    output:
        figure("latent_plane", "codes.png"),
    log:
        "results/logs/plot_plane_codes.log",
    benchmark:
        "results/timings/plot_plane_codes.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("latent_plane", members=select(PLANES, "name"), data=plan.shown("latent_plane")),
    script:
        "scripts/plot_plane_codes.py"


rule plot_plane_grid:
    input:
        grids="results/studies/latent_plane/run-1/grids.npz",
        train_codes=lambda wildcards: f"{plan.folder(wildcards.model)}/codes/train.npy",
        test_codes=lambda wildcards: f"{plan.folder(wildcards.model)}/codes/test.npy",
        train_labels=plan.data("latent_plane")["train"]["labels"],
        test_labels=plan.data("latent_plane")["test"]["labels"],
        generators="results/studies/latent_plane/run-1/generators.csv",
    output:
        figure("latent_plane", "plane_of_{model}.png", caption=written("latent_plane", "plane_of_a_model")),
    log:
        "results/logs/plot_plane_grid/{model}.log",
    benchmark:
        "results/timings/plot_plane_grid/{model}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.settings("latent_plane", model=wildcards.model, data=plan.shown("latent_plane")),
    script:
        "scripts/plot_plane_grid.py"


rule measure_classifiers:
    input:
        weights=plan.of_run(PLANE_CLASSIFIERS, "weights.npz"),
        splits=plan.split_files(PLANE_CLASSIFIERS),
        train_images=plan.data("latent_plane")["train"]["images"],
        train_labels=plan.data("latent_plane")["train"]["labels"],
        test_images=plan.data("latent_plane")["test"]["images"],
        test_labels=plan.data("latent_plane")["test"]["labels"],
    output:
        "results/studies/latent_plane/run-{run}/fits.csv",
    log:
        "results/logs/measure_classifiers/run-{run}.log",
    benchmark:
        "results/timings/measure_classifiers/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("latent_plane", members=select(PLANE_CLASSIFIERS, "name")),
    script:
        "scripts/measure_classifiers.py"


rule answer_latent_plane:
    input:
        plane=rules.compare_neighbours.output.plane,
        by_digit=rules.compare_neighbours.output.by_digit,
        generators=rules.measure_grids.output[0],
        reconstructions=plan.of_run(PLANES, "by_digit.csv"),
        test_images=plan.data("latent_plane")["test"]["images"],
        fits=rules.measure_classifiers.output[0],
        histories=plan.of_run(PLANE_CLASSIFIERS, "history.csv"),
    output:
        answers="results/studies/latent_plane/run-{run}/answers.csv",
        classifiers=table("latent_plane", "run-{run}/classifiers.csv"),
    log:
        "results/logs/answer_latent_plane/run-{run}.log",
    benchmark:
        "results/timings/answer_latent_plane/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("latent_plane", "fit", members=select(PLANES, "name"), data=plan.shown("latent_plane")),
    script:
        "scripts/answer_latent_plane.py"


rule plot_classifiers:
    input:
        histories=plan.first_runs(PLANE_CLASSIFIERS, "history.csv"),
        fits="results/studies/latent_plane/run-1/classifiers.csv",
    output:
        figure("latent_plane", "classifiers.png"),
    log:
        "results/logs/plot_classifiers.log",
    benchmark:
        "results/timings/plot_classifiers.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("latent_plane", members=select(PLANE_CLASSIFIERS, "name"), data=plan.shown("latent_plane")),
    script:
        "scripts/plot_classifiers.py"
