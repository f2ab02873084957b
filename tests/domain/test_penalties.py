"""What being late costs (SLA 14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from domain.calendar import Calendar
from domain.clock import Clock, Milestone, Target, pause, resume, retarget, start, stop
from domain.errors import InvalidValue
from domain.money import Money
from domain.penalties import penalty
from domain.plan import Penalty, ServicePlan
from domain.reading import reading
from domain.ticket.events import PlanPin
from domain.ticket.words import Priority
from domain.title import Title

HOUR = 3600
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
PIN = PlanPin(plan="gold", plan_version=1, calendar="24x7", calendar_version=1)


def yuan(amount: str) -> Money:
    """So many yuan."""
    return Money(amount, "CNY")


GOLD = ServicePlan(
    name="gold",
    version=1,
    title=Title(zh="金牌", en="Gold"),
    calendar="24x7",
    calendar_version=1,
    targets={
        Milestone.RESOLVE: {Priority.P1: 4 * HOUR, Priority.P3: 8 * HOUR},
        Milestone.ON_SITE: {Priority.P1: 2 * HOUR},
    },
    penalties=(
        Penalty(milestone=Milestone.RESOLVE, per_hour=yuan("99.50"), cap=yuan("1000.00")),
        Penalty(milestone=Milestone.RESOLVE, priority=Priority.P1, per_hour=yuan("200.00")),
    ),
)


def clock(priority: Priority = Priority.P3, milestone: Milestone = Milestone.RESOLVE) -> Clock:
    """One that started at nine."""
    target = Target(NINE, priority, GOLD.target(milestone, priority))
    return start(milestone, pin=PIN, target=target)


def costs(running: Clock, at: datetime) -> str | None:
    """What its lateness costs at a moment."""
    owed = penalty(GOLD, running.milestone, reading(running, Calendar("24x7", 1), at))
    return owed.amount if owed else None


@pytest.mark.parametrize(
    ("late", "owed"),
    [
        (timedelta(0), None),
        (timedelta(seconds=-1), None),
        (timedelta(seconds=1), "99.50"),
        (timedelta(hours=1), "99.50"),
        (timedelta(hours=1, seconds=1), "199.00"),
        (timedelta(hours=10), "995.00"),
        (timedelta(hours=10, seconds=1), "1000.00"),
        (timedelta(days=365), "1000.00"),
    ],
)
def test_sla_14_an_hour_begun_is_an_hour_up_to_the_cap(late: timedelta, owed: str | None) -> None:
    due = NINE + timedelta(hours=8)
    assert costs(clock(), due + late) == owed
    assert costs(stop(clock(), due + late), due + timedelta(days=3)) == owed


@pytest.mark.parametrize(
    ("priority", "milestone", "owed"),
    [
        (Priority.P1, Milestone.RESOLVE, "4000.00"),
        (Priority.P3, Milestone.RESOLVE, "1000.00"),
        (Priority.P4, Milestone.RESOLVE, None),
        (Priority.P1, Milestone.ON_SITE, None),
    ],
)
def test_the_penalty_of_a_priority_wins_and_what_has_none_costs_nothing(
    priority: Priority, milestone: Milestone, owed: str | None
) -> None:
    assert costs(clock(priority, milestone), NINE + timedelta(hours=24)) == owed


def test_a_pause_costs_nothing() -> None:
    paused = pause(clock(), NINE + timedelta(hours=8, minutes=30))
    assert costs(paused, NINE + timedelta(hours=20)) == "99.50"
    resumed = resume(paused, NINE + timedelta(hours=20))
    assert costs(resumed, NINE + timedelta(hours=20, minutes=30)) == "99.50"
    assert costs(resumed, NINE + timedelta(hours=20, minutes=31)) == "199.00"


def test_sla_9_late_by_reclassification_costs_what_comes_after_it() -> None:
    raised = retarget(clock(), Target(NINE + timedelta(hours=6), Priority.P1, 4 * HOUR))
    assert costs(raised, NINE + timedelta(hours=6)) is None
    assert costs(raised, NINE + timedelta(hours=6, minutes=1)) == "200.00"


def test_sla_9_a_lower_priority_does_not_undo_what_is_owed() -> None:
    late = NINE + timedelta(hours=5)
    lowered = retarget(clock(Priority.P1), Target(late, Priority.P3, 8 * HOUR))
    assert costs(lowered, late) == "99.50"
    assert costs(lowered, NINE + timedelta(hours=6)) == "199.00"


@pytest.mark.parametrize(
    ("penalty", "field", "why"),
    [
        (Penalty(milestone=Milestone.RESOLVE, per_hour=yuan("0.00")), "/penalties/2/per_hour/amount", "0.00"),
        (
            Penalty(milestone=Milestone.ON_SITE, per_hour=yuan("1"), cap=yuan("-1")),
            "/penalties/2/cap/amount",
            "-1",
        ),
        (
            Penalty(milestone=Milestone.ON_SITE, per_hour=Money("1", "EUR")),
            "/penalties/2/per_hour/currency",
            "several currencies",
        ),
        (
            Penalty(milestone=Milestone.CALLBACK, per_hour=yuan("1")),
            "/penalties/2/milestone",
            "penalty for callback in general and no such promise",
        ),
        (
            Penalty(milestone=Milestone.RESOLVE, priority=Priority.P1, per_hour=yuan("1")),
            "/penalties/2",
            "two penalties for resolve P1",
        ),
    ],
)
def test_a_penalty_that_makes_no_sense_is_refused(penalty: Penalty, field: str, why: str) -> None:
    with pytest.raises(InvalidValue, match=why) as no:
        replace(GOLD, penalties=(*GOLD.penalties, penalty))
    assert no.value.field == field


def test_warnings_come_at_percentages_that_a_milestone_may_have_of_its_own() -> None:
    assert GOLD.warned_at(Milestone.RESOLVE) == (50, 75, 90)
    told = replace(GOLD, warnings=(80,), warnings_of={Milestone.ON_SITE: (), Milestone.RESOLVE: (25, 50)})
    assert told.warned_at(Milestone.RESOLVE) == (25, 50)
    assert told.warned_at(Milestone.ON_SITE) == ()
    assert told.warned_at(Milestone.CALLBACK) == (80,)


@pytest.mark.parametrize("wrong", [(0,), (100,), (75, 50), (50, 50), (-5, 50)])
def test_percentages_rise_from_1_to_99(wrong: tuple[int, ...]) -> None:
    with pytest.raises(InvalidValue, match="percentages rise") as no:
        replace(GOLD, warnings=wrong)
    assert no.value.field == "/warnings"
    with pytest.raises(InvalidValue, match="percentages rise") as no:
        replace(GOLD, warnings_of={Milestone.RESOLVE: wrong})
    assert no.value.field == "/warnings_of/resolve"
