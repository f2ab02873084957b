"""Is the process there, and can it answer."""

from __future__ import annotations

import msgspec
from litestar import Router, get
from litestar.datastructures import State

from interfaces.http.openapi import problem_answer
from interfaces.http.service import service
from projections.catalogue import NAMES
from projections.engine.status import ProjectionStatus, status_async


class Health(msgspec.Struct, frozen=True):
    """The process runs."""

    status: str = "ok"


class Readiness(msgspec.Struct, frozen=True):
    """The database answers.

    Attributes:
        head: position of the last event.
        projections: how far every view is.
    """

    status: str
    head: int
    projections: list[ProjectionStatus]


@get("/healthz", operation_id="GetHealth", summary="The process runs")
async def healthz() -> Health:
    """Says nothing about the database: restarting the process would not help it."""
    return Health()


@get(
    "/readyz",
    operation_id="GetReadiness",
    summary="The database answers",
    responses={503: problem_answer("The database does not answer.")},
)
async def readyz(state: State) -> Readiness:
    """How far every view is. A view that is behind answers all the same."""
    async with service(state).log.connection() as conn:
        views = await status_async(conn, NAMES)
    return Readiness("ready", views[0].head, views)


health = Router("/", route_handlers=[healthz, readyz], tags=["Health"])
