"""Whole lists into a real log, and what is there then."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg

from application.database.connect import Database
from application.importing.lists import run
from application.importing.lists.report import ListReport
from application.log.event_log import EventLog, open_log
from domain.part.state import Part, replay
from tests.application.importing.lists.written import AS_OF, CONTRACT, NOW, PARTS, PROMISES, ZONE, mapping

STOCK = (
    "number,location,quantity,lot,serials,expires_on\n"
    "HE-200,SH,2,,S1;S2,\n"
    "GS-31,SH,60,L1,,2026-11-30\n"
    "TS-08,SH,140,,,\n"
    "GS-31,HZ,12,L1,,2026-11-30\n"
)
CONTRACTS = (
    f"{CONTRACT},signed_by,signed_on,occurred_at\n"
    "HT-1,ACME,standard,2026-01-01,2026-12-31,100,CNY,A1,Li,2025-12-20,2025-12-31 23:30\n"
    "HT-2,Ulm,standard,2026-01-01,2026-12-31,80.50,EUR,B1,,,\n"
    "HT-1,ACME,standard,2026-01-01,2026-12-31,100,CNY,A2,,,\n"
)
LISTS = {"parts": PARTS, "stock": STOCK, "contracts": CONTRACTS}


class Importer:
    """Imports lists of one folder into one log."""

    def __init__(self, log: EventLog, folder: Path) -> None:
        self.log = log
        self.folder = folder
        self.rejects = folder / "rejects.csv"

    async def take(self, kind: str, content: str | bytes, toml: str = "", **more: object) -> ListReport:
        path = self.folder / f"{kind}.csv"
        path.write_bytes(content.strip().encode() if isinstance(content, str) else content)
        usual: dict[str, object] = {"rejects": self.rejects, "as_of": AS_OF, "now": lambda: NOW}
        return await run.import_list(
            self.log, PROMISES, kind, mapping(toml), path, time_zone=ZONE, **usual | more
        )  # type: ignore[arg-type]

    async def part(self, number: str) -> Part:
        stream_id = await self.log.find(f"part/{number}")
        assert stream_id is not None
        part = replay(await self.log.stream(stream_id))
        assert part is not None
        return part

    def rejected(self) -> list[dict[str, str]]:
        with self.rejects.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


Play = Callable[[Importer], object]


@asynccontextmanager
async def importer(database: Database, folder: Path) -> AsyncIterator[Importer]:
    async with open_log(database.service_url) as log:
        yield Importer(log, folder)


def recorded(database: Database) -> Counter[str]:
    """Events in the log, by type."""
    with psycopg.connect(database.service_url) as conn:
        return Counter(dict(conn.execute("SELECT type, count(*) FROM log.event GROUP BY type").fetchall()))
