"""The catalogue entry of a part (R16)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import InvalidValue
from domain.part.cataloguing import catalogue, revise
from domain.part.events import PartName
from domain.part.words import Bucket, Tracking
from tests.domain.part.story import (
    FIVE,
    LOTS,
    NAME,
    given,
)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"number": " "}, "/number"),
        ({"revision": ""}, "/revision"),
        ({"name": PartName(zh="", en="tube")}, "/name/zh"),
        ({"name": PartName(zh="管", en=" ")}, "/name/en"),
        ({"unit": ""}, "/unit"),
        ({"reorder_point": -1}, "/reorder_point"),
        ({"shelf_life_days": 0, "tracking": Tracking.LOT}, "/shelf_life_days"),
        ({"shelf_life_days": 40_000, "tracking": Tracking.LOT}, "/shelf_life_days"),
        ({"shelf_life_days": 30}, "/tracking"),
    ],
)
def test_a_catalogue_entry_says_something_everywhere(wrong: dict[str, Any], field: str) -> None:
    usual: dict[str, Any] = {"number": "HE-200", "revision": "B", "name": NAME, "unit": "pcs"}
    with pytest.raises(InvalidValue) as refusal:
        catalogue(**usual | wrong)
    assert refusal.value.field == field


def test_a_revision_changes_the_entry_but_not_how_stock_is_counted() -> None:
    story = given(LOTS, reorder_point=2).when(
        revise, revision="C", name=NAME, shelf_life_days=90, reorder_point=4
    )
    part = story.part
    assert (part.revision, part.shelf_life_days, part.reorder_point) == ("C", 90, 4)
    assert (part.tracking, part.unit, part.total(Bucket.GOOD)) == (Tracking.LOT, "pcs", 9)
    given(FIVE).when(revise, revision="C", name=NAME, shelf_life_days=90, reorder_point=4).refused(
        InvalidValue, "a shelf life needs lots"
    )
