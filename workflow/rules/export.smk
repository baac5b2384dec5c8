"""Models to take away: files that Keras opens without this project. They are made when they are asked for."""


rule export_model:
    input:
        weights="results/models/{model}/seed-{seed}/weights.npz",
    output:
        "results/models/{model}/seed-{seed}/model.keras",
    log:
        "results/logs/export_model/{model}/seed-{seed}.log",
    benchmark:
        "results/timings/export_model/{model}/seed-{seed}.tsv"
    conda:
        f"../../envs/{plan.tensorflow}.yaml"
    script:
        "../scripts/export_model.py"


rule models:
    input:
        [f"{plan.folder(model, seed)}/model.keras" for model, seed in plan.runs()],
    localrule: True
