"""Study 1: how much does the width of the bottleneck matter?"""

BOTTLENECK = plan.members("bottleneck")
BOTTLENECK_PLANES = [member for member in BOTTLENECK if plan.code_size(member["name"]) == 2]

STUDY_RESULTS += [
    "results/studies/bottleneck/training_curves.png",
    "results/studies/bottleneck/clean_reconstructions.png",
    "results/studies/bottleneck/codes.png",
    "results/studies/bottleneck/decoded_points.png",
    "results/studies/bottleneck/decoded_points.csv",
    "results/studies/bottleneck/mean_codes.csv",
    "results/studies/bottleneck/answers.csv",
]


rule decode_bottleneck_points:
    input:
        weights=plan.first_runs(BOTTLENECK, "weights.npz"),
        codes=plan.first_runs(BOTTLENECK, "codes/train.npy"),
        splits=plan.split_files(BOTTLENECK, whole=False),
        judge=plan.judge_of("bottleneck"),
        labels=plan.data("bottleneck")["train"]["labels"],
    output:
        table=report(
            "results/studies/bottleneck/decoded_points.csv",
            caption=caption("bottleneck", "decoded_points_table"),
            category="bottleneck",
            labels={"figure": "decoded points, table"},
        ),
        images="results/studies/bottleneck/decoded_points.npz",
    log:
        "results/logs/bottleneck/decode_points.log",
    benchmark:
        "results/timings/decode_bottleneck_points.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "bottleneck", "decode_points", "analysis", ["published_points"], BOTTLENECK, data=plan.shown("bottleneck")
        ),
    script:
        "scripts/decode_points.py"


rule plot_bottleneck_points:
    input:
        table=rules.decode_bottleneck_points.output.table,
        images=rules.decode_bottleneck_points.output.images,
    output:
        report(
            "results/studies/bottleneck/decoded_points.png",
            caption=caption("bottleneck", "decoded_points"),
            category="bottleneck",
            labels={"figure": "decoded points"},
        ),
    log:
        "results/logs/bottleneck/plot_decoded_points.log",
    benchmark:
        "results/timings/plot_bottleneck_points.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "bottleneck", "plot_decoded_points", "analysis", members=BOTTLENECK, data=plan.shown("bottleneck")
        ),
    script:
        "scripts/plot_decoded_points.py"


rule plot_bottleneck_codes:
    input:
        codes=plan.first_runs(BOTTLENECK_PLANES, "codes/test.npy"),
        by_digit=plan.first_runs(BOTTLENECK_PLANES, "by_digit.csv"),
        points=rules.decode_bottleneck_points.output.table,
        labels=plan.data("bottleneck")["test"]["labels"],
    output:
        report(
            "results/studies/bottleneck/codes.png",
            caption=caption("bottleneck", "codes"),
            category="bottleneck",
            labels={"figure": "codes in the plane"},
        ),
    log:
        "results/logs/bottleneck/plot_codes.log",
    benchmark:
        "results/timings/plot_bottleneck_codes.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "bottleneck",
            "plot_bottleneck_codes",
            "analysis",
            ["codes_per_digit", "recognised_at"],
            BOTTLENECK_PLANES,
            data=plan.shown("bottleneck"),
        ),
    script:
        "scripts/plot_bottleneck_codes.py"


rule answer_bottleneck:
    input:
        by_digit=plan.first_runs(BOTTLENECK, "by_digit.csv"),
        histories=plan.first_runs(BOTTLENECK, "history.csv"),
        points=rules.decode_bottleneck_points.output.table,
    output:
        answers="results/studies/bottleneck/answers.csv",
        mean_codes=report(
            "results/studies/bottleneck/mean_codes.csv",
            caption=caption("bottleneck", "mean_codes"),
            category="bottleneck",
            labels={"figure": "mean codes, table"},
        ),
    log:
        "results/logs/bottleneck/answer.log",
    benchmark:
        "results/timings/answer_bottleneck.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "bottleneck", "answer_bottleneck", "analysis", ["recognised_at"], BOTTLENECK, data=plan.shown("bottleneck")
        ),
    script:
        "scripts/answer_bottleneck.py"
