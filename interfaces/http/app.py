"""The Litestar application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import HttpMethod, Litestar, Response, Router, route

from application.desk import Receipt
from interfaces.http import contracts, parts, ticket_reading, tickets
from interfaces.http.audit import AuditCounts, audit
from interfaces.http.body import CommandRequest
from interfaces.http.document import describe
from interfaces.http.examples import EXAMPLES
from interfaces.http.health import Health, Readiness, health
from interfaces.http.openapi import OPENAPI, assets
from interfaces.http.params import refuse_null
from interfaces.http.problem import Problem
from interfaces.http.problems import HANDLERS
from interfaces.http.queues import queues
from interfaces.http.service import open_service
from interfaces.http.sla import sla
from projections.audit_log.queries import AuditPage
from projections.cases.shown import ShownClock
from projections.queue.queries import QueueCounts, QueuePage
from projections.sla_compliance.clocks import ClockPage
from projections.sla_compliance.compliance import ComplianceTable
from projections.ticket.detail import TicketDetail
from projections.ticket.queries import TicketPage
from projections.timeline.queries import TimelinePage

BODIES = (
    *(type(example) for example in EXAMPLES),
    *(Receipt, Problem, TicketPage, TicketDetail, TimelinePage, ShownClock),
    *(QueueCounts, QueuePage, ComplianceTable, ClockPage, AuditPage, AuditCounts, Health, Readiness),
)
"""Everything that is sent and answered."""
MOST_BYTES = 1_000_000
"""The largest body a command may have."""


@route(["/tickets", "/parts", "/contracts"], http_method=HttpMethod.OPTIONS, include_in_schema=False)
async def methods() -> Response[None]:
    """Both methods of these paths; the framework's own answer knows the first that was registered."""
    return Response(None, status_code=204, headers={"Allow": "GET, OPTIONS, POST"})


def create_app(url: str, *, time_zone: str = "Asia/Shanghai", pool_size: int = 8) -> Litestar:
    """The application on a database.

    Args:
        url: the service role's connection string.
        time_zone: where the year in a ticket's number turns.
        pool_size: connections for reading.
    """

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_service(url, time_zone=time_zone, pool_size=pool_size) as service:
            app.state.service = service
            yield

    api = Router(
        "/api/v1",
        route_handlers=[
            methods,
            Router("/", route_handlers=[*tickets.commands, *ticket_reading.reading], tags=["Tickets"]),
            Router("/", route_handlers=[*parts.commands], tags=["Spare parts"]),
            Router("/", route_handlers=[*contracts.commands], tags=["Contracts"]),
            *(queues, sla, audit),
        ],
        security=[{"bearer": []}],
        before_request=refuse_null,
    )
    app = Litestar(
        route_handlers=[api, health, assets],
        lifespan=[lifespan],
        request_class=CommandRequest,
        exception_handlers=HANDLERS,
        openapi_config=OPENAPI,
        request_max_body_size=MOST_BYTES,
        logging_config=None,
    )
    describe(app.openapi_schema, BODIES)
    return app
