"""Code that decides when a job runs and how it ends, but never which bytes it writes.

It is therefore the only package that is not part of any job's digest. It uses the standard library alone. Nothing that
can change the bytes of a result, not even the number of threads, belongs here.
"""
