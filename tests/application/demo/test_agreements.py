"""What the demo tells of contracts is believable, of every kind, and asks few questions."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import psycopg
import pytest

from application.database.connect import Database
from application.database.embedded import EmbeddedServer
from application.demo.chronicle import History
from application.demo.year import FAR_AND_WIDE
from application.desks import open_desks
from application.log.event_log import open_log
from application.plans import shipped_promises
from application.policies.reactor import Reactor
from domain.contract.events import ContractDrafted, EntitlementConsumed
from domain.contract.state import Contract
from domain.contract.term import covers, ends_at, in_force, terms
from domain.contract.words import Kind, Level, Scope, Status, Why
from domain.ticket.events import QuestionRaised, TicketRegistered
from domain.ticket.words import Obstacle
from tests.application.demo.conftest import NOW
from tests.application.demo.told import facts, tell
from tests.application.demo.whole import Year
from tests.conftest import fresh_database

PLANS = {"hot-water", "standard"}


def _in_force(year: Year) -> list[Contract]:
    return [contract for contract in year.contracts.values() if in_force(contract, NOW)]


def test_one_contract_for_fifty_tickets(year: Year) -> None:
    assert len(year.contracts) == 14
    assert {terms(contract, NOW).plan for contract in year.contracts.values()} == PLANS
    assert len(_in_force(year)) >= 10


def test_contracts_are_in_every_state_that_people_bring_them_to(year: Year) -> None:
    states = Counter(contract.status for contract in year.contracts.values())
    assert states[Status.DRAFT] == states[Status.SIGNED] == states[Status.TERMINATED] == 1
    assert sum(len(contract.periods) > 1 for contract in year.contracts.values()) == 1
    assert sum(bool(contract.amendments) for contract in year.contracts.values()) == 1
    over = [contract for contract in year.contracts.values() if ends_at(contract) < NOW]
    assert [contract.status for contract in over] == [Status.EXPIRED]


@pytest.mark.parametrize(("least", "most"), [(0, 30), (30, 60), (60, 90)])
def test_some_expire_soon(year: Year, least: int, most: int) -> None:
    left = [ends_at(contract) - NOW for contract in _in_force(year)]
    assert sum(timedelta(least) < each <= timedelta(most) for each in left) == 1


def test_some_overlap(year: Year) -> None:
    named = Counter(serial for contract in _in_force(year) for serial in terms(contract, NOW).assets)
    assert 2 in named.values(), "no serial is covered twice"
    whole = {contract.customer for contract in _in_force(year) if contract.scope is Scope.CUSTOMER}
    assert len(whole) == 1


def test_tickets_fall_under_the_contract_in_force(year: Year) -> None:
    for fact, event in year.all(TicketRegistered):
        winner = event.contract and event.contract.winner
        if winner:
            contract = year.contracts[winner.contract]
            assert covers(contract, event.asset, fact.act.occurred_at)
            assert event.customer == contract.customer
            assert event.pin.plan == winner.plan
        else:
            assert event.pin.plan == FAR_AND_WIDE.get(str(event.customer_class), "standard")
            held = [each for each in year.contracts.values() if each.customer == event.customer]
            assert not any(covers(each, event.asset, fact.act.occurred_at) for each in held)


def test_about_half_of_the_tickets_are_covered_and_some_choices_are_close(year: Year) -> None:
    choices = [event.contract for _, event in year.all(TicketRegistered)]
    winners = [choice.winner for choice in choices if choice and choice.winner]
    assert 0.25 < len(winners) / len(choices) < 0.7
    assert {winner.level for winner in winners} == {Level.LINE, Level.CONTRACT}
    losers = {loser.why for choice in choices if choice for loser in choice.losers}
    assert losers >= {Why.OLDER, Why.NO_LONGER, Why.TERMINATED}


def test_contract_managers_draft_before_the_first_day(year: Year) -> None:
    for fact, event in year.all(ContractDrafted):
        assert fact.act.actor.startswith("contract_manager:")
        assert fact.act.occurred_at.date() < event.starts_on
        assert event.allowances.visits > 0
        assert event.allowances.parts > 0
        assert event.price.exact > 0


@pytest.mark.parametrize("tickets", [10, 60])
def test_a_small_year_has_four(server: EmbeddedServer, tickets: int) -> None:
    with fresh_database(server) as database:
        tell(database, History(tickets=tickets, seed=1, now=NOW))
        small = Year(facts(database))
    assert len(small.contracts) == 4
    assert any(event.contract for _, event in small.all(TicketRegistered))


def test_what_is_used_is_included_but_for_a_few(server: EmbeddedServer) -> None:
    with fresh_database(server) as database:
        tell(database, History(tickets=450, seed=2, now=NOW))
        asyncio.run(_react(database))
        after = Year(facts(database))
    used = Counter(event.kind for _, event in after.all(EntitlementConsumed))
    assert used[Kind.VISIT] > 50
    assert used[Kind.PART] > 20
    questions = [event for _, event in after.all(QuestionRaised)]
    assert 1 <= len(questions) <= 8
    assert {question.obstacle for question in questions} == {Obstacle.EXHAUSTED}


async def _react(database: Database) -> None:
    async with open_log(database.service_url) as log:
        desks = open_desks(log, shipped_promises(), time_zone="Asia/Shanghai")
        async with await psycopg.AsyncConnection.connect(database.service_url, autocommit=True) as conn:
            await Reactor(log, desks, database.service_url).catch_up(conn)
