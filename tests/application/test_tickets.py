"""The desk: whose word counts, when things happened, and which ticket is meant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from application.access import Caller, Forbidden, Role
from application.database.connect import Database
from application.desk import NotFound, Receipt
from application.desks import open_desks
from application.log.append import Request
from application.log.errors import KeyReused, VersionConflict
from application.log.event_log import EventLog, open_log
from application.plans import shipped_promises
from application.streams import StaleVersion
from application.ticket_commands.actions import ACTIONS
from application.ticket_commands.correspondence import RemarkOnTicket
from application.ticket_commands.course import CancelTicket, CloseTicket, HoldTicket, ResolveTicket
from application.ticket_commands.intake import RegisterTicket
from application.ticket_commands.tiers import AssignTicket
from application.tickets.desk import TicketDesk
from domain.errors import InvalidValue, NotAllowed
from domain.event import Fact
from domain.promises import UnknownPlan
from domain.ticket.allowed import ALLOWED
from domain.ticket.events import TicketRegistered
from domain.ticket.words import HoldReason

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AGENT = Caller("li.wei", Role.AGENT, uuid4())
AUDITOR = Caller("chen.jing", Role.AUDITOR, uuid4())


def at_the_desk(
    database: Database,
    story: Callable[[TicketDesk, EventLog], Coroutine[Any, Any, None]],
    zone: str = "Asia/Shanghai",
    **settings: Any,
) -> None:
    """Run a story at a desk whose clock stands still."""

    async def run() -> None:
        async with open_log(database.service_url) as log:
            desks = open_desks(log, shipped_promises(), time_zone=zone, now=lambda: NOW, **settings)
            await story(desks.tickets, log)

    asyncio.run(run())


def report(**fields: Any) -> RegisterTicket:
    """A report."""
    return RegisterTicket(**{"subject": "冷水", **fields})


def earlier(**time: float) -> dict[str, Any]:
    """What happened a while ago, and why it is told now."""
    return {"occurred_at": NOW - timedelta(**time), "reason": "from the paper book"}


def test_a_report_becomes_a_ticket_with_a_number_and_pinned_promises(database: Database) -> None:
    async def story(desk: TicketDesk, log: EventLog) -> None:
        receipt = await desk.register(report(customer="海风酒店"), AGENT)
        (fact,) = await log.stream(receipt.id)
        assert isinstance(fact.event, TicketRegistered)
        assert (receipt.number, receipt.version, receipt.position) == ("T-2026-000001", 1, 1)
        assert (fact.event.number, fact.event.customer, fact.event.pin.plan) == (
            "T-2026-000001",
            "海风酒店",
            "standard",
        )
        assert (fact.act.actor, fact.act.occurred_at, fact.act.reason) == ("agent:li.wei", NOW, None)
        assert (fact.correlation_id, fact.recorded_at) == (receipt.id, receipt.recorded_at)

    at_the_desk(database, story)


@pytest.mark.parametrize(
    ("zone", "reported", "number"),
    [
        ("Asia/Shanghai", "2025-12-31T15:59:59Z", "T-2025-000001"),
        ("Asia/Shanghai", "2025-12-31T16:00:00Z", "T-2026-000001"),
        ("America/New_York", "2026-01-01T04:59:59Z", "T-2025-000001"),
        ("Asia/Shanghai", "0001-01-01T00:00:00Z", "T-0001-000001"),
        ("America/New_York", "0001-01-01T00:00:00Z", "T-0001-000001"),
    ],
)
def test_the_year_is_that_of_the_firms_wall(
    database: Database, zone: str, reported: str, number: str
) -> None:
    async def story(desk: TicketDesk, log: EventLog) -> None:
        when = datetime.fromisoformat(reported)
        receipt = await desk.register(report(occurred_at=when, reason="x"), AGENT, Request("me", "k", b"x"))
        assert receipt.number == number
        assert await desk.find(number) == receipt.id
        again = await desk.register(report(occurred_at=when, reason="x"), AGENT, Request("me", "k", b"x"))
        assert again == receipt

    at_the_desk(database, story, zone)


def test_another_desk_finds_a_ticket_by_id_and_number(database: Database) -> None:
    async def story(desk: TicketDesk, log: EventLog) -> None:
        receipt = await desk.register(report(), AGENT)
        other = open_desks(log, shipped_promises(), time_zone="UTC", now=lambda: NOW).tickets
        for reference in (receipt.number, str(receipt.id)):
            assert [fact.version for fact in await other.facts(reference)] == [1]
        for reference in ("T-2026-000002", str(uuid4()), "", "x", "T-2026-000001\n", "\0"):
            with pytest.raises(NotFound):
                await other.facts(reference)

    at_the_desk(database, story)


def test_an_auditor_changes_nothing(database: Database) -> None:
    async def story(desk: TicketDesk, log: EventLog) -> None:
        number = (await desk.register(report(), AGENT)).number
        with pytest.raises(Forbidden):
            await desk.register(report(), AUDITOR)
        with pytest.raises(Forbidden):
            await desk.send(number, RemarkOnTicket(text="x"), AUDITOR)
        assert await log.head() == 1

    at_the_desk(database, story)


class TestWhen:
    """SLA 2: not in the future; recorded late needs a reason; both times are kept."""

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"occurred_at": NOW + timedelta(microseconds=1)}, "/occurred_at"),
            ({"occurred_at": NOW + timedelta(days=1), "reason": "x"}, "/occurred_at"),
            ({"occurred_at": NOW - timedelta(seconds=61)}, "/reason"),
            ({"occurred_at": NOW - timedelta(seconds=61), "reason": "  "}, "/reason"),
            (
                {"occurred_at": datetime.fromisoformat("0001-01-01T00:00:00+14:00"), "reason": "x"},
                "/occurred_at",
            ),
        ],
    )
    def test_refused(self, database: Database, fields: dict[str, Any], field: str) -> None:
        async def story(desk: TicketDesk, log: EventLog) -> None:
            with pytest.raises(InvalidValue) as refused:
                await desk.register(report(**fields), AGENT)
            assert refused.value.field == field
            assert await log.head() == 0

        at_the_desk(database, story)

    @pytest.mark.parametrize("seconds", [0, 1, 60])
    def test_less_than_a_minute_is_the_way_of_the_wire(self, database: Database, seconds: int) -> None:
        async def story(desk: TicketDesk, log: EventLog) -> None:
            when = NOW - timedelta(seconds=seconds)
            receipt = await desk.register(report(occurred_at=when), AGENT)
            assert (await log.stream(receipt.id))[0].act.occurred_at == when

        at_the_desk(database, story)

    def test_times_are_kept_in_utc(self, database: Database) -> None:
        async def story(desk: TicketDesk, log: EventLog) -> None:
            local = datetime.fromisoformat("2026-03-02T10:00:00+08:00")
            number = (await desk.register(report(occurred_at=local, reason="x"), AGENT)).number
            review = datetime.fromisoformat("2026-03-05T10:00:00+08:00")
            await desk.send(number, HoldTicket(hold=HoldReason.OTHER, review_at=review), AGENT)
            registered, held = await desk.facts(number)
            assert registered.act.occurred_at.isoformat() == "2026-03-02T02:00:00+00:00"
            assert msgspec.to_builtins(held.event)["review_at"] == "2026-03-05T02:00:00Z"

        at_the_desk(database, story)

    def test_a_hold_without_a_review_date_gets_the_one_that_the_firm_has_set(
        self, database: Database
    ) -> None:
        async def story(desk: TicketDesk, log: EventLog) -> None:
            number = (await desk.register(report(**earlier(hours=2)), AGENT)).number
            await desk.send(number, HoldTicket(hold=HoldReason.OTHER, **earlier(hours=1)), AGENT)
            held: Any = (await desk.facts(number))[-1].event
            assert held.review_at == NOW + timedelta(hours=7)

        at_the_desk(database, story, review_within=timedelta(hours=8))

    def test_nothing_happens_before_the_report(self, database: Database) -> None:
        async def story(desk: TicketDesk, log: EventLog) -> None:
            number = (await desk.register(report(**earlier(hours=2)), AGENT)).number
            with pytest.raises(InvalidValue, match="reported"):
                await desk.send(number, ResolveTicket(solution="x", **earlier(hours=3)), AGENT)
            await desk.send(number, ResolveTicket(solution="x", **earlier(hours=1)), AGENT)

        at_the_desk(database, story)


class TestVersions:
    def test_a_command_for_an_older_version_is_told_the_current_one(self, database: Database) -> None:
        async def story(desk: TicketDesk, log: EventLog) -> None:
            number = (await desk.register(report(), AGENT)).number
            await desk.send(number, AssignTicket(team="A"), AGENT, expected=1)
            for expected in (0, 1, 3):
                with pytest.raises(StaleVersion) as stale:
                    await desk.send(number, AssignTicket(team="B"), AGENT, expected=expected)
                assert stale.value.current == 2
            assert await log.head() == 2

        at_the_desk(database, story)

    def test_overtaken_commands_are_decided_again(self, database: Database) -> None:
        async def story(desk: TicketDesk, log: EventLog) -> None:
            number = (await desk.register(report(), AGENT)).number
            texts = ("a", "b", "c", "d")
            receipts = await asyncio.gather(
                *(desk.send(number, RemarkOnTicket(text=text), AGENT) for text in texts)
            )
            assert sorted(receipt.version for receipt in receipts) == [2, 3, 4, 5]

        at_the_desk(database, story)

    def test_what_was_overtaken_may_no_longer_be_allowed(self, database: Database) -> None:
        async def story(desk: TicketDesk, log: EventLog) -> None:
            number = (await desk.register(report(), AGENT)).number
            answers = await asyncio.gather(
                *(desk.send(number, ResolveTicket(solution="x"), AGENT) for _ in range(3)),
                return_exceptions=True,
            )
            assert sorted(type(answer).__name__ for answer in answers) == [
                "NotAllowed",
                "NotAllowed",
                "Receipt",
            ]
            refused = next(answer for answer in answers if isinstance(answer, NotAllowed))
            assert refused.state == "resolved"

        at_the_desk(database, story)

    def test_overtaken_too_often_is_a_conflict(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("application.streams.TRIES", 5)

        async def story(desk: TicketDesk, log: EventLog) -> None:
            number = (await desk.register(report(), AGENT)).number
            append = log.append

            async def overtaken(facts: list[Fact], **more: Any) -> Any:
                await append([msgspec.structs.replace(facts[0])])
                return await append(facts, **more)

            log.append = overtaken  # type: ignore[method-assign, assignment]
            with pytest.raises(VersionConflict):
                await desk.send(number, RemarkOnTicket(text="x"), AGENT)

        at_the_desk(database, story)


class TestKeys:
    def test_a_repeated_command_is_answered_as_the_first_was(self, database: Database) -> None:
        async def story(desk: TicketDesk, log: EventLog) -> None:
            register, close = Request("me", "1", b"r"), Request("me", "2", b"c")
            first = await desk.register(report(), AGENT, register)
            assert await desk.register(report(), AGENT, register) == first
            resolved = await desk.send(first.number, ResolveTicket(solution="x"), AGENT, request=close)
            await desk.send(first.number, CloseTicket(), AGENT)
            again = await desk.send(first.number, ResolveTicket(solution="x"), AGENT, request=close)
            assert again == resolved
            assert await log.head() == 3

        at_the_desk(database, story)

    def test_the_same_key_for_something_else_is_refused(self, database: Database) -> None:
        async def story(desk: TicketDesk, log: EventLog) -> None:
            await desk.register(report(), AGENT, Request("me", "1", b"a"))
            with pytest.raises(KeyReused):
                await desk.register(report(), AGENT, Request("me", "1", b"b"))
            assert await log.head() == 1

        at_the_desk(database, story)

    def test_at_the_same_time_one_is_recorded_and_all_get_its_receipt(self, database: Database) -> None:
        async def story(desk: TicketDesk, log: EventLog) -> None:
            key = Request("me", "1", b"a")
            receipts = await asyncio.gather(*(desk.register(report(), AGENT, key) for _ in range(8)))
            assert len(set(map(msgspec.json.encode, receipts))) == 1
            assert isinstance(receipts[0], Receipt)
            assert await log.head() == 1
            assert (await desk.register(report(), AGENT)).number == "T-2026-000002"

        at_the_desk(database, story)


class TestDuplicates:
    def test_the_other_ticket_is_meant_by_id_or_number(self, database: Database) -> None:
        async def story(desk: TicketDesk, log: EventLog) -> None:
            original = await desk.register(report(), AGENT)
            for reference in (original.number, str(original.id), str(original.id).upper()):
                number = (await desk.register(report(), AGENT)).number
                await desk.send(number, CancelTicket(reason="x", duplicate_of=reference), AGENT)
                cancelled = (await desk.facts(number))[-1].event
                assert msgspec.to_builtins(cancelled)["duplicate_of"] == str(original.id)

        at_the_desk(database, story)

    @pytest.mark.parametrize("reference", ["T-2026-000009", "01890000-0000-7000-8000-000000000001", "x"])
    def test_there_must_be_one(self, database: Database, reference: str) -> None:
        async def story(desk: TicketDesk, log: EventLog) -> None:
            number = (await desk.register(report(), AGENT)).number
            with pytest.raises(InvalidValue) as refused:
                await desk.send(number, CancelTicket(reason="x", duplicate_of=reference), AGENT)
            assert refused.value.field == "/duplicate_of"
            assert await log.head() == 1

        at_the_desk(database, story)


def test_a_plan_that_is_none_uses_up_no_number(database: Database) -> None:
    async def story(desk: TicketDesk, log: EventLog) -> None:
        with pytest.raises(UnknownPlan):
            await desk.register(report(plan="gold"), AGENT)
        assert (await desk.register(report(plan="hot-water"), AGENT)).number == "T-2026-000001"

    at_the_desk(database, story)


def test_every_action_has_its_command() -> None:
    assert {command.action for command in ACTIONS} == {*ALLOWED}
