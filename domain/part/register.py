"""A map that many small changes cost little: each copies only the few entries beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar
from uuid import UUID
from zlib import crc32

import msgspec

K = TypeVar("K", bound=str | UUID)
V = TypeVar("V")
DRAWERS = 128
"""Among how many small maps the entries are spread."""


class Register(msgspec.Struct, Generic[K, V], frozen=True):
    """An immutable map. Two with the same entries are equal."""

    drawers: dict[int, dict[K, V]] = {}

    def get(self, key: K) -> V | None:
        """The value of a key, or ``None``."""
        drawer = self.drawers.get(_drawer(key))
        return drawer.get(key) if drawer else None

    def put(self, changes: Mapping[K, V | None]) -> Register[K, V]:
        """The map with these entries changed; ``None`` takes one out."""
        drawers = dict(self.drawers)
        for key, value in changes.items():
            number = _drawer(key)
            drawer = dict(drawers.get(number, {}))
            if value is not None:
                drawer[key] = value
            else:
                drawer.pop(key, None)
            drawers[number] = drawer
            if not drawer:
                del drawers[number]
        return Register(drawers)

    def items(self) -> Iterator[tuple[K, V]]:
        """All entries, in no order that means anything."""
        return (entry for drawer in self.drawers.values() for entry in drawer.items())

    def values(self) -> Iterator[V]:
        """All values, in no order that means anything."""
        return (value for drawer in self.drawers.values() for value in drawer.values())

    def __len__(self) -> int:
        return sum(map(len, self.drawers.values()))


def _drawer(key: str | UUID) -> int:
    return crc32(key.encode() if isinstance(key, str) else key.bytes) % DRAWERS
