"""``aftersales plans`` and ``aftersales calendars``: listing, showing, drawing and publishing them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from application.calendars import read_calendar
from application.desk import Receipt
from application.desks import Desks
from application.drawing import Drawn, Source, draw, with_own
from application.plans import PlanBody, PlanFile
from application.publishing_commands import PublishCalendar, PublishPlan, WithdrawCalendar, WithdrawPlan
from application.settings import Settings
from domain.calendar import Year
from domain.wall import Weekday
from interfaces.cli.output import moment, note, write, write_json, write_table
from interfaces.cli.problems import Misused
from interfaces.cli.publishing import asked, moment_of, publish, publisher, sent, stated_in, write_shown
from interfaces.cli.saying import said
from interfaces.cli.toml import toml
from projections.book.alerts import Alert
from projections.book.shown import (
    CalendarBook,
    PlanBook,
    ShownCalendar,
    ShownPlan,
    calendar_book,
    going_by,
    plan_book,
    shown_calendar,
    shown_plan,
)

ByHand = Literal["by-hand"]
"""Where no library knows the years: whoever publishes them writes them down."""


def list_plans(settings: Settings, *, as_json: bool) -> None:
    """Print every plan."""

    async def found(desks: Desks) -> PlanBook:
        await desks.plans.book.refresh()
        return plan_book(desks.plans.book.promises, datetime.now(UTC))

    book = asked(settings, found)
    if as_json:
        write_json(book)
        return
    rows = [
        (
            each.name,
            f"{each.version}",
            f"{each.counting or ''}",
            each.calendar,
            moment(each.effective_from, settings.time_zone),
            moment(each.withdrawn_from, settings.time_zone),
            f"{each.title.zh} / {each.title.en}",
        )
        for each in book.items
    ]
    write_table(("plan", "newest", "counts now", "calendar", "from", "withdrawn from", "title"), rows)
    _note(book.alerts)


def list_calendars(settings: Settings, *, as_json: bool) -> None:
    """Print every calendar."""

    async def found(desks: Desks) -> CalendarBook:
        await desks.calendars.book.refresh()
        return calendar_book(desks.calendars.book.promises, datetime.now(UTC))

    book = asked(settings, found)
    if as_json:
        write_json(book)
        return
    rows = [
        (
            each.name,
            f"{each.version}",
            f"{each.counting or ''}",
            each.zone,
            f"{each.first_year or ''}",
            f"{each.covered_until or 'without end'}",
        )
        for each in book.items
    ]
    write_table(("calendar", "newest", "counts now", "zone", "from", "covered until"), rows)
    _note(book.alerts)


def show_plan(settings: Settings, name: str, version: int | None, *, as_json: bool) -> None:
    """Print one version of a plan.

    Raises:
        NotFound: there is none.
    """

    async def found(desks: Desks) -> ShownPlan:
        return shown_plan(await desks.plans.edition(name, version))

    write_shown(asked(settings, found), as_json=as_json)


def show_calendar(settings: Settings, name: str, version: int | None, *, as_json: bool) -> None:
    """Print one version of a calendar.

    Raises:
        NotFound: there is none.
    """

    async def found(desks: Desks) -> ShownCalendar:
        return shown_calendar(await desks.calendars.edition(name, version))

    write_shown(asked(settings, found), as_json=as_json)


def publish_plan(
    settings: Settings, file: Path, effective_from: str | None, reason: str, by: str | None
) -> None:
    """Publish a plan.

    Raises:
        Misused: the file cannot be read as one.
        Refused: the rules refuse it.
    """
    stated = stated_in(file, lambda told: msgspec.convert(told, PlanFile))
    body = {name: getattr(stated, name) for name in PlanBody.__struct_fields__}
    command = PublishPlan(
        version=stated.version,
        effective_from=moment_of(effective_from),
        reason=said("--reason", reason),
        **body,
    )
    publish(settings, file, lambda desks: desks.plans.send(stated.name, command, publisher(by)))


def withdraw_plan(settings: Settings, name: str, since: str | None, reason: str, by: str | None) -> None:
    """Offer a plan to no more new tickets.

    Raises:
        NotFound: there is none.
        Refused: the rules refuse it.
    """
    command = WithdrawPlan(effective_from=moment_of(since), reason=said("--reason", reason))
    receipt = sent(settings, name, lambda desks: desks.plans.send(name, command, publisher(by)))
    note(f"{name} is withdrawn, at position {receipt.position}")


def publish_calendar(
    settings: Settings, file: Path, effective_from: str | None, reason: str, by: str | None
) -> None:
    """Publish a calendar.

    Raises:
        Misused: the file cannot be read as one.
        Refused: the rules refuse it.
    """
    stated = stated_in(file, read_calendar)
    command = PublishCalendar(
        version=stated.version,
        zone=stated.zone,
        week=stated.week,
        years=stated.years,
        effective_from=moment_of(effective_from),
        reason=said("--reason", reason),
    )
    publish(settings, file, lambda desks: desks.calendars.send(stated.name, command, publisher(by)))


def withdraw_calendar(settings: Settings, name: str, since: str | None, reason: str, by: str | None) -> None:
    """Let no more new tickets go by a calendar, and say which plans that stops.

    Raises:
        NotFound: there is none.
        Refused: the rules refuse it.
    """
    command = WithdrawCalendar(effective_from=moment_of(since), reason=said("--reason", reason))
    stopped: list[str] = []

    async def send(desks: Desks) -> Receipt:
        receipt = await desks.calendars.send(name, command, publisher(by))
        stopped.extend(going_by(desks.calendars.book.promises, name))
        return receipt

    receipt = sent(settings, name, send)
    note(f"{name} is withdrawn, at position {receipt.position}")
    if stopped:
        note(f"no new ticket can go by {', '.join(stopped)}: publish them with another calendar")


def draw_calendar(
    settings: Settings,
    name: str,
    years: str,
    source: Source | ByHand,
    country: str | None,
    *,
    zone: str | None,
    hours: str | None,
) -> None:
    """Print the next version of a calendar with drawn years beside those that it has, or empty ones.

    Raises:
        Misused: the years are none, or a new calendar has no zone and hours.
        DomainError: the library does not know them.
    """
    where, _, part = (country or "").partition("-")
    numbers = _years(years)
    if source == "by-hand":
        told, added = (
            f"write down the days off and the make-up days of {years}",
            dict.fromkeys(numbers, Year()),
        )
    else:
        drawn = Drawn(source=source, country=where or None, subdivision=part or None, years=numbers)
        told, added = drawn.told, draw([drawn])

    async def found(desks: Desks) -> dict[str, Any]:
        editions = await desks.calendars.read(name)
        newest = editions.newest.body if editions.newest else None
        if newest is None and not (zone and hours):
            raise Misused(f"there is no calendar {name} yet: say its --zone and --hours")
        week = dict.fromkeys(list(Weekday)[:5], tuple((hours or "").split(","))) if hours else {}
        before = newest.years if newest else {}
        after = with_own({}, {**before, **added})
        return {
            "name": name,
            "version": editions.next,
            "zone": zone or (newest.zone if newest else ""),
            "week": week or (newest.week if newest else {}),
            "years": {
                number: {
                    "off": [day.isoformat() for day in sorted(year.off)],
                    "make_up": {day.isoformat(): like.value for day, like in sorted(year.make_up.items())},
                }
                for number, year in after.items()
            },
        }

    write(f"# {told}\n{toml(asked(settings, found))}")


def _years(text: str) -> tuple[int, ...]:
    first, _, last = text.partition("-")
    try:
        years = tuple(range(int(first), int(last or first) + 1))
    except ValueError:
        years = ()
    if not years or not 1970 <= years[0] <= years[-1] <= 2200:
        raise Misused("--years: a year or two of them, such as 2026-2027")
    return years


def _note(found: tuple[Alert, ...]) -> None:
    for alert in found:
        note(f"{alert.days_left} days left: {alert.en}")
