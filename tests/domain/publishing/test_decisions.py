"""What may be published, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from application.triage import shipped_triages
from domain.calendar import Calendar
from domain.errors import InvalidValue, NotAllowed
from domain.plan import ServicePlan
from domain.publishing.decisions import (
    publish_calendar,
    publish_plan,
    publish_triage,
    withdraw_calendar,
    withdraw_plan,
)
from domain.publishing.editions import Edition, Editions, evolve
from domain.publishing.events import CalendarWithdrawn, PlanPublished, PlanWithdrawn, TriagePublished
from domain.ticket.triage import Triage
from domain.ticket.words import Impact, Priority, Urgency
from tests.domain.publishing.story import by, calendar, calendar_published, day, plan, told

OFFICE = Editions(name="office", all=(Edition(body=calendar()),))
GOLD = Editions(name="gold", all=(Edition(body=plan()),))
[SORTED] = shipped_triages()
TRIAGE = Editions(name="standard", all=(Edition(body=SORTED),))
LEAVING = Editions(name="office", all=(Edition(body=calendar(), withdrawn_from=day("05-01")),), events=1)
NEW: Editions[ServicePlan] = Editions(name="gold")


def test_the_next_version_is_published_whole() -> None:
    said = {"calendar": OFFICE, "effective_from": day("04-01"), "by": by()}
    assert publish_plan(GOLD, plan=plan(2, 2), **said) == (
        PlanPublished(plan=plan(2, 2), effective_from=day("04-01")),
    )
    assert publish_plan(NEW, plan=plan(), **said) == (
        PlanPublished(plan=plan(), effective_from=day("04-01")),
    )


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"by": by(reason=" ")}, "/reason"),
        ({"plan": plan(3, 2)}, "/version"),
        ({"plan": plan(2)}, None),
        ({"plan": plan(2, 2, calendar_version=7)}, "/calendar_version"),
        ({"calendar": Editions[Calendar](name="office")}, "/calendar"),
        ({"calendar": LEAVING, "effective_from": day("05-01")}, "/calendar"),
        (
            {
                "calendar": LEAVING,
                "effective_from": day("05-01"),
                "plan": plan(2, 2, calendar_version=1),
            },
            "/calendar",
        ),
        ({"calendar": LEAVING, "is_needed": True}, "/calendar"),
    ],
)
def test_what_cannot_be_published_is_refused(changed: dict[str, Any], field: str | None) -> None:
    said = {"plan": plan(2, 2), "calendar": OFFICE, "effective_from": day("04-01"), "by": by()}
    with pytest.raises(InvalidValue) as no:
        publish_plan(GOLD, **said | changed)
    assert no.value.field == field


@pytest.mark.parametrize("name", ["", "Gold", "金牌", "gold/2", "-gold", "g" * 81])
def test_a_name_stands_in_paths(name: str) -> None:
    said = {"calendar": OFFICE, "effective_from": day("04-01"), "by": by()}
    with pytest.raises(InvalidValue, match="is not a name"):
        publish_plan(Editions[ServicePlan](name=name), plan=plan(name=name), **said)


def test_a_plan_is_withdrawn_once_and_can_be_published_again() -> None:
    gone = withdraw_plan(GOLD, effective_from=day("05-01"), by=by())
    assert gone == (PlanWithdrawn(plan="gold", effective_from=day("05-01")),)
    after = Editions(name="gold", all=(Edition(body=plan(), withdrawn_from=day("05-01")),), events=1)
    with pytest.raises(NotAllowed) as no:
        withdraw_plan(after, effective_from=day("06-01"), by=by())
    assert no.value.allowed == ("publish",)
    assert publish_plan(after, plan=plan(2), calendar=OFFICE, effective_from=day("06-01"), by=by())
    with pytest.raises(InvalidValue, match="withdrawing needs a reason"):
        withdraw_plan(GOLD, effective_from=day("05-01"), by=by(reason=None))


def test_a_calendar_is_withdrawn_once_and_can_be_published_again() -> None:
    gone = withdraw_calendar(OFFICE, effective_from=day("05-01"), by=by())
    assert gone == (CalendarWithdrawn(calendar="office", effective_from=day("05-01")),)
    [fact] = told(list(gone), "calendar:office")
    assert evolve(fact, OFFICE) == LEAVING
    assert [LEAVING.offered(day(text)) is None for text in ("04-30", "05-01")] == [False, True]
    with pytest.raises(NotAllowed, match="calendar office is withdrawn") as no:
        withdraw_calendar(LEAVING, effective_from=day("06-01"), by=by())
    assert no.value.allowed == ("publish",)
    assert publish_calendar(LEAVING, calendar=calendar(2), effective_from=day("06-01"), by=by())
    assert publish_plan(GOLD, plan=plan(2, 2), calendar=LEAVING, effective_from=day("04-30"), by=by())
    with pytest.raises(InvalidValue, match="withdrawing needs a reason"):
        withdraw_calendar(OFFICE, effective_from=day("05-01"), by=by(reason=None))
    with pytest.raises(NotAllowed, match="promises in clock time go by 24x7"):
        withdraw_calendar(Editions[Calendar](name="24x7"), effective_from=day("05-01"), by=by())


def test_a_calendar_is_published_with_every_day_written_out() -> None:
    said = {"effective_from": day("04-01"), "by": by()}
    assert publish_calendar(OFFICE, calendar=calendar(2, saturdays=True), **said) == (
        calendar_published(2, "04-01", saturdays=True),
    )
    with pytest.raises(InvalidValue, match="does not cover that year") as no:
        publish_calendar(OFFICE, calendar=calendar(2, years=(2027,)), **said)
    assert no.value.field == "/years"
    with pytest.raises(InvalidValue, match="that is what office v1 says"):
        publish_calendar(OFFICE, calendar=calendar(2), **said)
    with pytest.raises(InvalidValue, match="every second there is"):
        publish_calendar(Editions[Calendar](name="24x7"), calendar=Calendar("24x7", 2), **said)


def sorted_otherwise(version: int = 2, **more: Any) -> Triage:
    """A triage that takes what touches little and hurts soon for P1."""
    low = SORTED.matrix[Impact.LOW] | {Urgency.CRITICAL: Priority.P1}
    return replace(SORTED, version=version, matrix=SORTED.matrix | {Impact.LOW: low}, **more)


def test_a_triage_is_published_whole_and_counts_on_from_the_one_that_comes_with_the_product() -> None:
    said = {"effective_from": day("04-01"), "by": by()}
    after = publish_triage(TRIAGE, triage=sorted_otherwise(), **said)
    assert after == (TriagePublished(triage=sorted_otherwise(), effective_from=day("04-01")),)
    [fact] = told(list(after), "triage:standard")
    editions = evolve(fact, TRIAGE)
    assert [editions.at(day(text)).body.version for text in ("03-31", "04-01")] == [1, 2]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("triage", "reason", "field"),
    [
        (sorted_otherwise(3), "x", "/version"),
        (sorted_otherwise(), " ", "/reason"),
        (replace(SORTED, version=2), "x", None),
        (replace(sorted_otherwise(), name="other"), "x", "/name"),
    ],
)
def test_a_triage_that_is_not_the_next_one_is_refused(triage: Triage, reason: str, field: str | None) -> None:
    with pytest.raises(InvalidValue) as no:
        publish_triage(TRIAGE, triage=triage, effective_from=day("04-01"), by=by(reason=reason))
    assert no.value.field == field
