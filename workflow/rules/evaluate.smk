rule evaluate_model:
    input:
        unpack(known(lambda wildcards: plan.evaluation_inputs(wildcards.model, wildcards.seed))),
    output:
        metrics="results/models/{model}/seed-{seed}/metrics.json",
        by_digit="results/models/{model}/seed-{seed}/by_digit.csv",
    log:
        "results/logs/evaluate_model/{model}/seed-{seed}.log",
    benchmark:
        "results/timings/evaluate_model/{model}/seed-{seed}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.evaluation(wildcards.model, wildcards.seed),
    script:
        "../scripts/evaluate_model.py"


rule collect_metrics:
    input:
        metrics=lambda wildcards: plan.metrics_files(),
        histories=lambda wildcards: plan.history_files(),
    output:
        report("results/metrics.csv", caption=written("all_studies", "metrics"), category="All studies"),
    log:
        "results/logs/collect_metrics.log",
    benchmark:
        "results/timings/collect_metrics.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.collecting(),
    script:
        "../scripts/collect_metrics.py"


rule measure_wiener_filter:
    input:
        unpack(lambda wildcards: plan.wiener_inputs(wildcards.split, wildcards.corruption, wildcards.draw)),
        split="results/data/splits/{split}.npz",
    output:
        "results/data/wiener/{split}/{corruption}/draw-{draw}.csv",
    log:
        "results/logs/measure_wiener_filter/{split}/{corruption}/draw-{draw}.log",
    benchmark:
        "results/timings/measure_wiener_filter/{split}/{corruption}/draw-{draw}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: {"corruption": wildcards.corruption},
    script:
        "../scripts/measure_wiener_filter.py"
