include: "workflow/Snakefile"


# An included file's default target counts only where that file is the entry.
workflow.default_target = "all"
