"""Study 3: what does a stacked denoising autoencoder get wrong?"""

RESIDUALS = plan.members("residuals")
RESIDUALS_SETTINGS = plan.studies["residuals"]
RESIDUALS_SPLIT = plan.split_files(RESIDUALS)[0]


rule subtract_reconstructions:
    input:
        weights=plan.of_run(RESIDUALS, "weights.npz"),
        images=plan.data("residuals")["test"]["images"],
        corrupted=plan.corrupted("residuals", RESIDUALS_SETTINGS["corruption"], "test"),
        split=RESIDUALS_SPLIT,
    output:
        [
            f"results/studies/residuals/run-{{run}}/residuals/{shown['model']}-{shown['inputs']}-{shown['output']}.npy"
            for shown in RESIDUALS_SETTINGS["shown"]
        ],
    log:
        "results/logs/subtract_reconstructions/run-{run}.log",
    benchmark:
        "results/timings/subtract_reconstructions/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("residuals", "shown", members=select(RESIDUALS, "name")),
    script:
        "scripts/subtract_reconstructions.py"


rule analyse_residuals:
    input:
        residuals=rules.subtract_reconstructions.output,
        images=plan.data("residuals")["test"]["images"],
        labels=plan.data("residuals")["test"]["labels"],
        split=RESIDUALS_SPLIT,
    output:
        components="results/studies/residuals/run-{run}/components.npz",
        table=table("residuals", "run-{run}/residuals.csv"),
    log:
        "results/logs/analyse_residuals/run-{run}.log",
    benchmark:
        "results/timings/analyse_residuals/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("residuals", "shown", "components", data=plan.shown("residuals")),
    script:
        "scripts/analyse_residuals.py"


rule plot_residuals:
    input:
        arrays="results/studies/residuals/run-1/components.npz",
        table="results/studies/residuals/run-1/residuals.csv",
    output:
        shared=figure("residuals", "residuals_on_one_scale.png"),
        own=figure("residuals", "residuals_on_own_scales.png"),
    log:
        "results/logs/plot_residuals.log",
    benchmark:
        "results/timings/plot_residuals.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec={"data": plan.shown("residuals")},
    script:
        "scripts/plot_residuals.py"


rule plot_published_residuals:
    input:
        arrays="results/studies/residuals/run-1/components.npz",
        table="results/studies/residuals/run-1/residuals.csv",
    output:
        figure("residuals", "published_residuals.png"),
    log:
        "results/logs/plot_published_residuals.log",
    benchmark:
        "results/timings/plot_published_residuals.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec={"data": plan.shown("residuals")},
    script:
        "scripts/plot_published_residuals.py"


rule answer_residuals:
    input:
        table=rules.analyse_residuals.output.table,
        train_images=plan.data("residuals")["train"]["images"],
        test_images=plan.data("residuals")["test"]["images"],
        split=RESIDUALS_SPLIT,
        wiener=plan.wiener_file("residuals", RESIDUALS_SETTINGS["corruption"]),
    output:
        "results/studies/residuals/run-{run}/answers.csv",
    log:
        "results/logs/answer_residuals/run-{run}.log",
    benchmark:
        "results/timings/answer_residuals/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("residuals", "corruption", data=plan.shown("residuals")),
    script:
        "scripts/answer_residuals.py"
