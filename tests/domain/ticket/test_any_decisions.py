"""Whatever is asked of a ticket, and whatever happened to it in whatever order: it stays sound."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.errors import DomainError
from domain.event import Act, Event, Fact
from domain.ticket.allowed import ALLOWED, allowed_actions
from domain.ticket.events import (
    QuestionAnswered,
    ResolutionRejected,
    TicketCancelled,
    TicketEscalated,
    TicketHeld,
    TicketReopened,
    TicketResumed,
)
from domain.ticket.evolution import evolve, replay
from domain.ticket.state import Ticket
from domain.ticket.words import Channel, Direction, HoldReason, Party, Status, Tier
from tests.domain.story import TICKET, at, registered
from tests.domain.ticket.story import ASKED, FOLLOWS, OTHER, QUESTION, decision, facts, given, raised

EVENTS: list[Event] = [
    registered("09:00")[0],
    *FOLLOWS.values(),
    TicketResumed(by_contact=True),
    TicketHeld(hold=HoldReason.WAITING_FOR_CUSTOMER, review_at=at("thu 09:00")),
    TicketEscalated(tier=Tier.L4, team="B"),
    ResolutionRejected(cycle=9),
    TicketReopened(cycle=0),
    TicketCancelled(duplicate_of=OTHER),
    raised("09:00")[0],
    QuestionAnswered(question=OTHER, answer="never asked"),
]
MINUTES = st.integers(min_value=-10_000, max_value=10_000)
RAISE = "raise a question"
"""What the service does by itself, at any time."""


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
@for_any(st.lists(st.sampled_from([*sorted(ALLOWED), RAISE]), max_size=40), st.data())
def test_whatever_is_asked_the_ticket_stays_sound(actions: list[str], data: st.DataObject) -> None:
    story = given(registered("09:00")).ticket
    seen = facts((registered("09:00"),))
    for minute, action in enumerate(actions, 1):
        before = story
        by = Act(actor="agent:li.wei", occurred_at=at("09:00") + timedelta(minutes=minute), reason="because")
        asked = data.draw(arguments(action))
        try:
            events = asks(action, before, by, asked, minute)
        except DomainError:
            continue
        for event in events:
            seen.append(
                Fact(stream_id=TICKET, version=len(seen) + 1, event=event, act=by, correlation_id=TICKET)
            )
            story = evolve(event, story, by)
        is_sound(before, action, asked, story)
    assert replay(seen) == story


def asks(action: str, ticket: Ticket, by: Act, asked: Mapping[str, Any], number: int) -> tuple[Event, ...]:
    """What follows when a person asks for an action, or when the service has a question."""
    if action == RAISE:
        return (raised("09:00", UUID(int=number))[0],)
    chosen = ticket.questions[-1].id if ticket.questions else QUESTION
    latest = {"request": ticket.repins}
    more = {
        "answer": {"question": chosen},
        "deliver-part": {"order": number % 3},
        "approve-repin": latest,
        "decline-repin": latest,
    }.get(action, {})
    if action == "approve-repin":
        by = replace(by, actor="contract_manager:sun.li")
    return decision(action)(ticket, by=by, **asked | more)


def is_sound(before: Ticket, action: str, asked: Mapping[str, Any], after: Ticket) -> None:
    """What always holds of a ticket, and between one and the next."""
    assert action == RAISE or action in allowed_actions(before)
    assert after.cycle - before.cycle == (action in {"reject", "reopen"})
    assert (after.hold is not None) is (after.status is Status.ON_HOLD)
    assert (after.status is Status.NEW) <= (after.team is None)
    assert (after.status is Status.ASSIGNED) <= (after.team is not None)
    assert (after.status in {Status.RESOLVED, Status.CONFIRMED}) <= (after.resolved_at is not None)
    assert (after.status in {Status.CLOSED, Status.CANCELLED}) is (after.closed_at is not None)
    assert after.hand_offs - before.hand_offs in {0, 1}
    assert len(after.questions) - len(before.questions) == (action == RAISE) - (action == "answer")
    assert (action in {"close", "cancel"}) <= (not asked.get("owing") and not before.questions)
    assert (after.id, after.number, after.reported_at, after.contract) == (
        before.id,
        before.number,
        before.reported_at,
        before.contract,
    )
    approved = before.repin.pin if action == "approve-repin" and before.repin else None
    assert after.pin == (approved or before.pin)
    assert after.repins - before.repins == (action == "repin")


def arguments(action: str) -> st.SearchStrategy[Mapping[str, Any]]:
    """Arguments that an action may be asked with."""
    teams = st.sampled_from(("A", "B"))
    owing = st.sampled_from((None, {}, {"HE-200": 2}))
    drawn: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "assign": {"team": teams, "person": st.sampled_from(("王芳", None))},
        "contact": {
            "channel": st.sampled_from(Channel),
            "direction": st.sampled_from(Direction),
            "party": st.sampled_from(Party),
        },
        "hold": {"reason": st.sampled_from(HoldReason)},
        "escalate": {"tier": st.sampled_from(Tier), "team": st.none() | teams},
        "close": {"owing": owing},
        "cancel": {"duplicate_of": st.sampled_from((None, OTHER, TICKET)), "owing": owing},
    }
    return st.fixed_dictionaries(drawn[action]) if action in drawn else st.just(ASKED.get(action, {}))
