"""Study 1: how much does the width of the bottleneck matter?"""

BOTTLENECK = plan.members("bottleneck")
BOTTLENECK_PLANES = [member for member in BOTTLENECK if plan.code_size(member["name"]) == 2]


rule decode_points:
    input:
        weights=plan.first_runs(BOTTLENECK, "weights.npz"),
        codes=plan.first_runs(BOTTLENECK, "codes/train.npy"),
        splits=plan.split_files(BOTTLENECK, whole=False),
        judge=plan.judge_weights,
        labels=MNIST["train"]["labels"],
    output:
        table=table("bottleneck", "decoded_points.csv"),
        images="results/studies/bottleneck/decoded_points.npz",
    log:
        "results/logs/decode_points.log",
    benchmark:
        "results/timings/decode_points.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("bottleneck", "published_points", members=select(BOTTLENECK, "name")),
    script:
        "scripts/decode_points.py"


rule plot_decoded_points:
    input:
        table=rules.decode_points.output.table,
        images=rules.decode_points.output.images,
    output:
        figure("bottleneck", "decoded_points.png"),
    log:
        "results/logs/plot_decoded_points.log",
    benchmark:
        "results/timings/plot_decoded_points.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("bottleneck", members=select(BOTTLENECK, "name")),
    script:
        "scripts/plot_decoded_points.py"


rule plot_bottleneck_codes:
    input:
        codes=plan.first_runs(BOTTLENECK_PLANES, "codes/test.npy"),
        by_digit=plan.first_runs(BOTTLENECK_PLANES, "by_digit.csv"),
        points=rules.decode_points.output.table,
        labels=MNIST["test"]["labels"],
    output:
        figure("bottleneck", "codes.png"),
    log:
        "results/logs/plot_bottleneck_codes.log",
    benchmark:
        "results/timings/plot_bottleneck_codes.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings(
            "bottleneck", "codes_per_digit", "recognised_at", members=select(BOTTLENECK_PLANES, "name", "group")
        ),
    script:
        "scripts/plot_bottleneck_codes.py"


rule answer_bottleneck:
    input:
        by_digit=plan.first_runs(BOTTLENECK, "by_digit.csv"),
        histories=plan.first_runs(BOTTLENECK, "history.csv"),
        points=rules.decode_points.output.table,
    output:
        answers="results/studies/bottleneck/answers.csv",
        mean_codes=table("bottleneck", "mean_codes.csv"),
    log:
        "results/logs/answer_bottleneck.log",
    benchmark:
        "results/timings/answer_bottleneck.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("bottleneck", "recognised_at", members=select(BOTTLENECK, "name", "group")),
    script:
        "scripts/answer_bottleneck.py"
