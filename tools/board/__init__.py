"""What a run is doing, from the events that its processes write (`aelab.jobs.events`), and how long it will take.

- `state`: the jobs of a run and what is known about each
- `left`: how long the rest will take
- `words`: durations, sizes and jobs as people read them
- `screen`: the board on a terminal
- `terminal`: a terminal that nobody has to wait for
- `lines`: the same as lines, where there is no terminal
- `show`: a run until its end, as a board or as lines
- `plugin`: the logger plugin of Snakemake
- `replay`: how good the estimates of a finished run were

`tools/watch.py` shows a run that was started elsewhere, the plugin the one that `make` starts (`tools/run.py`). All of
it only reads the run's files.
"""
