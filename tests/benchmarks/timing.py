"""How soon ten thousand deadlines that come in one second are noted, by a worker that also keeps the views.

A worker is a process of its own. Tickets are reported so that half of their time is used at one moment soon:
``python -m tests.benchmarks.timing URL TICKETS``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import uvloop

from application.access import Caller, Role
from application.desks import open_desks
from application.ids import uuid7
from application.log.event_log import open_log
from application.plans import shipped_promises
from application.ticket_commands.intake import RegisterTicket
from domain.ticket.words import Priority
from projections.catalogue import NAMES
from projections.engine.status import status
from tests.benchmarks.lagging import worker

MANY = 10_000
HALF = timedelta(minutes=15)
"""Half of the time that the plan gives for the first response to a P1."""
A_SECOND = 500
"""Tickets that are surely registered and shown in a second."""
LONGEST = 60.0
NOTED = (
    "SELECT count(*), extract(epoch FROM min(recorded_at) - %(due)s)::float, "
    "extract(epoch FROM max(recorded_at) - %(due)s)::float "
    "FROM log.event WHERE position > %(head)s AND type = 'ticket.deadline_warned'"
)


async def report(url: str, count: int, at: datetime, callers: int = 64) -> None:
    """Register so many tickets, reported at a moment."""
    async with open_log(url) as log:
        desk = open_desks(log, shipped_promises(), time_zone="Asia/Shanghai").tickets
        caller = Caller("bench", Role.AGENT, uuid7())
        numbers = iter(range(count))

        async def work(mine: Iterator[int]) -> None:
            for n in mine:
                told = {"occurred_at": at, "reason": "from the paper book"}
                ticket = RegisterTicket(
                    subject=f"冷水 {n}",
                    priority=Priority.P1,
                    plan="hot-water",
                    customer=f"客户 {n % 97}",
                    **told,
                )
                await desk.register(ticket, caller)

        await asyncio.gather(*(work(numbers) for _ in range(callers)))


def noted(url: str, count: int) -> tuple[float, float]:
    """The seconds from the moment that all are due until the first and the last of them is noted.

    Raises:
        RuntimeError: the tickets were not there in time, or were not noted at all.
    """
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=5 + count // A_SECOND)
    uvloop.run(report(url, count, due - HALF))
    with psycopg.connect(url, autocommit=True) as conn:
        while any(view.lag for view in status(conn, NAMES)):
            time.sleep(0.05)
        head = conn.execute("SELECT position FROM log.head").fetchone()
        if datetime.now(UTC) > due:
            raise RuntimeError("the views were not there in time")
        found: tuple[int, float, float] | None = None
        while datetime.now(UTC) < due + timedelta(seconds=LONGEST):
            found = conn.execute(NOTED, {"due": due, "head": head and head[0]}).fetchone()
            if found and found[0] == count:
                return found[1], found[2]
            time.sleep(0.1)
    raise RuntimeError(f"{found and found[0]} of {count} noted after {LONGEST:.0f} s")


def main() -> None:
    """Print the figures as one JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("tickets", type=int)
    given = parser.parse_args()
    with worker(given.url):
        first, last = noted(given.url, given.tickets)
    figures = {"timers_10k_seconds": last * MANY / given.tickets, "timers_first_ms": first * 1000}
    json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main()
