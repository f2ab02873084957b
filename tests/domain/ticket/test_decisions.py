"""What may be asked of a ticket: given what happened, when something is asked, then this follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st

from domain.errors import DomainError, InvalidValue, NotAllowed
from domain.event import Act, Event, Fact
from domain.ticket import decisions
from domain.ticket.decisions import ALLOWED, allowed_actions
from domain.ticket.events import (
    ResolutionConfirmed,
    ResolutionRejected,
    TicketAssigned,
    TicketCancelled,
    TicketClassified,
    TicketClosed,
    TicketContacted,
    TicketEscalated,
    TicketHeld,
    TicketPrioritised,
    TicketRemarked,
    TicketReopened,
    TicketResolved,
    TicketResumed,
)
from domain.ticket.registration import register
from domain.ticket.state import Hold, Ticket, evolve, replay
from domain.ticket.words import Channel, Direction, HoldReason, Impact, Party, Priority, Status, Tier
from tests.domain.story import (
    PROMISES,
    TICKET,
    Happening,
    at,
    cancelled,
    closed,
    confirmed,
    happened,
    held,
    registered,
    rejected,
    reopened,
    resolved,
)

OTHER = UUID(int=7)

ASKED: dict[str, dict[str, Any]] = {
    "classify": {"category": "heating", "fault_code": "E-07", "impact": Impact.HIGH},
    "prioritise": {"priority": Priority.P1},
    "assign": {"team": "华东一组", "person": "王芳"},
    "contact": {"channel": Channel.PHONE, "direction": Direction.OUTBOUND, "party": Party.PERSON},
    "hold": {"reason": HoldReason.WAITING_FOR_PART},
    "resume": {},
    "escalate": {"tier": Tier.L2},
    "resolve": {"solution": "new element"},
    "confirm": {"confirmed_by": "陈经理"},
    "reject": {},
    "close": {},
    "reopen": {},
    "cancel": {},
    "remark": {"text": "prefers mornings"},
}
"""Every action with arguments that it takes."""

FOLLOWS: dict[str, Event] = {
    "classify": TicketClassified(category="heating", fault_code="E-07", impact=Impact.HIGH),
    "prioritise": TicketPrioritised(priority=Priority.P1),
    "assign": TicketAssigned(team="华东一组", person="王芳"),
    "contact": TicketContacted(channel=Channel.PHONE, direction=Direction.OUTBOUND, party=Party.PERSON),
    "hold": TicketHeld(hold=HoldReason.WAITING_FOR_PART),
    "resume": TicketResumed(),
    "escalate": TicketEscalated(tier=Tier.L2),
    "resolve": TicketResolved(solution="new element"),
    "confirm": ResolutionConfirmed(by="陈经理"),
    "reject": ResolutionRejected(cycle=2),
    "close": TicketClosed(),
    "reopen": TicketReopened(cycle=2),
    "cancel": TicketCancelled(),
    "remark": TicketRemarked(text="prefers mornings"),
}
"""What each of them makes of a ticket in its first cycle."""


def assigned(when: str, team: str = "A", person: str | None = None) -> Happening:
    """A team has it."""
    return happened(TicketAssigned(team=team, person=person), when)


STANDS: dict[Status, tuple[Happening, ...]] = {
    Status.NEW: (registered("09:00"),),
    Status.ASSIGNED: (registered("09:00"), assigned("09:10")),
    Status.ON_HOLD: (registered("09:00"), held("09:10", "waiting_for_customer")),
    Status.RESOLVED: (registered("09:00"), resolved("09:10")),
    Status.CONFIRMED: (registered("09:00"), resolved("09:10"), confirmed("09:20")),
    Status.CLOSED: (registered("09:00"), resolved("09:10"), closed("09:20")),
    Status.CANCELLED: (registered("09:00"), cancelled("09:10")),
}
"""A shortest way into every state."""

TABLE = """
              new  assigned  on_hold  resolved  confirmed  closed  cancelled
classify      yes  yes       yes      yes       yes        -       -
prioritise    yes  yes       yes      -         -          -       -
assign        yes  yes       yes      -         -          -       -
contact       yes  yes       yes      yes       yes        yes     yes
hold          yes  yes       -        -         -          -       -
resume        -    -         yes      -         -          -       -
escalate      yes  yes       yes      -         -          -       -
resolve       yes  yes       yes      -         -          -       -
confirm       -    -         -        yes       -          -       -
reject        -    -         -        yes       -          -       -
close         -    -         -        yes       yes        -       -
reopen        -    -         -        yes       yes        yes     -
cancel        yes  yes       yes      -         -          -       -
remark        yes  yes       yes      yes       yes        yes     yes
"""


def rows() -> list[tuple[str, Status, bool]]:
    """The table, cell by cell."""
    head, *lines = (line.split() for line in TABLE.strip().splitlines())
    return [
        (action, Status(status), cell == "yes")
        for action, *cells in lines
        for status, cell in zip(head, cells, strict=True)
    ]


@dataclass(frozen=True)
class Standing:
    """A ticket to which things have happened."""

    ticket: Ticket

    def when(self, action: str, when: str = "10:00", *, why: str | None = "because", **asked: Any) -> Answer:
        """Ask for something."""
        by = Act(actor="agent:li.wei", occurred_at=at(when), reason=why)
        try:
            return Answer(self.ticket, getattr(decisions, action)(self.ticket, by=by, **asked), None, by)
        except DomainError as refused:
            return Answer(self.ticket, (), refused, by)


@dataclass(frozen=True)
class Answer:
    """What follows."""

    before: Ticket
    events: tuple[Event, ...]
    error: DomainError | None
    by: Act

    @property
    def ticket(self) -> Ticket:
        """The ticket after it."""
        ticket = self.before
        for event in self.events:
            ticket = evolve(event, ticket, self.by)
        return ticket

    def then(self, *events: Event) -> Ticket:
        """These events follow; the ticket after them."""
        assert self.error is None
        assert self.events == events
        return self.ticket

    def refused(self, kind: type[DomainError], field: str | None = None) -> DomainError:
        """It is refused, and nothing happened."""
        assert type(self.error) is kind
        assert self.events == ()
        assert self.error.field == field
        return self.error


def given(*happenings: Happening) -> Standing:
    """A ticket to which this happened."""
    ticket = replay(facts(happenings))
    assert ticket is not None
    return Standing(ticket)


def facts(happenings: tuple[Happening, ...]) -> list[Fact]:
    """What happened, as the log keeps it."""
    return [
        Fact(stream_id=TICKET, version=version, event=event, act=act, correlation_id=TICKET)
        for version, (event, act) in enumerate(happenings, 1)
    ]


class TestEveryActionInEveryState:
    def test_the_table_is_complete(self) -> None:
        assert {(action, status) for action, status, _ in rows()} == {(a, s) for a in ALLOWED for s in Status}
        assert ASKED.keys() == FOLLOWS.keys() == ALLOWED.keys()
        assert all(given(*STANDS[status]).ticket.status is status for status in Status)

    @pytest.mark.parametrize(("action", "status", "allowed"), rows())
    def test_cell(self, action: str, status: Status, allowed: bool) -> None:
        answer = given(*STANDS[status]).when(action, **ASKED[action])
        if allowed:
            answer.then(FOLLOWS[action])
            return
        error = answer.refused(NotAllowed)
        assert isinstance(error, NotAllowed)
        assert error.state == status.value
        assert error.allowed == tuple(sorted(name for name, state, yes in rows() if yes and state is status))
        assert f"is {status.value}" in error.message
        assert action in error.message
        assert all(name in error.message for name in error.allowed)

    @pytest.mark.parametrize(("action", "status", "allowed"), rows())
    def test_what_is_said_to_be_allowed_is(self, action: str, status: Status, allowed: bool) -> None:
        assert (action in allowed_actions(status)) is allowed


class TestRegistering:
    def test_a_report_needs_a_subject(self) -> None:
        for subject in ("", " ", "\t\n", "　"):
            with pytest.raises(InvalidValue) as refused:
                register(number="T", subject=subject, priority=Priority.P3, pin=PROMISES.pin("always"))
            assert refused.value.field == "/subject"

    def test_nothing_is_lost_when_the_caller_is_unknown(self) -> None:
        event = register(number="T", subject="冷水", priority=Priority.P3, pin=PROMISES.pin("always"))
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
        ticket = given(registered("09:00"), first).when("classify", category="water").ticket
        assert (ticket.category, ticket.fault_code, ticket.impact) == ("water", "E-07", Impact.LOW)


class TestWaiting:
    def test_a_hold_says_why_since_when_and_until_when_at_most(self) -> None:
        asked = {"reason": HoldReason.ACCESS_REFUSED, "review_at": at("tue 09:00")}
        ticket = given(registered("09:00")).when("hold", "10:00", **asked).ticket
        assert ticket.status is Status.ON_HOLD
        assert ticket.hold == Hold(HoldReason.ACCESS_REFUSED, since=at("10:00"), review_at=at("tue 09:00"))

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
        ends = (reason, direction) == (HoldReason.WAITING_FOR_CUSTOMER, Direction.INBOUND)
        more = (TicketResumed(by_contact=True),) if ends else ()
        ticket = answer.then(TicketContacted(**asked), *more)
        assert ticket.status is (Status.NEW if ends else Status.ON_HOLD)
        assert ticket.last_contact_at == at("10:00")

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


class TestTime:
    @pytest.mark.parametrize("action", list(ALLOWED))
    def test_nothing_happens_before_the_report(self, action: str) -> None:
        status = next(status for name, status, yes in rows() if yes and name == action)
        story = given(*STANDS[status])
        story.when(action, "08:59:59", **ASKED[action]).refused(InvalidValue, "/occurred_at")
        late = story.when(action, "09:00", **ASKED[action])
        assert late.error is None

    def test_what_the_state_forbids_is_said_first(self) -> None:
        given(*STANDS[Status.CLOSED]).when("resolve", "08:00", solution="x").refused(NotAllowed)


EVENTS: list[Event] = [
    registered("09:00")[0],
    *FOLLOWS.values(),
    TicketResumed(by_contact=True),
    TicketHeld(hold=HoldReason.WAITING_FOR_CUSTOMER),
    TicketEscalated(tier=Tier.L4, team="B"),
    ResolutionRejected(cycle=9),
    TicketReopened(cycle=0),
    TicketCancelled(duplicate_of=OTHER),
]
MINUTES = st.integers(min_value=-10_000, max_value=10_000)


@for_any(st.lists(st.tuples(st.sampled_from(EVENTS), MINUTES), max_size=20))
def test_evolving_never_fails_whatever_happened_in_whatever_order(story: list[tuple[Event, int]]) -> None:
    happenings = tuple(
        (event, Act(actor="import", occurred_at=at("09:00") + timedelta(minutes=minutes)))
        for event, minutes in story
    )
    ticket = replay(facts(happenings))
    begun = any(event is EVENTS[0] for event, _ in story)
    assert (ticket is not None) is begun
    if ticket is not None:
        assert ticket.status in Status


@settings(deadline=None)
@for_any(st.lists(st.sampled_from(sorted(ALLOWED)), max_size=40), st.data())
def test_whatever_is_asked_the_ticket_stays_sound(actions: list[str], data: st.DataObject) -> None:
    story = given(registered("09:00")).ticket
    seen = facts((registered("09:00"),))
    for minute, action in enumerate(actions, 1):
        before = story
        by = Act(actor="agent:li.wei", occurred_at=at("09:00") + timedelta(minutes=minute), reason="because")
        try:
            events = getattr(decisions, action)(before, by=by, **data.draw(arguments(action)))
        except DomainError:
            continue
        assert action in allowed_actions(before.status)
        for event in events:
            seen.append(
                Fact(stream_id=TICKET, version=len(seen) + 1, event=event, act=by, correlation_id=TICKET)
            )
            story = evolve(event, story, by)
        is_sound(before, action, story)
    assert replay(seen) == story


def is_sound(before: Ticket, action: str, after: Ticket) -> None:
    """What always holds of a ticket, and between one and the next."""
    assert after.cycle - before.cycle == (action in {"reject", "reopen"})
    assert (after.hold is not None) is (after.status is Status.ON_HOLD)
    assert (after.status is Status.NEW) <= (after.team is None)
    assert (after.status is Status.ASSIGNED) <= (after.team is not None)
    assert (after.status in {Status.RESOLVED, Status.CONFIRMED}) <= (after.resolved_at is not None)
    assert (after.status in {Status.CLOSED, Status.CANCELLED}) is (after.closed_at is not None)
    assert after.hand_offs - before.hand_offs in {0, 1}
    assert (after.id, after.number, after.reported_at, after.pin) == (
        before.id,
        before.number,
        before.reported_at,
        before.pin,
    )


def arguments(action: str) -> st.SearchStrategy[Mapping[str, Any]]:
    """Arguments that an action may be asked with."""
    teams = st.sampled_from(("A", "B"))
    drawn: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "assign": {"team": teams, "person": st.sampled_from(("王芳", None))},
        "contact": {
            "channel": st.sampled_from(Channel),
            "direction": st.sampled_from(Direction),
            "party": st.sampled_from(Party),
        },
        "hold": {"reason": st.sampled_from(HoldReason)},
        "escalate": {"tier": st.sampled_from(Tier), "team": st.none() | teams},
        "cancel": {"duplicate_of": st.sampled_from((None, OTHER, TICKET))},
    }
    return st.fixed_dictionaries(drawn[action]) if action in drawn else st.just(ASKED[action])
