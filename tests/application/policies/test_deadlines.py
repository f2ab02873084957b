"""Deadlines that pass are noted on their tickets, by any number of workers, once (SLA 12)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from application.access import Caller
from application.database.connect import Database
from application.desks import open_desks
from application.log.event_log import EventLog, open_log
from application.plans import shipped_promises
from application.policies.timers import Timers
from application.streams import StaleVersion
from application.ticket_commands.correspondence import LogContact, RemarkOnTicket
from application.ticket_commands.course import CancelTicket, ResolveTicket
from application.ticket_commands.intake import RegisterTicket
from application.ticket_commands.liaison import AnswerLiaison, AskOthers
from domain.clock import Milestone
from domain.event import Fact, type_name
from domain.ticket.words import Channel, Counterpart, Direction, Party, Priority
from interfaces.cli.reacting import timers
from projections.engine.runner import Runner
from tests.application.policies.case import ADMIN, Case, tell
from tests.conftest import connected
from tests.projections.views import shipped

ANSWER = LogContact(channel=Channel.PHONE, direction=Direction.OUTBOUND, party=Party.PERSON)
HALF_AN_HOUR = timedelta(minutes=30)
"""In which the plan wants a P1 answered; half of it is warned of after 15 minutes."""


def shown(case: Case) -> None:
    """The views catch up."""
    with Runner(case.url, shipped()) as runner:
        runner.run_once()


def worker(case: Case, log: EventLog | None = None) -> Timers:
    """A worker's timers, by the clock of the case."""
    log, promises = log or case.log, shipped_promises()
    desks = open_desks(log, promises, time_zone="Asia/Shanghai")
    return Timers(log, timers(log, desks, promises), now=lambda: case.now)


async def reported(case: Case) -> UUID:
    """A P1 under the plan for hot-water systems."""
    told = RegisterTicket(subject="冷水", priority=Priority.P1, plan="hot-water")
    return (await case.desks.tickets.register(told, ADMIN)).id


async def noted(case: Case, ticket: UUID) -> list[Fact]:
    """What was noted on a ticket."""
    return [fact for fact in await case.log.stream(ticket) if fact.event.IS_NOTE]


def types(facts: list[Fact]) -> list[str]:
    """Of what types they are."""
    return [type_name(fact.event).removeprefix("ticket.") for fact in facts]


def test_what_was_passed_while_nobody_worked_is_noted_with_its_own_time_and_once(database: Database) -> None:
    async def story(case: Case) -> None:
        tickets = [await reported(case) for _ in range(3)]
        begun = case.now
        case.passes(hours=1)
        shown(case)
        async with open_log(case.url) as another:
            workers = [worker(case), worker(case, another)]
            await asyncio.gather(*(each.look() for each in workers))
        shown(case)
        await worker(case).look()
        for ticket in tickets:
            facts = await noted(case, ticket)
            assert types(facts) == ["deadline_warned"] * 3 + ["deadline_missed"]
            missed: Any = facts[-1]
            assert missed.act.occurred_at == missed.event.due_at == begun + HALF_AN_HOUR
            assert missed.event.detected_at == case.now
        with connected(case.url) as conn:
            counted = dict(conn.execute("SELECT type, events FROM log.timer").fetchall())
        assert counted == {"ticket.deadline_warned": 9, "ticket.deadline_missed": 3}

    tell(database, story)


def test_a_look_says_when_something_comes_next_and_notes_it_then(database: Database) -> None:
    async def story(case: Case) -> None:
        begun = case.now
        ticket = await reported(case)
        shown(case)
        assert await worker(case).look() == begun + HALF_AN_HOUR / 2
        assert await noted(case, ticket) == []
        case.now = begun + HALF_AN_HOUR / 2
        await worker(case).look()
        assert types(await noted(case, ticket)) == ["deadline_warned"]

    tell(database, story)


def test_a_view_that_is_behind_proposes_in_vain(database: Database) -> None:
    async def story(case: Case) -> None:
        ticket = await reported(case)
        shown(case)
        case.passes(minutes=10)
        await case.desks.tickets.send(str(ticket), ANSWER, ADMIN)
        case.passes(hours=1)
        before = await case.log.head()
        await worker(case).look()
        assert await case.log.head() == before

    tell(database, story)


def test_an_answer_recorded_late_corrects_the_miss_in_the_same_append(database: Database) -> None:
    async def story(case: Case) -> None:
        ticket = await reported(case)
        begun = case.now
        shown(case)
        case.passes(hours=1)
        await worker(case).look()
        late = LogContact(
            channel=Channel.PHONE,
            direction=Direction.OUTBOUND,
            party=Party.PERSON,
            occurred_at=begun + timedelta(minutes=20),
            reason="no signal on site",
        )
        receipt = await case.desks.tickets.send(str(ticket), late, ADMIN)
        *_, missed, answer, corrected = await case.log.stream(ticket)
        assert (type_name(corrected.event), corrected.version) == ("ticket.miss_corrected", receipt.version)
        event: Any = corrected.event
        assert (event.missed, event.shown_by, event.fact) == (
            missed.version,
            answer.version,
            "ticket.contacted",
        )
        assert corrected.recorded_at == answer.recorded_at
        assert (corrected.act.actor, answer.act.actor) == ("system:timer", ADMIN.actor)
        shown(case)
        await worker(case).look()
        assert types(await noted(case, ticket))[-2:] == ["deadline_missed", "miss_corrected"]

    tell(database, story)


def test_what_is_cancelled_is_neither_met_nor_missed(database: Database) -> None:
    async def story(case: Case) -> None:
        ticket, other = await reported(case), await reported(case)
        await case.desks.tickets.send(str(other), CancelTicket(reason="a duplicate"), ADMIN)
        shown(case)
        case.passes(hours=1)
        await worker(case).look()
        await case.desks.tickets.send(str(ticket), CancelTicket(reason="a test"), ADMIN)
        assert types(await noted(case, ticket))[-1] == "miss_corrected"
        assert await noted(case, other) == []

    tell(database, story)


def test_what_others_owe_us_is_noted_once_when_it_is_late_and_corrected_by_an_answer_that_came_in_time(
    database: Database,
) -> None:
    async def story(case: Case) -> None:
        told = RegisterTicket(subject="冷水", plan="history")
        ticket = (await case.desks.tickets.register(told, ADMIN)).id
        due = case.now + timedelta(days=1)
        ask = AskOthers(counterpart=Counterpart.SUPPLIER, who="宁波热能", question="批次？", due_at=due)
        await case.ask(str(ticket), ask, ask)
        shown(case)
        assert await worker(case).look() == due + timedelta(seconds=1)
        case.passes(days=2)
        await asyncio.gather(*(worker(case).look() for _ in range(3)))
        shown(case)
        await worker(case).look()
        facts = await noted(case, ticket)
        assert types(facts) == ["deadline_missed"] * 2
        events: list[Any] = [fact.event for fact in facts]
        assert [(each.milestone, each.cycle, each.due_at) for each in events] == [
            (Milestone.LIAISON, 1, due),
            (Milestone.LIAISON, 2, due),
        ]
        in_time = AnswerLiaison(liaison=2, answer="已知", occurred_at=due, reason="found in the mail")
        await case.ask(str(ticket), in_time)
        corrected: Any = (await noted(case, ticket))[-1].event
        assert (corrected.cycle, corrected.fact) == (2, "ticket.liaison_answered")

    tell(database, story)


def test_nobodys_word_is_refused_for_what_the_service_noted_since_they_looked(database: Database) -> None:
    async def story(case: Case) -> None:
        ticket = await reported(case)
        shown(case)
        case.passes(minutes=16)
        await worker(case).look()
        desk = case.desks.tickets
        answered = await desk.send(str(ticket), ANSWER, ADMIN, expected=1)
        assert answered.version == 3
        assert await refused(case, ADMIN, ticket, expected=1) == 3
        assert await refused(case, ADMIN, ticket, expected=2) == 3
        assert await refused(case, ADMIN, ticket, expected=9) == 3
        await desk.send(str(ticket), ResolveTicket(solution="x"), ADMIN, expected=3)

    tell(database, story)


async def refused(case: Case, caller: Caller, ticket: UUID, expected: int) -> int:
    """At which version the ticket is that somebody wanted to change who saw another."""
    try:
        await case.desks.tickets.send(str(ticket), RemarkOnTicket(text="x"), caller, expected=expected)
    except StaleVersion as stale:
        return stale.current
    raise AssertionError("it was taken")
