from __future__ import annotations

import pytest

from projections.ticket.likeness import likeness, pieces


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("热水器不加热", "热水器不加热", 1, 1),
        ("热水器不加热", "海风酒店热水器不加热了", 0.6, 0.9),
        ("热水器不加热", "水泵有异响", 0, 0.1),
        ("No hot water", "no HOT water!", 1, 1),
        ("no hot water in room 12", "hot water missing in room 14", 0.4, 0.9),
        ("no hot water", "the pump is noisy", 0, 0.2),
        ("E-07 故障", "故障 E07", 0.3, 0.9),
        ("Ｅ０７", "e07", 1, 1),
        ("", "anything", 0, 0),
    ],
)
def test_how_alike_texts_are(one: str, other: str, least: float, most: float) -> None:
    alike = likeness(pieces(one), pieces(other))
    assert alike == likeness(pieces(other), pieces(one))
    assert least <= alike <= most
