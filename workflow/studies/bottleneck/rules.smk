"""Study 1: how much does the width of the bottleneck matter?"""

BOTTLENECK = plan.members("bottleneck")
BOTTLENECK_PLANES = [member for member in BOTTLENECK if plan.code_size(member["name"]) == 2]


rule decode_points:
    input:
        weights=plan.of_run(BOTTLENECK, "weights.npz"),
        codes=plan.of_run(BOTTLENECK, "codes/train.npy"),
        splits=plan.split_files(BOTTLENECK, whole=False),
        judge=plan.judge_of("bottleneck"),
        labels=plan.data("bottleneck")["train"]["labels"],
    output:
        table=table("bottleneck", "run-{run}/decoded_points.csv"),
        images="results/studies/bottleneck/run-{run}/decoded_points.npz",
    log:
        "results/logs/decode_points/run-{run}.log",
    benchmark:
        "results/timings/decode_points/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings(
            "bottleneck", "published_points", members=select(BOTTLENECK, "name"), data=plan.shown("bottleneck")
        ),
    script:
        "scripts/decode_points.py"


rule plot_decoded_points:
    input:
        table="results/studies/bottleneck/run-1/decoded_points.csv",
        images="results/studies/bottleneck/run-1/decoded_points.npz",
    output:
        figure("bottleneck", "decoded_points.png"),
    log:
        "results/logs/plot_decoded_points.log",
    benchmark:
        "results/timings/plot_decoded_points.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("bottleneck", members=select(BOTTLENECK, "name"), data=plan.shown("bottleneck")),
    script:
        "scripts/plot_decoded_points.py"


rule plot_mean_codes:
    input:
        table="results/studies/bottleneck/run-1/decoded_points.csv",
        images="results/studies/bottleneck/run-1/decoded_points.npz",
    output:
        figure("bottleneck", "mean_codes.png"),
    log:
        "results/logs/plot_mean_codes.log",
    benchmark:
        "results/timings/plot_mean_codes.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("bottleneck", members=select(BOTTLENECK, "name", "group"), data=plan.shown("bottleneck")),
    script:
        "scripts/plot_mean_codes.py"


rule plot_bottleneck_codes:
    input:
        codes=plan.first_runs(BOTTLENECK_PLANES, "codes/test.npy"),
        by_digit=plan.first_runs(BOTTLENECK_PLANES, "by_digit.csv"),
        points="results/studies/bottleneck/run-1/decoded_points.csv",
        labels=plan.data("bottleneck")["test"]["labels"],
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
            "bottleneck",
            "codes_per_digit",
            "crosses",
            "recognised_at",
            members=select(BOTTLENECK_PLANES, "name", "group"),
            data=plan.shown("bottleneck"),
        ),
    script:
        "scripts/plot_bottleneck_codes.py"


rule answer_bottleneck:
    input:
        by_digit=plan.of_run(BOTTLENECK, "by_digit.csv"),
        histories=plan.of_run(BOTTLENECK, "history.csv"),
        points=rules.decode_points.output.table,
    output:
        answers="results/studies/bottleneck/run-{run}/answers.csv",
        mean_codes=table("bottleneck", "run-{run}/mean_codes.csv"),
    log:
        "results/logs/answer_bottleneck/run-{run}.log",
    benchmark:
        "results/timings/answer_bottleneck/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings(
            "bottleneck", "recognised_at", members=select(BOTTLENECK, "name", "group"), data=plan.shown("bottleneck")
        ),
    script:
        "scripts/answer_bottleneck.py"
