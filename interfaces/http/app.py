"""The Litestar application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Router

from interfaces.http.audit import audit
from interfaces.http.health import health
from interfaces.http.openapi import OPENAPI, assets
from interfaces.http.problems import HANDLERS
from interfaces.http.queues import queues
from interfaces.http.reading import reading
from interfaces.http.service import open_service
from interfaces.http.sla import sla
from interfaces.http.tickets import tickets

MOST_BYTES = 1_000_000
"""The largest body a command may have."""


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

    api = Router("/api/v1", route_handlers=[tickets, reading, queues, sla, audit])
    return Litestar(
        route_handlers=[api, health, assets],
        lifespan=[lifespan],
        exception_handlers=HANDLERS,
        openapi_config=OPENAPI,
        request_max_body_size=MOST_BYTES,
        logging_config=None,
    )
