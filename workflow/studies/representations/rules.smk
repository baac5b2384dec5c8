"""Study: what is a code good for?"""

REPRESENTATIONS = plan.members("representations")
REPRESENTATION_GROUPS = sorted({member["group"] for member in REPRESENTATIONS})
REPRESENTATION_PLANES = [member for member in REPRESENTATIONS if plan.code_size(member["name"]) == 2]
LABELLED_CLASSIFIERS = plan.members("representations", ["classifiers"])
REPRESENTATION_SPLIT = plan.split_files(REPRESENTATIONS)[0]


# One job per group of models; the references are the pixels themselves and random projections of them.
rule probe_codes:
    input:
        weights=lambda wildcards: plan.of_run(plan.members("representations", [wildcards.group]), "weights.npz")(
            wildcards
        ),
        split=REPRESENTATION_SPLIT,
        train_images=plan.data("representations")["train"]["images"],
        train_labels=plan.data("representations")["train"]["labels"],
        test_images=plan.data("representations")["test"]["images"],
        test_labels=plan.data("representations")["test"]["labels"],
    output:
        probes="results/studies/representations/run-{run}/probes/{group}.csv",
        limits="results/studies/representations/run-{run}/limits/{group}.csv",
    log:
        "results/logs/probe_codes/run-{run}/{group}.log",
    benchmark:
        "results/timings/probe_codes/run-{run}/{group}.tsv"
    wildcard_constraints:
        group="|".join([*REPRESENTATION_GROUPS, "references"]),
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.settings(
            "representations",
            *("labels", "all_labels_of", "random_projections"),
            run=int(wildcards.run),
            members=select(plan.members("representations", [wildcards.group]), "name"),
        ),
    script:
        "scripts/probe_codes.py"


rule measure_planes:
    input:
        train_codes=plan.of_run(REPRESENTATION_PLANES, "codes/train.npy"),
        test_codes=plan.of_run(REPRESENTATION_PLANES, "codes/test.npy"),
        split=REPRESENTATION_SPLIT,
        train_labels=plan.data("representations")["train"]["labels"],
        test_images=plan.data("representations")["test"]["images"],
        test_labels=plan.data("representations")["test"]["labels"],
    output:
        table("representations", "run-{run}/planes.csv"),
    log:
        "results/logs/measure_planes/run-{run}.log",
    benchmark:
        "results/timings/measure_planes/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("representations", "neighbourhoods", members=select(REPRESENTATION_PLANES, "name", "group")),
    script:
        "scripts/measure_planes.py"


rule answer_representations:
    input:
        probes=expand(
            "results/studies/representations/run-{{run}}/probes/{group}.csv",
            group=[*REPRESENTATION_GROUPS, "references"],
        ),
        limits=expand(
            "results/studies/representations/run-{{run}}/limits/{group}.csv",
            group=[*REPRESENTATION_GROUPS, "references"],
        ),
        planes=rules.measure_planes.output[0],
        classifiers=plan.of_run(LABELLED_CLASSIFIERS, "metrics.json"),
    output:
        answers="results/studies/representations/run-{run}/answers.csv",
        representations=table("representations", "run-{run}/representations.csv"),
        classifiers=table("representations", "run-{run}/classifiers.csv"),
    log:
        "results/logs/answer_representations/run-{run}.log",
    benchmark:
        "results/timings/answer_representations/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings(
            "representations",
            groups=[*REPRESENTATION_GROUPS, "references"],
            linear=[member["name"] for member in REPRESENTATIONS if plan.models[member["name"]]["kind"] == "pca"],
            classifiers=[
                {
                    "name": member["name"],
                    "labels": plan.splits[plan.models[member["name"]]["split"]]["train"],
                    "start": member["entry"].get("starts_from"),
                }
                for member in LABELLED_CLASSIFIERS
            ],
        ),
    script:
        "scripts/answer_representations.py"


rule plot_probes:
    input:
        "results/studies/representations/run-1/representations.csv",
    output:
        labels=figure("representations", "labels.png"),
        sizes=figure("representations", "sizes.png"),
    log:
        "results/logs/plot_probes.log",
    benchmark:
        "results/timings/plot_probes.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec={"data": plan.shown("representations")},
    script:
        "scripts/plot_probes.py"


rule plot_planes:
    input:
        "results/studies/representations/run-1/planes.csv",
    output:
        figure("representations", "planes.png"),
    log:
        "results/logs/plot_planes.log",
    benchmark:
        "results/timings/plot_planes.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings(
            "representations", *("neighbourhoods", "published_planes"), data=plan.shown("representations")
        ),
    script:
        "scripts/plot_planes.py"


if LABELLED_CLASSIFIERS:

    rule plot_starts:
        input:
            "results/studies/representations/run-1/classifiers.csv",
        output:
            figure("representations", "starts.png"),
        log:
            "results/logs/plot_starts.log",
        benchmark:
            "results/timings/plot_starts.tsv"
        conda:
            "../../../envs/analysis.yaml"
        params:
            spec={"data": plan.shown("representations")},
        script:
            "scripts/plot_starts.py"
