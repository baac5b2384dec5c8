"""Write the page of results: a ledger, a page per study, and instruments that run the trained models in a browser."""

from aelab.plan.pages import Pages, assets, instruments

pages = Pages(plan)


# The first page holds all that it needs, so that it can stand in Snakemake's report as well.
rule write_index:
    input:
        claims="results/claims.csv",
    output:
        report(
            "results/index.html",
            caption=written("all_studies", "index"),
            category="All studies",
            labels={"figure": "the page of results"},
        ),
    log:
        "results/logs/write_index.log",
    benchmark:
        "results/timings/write_index.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=pages.index(STUDY_RESULTS),
    script:
        "../scripts/write_index.py"


rule write_study_page:
    input:
        claims="results/claims.csv",
        metrics="results/metrics.csv",
        captions=lambda wildcards: plan.caption_files(wildcards.study),
        figures=lambda wildcards: [file for file in STUDY_RESULTS[wildcards.study] if file.endswith(".png")],
        tables=lambda wildcards: pages.tables(wildcards.study, STUDY_RESULTS[wildcards.study]),
    output:
        "results/page/studies/{study}.html",
    log:
        "results/logs/write_study_page/{study}.log",
    benchmark:
        "results/timings/write_study_page/{study}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: pages.study(wildcards.study, STUDY_RESULTS[wildcards.study]),
    script:
        "../scripts/write_study_page.py"


rule write_instruments:
    output:
        pages=[f"results/page/{name}.html" for name in instruments()],
        assets=[f"results/page/assets/{name}" for name in assets()],
    log:
        "results/logs/write_instruments.log",
    benchmark:
        "results/timings/write_instruments.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=pages.instrument(),
    script:
        "../scripts/write_instruments.py"


rule pack_model:
    input:
        weights=lambda wildcards: f"{plan.folder(wildcards.model)}/weights.npz",
        images=lambda wildcards: plan.dataset(wildcards.model).file("test", "images"),
    output:
        "results/page/models/{model}.js",
    log:
        "results/logs/pack_model/{model}.log",
    benchmark:
        "results/timings/pack_model/{model}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: {"model": wildcards.model},
    script:
        "../scripts/pack_model.py"


rule pack_plane:
    input:
        lambda wildcards: f"{plan.folder(wildcards.model)}/codes/test.npy",
    output:
        "results/page/planes/{model}.js",
    log:
        "results/logs/pack_plane/{model}.log",
    benchmark:
        "results/timings/pack_plane/{model}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: {"model": wildcards.model},
    script:
        "../scripts/pack_plane.py"


rule pack_images:
    input:
        images=lambda wildcards: plan.datasets[wildcards.dataset].file("test", "images"),
        labels=lambda wildcards: plan.datasets[wildcards.dataset].file("test", "labels"),
    output:
        "results/page/images/{dataset}.js",
    log:
        "results/logs/pack_images/{dataset}.log",
    benchmark:
        "results/timings/pack_images/{dataset}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: {"dataset": wildcards.dataset},
    script:
        "../scripts/pack_images.py"


rule pack_wiener_filter:
    input:
        unpack(lambda wildcards: plan.wiener_inputs(wildcards.split, wildcards.corruption, wildcards.draw)),
        split="results/data/splits/{split}.npz",
    output:
        "results/page/wiener/{split}/{corruption}/{draw}.js",
    log:
        "results/logs/pack_wiener_filter/{split}/{corruption}/{draw}.log",
    benchmark:
        "results/timings/pack_wiener_filter/{split}/{corruption}/{draw}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: {"name": "-".join([wildcards.split, wildcards.corruption, wildcards.draw])},
    script:
        "../scripts/pack_wiener_filter.py"
