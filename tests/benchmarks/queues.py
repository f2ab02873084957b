"""One page of a team's queue: how fast it is when half a million tickets are open, and far into the queue."""

from __future__ import annotations

import json
import statistics
import sys
import time
import urllib.request
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

import msgspec
import psycopg
import uvloop

from application.access import Role, create_token
from application.plans import shipped_promises
from projections.catalogue import every_projection
from projections.engine.runner import Runner
from projections.ticket.wording import words_of
from tests.benchmarks.load import encode, load
from tests.benchmarks.seeding import TEAM
from tests.benchmarks.serving import OURS, server

PAGES = 100
CALLERS = 16
CHANGED = {
    "id": "gen_random_uuid()",
    "number": "number || '-' || turn",
    "words": "replace(words, lower(number), lower(number || '-' || turn))",
    "rank": "rank + 2 * (turn * 37 % 86400)",
    "front": "convert_to(replace(convert_from(front, 'UTF8'), number, number || '-' || turn), 'UTF8')",
}
"""How the copy of a row differs from it."""
NOWHERE = "锅炉"
"""Words that no ticket has."""
SEARCHES = 40


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
        columns = [row.name for row in conn.execute("SELECT * FROM page LIMIT 0").description or ()]
        told = ", ".join(CHANGED.get(name, name) for name in columns)
        copies = f"SELECT {told} FROM page, generate_series(1, {count // rows}) AS turn"
        conn.execute(f"INSERT INTO view.queue ({', '.join(columns)}) {copies}")  # type: ignore[arg-type]
        told = conn.execute("SELECT id, words FROM view.queue").fetchall()
        with conn.cursor().copy("COPY view.ticket_words FROM STDIN") as copy:
            for ticket_id, words in told:
                copy.write_row(msgspec.structs.astuple(words_of(ticket_id, *words.split(" ", 1))))
        conn.execute("VACUUM ANALYZE view.queue, view.ticket_words")


def queues(
    source: str, target: str, token: str, *, tickets: int, seconds: float, rounds: int
) -> dict[str, float]:
    """Requests per second for the first page of a few tickets, of many, and for the hundredth page of many.

    And the milliseconds until it is known that none of the many has a text.

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
        searched = _searched(many, other)
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
    return {
        "queue_500k": rate["many"] / rate["few"],
        "page_100_vs_1": rate["far"] / rate["many"],
        "queue_text_ms": searched,
    }


def _cursor(port: int, path: str, token: str) -> str:
    """The cursor of the hundredth page."""
    cursor = ""
    for _ in range(PAGES - 1):
        cursor = _read(port, path + (f"?cursor={cursor}" if cursor else ""), token)["next"]
    return cursor


def _searched(port: int, token: str) -> float:
    """Milliseconds until it is known that no ticket has a text, in half of the cases."""
    took: list[float] = []
    for _ in range(SEARCHES):
        began = time.perf_counter()
        if _read(port, f"/api/v1/queues/all?text={quote(NOWHERE)}", token)["items"]:
            raise SystemExit(f"somebody has {NOWHERE}")
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def _read(port: int, path: str, token: str) -> Any:
    """What is answered."""
    headers = {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)
