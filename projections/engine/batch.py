"""The events a projection folds at a time, decoded once for all projections that stand at one position."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar

from application.log.mapper import read
from application.log.stored import LogEvent, Row
from domain.event import Fact

K = TypeVar("K")
V = TypeVar("V")


class Memory(Generic[K, V]):
    """What was worked out lately and is needed again; the oldest is forgotten when it grows too large.

    Only for what the log alone decides, by a key that names one place in it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """What is kept under the key, if it still is."""
        return self._kept.get(key)

    def keep(self, key: K, value: V) -> V:
        """Keep a value and give it back."""
        self._kept[key] = value
        if len(self._kept) > self._most:
            for oldest in list(self._kept)[: self._most // 4]:
                del self._kept[oldest]
        return value


class Page:
    """Consecutive events of the log, read once.

    Args:
        rows: the rows in position order.
        memory: what the folds of this runner share.
    """

    def __init__(self, rows: Sequence[Row], memory: Memory[Any, Any]) -> None:
        self.rows = rows
        self.memory = memory
        self._facts: dict[int, Fact] = {}

    def fact(self, index: int) -> Fact:
        """The fact in a row.

        Raises:
            UnreadableEvent: this release cannot read it.
        """
        fact = self._facts.get(index)
        if fact is None:
            fact = self._facts[index] = read(LogEvent.from_row(self.rows[index]))
        return fact


class Batch:
    """Part of a page, as one projection sees it: only the event types it wants.

    Args:
        page: where the events come from.
        first: index of the first row.
        end: index after the last row.
        wants: how the types of the wanted events begin.
    """

    def __init__(self, page: Page, first: int, end: int, wants: tuple[str, ...]) -> None:
        self._page = page
        self.first = first
        self.end = end
        self._wants = wants

    def __len__(self) -> int:
        return self.end - self.first

    @property
    def starts_after(self) -> int:
        """The position before the first event."""
        return self._page.rows[self.first][0] - 1

    @property
    def position(self) -> int:
        """The position of the last event, wanted or not."""
        return self._page.rows[self.end - 1][0]

    @property
    def memory(self) -> Memory[Any, Any]:
        """What the folds of this runner share."""
        return self._page.memory

    def facts(self) -> list[Fact]:
        """The wanted events, decoded.

        Raises:
            UnreadableEvent: this release cannot read one of them.
        """
        return [self._page.fact(index) for index in self._indexes()]

    def stored(self) -> list[LogEvent]:
        """The wanted events as they were recorded, whether this release can read them or not."""
        return [LogEvent.from_row(self._page.rows[index]) for index in self._indexes()]

    def types(self) -> list[str]:
        """The type of every event, wanted or not."""
        return [row[3] for row in self._page.rows[self.first : self.end]]

    def halves(self) -> tuple[Batch, Batch]:
        """The same events in two batches."""
        middle = (self.first + self.end) // 2
        return (
            Batch(self._page, self.first, middle, self._wants),
            Batch(self._page, middle, self.end, self._wants),
        )

    def _indexes(self) -> Iterator[int]:
        rows, wants = self._page.rows, self._wants
        return (index for index in range(self.first, self.end) if rows[index][3].startswith(wants))
