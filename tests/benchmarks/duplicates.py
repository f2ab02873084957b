"""Has this been reported before? How soon that is answered when half a million tickets are known."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from datetime import UTC, datetime
from random import Random

import psycopg
import uvloop
from psycopg import AsyncConnection

from application.plans import shipped_promises
from projections.catalogue import every_projection
from projections.engine.runner import Runner
from projections.ticket.duplicates import Asked, duplicates
from tests.benchmarks.seeding import open_tickets

ASKED = 400
FOLDED = 20
COPIES = """
    INSERT INTO view.ticket (id, number, status, priority, team, person, customer, product, asset, source,
        contract, questions, subject, state)
    SELECT gen_random_uuid(), 'T-2020-' || lpad(turn::text, 6, '0'), status, priority, team, person,
        CASE mod(turn, 10) WHEN 0 THEN 'chain' ELSE 'customer ' || mod(turn, 20000) END, product,
        'SN-' || CASE mod(turn, 10) WHEN 0 THEN mod(turn, 500) ELSE mod(turn, 100000) END, source, contract,
        questions, subject || ' ' || mod(turn, 977), state
    FROM (SELECT row_number() OVER () - 1 AS place, * FROM view.ticket) AS folded,
        generate_series(1, %s) AS turn
    WHERE place = mod(turn, %s)
"""
"""A tenth are of one customer and of few assets; the others are spread."""
REPORTS = [
    Asked(subject="热水器不出热水 No hot water", customer="chain", asset="SN-7", product="HW-200"),
    Asked(subject="热水器不出热水 No hot water", customer="customer 17", asset="SN-31017"),
    Asked(subject="No hot water on floors 4 to 6", customer="nobody", asset="none"),
    Asked(subject="噪声", customer="chain"),
    Asked(subject="Leaking", asset="SN-40"),
]
"""A frequent customer, a rare one, an unknown one, and parts of what can be known."""


def suggesting(url: str, tickets: int) -> dict[str, float]:
    """Milliseconds until suggestions are there, in half of the cases and in 99 of 100.

    Args:
        url: of a database without events.
        tickets: how many are known.
    """
    uvloop.run(open_tickets(url, FOLDED))
    with Runner(url, every_projection(shipped_promises())) as runner:
        runner.run_once()
    began = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(COPIES, (tickets, FOLDED))
        conn.execute("VACUUM ANALYZE view.ticket")
    print(f"  {tickets:,} tickets made in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    took = sorted(asyncio.run(_asked(url)))
    return {
        "duplicates_p50_ms": statistics.median(took),
        "duplicates_p99_ms": took[len(took) * 99 // 100],
    }


async def _asked(url: str) -> list[float]:
    random, took = Random(1), []  # noqa: S311
    async with await AsyncConnection.connect(url, autocommit=True) as conn:
        for _ in range(ASKED):
            report, now = random.choice(REPORTS), datetime.now(UTC)
            began = time.perf_counter()
            await duplicates(conn, report, now)
            took.append(1000 * (time.perf_counter() - began))
    return took
