"""What one server process holds for its whole life."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from litestar.datastructures import State

from application.access import Access
from application.desks import Desks, open_desks
from application.log.event_log import EventLog, open_log
from application.plans import shipped_promises
from domain.plan import Promises


class Service(msgspec.Struct, frozen=True):
    """The parts that answer requests."""

    log: EventLog
    access: Access
    desks: Desks
    promises: Promises


def service(state: State) -> Service:
    """The service of this application.

    Handlers ask here instead of declaring dependencies: the framework resolves those in a task group per
    request, which costs more than the command itself.
    """
    return state.service


@asynccontextmanager
async def open_service(url: str, *, time_zone: str, pool_size: int) -> AsyncIterator[Service]:
    """Open the service on the running event loop.

    Args:
        url: the service role's connection string.
        time_zone: where the year in a ticket's number turns.
        pool_size: connections for reading.
    """
    promises = shipped_promises()
    async with open_log(url, pool_size=pool_size) as log, Access(log, url) as access:
        yield Service(log, access, open_desks(log, promises, time_zone=time_zone), promises)
