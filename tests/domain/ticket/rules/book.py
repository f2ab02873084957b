"""The plans and calendars that the table of rules is told in. Every plan but ``lenient`` promises the same:

    acknowledge P1 15 min, P2 30 min · first response P1 30 min, P2 1 h, P3 4 h · dispatch P2 1 h ·
    on site P2 in the city 3 h, up to 200 km 6 h, farther 12 h · workaround P2 6 h ·
    resolve P1 4 h, P2 8 h, P3 16 h, gas at P2 2 h · part delivered P2 8 h · callback P2 24 h ·
    complaint answer P2 8 h

``lenient`` pauses every milestone, for parts only. ``mixed`` counts on site and callback in clock time.
"""

from __future__ import annotations

from datetime import date

from domain.calendar import Calendar, Year
from domain.clock import Milestone
from domain.plan import ROUND_THE_CLOCK, ServicePlan, Special
from domain.promises import Promises
from domain.ticket.events import PlanPin
from domain.ticket.words import HoldReason, Priority, TravelBand
from domain.title import Title
from domain.wall import Weekday
from tests.domain.ticket.rules.telling import span

PARTS = frozenset({HoldReason.WAITING_FOR_PART})
P1, P2, P3 = Priority.P1, Priority.P2, Priority.P3
WORKDAYS = list(Weekday)[:5]


def _weekly(
    name: str, zone: str, days: list[Weekday], *hours: str, version: int = 1, **year: object
) -> Calendar:
    return Calendar(name, version, zone, dict.fromkeys(days, hours), {2026: Year(**year)})  # type: ignore[arg-type]


CHINA = {
    # As the State Council announced them for 2026: the Spring Festival, and the Saturdays worked for it.
    "off": frozenset(date(2026, 2, day) for day in range(15, 24)) | {date(2026, 1, 1), date(2026, 1, 2)},
    "make_up": {date(2026, 2, 14): Weekday.MON, date(2026, 2, 28): Weekday.MON},
}
CALENDARS = [
    Calendar(*ROUND_THE_CLOCK),
    _weekly("office", "UTC", WORKDAYS, "09:00-17:00", off=frozenset({date(2026, 3, 13)})),
    _weekly("office", "UTC", list(Weekday)[:6], "09:00-17:00", version=2),
    _weekly("shanghai", "Asia/Shanghai", WORKDAYS, "09:00-12:00", "13:30-18:00", **CHINA),
    _weekly("nights", "Asia/Shanghai", WORKDAYS, "22:00-06:00"),
    _weekly("rome-nights", "Europe/Rome", list(Weekday), "22:00-06:00"),
    _weekly("rome-days", "Europe/Rome", list(Weekday), "00:00-24:00"),
    _weekly("rome-office", "Europe/Rome", list(Weekday), "08:00-18:00"),
]
TARGETS = {
    Milestone.ACKNOWLEDGE: {P1: span("0:15"), P2: span("0:30")},
    Milestone.FIRST_RESPONSE: {P1: span("0:30"), P2: span("1:00"), P3: span("4:00")},
    Milestone.DISPATCH: {P2: span("1:00")},
    Milestone.WORKAROUND: {P2: span("6:00")},
    Milestone.RESOLVE: {P1: span("4:00"), P2: span("8:00"), P3: span("16:00")},
    Milestone.PART_DELIVERED: {P2: span("8:00")},
    Milestone.CALLBACK: {P2: span("24:00")},
    Milestone.COMPLAINT_ANSWER: {P2: span("8:00")},
}
SPECIAL = (
    Special(milestone=Milestone.ON_SITE, priority=P2, band=TravelBand.CITY, seconds=span("3:00")),
    Special(milestone=Milestone.ON_SITE, priority=P2, band=TravelBand.REGION, seconds=span("6:00")),
    Special(milestone=Milestone.ON_SITE, priority=P2, band=TravelBand.REMOTE, seconds=span("12:00")),
    Special(milestone=Milestone.RESOLVE, priority=P2, category="gas", seconds=span("2:00")),
)


def _plan(name: str, calendar: tuple[str, int], version: int = 1, **more: object) -> ServicePlan:
    return ServicePlan(
        name=name,
        version=version,
        title=Title(zh=name, en=name),
        calendar=calendar[0],
        calendar_version=calendar[1],
        targets=TARGETS,
        special=SPECIAL,
        **more,  # type: ignore[arg-type]
    )


PLANS = [
    _plan("always", ROUND_THE_CLOCK),
    _plan(
        "lenient", ROUND_THE_CLOCK, pausing=dict.fromkeys(Milestone, frozenset({HoldReason.WAITING_FOR_PART}))
    ),
    _plan("mixed", ("office", 1), clock_time=frozenset({Milestone.ON_SITE, Milestone.CALLBACK})),
    *(
        _plan(calendar.name, (calendar.name, calendar.version), calendar.version)
        for calendar in CALENDARS[1:]
    ),
]
BOOK = Promises(PLANS, CALENDARS)
"""Every plan and calendar of the table."""


def pin(plan: str) -> tuple[PlanPin, str]:
    """What a ticket under "office" or "office@2" pins, and the zone its times are told in."""
    name, _, version = plan.partition("@")
    found = next(each for each in PLANS if (each.name, each.version) == (name, int(version or 1)))
    pinned = PlanPin(
        plan=name,
        plan_version=found.version,
        calendar=found.calendar,
        calendar_version=found.calendar_version,
    )
    return pinned, BOOK.calendar(pinned).zone
