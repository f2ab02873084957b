"""Keeping the cyclic garbage collector out of the way."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collected_later() -> Iterator[None]:
    """Let the collector wait until the end of the block.

    A batch makes a hundred thousand small objects and no cycles among them; looking for some again and
    again took half of the time of a rebuild.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def collected_seldom() -> None:
    """Let the collector run seldom in this process, and not among what is there by now.

    What a request or a batch makes dies with it, by reference count, and cycles are few. A look at all that
    a worker remembers took 0.2 s, in which no view moved.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
