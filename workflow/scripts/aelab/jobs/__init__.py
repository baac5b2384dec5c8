"""When a job runs and how it ends, never which bytes come out: the one room that is in no job's digest.

Standard library alone. What can change the bytes of a result, if only by the number of threads, does not belong here.
"""
