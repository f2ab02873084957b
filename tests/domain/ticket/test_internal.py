"""Our own clocks: until a tier accepts a case, with each tier, and waiting for others (R07, SLA 4)."""

from __future__ import annotations

from hypothesis import given as for_any
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.clock import Clock, Milestone
from domain.event import Fact
from domain.plan import ServicePlan
from domain.promises import Promises
from domain.reading import Cause, Reading, State, Verdict, reading
from domain.ticket.clocks import fold
from domain.ticket.events import TicketEscalated
from domain.ticket.internal import INTERNAL
from domain.ticket.tier_events import HandoverAccepted, HandoverRefused, TicketHandedBack, TicketOwned
from domain.ticket.words import HoldReason, Priority, Tier
from domain.title import Title
from projections.cases.case import replay
from tests.domain.story import (
    ALWAYS,
    HOUR,
    PROMISES,
    Happening,
    at,
    cancelled,
    closed,
    happened,
    held,
    hours,
    prioritised,
    registered,
    reopened,
    resolved,
    resumed,
)
from tests.domain.ticket.story import assigned, facts

OURS = Promises(
    [
        ServicePlan(
            name="always",
            version=1,
            title=Title(zh="x", en="x"),
            calendar="always",
            calendar_version=1,
            targets={
                Milestone.HANDOVER: {Priority.P1: HOUR // 4, Priority.P2: HOUR},
                Milestone.TIER_L1: {Priority.P2: 2 * HOUR},
            },
            pausing={Milestone.TIER_L1: frozenset({HoldReason.WAITING_FOR_CUSTOMER})},
        )
    ],
    [ALWAYS],
)


def escalated(when: str, tier: str = "L2", team: str | None = None) -> Happening:
    return happened(TicketEscalated(tier=Tier(tier), team=team), when)


def accepted(when: str, tier: str = "L2") -> Happening:
    return happened(HandoverAccepted(tier=Tier(tier)), when)


def refused(when: str, tier: str = "L1") -> Happening:
    return happened(HandoverRefused(tier=Tier(tier)), when)


def handed_back(when: str, tier: str = "L1") -> Happening:
    return happened(TicketHandedBack(tier=Tier(tier), finding="the fuse"), when)


def ours(*happenings: Happening) -> dict[tuple[str, int], Clock]:
    """Our clocks, by milestone and how often it has begun."""
    case = replay(facts((registered("09:00"), *happenings)), OURS)
    assert case is not None
    assert all(clock.milestone in INTERNAL for clock in case.internal)
    assert len(case.internal) == len(case.internal_traces)
    return {(clock.milestone.value, clock.cycle): clock for clock in case.internal}


def read(clock: Clock, when: str = "20:00") -> Reading:
    return reading(clock, ALWAYS, at(when))


def test_each_tier_has_its_own_time_and_accepting_has_another() -> None:
    clocks = ours(escalated("11:00"), accepted("11:30"), resolved("14:30"))
    assert {key: (read(clock).state, read(clock).elapsed) for key, clock in clocks.items()} == {
        ("tier_l1", 1): (State.STOPPED, hours(2)),
        ("handover", 1): (State.STOPPED, hours(0.5)),
        ("tier_l2", 1): (State.STOPPED, hours(3)),
    }


def test_a_plan_may_set_targets_for_them() -> None:
    clocks = ours(escalated("11:30"))
    assert (read(clocks["tier_l1", 1]).verdict, read(clocks["handover", 1], "12:00").due_at) == (
        Verdict.BREACHED,
        at("12:30"),
    )
    assert ours(accepted("10:00"))["tier_l1", 1].targets[0].seconds == 2 * HOUR


def test_what_a_plan_says_nothing_of_is_measured_and_not_judged() -> None:
    clocks = ours(escalated("10:00"), accepted("10:10"))
    assert read(clocks["tier_l2", 1]).verdict is Verdict.NONE


def test_a_refused_handover_was_answered_and_the_tier_below_begins_again() -> None:
    clocks = ours(escalated("10:00"), refused("10:20"))
    assert read(clocks["handover", 1]).verdict is Verdict.MET
    assert read(clocks["tier_l1", 2], "11:20").elapsed == hours(1)
    assert ("tier_l2", 1) not in clocks


def test_a_handover_that_nobody_answered_before_the_work_ended_is_not_judged() -> None:
    assert read(ours(escalated("10:00"), resolved("10:20"))["handover", 1]).verdict is Verdict.CANCELLED


def test_a_handover_that_goes_on_to_the_next_tier_waits_anew() -> None:
    clocks = ours(escalated("10:00"), escalated("10:20", "L3"))
    assert read(clocks["handover", 1]).verdict is Verdict.CANCELLED
    assert read(clocks["handover", 2], "10:50").elapsed == hours(0.5)


def test_handing_back_stops_one_tier_and_starts_the_other() -> None:
    clocks = ours(escalated("10:00"), accepted("10:00"), handed_back("12:00"))
    assert read(clocks["tier_l2", 1]).elapsed == hours(2)
    assert read(clocks["tier_l1", 2], "13:00").elapsed == hours(1)


def test_waiting_for_a_part_or_a_supplier_starts_one_and_does_not_pause_the_customers() -> None:
    told = (held("10:00", "waiting_for_part"), held("12:00", "waiting_for_supplier"), resumed("13:00"))
    clocks = ours(*told)
    assert read(clocks["part_wait", 1]).elapsed == hours(2)
    assert read(clocks["supplier_wait", 1]).elapsed == hours(1)
    theirs = fold(facts((registered("09:00"), *told)), PROMISES)
    assert [clock.pauses for clock in theirs] == [(), ()]


def test_a_plan_says_what_pauses_them() -> None:
    clocks = ours(held("10:00", "waiting_for_customer"), resumed("12:00"), escalated("12:30"))
    assert (read(clocks["tier_l1", 1]).elapsed, read(clocks["tier_l1", 1]).paused) == (hours(1.5), hours(2))


def test_another_priority_moves_their_targets() -> None:
    clocks = ours(escalated("10:00"), prioritised("10:30", "P1"))
    assert read(clocks["handover", 1]).cause is Cause.RECLASSIFIED


def test_after_reopening_the_tier_that_had_it_has_it_again() -> None:
    clocks = ours(
        escalated("10:00"), accepted("10:00"), resolved("11:00"), closed("12:00"), reopened("15:00")
    )
    assert read(clocks["tier_l2", 2], "16:00").elapsed == hours(1)
    assert ("tier_l1", 2) not in clocks


def test_a_cancelled_ticket_has_none_that_is_judged() -> None:
    assert read(ours(cancelled("18:00"))["tier_l1", 1]).verdict is Verdict.CANCELLED


TIMES = st.builds("{:02}:{:02}".format, st.integers(9, 20), st.integers(0, 59))
CUSTOMERS = st.one_of(
    st.builds(held, TIMES, st.sampled_from(list(HoldReason))),
    st.builds(resumed, TIMES),
    st.builds(prioritised, TIMES, st.sampled_from(Priority)),
    st.builds(resolved, TIMES),
    st.builds(reopened, TIMES, cycle=st.integers(2, 4)),
    st.builds(closed, TIMES),
    st.builds(cancelled, TIMES),
    st.builds(assigned, TIMES),
)
OWN = st.one_of(
    st.builds(escalated, TIMES, st.sampled_from(Tier), st.sampled_from((None, "A", "B"))),
    st.builds(accepted, TIMES, st.sampled_from(Tier)),
    st.builds(refused, TIMES, st.sampled_from(Tier)),
    st.builds(handed_back, TIMES, st.sampled_from(Tier)),
    st.builds(happened, st.just(TicketOwned(owner="王芳")), TIMES),
)


@for_any(st.lists(st.one_of(CUSTOMERS, OWN), max_size=25))
def test_what_passes_between_tiers_never_changes_a_clock_of_the_customers(told: list[Happening]) -> None:
    among_us = (TicketEscalated, HandoverAccepted, HandoverRefused, TicketHandedBack, TicketOwned)
    without = [each for each in told if not isinstance(each[0], among_us)]
    whole = replay(facts((registered("09:00"), *told)), PROMISES)
    bare = replay(facts((registered("09:00"), *without)), PROMISES)
    assert whole is not None
    assert bare is not None
    assert whole.clocks == bare.clocks
    running = [clock for clock in whole.internal if clock.unstopped]
    assert len({clock.milestone for clock in running}) == len(running)
    assert all(reading(clock, ALWAYS, at("23:00")).elapsed >= 0 for clock in whole.internal)


@for_any(st.lists(st.one_of(CUSTOMERS, OWN), max_size=25), st.integers(0, 25))
def test_going_on_from_a_state_is_folding_it_all(told: list[Happening], cut: int) -> None:
    log: list[Fact] = [replace(fact, position=fact.version) for fact in facts((registered("09:00"), *told))]
    assert replay(log[cut + 1 :], PROMISES, replay(log[: cut + 1], PROMISES)) == replay(log, PROMISES)
