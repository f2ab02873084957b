"""Tickets that nobody takes are handed on by rule, once for each occasion."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from application.database.connect import Database
from application.desks import open_desks
from application.escalation_rules import BadRules, read_rules
from application.plans import shipped_promises
from application.policies.bulk import record
from application.policies.timers import Timer, Timers
from application.ticket_commands.course import ReopenTicket, ResolveTicket
from application.ticket_commands.intake import RegisterTicket
from application.ticket_commands.tiers import (
    AcceptHandover,
    AssignTicket,
    EscalateTicket,
    HandBackTicket,
    RefuseHandover,
)
from domain.ticket.escalation import applied, occasion_of
from domain.ticket.events import TicketEscalated
from domain.ticket.rule_events import EscalationRule, RuleApplied
from domain.ticket.words import Priority, Tier, When
from interfaces.cli.reacting import timers as real_timers
from projections.engine.runner import Runner
from projections.flow.escalating import upcoming
from projections.flow.fold import FlowProjection
from tests.application.policies.case import ADMIN, Case, tell
from tests.domain import story as week
from tests.domain.ticket.story import facts, given
from tests.projections.views import shipped

RULES = read_rules(Path(__file__).parents[3] / "docs/examples/escalation.toml")
PROMISES = shipped_promises()


def timers(case: Case) -> Timers:
    """A worker's timers, with these rules and a view of its own."""
    decide = partial(applied, rules=RULES, promises=PROMISES)
    timer = Timer("rules", "flow", upcoming(RULES), partial(record, case.log, decide))
    return Timers(case.log, [timer], now=lambda: case.now)


async def looked(case: Case, workers: int = 1) -> None:
    """The view catches up, and so many workers look at the time."""
    with Runner(case.url, [FlowProjection()]) as runner:
        runner.run_once()
    await asyncio.gather(*(timers(case).look() for _ in range(workers)))


async def registered(case: Case, priority: Priority) -> str:
    """A ticket that is reported now."""
    receipt = await case.desks.tickets.register(RegisterTicket(subject="x", priority=priority), ADMIN)
    return receipt.number


async def rules_of(case: Case, ticket: str) -> list[str]:
    """The rules that were applied to a ticket, in order."""
    facts = await case.desks.tickets.facts(ticket)
    return [fact.event.rule.name for fact in facts if isinstance(fact.event, RuleApplied)]


def test_a_p1_that_nobody_has_is_handed_to_the_second_tier_once_whoever_looks(database: Database) -> None:
    async def story(case: Case) -> None:
        ticket = await registered(case, Priority.P1)
        other = await registered(case, Priority.P2)
        case.passes(minutes=9, seconds=59)
        await looked(case)
        assert await rules_of(case, ticket) == []
        due = case.passes(seconds=1)
        late = case.passes(minutes=2)
        await looked(case, workers=4)
        await looked(case)
        *_, note, handed = await case.desks.tickets.facts(ticket)
        assert isinstance(note.event, RuleApplied)
        assert (note.event.rule, note.event.due_at) == (RULES[0], due)
        assert handed.event == TicketEscalated(tier=Tier.L2, team="总部技术支持")
        assert (handed.act.actor, handed.act.occurred_at) == ("system:timer", late)
        assert handed.act.reason == "p1-unassigned v1"
        assert await rules_of(case, ticket) == ["p1-unassigned"]
        assert await rules_of(case, other) == []

    tell(database, story)


def test_each_handover_that_nobody_accepts_is_told_once(database: Database) -> None:
    async def story(case: Case) -> None:
        ticket = await registered(case, Priority.P4)
        await case.ask(ticket, AssignTicket(team="A"), EscalateTicket(tier=Tier.L2, team="B"))
        case.passes(minutes=15)
        await looked(case)
        await looked(case)
        assert await rules_of(case, ticket) == ["nobody-accepts"]
        await case.ask(ticket, RefuseHandover(reason="no"), EscalateTicket(tier=Tier.L2, team="C"))
        case.passes(minutes=15)
        await looked(case)
        assert await rules_of(case, ticket) == ["nobody-accepts"] * 2
        await case.ask(ticket, AcceptHandover())
        case.passes(hours=1)
        await looked(case)
        assert await rules_of(case, ticket) == ["nobody-accepts"] * 2

    tell(database, story)


def test_working_time_is_the_tickets_own(database: Database) -> None:
    async def story(case: Case) -> None:
        case.passes(hours=8, minutes=30)  # 17:30, half an hour before the office closes
        ticket = await registered(case, Priority.P2)
        await case.ask(ticket, AssignTicket(team="A"))
        case.passes(hours=10)
        await looked(case)
        assert await rules_of(case, ticket) == []
        case.passes(hours=7)
        await looked(case)
        assert await rules_of(case, ticket) == ["too-long-in-the-field"]

    tell(database, story)


BREAKING = EscalationRule(
    name="breaking", version=1, when=When.WARNED, percent=75, to_tier=Tier.L2, to_team="总部技术支持"
)
TOLD = EscalationRule(name="told", version=1, when=When.WARNED, percent=95, tell="总部")
"""No plan warns at 95 %: it applies with the deadline."""


async def warned(case: Case, workers: int = 1) -> None:
    """The views catch up and the timers of a worker look; twice, since one acts on what the other notes."""
    for _ in range(2):
        with Runner(case.url, shipped()) as runner:
            runner.run_once()
        desks = open_desks(case.log, PROMISES, time_zone="Asia/Shanghai")
        real = real_timers(case.log, desks, PROMISES, (BREAKING, TOLD))
        each = (Timers(case.log, real, now=lambda: case.now) for _ in range(workers))
        await asyncio.gather(*(one.look() for one in each))


async def breaking(case: Case) -> str:
    """A P1 that hot-water systems have repaired in 12 hours."""
    told = RegisterTicket(subject="x", priority=Priority.P1, plan="hot-water")
    return (await case.desks.tickets.register(told, ADMIN)).number


def test_a_warning_of_the_time_to_resolve_escalates_once_however_often_and_by_whomever_it_is_looked_at(
    database: Database,
) -> None:
    async def story(case: Case) -> None:
        ticket = await breaking(case)
        case.passes(hours=8, minutes=59)
        await warned(case)
        assert await rules_of(case, ticket) == []
        case.passes(minutes=1)
        await warned(case, workers=3)
        await warned(case)
        case.passes(hours=2)  # 90 %
        await warned(case)
        assert await rules_of(case, ticket) == ["breaking"]
        facts = await case.desks.tickets.facts(ticket)
        [handed] = [fact for fact in facts if isinstance(fact.event, TicketEscalated)]
        [note] = [fact for fact in facts if isinstance(fact.event, RuleApplied)]
        assert isinstance(note.event, RuleApplied)
        assert note.event.since == case.now - timedelta(hours=2)
        assert (handed.act.actor, handed.act.reason) == ("system:timer", "breaking v1")
        case.passes(hours=5)
        await warned(case)
        await warned(case)
        assert await rules_of(case, ticket) == ["breaking", "told"]

    tell(database, story)


def test_another_cycle_is_another_occasion_and_what_was_resolved_before_is_none(database: Database) -> None:
    async def story(case: Case) -> None:
        ticket, quick = await breaking(case), await breaking(case)
        case.passes(hours=9)
        await case.ask(quick, ResolveTicket(solution="x"))
        await warned(case)
        assert (await rules_of(case, ticket), await rules_of(case, quick)) == (["breaking"], [])
        await case.ask(
            ticket,
            HandBackTicket(tier=Tier.L1, finding="x"),
            ResolveTicket(solution="x"),
            ReopenTicket(reason="y"),
        )
        await warned(case)
        assert await rules_of(case, ticket) == ["breaking"]
        case.passes(hours=9)
        await warned(case)
        assert await rules_of(case, ticket) == ["breaking"] * 2

    tell(database, story)


def test_a_version_of_a_rule_does_not_apply_again_to_what_the_one_before_applied_to() -> None:
    rule = EscalationRule(name="x", version=1, when=When.UNASSIGNED, after=60, tell="y")
    story = facts((week.registered("09:00"),))
    ticket = given(week.registered("09:00")).ticket
    occasion = occasion_of(rule, ticket, week.PROMISES)
    assert occasion is not None
    assert occasion.due_at - occasion.since == timedelta(seconds=60)
    told = applied(story, occasion.due_at, [rule, replace(rule, version=2)], week.PROMISES)
    assert [type(each.event) for each in told] == [RuleApplied]
    assert applied(story, occasion.due_at - timedelta(seconds=1), [rule], week.PROMISES) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('name = "a"\nversion = 1\nwhen = "unassigned"\nafter = "PT1M"', "does nothing"),
        ('name = "a"\nversion = 1\nwhen = "unassigned"\ntell = "x"', "needs after"),
        ('name = "a"\nversion = 1\nwhen = "warned"\ntell = "x"', "percent"),
        ('name = "a"\nversion = 1\nwhen = "sometimes"\ntell = "x"', "sometimes"),
        (
            'name = "a"\nversion = 1\nwhen = "unassigned"\nafter = "PT1M"\nto_team = "x"\ntell = "x"',
            "without to_tier",
        ),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(f"[[rule]]\n{text}\n")
    with pytest.raises(BadRules, match=why):
        read_rules(file)


def test_two_rules_have_two_names(tmp_path: Path) -> None:
    one = '[[rule]]\nname = "a"\nversion = 1\nwhen = "unassigned"\nafter = "PT1M"\ntell = "x"\n'
    (tmp_path / "rules.toml").write_text(one * 2)
    with pytest.raises(BadRules, match="one name"):
        read_rules(tmp_path / "rules.toml")
    assert read_rules(None) == ()
