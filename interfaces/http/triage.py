"""What tickets are sorted by: categories, fault codes, and the matrix of priorities."""

from __future__ import annotations

import msgspec
from litestar import Router, get
from litestar.datastructures import State

from domain.ticket.triage import Coded
from domain.ticket.words import Impact, Priority, Urgency
from interfaces.http.auth import READER
from interfaces.http.openapi import READ_ANSWERS
from interfaces.http.service import service


class Codes(msgspec.Struct, frozen=True):
    """Every code there is, in the installation's order; none where any text may be given."""

    items: tuple[Coded, ...]


class PriorityMatrix(msgspec.Struct, frozen=True):
    """The priority by impact, then by urgency.

    Attributes:
        version: what events name that took their priority from it.
    """

    version: int
    matrix: dict[Impact, dict[Urgency, Priority]]


@get(
    "/categories",
    operation_id="ListCategories",
    summary="The categories of faults",
    guards=READER,
    responses=READ_ANSWERS,
)
async def list_categories(state: State) -> Codes:
    """What a ticket may be classified as, also what is no longer given (R02)."""
    return Codes(service(state).triage.categories)


@get(
    "/fault-codes",
    operation_id="ListFaultCodes",
    summary="The fault codes",
    guards=READER,
    responses=READ_ANSWERS,
)
async def list_fault_codes(state: State) -> Codes:
    """Each with the category that it belongs to (R02)."""
    return Codes(service(state).triage.fault_codes)


@get(
    "/priority-matrix",
    operation_id="GetPriorityMatrix",
    summary="Which priority follows from impact and urgency",
    guards=READER,
    responses=READ_ANSWERS,
)
async def get_matrix(state: State) -> PriorityMatrix:
    """By what a ticket gets its priority that is told with impact and urgency (R04)."""
    triage = service(state).triage
    return PriorityMatrix(triage.version, triage.matrix)


triage = Router("/", route_handlers=[list_categories, list_fault_codes, get_matrix], tags=["Tickets"])
