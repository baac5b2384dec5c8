"""Every rule is read: its settings become its spec, with its code, its environment, its inputs and its outputs."""

RECORDS = Path(".snakemake")

if workflow.is_main_process and any(Path(RESULTS_FOLDER, "models").glob("*/*/weights.npz")):
    if not any(RECORDS.glob("metadata/*")) and not (RECORDS / "metadata.db").exists():
        raise LabError(
            f"{RESULTS_FOLDER}/ holds trained models, but .snakemake/metadata, which says how they were made, is not "
            "there: changes could not be seen. Copy it from where the results come from, or move the results away."
        )

    if not all(Path(workflow.modifier.modify_path(file)).exists() for part in MNIST.values() for file in part.values()):
        logger.warning(
            "The images of MNIST are not there. As soon as a job needs them, all that read them run again; "
            "to bring back the images alone, run `snakemake fetch_mnist` first."
        )

snakemake_gaps.complete(workflow, WORKFLOW, plan.spec)
