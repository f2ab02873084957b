"""Travelling in time: what had happened by a moment, was known by then, or made a version (B01, B02)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeVar

from litestar.params import QueryParameter

from application.desk import Desk, NotFound
from application.log.snapshots import Kept, Until
from interfaces.http.params import WrongParameter, moment
from interfaces.http.service import Service
from projections.travel.kinds import Kind
from projections.travel.points import Basis, until_moment

S = TypeVar("S")

Version = Annotated[
    int | None, QueryParameter(required=False, ge=1, le=2**31, description="As it was after this version.")
]
Position = Annotated[
    int | None,
    QueryParameter(
        required=False, ge=1, le=2**53 - 1, description="From what the log held up to this position."
    ),
]


async def back(
    known: Service,
    desk: Desk[Any, Any],
    kind: Kind[S],
    reference: str,
    as_of: str | None,
    basis: Basis,
    version: int | None,
) -> tuple[Kept[S], datetime] | None:
    """A thing after the facts that a moment or a version includes, and the moment that it is there.

    Returns:
        ``None`` when neither was asked for.

    Raises:
        NotFound: there is, or was, no such thing, or not so many versions of it.
        WrongParameter: the moment is none, or both were asked for.
    """
    then = moment(as_of, "as_of")
    if then is None and version is None:
        return None
    if then is not None and version is not None:
        raise WrongParameter("ask for as_of or for version, not for both", "version")
    until = until_moment(then, basis) if then else Until(version=version or 0)
    stream_id = await desk.find(reference)
    kept = await known.log.snapshots.replayed(kind.form, kind.replay, stream_id, until)
    if kept is None:
        if await desk.streams.near(stream_id) is None:
            raise NotFound(f"there is no {desk.noun} {reference}")
        raise NotFound(f"there was no {desk.noun} {reference} at that moment")
    if version is not None and kept.version < version:
        raise NotFound(f"{reference} has no version {version}; it is at version {kept.version}")
    return kept, then or kept.occurred_until


async def must_be_recorded(known: Service, position: int | None) -> None:
    """Check that the log goes so far.

    Raises:
        WrongParameter: it does not.
    """
    if position is not None and position > (head := await known.log.head()):
        raise WrongParameter(f"the log ends at {head}", "position")
