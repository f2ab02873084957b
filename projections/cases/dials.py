"""The working time that it is now, on every calendar that is asked for."""

from __future__ import annotations

from datetime import datetime

from domain.calendar import CalendarGap
from domain.promises import Promises
from domain.ticket.events import PlanPin


class Dials:
    """Calendars read at one moment, each once.

    Args:
        promises: the book that holds the calendars.
        now: the moment.
    """

    def __init__(self, promises: Promises, now: datetime) -> None:
        self._promises = promises
        self.now = now
        self._marks: dict[tuple[str, int], int | None] = {}

    def mark(self, calendar: str, version: int) -> int | None:
        """The mark of a calendar; ``None`` when it has no data for this year (SLA 7).

        Raises:
            UnknownPlan: the book does not hold it.
        """
        key = (calendar, version)
        if key not in self._marks:
            pin = PlanPin(plan="", plan_version=0, calendar=calendar, calendar_version=version)
            try:
                self._marks[key] = self._promises.calendar(pin).mark(self.now)
            except CalendarGap:
                self._marks[key] = None
        return self._marks[key]
