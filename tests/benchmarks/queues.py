"""One page of a team's queue: how fast it is when half a million tickets are open, and far into the queue."""

from __future__ import annotations

import json
import statistics
import sys
import time
import urllib.request
from contextlib import ExitStack
from urllib.parse import quote

import psycopg
import uvloop

from application.access import Role, create_token
from application.plans import shipped_promises
from projections.catalogue import every_projection
from projections.engine.runner import Runner
from tests.benchmarks.load import encode, load
from tests.benchmarks.seeding import TEAM
from tests.benchmarks.serving import OURS, server

PAGES = 100
CALLERS = 16
CHANGED = {
    "id": "gen_random_uuid()",
    "number": "number || '-' || turn",
    "rank": "rank + 2 * (turn * 37 % 86400)",
    "front": "convert_to(replace(convert_from(front, 'UTF8'), number, number || '-' || turn), 'UTF8')",
}
"""How the copy of a row differs from it."""


def grow(source: str, target: str, count: int) -> None:
    """Fill a database without events with the queue of another, over and over.

    Args:
        source: whose queue was folded from events.
        target: has no views yet.
        count: how many open tickets there are to be.
    """
    with Runner(target, every_projection(shipped_promises())) as runner:
        runner.run_once()
    with psycopg.connect(source) as given, psycopg.connect(target, autocommit=True) as conn:
        conn.execute("CREATE TEMPORARY TABLE page (LIKE view.queue)")
        with (
            given.cursor().copy("COPY view.queue TO STDOUT") as out,
            conn.cursor().copy("COPY page FROM STDIN") as copied,
        ):
            for piece in out:
                copied.write(piece)
        ((rows,),) = conn.execute("SELECT count(*) FROM page").fetchall()
        columns = [row[0] for row in conn.execute("SELECT * FROM page LIMIT 0").description or ()]
        told = ", ".join(CHANGED.get(name, name) for name in columns)
        copies = f"SELECT {told} FROM page, generate_series(1, {count // rows}) AS turn"
        conn.execute(f"INSERT INTO view.queue ({', '.join(columns)}) {copies}")  # type: ignore[arg-type]
        conn.execute("VACUUM ANALYZE view.queue")


def queues(
    source: str, target: str, token: str, *, tickets: int, seconds: float, rounds: int
) -> dict[str, float]:
    """Requests per second for the first page of a few tickets, of many, and for the hundredth page of many.

    Args:
        source: a database with open tickets, in which the token is known.
        target: one without events.
        tickets: how many are open in it.
        seconds: of load in each round.
    """
    began = time.perf_counter()
    grow(source, target, tickets)
    print(f"  {tickets:,} open tickets made in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    with psycopg.connect(target, autocommit=True) as conn:
        _, other = create_token(conn, name="bench", role=Role.AGENT)
    path = f"/api/v1/queues/{quote(TEAM)}"
    with ExitStack() as servers:
        few, _ = servers.enter_context(server(OURS, source))
        many, _ = servers.enter_context(server(OURS, target))
        far = _cursor(many, path, other)
        requests = {
            "few": (few, encode("GET", path, token)),
            "many": (many, encode("GET", path, other)),
            "far": (many, encode("GET", f"{path}?cursor={far}", other)),
        }
        rates: dict[str, list[float]] = {name: [] for name in requests}
        for turn in range(rounds):
            # Forth and back, and each after a moment of its own: who follows the other's server begins cold.
            for name, (port, request) in list(requests.items())[:: 1 if turn % 2 else -1]:
                for length in (0.4, seconds):
                    told = uvloop.run(load(port, lambda request=request: request, CALLERS, length))
                    if told["errors"]:
                        raise SystemExit(f"{name} answered with errors: {told['errors']}")
                rates[name].append(told["rate"])
    rate = {name: statistics.median(each) for name, each in rates.items()}
    for name, each in rate.items():
        print(f"  queue of {name} {each:,.0f}/s", file=sys.stderr)
    return {"queue_500k": rate["many"] / rate["few"], "page_100_vs_1": rate["far"] / rate["many"]}


def _cursor(port: int, path: str, token: str) -> str:
    """The cursor of the hundredth page."""
    cursor = ""
    for _ in range(PAGES - 1):
        url = f"http://127.0.0.1:{port}{path}" + (f"?cursor={cursor}" if cursor else "")
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            cursor = json.load(answer)["next"]
    return cursor
