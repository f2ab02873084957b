"""Which contract a ticket falls under is settled when it is recorded, by when it was reported (SLA 13)."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from application.contract_commands import AmendContract
from application.database.connect import Database
from domain.contract.choice import Choice, Loser, Winner
from domain.contract.words import Level, Why
from domain.ticket.events import TicketRegistered
from tests.application.firm import MANAGER, Firm, drafting, in_the_firm, in_two_processes
from tests.application.papers import (
    AN_HOUR,
    AT,
    BEFORE,
    BEGIN,
    CASES,
    COUNTS,
    ENDED,
    JULY,
    MIDNIGHT,
    NOTHING,
    OUT,
    SERIAL,
    Paper,
    long,
    names,
)


async def in_the_drawer(firm: Firm, papers: Sequence[Paper]) -> dict[str, Any]:
    """Draft them and let become of them what did; each contract by its short name C1, C2 …"""
    firm.now = BEGIN
    drawer: dict[str, Any] = {}
    for n, paper in enumerate(papers, 1):
        receipt = await firm.desks.contracts.draft(drafting(**paper.says), MANAGER)
        drawer[f"C{n}"] = receipt
        for step in paper.steps:
            await firm.desks.contracts.send(receipt.number, step, MANAGER)
    return drawer


async def reported(firm: Firm, at: datetime, later: timedelta = AN_HOUR, **report: Any) -> TicketRegistered:
    """What is recorded, by default an hour later, of what a customer reported."""
    firm.now = at + later
    ticket = await firm.ticket(occurred_at=at, reason="the line was down", **report)
    (fact,) = await firm.desks.tickets.facts(ticket.number)
    assert isinstance(fact.event, TicketRegistered)
    assert fact.act.occurred_at == at
    held = await firm.desks.tickets.streams.read(ticket.id)
    assert held is not None
    assert held.state.contract == fact.event.contract, "the ticket knows what its history says"
    return fact.event


def chosen(drawer: dict[str, Any], winner: tuple[str, Level, str] | None, *losers: tuple[str, Why]) -> Choice:
    """The choice, told by short names."""
    won = winner and Winner(
        number=drawer[winner[0]].number, contract=drawer[winner[0]].id, level=winner[1], plan=winner[2]
    )
    lost = (Loser(number=drawer[name].number, contract=drawer[name].id, why=why) for name, why in losers)
    return Choice(winner=won, losers=tuple(lost))


@pytest.mark.parametrize(
    ("papers", "report", "at", "expected"),
    [(papers, report, at, expected) for _, papers, report, at, *expected in CASES],
    ids=[case[0] for case in CASES],
)
def test_the_history_says_which_contract_applies_and_why_the_others_do_not(
    database: Database, papers: list[Paper], report: dict[str, Any], at: datetime, expected: list[Any]
) -> None:
    """Everything is recorded an hour after it was reported, so often on the other side of midnight."""

    async def story(firm: Firm) -> None:
        drawer = await in_the_drawer(firm, papers)
        event = await reported(firm, at, **report)
        assert event.contract == chosen(drawer, *expected)
        assert event.pin.plan == (expected[0][2] if expected[0] else "standard")

    in_the_firm(database, story)


@pytest.mark.parametrize(
    ("papers", "report"), [case[1:] for case in NOTHING], ids=[case[0] for case in NOTHING]
)
def test_where_no_contract_was_ever_in_question_none_is_named(
    database: Database, papers: list[Paper], report: dict[str, Any]
) -> None:
    async def story(firm: Firm) -> None:
        await in_the_drawer(firm, papers)
        event = await reported(firm, BEFORE, **report)
        assert (event.contract, event.pin.plan) == (None, "standard")

    in_the_firm(database, story)


@pytest.mark.parametrize("machine", ["UTC", "America/New_York", "Asia/Shanghai"])
@pytest.mark.parametrize("firm_zone", ["UTC", "America/New_York", "Asia/Shanghai"])
def test_neither_the_servers_clock_nor_the_firms_wall_moves_a_contracts_midnight(
    database: Database, monkeypatch: pytest.MonkeyPatch, machine: str, firm_zone: str
) -> None:
    async def story(firm: Firm) -> None:
        there = Firm(firm.log, firm_zone)
        drawer = await in_the_drawer(there, [long("S"), names("S")])
        before, at = await reported(there, BEFORE, **SERIAL), await reported(there, AT, **SERIAL)
        assert before.contract == chosen(drawer, ("C2", Level.LINE, "hot-water"), ("C1", Why.OLDER))
        assert at.contract == chosen(drawer, ("C1", Level.LINE, "standard"), ("C2", Why.NO_LONGER))

    monkeypatch.setenv("TZ", machine)
    time.tzset()
    try:
        in_the_firm(database, story)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_plan_that_the_report_names_is_pinned_and_the_choice_is_still_told(database: Database) -> None:
    async def story(firm: Firm) -> None:
        drawer = await in_the_drawer(firm, [names("S")])
        event = await reported(firm, BEFORE, plan="standard", **SERIAL)
        assert event.pin.plan == "standard"
        assert event.contract == chosen(drawer, ("C1", Level.LINE, "hot-water"))

    in_the_firm(database, story)


def test_a_contract_that_was_entered_late_counts_from_its_first_day(database: Database) -> None:
    """What counts is what it says, not when somebody typed it in; and a ticket keeps what it was told."""

    async def story(firm: Firm) -> None:
        first = await reported(firm, BEFORE, later=timedelta(0), **SERIAL)
        assert first.contract is None
        drawer = await in_the_drawer(firm, [])
        firm.now = MIDNIGHT + 24 * AN_HOUR
        receipt = await firm.desks.contracts.draft(drafting(**long("S").says), MANAGER)
        for step in COUNTS:
            await firm.desks.contracts.send(receipt.number, step, MANAGER)
        second = await reported(firm, BEFORE, later=timedelta(days=3), **SERIAL)
        drawer["C1"] = receipt
        assert second.contract == chosen(drawer, ("C1", Level.LINE, "standard"))
        assert (await firm.desks.tickets.facts(first.number))[0].event == first

    in_the_firm(database, story)


def test_what_another_process_agreed_on_counts_at_once(database: Database) -> None:
    async def story(here: Firm, there: Firm) -> None:
        drawer = await in_the_drawer(there, [long("S", "X")])
        number = drawer["C1"].number
        assert (await reported(here, BEFORE, **SERIAL)).contract == chosen(
            drawer, ("C1", Level.LINE, "standard")
        )
        there.now = here.now
        await there.desks.contracts.send(number, OUT, MANAGER)
        assert (await reported(here, AT, **SERIAL)).contract == chosen(
            drawer, None, ("C1", Why.ASSET_NOT_COVERED)
        )
        there.now = here.now
        again = AmendContract(effective_on=JULY, added=("S",), plan="hot-water")
        await there.desks.contracts.send(number, again, MANAGER)
        assert (await reported(here, AT, **SERIAL)).contract == chosen(
            drawer, ("C1", Level.LINE, "hot-water")
        )

    in_two_processes(database, story)


class TestMeanwhile:
    """What another process agrees on while a ticket is being registered counts, or the ticket was first."""

    @pytest.mark.parametrize("known", [False, True])
    def test_a_contract_that_counts_by_then_is_found(self, database: Database, known: bool) -> None:
        """Whether or not this process has ever seen one for the serial."""

        async def story(here: Firm, there: Firm) -> None:
            drawer = await in_the_drawer(there, [long("S")] if known else [])
            if known:
                assert (await reported(here, BEFORE, **SERIAL)).contract is not None

            async def agree() -> None:
                newer = await in_the_drawer(there, [names("S")])
                drawer["new"] = newer["C1"]

            overtaken(here, agree)
            event = await reported(here, BEFORE, **SERIAL)
            older = (("C1", Why.OLDER),) if known else ()
            assert event.contract == chosen(drawer, ("new", Level.LINE, "hot-water"), *older)
            assert event.number == f"T-2026-00000{1 + known}"

        in_two_processes(database, story)

    def test_one_that_was_ended_by_then_is_not(self, database: Database) -> None:
        async def story(here: Firm, there: Firm) -> None:
            drawer = await in_the_drawer(there, [long("S")])
            number = drawer["C1"].number
            assert (await reported(here, AT, **SERIAL)).pin.plan == "standard"
            there.now = here.now
            overtaken(here, lambda: there.desks.contracts.send(number, ENDED, MANAGER))
            event = await reported(here, AT, **SERIAL)
            assert event.contract == chosen(drawer, None, ("C1", Why.TERMINATED))

        in_two_processes(database, story)

    def test_where_all_stands_still_nothing_is_looked_up(self, database: Database) -> None:
        async def story(firm: Firm) -> None:
            drawer = await in_the_drawer(firm, [long("S")])
            first = await reported(firm, BEFORE, **SERIAL)
            looked: list[object] = []
            firm.log.mentioned = firm.log.connection = lambda *asked: looked.append(asked)  # type: ignore[assignment]
            firm.now = BEFORE + AN_HOUR
            await firm.ticket(occurred_at=BEFORE, reason="x", **SERIAL)
            await firm.ticket(occurred_at=BEFORE, reason="x", asset="never named", customer="nobody")
            del firm.log.mentioned, firm.log.connection  # type: ignore[attr-defined]
            assert looked == []
            named, unnamed = await firm.last(2)
            assert named.event.contract == first.contract == chosen(drawer, ("C1", Level.LINE, "standard"))  # type: ignore[attr-defined]
            assert unnamed.event.contract is None  # type: ignore[attr-defined]

        in_the_firm(database, story)


def overtaken(firm: Firm, by: Callable[[], Awaitable[object]]) -> None:
    """What this process has just settled is recorded only after something else was."""
    append = firm.log.append_numbered

    async def late(*what: Any, **more: Any) -> Any:
        firm.log.append_numbered = append  # type: ignore[method-assign]
        await by()
        return await append(*what, **more)

    firm.log.append_numbered = late  # type: ignore[method-assign]
