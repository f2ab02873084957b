"""Whole cases as they were, and what changed from one version or moment to another (B01, B02)."""

from __future__ import annotations

import asyncio
from typing import Annotated

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromQuery, QueryParameter

from application.desk import NotFound
from application.log.snapshots import NOW, Until
from interfaces.http.auth import READER
from interfaces.http.conditions import CASE_HEADER, IfNoneMatch
from interfaces.http.freshness import tagged
from interfaces.http.openapi import ITEM_ANSWERS, UNCHANGED
from interfaces.http.params import (
    ContractReference,
    Moment,
    PartReference,
    TicketReference,
    WrongParameter,
    moment,
)
from interfaces.http.service import Service, service
from interfaces.http.travel import Position, must_be_recorded
from projections.travel.case_detail import CaseDetail, detail
from projections.travel.comparing import Asked, WrongPoint, case_diff, diff_of
from projections.travel.diff import Diff
from projections.travel.points import Basis, Point, point, until_moment

MANY = 1000
"""Events that are replayed in a thread, as others wait."""
From = Annotated[
    str | None,
    QueryParameter(
        name="from",
        required=False,
        max_length=40,
        description="A version or a time with offset; absent for before everything.",
    ),
]
To = Annotated[
    str | None,
    QueryParameter(
        name="to",
        required=False,
        max_length=40,
        description="A version or a time with offset; absent for as it is now.",
    ),
]


@get(
    "/tickets/{ticket:str}/case",
    operation_id="GetCase",
    summary="Read a whole case, now or as it was",
    guards=READER,
    responses=ITEM_ANSWERS | UNCHANGED,
    response_headers=[CASE_HEADER],
)
async def get_case(
    state: State,
    ticket: TicketReference,
    as_of: Moment = None,
    basis: FromQuery[Basis] = Basis.OCCURRED,
    position: Position = None,
    if_none_match: IfNoneMatch = None,
) -> Response[CaseDetail]:
    """The ticket with its clocks and questions, the parts that moved for it, and what it used of contracts.

    Never older than the log when it was asked. The version of a case is the `position` of its last event.
    """
    known = service(state)
    then = moment(as_of, "as_of")
    await must_be_recorded(known, position)
    facts = await known.log.case(await known.desks.tickets.find(ticket))
    until = until_moment(then, basis) if then else NOW
    up_to = Until(position=position) if position else NOW
    meant = [fact for fact in facts if until.includes(fact) and up_to.includes(fact)]
    happened = max((fact.act.occurred_at for fact in meant), default=None)
    now = then or (happened if position and happened else known.now())
    replay = known.kinds.replay_case
    whole = replay(meant) if len(meant) < MANY else await asyncio.to_thread(replay, meant)
    found = detail(whole, known.promises, now) if whole else None
    if found is None:
        when = " at that moment" if facts and (then or position) else ""
        raise NotFound(f"there {'was' if when else 'is'} no ticket {ticket}{when}")
    return Response(found) if then or position else tagged(found, str(found.position), if_none_match)


@get(
    "/tickets/{ticket:str}/case/diff",
    operation_id="GetCaseDiff",
    summary="What changed in a whole case",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_case_diff(
    state: State,
    ticket: TicketReference,
    begin: From = None,
    end: To = None,
    basis: FromQuery[Basis] = Basis.OCCURRED,
) -> Diff:
    """From one moment to another; a number is a position of the log, which histories and receipts name."""
    known = service(state)
    case_id = await known.desks.tickets.find(ticket)
    asked = _asked(known, begin, end, basis)
    try:
        found = await case_diff(known.log, known.kinds, case_id, asked)
    except WrongPoint as wrong:
        raise WrongParameter(str(wrong), wrong.which) from None
    return _found(found, "ticket", ticket)


@get(
    "/tickets/{ticket:str}/diff",
    operation_id="GetTicketDiff",
    summary="What changed in a ticket",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_ticket_diff(
    state: State,
    ticket: TicketReference,
    begin: From = None,
    end: To = None,
    basis: FromQuery[Basis] = Basis.OCCURRED,
) -> Diff:
    """From one version or moment to another: every value that differs, and the events that made it."""
    return await _diff(service(state), "ticket", ticket, begin, end, basis)


@get(
    "/parts/{part:str}/diff",
    operation_id="GetPartDiff",
    summary="What changed in a part",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_part_diff(
    state: State,
    part: PartReference,
    begin: From = None,
    end: To = None,
    basis: FromQuery[Basis] = Basis.OCCURRED,
) -> Diff:
    """From one version or moment to another: catalogue entry, stock, reservations, lots and serials."""
    return await _diff(service(state), "part", part, begin, end, basis)


@get(
    "/contracts/{contract:str}/diff",
    operation_id="GetContractDiff",
    summary="What changed in a contract",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_contract_diff(
    state: State,
    contract: ContractReference,
    begin: From = None,
    end: To = None,
    basis: FromQuery[Basis] = Basis.OCCURRED,
) -> Diff:
    """From one version or moment to another: terms, amendments and uses."""
    return await _diff(service(state), "contract", contract, begin, end, basis)


async def _diff(
    known: Service, noun: str, reference: str, begin: str | None, end: str | None, basis: Basis
) -> Diff:
    stream_id = await getattr(known.desks, f"{noun}s").find(reference)
    asked = _asked(known, begin, end, basis)
    try:
        found = await diff_of(known.log, getattr(known.kinds, noun), stream_id, asked)
    except WrongPoint as wrong:
        raise WrongParameter(str(wrong), wrong.which) from None
    return _found(found, noun, reference)


def _asked(known: Service, begin: str | None, end: str | None, basis: Basis) -> Asked:
    return Asked(begin=_point(begin, "from"), end=_point(end, "to"), basis=basis, zone=known.zone)


def _point(text: str | None, parameter: str) -> Point | None:
    try:
        return None if text is None else point(text)
    except ValueError as wrong:
        said = f"{wrong} or, a bare + being a space in a query, 2026-01-31T08:00:00%2B08:00"
        raise WrongParameter(said, parameter) from None


def _found(found: Diff | None, noun: str, reference: str) -> Diff:
    if found is None:
        raise NotFound(f"there is no {noun} {reference}")
    return found


cases = [get_case, get_case_diff, get_ticket_diff]
diffs = {"part": get_part_diff, "contract": get_contract_diff}
