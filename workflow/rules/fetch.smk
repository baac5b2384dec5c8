rule fetch_dataset:
    output:
        train_images="results/data/{dataset}/train-images-idx3-ubyte",
        train_labels="results/data/{dataset}/train-labels-idx1-ubyte",
        test_images="results/data/{dataset}/t10k-images-idx3-ubyte",
        test_labels="results/data/{dataset}/t10k-labels-idx1-ubyte",
        description="results/data/{dataset}/dataset.json",
    log:
        "results/logs/fetch_dataset/{dataset}.log",
    benchmark:
        "results/timings/fetch_dataset/{dataset}.tsv"
    wildcard_constraints:
        dataset=plan.any_dataset(fetched=True),
    priority: plan.first
    conda:
        "../../envs/fetch.yaml"
    resources:
        source=lambda wildcards: plan.source(wildcards.dataset),
    params:
        spec=lambda wildcards: plan.fetching(wildcards.dataset),
    script:
        "../scripts/fetch_dataset.py"


# Data sets that come with a library or from the user's own files.
rule make_dataset:
    output:
        train_images="results/data/{dataset}/train-images-idx3-ubyte",
        train_labels="results/data/{dataset}/train-labels-idx1-ubyte",
        test_images="results/data/{dataset}/t10k-images-idx3-ubyte",
        test_labels="results/data/{dataset}/t10k-labels-idx1-ubyte",
        description="results/data/{dataset}/dataset.json",
    log:
        "results/logs/make_dataset/{dataset}.log",
    benchmark:
        "results/timings/make_dataset/{dataset}.tsv"
    wildcard_constraints:
        dataset=plan.any_dataset(fetched=False),
    priority: plan.first
    conda:
        "../../envs/analysis.yaml"
    resources:
        source=lambda wildcards: plan.source(wildcards.dataset),
    params:
        spec=lambda wildcards: plan.fetching(wildcards.dataset),
    script:
        "../scripts/make_dataset.py"
