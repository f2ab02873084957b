"""Recorded events are changed in a recorded maintenance or not at all."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest

from application.database.connect import Database
from application.log import maintenance
from application.log.event_log import EventLog, open_log
from application.log.maintenance import (
    STREAM,
    MaintenanceRefused,
    NotTheOwner,
    close_left_open,
    maintain,
    touched,
)
from domain.event import Act, Fact, type_name
from domain.ticket.events import TicketRegistered
from domain.upkeep import Change, MaintenanceClosed, MaintenanceOpened
from migrations import __file__ as migrations
from tests.application.log.appending import WHEN, remark
from tests.application.log.committing import column, is_whole, on_the_log
from tests.application.log.tampering import found
from tests.application.log.tree.signed import grow, sign
from tests.conftest import connected
from tests.golden.samples import path

STRANGER = UUID(int=17)
ACT = Act(actor="admin:wang.fang", occurred_at=WHEN, reason="order 17 of the court")
CHANGE = "UPDATE log.event SET actor = 'agent:erased' WHERE position = 2"
DOORS = [CHANGE, "DELETE FROM log.event WHERE position = 2", "TRUNCATE log.event"]


@pytest.fixture
def three(database: Database) -> Database:
    """A log of three events."""

    async def story(log: EventLog) -> None:
        await log.append([remark(), remark("二"), remark()])

    on_the_log(database, story)
    return database


def superuser_url(database: Database) -> str:
    """Who owns everything."""
    return database.owner_url.replace("aftersales_owner", "postgres", 1)


def is_refused(url: str, statement: str, said: str = "") -> None:
    """A statement of this role is refused, whatever maintenance it says to be part of."""
    with connected(url) as conn:
        conn.execute("SELECT set_config('log.maintenance', %s, false)", [said])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(statement)  # type: ignore[call-overload]


def maintained(database: Database, statements: str = CHANGE) -> MaintenanceClosed:
    """What the event says that closed a maintenance."""

    async def run() -> MaintenanceClosed:
        async with open_log(database.service_url) as log:
            return (await maintain(log, database.owner_url, statements, ACT))[1]

    return asyncio.run(run())


def closed(database: Database) -> MaintenanceClosed:
    """The same of one that was left open."""

    async def run() -> MaintenanceClosed:
        async with open_log(database.service_url) as log:
            return (await close_left_open(log, database.owner_url, ACT))[1]

    return asyncio.run(run())


def opened(database: Database) -> int:
    """Where a maintenance was opened that nobody closed."""

    async def story(log: EventLog) -> None:
        await maintenance._record(log, None, MaintenanceOpened(statements=CHANGE), ACT)

    on_the_log(database, story)
    return column(database, "SELECT position FROM log.head")[0]


def as_recorded(database: Database) -> bool:
    """Whether the log is as it was written."""
    return found(database) is None


class TestEveryDoorIsClosed:
    @pytest.mark.parametrize("statement", DOORS)
    @pytest.mark.parametrize("who", [lambda of: of.service_url, lambda of: of.owner_url, superuser_url])
    def test_without_a_maintenance(
        self, three: Database, who: Callable[[Database], str], statement: str
    ) -> None:
        is_refused(who(three), statement)
        assert as_recorded(three)

    @pytest.mark.parametrize("said", ["1", "3", "4", "-1", "none", "9999999999999999999999"])
    def test_to_whoever_names_a_maintenance_that_there_is_not(self, three: Database, said: str) -> None:
        is_refused(three.owner_url, CHANGE, said)
        assert as_recorded(three)

    def test_when_it_was_closed(self, three: Database) -> None:
        done = maintained(three, "SELECT 1")
        is_refused(three.owner_url, CHANGE, str(done.maintenance))
        assert as_recorded(three)

    @pytest.mark.parametrize("statement", DOORS)
    def test_to_the_service_even_while_one_is_open(self, three: Database, statement: str) -> None:
        position = opened(three)
        is_refused(three.service_url, statement, str(position))
        assert as_recorded(three)

    @pytest.mark.parametrize("table", ["log.event", "log.maintenance_change"])
    def test_for_truncating_even_while_one_is_open(self, three: Database, table: str) -> None:
        position = opened(three)
        is_refused(superuser_url(three), f"TRUNCATE {table}", str(position))
        assert as_recorded(three)

    def test_to_a_superuser_who_switches_ordinary_triggers_off(self, three: Database) -> None:
        with connected(superuser_url(three)) as conn:
            conn.execute("SET session_replication_role = replica")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(CHANGE)
        assert as_recorded(three)

    @pytest.mark.parametrize("statement", ["DELETE FROM", "UPDATE"])
    def test_for_what_was_written_down(self, three: Database, statement: str) -> None:
        maintained(three)
        rest = " SET position = 1" if statement == "UPDATE" else ""
        is_refused(superuser_url(three), f"{statement} log.maintenance_change{rest}")


class TestAMaintenance:
    def test_says_before_and_after_what_it_does(self, three: Database) -> None:
        stood = column(three, "SELECT encode(leaf_hash, 'hex') FROM log.event ORDER BY position")
        statements = f"{CHANGE};\nDELETE FROM log.event WHERE position = 3;"
        done = maintained(three, statements)
        change, deletion = done.changes
        assert (done.maintenance, done.updated, done.deleted, done.failure) == (4, 1, 1, None)
        assert deletion == Change(3, "DELETE", stood[2], None)
        assert (change.position, change.operation, change.leaf_before) == (2, "UPDATE", stood[1])
        assert change.leaf_after not in {None, stood[1]}
        assert column(three, "SELECT position FROM log.event ORDER BY position") == [1, 2, 4, 5]

        async def story(log: EventLog) -> None:
            first, last = await log.stream(STREAM)
            assert first.event == MaintenanceOpened(statements=statements)
            assert last.event == done
            assert first.act == last.act == ACT

        on_the_log(three, story)

    def test_does_not_make_the_hashes_right(self, three: Database) -> None:
        maintained(three)
        assert found(three) == (2, "altered")
        with connected(three.service_url) as conn:
            assert (touched(conn, 2), touched(conn, 3)) == ([4], [])

    def test_changes_nothing_when_its_statements_fail(self, three: Database) -> None:
        done = maintained(three, f"{CHANGE}; SELECT 1 / 0")
        assert (done.updated, done.deleted, done.changes) == (0, 0, ())
        assert done.failure == "division by zero"
        assert as_recorded(three)
        assert is_whole(three) == 5

    @pytest.mark.parametrize(
        "trick",
        [
            "ALTER TABLE log.event DISABLE TRIGGER ALL",
            "ALTER TABLE log.event ENABLE TRIGGER event_is_immutable",
            "DROP TRIGGER event_is_not_truncated ON log.event",
        ],
    )
    def test_may_not_take_the_guards_off(self, three: Database, trick: str) -> None:
        done = maintained(three, f"{trick}; {CHANGE}")
        assert done.failure is not None
        assert as_recorded(three)
        is_refused(three.owner_url, CHANGE)

    def test_says_so_when_its_statements_ended_their_transaction_themselves(self, three: Database) -> None:
        done = maintained(three, f"{CHANGE}; COMMIT; DELETE FROM log.event WHERE position = 3")
        assert (done.updated, done.deleted) == (1, 0)
        assert done.failure is not None

    def test_is_not_for_the_whole_log_at_once(self, three: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(maintenance, "MOST_CHANGES", 2)
        done = maintained(three, "UPDATE log.event SET reason = 'x'")
        assert "more than 2 changes" in str(done.failure)
        assert as_recorded(three)

    def test_lets_others_append_meanwhile(self, three: Database) -> None:
        position = opened(three)
        with psycopg.connect(three.owner_url) as owner:
            owner.execute("SELECT set_config('log.maintenance', %s, true)", [str(position)])
            owner.execute(CHANGE)
            on_the_log(three, lambda log: log.append([remark()]))  # type: ignore[arg-type]
        assert closed(three).updated == 1
        assert is_whole(three) == 6

    def test_is_for_the_owner(self, three: Database) -> None:
        async def story(log: EventLog) -> None:
            with pytest.raises(NotTheOwner):
                await maintain(log, three.service_url, CHANGE, ACT)

        on_the_log(three, story)
        assert is_whole(three) == 3

    def test_does_not_keep_the_log_from_being_signed(self, three: Database, tmp_path: Path) -> None:
        keys = tmp_path / "keys"
        sign(three, keys)
        grow(three, 2)
        maintained(three, "DELETE FROM log.event WHERE position IN (2, 5)")
        again = sign(three, keys)
        (keys / "memory.json").unlink()
        grow(three, 1)
        anew = sign(three, keys)
        assert again is not None
        assert anew is not None
        assert (again.size, anew.size) == (7, 8)

    def test_as_the_manual_shows_it(self, three: Database) -> None:
        manual = (Path(migrations).parents[1] / "docs" / "operations.md").read_text(encoding="utf-8")
        (example,) = re.findall(r"```sql\n(UPDATE log.event.*?)```", manual, re.DOTALL)

        async def story(log: EventLog) -> None:
            registered = msgspec.json.decode(path("ticket.registered", 2).read_bytes(), type=TicketRegistered)
            assert registered.contact is not None
            fact = Fact(stream_id=STRANGER, version=1, event=registered, act=ACT, correlation_id=STRANGER)
            await log.append([fact])
            await maintain(log, three.owner_url, example.replace("9120", "4"), ACT)
            (erased,) = await log.stream(STRANGER)
            assert erased.event == msgspec.structs.replace(registered, contact=None)

        on_the_log(three, story)


class TestOnlyOneAtATime:
    def test_not_while_another_one_runs(self, three: Database) -> None:
        async def story(log: EventLog) -> None:
            async with maintenance._alone(three.owner_url):
                for begun in (
                    maintain(log, three.owner_url, CHANGE, ACT),
                    close_left_open(log, three.owner_url, ACT),
                ):
                    with pytest.raises(MaintenanceRefused, match="runs at this moment"):
                        await begun

        on_the_log(three, story)
        assert is_whole(three) == 3

    @pytest.mark.parametrize("step", ["_run", "_close"])
    def test_not_before_one_that_was_interrupted_is_closed(
        self, three: Database, monkeypatch: pytest.MonkeyPatch, step: str
    ) -> None:
        """Before its statements, or after them."""

        async def dies(*_: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as broken:
            broken.setattr(maintenance, step, dies)
            with pytest.raises(KeyboardInterrupt):
                maintained(three)
        with pytest.raises(MaintenanceRefused, match=r"position 4 was never closed: .* --close"):
            maintained(three)
        done = closed(three)
        assert (done.maintenance, done.failure) == (4, "it was interrupted")
        assert [change.position for change in done.changes] == ([] if step == "_run" else [2])
        with pytest.raises(MaintenanceRefused, match="no maintenance"):
            closed(three)
        assert maintained(three, "SELECT 1").maintenance == 6

    def test_what_psql_does_while_it_is_open_is_written_down_as_well(self, three: Database) -> None:
        position = opened(three)
        with connected(three.owner_url) as owner:
            owner.execute("SELECT set_config('log.maintenance', %s, false)", [str(position)])
            owner.execute("UPDATE log.event SET reason = 'x' WHERE position = 1")
        with connected(superuser_url(three)) as conn:
            conn.execute("SELECT set_config('log.maintenance', %s, false)", [str(position)])
            conn.execute("DELETE FROM log.event WHERE position = 3")
        by = column(three, "SELECT changed_by FROM log.maintenance_change ORDER BY id")
        assert by == ["aftersales_owner", "postgres"]
        assert [(change.position, change.operation) for change in closed(three).changes] == [
            (1, "UPDATE"),
            (3, "DELETE"),
        ]


def test_the_guard_looks_at_the_stream_that_the_events_go_to() -> None:
    guard = Path(migrations).with_name("0011.record-maintenance.sql").read_text(encoding="utf-8")
    assert f"'{STREAM}'" in guard
    assert f"'{type_name(MaintenanceOpened)}'" in guard
