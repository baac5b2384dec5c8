"""Search for settings of models: every point of a grid is trained, and the best by validation images is named."""


rule choose_settings:
    input:
        histories=lambda wildcards: plan.history_files(plan.searches[wildcards.search]["models"]),
    output:
        "results/searches/{search}.csv",
    log:
        "results/logs/choose_settings/{search}.log",
    benchmark:
        "results/timings/choose_settings/{search}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.searching(wildcards.search),
    script:
        "../scripts/choose_settings.py"


rule searches:
    input:
        [f"results/searches/{search}.csv" for search in plan.searches],
    localrule: True
