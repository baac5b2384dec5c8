"""Study 3: what does a stacked denoising autoencoder get wrong?"""

RESIDUALS = plan.members("residuals")
RESIDUALS_SETTINGS = plan.studies["residuals"]
RESIDUALS_SPLIT = plan.split_files(RESIDUALS)[0]

STUDY_RESULTS += [
    "results/studies/residuals/training_curves.png",
    "results/studies/residuals/clean_reconstructions.png",
    "results/studies/residuals/corrupted_reconstructions.png",
    "results/studies/residuals/residuals_on_one_scale.png",
    "results/studies/residuals/residuals_on_own_scales.png",
    "results/studies/residuals/residuals.csv",
    "results/studies/residuals/answers.csv",
]


rule subtract_reconstructions:
    input:
        weights=plan.first_runs(RESIDUALS, "weights.npz"),
        images=plan.data("residuals")["test"]["images"],
        corrupted=f"{plan.corrupted('residuals', RESIDUALS_SETTINGS['corruption'])}/test.npy",
        split=RESIDUALS_SPLIT,
    output:
        [
            f"results/studies/residuals/residuals/{shown['model']}-{shown['inputs']}-{shown['output']}.npy"
            for shown in RESIDUALS_SETTINGS["shown"]
        ],
    log:
        "results/logs/residuals/subtract_reconstructions.log",
    benchmark:
        "results/timings/subtract_reconstructions.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("residuals", "subtract_reconstructions", "analysis", ["shown"], RESIDUALS),
    script:
        "scripts/subtract_reconstructions.py"


rule analyse_residuals:
    input:
        residuals=rules.subtract_reconstructions.output,
        images=plan.data("residuals")["test"]["images"],
        labels=plan.data("residuals")["test"]["labels"],
        split=RESIDUALS_SPLIT,
    output:
        components="results/studies/residuals/components.npz",
        table=report(
            "results/studies/residuals/residuals.csv",
            caption=caption("residuals", "residuals_table"),
            category="residuals",
            labels={"figure": "residuals, table"},
        ),
    log:
        "results/logs/residuals/analyse_residuals.log",
    benchmark:
        "results/timings/analyse_residuals.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "residuals", "analyse_residuals", "analysis", ["shown", "components"], data=plan.shown("residuals")
        ),
    script:
        "scripts/analyse_residuals.py"


rule plot_residuals:
    input:
        arrays=rules.analyse_residuals.output.components,
        table=rules.analyse_residuals.output.table,
    output:
        shared=report(
            "results/studies/residuals/residuals_on_one_scale.png",
            caption=caption("residuals", "residuals_on_one_scale"),
            category="residuals",
            labels={"figure": "residuals on one scale"},
        ),
        own=report(
            "results/studies/residuals/residuals_on_own_scales.png",
            caption=caption("residuals", "residuals_on_own_scales"),
            category="residuals",
            labels={"figure": "residuals on scales of their own"},
        ),
    log:
        "results/logs/residuals/plot_residuals.log",
    benchmark:
        "results/timings/plot_residuals.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("residuals", "plot_residuals", "analysis", data=plan.shown("residuals")),
    script:
        "scripts/plot_residuals.py"


rule answer_residuals:
    input:
        table=rules.analyse_residuals.output.table,
        wiener=plan.wiener_file(RESIDUALS[0], RESIDUALS_SETTINGS["corruption"]),
    output:
        "results/studies/residuals/answers.csv",
    log:
        "results/logs/residuals/answer.log",
    benchmark:
        "results/timings/answer_residuals.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("residuals", "answer_residuals", "analysis", ["corruption"], data=plan.shown("residuals")),
    script:
        "scripts/answer_residuals.py"
