"""Calendars that will soon say nothing more: a year without holiday data raises an alert (SLA 7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from domain.calendar import Calendar
from domain.promises import Promises
from domain.publishing.editions import Edition

AHEAD = 90
"""Days before the end of what is covered from which on an alert stands."""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar that ends soon, or has.

    Attributes:
        version: the newest one, or the one that plans have fixed.
        covered_until: its last day with holiday data.
        days_left: days until then, where the calendar is; negative when they are over.
        plans: what new tickets would go by it.
        zh: what is to be done, in Chinese.
        en: and in English.
    """

    calendar: str
    version: int
    covered_until: date
    days_left: int
    plans: tuple[str, ...]
    zh: str
    en: str


def alerts(promises: Promises, now: datetime) -> tuple[Alert, ...]:
    """Every calendar whose covered years end within ``AHEAD`` days, the first to end first."""
    found = [
        _alert(calendar, plans, left)
        for calendar, plans in in_use(promises)
        if (left := days_left(calendar, now)) is not None and left < AHEAD
    ]
    return tuple(sorted(found, key=lambda each: (each.days_left, each.calendar, each.version)))


def in_use(promises: Promises) -> Iterator[tuple[Calendar, tuple[str, ...]]]:
    """The newest version of every calendar, and those that plans have fixed, with the plans that use them.

    What is withdrawn by the end of its covered years is left out: nobody needs to see to the next one.
    """
    plans = [
        each.newest.body for each in promises.all_plans if each.newest and not each.newest.withdrawn_from
    ]
    for editions in promises.all_calendars:
        for edition in editions.all:
            newest = edition is editions.newest
            using = tuple(
                plan.name
                for plan in plans
                if plan.calendar == editions.name
                and (plan.calendar_version == edition.body.version or (newest and not plan.calendar_version))
            )
            if (newest or using) and not _is_over(edition):
                yield edition.body, using


def _is_over(edition: Edition[Calendar]) -> bool:
    calendar = edition.body
    if not calendar.years:
        return edition.withdrawn_from is not None
    return edition.is_withdrawn(datetime(max(calendar.years) + 1, 1, 1, tzinfo=ZoneInfo(calendar.zone)))


def covered_until(calendar: Calendar) -> date | None:
    """The last day with holiday data; ``None`` for a calendar without end."""
    return date(max(calendar.years), 12, 31) if calendar.years else None


def days_left(calendar: Calendar, now: datetime) -> int | None:
    """Days until then, where the calendar is; ``None`` for a calendar without end."""
    last = covered_until(calendar)
    return None if last is None else (last - now.astimezone(ZoneInfo(calendar.zone)).date()).days


def _alert(calendar: Calendar, plans: tuple[str, ...], left: int) -> Alert:
    last = date(max(calendar.years), 12, 31)
    missing = last.year + 1
    return Alert(
        calendar=calendar.name,
        version=calendar.version,
        covered_until=last,
        days_left=left,
        plans=plans,
        zh=f"工作日历 {calendar.name} 第 {calendar.version} 版没有 {missing} 年的节假日数据："
        f"请发布包含 {missing} 年的新版本",
        en=f"calendar {calendar.name} v{calendar.version} has no holiday data for {missing}: "
        f"publish a version that covers {missing}",
    )
