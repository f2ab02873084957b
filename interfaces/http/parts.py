"""Spare parts: cataloguing them, and everything that may be asked of one."""

from __future__ import annotations

from application.part_commands import ACTIONS, CataloguePart
from interfaces.http.commanding import actions, beginning
from interfaces.http.params import PartReference

commands = [
    beginning(
        "/parts",
        CataloguePart,
        lambda known, *asked: known.desks.parts.catalogue(*asked),
        summary="Take a part number into the catalogue",
        told="A number is unique. Number, unit and tracking stay as they are: all stock is counted in them.",
    ),
    *actions("/parts", "part", PartReference, ACTIONS, lambda known: known.desks.parts),
]
