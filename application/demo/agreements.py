"""The firm's maintenance contracts: of which kind, with whom, and for which serials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Literal

import msgspec

from application.demo.firm import FOLDER, Customer, Language, firm
from application.demo.year import Report
from domain.contract.words import Scope

PER_CONTRACT = 50
"""Tickets for which there is one contract more."""
FEWEST = 4

Became = Literal["active", "drafted", "signed", "renewed", "terminated", "amended"]
ON_PAPER = frozenset({"drafted", "signed"})
"""Offered to somebody who has none yet."""


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of contract; see ``contracts.toml``."""

    ends: tuple[int, int]
    years: int
    fate: Became = "active"
    scope: Scope = Scope.ASSETS
    plan: str = "hot-water"
    beside: bool = False
    alone: bool = False
    short: Literal["visit", "part"] | None = None
    weight: int = 0


class Forms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything of ``contracts.toml``."""

    titles: dict[Language, tuple[str, ...]]
    ended: dict[Language, tuple[str, ...]]
    forms: tuple[Form, ...]
    usual: tuple[Form, ...]


class Group(msgspec.Struct, frozen=True):
    """Serials of a customer, those that break most often first, and others that the customer has."""

    customer: Customer
    serials: tuple[str, ...]
    others: tuple[str, ...]


@cache
def forms() -> Forms:
    """The kinds of contract."""
    return msgspec.toml.decode((FOLDER / "contracts.toml").read_bytes(), type=Forms)


def parties(reports: Sequence[Report], rng: Random) -> list[tuple[Form, Group]]:
    """Who has which kind of contract for what, in no order that means anything."""
    groups = _groups(reports)
    buyers = [group for group in groups if group.customer.contract]
    strangers = [group for group in groups if not group.customer.contract]
    covered, offered = iter([*buyers, *strangers]), iter(reversed(strangers))
    group: Group | None = None
    made: list[tuple[Form, Group]] = []
    for place in range(max(FEWEST, round(len(reports) / PER_CONTRACT))):
        form = _form(place, rng)
        if not form.beside:
            group = next(offered if form.fate in ON_PAPER else covered, None)
        if group is not None:
            made.append((form, group))
    return made


def _form(place: int, rng: Random) -> Form:
    first, usual = forms().forms, forms().usual
    return first[place] if place < len(first) else rng.choices(usual, [form.weight for form in usual])[0]


def _groups(reports: Sequence[Report]) -> list[Group]:
    """The serials that were reported: the larger half of each customer's first, the other halves later."""
    reported: dict[str, Counter[str]] = {}
    for report in reports:
        reported.setdefault(report.customer.name, Counter())[report.asset.serial] += 1
    customers = [customer for customer in firm().customers if customer.name in reported]
    customers.sort(key=lambda customer: -reported[customer.name].total())
    first, second = [], []
    for customer in customers:
        serials = tuple(serial for serial, _ in reported[customer.name].most_common())
        half = (len(serials) + 1) // 2 if len(serials) > 2 else len(serials)
        first.append(Group(customer, serials[:half], serials[half:]))
        if serials[half:]:
            second.append(Group(customer, serials[half:], serials[:half]))
    return [*first, *second]
