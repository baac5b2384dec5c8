"""Threads and memory of numerics, the same for every job: its bits depend on the first, its speed on the second."""

import contextlib
import ctypes
import os


def use_one_thread():
    """Numerics use one thread however many the job has: a sum in another order has other last bits."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    os.environ.update(dict.fromkeys(names, "1"))  # for libraries that are loaded later
    with contextlib.suppress(ImportError):
        from threadpoolctl import threadpool_limits

        threadpool_limits(1)  # for those that are loaded already


def keep_memory():
    """Freed memory stays with the process, where its C library is glibc.

    Arrays of megabytes come and go between two layers of a network; given back, each is cleared anew by the kernel.
    """
    with contextlib.suppress(AttributeError, OSError):
        change = ctypes.CDLL(None).mallopt
        change(MMAP_THRESHOLD, 32 * 2**20)
        change(TRIM_THRESHOLD, 256 * 2**20)


# The numbers that <malloc.h> gives them.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
