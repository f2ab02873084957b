"""Imports that are not alone, lose their database, or are killed."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from application.database.connect import Database
from application.ids import uuid7
from application.importing.lists import run
from application.log.errors import LogUnavailable
from domain.event import Act, Fact
from domain.part.events import PartReceived
from domain.part.goods import Goods
from domain.part.words import Bucket
from tests.application.importing.lists.imported import LISTS, Importer, importer, recorded
from tests.application.importing.lists.written import CONTRACT, NOW, PARTS


@pytest.mark.parametrize("kind", LISTS)
def test_two_imports_at_once_record_every_row_once(importing, database: Database, tmp_path: Path, kind: str):
    many = {
        "parts": "number,unit,name\n" + "".join(f"P{n},pcs,x\n" for n in range(300)),
        "stock": "number,location,serials\n" + "".join(f"HE-200,SH,S{n}\n" for n in range(300)),
        "contracts": f"{CONTRACT}\n"
        + "".join(f"K{n},A,standard,2026-01-01,2026-12-31,1,CNY,A{n}\n" for n in range(300)),
    }[kind]

    async def play(desk: Importer) -> None:
        await desk.take("parts", PARTS)
        async with importer(database, tmp_path) as other:
            both = await asyncio.gather(
                desk.take(kind, many), other.take(kind, many, rejects=tmp_path / "other.csv")
            )
        assert [report.imported_rows + report.already_there_rows for report in both] == [300, 300]
        assert sum(report.imported_rows for report in both) == 300

    importing(play)
    assert sum(recorded(database).values()) == 303


def test_what_somebody_else_does_meanwhile_counts(importing, monkeypatch: pytest.MonkeyPatch):
    async def play(desk: Importer) -> None:
        await desk.take("parts", PARTS)
        heat_exchanger = (await desk.part("HE-200")).id
        append = desk.log.append

        async def overtaken(facts: list[Fact], **more: object) -> object:
            monkeypatch.undo()
            event = PartReceived(
                number="HE-200", goods=Goods(1, serials=("S1",)), location="VAN", supplier="x", document="x"
            )
            act = Act(actor="storekeeper:li", occurred_at=NOW)
            await append(
                [Fact(stream_id=heat_exchanger, version=2, event=event, act=act, correlation_id=uuid7())]
            )
            return await append(facts, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(desk.log, "append", overtaken)
        report = await desk.take("stock", "number,location,serials\nHE-200,SH,S1\nHE-200,SH,S2\n")
        assert (report.imported_rows, report.rejected_rows) == (1, 1)
        assert [row["reason"] for row in desk.rejected()] == ["column serials: S1 is good at VAN"]
        assert (await desk.part("HE-200")).total(Bucket.GOOD) == 2

    importing(play)


def test_an_import_that_loses_the_database_says_so_and_goes_on_when_it_is_run_again(
    importing, database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(run, "BATCH_ROWS", 10)
    rows = "number,unit,name\n" + "".join(f"P{n},pcs,x\n" for n in range(100))

    def lose(stage: str, done: int, whole: int) -> None:
        if stage == "record" and done == 50:
            with psycopg.connect(database.owner_url, autocommit=True) as owner:
                owner.execute("ALTER TABLE log.head RENAME TO elsewhere")

    def find() -> None:
        with psycopg.connect(database.owner_url, autocommit=True) as owner:
            owner.execute("ALTER TABLE log.elsewhere RENAME TO head")

    async def play(desk: Importer) -> None:
        with pytest.raises((psycopg.Error, LogUnavailable)):
            await desk.take("parts", rows, progress=lose)
        find()
        report = await desk.take("parts", rows)
        assert (report.already_there_rows, report.imported_rows) == (50, 50)

    importing(play)
    assert recorded(database) == {"part.catalogued": 100}


IMPORT = """
import asyncio, os, signal, sys
from pathlib import Path
from application.importing.lists import run
from application.importing.lists.mapping import ListMapping
from application.log.event_log import open_log
from tests.application.importing.lists.written import PROMISES, ZONE

async def main(url, kind, file, rejects, die):
    def progress(stage, done, whole):
        if die == "die" and stage == "record" and done >= 300:
            asyncio.get_running_loop().call_later(0.002, os.kill, os.getpid(), signal.SIGKILL)

    run.BATCH_ROWS = 50
    async with open_log(url) as log:
        report = await run.import_list(
            log, PROMISES, kind, ListMapping(), Path(file), rejects=Path(rejects), time_zone=ZONE,
            progress=progress,
        )
    print(report.as_json().decode())

asyncio.run(main(*sys.argv[1:]))
"""
BIG = {
    "parts": ["number,unit,name", *(f"P{n},pcs,Part {n}" for n in range(2000))],
    "stock": ["number,location,lot,quantity", *(f"P{n % 1000},W{n // 1000},L1,3" for n in range(2000))],
    "contracts": [
        f"{CONTRACT},signed_by,signed_on",
        *(
            f"K{n % 1000},A,standard,2026-01-01,2199-12-31,1,CNY,A{n},Li,2026-01-01"
            for n in range(2000)
        ),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "events"),
    [
        ("parts", {"part.catalogued": 2000}),
        ("stock", {"part.received": 2000}),
        (
            "contracts",
            {"contract.drafted": 1000, "contract.signed": 1000, "contract.activated": 1000},
        ),
    ],
)
def test_killed_half_way_it_resumes_and_nothing_is_there_twice(
    database: Database, tmp_path: Path, kind: str, events: dict[str, int]
):
    root = Path(__file__).parents[4]

    def imported(which: str, lines: list[str], then: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / f"{which}.csv"
        file.write_text("\n".join(lines), encoding="utf-8")
        paths = (database.service_url, which, file, tmp_path / "rejects.csv", then)
        command = [sys.executable, "-c", IMPORT, *map(str, paths)]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)

    if kind == "stock":
        catalogue = ["number,unit,name,tracking", *(f"P{n},pcs,x,lot" for n in range(1000))]
        assert imported("parts", catalogue, "live").returncode == 0
    assert imported(kind, BIG[kind], "die").returncode == -signal.SIGKILL
    half = {name: recorded(database)[name] for name in events}
    assert all(300 <= there < events[name] for name, there in half.items())
    assert len(set(half.values())) == 1, "a contract was recorded in part"

    report = json.loads(imported(kind, BIG[kind], "live").stdout)
    there = next(iter(half.values())) * (2 if kind == "contracts" else 1)
    assert (report["already_there_rows"], report["imported_rows"]) == (there, 2000 - there)
    assert {name: recorded(database)[name] for name in events} == events
    assert not (tmp_path / "rejects.csv").exists()
