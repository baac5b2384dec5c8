"""Complete the spec of every rule, after all have been read: its code, its environment, its inputs and its outputs."""

from aelab.plan import dependencies

RECORDS = Path(".snakemake")

if workflow.is_main_process and any(Path(RESULTS_FOLDER, "models").glob("*/*/weights.npz")):
    if not any(RECORDS.glob("metadata/*")) and not (RECORDS / "metadata.db").exists():
        raise LabError(
            f"{RESULTS_FOLDER}/ holds trained models, but .snakemake/metadata, which says how they were made, is not "
            "there: changes could not be seen. Copy it from where the results come from, or move the results away."
        )

    for dataset in {plan.dataset(model).name: plan.dataset(model) for model in plan.models}.values():
        files = [file for part in dataset.files.values() for file in part.values()]
        if not all(Path(workflow.modifier.modify_path(file)).exists() for file in files):
            logger.warning(
                f"The images of {dataset.name} are not there. They are fetched as soon as a job needs them; what was made "
                "from the same images stays as it is."
            )

for name in ("fetch", "analysis", plan.tensorflow):
    environment_digest(name)  # report an environment that cannot be read before anything is planned

own_operations = dependencies.own_operations(plan.config)
snakemake_gaps.complete(workflow, WORKFLOW, functools.partial(dependencies.spec, own_operations))
