"""What the firm keeps in stock fits its products, people and faults."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from application.demo.agreements import forms
from application.demo.firm import faults, firm
from application.demo.supplies import supplies
from application.plans import shipped_promises
from domain.part.words import Tracking

CHINESE = re.compile("[一-鿿]")


def test_some_twenty_five_parts_in_both_languages() -> None:
    parts = supplies().parts
    assert len({part.number for part in parts}) == len(parts) == 26
    assert {part.tracking for part in parts} == set(Tracking)
    assert all(CHINESE.search(part.zh) and not CHINESE.search(part.en) for part in parts)


def test_every_part_is_used_for_a_fault_that_there_is() -> None:
    codes = {fault.code for fault in faults()}
    assert {repair.fault for repair in supplies().repairs} <= codes
    used = {number for repair in supplies().repairs for number in repair.parts}
    assert used == {part.number for part in supplies().parts}


def test_every_part_is_kept_and_only_followed_ones_lapse() -> None:
    for part in supplies().parts:
        assert part.keep["main"] > 0
        assert part.batch > 0
        if part.shelf_life_days or part.lapsing:
            assert part.tracking is Tracking.LOT


def test_every_region_has_a_centre_and_vans() -> None:
    assert supplies().places[0].kind == "main"
    for team in {customer.team for customer in firm().customers}:
        assert len(supplies().near(team, "centre")) == 1
        assert supplies().near(team, "van")


def test_contracts_promise_plans_that_are_in_the_book() -> None:
    for form in (*forms().forms, *forms().usual):
        assert shipped_promises().pin(form.plan, datetime(2026, 3, 2, tzinfo=UTC))
    assert all(form.weight > 0 for form in forms().usual)
