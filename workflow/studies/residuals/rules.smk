"""Study 3: what does a stacked denoising autoencoder get wrong?"""

RESIDUALS = plan.members("residuals")
RESIDUALS_SETTINGS = plan.studies["residuals"]
RESIDUALS_SPLIT = plan.split_files(RESIDUALS)[0]


rule subtract_reconstructions:
    input:
        weights=plan.first_runs(RESIDUALS, "weights.npz"),
        images=MNIST["test"]["images"],
        corrupted=f"results/data/corrupted/{RESIDUALS_SETTINGS['corruption']}/test.npy",
        split=RESIDUALS_SPLIT,
    output:
        [
            f"results/studies/residuals/residuals/{shown['model']}-{shown['inputs']}-{shown['output']}.npy"
            for shown in RESIDUALS_SETTINGS["shown"]
        ],
    log:
        "results/logs/subtract_reconstructions.log",
    benchmark:
        "results/timings/subtract_reconstructions.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("residuals", "shown", members=select(RESIDUALS, "name")),
    script:
        "scripts/subtract_reconstructions.py"


rule analyse_residuals:
    input:
        residuals=rules.subtract_reconstructions.output,
        images=MNIST["test"]["images"],
        labels=MNIST["test"]["labels"],
        split=RESIDUALS_SPLIT,
    output:
        components="results/studies/residuals/components.npz",
        table=table("residuals", "residuals.csv"),
    log:
        "results/logs/analyse_residuals.log",
    benchmark:
        "results/timings/analyse_residuals.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("residuals", "shown", "components"),
    script:
        "scripts/analyse_residuals.py"


rule plot_residuals:
    input:
        arrays=rules.analyse_residuals.output.components,
        table=rules.analyse_residuals.output.table,
    output:
        shared=figure("residuals", "residuals_on_one_scale.png"),
        own=figure("residuals", "residuals_on_own_scales.png"),
    log:
        "results/logs/plot_residuals.log",
    benchmark:
        "results/timings/plot_residuals.tsv"
    conda:
        "../../../envs/analysis.yaml"
    script:
        "scripts/plot_residuals.py"


rule answer_residuals:
    input:
        table=rules.analyse_residuals.output.table,
        wiener=plan.wiener_file(RESIDUALS[0], RESIDUALS_SETTINGS["corruption"]),
    output:
        "results/studies/residuals/answers.csv",
    log:
        "results/logs/answer_residuals.log",
    benchmark:
        "results/timings/answer_residuals.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("residuals", "corruption"),
    script:
        "scripts/answer_residuals.py"
