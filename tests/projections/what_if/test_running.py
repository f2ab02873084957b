"""A proposal tried on history gives what would have been, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from msgspec.structs import replace

from application.database.connect import Database
from application.database.embedded import EmbeddedServer
from domain.clock import Milestone
from domain.event import Fact
from domain.money import Money
from domain.reading import Cause, Verdict
from domain.ticket.words import Priority
from projections.sla_compliance.compliance import ComplianceTable, compliance
from projections.sla_compliance.question import question
from projections.what_if.changes import ChangedTicket, Judged
from projections.what_if.proposal import ProposedCalendar, Replaced
from tests.conftest import fresh_database
from tests.projections.histories import Story, answer, at, random_facts
from tests.projections.views import PROMISES, ask, shown
from tests.projections.what_if.proposals import proposed, tried

AS_OF = at(900)
PENALTY = {"milestone": "resolve", "per_hour": {"amount": "100.00", "currency": "CNY"}}


@pytest.fixture(scope="module", params=[3, 8])
def history(request: pytest.FixtureRequest, server: EmbeddedServer) -> Iterator[tuple[str, list[Fact]]]:
    """A database with a random history, and its facts."""
    facts = random_facts(tickets=40, steps=9, seed=request.param)
    with fresh_database(server) as database:
        shown(database.service_url, facts)
        yield database.service_url, facts


def under(facts: Sequence[Fact], plan: str) -> list[Fact]:
    """The same events, of tickets that were registered under another plan."""
    pin = PROMISES.pin(plan, at(0))
    return [
        replace(fact, event=replace(fact.event, pin=pin)) if fact.version == 1 else fact for fact in facts
    ]


def figures(table: ComplianceTable) -> list[dict[str, Any]]:
    """The rows and the total of a table, whatever the plans are called."""
    return [msgspec.to_builtins(row) for row in (*table.rows, table.total)]


def table(url: str, *group_by: str) -> ComplianceTable:
    """The real table."""
    wanted = question(AS_OF, group_by=group_by)
    return ask(url, lambda conn: compliance(conn, PROMISES, wanted))


def test_the_same_promises_change_no_verdict(history: tuple[str, list[Fact]]) -> None:
    url, facts = history
    replaces = Replaced(plans=("standard",))
    outcome, changes = tried(url, plan=proposed("standard"), replaces=replaces)
    assert (outcome.changed, changes) == (0, [])
    registered = [fact for fact in facts if fact.version == 1]
    assert outcome.tickets == sum(fact.event.pin.plan == "standard" for fact in registered) > 0  # type: ignore[attr-defined]
    assert figures(outcome.real) == figures(outcome.tried)
    assert {each.plan_version for each in outcome.tried.plans} == {0}


@pytest.mark.parametrize("plan", ["hot-water", "distance-bands"])
def test_a_plan_that_is_tried_gives_what_tickets_under_it_would_have(
    history: tuple[str, list[Fact]], server: EmbeddedServer, plan: str
) -> None:
    url, facts = history
    outcome, _ = tried(url, plan=proposed(plan), group_by=("team", "milestone"))
    assert figures(outcome.real) == figures(table(url, "team", "milestone"))
    with fresh_database(server) as other:
        shown(other.service_url, under(facts, plan))
        assert figures(outcome.tried) == figures(table(other.service_url, "team", "milestone"))


def test_what_changes_adds_up_to_the_two_tables(history: tuple[str, list[Fact]]) -> None:
    url, _ = history
    outcome, changes = tried(url, plan=proposed("hot-water", penalties=[PENALTY]))
    told = [msgspec.json.decode(each.told, type=ChangedTicket) for each in changes]
    clocks = [clock for ticket in told for clock in ticket.clocks]
    for verdict in (Verdict.MET, Verdict.BREACHED, Verdict.PENDING):
        gained = sum(clock.after is not None and clock.after.verdict is verdict for clock in clocks)
        lost = sum(clock.before is not None and clock.before.verdict is verdict for clock in clocks)
        before, after = (getattr(each.total, verdict.value) for each in (outcome.real, outcome.tried))
        assert after - before == gained - lost
    assert outcome.changed == len({ticket.number for ticket in told}) > 0


def test_any_number_of_processes_gives_the_same_bytes_and_the_log_is_left_alone(
    history: tuple[str, list[Fact]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, facts = history
    first = tried(url, plan=proposed("hot-water"))
    monkeypatch.setattr("projections.what_if.running.AT_ONCE", 7)
    second = tried(url, plan=proposed("hot-water"), processes=2)
    assert msgspec.json.encode(first[0]) == msgspec.json.encode(second[0])
    assert first[1] == second[1]
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT position FROM log.head").fetchone() == (len(facts),)


def told_of(url: str, **proposal: Any) -> ChangedTicket:
    """The one ticket that a proposal changes."""
    _, (change,) = tried(url, **proposal)
    return msgspec.json.decode(change.told, type=ChangedTicket)


def test_a_change_says_from_what_to_what_with_deadlines_and_penalties(database: Database) -> None:
    story = answer(Story(1, priority=Priority.P1, customer="海风酒店"), 0.5)
    story.then("resolve", 6, solution="更换")  # 4 h 30 of working time, of 7 h 30
    shown(database.service_url, story.facts)
    plan = proposed("standard", targets={"resolve": {"P1": "PT2H"}}, penalties=[PENALTY])
    ticket = told_of(database.service_url, plan=plan)
    assert (ticket.number, ticket.customer) == ("T-2026-000001", "海风酒店")
    response, resolve = ({"before": clock.before, "after": clock.after} for clock in ticket.clocks)
    assert said(response, "verdict") == [Verdict.MET, Verdict.NONE]  # the proposal promises none
    assert said(resolve, "verdict") == [Verdict.MET, Verdict.BREACHED]
    assert said(resolve, "cause") == [None, Cause.LATE]
    assert said(resolve, "target") == ["PT7H30M", "PT2H"]
    assert said(resolve, "elapsed") == ["PT4H30M", "PT4H30M"]
    assert said(resolve, "due_at") == [at(9), at(2)]
    assert said(resolve, "breached_at") == [None, at(2)]
    assert said(resolve, "penalty") == [None, Money("300.00", "CNY")]  # two hours and a half


def said(sides: dict[str, Judged | None], field: str) -> list[Any]:
    """What a clock says before and after."""
    return [getattr(side, field) for side in sides.values()]


def test_a_calendar_alone_stands_in_the_place_of_its_own_versions(database: Database) -> None:
    story = answer(Story(1), 0.5).then("resolve", 23, solution="更换")
    other = answer(Story(2, plan="hot-water"), 0.1).then("resolve", 3, solution="x")
    shown(database.service_url, [*story.facts, *other.facts])
    calendar = ProposedCalendar(name="cn-office")  # round the clock
    outcome, _ = tried(database.service_url, calendar=calendar)
    assert outcome.tickets == 1
    ticket = told_of(database.service_url, calendar=calendar)
    (resolve,) = ticket.clocks
    after = resolve.after
    assert resolve.milestone is Milestone.RESOLVE
    assert after is not None
    assert (after.plan, after.plan_version) == ("standard", 1)
    assert (after.calendar, after.calendar_version) == ("cn-office", 0)
    assert (after.elapsed, after.due_at) == ("PT23H", at(15))


def numbers(
    url: str, since: datetime | None = None, until: datetime | None = None, **replaces: Any
) -> list[str]:
    """The tickets that a proposal is about, seen by what it changes: nothing is ever done in a second."""
    plan = proposed("standard", targets={"resolve": dict.fromkeys(("P1", "P2", "P3", "P4"), "PT1S")})
    asked = {"reported_from": since, "reported_until": until, "replaces": Replaced(**replaces)}
    return [change.number[-1] for change in tried(url, plan=plan, **asked)[1]]


def test_only_whose_promises_are_replaced_and_only_the_period_counts(database: Database) -> None:
    stories = [
        Story(1, customer="A", product="H-1", priority=Priority.P1),
        Story(2, customer="B", product="H-1", hours=24),
        Story(3, customer="B", product="H-2", hours=48, plan="hot-water"),
    ]
    shown(database.service_url, [fact for story in stories for fact in story.facts])
    url, second = database.service_url, timedelta(seconds=1)
    assert numbers(url) == ["1", "2", "3"]
    assert numbers(url, customers=("B", "C")) == ["2", "3"]
    assert numbers(url, plans=("standard",)) == numbers(url, plans=("standard v1",)) == ["1", "2"]
    assert numbers(url, plans=("standard v2",)) == []
    assert numbers(url, products=("H-1",), priorities=(Priority.P2,)) == ["2"]
    assert numbers(url, contracts=("C-1",)) == []
    assert numbers(url, at(24), at(48)) == ["2"]
    assert numbers(url, at(24) + second, at(48) + second) == ["3"]


def test_what_was_recorded_after_the_position_has_not_happened(database: Database) -> None:
    story = answer(Story(1), 0.5)
    shown(database.service_url, story.facts)
    before, _ = tried(database.service_url, plan=proposed("hot-water"), position=2)
    shown(database.service_url, story.then("resolve", 1, solution="x").facts[-1:])
    after, _ = tried(database.service_url, plan=proposed("hot-water"), position=2)
    assert msgspec.json.encode(before) == msgspec.json.encode(after)
    assert before != tried(database.service_url, plan=proposed("hot-water"), position=3)[0]
