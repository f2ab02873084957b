"""What the firm keeps in stock: its places, its spare parts, and which repair takes which."""

from __future__ import annotations

from functools import cache
from typing import Literal

import msgspec

from application.access import Caller, Role
from application.demo.firm import FOLDER, Language, caller
from domain.part.words import Tracking

Kind = Literal["main", "centre", "van"]


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somewhere with a stock: the main warehouse, or what a team of the field has beside it."""

    name: str
    kind: Kind
    keeper: str
    team: str | None = None
    lang: Language = "zh"

    @property
    def storekeeper(self) -> Caller:
        """Who books what comes and goes here."""
        return caller(self.keeper, Role.STOREKEEPER)


class Revised(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change of the catalogue entry, so many days before the end."""

    days: int
    revision: str
    reorder_point: int


class SparePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part number, and how the storekeepers look after it; see ``parts.toml``."""

    number: str
    revision: str
    zh: str
    en: str
    unit: str
    reorder_point: int
    suppliers: tuple[str, ...]
    keep: dict[Kind, int]
    batch: int
    tracking: Tracking = Tracking.NONE
    shelf_life_days: int | None = None
    revised: Revised | None = None
    lapsing: int | None = None
    recalled: int | None = None


class Repair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a share of the repairs of a fault takes, by part number."""

    fault: str
    share: float
    parts: dict[str, int]
    counted: bool = False


class Supplies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything of ``parts.toml``."""

    places: tuple[Place, ...]
    parts: tuple[SparePart, ...]
    repairs: tuple[Repair, ...]

    @property
    def main(self) -> Place:
        """The main warehouse."""
        return next(place for place in self.places if place.kind == "main")

    def place(self, name: str) -> Place:
        """The place of that name."""
        return next(place for place in self.places if place.name == name)

    def part(self, number: str) -> SparePart:
        """The part of that number."""
        return next(part for part in self.parts if part.number == number)

    def near(self, team: str, kind: Kind) -> list[Place]:
        """What a team of the field has."""
        return [place for place in self.places if place.team == team and place.kind == kind]


@cache
def supplies() -> Supplies:
    """The firm's stock."""
    return msgspec.toml.decode((FOLDER / "parts.toml").read_bytes(), type=Supplies)
