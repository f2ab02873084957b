"""The invented firm: its people, customers, products, what breaks and what is said."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec

from application.access import Caller, Role
from domain.ticket.words import Impact, Tier, TravelBand

FOLDER = Path(__file__).parent
Language = Literal["zh", "en"]


class Team(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field team, the service centre or research (R07), and who belongs to it."""

    tier: Tier
    people: tuple[str, ...]


class Product(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model, and the kinds of customer it is sold to."""

    model: str
    family: str
    kinds: frozenset[str]


class Customer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A customer, and whether it is one that buys maintenance contracts."""

    name: str
    kind: str
    team: str
    site: str
    contacts: tuple[str, str]
    contract: bool = False
    lang: Language = "zh"

    @property
    def band(self) -> TravelBand:
        """How far it is from the service centre."""
        return Random(self.name).choice(list(TravelBand))  # noqa: S311 - a story, not a secret


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fault in the words of customer and engineer."""

    category: str
    subject: str
    description: str
    cause: str
    solution: str


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that breaks; an empty condition means any."""

    code: str
    weight: int
    priorities: tuple[int, int, int, int]
    impact: Impact
    zh: Wording
    en: Wording
    families: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    months: frozenset[int] = frozenset()

    def strikes(self, customer: Customer, product: Product, month: int) -> bool:
        """Whether this product of this customer can have it in this month."""
        return (
            (not self.families or product.family in self.families)
            and (not self.kinds or customer.kind in self.kinds)
            and (not self.teams or customer.team in self.teams)
            and (not self.months or month in self.months)
        )


class Firm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everybody and everything of ``firm.toml``."""

    teams: dict[str, Team]
    hotline: dict[Language, tuple[str, ...]]
    contract_managers: dict[Language, tuple[str, ...]]
    products: tuple[Product, ...]
    customers: tuple[Customer, ...]


class Visitor(NamedTuple):
    """Who tries the demo with the token of an agent: by what name, and in which team."""

    name: str
    team: str


VISITOR = Visitor("demo-agent", "east-field")


def caller(name: str, role: Role = Role.AGENT) -> Caller:
    """One of the firm's people as the sender of a command; the demo needs no token to speak for them."""
    return Caller(name, role, UUID(int=0))


@cache
def firm() -> Firm:
    """The firm."""
    return msgspec.toml.decode((FOLDER / "firm.toml").read_bytes(), type=Firm)


@cache
def faults() -> tuple[Fault, ...]:
    """What breaks."""
    read = msgspec.toml.decode((FOLDER / "faults.toml").read_bytes(), type=dict[str, tuple[Fault, ...]])
    return read["faults"]


@cache
def _phrases() -> dict[str, Any]:
    return msgspec.toml.decode((FOLDER / "phrases.toml").read_bytes())


def say(rng: Random, what: str, language: Language) -> str:
    """One of the ways to say something.

    Args:
        what: a key of ``phrases.toml``, such as ``answered`` or ``late.work``.
    """
    spoken = _phrases()
    for key in what.split("."):
        spoken = spoken[key]
    return rng.choice(spoken[language])
