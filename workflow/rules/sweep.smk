"""Show what a sweep found: a table, a figure and a page for every sweep of the configuration."""

from aelab.plan.swept import Swept

swept = Swept(plan)


rule tabulate_sweep:
    input:
        metrics=lambda wildcards: swept.files(wildcards.sweep, "metrics.json"),
        histories=lambda wildcards: swept.files(wildcards.sweep, "history.csv"),
    output:
        report(
            "results/sweeps/{sweep}.csv",
            caption="../report/sweep.rst",
            category="Sweeps",
            labels={"figure": "{sweep}, table"},
        ),
    log:
        "results/logs/tabulate_sweep/{sweep}.log",
    benchmark:
        "results/timings/tabulate_sweep/{sweep}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: swept.tabulating(wildcards.sweep),
    script:
        "../scripts/tabulate_sweep.py"


rule plot_sweep:
    input:
        "results/sweeps/{sweep}.csv",
    output:
        report(
            "results/sweeps/{sweep}.png",
            caption="../report/sweep.rst",
            category="Sweeps",
            labels={"figure": "{sweep}"},
        ),
    log:
        "results/logs/plot_sweep/{sweep}.log",
    benchmark:
        "results/timings/plot_sweep/{sweep}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: swept.plotting(wildcards.sweep),
    script:
        "../scripts/plot_sweep.py"


rule write_sweep_caption:
    input:
        "results/sweeps/{sweep}.csv",
    output:
        "results/captions/sweeps/{sweep}.rst",
    log:
        "results/logs/write_sweep_caption/{sweep}.log",
    benchmark:
        "results/timings/write_sweep_caption/{sweep}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: swept.captioning(wildcards.sweep),
    script:
        "../scripts/write_sweep_caption.py"


rule write_sweep_page:
    input:
        table="results/sweeps/{sweep}.csv",
        figure="results/sweeps/{sweep}.png",
        caption="results/captions/sweeps/{sweep}.rst",
    output:
        "results/page/sweeps/{sweep}.html",
    log:
        "results/logs/write_sweep_page/{sweep}.log",
    benchmark:
        "results/timings/write_sweep_page/{sweep}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: pages.sweep(wildcards.sweep),
    script:
        "../scripts/write_sweep_page.py"


rule sweeps:
    input:
        swept.results(),
    localrule: True
