"""What-if runs: asked for here, done by a process beside the worker (B05)."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from uuid import UUID

import msgspec
import structlog
from litestar import Request, Response, Router, delete, get, post
from litestar.datastructures import State
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody

from application.access import Caller, Permission
from application.desk import NotFound
from application.ids import uuid7
from domain.errors import InvalidValue
from interfaces.http.auth import READER, may
from interfaces.http.conditions import LOCATION_HEADER
from interfaces.http.openapi import CREATE_ANSWERS, ITEM_ANSWERS, READ_ANSWERS
from interfaces.http.params import Cursor, Limit
from interfaces.http.service import Service, service
from projections.sla_compliance.question import UnknownGroup, question
from projections.what_if import records
from projections.what_if.proposal import Proposal
from projections.what_if.records import ChangePage, Simulation
from projections.what_if.trial import Trial

TRIER = [may(Permission.TRY)]
ASKED = CREATE_ANSWERS | {
    202: ResponseSpec(Simulation, description="It waits for its turn.", generate_examples=False),
}

log = structlog.get_logger(__name__)


class SimulationList(msgspec.Struct, frozen=True, kw_only=True):
    """The newest what-if runs, without their results."""

    items: tuple[Simulation, ...]


@post(
    "/sla/simulations",
    operation_id="TryProposal",
    summary="Try a plan or a calendar on the recorded history",
    status_code=202,
    guards=TRIER,
    responses=ASKED,
    response_headers=[LOCATION_HEADER],
)
async def try_proposal(
    request: Request[Caller, Any, Any], state: State, data: JSONBody[Proposal]
) -> Response[Simulation]:
    """Both compliance tables, and the tickets of which a verdict would be another; the log is only read.

    A worker does one run at a time: ask under `Location` how far it is. Who asked stays on record, results
    are kept for a week. The same proposal with the same `position` and `as_of` has the same result, byte for
    byte.
    """
    known = service(state)
    proposal = await _completed(known, data)
    run = uuid7()
    async with known.log.connection() as conn:
        await records.ask(conn, run, proposal, request.user.actor)
    found = await _found(known, run)
    log.info("a what-if run is asked for", run=str(run), by=request.user.actor)
    return Response(found, status_code=202, headers={"Location": f"/api/v1/sla/simulations/{run}"})


@get(
    "/sla/simulations",
    operation_id="ListSimulations",
    summary="The newest what-if runs",
    guards=READER,
    responses=READ_ANSWERS,
)
async def list_simulations(state: State, limit: Limit = 50) -> SimulationList:
    """Who asked for what, and how far it is; without results."""
    async with service(state).log.connection() as conn:
        return SimulationList(items=await records.simulations(conn, limit))


@get(
    "/sla/simulations/{simulation:uuid}",
    operation_id="GetSimulation",
    summary="A what-if run: how far it is, and its result",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_simulation(state: State, simulation: FromPath[UUID]) -> Simulation:
    """`done` of `tickets` were looked at; `result` has both tables once its state is `done`."""
    return await _found(service(state), simulation)


@get(
    "/sla/simulations/{simulation:uuid}/changes",
    operation_id="ListSimulationChanges",
    summary="The tickets of which a verdict would be another",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def list_changes(
    state: State, simulation: FromPath[UUID], cursor: Cursor = None, limit: Limit = 50
) -> ChangePage:
    """By ticket number: each clock as it is and as it would be, with deadlines and penalties."""
    known = service(state)
    await _found(known, simulation)
    async with known.log.connection() as conn:
        return await records.changes(conn, simulation, cursor, limit)


@delete(
    "/sla/simulations/{simulation:uuid}",
    operation_id="CancelSimulation",
    summary="Cancel a what-if run",
    status_code=200,
    guards=TRIER,
    responses=ITEM_ANSWERS,
)
async def cancel_simulation(
    request: Request[Caller, Any, Any], state: State, simulation: FromPath[UUID]
) -> Simulation:
    """One that waits or runs ends within moments; one that has ended stays as it is."""
    known = service(state)
    async with known.log.connection() as conn:
        await records.cancel(conn, simulation)
    log.info("a what-if run is cancelled", run=str(simulation), by=request.user.actor)
    return await _found(known, simulation)


async def _completed(known: Service, asked: Proposal) -> Proposal:
    """What is asked, checked, with the position and the moment that it is about.

    Raises:
        InvalidValue: it cannot be tried; the field is a pointer.
    """
    head = await known.log.head()
    if asked.position is not None and asked.position > head:
        raise InvalidValue(f"the log ends at {head}", field="/position")
    as_of = asked.as_of or known.now()
    try:
        question(as_of, group_by=asked.group_by)
    except UnknownGroup as unknown:
        raise InvalidValue(str(unknown), field="/group_by") from None
    if asked.reported_from and asked.reported_until and asked.reported_from >= asked.reported_until:
        raise InvalidValue("the period ends before it begins", field="/reported_until")
    await known.desks.plans.book.refresh()
    Trial(asked, known.promises)
    position = head if asked.position is None else asked.position
    return msgspec.structs.replace(asked, as_of=as_of.astimezone(UTC), position=position)


async def _found(known: Service, run: UUID) -> Simulation:
    async with known.log.connection() as conn:
        found = await records.simulation(conn, run)
    if found is None:
        raise NotFound(f"there is no what-if run {run}")
    return found


simulations = Router(
    "/",
    route_handlers=[try_proposal, list_simulations, get_simulation, list_changes, cancel_simulation],
    tags=["Service levels"],
)
