"""Study: which model reconstructs best? A template: its question, in one line."""

# `study` is the name of this folder, so that a copy runs as it is. Rules of your own may say the name.
MEMBERS = plan.members(study)


rule:
    name:
        f"compare_{study}"
    input:
        metrics=plan.of_run(MEMBERS, "metrics.json"),
    output:
        table=table(study, "run-{run}/comparison.csv"),
        answers=f"results/studies/{study}/run-{{run}}/answers.csv",
    log:
        f"results/logs/compare_{study}/run-{{run}}.log",
    benchmark:
        f"results/timings/compare_{study}/run-{{run}}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings(study, "measure", members=select(MEMBERS, "name", "group")),
    script:
        "scripts/compare.py"


rule:
    name:
        f"plot_{study}"
    input:
        f"results/studies/{study}/run-1/comparison.csv",
    output:
        figure(study, "comparison.png"),
    log:
        f"results/logs/plot_{study}.log",
    benchmark:
        f"results/timings/plot_{study}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings(study, "measure"),
    script:
        "scripts/plot.py"
