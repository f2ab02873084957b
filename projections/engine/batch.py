"""The events a projection folds at a time, decoded once for all projections that stand at one position."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, Generic, TypeVar
from uuid import UUID

from application.log.mapper import fact_of
from application.log.stored import LogEvent, Row
from domain.event import Fact

OWN = 2000
"""What a projection remembers by itself, when it does."""

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
        self._kept.pop(key, None)
        self._kept[key] = value
        if len(self._kept) > self._most:
            for oldest in list(self._kept)[: self._most // 4]:
                del self._kept[oldest]
        return value


class LeftOut:
    """What one projection leaves out of its batches, until or for ever.

    Attributes:
        units: the streams that wait behind an event that cannot be folded.
        positions: the events that somebody decided to skip.
        memory: what the projection remembers by itself, once a skip has made its states its own.
    """

    def __init__(self, units: Iterable[UUID] = (), positions: Iterable[int] = ()) -> None:
        self.units = set(units)
        self.positions = set(positions)
        self.memory: Memory[Any, Any] | None = None
        self.skip(self.positions)

    def __bool__(self) -> bool:
        return bool(self.units or self.positions)

    def __contains__(self, row: Row) -> bool:
        return row[0] in self.positions or row[1] in self.units

    def skip(self, positions: Iterable[int]) -> None:
        """Leave these events out as well."""
        self.positions |= set(positions)
        if self.positions and self.memory is None:
            self.memory = Memory(OWN)


class Page:
    """Consecutive events of the log, read once.

    Args:
        rows: the rows in position order.
        memory: what the folds of this runner share.
    """

    def __init__(self, rows: Sequence[Row], memory: Memory[Any, Any]) -> None:
        self.rows = rows
        self.memory = memory
        self._facts: list[Fact | None] = [None] * len(rows)
        self._names = {row[3] for row in rows}
        self._wanted: dict[tuple[str, ...], list[Fact]] = {}
        self._told: dict[tuple[str, ...], dict[UUID, list[Fact]]] = {}
        self._made: dict[tuple[str, ...], Any] = {}

    def fact(self, index: int) -> Fact:
        """The fact in a row.

        Raises:
            UnreadableEvent: this release cannot read it.
        """
        fact = self._facts[index]
        if fact is None:
            fact = self._facts[index] = fact_of(self.rows[index])
        return fact

    def types(self, wants: tuple[str, ...]) -> set[str]:
        """The types of its events that begin in one of these ways."""
        return {name for name in self._names if name.startswith(wants)}

    def wanted(self, wants: tuple[str, ...]) -> list[Fact]:
        """The facts of all events of these types, for whoever wants the same.

        Raises:
            UnreadableEvent: this release cannot read one of them.
        """
        facts = self._wanted.get(wants)
        if facts is None:
            types = self.types(wants)
            facts = [self.fact(index) for index, row in enumerate(self.rows) if row[3] in types]
            self._wanted[wants] = facts
        return facts

    def told(self, wants: tuple[str, ...]) -> dict[UUID, list[Fact]]:
        """The same, by stream.

        Raises:
            UnreadableEvent: this release cannot read one of them.
        """
        if wants not in self._told:
            self._told[wants] = by_stream(self.wanted(wants))
        return self._told[wants]

    def once(self, wants: tuple[str, ...], make: Callable[[], V]) -> V:
        """What is made of all events of these types, for whoever would make the same of them."""
        if wants not in self._made:
            self._made[wants] = make()
        return self._made[wants]


def by_stream(facts: Iterable[Fact]) -> dict[UUID, list[Fact]]:
    """Facts by their stream, in the order in which they come."""
    told: dict[UUID, list[Fact]] = {}
    stream, its = None, []
    for fact in facts:
        if fact.stream_id != stream:  # of neighbours, mostly, it is the same
            stream = fact.stream_id
            its = told.setdefault(stream, [])
        its.append(fact)
    return told


class Batch:
    """Part of a page, as one projection sees it: only the event types it wants.

    Args:
        page: where the events come from.
        first: index of the first row.
        end: index after the last row.
        wants: how the types of the wanted events begin.
        left_out: what of them is not wanted for now; looked at anew whenever the batch is read.
    """

    def __init__(
        self, page: Page, first: int, end: int, wants: tuple[str, ...], left_out: LeftOut | None = None
    ) -> None:
        self._page = page
        self.first = first
        self.end = end
        self._wants = wants
        self._left_out = left_out

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
    def only(self) -> list[int] | None:
        """The positions it is made of, where those are not all from its first to its last."""
        whole = self.position - self.starts_after == len(self) and not self._left_out
        return None if whole else [self._page.rows[index][0] for index in self._indexes()]

    @property
    def unit(self) -> UUID:
        """The stream that its first event is of."""
        return self._page.rows[self.first][1]

    @property
    def is_wanted(self) -> bool:
        """Whether there is anything in it to fold."""
        return any(True for _ in self._indexes())

    @property
    def memory(self) -> Memory[Any, Any]:
        """What the folds of this runner share."""
        own = self._left_out.memory if self._left_out else None
        return own or self._page.memory

    @property
    def skipped(self) -> Set[int]:
        """The positions of the events that the projection leaves out for ever."""
        return self._left_out.positions if self._left_out else frozenset()

    def facts(self) -> list[Fact]:
        """The wanted events, decoded.

        Raises:
            UnreadableEvent: this release cannot read one of them.
        """
        if self._is_whole:
            return self._page.wanted(self._wants)
        return [self._page.fact(index) for index in self._indexes()]

    def told(self) -> Mapping[UUID, list[Fact]]:
        """The wanted events, decoded, by stream.

        Raises:
            UnreadableEvent: this release cannot read one of them.
        """
        return self._page.told(self._wants) if self._is_whole else by_stream(self.facts())

    def once(self, make: Callable[[], V]) -> V:
        """What is made of the wanted events: the first of those that want the same makes it for all."""
        return self._page.once(self._wants, make) if self._is_whole else make()

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
            Batch(self._page, self.first, middle, self._wants, self._left_out),
            Batch(self._page, middle, self.end, self._wants, self._left_out),
        )

    @property
    def _is_whole(self) -> bool:
        return len(self) == len(self._page.rows) and not self._left_out

    def _indexes(self) -> Iterator[int]:
        rows, left_out = self._page.rows, self._left_out
        types = self._page.types(self._wants)
        wanted = (index for index in range(self.first, self.end) if rows[index][3] in types)
        return (index for index in wanted if rows[index] not in left_out) if left_out else wanted
