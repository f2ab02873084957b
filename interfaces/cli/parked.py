"""``aftersales projections parked``, ``retry`` and ``skip``: what views hold back, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import psycopg

from application.log.append import Recorded
from application.log.event_log import open_log
from application.parts import PartDesk
from application.plans import shipped_promises
from application.settings import Settings
from application.upkeep import record
from domain.event import Act
from domain.upkeep import EventSkipped
from interfaces.cli.database import connection, current_database
from interfaces.cli.history import NAMED
from interfaces.cli.output import moment, note, write_json, write_table
from interfaces.cli.problems import Misused, Refused
from interfaces.cli.saying import actor, said
from projections.catalogue import NAMES, every_projection
from projections.engine.held import HeldUnit, ask_again, held_still, held_units

HEADERS = ("view", "position", "type", "of", "waiting", "since", "tries", "next try", "failure")


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a view holds back, for programs; ``waiting`` counts the events behind the one at ``position``."""

    projection: str
    position: int
    type: str
    unit: str
    number: str | None
    waiting: int
    since: datetime
    tries: int
    retry_at: datetime
    error: str
    message: str


def show(settings: Settings, *, as_json: bool) -> None:
    """Print what every view holds back, and why."""
    views = every_projection(shipped_promises())
    with connection(settings) as conn:
        held = [_shown(unit) for unit in held_units(conn, views)]
    if as_json:
        write_json(held)
        return
    zone = settings.time_zone
    rows = [
        (
            each.projection,
            f"{each.position}",
            each.type,
            each.number or each.unit,
            f"{each.waiting}",
            moment(each.since, zone),
            f"{each.tries}",
            moment(each.retry_at, zone),
            f"{each.error}: {each.message}",
        )
        for each in held
    ]
    write_table(HEADERS, rows)


def _shown(held: HeldUnit) -> Shown:
    names = (name.removeprefix(PartDesk.prefix) for name in held.names if NAMED.match(name))
    return Shown(
        projection=held.projection,
        position=held.position,
        type=held.type,
        unit=str(held.unit),
        number=next(names, None),
        waiting=held.waiting,
        since=held.since,
        tries=held.tries,
        retry_at=held.retry_at,
        error=held.failure.error,
        message=held.failure.message,
    )


def retry(settings: Settings, view: str | None, position: int | None) -> None:
    """Let the worker try what is held back, now.

    Raises:
        Misused: there is no such view.
        Refused: nothing is held back there.
    """
    views = NAMES if view is None else (_known(view),)
    with connection(settings) as conn:
        found = ask_again(conn, views, position)
    if not found:
        raise Refused(f"nothing is held back {_where(views, position)}: aftersales projections parked")
    for name, at in found:
        note(f"{name} tries event {at} again; aftersales projections parked shows whether it could")


def _where(views: Sequence[str], position: int | None) -> str:
    where = f"by {views[0]}" if len(views) == 1 else "by any view"
    return where if position is None else f"{where} at event {position}"


def skip(settings: Settings, view: str, position: int, *, reason: str, by: str | None) -> None:
    """Record that a view leaves an event out for ever, so that what waits behind it goes on.

    Raises:
        Misused: there is no such view, no reason, or no name.
        Refused: the view does not hold that event back.
    """
    act = Act(actor=actor(by), occurred_at=datetime.now(UTC), reason=said("--reason", reason))
    with (
        current_database(settings) as database,
        psycopg.connect(database.service_url, autocommit=True) as conn,
        held_still(conn, _known(view), position) as held,
    ):
        if held is None:
            raise Refused(f"{view} does not hold back event {position}: see aftersales projections parked")
        unit, kind = held
        skipped = EventSkipped(projection=view, position=position, event_type=kind, unit=unit)
        recorded = asyncio.run(_record(database.service_url, skipped, act))
    note(f"recorded at {recorded.position}: {view} leaves out event {position}; the worker goes on behind it")


async def _record(url: str, skipped: EventSkipped, act: Act) -> Recorded:
    async with open_log(url, pool_size=1) as log:
        return await record(log, f"projection/{skipped.projection}", skipped, act)


def _known(view: str) -> str:
    if view not in NAMES:
        raise Misused(f"there is no view {view!r}; there are {', '.join(NAMES)}")
    return view
