"""``make bench`` and ``make bench-quick``: print a table, write ``build/bench.json``."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import psycopg
import uvloop
from rich.console import Console
from rich.table import Table

from application.access import Role, create_token
from application.database.connect import Database, embedded_database
from application.database.embedded import running_server
from application.database.migrate import migrate
from application.log.verifying import verify
from application.plans import shipped_promises
from projections.catalogue import every_projection
from projections.engine.runner import Runner
from tests.benchmarks import bare
from tests.benchmarks.duplicates import suggesting
from tests.benchmarks.history import case_history_ms
from tests.benchmarks.levels import sla_ms
from tests.benchmarks.load import encode, load
from tests.benchmarks.queues import queues
from tests.benchmarks.records import iso_pdf_seconds
from tests.benchmarks.replaying import replaying
from tests.benchmarks.seeding import TEAM, open_tickets
from tests.benchmarks.serving import BARE, OURS, peak_megabytes, server

SHARED = Path(os.environ.get("AFTERSALES_SHARED_DATA", "../shared/data"))
HELPDESK = SHARED / "helpdesk.xes.gz"
RESULT = Path("build/bench.json")
CALLERS = 16
BODY = {
    "subject": "热水器不出热水 No hot water on floors 4 to 6",
    "priority": "P2",
    "customer": "杭州西湖宾馆",
    "product": "HW-200",
    "asset": "SN-2024-00117",
    "channel": "phone",
    "plan": "hot-water",
    "description": "The guest rooms have had no hot water since this morning; the display shows error E5.",
}
REACH = {
    "queue_vs_bare": ("≥", 0.8),
    "queue_500k": ("≥", 0.9),
    "page_100_vs_1": ("≥", 0.85),
    "queue_text_ms": ("≤", 20),
    "register_vs_bare": ("≥", 0.8),
    "append_vs_insert": ("≥", 1.2),
    "append_vs_stock": ("≥", 6),
    "appends_flat": ("≥", 0.9),
    "import_events_per_second": ("≥", 3000),
    "import_memory_mb": ("<", 300),
    "serve_memory_mb": ("<", 300),
    "reservations_per_second_spread": ("≥", 1500),
    "reservations_per_second_one_part": ("≥", 150),
    "case_history_ms": ("≤", 10),
    "sla_ms": ("≤", 5),
    "replay_ms": ("≤", 10),
    "replay_10000_ms": ("≤", 50),
    "verify_events_per_second": ("≥", 200_000),
    "rebuild_events_per_second": ("≥", 60_000),
    "rebuild_vs_stock": ("≥", 30),
    "rebuild_memory_mb": ("≤", 500),
    "whatif_100k_seconds": ("≤", 60),
    "whatif_memory_mb": ("<", 300),
    "lag_p99_ms": ("≤", 100),
    "takeover_ms": ("≤", 2000),
    "timers_10k_seconds": ("≤", 10),
    "iso_pdf_seconds": ("≤", 2),
    "duplicates_p50_ms": ("≤", 20),
    "duplicates_p99_ms": ("≤", 100),
}


class Sizes:
    """How much is measured, in the long form and in the quick one."""

    def __init__(self, *, quick: bool) -> None:
        self.rounds = 3
        self.seconds = 1.5 if quick else 5.0
        self.open_tickets = 10_000
        self.many_open_tickets = 50_000 if quick else 500_000
        self.import_rounds = 1 if quick else 3
        self.reservation_rounds = 1 if quick else 3
        self.lag_seconds = 4.0 if quick else 20.0
        self.due_tickets = 1500 if quick else 10_000
        self.append_seconds = 0.6 if quick else 5.0
        self.long_log = 200_000 if quick else 5_000_000
        self.rebuilt_events = 100_000 if quick else 1_000_000


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--quick", action="store_true", help="shorter rounds: two minutes")
    sizes = Sizes(quick=parser.parse_args().quick)
    directory = Path(tempfile.mkdtemp(prefix="aftersales-bench-"))
    directory.chmod(0o711)
    try:
        with running_server(directory) as postgres:

            def fresh(name: str) -> Database:
                database = embedded_database(postgres, name)
                migrate(database.owner_url)
                return database

            served = fresh("bench")
            figures = _serving(served, sizes) | _lagging(served, sizes)
            figures |= _queueing(served, fresh("bench_queues"), sizes)
            figures |= _verifying(served) | _importing(fresh, sizes)
            figures |= _timing(fresh("bench_timers"), sizes)
            figures |= _reserving(fresh("bench_reservations"), sizes)
            figures |= _appending([fresh(f"bench_{name}") for name in ("append", "short", "long")], sizes)
            rebuilt = fresh("bench_rebuild")
            figures |= _rebuilding(rebuilt, sizes) | _trying(rebuilt)
            figures |= suggesting(fresh("bench_duplicates").service_url, sizes.many_open_tickets)
            figures["case_history_ms"] = case_history_ms(fresh("bench_history").service_url)
            figures["sla_ms"] = sla_ms(fresh("bench_levels").service_url)
            figures |= replaying(fresh("bench_replay").service_url)
            figures["iso_pdf_seconds"] = iso_pdf_seconds()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    _write(figures, sizes)


def _serving(database: Database, sizes: Sizes) -> dict[str, float]:
    """Requests per second against the bare handlers, in turns."""
    url = database.service_url
    print(f"seeding {sizes.open_tickets:,} open tickets", file=sys.stderr)
    uvloop.run(open_tickets(url, sizes.open_tickets))
    with Runner(url, every_projection(shipped_promises())) as runner:
        runner.run_once()
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(bare.TABLES.encode())
        conn.execute("ANALYZE")
        _, agent = create_token(conn, name="bench", role=Role.AGENT)
    body = json.dumps(BODY).encode()
    with server(OURS, url) as (ours, worker), server(BARE, url) as (plain, _):
        requests: dict[str, tuple[int, bytes]] = {
            "queue": (ours, encode("GET", f"/api/v1/queues/{quote(TEAM)}", agent)),
            "queue_bare": (plain, encode("GET", f"/rows/{quote(TEAM)}", None)),
            "register": (ours, encode("POST", "/api/v1/tickets", agent, body)),
            "register_bare": (plain, encode("POST", "/row", None, body)),
        }
        rates: dict[str, list[float]] = {name: [] for name in requests}
        for turn in range(sizes.rounds + 1):
            for name, (port, request) in requests.items():
                told = uvloop.run(load(port, _same(request), CALLERS, sizes.seconds if turn else 0.7))
                if told["errors"]:
                    raise SystemExit(f"{name} answered with errors: {told['errors']}")
                if turn:
                    rates[name].append(told["rate"])
                    print(f"  {name} {told['rate']:,.0f}/s", file=sys.stderr)
        memory = peak_megabytes(worker)
    rate = {name: statistics.median(each) for name, each in rates.items()}
    return {
        "queue_vs_bare": rate["queue"] / rate["queue_bare"],
        "register_vs_bare": rate["register"] / rate["register_bare"],
        "serve_memory_mb": memory,
    } | {f"{name}_per_second": each for name, each in rate.items()}


def _same(request: bytes) -> Callable[[], bytes]:
    return lambda: request


def _queueing(few: Database, many: Database, sizes: Sizes) -> dict[str, float]:
    """The queue of a few open tickets beside that of many, and far into it."""
    with psycopg.connect(few.service_url, autocommit=True) as conn:
        _, agent = create_token(conn, name="queues", role=Role.AGENT)
    return queues(
        few.service_url,
        many.service_url,
        agent,
        tickets=sizes.many_open_tickets,
        seconds=sizes.seconds,
        rounds=sizes.rounds,
    )


def _lagging(database: Database, sizes: Sizes) -> dict[str, float]:
    """How far behind the log the views are under load, in processes of their own."""
    command = [sys.executable, "-m", "tests.benchmarks.lagging", database.service_url, str(sizes.lag_seconds)]
    told: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    for name, value in told.items():
        print(f"  {name} {value:,.0f}", file=sys.stderr)
    return told


def _timing(database: Database, sizes: Sizes) -> dict[str, float]:
    """How soon deadlines that come in the same second are noted, by a worker in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.timing", database.service_url, str(sizes.due_tickets)]
    told: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    for name, value in told.items():
        print(f"  {name} {value:,.1f}", file=sys.stderr)
    return told


def _verifying(database: Database) -> dict[str, float]:
    """Every hash of the log that the requests have made, once read and once measured."""
    with psycopg.connect(database.service_url, autocommit=True) as conn:
        verify(conn)
        begun = time.perf_counter()
        verified = verify(conn)
        rate = verified.end.position / (time.perf_counter() - begun)
    if verified.difference is not None:
        raise SystemExit(f"the log does not verify: {verified.difference}")
    print(f"  verify {rate:,.0f}/s of {verified.end.position:,} events", file=sys.stderr)
    return {"verify_events_per_second": rate}


def _importing(fresh: Callable[[str], Database], sizes: Sizes) -> dict[str, float]:
    """The Helpdesk file into an empty database, in a process of its own."""
    if not HELPDESK.exists():
        print(f"no {HELPDESK}: the import is not measured", file=sys.stderr)
        return {}
    told: list[dict[str, Any]] = []
    for turn in range(sizes.import_rounds):
        url = fresh(f"bench_import_{turn}").service_url
        command = [sys.executable, "-m", "tests.benchmarks.importing", url, str(HELPDESK)]
        told.append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
        print(f"  import {told[-1]['events_per_second']:,.0f}/s", file=sys.stderr)
    return {
        "import_events_per_second": statistics.median(each["events_per_second"] for each in told),
        "import_memory_mb": max(each["memory_mb"] for each in told),
    }


def _reserving(database: Database, sizes: Sizes) -> dict[str, float]:
    """Reservations by many callers, in a process of its own, beside bare inserts into the same server."""
    rounds = [str(sizes.seconds), str(sizes.reservation_rounds)]
    command = [sys.executable, "-m", "tests.benchmarks.reservations", database.service_url, *rounds]
    told: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    for name, value in told.items():
        print(f"  {name} {value:,.0f}", file=sys.stderr)
    return told


def _appending(databases: list[Database], sizes: Sizes) -> dict[str, float]:
    """Single-event appends by many callers, in a process of its own."""
    given = [*map(_json, databases), *map(str, (sizes.long_log, sizes.append_seconds, sizes.rounds))]
    command = [sys.executable, "-m", "tests.benchmarks.appending", *given]
    told: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    for name, value in told.items():
        print(f"  {name} {value:,.2f}", file=sys.stderr)
    return told


def _rebuilding(database: Database, sizes: Sizes) -> dict[str, float]:
    """All views from a long log, in a process of its own."""
    given = [database.service_url, database.owner_url, str(sizes.rebuilt_events)]
    command = [sys.executable, "-m", "tests.benchmarks.rebuilding", *given]
    told: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    for name, value in told.items():
        print(f"  {name} {value:,.0f}", file=sys.stderr)
    return told


def _trying(database: Database) -> dict[str, float]:
    """A proposed plan on the log that was rebuilt, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.trying", database.service_url]
    told: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    for name, value in told.items():
        print(f"  {name} {value:,.0f}", file=sys.stderr)
    return told


def _json(database: Database) -> str:
    return msgspec.json.encode(database).decode()


def _write(figures: dict[str, float], sizes: Sizes) -> None:
    table = Table("figure", "measured", "reach")
    for name, value in figures.items():
        sign, reach = REACH.get(name, ("", None))
        shown = f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
        table.add_row(name, shown, "" if reach is None else f"{sign} {reach:,}")
    Console().print(table)
    RESULT.parent.mkdir(exist_ok=True)
    result: dict[str, Any] = {name: round(value, 4) for name, value in figures.items()}
    result["_at"] = datetime.now(UTC).isoformat(timespec="seconds")
    result["_sizes"] = vars(sizes) | {"callers": CALLERS, "rows": 50, "cpus": os.cpu_count()}
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
