"""Study 5: deterministic and variational codes in the plane."""

PLANES = [
    member for member in plan.members("latent_plane") if member["name"] in plan.studies["latent_plane"]["plane_of"]
]
PLANE_CLASSIFIERS = plan.members("latent_plane", ["classifiers"])
PLANE_CODES = {part: plan.first_runs(PLANES, f"codes/{part}.npy") for part in ("train", "test")}

STUDY_RESULTS += [
    "results/studies/latent_plane/training_curves.png",
    "results/studies/latent_plane/clean_reconstructions.png",
    "results/studies/latent_plane/codes.png",
    "results/studies/latent_plane/neighbours.png",
    "results/studies/latent_plane/confusion.png",
    "results/studies/latent_plane/classifiers.png",
    "results/studies/latent_plane/answers.csv",
]
STUDY_RESULTS += [f"results/studies/latent_plane/plane_of_{member['name']}.png" for member in PLANES]


rule decode_plane_grids:
    input:
        weights=plan.first_runs(PLANES, "weights.npz"),
        train_codes=PLANE_CODES["train"],
        test_codes=PLANE_CODES["test"],
        judge=plan.judge_of("latent_plane"),
    output:
        "results/studies/latent_plane/grids.npz",
    log:
        "results/logs/latent_plane/decode_plane_grids.log",
    benchmark:
        "results/timings/decode_plane_grids.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("latent_plane", "decode_plane_grids", "analysis", ["grid_side"], PLANES),
    script:
        "scripts/decode_plane_grids.py"


rule measure_grids:
    input:
        grids=rules.decode_plane_grids.output[0],
        train_codes=PLANE_CODES["train"],
        test_codes=PLANE_CODES["test"],
        train_images=plan.data("latent_plane")["train"]["images"],
    output:
        report(
            "results/studies/latent_plane/generators.csv",
            caption=caption("latent_plane", "generators"),
            category="latent_plane",
            labels={"figure": "the planes as generators, table"},
        ),
    log:
        "results/logs/latent_plane/measure_grids.log",
    benchmark:
        "results/timings/measure_grids.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("latent_plane", "measure_grids", "analysis", members=PLANES, data=plan.shown("latent_plane")),
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
        by_digit=report(
            "results/studies/latent_plane/neighbours.csv",
            caption=caption("latent_plane", "neighbours"),
            category="latent_plane",
            labels={"figure": "nearest neighbours by digit, table"},
        ),
        confusion=report(
            "results/studies/latent_plane/confusion.csv",
            caption=caption("latent_plane", "confusion"),
            category="latent_plane",
            labels={"figure": "digits of the nearest neighbours, table"},
        ),
        plane=report(
            "results/studies/latent_plane/plane.csv",
            caption=caption("latent_plane", "plane"),
            category="latent_plane",
            labels={"figure": "order in the plane, table"},
        ),
    log:
        "results/logs/latent_plane/compare_neighbours.log",
    benchmark:
        "results/timings/compare_neighbours.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "latent_plane",
            "compare_neighbours",
            "analysis",
            ["trustworthiness"],
            PLANES,
            data=plan.shown("latent_plane"),
        ),
    script:
        "scripts/compare_neighbours.py"


rule plot_neighbours:
    input:
        by_digit=rules.compare_neighbours.output.by_digit,
        confusion=rules.compare_neighbours.output.confusion,
        plane=rules.compare_neighbours.output.plane,
    output:
        accuracy=report(
            "results/studies/latent_plane/neighbours.png",
            caption=caption("latent_plane", "neighbours"),
            category="latent_plane",
            labels={"figure": "nearest neighbours by digit"},
        ),
        confusion=report(
            "results/studies/latent_plane/confusion.png",
            caption=caption("latent_plane", "confusion"),
            category="latent_plane",
            labels={"figure": "digits of the nearest neighbours"},
        ),
    log:
        "results/logs/latent_plane/plot_neighbours.log",
    benchmark:
        "results/timings/plot_neighbours.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("latent_plane", "plot_neighbours", "analysis", members=PLANES, data=plan.shown("latent_plane")),
    script:
        "scripts/plot_neighbours.py"


rule plot_plane_codes:
    input:
        train_codes=PLANE_CODES["train"],
        test_codes=PLANE_CODES["test"],
        train_labels=plan.data("latent_plane")["train"]["labels"],
        test_labels=plan.data("latent_plane")["test"]["labels"],
        plane=rules.compare_neighbours.output.plane,
    output:
        report(
            "results/studies/latent_plane/codes.png",
            caption=caption("latent_plane", "codes"),
            category="latent_plane",
            labels={"figure": "codes of all images"},
        ),
    log:
        "results/logs/latent_plane/plot_plane_codes.log",
    benchmark:
        "results/timings/plot_plane_codes.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("latent_plane", "plot_plane_codes", "analysis", members=PLANES, data=plan.shown("latent_plane")),
    script:
        "scripts/plot_plane_codes.py"


rule plot_plane_grid:
    input:
        grids=rules.decode_plane_grids.output[0],
        train_codes=lambda wildcards: f"{plan.folder(wildcards.model)}/codes/train.npy",
        test_codes=lambda wildcards: f"{plan.folder(wildcards.model)}/codes/test.npy",
        train_labels=plan.data("latent_plane")["train"]["labels"],
        test_labels=plan.data("latent_plane")["test"]["labels"],
        generators=rules.measure_grids.output[0],
    output:
        report(
            "results/studies/latent_plane/plane_of_{model}.png",
            caption=caption("latent_plane", "plane_of_a_model"),
            category="latent_plane",
            labels={"figure": "codes and decoded grid of {model}"},
        ),
    log:
        "results/logs/latent_plane/plot_plane_of_{model}.log",
    benchmark:
        "results/timings/plot_plane_grid/{model}.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=lambda wildcards: plan.study(
            "latent_plane", "plot_plane_grid", "analysis", model=wildcards.model, data=plan.shown("latent_plane")
        ),
    script:
        "scripts/plot_plane_grid.py"


rule measure_classifiers:
    input:
        weights=plan.first_runs(PLANE_CLASSIFIERS, "weights.npz"),
        splits=plan.split_files(PLANE_CLASSIFIERS),
        train_images=plan.data("latent_plane")["train"]["images"],
        train_labels=plan.data("latent_plane")["train"]["labels"],
        test_images=plan.data("latent_plane")["test"]["images"],
        test_labels=plan.data("latent_plane")["test"]["labels"],
    output:
        "results/studies/latent_plane/fits.csv",
    log:
        "results/logs/latent_plane/measure_classifiers.log",
    benchmark:
        "results/timings/measure_classifiers.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("latent_plane", "measure_classifiers", "analysis", members=PLANE_CLASSIFIERS),
    script:
        "scripts/measure_classifiers.py"


rule answer_latent_plane:
    input:
        plane=rules.compare_neighbours.output.plane,
        by_digit=rules.compare_neighbours.output.by_digit,
        generators=rules.measure_grids.output[0],
        fits=rules.measure_classifiers.output[0],
        histories=plan.first_runs(PLANE_CLASSIFIERS, "history.csv"),
    output:
        answers="results/studies/latent_plane/answers.csv",
        classifiers=report(
            "results/studies/latent_plane/classifiers.csv",
            caption=caption("latent_plane", "classifiers"),
            category="latent_plane",
            labels={"figure": "classifiers, table"},
        ),
    log:
        "results/logs/latent_plane/answer.log",
    benchmark:
        "results/timings/answer_latent_plane.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "latent_plane",
            "answer_latent_plane",
            "analysis",
            ["fit"],
            [*PLANES, *PLANE_CLASSIFIERS],
            data=plan.shown("latent_plane"),
        ),
    script:
        "scripts/answer_latent_plane.py"


rule plot_classifiers:
    input:
        histories=plan.first_runs(PLANE_CLASSIFIERS, "history.csv"),
        fits=rules.answer_latent_plane.output.classifiers,
    output:
        report(
            "results/studies/latent_plane/classifiers.png",
            caption=caption("latent_plane", "classifiers"),
            category="latent_plane",
            labels={"figure": "loss curves of the classifiers"},
        ),
    log:
        "results/logs/latent_plane/plot_classifiers.log",
    benchmark:
        "results/timings/plot_classifiers.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "latent_plane", "plot_classifiers", "analysis", members=PLANE_CLASSIFIERS, data=plan.shown("latent_plane")
        ),
    script:
        "scripts/plot_classifiers.py"
