"""What may be asked of a ticket: given what happened, when something is asked, then this follows."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from domain.contract.choice import Choice, Loser, Winner
from domain.contract.words import Level, Why
from domain.errors import InvalidValue
from domain.ticket.events import (
    ResolutionRejected,
    TicketCancelled,
    TicketClassified,
    TicketContacted,
    TicketEscalated,
    TicketReopened,
    TicketResumed,
)
from domain.ticket.registration import register
from domain.ticket.state import Hold
from domain.ticket.words import Channel, Direction, HoldReason, Impact, Party, Priority, Status, Tier
from tests.domain.story import PROMISES, TICKET, at, happened, held, registered, rejected, reopened, resolved
from tests.domain.ticket.story import OTHER, STANDS, assigned, given

CHOSEN = Choice(
    winner=Winner(number="C-2026-000012", contract=UUID(int=12), level=Level.LINE, plan="always"),
    losers=(Loser(number="C-2026-000007", contract=UUID(int=7), why=Why.OLDER),),
)
LEFT_OVER = Choice(losers=CHOSEN.losers)
"""No contract applies."""


class TestRegistering:
    def test_a_report_needs_a_subject(self) -> None:
        for subject in ("", " ", "\t\n", "　"):
            with pytest.raises(InvalidValue) as refused:
                register(
                    number="T",
                    subject=subject,
                    priority=Priority.P3,
                    pin=PROMISES.pin("always", at("09:00")),
                )
            assert refused.value.field == "/subject"

    def test_nothing_is_lost_when_the_caller_is_unknown(self) -> None:
        event = register(
            number="T",
            subject="冷水",
            priority=Priority.P3,
            pin=PROMISES.pin("always", at("09:00")),
        )
        assert (event.customer, event.contact, event.asset) == (None, None, None)

    def test_the_report_starts_the_ticket(self) -> None:
        ticket = given(registered("09:00", priority="P1")).ticket
        assert (ticket.status, ticket.priority, ticket.cycle, ticket.tier) == (
            Status.NEW,
            Priority.P1,
            1,
            Tier.L1,
        )
        assert ticket.reported_at == at("09:00")

    @pytest.mark.parametrize("contract", [CHOSEN, LEFT_OVER, None])
    def test_a_ticket_keeps_which_contract_it_falls_under_and_which_did_not_apply(
        self, contract: Choice | None
    ) -> None:
        pin = PROMISES.pin("always", at("09:00"))
        event = register(number="T", subject="冷水", priority=Priority.P3, pin=pin, contract=contract)
        ticket = given(happened(event, "09:00"), assigned("09:10")).ticket
        assert (ticket.contract, ticket.pin) == (contract, pin)


class TestWork:
    def test_taking_it_up_makes_it_assigned(self) -> None:
        ticket = given(registered("09:00")).when("assign", team="A", person="王芳").ticket
        assert (ticket.status, ticket.team, ticket.person) == (Status.ASSIGNED, "A", "王芳")

    def test_assigning_while_it_waits_leaves_it_waiting(self) -> None:
        story = given(registered("09:00"), held("09:10", "waiting_for_part"))
        ticket = story.when("assign", team="A").ticket
        assert (ticket.status, ticket.team) == (Status.ON_HOLD, "A")

    def test_hand_offs_are_counted_between_teams_only(self) -> None:
        steps = (("A", 0), ("A", 0), ("B", 1), ("A", 2))
        story = [registered("09:00")]
        for minute, (team, hand_offs) in enumerate(steps, 1):
            story.append(assigned(f"09:0{minute}", team))
            assert given(*story).ticket.hand_offs == hand_offs

    def test_escalating_to_a_team_gives_it_the_ticket(self) -> None:
        assert given(registered("09:00")).when("escalate", tier=Tier.L2).ticket.status is Status.NEW
        ticket = given(registered("09:00")).when("escalate", tier=Tier.L2, team="B").ticket
        assert (ticket.status, ticket.team) == (Status.ASSIGNED, "B")

    def test_another_team_takes_the_person_off_it(self) -> None:
        story = given(registered("09:00"), assigned("09:10", "A", "王芳"))
        assert story.when("escalate", tier=Tier.L2).ticket.person == "王芳"
        moved = story.when("escalate", tier=Tier.L2, team="B").then(TicketEscalated(tier=Tier.L2, team="B"))
        assert (moved.tier, moved.team, moved.person, moved.hand_offs) == (Tier.L2, "B", None, 1)

    @pytest.mark.parametrize(("team", "allowed"), [(None, False), ("A", False), ("B", True)])
    def test_escalating_goes_somewhere_else(self, team: str | None, allowed: bool) -> None:
        answer = given(registered("09:00"), assigned("09:10", "A")).when("escalate", tier=Tier.L1, team=team)
        if allowed:
            answer.then(TicketEscalated(tier=Tier.L1, team=team))
        else:
            answer.refused(InvalidValue, "/tier")

    def test_classifying_again_keeps_what_is_not_said(self) -> None:
        first = happened(TicketClassified(category="heating", fault_code="E-07", impact=Impact.LOW), "09:10")
        ticket = given(registered("09:00"), first).when("classify", category="heating").ticket
        assert (ticket.category, ticket.fault_code, ticket.impact) == ("heating", "E-07", Impact.LOW)


class TestWaiting:
    def test_a_hold_says_why_since_when_and_until_when_at_most(self) -> None:
        asked = {"reason": HoldReason.ACCESS_REFUSED, "review_at": at("tue 09:00")}
        ticket = given(registered("09:00")).when("hold", "10:00", **asked).ticket
        assert ticket.status is Status.ON_HOLD
        assert ticket.hold == Hold(HoldReason.ACCESS_REFUSED, since=at("10:00"), review_at=at("tue 09:00"))

    def test_no_wait_is_without_a_review_three_days_on_where_nobody_says_when(self) -> None:
        ticket = given(registered("09:00")).when("hold", "10:00", reason=HoldReason.OTHER).ticket
        assert ticket.hold is not None
        assert ticket.hold.review_at == at("thu 10:00")

    def test_the_firm_may_say_when_a_wait_is_reviewed(self) -> None:
        asked = {"reason": HoldReason.OTHER, "review_within": timedelta(hours=8)}
        ticket = given(registered("09:00")).when("hold", "10:00", **asked).ticket
        assert ticket.hold is not None
        assert ticket.hold.review_at == at("18:00")

    @pytest.mark.parametrize("review", ["09:00", "10:00"])
    def test_the_review_lies_after_the_hold(self, review: str) -> None:
        answer = given(registered("09:00")).when(
            "hold", "10:00", reason=HoldReason.OTHER, review_at=at(review)
        )
        answer.refused(InvalidValue, "/review_at")

    def test_resuming_goes_back_to_where_it_was(self) -> None:
        waiting = held("09:20", "waiting_for_part")
        for before, status in (((), Status.NEW), ((assigned("09:10"),), Status.ASSIGNED)):
            ticket = given(registered("09:00"), *before, waiting).when("resume").then(TicketResumed())
            assert (ticket.status, ticket.hold) == (status, None)

    @pytest.mark.parametrize("reason", list(HoldReason))
    @pytest.mark.parametrize("direction", list(Direction))
    @pytest.mark.parametrize("party", list(Party))
    def test_only_the_customers_own_contact_ends_waiting_for_the_customer(
        self, reason: HoldReason, direction: Direction, party: Party
    ) -> None:
        asked = {"channel": Channel.CHAT, "direction": direction, "party": party}
        answer = given(registered("09:00"), held("09:10", reason)).when("contact", **asked)
        real = party is Party.PERSON
        ends = real and (reason, direction) == (HoldReason.WAITING_FOR_CUSTOMER, Direction.INBOUND)
        more = (TicketResumed(by_contact=True),) if ends else ()
        ticket = answer.then(TicketContacted(**asked), *more)
        assert ticket.status is (Status.NEW if ends else Status.ON_HOLD)
        assert ticket.last_contact_at == (at("10:00") if real else None)

    def test_resolving_ends_the_wait(self) -> None:
        ticket = given(*STANDS[Status.ON_HOLD]).when("resolve", solution="x").ticket
        assert (ticket.status, ticket.hold, ticket.resolved_at) == (Status.RESOLVED, None, at("10:00"))


class TestEnding:
    @pytest.mark.parametrize("action", ["reject", "reopen", "cancel"])
    @pytest.mark.parametrize("why", [None, "", "  "])
    def test_a_reason_is_needed(self, action: str, why: str | None) -> None:
        status = Status.NEW if action == "cancel" else Status.RESOLVED
        given(*STANDS[status]).when(action, why=why).refused(InvalidValue, "/reason")

    @pytest.mark.parametrize(
        ("end", "cycle"), [(Status.RESOLVED, 2), (Status.CONFIRMED, 2), (Status.CLOSED, 2)]
    )
    def test_reopening_starts_the_next_cycle(self, end: Status, cycle: int) -> None:
        ticket = given(*STANDS[end]).when("reopen").then(TicketReopened(cycle=cycle))
        assert (ticket.status, ticket.cycle) == (Status.NEW, cycle)
        assert (ticket.resolved_at, ticket.closed_at) == (None, None)

    def test_cycles_go_on_counting(self) -> None:
        story = (*STANDS[Status.RESOLVED], rejected("10:00"), resolved("10:10"), reopened("10:20", cycle=3))
        assert given(*story, resolved("10:30")).when("reject").then(ResolutionRejected(cycle=4)).cycle == 4

    def test_a_ticket_is_not_its_own_duplicate(self) -> None:
        given(registered("09:00")).when("cancel", duplicate_of=TICKET).refused(InvalidValue, "/duplicate_of")

    def test_a_duplicate_names_the_other(self) -> None:
        answer = given(registered("09:00")).when("cancel", duplicate_of=OTHER)
        ticket = answer.then(TicketCancelled(duplicate_of=OTHER))
        assert (ticket.status, ticket.duplicate_of, ticket.closed_at) == (
            Status.CANCELLED,
            OTHER,
            at("10:00"),
        )
