"""Travelling in time: what had happened by a moment, was known by then, or made a version (B01, B02)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from litestar.params import QueryParameter

from application.desk import Desk, NotFound
from domain.event import Fact
from interfaces.http.params import WrongParameter, moment

S = TypeVar("S")


class Basis(StrEnum):
    """Which of a fact's two times ``as_of`` means (B02)."""

    OCCURRED = "occurred"
    """What had happened by then, as we know it now."""
    RECORDED = "recorded"
    """What the log knew by then."""


Version = Annotated[
    int | None, QueryParameter(required=False, ge=1, le=2**31, description="As it was after this version.")
]


class Then(NamedTuple, Generic[S]):
    """What a traveller finds: the state of a thing, and the moment that it is there."""

    state: S
    now: datetime


async def back(
    desk: Desk[Any, Any],
    replay: Callable[[list[Fact]], S | None],
    reference: str,
    as_of: str | None,
    basis: Basis,
    version: int | None,
) -> Then[S] | None:
    """A thing after the facts that a moment or a version includes; ``None`` when neither was asked for.

    Raises:
        NotFound: there is, or was, no such thing, or not so many versions of it.
        WrongParameter: the moment is none, or both were asked for.
    """
    then = moment(as_of, "as_of")
    if then is None and version is None:
        return None
    if then is not None and version is not None:
        raise WrongParameter("ask for as_of or for version, not for both", "version")
    facts = await desk.facts(reference)
    if version is not None:
        if version > facts[-1].version:
            raise NotFound(f"{reference} has no version {version}; it is at version {facts[-1].version}")
        facts = facts[:version]
        now = max(fact.act.occurred_at for fact in facts)
    else:
        now = then or datetime.now(UTC)
        facts = by_then(facts, now, basis)
    state = replay(facts)
    if state is None:
        raise NotFound(f"there was no {desk.noun} {reference} at that moment")
    return Then(state, now)


def by_then(facts: Iterable[Fact], then: datetime, basis: Basis) -> list[Fact]:
    """Those of the facts that had happened, or were known, by a moment."""
    return [fact for fact in facts if _time(fact, basis) <= then]


def _time(fact: Fact, basis: Basis) -> datetime:
    occurred_at = fact.act.occurred_at
    return occurred_at if basis is Basis.OCCURRED else fact.recorded_at or occurred_at
