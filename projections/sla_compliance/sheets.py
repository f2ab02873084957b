"""The compliance table, and the clocks behind it, as sheets for people."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any, LiteralString, NamedTuple
from zoneinfo import ZoneInfo

from psycopg import AsyncConnection

from domain.clock import Milestone
from domain.penalties import owed
from domain.promises import Promises
from domain.reading import Cause, State, Verdict
from domain.ticket.events import PlanPin
from domain.ticket.words import Priority, Tier, TravelBand
from domain.title import Title
from projections.cases.duration import seconds
from projections.sheets.sheet import Cells, Column, Kind, Language, Sheet
from projections.sla_compliance.compliance import Compliance, ComplianceTable, Resolutions
from projections.sla_compliance.filters import LATE_BY_NOW
from projections.sla_compliance.judging import ELAPSED, LATE, asked, judged, marked
from projections.sla_compliance.own import OwnTable
from projections.sla_compliance.own_sheets import OTHERS, own_measured, own_measures
from projections.sla_compliance.question import Question
from projections.sla_compliance.standing import Standing
from projections.words.headings import heading
from projections.words.values import word

COUNTS = ("clocks", "met", "breached", "reclassified", "overdue", "pending", "cancelled", "none")
LISTED: dict[str, type[Enum]] = {
    "milestone": Milestone,
    "region": TravelBand,
    "verdict": Verdict,
    "cause": Cause,
    "state": State,
    "tier": Tier,
}
"""Values that have words; all others are told as they are."""
TITLED = LISTED.keys() | {"category"}

CLOCKS: dict[LiteralString, Kind] = {
    "number": Kind.TEXT,
    "milestone": Kind.TEXT,
    "cycle": Kind.COUNT,
    "month": Kind.TEXT,
    "priority": Kind.TEXT,
    "team": Kind.TEXT,
    "person": Kind.TEXT,
    "technician": Kind.TEXT,
    "customer": Kind.TEXT,
    "contract": Kind.TEXT,
    "region": Kind.TEXT,
    "product": Kind.TEXT,
    "category": Kind.TEXT,
    "plan": Kind.TEXT,
    "pv": Kind.COUNT,
    "calendar": Kind.TEXT,
    "calendar_version": Kind.COUNT,
    "state": Kind.TEXT,
    "verdict": Kind.TEXT,
    "cause": Kind.TEXT,
    "started_at": Kind.MOMENT,
    "due_at": Kind.MOMENT,
    "stopped_at": Kind.MOMENT,
    "cancelled_at": Kind.MOMENT,
    "breached_at": Kind.MOMENT,
    "target": Kind.DURATION,
    "elapsed": Kind.DURATION,
    "paused": Kind.DURATION,
    "late": Kind.DURATION,
    "gap": Kind.COUNT,
    "first_position": Kind.COUNT,
    "last_position": Kind.COUNT,
}
"""What the list of clocks tells of each; what it costs comes after."""
OWN_CLOCKS: dict[LiteralString, Kind] = {
    "tier": Kind.TEXT,
    **{name: kind for name, kind in CLOCKS.items() if name not in OTHERS},
}
"""The same of clocks of our own, which cost nothing."""
HEADINGS = {"pv": "plan_version"}
MORE: LiteralString = (
    ", number, plan_version AS pv, calendar, calendar_version, state, started_at, due_at, stopped_at, "
    f"cancelled_at, CASE WHEN {LATE_BY_NOW} THEN due_at ELSE breached_at END AS breached_at, target, "
    f"{ELAPSED} AS elapsed, paused, ({LATE}) AS late, gap, first_position, last_position"
)
AT_ONCE = 2000
"""Clocks that are fetched and written at a time."""


Table = ComplianceTable | OwnTable


class Wanted(NamedTuple):
    """How a sheet is told.

    Attributes:
        zone: where times are told.
        categories: what they are called, by their codes.
    """

    language: Language
    zone: ZoneInfo
    categories: Mapping[str, Title] = {}


def table_sheet(table: Table, how: Wanted) -> tuple[Sheet, Sequence[Cells], Cells]:
    """The table: its sheet, the rows, and the total."""
    groups = [Column(heading(name, how.language), Kind.TEXT) for name in table.group_by]
    if isinstance(table, OwnTable):
        title, measures = "own_times", [*own_measures(how.language)]
        rows = [[*_group(row.group, how), *own_measured(row)] for row in table.rows]
        total = own_measured(table.total)
    else:
        currencies = list(table.total.penalties)
        title, measures = "compliance", [*_measures(currencies, how)]
        rows = [[*_group(row.group, how), *_measured(row, currencies)] for row in table.rows]
        total = _measured(table.total, currencies)
    sheet = Sheet(heading(title, how.language), notes(table, how), [*groups, *measures])
    name = heading("total", how.language)
    marked = [name if place == 0 else None for place in range(len(groups))]
    return sheet, rows, [*marked, *total]


def notes(table: Table, how: Wanted) -> list[tuple[str, str]]:
    """What a table is about: its filters, the moment, how far the log counts, and whose promises."""
    plans = [
        f"{each.plan} v{each.plan_version} ({each.calendar} v{each.calendar_version})" for each in table.plans
    ]
    stated = {
        "as_of": table.as_of.astimezone(how.zone).isoformat(" "),
        "time_zone": how.zone.key,
        "position": str(table.position),
        "held_back": str(table.held_back),
        "group_by": ", ".join(heading(name, how.language) for name in table.group_by),
        "filters": filters(table, how),
        "plans": "; ".join(plans),
    }
    return [(heading(name, how.language), value) for name, value in stated.items()]


def filters(table: Table, how: Wanted) -> str:
    """Which clocks a table is about."""
    told = zip(table.filters, _group(table.filters, how), strict=True)
    return "; ".join(f"{heading(name, how.language)} = {value}" for name, value in told)


def clock_sheet(table: Table, promises: Promises, how: Wanted) -> Sheet:
    """The list of the clocks behind a table."""
    columns = [
        Column(heading(HEADINGS.get(name, name), how.language), kind) for name, kind in _listed(table).items()
    ]
    penalties = [Column(_penalty(currency, how), Kind.MONEY) for currency in _currencies(table, promises)]
    return Sheet(heading("clock_list", how.language), notes(table, how), [*columns, *penalties])


async def clock_rows(
    conn: AsyncConnection[Any],
    promises: Promises,
    wanted: Question,
    stands: Standing,
    told: tuple[Table, Wanted],
) -> AsyncIterator[list[Cells]]:
    """The rows of that list, by ticket number, some at a time; nothing is kept of those before."""
    table, how = told
    condition, params = asked(stands, wanted)
    params |= marked(promises, [each.pin for each in table.plans], wanted.as_of)
    columns = _listed(table)
    names: LiteralString = ", ".join(columns)
    query = "SELECT " + names + " FROM " + judged(stands, MORE) + condition  # noqa: S608
    currencies = _currencies(table, promises)
    async with conn.cursor("clocks", binary=True) as cursor:
        await cursor.execute(query + " ORDER BY number, milestone, cycle", params)
        while rows := await cursor.fetchmany(AT_ONCE):
            yield [_clock(dict(zip(columns, row, strict=True)), promises, currencies, how) for row in rows]


def _clock(clock: dict[str, Any], promises: Promises, currencies: list[str], how: Wanted) -> Cells:
    pin = PlanPin(plan=clock["plan"], plan_version=clock["pv"], calendar="", calendar_version=0)
    late = clock["late"] if clock["verdict"] == Verdict.BREACHED else 0
    clock["late"] = late or None
    cost = owed(promises.plan(pin), Milestone(clock["milestone"]), Priority(clock["priority"]), late)
    told = (_word(name, value, how) if name in TITLED else value for name, value in clock.items())
    return [*told, *(cost.exact if cost and cost.currency == each else None for each in currencies)]


def _listed(table: Table) -> dict[LiteralString, Kind]:
    return OWN_CLOCKS if isinstance(table, OwnTable) else CLOCKS


def _currencies(table: Table, promises: Promises) -> list[str]:
    if isinstance(table, OwnTable):
        return []
    plans = [promises.plan(each.pin) for each in table.plans]
    return sorted({each.per_hour.currency for plan in plans for each in plan.penalties})


def _measures(currencies: list[str], how: Wanted) -> Iterator[Column]:
    kinds = dict.fromkeys(COUNTS, Kind.COUNT) | {
        "met_percent": Kind.PERCENT,
        "p50": Kind.DURATION,
        "p90": Kind.DURATION,
    }
    for which in ("first", "total"):
        kinds |= {f"{which}_{name}": Kind.COUNT for name in ("tickets", "met", "breached")}
        kinds |= {f"{which}_{name}": Kind.DURATION for name in ("p50", "p90")}
    for name, kind in kinds.items():
        yield Column(heading(name, how.language), kind)
    for currency in currencies:
        yield Column(_penalty(currency, how), Kind.MONEY)


def _measured(row: Compliance, currencies: list[str]) -> Iterator[Any]:
    yield from (getattr(row, name) for name in COUNTS)
    yield row.met_percent
    yield from (_seconds(row.p50), _seconds(row.p90))
    yield from _resolved(row.first_resolution)
    yield from _resolved(row.total_resolution)
    yield from (Decimal(row.penalties[each]) if each in row.penalties else None for each in currencies)


def _resolved(told: Resolutions) -> Iterator[Any]:
    yield from (told.tickets, told.met, told.breached, _seconds(told.p50), _seconds(told.p90))


def _seconds(text: str | None) -> int | None:
    return None if text is None else seconds(text)


def _penalty(currency: str, how: Wanted) -> str:
    return f"{heading('penalty', how.language)} {currency}"


def _group(values: Mapping[str, str | None], how: Wanted) -> list[str]:
    return [_word(name, value, how) or heading("no_value", how.language) for name, value in values.items()]


def _word(name: str, value: str | None, how: Wanted) -> str | None:
    """A value in words, where it has any; a category with its code, which is what is filtered by."""
    if name == "category" and value is not None and value in how.categories:
        return f"{value} ({getattr(how.categories[value], how.language)})"
    listed = LISTED.get(name)
    return value if value is None or listed is None else getattr(word(listed(value)), how.language)
