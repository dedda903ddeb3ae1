"""Compilation by Numba without the global interpreter lock, and a thread pool that runs compiled work on all cores.

Numba's own parallel loops are not used: which threading layer is installed differs between machines, one of them must not be entered by
two threads at once and another not after a fork.
"""

import inspect
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any, TypeVar

from numba import njit

Part = TypeVar("Part")


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: a function of numbers and arrays compiled at its first call and cached on disk.

    The cache is beside the module or, if that is not writable, in the user's cache folder; if neither is writable, every process
    compiles anew. Annotations are not checked: a checked function could not be compiled.
    """
    plain = inspect.unwrap(function)
    compile_it = partial(njit, nogil=True, fastmath={"contract", "nsz", "arcp", "reassoc"}, error_model="numpy")
    try:
        return compile_it(plain, cache=True)
    except RuntimeError:  # no writable cache folder
        return compile_it(plain)


def cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def pool() -> ThreadPoolExecutor:
    """Thread pool of the workers; the calling thread works, too."""
    return ThreadPoolExecutor(max(1, cores() - 1), "projection")


os.register_at_fork(after_in_child=pool.cache_clear)  # threads do not survive a fork


def run_parallel(work: Callable[[Part], None], parts: Iterable[Part]) -> None:
    """Run `work` on every part on all cores, with dynamic scheduling. Thread-safe."""
    waiting = list(parts)
    helpers = min(cores(), len(waiting)) - 1
    queue = iter(waiting)

    def drain() -> None:
        for part in queue:
            work(part)

    asked = [pool().submit(drain) for _ in range(helpers)]
    drain()
    for helper in asked:
        if not helper.cancel():  # not started: no part is left
            helper.result()
