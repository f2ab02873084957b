"""What a teller of a list is given, and what it makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from application.importing.lists.reading import Entry
from application.importing.spill import Case, Reject
from domain.errors import DomainError
from domain.event import Act, Fact
from domain.promises import Promises

IMPORTER = "system:import"
"""The actor of what a list says."""
LONGEST_SHOWN = 200
"""Characters of a value in a reason."""


class Origin(msgspec.Struct, frozen=True):
    """Where rows are from, and what they are measured by.

    Attributes:
        source: name of the other system.
        file: the file's name, which becomes the reason of every fact.
        zone: where the firm is: there it is today, and there the year in a number turns.
        promises: the service plans that a contract can promise.
    """

    source: str
    file: str
    zone: ZoneInfo
    promises: Promises

    def act(self, entry: Entry) -> Act:
        """Who, when and why."""
        return Act(actor=IMPORTER, occurred_at=entry.time, reason=self.file)


class Seen(msgspec.Struct, frozen=True):
    """What the log held when it was asked: the streams of the names, and their facts."""

    names: Mapping[str, UUID]
    facts: Mapping[UUID, Sequence[Fact]]

    def history(self, name: str) -> Sequence[Fact]:
        """The facts of the stream that a name belongs to; none when there is no such stream."""
        stream_id = self.names.get(name)
        return self.facts.get(stream_id, ()) if stream_id else ()


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the rows of one thing become. Each of them is imported, already there or rejected.

    Attributes:
        facts: recorded together or not at all.
        names: names of the stream of the first fact.
        series: of the number that the first event is given, where it needs one.
        imported: rows.
        there: rows that an earlier run recorded, or that say what is known.
        rejects: the other rows.
    """

    facts: tuple[Fact, ...] = ()
    names: tuple[str, ...] = ()
    series: str | None = None
    imported: int = 0
    there: int = 0
    rejects: tuple[Reject, ...] = ()


class Teller(Protocol):
    """Tells the rows of one thing in the decisions of the domain. Pure."""

    def names(self, case: Case[Entry]) -> Sequence[str]:
        """The names that must be looked up first."""
        ...

    def tell(self, case: Case[Entry], seen: Seen) -> Told:
        """What its rows become on top of what the log holds."""
        ...


def refused(error: DomainError, aliases: Mapping[str, str]) -> str | None:
    """The field that a refusal is about, where it is about one.

    Args:
        aliases: the fields whose argument has another name, by the argument's JSON pointer.
    """
    pointer = (error.field or "").removeprefix("/")
    return aliases.get(pointer, pointer) or None


def differences(entry: Entry, there: Mapping[str, Any], *, what: str) -> str | None:
    """How a row differs from what is known; ``None`` where it says nothing else.

    Args:
        there: what is known, by field.
        what: what it is called: "the catalogue".
    """
    told = [
        entry.blamed(name, f"{_shown(value)}, where {what} has {_shown(there[name])}")
        for name, value in entry.said.items()
        if name in there and value != there[name]
    ]
    return "; ".join(told) or None


def _shown(value: Any) -> str:
    text = ", ".join(value) if isinstance(value, tuple) else str("" if value is None else value)
    return "nothing" if not text else text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
