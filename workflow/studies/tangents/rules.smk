"""Study 2: does a denoising autoencoder learn the manifold better?"""

TANGENTS = plan.members("tangents", ["published", "corrected"])
TANGENTS_SETTINGS = plan.studies["tangents"]
TANGENTS_SPLIT = plan.split_files(TANGENTS)[0]


rule plot_training_images:
    input:
        images=plan.data("tangents")["train"]["images"],
        corrupted=plan.corrupted_of_run("tangents", TANGENTS_SETTINGS["corruption"], "train"),
        split=TANGENTS_SPLIT,
    output:
        figure("tangents", "training_images.png"),
    log:
        "results/logs/plot_training_images.log",
    benchmark:
        "results/timings/plot_training_images.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings(
            "tangents",
            "corruption",
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
        "results/logs/find_reference_tangents.log",
    benchmark:
        "results/timings/find_reference_tangents.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("tangents", "images", "neighbours", dimension=max(TANGENTS_SETTINGS["tangent_dimensions"])),
    script:
        "scripts/find_reference_tangents.py"


rule differentiate_models:
    input:
        weights=plan.of_run(TANGENTS, "weights.npz"),
        references=rules.find_reference_tangents.output[0],
        corrupted=plan.corrupted("tangents", TANGENTS_SETTINGS["corruption"], "test"),
    output:
        spectra="results/studies/tangents/run-{run}/spectra.npz",
        jacobians="results/studies/tangents/run-{run}/jacobians.npz",
    log:
        "results/logs/differentiate_models/run-{run}.log",
    benchmark:
        "results/timings/differentiate_models/run-{run}.tsv"
    conda:
        f"../../../envs/{plan.tensorflow}.yaml"
    params:
        spec=plan.settings("tangents", "shown_image", members=select(TANGENTS, "name", "entry")),
    script:
        "scripts/differentiate_models.py"


rule measure_tangent_angles:
    input:
        spectra=rules.differentiate_models.output.spectra,
        references=rules.find_reference_tangents.output[0],
    output:
        table=table("tangents", "run-{run}/tangent_angles.csv"),
        singular_values=table("tangents", "run-{run}/singular_values.csv"),
        by_image="results/studies/tangents/run-{run}/tangent_angles.npz",
    log:
        "results/logs/measure_tangent_angles/run-{run}.log",
    benchmark:
        "results/timings/measure_tangent_angles/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("tangents", "shown_image", "tangent_dimensions", members=select(TANGENTS, "name")),
    script:
        "scripts/measure_tangent_angles.py"


rule plot_jacobians:
    input:
        "results/studies/tangents/run-1/jacobians.npz",
    output:
        rows=figure("tangents", "jacobian_rows.png"),
        vectors=figure("tangents", "tangent_vectors.png"),
    log:
        "results/logs/plot_jacobians.log",
    benchmark:
        "results/timings/plot_jacobians.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("tangents", "vectors_shown", members=select(TANGENTS, "name"), data=plan.shown("tangents")),
    script:
        "scripts/plot_jacobians.py"


rule plot_spectra:
    input:
        spectra="results/studies/tangents/run-1/spectra.npz",
        table="results/studies/tangents/run-1/tangent_angles.csv",
    output:
        figure("tangents", "spectra.png"),
    log:
        "results/logs/plot_spectra.log",
    benchmark:
        "results/timings/plot_spectra.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("tangents", "shown_image", members=select(TANGENTS, "name")),
    script:
        "scripts/plot_spectra.py"


rule plot_tangent_spaces:
    input:
        jacobians="results/studies/tangents/run-1/jacobians.npz",
        references=rules.find_reference_tangents.output[0],
    output:
        figure("tangents", "tangent_spaces.png"),
    log:
        "results/logs/plot_tangent_spaces.log",
    benchmark:
        "results/timings/plot_tangent_spaces.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings(
            "tangents",
            "shown_image",
            dimension=TANGENTS_SETTINGS["tangent_dimensions"][-1],
            members=select(TANGENTS, "name"),
            data=plan.shown("tangents"),
        ),
    script:
        "scripts/plot_tangent_spaces.py"


rule plot_tangent_angles:
    input:
        by_image="results/studies/tangents/run-1/tangent_angles.npz",
        table="results/studies/tangents/run-1/tangent_angles.csv",
    output:
        figure("tangents", "tangent_angles.png"),
    log:
        "results/logs/plot_tangent_angles.log",
    benchmark:
        "results/timings/plot_tangent_angles.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("tangents", members=select(TANGENTS, "name")),
    script:
        "scripts/plot_tangent_angles.py"


# What the judge reads in the ten test images shown, in every run and not only in the one that is shown.
rule read_examples:
    input:
        weights=plan.of_run(TANGENTS, "weights.npz"),
        images=plan.data("tangents")["test"]["images"],
        labels=plan.data("tangents")["test"]["labels"],
        corrupted=plan.corrupted("tangents", TANGENTS_SETTINGS["corruption"], "test"),
        judge=plan.judge_of("tangents"),
    output:
        table("tangents", "run-{run}/readings.csv"),
    log:
        "results/logs/read_examples/run-{run}.log",
    benchmark:
        "results/timings/read_examples/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("tangents", members=select(TANGENTS, "name"), data=plan.shown("tangents")),
    script:
        "scripts/read_examples.py"


rule answer_tangents:
    input:
        by_digit=plan.of_run(TANGENTS, "by_digit.csv"),
        histories=plan.of_run(TANGENTS, "history.csv"),
        readings=rules.read_examples.output[0],
        by_image=rules.measure_tangent_angles.output.by_image,
        table=rules.measure_tangent_angles.output.table,
        singular_values=rules.measure_tangent_angles.output.singular_values,
        wiener=plan.wiener_file("tangents", TANGENTS_SETTINGS["corruption"]),
    output:
        "results/studies/tangents/run-{run}/answers.csv",
    log:
        "results/logs/answer_tangents/run-{run}.log",
    benchmark:
        "results/timings/answer_tangents/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings(
            "tangents",
            "corruption",
            "images",
            "shown_image",
            "vectors_shown",
            "neighbours",
            members=select(TANGENTS, "name", "group"),
            data=plan.shown("tangents"),
        ),
    script:
        "scripts/answer_tangents.py"
