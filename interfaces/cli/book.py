"""``aftersales plans`` and ``aftersales calendars``: listing, showing, drawing and publishing them."""

from __future__ import annotations

import tomllib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from application.access import Caller, Role
from application.book import open_promises
from application.calendars import read_calendar, read_exactly
from application.desk import NotFound, Receipt
from application.desks import Desks, open_desks
from application.drawing import Drawn, Source, draw, with_own
from application.log.event_log import open_log
from application.plans import PlanBody, PlanFile
from application.publishing_commands import PublishCalendar, PublishPlan
from application.settings import Settings
from domain.errors import DomainError
from domain.wall import Weekday
from interfaces.cli.database import current_database
from interfaces.cli.output import moment, note, write, write_json, write_table
from interfaces.cli.problems import Misused, Refused
from interfaces.cli.saying import actor, said
from interfaces.cli.stopping import run_until_stopped
from interfaces.cli.toml import toml
from projections.book.alerts import Alert, alerts
from projections.book.shown import (
    CalendarBook,
    PlanBook,
    ShownCalendar,
    ShownPlan,
    calendar_line,
    plan_line,
    shown_calendar,
    shown_plan,
)

T = TypeVar("T")
OF_AN_ISSUE = ("effective_from", "withdrawn_from", "published_by", "published_at", "reason")
"""What is told of a version, and is no part of its file."""


def list_plans(settings: Settings, *, as_json: bool) -> None:
    """Print every plan."""

    async def found(desks: Desks) -> PlanBook:
        book, now = desks.plans.book, datetime.now(UTC)
        await book.refresh()
        lines = (plan_line(each, each.newest, now) for each in book.promises.all_plans if each.newest)
        return PlanBook(tuple(lines), alerts(book.promises, now))

    book = _asked(settings, found)
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
        book, now = desks.calendars.book, datetime.now(UTC)
        await book.refresh()
        lines = (calendar_line(each, each.newest, now) for each in book.promises.all_calendars if each.newest)
        return CalendarBook(tuple(lines), alerts(book.promises, now))

    book = _asked(settings, found)
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
        editions = await desks.plans.read(name)
        edition = editions.of(version) if version else editions.newest
        if edition is None:
            raise NotFound(f"there is no plan {name}{f' v{version}' if version else ''}")
        return shown_plan(edition)

    _write(_asked(settings, found), as_json=as_json)


def show_calendar(settings: Settings, name: str, version: int | None, *, as_json: bool) -> None:
    """Print one version of a calendar.

    Raises:
        NotFound: there is none.
    """

    async def found(desks: Desks) -> ShownCalendar:
        editions = await desks.calendars.read(name)
        edition = editions.of(version) if version else editions.newest
        if edition is None:
            raise NotFound(f"there is no calendar {name}{f' v{version}' if version else ''}")
        return shown_calendar(edition)

    _write(_asked(settings, found), as_json=as_json)


def publish_plan(
    settings: Settings, file: Path, effective_from: str | None, reason: str, by: str | None
) -> None:
    """Publish a plan.

    Raises:
        Misused: the file cannot be read as one.
        Refused: the rules refuse it.
    """
    stated = _stated(file, lambda told: msgspec.convert(told, PlanFile))
    body = {name: getattr(stated, name) for name in PlanBody.__struct_fields__}
    command = PublishPlan(
        version=stated.version,
        effective_from=_moment(effective_from),
        reason=said("--reason", reason),
        **body,
    )
    _publish(settings, file, lambda desks: desks.plans.send(stated.name, command, _caller(by)))


def publish_calendar(
    settings: Settings, file: Path, effective_from: str | None, reason: str, by: str | None
) -> None:
    """Publish a calendar.

    Raises:
        Misused: the file cannot be read as one.
        Refused: the rules refuse it.
    """
    stated = _stated(file, read_calendar)
    command = PublishCalendar(
        version=stated.version,
        zone=stated.zone,
        week=stated.week,
        years=stated.years,
        effective_from=_moment(effective_from),
        reason=said("--reason", reason),
    )
    _publish(settings, file, lambda desks: desks.calendars.send(stated.name, command, _caller(by)))


def draw_calendar(
    settings: Settings,
    name: str,
    years: str,
    source: Source,
    country: str | None,
    *,
    zone: str | None,
    hours: str | None,
) -> None:
    """Print the next version of a calendar with drawn years beside those that it has.

    Raises:
        Misused: the years are none, or a new calendar has no zone and hours.
        DomainError: the library does not know them.
    """
    where, _, part = (country or "").partition("-")
    drawn = Drawn(source=source, country=where or None, subdivision=part or None, years=_years(years))

    async def found(desks: Desks) -> dict[str, Any]:
        editions = await desks.calendars.read(name)
        newest = editions.newest.body if editions.newest else None
        if newest is None and not (zone and hours):
            raise Misused(f"there is no calendar {name} yet: say its --zone and --hours")
        week = dict.fromkeys(list(Weekday)[:5], tuple((hours or "").split(","))) if hours else {}
        before = newest.years if newest else {}
        after = with_own({}, {**before, **draw([drawn])})
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

    write(f"# {drawn.told}\n{toml(_asked(settings, found))}")


def _publish(settings: Settings, file: Path, send: Callable[[Desks], Awaitable[Receipt]]) -> None:
    try:
        receipt = _asked(settings, send)
    except DomainError as refused:
        where = f" (at {refused.field})" if refused.field else ""
        raise Refused(f"{file}: {refused.message}{where}") from None
    note(f"{receipt.number} v{receipt.published} is published, at position {receipt.position}")


def _asked(settings: Settings, ask: Callable[[Desks], Awaitable[T]]) -> T:
    async def answered(url: str) -> T:
        async with open_log(url) as log:
            return await ask(open_desks(log, open_promises(url), time_zone=settings.time_zone))

    with current_database(settings) as database:
        return run_until_stopped(answered(database.service_url))


def _stated(file: Path, read: Callable[[dict[str, Any]], T]) -> T:
    try:
        return read_exactly(tomllib.loads(file.read_text(encoding="utf-8")), read)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, DomainError) as wrong:
        raise Misused(f"{file}: {wrong}") from None


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        found = None
    if text and (found is None or found.tzinfo is None):
        raise Misused("--from: a time with offset, such as 2027-01-01T00:00+08:00")
    return found


def _years(text: str) -> tuple[int, ...]:
    first, _, last = text.partition("-")
    try:
        years = tuple(range(int(first), int(last or first) + 1))
    except ValueError:
        years = ()
    if not years or not 1970 <= years[0] <= years[-1] <= 2200:
        raise Misused("--years: a year or two of them, such as 2026-2027")
    return years


def _caller(by: str | None) -> Caller:
    return Caller(actor(by).removeprefix("admin:"), Role.ADMIN, UUID(int=0))


def _write(shown: ShownPlan | ShownCalendar, *, as_json: bool) -> None:
    if as_json:
        write_json(shown)
        return
    stated = msgspec.to_builtins(shown, str_keys=True)
    for name in (*OF_AN_ISSUE, "sources", "covered_until"):
        stated.pop(name, None)
    write(toml(stated))


def _note(found: tuple[Alert, ...]) -> None:
    for alert in found:
        note(f"{alert.days_left} days left: {alert.en}")
