"""How a contract begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from domain.contract.events import Allowances, ContractDrafted
from domain.contract.words import Scope
from domain.errors import InvalidValue
from domain.money import Money

YEARS = range(1900, 9999)


def draft(
    *,
    number: str,
    customer: str,
    title: str,
    plan: str,
    starts_on: date,
    ends_on: date,
    zone: str,
    price: Money,
    assets: Sequence[str] = (),
    allowances: Allowances | None = None,
    scope: Scope = Scope.ASSETS,
    source: str | None = None,
) -> ContractDrafted:
    """Write down what is to be agreed (R13). That the plan exists is the caller's to check.

    Raises:
        InvalidValue: a name is blank, the term ends before it starts, the time zone does not exist, the price
            is below zero, a serial comes twice, or the serials do not go with the scope.
    """
    stated = {"number": number, "customer": customer, "title": title, "plan": plan}
    for field, text in stated.items():
        needs_text(text, f"a contract needs a {field}", field=f"/{field}")
    days_in_order(starts_on, ends_on)
    _zone_exists(zone)
    not_negative(price)
    no_serial_twice(assets, field="/assets")
    if bool(assets) != (scope is Scope.ASSETS):
        raise InvalidValue(
            "a contract names at least one serial, or is for all its customer has and names none",
            field="/assets",
        )
    return ContractDrafted(
        number=number,
        customer=customer,
        title=title,
        plan=plan,
        starts_on=starts_on,
        ends_on=ends_on,
        zone=zone,
        price=price,
        allowances=allowances or Allowances(),
        scope=scope,
        assets=tuple(assets),
        source=source,
    )


def needs_text(text: str, problem: str, *, field: str) -> None:
    """Refuse a blank.

    Raises:
        InvalidValue: the text is blank.
    """
    if not text.strip():
        raise InvalidValue(problem, field=field)


def days_in_order(starts_on: date, ends_on: date) -> None:
    """A term has at least one day.

    Raises:
        InvalidValue: it ends before it starts, or lies outside the years a zone can be asked about.
    """
    if ends_on < starts_on:
        raise InvalidValue(f"the last day, {ends_on}, lies before the first, {starts_on}", field="/ends_on")
    for field, day in (("/starts_on", starts_on), ("/ends_on", ends_on)):
        if day.year not in YEARS:
            raise InvalidValue(f"{day} is no day of a contract", field=field)


def not_negative(price: Money) -> None:
    """A price is what the customer pays.

    Raises:
        InvalidValue: it is below zero.
    """
    if price.exact < 0:
        raise InvalidValue("a price is not below zero", field="/price/amount")


def no_serial_twice(serials: Sequence[str], *, field: str) -> None:
    """A list of assets names each once.

    Raises:
        InvalidValue: a serial is blank or comes twice.
    """
    for serial in serials:
        needs_text(serial, "an asset needs its serial", field=field)
    if twice := sorted(serial for serial, times in Counter(serials).items() if times > 1):
        raise InvalidValue(f"{', '.join(twice)} comes twice", field=field)


def _zone_exists(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, KeyError) as missing:
        raise InvalidValue(f"there is no time zone {zone!r}", field="/zone") from missing
