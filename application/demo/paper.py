"""What was done about one contract, from the draft to what became of it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from application.access import Role
from application.commands import Command
from application.contract_commands import (
    ActivateContract,
    AmendContract,
    DraftContract,
    RenewContract,
    SignContract,
    TerminateContract,
)
from application.demo.agreements import Form, Group, forms
from application.demo.diary import Step
from application.demo.firm import Language, caller, firm, say
from application.demo.year import ZONE
from domain.contract.words import Scope
from domain.money import Money

YEAR = timedelta(days=365)
DAY = timedelta(days=1)
FEES = {"hot-water": 6800, "standard": 3200}
"""CNY for a serial and year."""


def drawn_up(form: Form, group: Group, rng: Random, now: datetime) -> list[Step]:
    """Every step of a contract in the order of time; what it includes is not written down yet.

    Args:
        form: what kind it is.
        group: whose it is.
        rng: decides the small things.
        now: the end of the year; no step is later.
    """
    return _Paper(form, group, rng, now).steps()


class _Paper:
    """One contract."""

    def __init__(self, form: Form, group: Group, rng: Random, now: datetime) -> None:
        self._form = form
        self._group = group
        self._rng = rng
        self._steps: list[Step] = []
        self._today = now.astimezone(ZONE).date()
        self._lang: Language = group.customer.lang
        managers = firm().contract_managers[self._lang]
        self._manager = caller(rng.choice(managers), Role.CONTRACT_MANAGER)
        self._last = self._today + self._days(*form.ends)
        self._renewed = self._last - YEAR if form.fate == "renewed" else self._last
        self._first = self._renewed - form.years * YEAR + DAY
        self._serials = group.serials[:1] if form.alone else group.serials

    def steps(self) -> list[Step]:
        """All of it."""
        drafted = self._first - self._days(32, 45)
        self._draft(drafted)
        signed = drafted + self._days(5, 14)
        if self._form.fate != "drafted":
            who = self._group.customer.contacts[0]
            self._write(signed, SignContract, signed_by=who, signed_on=signed)
        if self._form.fate not in {"drafted", "signed"}:
            self._write(signed + self._days(1, 4), ActivateContract)
        match self._form.fate:
            case "renewed":
                day = self._renewed - self._days(9, 30)
                self._write(day, RenewContract, ends_on=self._last, carries=True)
            case "terminated":
                day = self._today - self._days(45, 75)
                why = self._rng.choice(forms().ended[self._lang])
                self._write(day - self._days(9, 20), TerminateContract, effective_on=day, reason=why)
            case "amended" if self._group.others:
                day, added = self._today - self._days(80, 200), self._group.others[:1]
                price = self._price(len(self._serials) + 1)
                self._write(day - self._days(3, 9), AmendContract, effective_on=day, added=added, price=price)
            case _:
                pass
        return self._steps

    def _draft(self, day: date) -> None:
        form, customer = self._form, self._group.customer
        whole = form.scope is Scope.CUSTOMER
        self._write(
            day,
            DraftContract,
            customer=customer.name,
            title=self._rng.choice(forms().titles[self._lang]),
            plan=form.plan,
            starts_on=self._first,
            ends_on=self._renewed,
            zone=ZONE.key,
            price=self._price(len(self._serials)),
            scope=form.scope,
            assets=() if whole else self._serials,
        )

    def _price(self, serials: int) -> Money:
        return Money(f"{FEES[self._form.plan] * serials * self._form.years}.00", "CNY")

    def _days(self, least: int, most: int) -> timedelta:
        return timedelta(days=self._rng.randint(least, most))

    def _write(self, day: date, kind: type[Command], **fields: Any) -> None:
        """Somebody does something in the office hours of a day."""
        minute = timedelta(minutes=self._rng.randrange(8 * 60), seconds=self._rng.randrange(60))
        at = datetime.combine(day, time(9), ZONE) + minute
        reason = fields.pop("reason", None) or say(self._rng, "late.contract", self._lang)
        command = kind(occurred_at=at, reason=reason, **fields)
        self._steps.append(Step(at=at, caller=self._manager, command=command))
