"""The log for whoever verifies it: checkpoints, sealed events, proofs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from litestar import Response, Router, get, post
from litestar.datastructures import State
from litestar.params import JSONBody, QueryParameter
from psycopg import AsyncConnection

from application.access import Permission
from application.desk import NotFound
from application.log import entries
from application.log.tree import checkpoints, proofs
from application.log.tree.notes import BadNote
from application.log.tree.witnesses import accept_cosignature
from domain.errors import InvalidValue
from interfaces.http.auth import may
from interfaces.http.conditions import CONTENT_HEADER, IfNoneMatch
from interfaces.http.log_answers import (
    AddCosignatures,
    CheckpointPage,
    ConsistencyProof,
    CosignaturesAdded,
    InclusionProof,
    LogEntryPage,
    checkpoint_told,
    entry_told,
)
from interfaces.http.openapi import CREATE_ANSWERS, ITEM_ANSWERS, READ_ANSWERS
from interfaces.http.params import Limit, WrongParameter
from interfaces.http.service import Service, service
from interfaces.http.tlog import NOTE_ANSWERS, UNSIGNED, newest
from interfaces.http.trust import trust

AUDITOR = [may(Permission.AUDIT)]
MOST = 2**53 - 1
Start = Annotated[int, QueryParameter(ge=1, le=MOST, description="The first position.")]
End = Annotated[int | None, QueryParameter(required=False, ge=1, le=MOST, description="The last position.")]
Place = Annotated[int, QueryParameter(ge=1, le=MOST, description="Where the event stands.")]
Size = Annotated[
    int | None,
    QueryParameter(
        required=False, ge=1, le=MOST, description="Of the tree; if absent, that of the newest checkpoint."
    ),
]
Below = Annotated[int, QueryParameter(required=False, ge=1, le=MOST, description="Only smaller ones.")]
First = Annotated[int, QueryParameter(ge=1, le=MOST, description="The size of the older tree.")]
Second = Annotated[
    int | None,
    QueryParameter(
        required=False, ge=1, le=MOST, description="Of the newer; if absent, that of the newest checkpoint."
    ),
]


@get(
    "/log/checkpoint",
    operation_id="GetCheckpoint",
    summary="The newest checkpoint",
    guards=AUDITOR,
    responses=NOTE_ANSWERS,
    response_headers=[CONTENT_HEADER],
)
async def get_checkpoint(state: State, if_none_match: IfNoneMatch = None) -> Response[str]:
    """The signed note with all its cosignatures (C2SP tlog-checkpoint)."""
    return await newest(service(state), if_none_match)


@get(
    "/log/checkpoints",
    operation_id="ListCheckpoints",
    summary="Every checkpoint that was signed",
    guards=AUDITOR,
    responses=READ_ANSWERS,
)
async def list_checkpoints(state: State, below: Below = MOST, limit: Limit = 50) -> CheckpointPage:
    """Newest first: for whoever kept one, and looks whether it is still there."""
    async with service(state).log.connection() as conn:
        found = await checkpoints.below(conn, below, limit)
    more = found[-1].size if len(found) == limit else None
    return CheckpointPage([checkpoint_told(each) for each in found], more)


@get(
    "/log/entries",
    operation_id="ListLogEntries",
    summary="Events as they are sealed",
    guards=AUDITOR,
    responses=READ_ANSWERS,
)
async def list_entries(state: State, start: Start = 1, end: End = None) -> LogEntryPage:
    """At most 500 events and some 4 MB a page; `next` says where to go on."""
    known = service(state)
    head = await known.log.head()
    if end is not None and start > end:
        raise WrongParameter(f"the range ends at {end}, before it begins", "start")
    if start > head + 1:
        raise WrongParameter(f"the log ends at {head}", "start")
    if end is not None and end > head:
        raise WrongParameter(f"the log ends at {head}", "end")
    async with known.log.connection() as conn:
        found = await entries.between(conn, start, end or head)
    follows = start + len(found)
    more = follows if follows <= (end or head) else None
    return LogEntryPage([entry_told(each) for each in found], more, head)


@get(
    "/log/proof/inclusion",
    operation_id="ProveInclusion",
    summary="That an event is in the log",
    guards=AUDITOR,
    responses=ITEM_ANSWERS,
)
async def prove_inclusion(state: State, position: Place, size: Size = None) -> InclusionProof:
    """In the tree of the newest checkpoint, or of any size up to it."""
    async with _signed(service(state), size, "size") as (conn, of):
        if position > of:
            raise WrongParameter(f"the tree of {of} ends before {position}", "position")
        hashes = await proofs.inclusion(conn, position, of)
        root = await proofs.root(conn, of)
        (leaf,) = await entries.between(conn, position, position)
    return InclusionProof(position, position - 1, of, leaf.leaf_hash.hex(), root.hex(), _in_hex(hashes))


@get(
    "/log/proof/consistency",
    operation_id="ProveConsistency",
    summary="That the log only grew",
    guards=AUDITOR,
    responses=ITEM_ANSWERS,
)
async def prove_consistency(state: State, first: First, second: Second = None) -> ConsistencyProof:
    """What the older tree had is in the newer one, unchanged and in its place; both up to the newest one."""
    async with _signed(service(state), second, "second") as (conn, new):
        if first > new:
            raise WrongParameter(f"the tree of {new} is smaller than that of {first}", "first")
        hashes = await proofs.consistency(conn, first, new)
        old_root, new_root = await proofs.root(conn, first), await proofs.root(conn, new)
    return ConsistencyProof(first, new, old_root.hex(), new_root.hex(), _in_hex(hashes))


@post(
    "/log/cosignatures",
    operation_id="AddCosignatures",
    summary="Bring what a witness signed",
    status_code=200,
    guards=AUDITOR,
    responses=CREATE_ANSWERS,
)
async def add_cosignatures(state: State, data: JSONBody[AddCosignatures]) -> CosignaturesAdded:
    """A checkpoint of this log with cosignatures of witnesses that it knows; again, it adds none."""
    async with service(state).log.connection() as conn:
        try:
            added = await accept_cosignature(conn, data.checkpoint, trust(state).witnesses)
        except (BadNote, proofs.NotInTree) as error:
            raise InvalidValue(str(error), field="/checkpoint") from None
    return CosignaturesAdded(added)


@asynccontextmanager
async def _signed(
    known: Service, size: int | None, name: str
) -> AsyncIterator[tuple[AsyncConnection[Any], int]]:
    """A connection, and the size of the tree that is meant.

    Raises:
        NotFound: nothing was signed yet.
        WrongParameter: the newest checkpoint does not go so far.
    """
    async with known.log.connection() as conn:
        signed = await checkpoints.newest(conn)
        if signed is None:
            raise NotFound(UNSIGNED)
        if size is not None and size > signed.size:
            raise WrongParameter(f"the newest checkpoint ends at {signed.size}", name)
        yield conn, size or signed.size


def _in_hex(hashes: list[bytes]) -> list[str]:
    return [each.hex() for each in hashes]


PROVING = [
    get_checkpoint,
    list_checkpoints,
    list_entries,
    prove_inclusion,
    prove_consistency,
    add_cosignatures,
]
log = Router("/", route_handlers=PROVING, tags=["Log"])
