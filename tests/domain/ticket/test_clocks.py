"""The SLA rules, told as stories: what happened, and what the ticket's clocks then show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.event import Act
from domain.promises import UnknownPlan
from domain.reading import Cause, State, Verdict
from domain.ticket.clocks import advance
from domain.ticket.events import PlanPin, TicketRegistered
from domain.ticket.words import Priority
from tests.domain.story import (
    MONDAY,
    PROMISES,
    at,
    cancelled,
    closed,
    confirmed,
    contacted,
    given,
    held,
    hours,
    prioritised,
    registered,
    rejected,
    reopened,
    resolved,
    resumed,
)


def test_sla_1_milestones_start_and_stop_independently_and_all_are_shown() -> None:
    story = given(registered("09:00"), contacted("10:00"))
    shown = story.at("12:00")
    assert [(clock.milestone, clock.cycle) for clock in story.clocks] == [
        ("first_response", 1),
        ("resolve", 1),
    ]
    assert (shown.first_response.state, shown.first_response.elapsed) == (State.STOPPED, hours(1))
    assert (shown.resolve.state, shown.resolve.elapsed) == (State.RUNNING, hours(3))


def test_sla_2_clocks_start_when_the_customer_reported() -> None:
    for clock in given(registered("09:00"), registered("11:00")).clocks:
        assert clock.started_at == at("09:00")
        assert clock.pin == PROMISES.pin("always", datetime(2026, 3, 2, tzinfo=UTC))


def test_sla_2_a_plan_in_office_hours_counts_only_those() -> None:
    shown = given(registered("thu 16:00", plan="office", priority="P1")).at("thu 20:00").resolve
    assert shown.elapsed == hours(1)
    assert shown.due_at == at("sun 00:00") + timedelta(days=1, hours=16)  # Friday is a holiday


@pytest.mark.parametrize(
    ("channel", "direction", "party", "answers"),
    [
        ("phone", "outbound", "person", True),
        ("email", "outbound", "person", True),
        ("portal", "outbound", "person", True),
        ("other", "outbound", "person", True),
        ("phone", "inbound", "person", True),
        ("chat", "inbound", "person", True),
        ("on_site", "inbound", "person", True),
        ("email", "inbound", "person", False),
        ("web", "inbound", "person", False),
        ("monitoring", "inbound", "person", False),
        ("email", "outbound", "automatic", False),
        ("phone", "outbound", "automatic", False),
        ("chat", "inbound", "automatic", False),
    ],
)
def test_sla_3_a_first_response_is_a_persons_answer_on_any_channel(
    channel: str, direction: str, party: str, answers: bool
) -> None:
    contact = contacted("10:00", channel, direction=direction, party=party)
    shown = given(registered("09:00"), contact).at("11:00").first_response
    assert (shown.verdict is Verdict.MET) == answers


def test_sla_3_only_the_first_response_counts() -> None:
    story = given(registered("09:00"), contacted("10:00"), contacted("15:00"))
    assert story.at("20:00").first_response.elapsed == hours(1)


def test_sla_3_a_response_recorded_late_counts_from_when_it_was_given() -> None:
    story = given(registered("09:00"), contacted("15:00"), contacted("10:00"))
    assert story.at("20:00").first_response.elapsed == hours(1)
    assert story.at("20:00").first_response.verdict is Verdict.MET


def test_sla_3_resolving_or_closing_is_not_a_response() -> None:
    silent = given(registered("09:00"), resolved("10:00"), closed("11:00"))
    assert silent.at("12:00").first_response.verdict is Verdict.PENDING
    assert silent.at("14:00").first_response.verdict is Verdict.BREACHED


@pytest.mark.parametrize(
    ("reason", "pauses"),
    [
        ("waiting_for_customer", True),
        ("access_refused", True),
        ("customer_chose_later", True),
        ("quote_consent", True),
        ("waiting_for_part", False),
        ("waiting_for_supplier", False),
        ("other", False),
    ],
)
def test_sla_4_only_the_customers_own_waits_pause_the_resolve_clock(reason: str, pauses: bool) -> None:
    shown = given(registered("09:00"), held("10:00", reason), resumed("12:00"), resolved("13:00")).at("20:00")
    assert shown.resolve.elapsed == hours(2 if pauses else 4)
    assert shown.resolve.paused == hours(2 if pauses else 0)


def test_sla_4_response_clocks_do_not_pause() -> None:
    shown = given(registered("09:00"), held("10:00", "waiting_for_customer")).at("12:00")
    assert (shown.first_response.state, shown.first_response.elapsed) == (State.RUNNING, hours(3))
    assert (shown.resolve.state, shown.resolve.elapsed) == (State.PAUSED, hours(1))


def test_sla_4_a_plan_may_say_otherwise_per_milestone() -> None:
    part = given(registered("09:00", plan="lenient"), held("10:00", "waiting_for_part")).at("12:00")
    customer = given(registered("09:00", plan="lenient"), held("10:00", "waiting_for_customer")).at("12:00")
    assert part.first_response.elapsed == part.resolve.elapsed == hours(1)
    assert customer.first_response.elapsed == customer.resolve.elapsed == hours(3)


def test_sla_4_a_wait_that_is_not_the_customers_ends_one_that_was() -> None:
    story = given(
        registered("09:00"),
        held("10:00", "waiting_for_customer"),
        held("11:00", "waiting_for_part"),
        resumed("15:00"),
    )
    assert story.at("16:00").resolve.elapsed == hours(6)


def test_sla_4_resolving_ends_every_wait() -> None:
    story = given(registered("09:00", plan="lenient"), held("10:00", "waiting_for_part"), resolved("12:00"))
    shown = story.at("14:00")
    assert (shown.resolve.state, shown.resolve.elapsed) == (State.STOPPED, hours(1))
    assert (shown.first_response.state, shown.first_response.elapsed) == (State.RUNNING, hours(3))


def test_sla_5_overlapping_pauses_count_once() -> None:
    story = given(
        registered("09:00"),
        held("10:00", "waiting_for_customer"),
        held("11:00", "access_refused"),
        resumed("13:00"),
        held("12:00", "quote_consent"),  # recorded late
        resumed("14:00"),
        resolved("15:00"),
    )
    assert (story.at("20:00").resolve.elapsed, story.at("20:00").resolve.paused) == (hours(2), hours(4))


def test_sla_5_pauses_are_measured_in_working_time() -> None:
    """Held on Monday at 16:00 until Tuesday 10:00: two working hours, not eighteen."""
    story = given(
        registered("15:00", plan="office", priority="P1"),
        held("16:00", "quote_consent"),
        resumed("tue 10:00"),
    )
    shown = story.at("tue 11:00").resolve
    assert (shown.elapsed, shown.paused, shown.remaining) == (hours(2), hours(2), hours(6))
    assert shown.due_at == at("tue 17:00")


def test_sla_6_a_paused_clock_has_no_deadline_only_time_remaining_and_cannot_break() -> None:
    story = given(registered("09:00", priority="P1"), held("10:00", "waiting_for_customer"))
    shown = story.at("sun 23:00").resolve
    assert (shown.state, shown.verdict, shown.due_at, shown.remaining) == (
        State.PAUSED,
        Verdict.PENDING,
        None,
        hours(7),
    )


def test_sla_8_a_clock_keeps_the_plan_and_calendar_it_pinned() -> None:
    story = given(
        registered("09:00", plan="office"),
        prioritised("10:00", "P1"),
        resolved("11:00"),
        reopened("tue 09:00"),
    )
    assert {clock.pin for clock in story.clocks} == {
        PlanPin(plan="office", plan_version=1, calendar="office", calendar_version=1)
    }


def test_sla_8_a_plan_that_is_not_in_the_book_is_an_error_not_a_clock_without_promise() -> None:
    pin = PlanPin(plan="always", plan_version=7, calendar="always", calendar_version=1)
    event = TicketRegistered(number="T-2026-000001", subject="cold", priority=Priority.P1, pin=pin)
    with pytest.raises(UnknownPlan, match="no plan always v7; the book has always v1, lenient v1, office v1"):
        advance((), event, Act(actor="agent:li.wei", occurred_at=MONDAY), PROMISES)


def test_sla_9_a_priority_change_keeps_start_elapsed_and_pauses_and_swaps_the_target() -> None:
    story = given(
        registered("09:00"), held("10:00", "quote_consent"), resumed("11:00"), prioritised("12:00", "P1")
    )
    shown = story.at("12:00").resolve
    assert (shown.priority, shown.target, shown.elapsed, shown.paused) == ("P1", hours(8), hours(2), hours(1))
    assert shown.due_at == at("18:00")


def test_sla_9_late_at_once_is_late_by_reclassification() -> None:
    shown = given(registered("09:00"), prioritised("12:00", "P1")).at("12:00").first_response
    assert (shown.verdict, shown.cause, shown.breached_at) == (
        Verdict.BREACHED,
        Cause.RECLASSIFIED,
        at("12:00"),
    )


def test_sla_9_too_late_later_is_simply_late() -> None:
    shown = given(registered("09:00"), prioritised("09:30", "P1")).at("12:00").first_response
    assert (shown.verdict, shown.cause, shown.breached_at) == (Verdict.BREACHED, Cause.LATE, at("10:00"))


def test_sla_9_downgrading_never_erases_a_breach() -> None:
    shown = given(registered("09:00", priority="P1"), prioritised("11:00", "P3"), contacted("12:00")).at(
        "20:00"
    )
    assert (shown.first_response.verdict, shown.first_response.cause) == (Verdict.BREACHED, Cause.LATE)
    assert shown.first_response.breached_at == at("10:00")


def test_sla_9_downgrading_in_time_counts() -> None:
    shown = given(registered("09:00", priority="P1"), prioritised("10:00", "P3"), contacted("12:00")).at(
        "20:00"
    )
    assert shown.first_response.verdict is Verdict.MET


def test_sla_9_a_verdict_given_is_not_rewritten_by_a_later_priority() -> None:
    for when in ("09:30", "12:00"):
        shown = (
            given(registered("09:00"), contacted("11:00"), prioritised(when, "P1")).at("20:00").first_response
        )
        assert (shown.verdict, shown.target) == (Verdict.MET, hours(4))


def test_sla_9_a_priority_without_a_promise_has_no_verdict() -> None:
    shown = given(registered("09:00", priority="P4")).at("sun 09:00")
    assert shown.first_response.verdict is shown.resolve.verdict is Verdict.NONE


def test_sla_10_while_a_resolved_ticket_waits_for_the_customer_nothing_runs() -> None:
    story = given(
        registered("09:00"), contacted("09:30"), resolved("10:00"), confirmed("15:00"), closed("16:00")
    )
    assert all(not clock.unstopped for clock in story.clocks)
    assert story.at("20:00").resolve.elapsed == hours(1)


@pytest.mark.parametrize("again", [rejected, reopened])
def test_sla_10_reopening_keeps_cycle_1_and_its_verdict_and_starts_cycle_2(again: Any) -> None:
    story = given(
        registered("09:00", priority="P1"), contacted("09:30"), resolved("18:00"), again("tue 09:00")
    )
    shown = story.at("tue 10:00")
    assert (shown.cycle(1).verdict, shown.cycle(1).elapsed) == (Verdict.BREACHED, hours(9))
    assert (shown.cycle(2).verdict, shown.cycle(2).elapsed) == (Verdict.PENDING, hours(1))
    assert shown.cycle(2).due_at == at("tue 17:00")
    assert shown.first_response.elapsed == hours(0.5)
    assert len(story.clocks) == 3


def test_sla_10_the_next_cycle_has_the_priority_of_its_day() -> None:
    story = given(registered("09:00"), resolved("10:00"), prioritised("11:00", "P1"), reopened("tue 09:00"))
    assert (story.at("tue 09:00").cycle(1).target, story.at("tue 09:00").cycle(2).target) == (
        hours(24),
        hours(8),
    )


def test_sla_10_first_and_total_resolution_are_reported_apart() -> None:
    begun = given(registered("09:00"), resolved("11:00"), rejected("12:00"))
    assert begun.resolution is not None
    assert (begun.resolution.first, begun.resolution.first_at) == (hours(2), at("11:00"))
    assert (begun.resolution.total, begun.resolution.last_at) == (None, None)

    ended = given(
        registered("09:00"),
        resolved("11:00"),
        rejected("12:00"),
        held("13:00", "waiting_for_customer"),
        resumed("14:00"),
        resolved("16:00"),
    ).resolution
    assert ended is not None
    assert (ended.started_at, ended.last_at) == (at("09:00"), at("16:00"))
    assert (ended.first, ended.total) == (hours(2), hours(6))

    assert given(registered("09:00"), contacted("10:00")).resolution is None


def test_sla_11_a_cancelled_tickets_clocks_are_neither_met_nor_missed() -> None:
    story = given(registered("09:00", priority="P1"), held("10:00", "access_refused"), cancelled("18:00"))
    for shown in (story.at("sun 09:00").first_response, story.at("sun 09:00").resolve):
        assert (shown.state, shown.verdict, shown.cause) == (State.CANCELLED, Verdict.CANCELLED, None)


def test_sla_11_a_response_given_before_does_not_count_either() -> None:
    story = given(registered("09:00"), contacted("10:00"), cancelled("11:00"))
    assert story.at("10:30").first_response.verdict is Verdict.MET
    assert story.at("12:00").first_response.verdict is Verdict.CANCELLED


def test_sla_11_after_a_reopening_the_earlier_cycle_keeps_its_verdict() -> None:
    story = given(
        registered("09:00"), contacted("09:30"), resolved("10:00"), reopened("12:00"), cancelled("13:00")
    )
    shown = story.at("20:00")
    assert shown.first_response.verdict is shown.cycle(1).verdict is Verdict.MET
    assert shown.cycle(2).verdict is Verdict.CANCELLED


def test_sla_11_a_response_still_owed_is_cancelled_in_any_cycle() -> None:
    story = given(
        registered("09:00"), resolved("10:00"), reopened("12:00"), cancelled("13:00"), contacted("14:00")
    )
    assert story.at("20:00").first_response.verdict is Verdict.CANCELLED
