"""Leases: who still uses a thing, kept by the kernel.

A lease is a lock on an open file (``flock``). It cannot go stale: whoever holds it may be killed in any
way, and the kernel gives it back. The files themselves stay; deleting a locked file would let two
processes hold "the same" lock.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def opened(path: Path) -> int:
    """A descriptor for locks on ``path``, which is made when missing; programs we start do not inherit it."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def exclusive(path: Path) -> Iterator[int]:
    """Be the only one for the length of the block; waits for its turn. Gives the descriptor."""
    descriptor = opened(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def shared(path: Path) -> int:
    """Take a lease beside others'. Closing the descriptor, or dying, gives it back."""
    descriptor = opened(path)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def is_last(descriptor: int) -> bool:
    """Whether nobody else holds a lease. The caller's own is given up by asking."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_held(path: Path) -> bool:
    """Whether any process holds a lock on ``path``."""
    descriptor = opened(path)
    try:
        return not is_last(descriptor)
    finally:
        os.close(descriptor)
