"""Keeping the cyclic garbage collector out of a batch."""

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
