"""Study: what does a code cost?"""

PRICED = plan.members("rate_distortion")
BOUNDED = plan.members("rate_distortion", ["bounded"])
PRICED_AS = [
    {
        "name": member["name"],
        "group": member["group"],
        "beta": member["entry"].get("beta", 1),
        "code_size": plan.code_size(member["name"]),
    }
    for member in PRICED
]


rule measure_rates:
    input:
        weights=plan.of_run(PRICED, "weights.npz"),
        judge=plan.judge_of("rate_distortion"),
        images=plan.data("rate_distortion")["test"]["images"],
        labels=plan.data("rate_distortion")["test"]["labels"],
        train_images=plan.data("rate_distortion")["train"]["images"],
        examples="results/studies/rate_distortion/examples.npz",
    output:
        table=table("rate_distortion", "run-{run}/rates.csv"),
        shown="results/studies/rate_distortion/run-{run}/shown.npz",
        floors="results/studies/rate_distortion/run-{run}/floors.csv",
    log:
        "results/logs/measure_rates/run-{run}.log",
    benchmark:
        "results/timings/measure_rates/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.settings(
            "rate_distortion",
            "prior_samples",
            run=int(wildcards.run),
            members=PRICED_AS,
            data=plan.shown("rate_distortion"),
        ),
    script:
        "scripts/measure_rates.py"


rule quantise_pca:
    input:
        train_images=plan.data("rate_distortion")["train"]["images"],
        test_images=plan.data("rate_distortion")["test"]["images"],
    output:
        quantised=table("rate_distortion", "quantised_pca.csv"),
        curve="results/studies/rate_distortion/gaussian_curve.csv",
        variances="results/studies/rate_distortion/variances.npy",
    log:
        "results/logs/quantise_pca.log",
    benchmark:
        "results/timings/quantise_pca.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=plan.settings("rate_distortion", "quantised_pca"),
    script:
        "scripts/quantise_pca.py"


rule bound_evidence:
    input:
        weights=plan.of_run(BOUNDED, "weights.npz"),
        images=plan.data("rate_distortion")["test"]["images"],
    output:
        table("rate_distortion", "run-{run}/bounds.csv"),
    log:
        "results/logs/bound_evidence/run-{run}.log",
    benchmark:
        "results/timings/bound_evidence/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: plan.settings(
            "rate_distortion", "importance", run=int(wildcards.run), members=select(BOUNDED, "name")
        ),
    script:
        "scripts/bound_evidence.py"


rule plot_rates:
    input:
        rates="results/studies/rate_distortion/run-1/rates.csv",
        floors="results/studies/rate_distortion/run-1/floors.csv",
        quantised=rules.quantise_pca.output.quantised,
        curve=rules.quantise_pca.output.curve,
    output:
        figure("rate_distortion", "rates_and_distortions.png"),
    log:
        "results/logs/plot_rates.log",
    benchmark:
        "results/timings/plot_rates.tsv"
    conda:
        "../../../envs/analysis.yaml"
    script:
        "scripts/plot_rates.py"


rule plot_uses_of_rate:
    input:
        rates="results/studies/rate_distortion/run-1/rates.csv",
        labels=plan.data("rate_distortion")["test"]["labels"],
    output:
        figure("rate_distortion", "uses_of_rate.png"),
    log:
        "results/logs/plot_uses_of_rate.log",
    benchmark:
        "results/timings/plot_uses_of_rate.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec={"data": plan.shown("rate_distortion")},
    script:
        "scripts/plot_uses_of_rate.py"


rule plot_decoded:
    input:
        rates="results/studies/rate_distortion/run-1/rates.csv",
        shown="results/studies/rate_distortion/run-1/shown.npz",
    output:
        figure("rate_distortion", "decoded_at_rates.png"),
    log:
        "results/logs/plot_decoded.log",
    benchmark:
        "results/timings/plot_decoded.tsv"
    conda:
        "../../../envs/analysis.yaml"
    params:
        spec={"data": plan.shown("rate_distortion")},
    script:
        "scripts/plot_decoded.py"


rule plot_bounds:
    input:
        "results/studies/rate_distortion/run-1/bounds.csv",
    output:
        figure("rate_distortion", "importance_bounds.png"),
    log:
        "results/logs/plot_bounds.log",
    benchmark:
        "results/timings/plot_bounds.tsv"
    conda:
        "../../../envs/analysis.yaml"
    script:
        "scripts/plot_bounds.py"


rule answer_rate_distortion:
    input:
        rates=rules.measure_rates.output.table,
        floors=rules.measure_rates.output.floors,
        bounds=rules.bound_evidence.output[0],
        variances=rules.quantise_pca.output.variances,
        quantised=rules.quantise_pca.output.quantised,
    output:
        "results/studies/rate_distortion/run-{run}/answers.csv",
    log:
        "results/logs/answer_rate_distortion/run-{run}.log",
    benchmark:
        "results/timings/answer_rate_distortion/run-{run}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    script:
        "scripts/answer_rate_distortion.py"
