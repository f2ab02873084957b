"""What tickets are sorted by: publishing it, every version, and what counts now for whoever picks from it."""

from __future__ import annotations

import msgspec
from litestar import Response, Router, get
from litestar.datastructures import State

from application.desk import NotFound
from application.publishing_commands import TRIAGE_ACTIONS
from domain.publishing.events import TRIAGE
from domain.ticket.triage import Coded, Triage
from domain.ticket.words import Impact, Priority, Urgency
from interfaces.http.auth import READER
from interfaces.http.commanding import actions_of_one
from interfaces.http.conditions import VERSION_HEADER, IfNoneMatch
from interfaces.http.freshness import tagged
from interfaces.http.openapi import ITEM_ANSWERS, READ_ANSWERS, UNCHANGED
from interfaces.http.publishing import Number
from interfaces.http.service import service
from projections.book.shown import ShownTriage, TriageHistory, shown_triage


class Codes(msgspec.Struct, frozen=True):
    """Every code there is, in the order of the list; none where any text may be given.

    Attributes:
        version: of the triage that counts now.
    """

    version: int
    items: tuple[Coded, ...]


class PriorityMatrix(msgspec.Struct, frozen=True):
    """The priority by impact, then by urgency.

    Attributes:
        version: of the triage that counts now; what events name that took their priority from it.
    """

    version: int
    matrix: dict[Impact, dict[Urgency, Priority]]


@get(
    "/triage",
    operation_id="GetTriage",
    summary="Read what tickets are sorted by, with all its versions",
    guards=READER,
    responses=READ_ANSWERS | UNCHANGED,
    response_headers=[VERSION_HEADER],
)
async def get_triage(state: State, if_none_match: IfNoneMatch = None) -> Response[TriageHistory]:
    """The newest first. A version never changes: tickets name the one that they were judged by (R02, R04)."""
    editions = await service(state).desks.triage.read(TRIAGE)
    items = tuple(map(shown_triage, reversed(editions.all)))
    return tagged(TriageHistory(TRIAGE, editions.events, items), str(editions.events), if_none_match)


@get(
    "/triage/versions/{version:int}",
    operation_id="GetTriageVersion",
    summary="Read one version of what tickets are sorted by",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_triage_version(state: State, version: Number) -> ShownTriage:
    """Its matrix and its codes, as it can be published again."""
    found = (await service(state).desks.triage.read(TRIAGE)).of(version)
    if found is None:
        raise NotFound(f"there is no triage v{version}")
    return shown_triage(found)


@get(
    "/categories",
    operation_id="ListCategories",
    summary="The categories of faults",
    guards=READER,
    responses=READ_ANSWERS,
)
async def list_categories(state: State) -> Codes:
    """What a ticket may be classified as, also what is no longer given (R02)."""
    triage = await _counting(state)
    return Codes(triage.version, triage.categories)


@get(
    "/fault-codes",
    operation_id="ListFaultCodes",
    summary="The fault codes",
    guards=READER,
    responses=READ_ANSWERS,
)
async def list_fault_codes(state: State) -> Codes:
    """Each with the category that it belongs to (R02)."""
    triage = await _counting(state)
    return Codes(triage.version, triage.fault_codes)


@get(
    "/priority-matrix",
    operation_id="GetPriorityMatrix",
    summary="Which priority follows from impact and urgency",
    guards=READER,
    responses=READ_ANSWERS,
)
async def get_matrix(state: State) -> PriorityMatrix:
    """By what a ticket gets its priority that is told with impact and urgency (R04)."""
    triage = await _counting(state)
    return PriorityMatrix(triage.version, triage.matrix)


async def _counting(state: State) -> Triage:
    """The version that counts now."""
    known = service(state)
    await known.desks.triage.book.refresh()
    return known.desks.triage.book.triage(known.now())


routes = Router(
    "/",
    route_handlers=[
        *actions_of_one("/triage", TRIAGE, TRIAGE_ACTIONS, lambda known: known.desks.triage),
        *(get_triage, get_triage_version, list_categories, list_fault_codes, get_matrix),
    ],
    tags=["Tickets"],
)
