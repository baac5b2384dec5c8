"""Threads and memory of numerical libraries. They are the same in every job, because they affect results and speed."""

import contextlib
import ctypes
import os


def use_one_thread() -> None:
    """Limit numerical libraries to one thread, however many a job has.

    With several threads, sums are added up in another order and may differ in their last bits.
    """
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    os.environ.update(dict.fromkeys(names, "1"))  # for libraries that are loaded later
    with contextlib.suppress(ImportError):
        from threadpoolctl import threadpool_limits

        threadpool_limits(1)  # for libraries that have already been loaded


def keep_memory() -> None:
    """Keep freed memory in the process instead of returning it to the system, if the C library is glibc.

    Arrays of several megabytes are allocated and freed between any two layers of a network. If their memory were
    returned, the kernel would have to clear it each time.
    """
    with contextlib.suppress(AttributeError, OSError):
        change = ctypes.CDLL(None).mallopt
        change(MMAP_THRESHOLD, 32 * 2**20)
        change(TRIM_THRESHOLD, 256 * 2**20)


# The numbers of these parameters in <malloc.h>.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
