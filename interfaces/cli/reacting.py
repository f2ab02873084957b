"""Reactions, timers and forgetting, beside the projections: on a loop and in a thread of the worker."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Thread
from typing import Any
from uuid import UUID

import uvloop
from psycopg import AsyncConnection

from application.desks import open_desks
from application.log.event_log import open_log
from application.plans import shipped_promises
from application.policies.forgetting import Forgetting
from application.policies.reactor import Reactor
from application.policies.timers import Timers
from projections.contract_book.queries import due_to_expire
from projections.stock.reservations import ReservationFilter, reservations


async def _due_contracts(conn: AsyncConnection[Any], now: datetime) -> list[UUID]:
    return [contract.id for contract in await due_to_expire(conn, now)]


async def _overdue_parts(conn: AsyncConnection[Any], now: datetime) -> list[UUID]:
    overdue = await reservations(conn, ReservationFilter(overdue_at=now), limit=500)
    return list(dict.fromkeys(reservation.part for reservation in overdue.items))


@contextmanager
def reacting(url: str, time_zone: str, keep: timedelta) -> Iterator[None]:
    """React to the log, and end what is over, for the length of the block.

    Args:
        url: the service role's connection string.
        time_zone: IANA time zone of the firm.
        keep: how long a command is remembered by its key.
    """
    loop = uvloop.new_event_loop()
    stop = asyncio.Event()
    thread = Thread(
        target=_run, args=(loop, _react(stop, url, time_zone, keep)), name="reactions", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def _run(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None]) -> None:
    asyncio.set_event_loop(loop)
    loop.run_until_complete(work)


async def _react(stop: asyncio.Event, url: str, time_zone: str, keep: timedelta) -> None:
    async with open_log(url) as events:
        desks = open_desks(events, shipped_promises(), time_zone=time_zone)
        timers = Timers(events, desks, contracts=_due_contracts, parts=_overdue_parts)
        reactor, forgetting = Reactor(events, desks, url), Forgetting(events, keep)
        await asyncio.gather(reactor.run(stop), timers.run(stop), forgetting.run(stop))
