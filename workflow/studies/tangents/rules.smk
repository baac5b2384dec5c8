"""Study 2: does a denoising autoencoder learn the manifold better?"""

TANGENTS = plan.members("tangents", ["published", "corrected"])
TANGENTS_SETTINGS = plan.studies["tangents"]
TANGENTS_SPLIT = plan.split_files(TANGENTS)[0]
TANGENTS_CORRUPTED = plan.corrupted("tangents", TANGENTS_SETTINGS["corruption"])

STUDY_RESULTS += [
    "results/studies/tangents/training_images.png",
    "results/studies/tangents/training_curves.png",
    "results/studies/tangents/clean_reconstructions.png",
    "results/studies/tangents/corrupted_reconstructions.png",
    "results/studies/tangents/jacobian_rows.png",
    "results/studies/tangents/tangent_vectors.png",
    "results/studies/tangents/spectra.png",
    "results/studies/tangents/singular_values.csv",
    "results/studies/tangents/tangent_spaces.png",
    "results/studies/tangents/tangent_angles.png",
    "results/studies/tangents/tangent_angles.csv",
    "results/studies/tangents/answers.csv",
]


rule plot_tangents_training_images:
    input:
        images=plan.data("tangents")["train"]["images"],
        corrupted=f"{TANGENTS_CORRUPTED}/train.npy",
        split=TANGENTS_SPLIT,
    output:
        report(
            "results/studies/tangents/training_images.png",
            caption=caption("tangents", "training_images"),
            category="tangents",
            labels={"figure": "training images"},
        ),
    log:
        "results/logs/tangents/plot_training_images.log",
    benchmark:
        "results/timings/plot_tangents_training_images.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "tangents",
            "plot_training_images",
            "analysis",
            ["corruption"],
            settings=plan.corruptions[TANGENTS_SETTINGS["corruption"]],
            data=plan.shown("tangents"),
        ),
    script:
        "scripts/plot_training_images.py"


rule find_reference_tangents:
    input:
        train_images=plan.data("tangents")["train"]["images"],
        test_images=plan.data("tangents")["test"]["images"],
        split=TANGENTS_SPLIT,
    output:
        "results/studies/tangents/reference_tangents.npz",
    log:
        "results/logs/tangents/find_reference_tangents.log",
    benchmark:
        "results/timings/find_reference_tangents.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "tangents", "find_reference_tangents", "analysis", ["images", "neighbours", "tangent_dimension"]
        ),
    script:
        "scripts/find_reference_tangents.py"


rule differentiate_models:
    input:
        weights=plan.first_runs(TANGENTS, "weights.npz"),
        references=rules.find_reference_tangents.output[0],
        corrupted=f"{TANGENTS_CORRUPTED}/test.npy",
    output:
        spectra="results/studies/tangents/spectra.npz",
        jacobians="results/studies/tangents/jacobians.npz",
    log:
        "results/logs/tangents/differentiate_models.log",
    benchmark:
        "results/timings/differentiate_models.tsv"
    conda:
        ENVIRONMENTS["tensorflow"]
    params:
        spec=plan.study("tangents", "differentiate_models", "tensorflow", ["shown_image"], TANGENTS),
    script:
        "scripts/differentiate_models.py"


rule measure_tangent_angles:
    input:
        spectra=rules.differentiate_models.output.spectra,
        references=rules.find_reference_tangents.output[0],
    output:
        table=report(
            "results/studies/tangents/tangent_angles.csv",
            caption=caption("tangents", "tangent_angles_table"),
            category="tangents",
            labels={"figure": "tangent angles, table"},
        ),
        singular_values=report(
            "results/studies/tangents/singular_values.csv",
            caption=caption("tangents", "singular_values"),
            category="tangents",
            labels={"figure": "singular values, table"},
        ),
        by_image="results/studies/tangents/tangent_angles.npz",
    log:
        "results/logs/tangents/measure_tangent_angles.log",
    benchmark:
        "results/timings/measure_tangent_angles.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "tangents", "measure_tangent_angles", "analysis", ["shown_image", "tangent_dimension"], TANGENTS
        ),
    script:
        "scripts/measure_tangent_angles.py"


rule plot_jacobians:
    input:
        rules.differentiate_models.output.jacobians,
    output:
        rows=report(
            "results/studies/tangents/jacobian_rows.png",
            caption=caption("tangents", "jacobian_rows"),
            category="tangents",
            labels={"figure": "rows of the Jacobians"},
        ),
        vectors=report(
            "results/studies/tangents/tangent_vectors.png",
            caption=caption("tangents", "tangent_vectors"),
            category="tangents",
            labels={"figure": "tangent vectors"},
        ),
    log:
        "results/logs/tangents/plot_jacobians.log",
    benchmark:
        "results/timings/plot_jacobians.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "tangents", "plot_jacobians", "analysis", ["vectors_shown"], TANGENTS, data=plan.shown("tangents")
        ),
    script:
        "scripts/plot_jacobians.py"


rule plot_spectra:
    input:
        spectra=rules.differentiate_models.output.spectra,
        table=rules.measure_tangent_angles.output.table,
    output:
        report(
            "results/studies/tangents/spectra.png",
            caption=caption("tangents", "spectra"),
            category="tangents",
            labels={"figure": "singular values"},
        ),
    log:
        "results/logs/tangents/plot_spectra.log",
    benchmark:
        "results/timings/plot_spectra.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("tangents", "plot_spectra", "analysis", ["shown_image"], TANGENTS),
    script:
        "scripts/plot_spectra.py"


rule plot_tangent_spaces:
    input:
        jacobians=rules.differentiate_models.output.jacobians,
        references=rules.find_reference_tangents.output[0],
    output:
        report(
            "results/studies/tangents/tangent_spaces.png",
            caption=caption("tangents", "tangent_spaces"),
            category="tangents",
            labels={"figure": "tangent spaces"},
        ),
    log:
        "results/logs/tangents/plot_tangent_spaces.log",
    benchmark:
        "results/timings/plot_tangent_spaces.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "tangents",
            "plot_tangent_spaces",
            "analysis",
            ["shown_image", "tangent_dimension"],
            TANGENTS,
            data=plan.shown("tangents"),
        ),
    script:
        "scripts/plot_tangent_spaces.py"


rule plot_tangent_angles:
    input:
        by_image=rules.measure_tangent_angles.output.by_image,
        table=rules.measure_tangent_angles.output.table,
    output:
        report(
            "results/studies/tangents/tangent_angles.png",
            caption=caption("tangents", "tangent_angles"),
            category="tangents",
            labels={"figure": "tangent angles"},
        ),
    log:
        "results/logs/tangents/plot_tangent_angles.log",
    benchmark:
        "results/timings/plot_tangent_angles.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study("tangents", "plot_tangent_angles", "analysis", ["tangent_dimension"], TANGENTS),
    script:
        "scripts/plot_tangent_angles.py"


rule answer_tangents:
    input:
        by_digit=plan.first_runs(TANGENTS, "by_digit.csv"),
        by_image=rules.measure_tangent_angles.output.by_image,
        table=rules.measure_tangent_angles.output.table,
        wiener=plan.wiener_file(TANGENTS[0], TANGENTS_SETTINGS["corruption"]),
    output:
        "results/studies/tangents/answers.csv",
    log:
        "results/logs/tangents/answer.log",
    benchmark:
        "results/timings/answer_tangents.tsv"
    conda:
        ENVIRONMENTS["analysis"]
    params:
        spec=plan.study(
            "tangents",
            "answer_tangents",
            "analysis",
            ["corruption", "images", "shown_image", "vectors_shown", "neighbours", "tangent_dimension"],
            TANGENTS,
            data=plan.shown("tangents"),
        ),
    script:
        "scripts/answer_tangents.py"
