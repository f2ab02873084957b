"""A proposed plan tried on a whole log, scaled to 100,000 tickets: ``python -m … URL``."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from datetime import UTC, datetime

import msgspec
import psycopg

from application.book import open_promises
from projections.what_if.proposal import Proposal
from projections.what_if.running import Run, run

TICKETS = 100_000
AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
PLAN = {
    "title": {"zh": "试算", "en": "On trial"},
    "calendar": "cn-office",
    "calendar_version": 1,
    "targets": {
        "acknowledge": {"P1": "PT15M", "P2": "PT30M"},
        "first_response": {"P1": "PT30M", "P2": "PT1H", "P3": "PT4H"},
        "resolve": {"P1": "PT4H", "P2": "PT8H", "P3": "PT24H", "P4": "PT48H"},
        "callback": {"P1": "PT24H", "P2": "PT24H"},
    },
    "penalties": [{"milestone": "resolve", "per_hour": {"amount": "100.00", "currency": "CNY"}}],
}


def trying(url: str) -> dict[str, float]:
    """Try it with as many processes as there are processors."""
    with psycopg.connect(url) as conn:
        ((position,),) = conn.execute("SELECT position FROM log.head").fetchall()
    proposal = msgspec.convert({"plan": PLAN, "as_of": AS_OF, "position": position}, Proposal)
    processes = os.cpu_count() or 1
    began = time.perf_counter()
    outcome = run(Run(url, proposal, open_promises(url), lambda *_: None, processes))
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak += processes * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {"whatif_100k_seconds": took * TICKETS / outcome.tickets, "whatif_memory_mb": peak / 1024}


if __name__ == "__main__":
    json.dump(trying(sys.argv[1]), sys.stdout)
