"""When a contract is in force, to the second, in its own zone; and on which terms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.contract.term import covers, ends_at, in_force, out_of_force, terms, terms_on
from domain.contract.words import Scope, Why
from domain.money import Money
from tests.domain.contract.story import (
    ACTIVE,
    Happening,
    activated,
    active,
    amended,
    at,
    contract,
    day,
    drafted,
    expired,
    renewed,
    signed,
    terminated,
)

TICK = timedelta(microseconds=1)
A_MINUTE = timedelta(minutes=1)


def test_a_year_ends_at_midnight_in_shanghai_while_the_server_runs_in_utc() -> None:
    usual = contract(*ACTIVE)
    assert ends_at(usual) == at("2026-12-31 16:00Z")
    assert in_force(usual, at("2026-12-31 16:00Z") - TICK)
    assert not in_force(usual, at("2026-12-31 16:00Z"))
    assert in_force(usual, at("2025-12-31 16:00Z"))
    assert not in_force(usual, at("2025-12-31 16:00Z") - TICK)


def test_the_end_needs_no_recorded_expiry_and_is_not_moved_by_one() -> None:
    for life in (ACTIVE, (*ACTIVE, expired("2027-01-03 09:00"))):
        assert in_force(contract(*life), at("2026-12-31 23:59"))
        assert out_of_force(contract(*life), at("2027-01-01 00:00")) is Why.NO_LONGER


@pytest.mark.parametrize(
    ("zone", "starts_on", "ends_on", "begins", "ends"),
    [
        ("Europe/Berlin", "2026-01-01", "2026-12-31", "2025-12-31 23:00Z", "2026-12-31 23:00Z"),
        ("Europe/Berlin", "2026-03-29", "2026-03-29", "2026-03-28 23:00Z", "2026-03-29 22:00Z"),  # 23 hours
        ("Europe/Berlin", "2026-10-25", "2026-10-25", "2026-10-24 22:00Z", "2026-10-25 23:00Z"),  # 25 hours
        ("America/New_York", "2025-07-01", "2026-06-30", "2025-07-01 04:00Z", "2026-07-01 04:00Z"),
        ("America/New_York", "2026-07-01", "2026-12-31", "2026-07-01 04:00Z", "2027-01-01 05:00Z"),
        ("Asia/Beirut", "2025-03-30", "2025-12-31", "2025-03-29 22:00Z", "2025-12-31 22:00Z"),  # no midnight
        (
            "America/St_Johns",
            "2010-11-07",
            "2010-12-31",
            "2010-11-07 02:30Z",
            "2011-01-01 03:30Z",
        ),  # two of them
        ("Pacific/Apia", "2011-12-01", "2011-12-29", "2011-12-01 10:00Z", "2011-12-30 10:00Z"),  # no 30th
        ("Pacific/Apia", "2011-12-30", "2012-12-31", "2011-12-30 10:00Z", "2012-12-31 10:00Z"),
    ],
)
def test_days_begin_and_end_on_the_wall_of_the_zone(
    zone: str, starts_on: str, ends_on: str, begins: str, ends: str
) -> None:
    term = active(zone=zone, starts_on=day(starts_on), ends_on=day(ends_on))
    assert not in_force(term, at(begins) - TICK)
    assert in_force(term, at(begins))
    assert in_force(term, at(ends) - TICK)
    assert not in_force(term, at(ends))
    assert ends_at(term) == at(ends)


@pytest.mark.parametrize(
    ("life", "when", "why"),
    [
        ((drafted(),), "2026-03-01", Why.NOT_ACTIVATED),
        ((drafted(), signed()), "2026-03-01", Why.NOT_ACTIVATED),
        (ACTIVE, "2025-12-31", Why.NOT_YET),
        (ACTIVE, "2026-01-01", None),
        (ACTIVE, "2027-01-01", Why.NO_LONGER),
        (
            (drafted(), signed(), activated("2026-03-01 09:00")),
            "2026-02-01",
            None,
        ),  # counts from its first day
        ((*ACTIVE, terminated("2026-06-01")), "2026-05-31 23:59:59", None),
        ((*ACTIVE, terminated("2026-06-01")), "2026-06-01", Why.TERMINATED),
        ((*ACTIVE, terminated("2026-06-01")), "2027-06-01", Why.TERMINATED),
        ((*ACTIVE, terminated("2026-01-01")), "2026-01-01", Why.TERMINATED),
        ((*ACTIVE, renewed()), "2027-01-01", None),
        ((*ACTIVE, renewed()), "2028-01-01", Why.NO_LONGER),
        ((*ACTIVE, renewed(starts_on="2027-03-01")), "2027-02-28 23:59:59", Why.NO_LONGER),
        ((*ACTIVE, renewed(starts_on="2027-03-01")), "2027-03-01", None),
    ],
)
def test_why_a_contract_does_not_count(life: tuple[Happening, ...], when: str, why: Why | None) -> None:
    assert out_of_force(contract(*life), at(when)) is why
    assert in_force(contract(*life), at(when)) == (why is None)


AMENDED = (
    *ACTIVE,
    amended("2026-09-01", plan="bronze", added=("SN-1",)),
    amended("2026-04-01", plan="silver", added=("SN-3",), removed=("SN-1",), price=Money("20000", "CNY")),
    amended("2026-04-01", price=Money("19000", "CNY")),
)


@pytest.mark.parametrize(
    ("when", "assets", "plan", "price"),
    [
        ("2025-01-01", ("SN-1", "SN-2"), "gold", "18600.00"),
        ("2026-03-31 23:59:59", ("SN-1", "SN-2"), "gold", "18600.00"),
        ("2026-04-01 00:00", ("SN-2", "SN-3"), "silver", "19000"),
        ("2026-08-31 23:59:59", ("SN-2", "SN-3"), "silver", "19000"),
        ("2026-09-01 00:00", ("SN-2", "SN-3", "SN-1"), "bronze", "19000"),
    ],
)
def test_terms_are_those_of_the_moment_whatever_the_order_of_recording(
    when: str, assets: tuple[str, ...], plan: str, price: str
) -> None:
    agreed = terms(contract(*AMENDED), at(when))
    assert (agreed.assets, agreed.plan, agreed.price) == (assets, plan, Money(price, "CNY"))


def test_the_terms_of_a_day_are_those_it_begins_with() -> None:
    usual = contract(*AMENDED)
    assert terms_on(usual, day("2026-04-01")) == terms(usual, at("2026-04-01 12:00"))
    assert terms_on(usual, day("2026-03-31")).plan == "gold"


@pytest.mark.parametrize(
    ("other", "asset", "covered"),
    [
        ({}, "SN-1", True),
        ({}, "SN-9", False),
        ({}, "sn-1", False),
        ({}, None, False),
        ({"scope": Scope.CUSTOMER}, "SN-9", True),
        ({"scope": Scope.CUSTOMER}, None, True),
    ],
)
def test_a_contract_covers_what_it_names_or_all_its_customer_has(
    other: dict[str, Any], asset: str | None, covered: bool
) -> None:
    assert covers(active(**other), asset, at("2026-03-01")) == covered
    assert not covers(active(**other), asset, at("2027-03-01"))


def test_an_asset_is_covered_from_its_own_midnight_on() -> None:
    usual = contract(*AMENDED)
    midnight = at("2026-04-01 00:00")
    assert [covers(usual, "SN-3", midnight - A_MINUTE), covers(usual, "SN-3", midnight)] == [False, True]
    assert [covers(usual, "SN-1", midnight - A_MINUTE), covers(usual, "SN-1", midnight)] == [True, False]
