"""Whole imports into a real log."""

from __future__ import annotations

import asyncio
import csv
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from application.database.connect import Database
from application.importing import run
from application.importing.check import check_file
from application.importing.mapping import BadMapping, Mapping, load_mapping
from application.importing.report import Report
from application.importing.rows import UnreadableFile
from application.log.errors import LogUnavailable
from application.log.event_log import EventLog, open_log
from domain.errors import DomainError
from domain.ticket.evolution import replay
from tests.application.importing.written import DESK, NOW, PROMISES, XES_HEAD, mapping, shared_file

HEADER = "Case,When,What,Who,Team,Severity,Customer,Level\n"
THREE = (
    HEADER
    + "A,2025-01-01 09:00:01,Open,Ann,Front,high,ACME,1\n"
    + "B,2024-12-31 23:30:00,Open,Ann,Front,low,ACME,1\n"
    + "A,2025-01-01 10:00:00,Take,Bo,Front,high,ACME,1\n"
    + "C,soon,Open,Ann,Front,low,ACME,1\n"
    + "A,2025-01-02 11:00:00,Solve,Bo,Front,high,ACME,1\n"
)


class Importer:
    """Imports files of one folder into one log."""

    def __init__(self, log: EventLog, folder: Path) -> None:
        self.log = log
        self.folder = folder
        self.rejects = folder / "rejects.csv"

    async def take(self, content: str | bytes, under: Mapping | None = None, **more: object) -> Report:
        path = self.folder / "file"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return await self.take_file(path, under or mapping(), **more)

    async def take_file(self, path: Path, under: Mapping, **more: object) -> Report:
        return await run.import_file(
            self.log, PROMISES, under, path,
            rejects=self.rejects, time_zone="Europe/Rome", now=lambda: NOW, **more,
        )  # fmt: skip


Play = Callable[[Importer], object]


@pytest.fixture
def importing(database: Database, tmp_path: Path) -> Callable[[Play], None]:
    """Runs a coroutine function with an importer into a fresh database."""

    async def with_log(play: Play) -> None:
        async with importer(database, tmp_path) as opened:
            await play(opened)  # type: ignore[misc]

    return lambda play: asyncio.run(with_log(play))


@asynccontextmanager
async def importer(database: Database, folder: Path) -> AsyncIterator[Importer]:
    async with open_log(database.service_url) as log:
        yield Importer(log, folder)


def test_cases_arrive_whole_with_their_own_times_and_numbers_of_their_year(importing, database: Database):
    async def play(desk: Importer) -> None:
        report = await desk.take(THREE)
        assert (report.rows, report.cases, report.source_events) == (5, 2, 4)
        assert (report.rejected_rows, report.rejected_cases, report.bad_rows) == (1, 1, 1)
        assert report.balanced
        known = await desk.log.known(["source:desk/A", "T-2025-000001", "T-2024-000001", "source:desk/C"])
        assert known["source:desk/A"] == known["T-2025-000001"]
        ticket_id = known["source:desk/A"]
        facts = await desk.log.stream(ticket_id)
        ticket = replay(facts)
        assert ticket is not None
        assert (ticket.id, ticket.number, ticket.status, ticket.person) == (
            ticket_id, "T-2025-000001", "resolved", "Bo",
        )  # fmt: skip
        assert facts[0].act.occurred_at.isoformat() == "2025-01-01T08:00:01+00:00"
        assert all(fact.recorded_at is not None and fact.recorded_at > NOW for fact in facts)
        # B was reported on New Year's Eve by the desk's clock.
        assert "T-2024-000001" in known
        assert "source:desk/C" not in known

    importing(play)
    assert source_events(database) == {"Open": 2, "Take": 1, "Solve": 1}


def test_running_it_twice_adds_nothing(importing, database: Database):
    async def play(desk: Importer) -> None:
        await desk.take(THREE)
        head = await desk.log.head()
        again = await desk.take(THREE)
        assert (again.cases, again.already_there_cases, again.already_there_events) == (0, 2, 4)
        assert again.balanced
        assert await desk.log.head() == head

    importing(play)


def test_two_imports_at_once_record_every_case_once(importing, database: Database, tmp_path: Path):
    rows = "".join(f"C{n},2025-01-01 09:00,Open,Ann,Front,high,ACME,1\n" for n in range(300))

    async def play(desk: Importer) -> None:
        async with importer(database, tmp_path) as other:
            other.rejects = tmp_path / "other.csv"
            both = await asyncio.gather(desk.take(HEADER + rows), other.take(HEADER + rows))
        assert sum(report.cases for report in both) == 300
        assert all(report.balanced for report in both)

    importing(play)
    assert source_events(database) == {"Open": 300}


def test_a_rejected_case_is_imported_once_it_is_put_right(importing, database: Database):
    async def play(desk: Importer) -> None:
        await desk.take(THREE)
        mended = await desk.take(THREE.replace("soon", "2025-01-03"))
        assert (mended.cases, mended.already_there_cases, mended.rejected_rows) == (1, 2, 0)
        assert not desk.rejects.exists()

    importing(play)


def test_the_rejects_file_says_line_case_and_reason_and_keeps_the_row(importing):
    async def play(desk: Importer) -> None:
        await desk.take(
            (HEADER + "A,2025-01-01,Open,Ann,,,,\n").encode()
            + b"A,2025-01-02,Caf\xe9,Bo,,,,\n"
            + b",2025-01-02,Tea,Bo,,,,\n"
        )
        with desk.rejects.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [(row["line"], row["case"], row["bad"]) for row in rows] == [
            ("3", "A", "yes"), ("4", "", "yes"), ("2", "A", "no"),
        ]  # fmt: skip
        assert rows[0]["reason"] == "column What: bytes that are not in the file's encoding"
        assert rows[2]["reason"].startswith("the case has a bad row on line 3")
        assert json.loads(rows[2]["values"])["Who"] == "Ann"

    importing(play)


def test_rejected_cases_next_to_each_other_are_counted_apart(importing):
    async def play(desk: Importer) -> None:
        report = await desk.take(
            HEADER
            + "A,2025-01-01,Open,,,urgent,,\nA,2025-01-02,Tea,,,,,\n"
            + "B,2025-01-01,Open,,,urgent,,\nC,soon,Open,,,,,\nD,2025-01-01,Open,,,,,\n"
        )
        assert (report.rejected_cases, report.rejected_rows, report.bad_rows, report.cases) == (3, 4, 3, 1)
        assert report.balanced

    importing(play)


@pytest.mark.parametrize(
    ("content", "toml", "error", "says"),
    [
        (
            THREE,
            DESK.replace('"Who"', '"Wer"'),
            BadMapping,
            'columns.person: the file has no column "Wer"; it has',
        ),
        (THREE.replace(",", ";"), DESK, BadMapping, 'columns.case: the file has no column "Case"; it has'),
        (THREE, DESK.replace('plan = "standard"', 'plan = "gold"'), DomainError, "gold"),
        ("", DESK, UnreadableFile, "is empty"),
        (XES_HEAD + "<trace>", DESK.replace('"csv"', '"xes"'), UnreadableFile, "no element found"),
    ],
)
def test_what_cannot_be_imported_at_all_records_nothing(
    importing, content: str, toml: str, error: type[Exception], says: str
):
    async def play(desk: Importer) -> None:
        with pytest.raises(error, match=says):
            await desk.take(content, mapping(toml))
        assert await desk.log.head() == 0

    importing(play)


def test_an_attribute_that_no_event_of_an_xes_log_has_is_only_reported(importing):
    body = (
        '<trace><string key="concept:name" value="1"/><event><string key="concept:name" value="Open"/>'
        '<date key="time:timestamp" value="2025-01-01T00:00:00Z"/></event></trace></log>'
    )

    async def play(desk: Importer) -> None:
        toml = 'source = "desk"\nformat = "xes"\nplan = "standard"\n[columns]\nproduct = "produkt"\n'
        report = await desk.take(XES_HEAD + body, mapping(toml))
        assert report.not_found == ['columns.product: the file has no column "produkt"']
        assert (report.cases, report.unmapped) == (1, {"Open": 1})

    importing(play)


def test_a_rejects_file_that_cannot_be_written_stops_the_import_before_it_begins(importing, tmp_path: Path):
    async def play(desk: Importer) -> None:
        desk.rejects = tmp_path
        with pytest.raises(UnreadableFile, match="cannot be written"):
            await desk.take(THREE)
        assert await desk.log.head() == 0

    importing(play)


def test_the_rejects_never_replace_the_file_itself(importing, tmp_path: Path):
    async def play(desk: Importer) -> None:
        desk.rejects = tmp_path / "file"
        with pytest.raises(UnreadableFile, match="cannot be written over file itself"):
            await desk.take(THREE)
        assert (tmp_path / "file").read_text(encoding="utf-8") == THREE

    importing(play)


def test_a_check_counts_what_an_import_would_and_records_nothing(importing):
    async def play(desk: Importer) -> None:
        imported = await desk.take(THREE)
        path = desk.folder / "file"
        checked = check_file(PROMISES, mapping(), path, rejects=desk.folder / "other.csv", now=lambda: NOW)
        checked.seconds = imported.seconds
        assert checked == imported
        assert (desk.folder / "other.csv").read_bytes() == desk.rejects.read_bytes()

    importing(play)


def test_progress_goes_up_to_the_whole(importing):
    seen: list[tuple[str, int, int]] = []

    async def play(desk: Importer) -> None:
        await desk.take(THREE, progress=lambda *step: seen.append(step))

    importing(play)
    assert {stage for stage, _, _ in seen} == {"read", "record"}
    for stage in ("read", "record"):
        done = [done for name, done, _ in seen if name == stage]
        assert done == sorted(done)
        assert done[-1] == next(whole for name, _, whole in reversed(seen) if name == stage)


def test_an_import_that_loses_the_database_says_so_and_goes_on_when_it_is_run_again(
    importing, database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(run, "BATCH_EVENTS", 10)
    rows = HEADER + "".join(f"C{n},2025-01-01 09:00,Open,Ann,Front,high,ACME,1\n" for n in range(100))

    def lose(stage: str, done: int, whole: int) -> None:
        if stage == "record" and done == 50:
            with psycopg.connect(database.owner_url, autocommit=True) as owner:
                owner.execute("ALTER TABLE log.head RENAME TO elsewhere")

    def find() -> None:
        with psycopg.connect(database.owner_url, autocommit=True) as owner:
            owner.execute("ALTER TABLE log.elsewhere RENAME TO head")

    async def play(desk: Importer) -> None:
        with pytest.raises((psycopg.Error, LogUnavailable)):
            await desk.take(rows, progress=lose)
        find()
        report = await desk.take(rows)
        assert (report.already_there_cases, report.cases) == (50, 50)

    importing(play)
    assert source_events(database) == {"Open": 100}


IMPORT = """
import asyncio, os, signal, sys
from pathlib import Path
from application.importing import run
from application.importing.check import check_file
from application.importing.mapping import load_mapping
from application.log.event_log import open_log
from tests.application.importing.written import PROMISES

async def main(url, file, mapping, rejects, die):
    def progress(stage, done, whole):
        if die == "die" and stage == "record" and done >= 500:
            asyncio.get_running_loop().call_later(0.002, os.kill, os.getpid(), signal.SIGKILL)

    run.BATCH_EVENTS = 50
    async with open_log(url) as log:
        report = await run.import_file(
            log, PROMISES, load_mapping(Path(mapping)), Path(file), rejects=Path(rejects), time_zone="UTC",
            progress=progress,
        )
    print(report.as_json().decode())

asyncio.run(main(*sys.argv[1:]))
"""


def test_killed_half_way_it_resumes_and_nothing_is_there_twice(database: Database, tmp_path: Path):
    file = tmp_path / "big.csv"
    lines = [
        f"C{case},2025-01-{day:02d} 09:00,{what},Ann,Front,high,ACME,1\n"
        for case in range(2000)
        for day, what in ((1, "Open"), (2, "Take"), (3, "Solve"))
    ]
    file.write_text(HEADER + "".join(lines), encoding="utf-8")
    (tmp_path / "desk.toml").write_text(DESK, encoding="utf-8")
    paths = (file, tmp_path / "desk.toml", tmp_path / "rejects.csv")
    root = Path(__file__).parents[3]

    def imported(then: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", IMPORT, database.service_url, *map(str, paths), then]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)

    assert imported("die").returncode == -signal.SIGKILL
    there = source_events(database)
    assert 500 <= there["Open"] < 2000
    assert there["Open"] == there["Take"] == there["Solve"], "a case was recorded in part"

    report = json.loads(imported("live").stdout)
    assert report["already_there_cases"] == there["Open"]
    assert report["cases"] == 2000 - there["Open"]
    assert source_events(database) == {"Open": 2000, "Take": 2000, "Solve": 2000}


def test_the_help_desk_is_in_the_log_event_for_event(importing, database: Database):
    async def play(desk: Importer) -> None:
        report = await desk.take_file(shared_file("helpdesk.xes.gz"), load_mapping(Path("helpdesk")))
        assert (report.cases, report.source_events, report.rejected_rows) == (4580, 21348, 0)

    importing(play)
    figures = {"Take in charge ticket": 5060, "Resolve ticket": 4983, "Assign seriousness": 4938}
    figures |= {"Closed": 4574, "Wait": 1463}
    there = source_events(database)
    assert sum(there.values()) == 21348
    assert {activity: there[activity] for activity in figures} == figures


def source_events(database: Database) -> Counter[str]:
    """Source events in the log, by the source's word: all that the import did not tell itself."""
    query = "SELECT reason, count(*) FROM log.event WHERE actor <> 'system:import' GROUP BY reason"
    with psycopg.connect(database.service_url) as conn:
        return Counter(dict(conn.execute(query).fetchall()))
