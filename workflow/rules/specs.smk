"""Which file is which input and which output goes into every spec here, for all rules alike.

Snakemake stores a job's inputs sorted and without their names, and its outputs not at all: it sees
neither two inputs nor two outputs that change places.
"""

RECORDS = Path(".snakemake")

if workflow.is_main_process and any(Path("results/models").glob("*/*/weights.npz")):
    if not any(RECORDS.glob("metadata/*")) and not (RECORDS / "metadata.db").exists():
        raise WorkflowError(
            "results/ holds trained models, but .snakemake/metadata, which says how they were made, is not there: "
            "changes could not be seen. Copy it from where the results come from, or move results/ away."
        )

    if not all(Path(file).exists() for part in MNIST.values() for file in part.values()):
        logger.warning(
            "The images of MNIST are not there. They are fetched as soon as a job needs them; what was made from the "
            "same images stays as it is."
        )


def with_files(rule, spec):
    """The same spec as a function of a job's wildcards, with its inputs and outputs.

    Snakemake does not compare the result of a function that asks for `input`, and works out all resources for one that
    takes whatever there is.
    """

    def completed(wildcards):
        if workflow.touch:
            raise WorkflowError(
                "--touch would record the results as made by the present code and settings, which they may not be."
            )
        text = spec(wildcards) if callable(spec) else spec
        return plan.with_files(text, named(rule.input, rule, wildcards), named(rule.output, rule, wildcards))

    return known(completed)


for each in workflow.rules:
    if each.script:
        each.params[0] = each.params.spec = with_files(each, each.params.spec)
