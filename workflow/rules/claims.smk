"""Check the published claims against measured values, and write the captions that quote them."""


rule check_claims:
    input:
        metrics="results/metrics.csv",
        answers=[f"results/studies/{study}/answers.csv" for study in plan.studies],
    output:
        report("results/claims.csv", caption=written("all_studies", "claims"), category="All studies"),
    log:
        "results/logs/check_claims.log",
    benchmark:
        "results/timings/check_claims.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=plan.claiming(),
    script:
        "../scripts/check_claims.py"


# One rule per study, since each study has its own captions.
for study in CAPTIONED:

    rule:
        name:
            f"write_{study}_captions"
        input:
            metrics="results/metrics.csv",
            answers=plan.answer_files(study),
            claims="results/claims.csv",
        output:
            [in_report(file) for file in plan.caption_files(study)],
        log:
            f"results/logs/write_{study}_captions.log",
        benchmark:
            f"results/timings/write_{study}_captions.tsv"
        conda:
            "../../envs/analysis.yaml"
        params:
            spec=plan.captioning(study),
        script:
            "../scripts/write_captions.py"
