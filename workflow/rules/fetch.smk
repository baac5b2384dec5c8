rule fetch_mnist:
    output:
        train_images="results/data/mnist/train-images-idx3-ubyte",
        train_labels="results/data/mnist/train-labels-idx1-ubyte",
        test_images="results/data/mnist/t10k-images-idx3-ubyte",
        test_labels="results/data/mnist/t10k-labels-idx1-ubyte",
    log:
        "results/logs/fetch_mnist.log",
    benchmark:
        "results/timings/fetch_mnist.tsv"
    priority: plan.first
    conda:
        "../../envs/fetch.yaml"
    resources:
        source=plan.sources(),
    params:
        spec=plan.fetching(),
    script:
        "../scripts/fetch_mnist.py"
