"""What there is of one plan, calendar or triage: every version, with the time from which new tickets pin it.

Evolving never fails: an event is a fact, and a fact that looks impossible today still happened.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from domain.event import Act, Event, Fact
from domain.publishing.events import (
    CalendarPublished,
    CalendarWithdrawn,
    PlanPublished,
    PlanWithdrawn,
    TriagePublished,
)


class Versioned(Protocol):
    """Something that has a name and versions."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def version(self) -> int:
        """From 1."""
        ...


T = TypeVar("T", bound=Versioned)


class Edition(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One version.

    Attributes:
        body: what it says.
        effective_from: tickets that are reported from then on pin it; ``None`` for ever.
        withdrawn_from: those that are reported from then on no longer do.
        act: who published it, when and why; ``None`` for what comes with the product.
        sources: where a calendar's holidays were drawn from.
    """

    body: T
    effective_from: datetime | None = None
    withdrawn_from: datetime | None = None
    act: Act | None = None
    sources: tuple[str, ...] = ()

    def counts(self, at: datetime) -> bool:
        """Whether it has come into force by then; withdrawn or not."""
        return self.effective_from is None or self.effective_from <= at

    def is_withdrawn(self, at: datetime) -> bool:
        """Whether it is no longer for tickets that are reported then."""
        return self.withdrawn_from is not None and self.withdrawn_from <= at


class Editions(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """All versions of one plan or calendar.

    Attributes:
        name: what it is called.
        all: its versions, rising: those that come with the product, and those that were published.
        events: how many of its events have been taken; 0 where nothing was ever published.
    """

    name: str
    all: tuple[Edition[T], ...] = ()
    events: int = 0

    @property
    def newest(self) -> Edition[T] | None:
        """The highest version, whether or not it counts yet."""
        return self.all[-1] if self.all else None

    @property
    def next(self) -> int:
        """The number of the version to come."""
        return self.all[-1].body.version + 1 if self.all else 1

    def at(self, moment: datetime) -> Edition[T] | None:
        """The newest version that counts for tickets reported then, be it withdrawn."""
        return next((each for each in reversed(self.all) if each.counts(moment)), None)

    def offered(self, moment: datetime) -> Edition[T] | None:
        """The same, unless it is withdrawn by then."""
        found = self.at(moment)
        return None if found is None or found.is_withdrawn(moment) else found

    def of(self, version: int) -> Edition[T] | None:
        """One version."""
        return next((each for each in self.all if each.body.version == version), None)


def evolve(fact: Fact, editions: Editions[T]) -> Editions[T]:
    """The versions after one more fact."""
    return replace(_after(fact.event, fact.act, editions), events=fact.version)


def _after(event: Event, act: Act, editions: Editions[T]) -> Editions[T]:
    if isinstance(event, PlanPublished):
        return _with(editions, Edition(body=event.plan, effective_from=event.effective_from, act=act))
    if isinstance(event, CalendarPublished):
        published = Edition(
            body=event.body, effective_from=event.effective_from, act=act, sources=event.sources
        )
        return _with(editions, published)
    if isinstance(event, TriagePublished):
        return _with(editions, Edition(body=event.triage, effective_from=event.effective_from, act=act))
    if isinstance(event, PlanWithdrawn | CalendarWithdrawn):
        ended = (
            each if each.withdrawn_from else replace(each, withdrawn_from=event.effective_from)
            for each in editions.all
        )
        return replace(editions, all=tuple(ended))
    return editions


def _with(editions: Editions[T], edition: Edition[Any]) -> Editions[T]:
    """What was published stands, also where a later release of the product brings the same version."""
    others = (each for each in editions.all if each.body.version != edition.body.version)
    return replace(editions, all=tuple(sorted((*others, edition), key=lambda each: each.body.version)))
