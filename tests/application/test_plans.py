"""The service plans that come with the product, and the book they are looked up in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from application.calendars import published
from application.importing.mapping import load_mapping
from application.plans import read_plan, shipped_promises
from domain.calendar import Calendar
from domain.clock import Milestone
from domain.errors import DomainError, InvalidValue
from domain.plan import CUSTOMERS_WAITS, ServicePlan
from domain.promises import Promises, UnknownPlan
from domain.ticket.events import PlanPin
from domain.ticket.internal import BY_STATE
from domain.ticket.words import HoldReason, Priority, TravelBand
from domain.title import Title

HOUR = 3600
SHIPPED = shipped_promises().plans
SHIPPED_BY_NAME = {each.name: each for each in SHIPPED}


def plan(name: str = "any", version: int = 1, calendar: str = "24x7") -> ServicePlan:
    """A plan that promises nothing."""
    title = Title(zh=name, en=name)
    return ServicePlan(
        name=name, version=version, title=title, calendar=calendar, calendar_version=1, targets={}
    )


def test_the_plans_that_come_with_the_product() -> None:
    assert [(each.name, each.version, each.calendar) for each in SHIPPED] == [
        ("agricultural-supplies", 1, "24x7"),
        ("business-hours-it", 1, "it-office"),
        ("distance-bands", 1, "24x7"),
        ("history", 1, "24x7"),
        ("hot-water", 1, "24x7"),
        ("information-security", 1, "cn-office"),
        ("standard", 1, "cn-office"),
    ]


@pytest.mark.parametrize(
    ("name", "milestone", "hours"),
    [
        ("hot-water", Milestone.FIRST_RESPONSE, [0.5, 1, 4, 8]),
        ("hot-water", Milestone.ON_SITE, [4, 4, None, None]),
        ("hot-water", Milestone.RESOLVE, [12, 12, 48, 120]),
        ("agricultural-supplies", Milestone.ON_SITE, [48, 48, 72, None]),
        ("information-security", Milestone.ACKNOWLEDGE, [0.25] * 4),
        ("information-security", Milestone.FIRST_RESPONSE, [0.25] * 4),
        ("information-security", Milestone.RESOLVE, [None, None, None, 7.5]),
        ("distance-bands", Milestone.ACKNOWLEDGE, [0.25, 0.5, 1, 1]),
        ("distance-bands", Milestone.FIRST_RESPONSE, [0.25, 0.5, 1, 4]),
        ("distance-bands", Milestone.DISPATCH, [1, 1, 1, None]),
        ("distance-bands", Milestone.PART_DELIVERED, [24] * 4),
        ("distance-bands", Milestone.ON_SITE, [None] * 4),
        ("distance-bands", Milestone.RESOLVE, [72, 72, 8, None]),
        ("distance-bands", Milestone.CALLBACK, [72] * 4),
        ("standard", Milestone.FIRST_RESPONSE, [1, 2, 4, 7.5]),
        ("standard", Milestone.RESOLVE, [7.5, 15, 37.5, 75]),
        ("business-hours-it", Milestone.RESOLVE, [8, 24, 40, 80]),
        ("standard", Milestone.HANDOVER, [0.25, 0.5, 1, 2]),
        ("standard", Milestone.TIER_L1, [2, 4, 15, 30]),
        ("hot-water", Milestone.PART_WAIT, [6, 6, 24, 72]),
        ("distance-bands", Milestone.PART_WAIT, [24] * 4),
        ("agricultural-supplies", Milestone.HANDOVER, [4, 4, 8, 24]),
    ],
)
def test_what_they_promise(name: str, milestone: Milestone, hours: list[float | None]) -> None:
    found = SHIPPED_BY_NAME[name]
    assert [found.target(milestone, priority) for priority in Priority] == [
        each and each * HOUR for each in hours
    ]
    assert milestone in PROMISED[name]


OURS = frozenset(BY_STATE)
"""What no customer is promised, and we mean to keep."""
PROMISED = {
    "agricultural-supplies": {Milestone.ON_SITE, *OURS} - {Milestone.TIER_L3, Milestone.TIER_L4},
    "business-hours-it": {Milestone.RESOLVE},
    "distance-bands": {
        *(Milestone.ACKNOWLEDGE, Milestone.FIRST_RESPONSE, Milestone.DISPATCH, Milestone.ON_SITE),
        *(Milestone.RESOLVE, Milestone.PART_DELIVERED, Milestone.CALLBACK),
        *OURS,
    },
    "history": set[Milestone](),
    "hot-water": {Milestone.FIRST_RESPONSE, Milestone.ON_SITE, Milestone.RESOLVE, *OURS},
    "information-security": {Milestone.ACKNOWLEDGE, Milestone.FIRST_RESPONSE, Milestone.RESOLVE, *OURS},
    "standard": {Milestone.FIRST_RESPONSE, Milestone.RESOLVE, *OURS},
}
"""All that each plan promises anything about."""


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda each: each.name)
def test_they_promise_nothing_else_and_warn_three_times(shipped: ServicePlan) -> None:
    assert {each for each in Milestone if shipped.promises(each)} == PROMISED[shipped.name]
    assert {shipped.warned_at(each) for each in Milestone} == {(50, 75, 90)}
    assert shipped.penalties == ()


def test_goods_far_away_are_looked_at_within_three_days() -> None:
    goods = SHIPPED_BY_NAME["agricultural-supplies"]
    assert goods.target(Milestone.ON_SITE, Priority.P1, band=TravelBand.REMOTE) == 72 * HOUR
    assert goods.target(Milestone.ON_SITE, Priority.P1, band=TravelBand.CITY) == 48 * HOUR


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda each: each.name)
def test_unless_a_plan_says_otherwise_only_the_customers_waits_pause_and_only_resolving(
    shipped: ServicePlan,
) -> None:
    assert {reason for reason in HoldReason if shipped.pauses(Milestone.RESOLVE, reason)} == CUSTOMERS_WAITS
    assert not any(shipped.pauses(Milestone.FIRST_RESPONSE, reason) for reason in HoldReason)


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda each: each.name)
def test_every_plan_has_a_title_in_both_languages(shipped: ServicePlan) -> None:
    assert shipped.title.en.isascii()
    assert not shipped.title.zh.isascii()


def test_a_pin_leads_back_to_its_plan_and_calendar() -> None:
    book = shipped_promises()
    pin = book.pin("standard", datetime(2026, 3, 2, tzinfo=UTC))
    assert pin == PlanPin(plan="standard", plan_version=1, calendar="cn-office", calendar_version=1)
    assert (book.plan(pin).name, book.calendar(pin).name) == ("standard", "cn-office")


def test_a_new_ticket_pins_the_newest_version_and_an_old_one_keeps_its_own() -> None:
    book = Promises([plan(version=1), plan(version=3), plan(version=2)], [Calendar("24x7", 1)])
    old = PlanPin(plan="any", plan_version=1, calendar="24x7", calendar_version=1)
    assert book.pin("any", datetime(2026, 3, 2, tzinfo=UTC)).plan_version == 3
    assert book.plan(old).version == 1


def test_a_ticket_may_pin_another_calendar_than_its_plan() -> None:
    site = Calendar("site", 2)
    book = Promises([plan()], [Calendar("24x7", 1), site])
    assert book.calendar(PlanPin(plan="any", plan_version=1, calendar="site", calendar_version=2)) is site


def test_what_the_book_does_not_hold_is_named_with_what_it_holds() -> None:
    book = shipped_promises()
    pin = PlanPin(plan="gold", plan_version=2, calendar="mars", calendar_version=9)
    with pytest.raises(
        UnknownPlan,
        match=r"no plan gold v2; the book has agricultural-supplies v1, business-hours-it v1",
    ):
        book.plan(pin)
    with pytest.raises(UnknownPlan, match=r"no calendar mars v9; the book has 24x7 v1"):
        book.calendar(pin)
    with pytest.raises(
        UnknownPlan,
        match=r"no plan 'gold'; the book has agricultural-supplies, business-hours-it, distance-bands",
    ) as no:
        book.pin("gold", datetime(2026, 3, 2, tzinfo=UTC))
    assert isinstance(no.value, DomainError)
    assert (no.value.code, no.value.field) == ("unknown-plan", "/plan")


def test_a_book_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(InvalidValue, match="two plans are called any v1"):
        Promises([plan(), plan()], [Calendar("24x7", 1)])
    with pytest.raises(InvalidValue, match="two calendars are called 24x7 v1"):
        Promises([plan()], [Calendar("24x7", 1), Calendar("24x7", 1)])
    with pytest.raises(UnknownPlan, match="no calendar mars v1; the book has 24x7 v1"):
        Promises([plan(calendar="mars")], [Calendar("24x7", 1)])


GOLD = """
name = "gold"
version = 1
title = { zh = "金牌", en = "Gold" }
calendar = "24x7"
calendar_version = 1
targets.resolve = { P1 = "PT4H", P2 = "PT7H30M" }
pausing = { first_response = ["waiting_for_part"] }
"""


def test_a_plan_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "gold-1.toml").write_text(GOLD, encoding="utf-8")
    [gold] = published(tmp_path, read_plan)
    assert gold.title == Title(zh="金牌", en="Gold")
    assert gold.target(Milestone.RESOLVE, Priority.P2) == 27_000
    assert gold.target(Milestone.RESOLVE, Priority.P3) is None
    assert gold.target(Milestone.FIRST_RESPONSE, Priority.P1) is None
    assert gold.pauses(Milestone.FIRST_RESPONSE, HoldReason.WAITING_FOR_PART)
    assert not gold.pauses(Milestone.RESOLVE, HoldReason.WAITING_FOR_CUSTOMER)
    assert msgspec.json.decode(msgspec.json.encode(gold), type=ServicePlan) == gold


@pytest.mark.parametrize(
    ("right", "wrong", "why"),
    [
        ("PT4H", "4 hours", r"gold-1\.toml: Invalid ISO8601 duration"),
        ("PT4H", "PT0S", r"gold-1\.toml: plan gold v1 promises resolve P1 in 0 s"),
        ("PT4H", "-PT4H", r"gold-1\.toml: plan gold v1 promises resolve P1 in -14400 s"),
        ("P1 =", "P0 =", r"gold-1\.toml: Invalid enum value 'P0'"),
        ("targets.resolve", "targets.repair", r"gold-1\.toml: Invalid enum value 'repair'"),
        ("waiting_for_part", "waiting", r"gold-1\.toml: Invalid enum value 'waiting'"),
        ('calendar = "24x7"', "", r"gold-1\.toml: .*missing required field `calendar`"),
        (', en = "Gold"', "", r"gold-1\.toml: .*missing required field `en`"),
        ("version = 1\ntitle", "version = 2\ntitle", "must be called gold-2.toml"),
    ],
)
def test_a_file_that_states_something_wrong_is_named_with_the_reason(
    tmp_path: Path, right: str, wrong: str, why: str
) -> None:
    assert right in GOLD
    (tmp_path / "gold-1.toml").write_text(GOLD.replace(right, wrong), encoding="utf-8")
    with pytest.raises(InvalidValue, match=why):
        published(tmp_path, read_plan)


@pytest.mark.parametrize("name", ["helpdesk", "excavators"])
def test_every_shipped_mapping_pins_a_plan_that_ships(name: str) -> None:
    assert shipped_promises().pin(load_mapping(Path(name)).plan, datetime(2026, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize(("band", "hours"), [("city", 3), ("region", 6), ("remote", 12), (None, None)])
def test_sla_14_on_site_is_promised_by_the_way_to_the_customer(band: str | None, hours: int | None) -> None:
    book = shipped_promises()
    found = book.plan(book.pin("distance-bands", datetime(2026, 3, 2, tzinfo=UTC)))
    way = TravelBand(band) if band else None
    assert found.target(Milestone.ON_SITE, Priority.P2, band=way) == (hours and hours * HOUR)
