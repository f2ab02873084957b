"""When is meant: a moment by one of a fact's two times, or a version."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from application.log.snapshots import Until
from domain.event import Fact

LONGEST_NUMBER = 15
"""Digits of a version; more are no version and no time."""


class Basis(StrEnum):
    """Which of a fact's two times a moment means (B02)."""

    OCCURRED = "occurred"
    """What had happened by then, as we know it now."""
    RECORDED = "recorded"
    """What the log knew by then."""


Point = int | datetime
"""A version, or a moment in UTC. The version of a whole case is a position of the log, as histories name."""


def point(text: str) -> Point:
    """What somebody wrote for a version or a moment.

    Raises:
        ValueError: it is neither, or a moment without an offset.
    """
    if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER:
        return int(text)
    try:
        return msgspec.convert(text, Annotated[datetime, Meta(tz=True)]).astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        said = "a version such as 7, or a time with offset such as 2026-01-31T08:00:00Z"
        raise ValueError(said) from None


def by_then(facts: Iterable[Fact], then: datetime, basis: Basis) -> list[Fact]:
    """Those of the facts that had happened, or were known, by a moment."""
    until = until_moment(then, basis)
    return [fact for fact in facts if until.includes(fact)]


def until_moment(then: datetime, basis: Basis) -> Until:
    """The facts that had happened, or were known, by a moment."""
    return Until(occurred=then) if basis is Basis.OCCURRED else Until(recorded=then)
