"""``aftersales log show`` and ``log follow``: the log in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg import Connection
from rich.console import Console
from rich.text import Text as Line

from application.desk import NotFound
from application.log.listening import heard
from application.log.mapper import read
from application.log.stored import COLUMNS, LogEvent
from application.parts import PartDesk
from application.settings import Settings
from domain.event import Fact, type_name
from interfaces.cli.database import connection
from interfaces.cli.output import moment, write, write_folded, write_json
from interfaces.cli.stopping import Stopped
from projections.words.sentences import tell
from projections.words.values import Text

LATE = timedelta(minutes=1)
"""A fact recorded later than this after it happened shows both times (B02)."""

PAGE = 1000
LOOK_SECONDS = 1.0
"""Between looks at the log when nobody says that it has moved."""

NAMED = re.compile(r"[TC]-\d{4}-\d{6,}\Z|part/", re.ASCII)
"""The names that people call things by; the others are rows of imported files."""

COLOURS = {"position": "cyan", "number": "bold", "actor": "green"}
REASON = Text(zh="原因", en="reason")
RECORDED = Text(zh="记录于", en="recorded")


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """An event for people and programs."""

    position: int
    stream_id: UUID
    number: str | None
    version: int
    type: str
    occurred_at: datetime
    recorded_at: datetime | None
    actor: str
    reason: str | None
    text: Text
    data: Any


class Subject(msgspec.Struct, frozen=True):
    """What the log is asked about.

    Attributes:
        noun: what it is called.
        example: a number that one may have.
        prefix: what stands before its number among the names of the log.
        column: where its id stands in the events that are meant: a ticket's whole case, the rest by stream.
    """

    noun: str
    example: str
    prefix: str = ""
    column: LiteralString = "stream_id"


SUBJECTS = {
    "ticket": Subject("ticket", "T-2026-000123", column="correlation_id"),
    "part": Subject("part", "HE-200", prefix=PartDesk.prefix),
    "contract": Subject("contract", "C-2026-000012"),
}


def show(
    settings: Settings, *, after: int | None, limit: int, about: tuple[str, str] | None, as_json: bool
) -> None:
    """Print events in the order of the log: those that follow a position, or the last ones.

    Args:
        about: a key of ``SUBJECTS``, and the id or number that is meant.

    Raises:
        NotFound: there is no such thing.
    """
    with connection(settings) as conn:
        which = (SUBJECTS[about[0]].column, meant(conn, SUBJECTS[about[0]], about[1])) if about else None
        _write(conn, _facts(conn, after=after, limit=limit, which=which), settings, as_json=as_json)


def follow(settings: Settings, *, after: int | None, as_json: bool) -> None:
    """Print events that follow a position, or those that come from now on, until stopped."""
    with suppress(Stopped), connection(settings) as conn:
        conn.execute("LISTEN log")
        if after is None:
            row = conn.execute("SELECT position FROM log.head").fetchone()
            after = row[0] if row else 0
        while True:
            facts = _facts(conn, after=after, limit=PAGE, which=None)
            _write(conn, facts, settings, as_json=as_json)
            if facts:
                after = facts[-1].position
            elif not heard(conn):
                for _ in conn.notifies(timeout=LOOK_SECONDS, stop_after=1):
                    pass


def _write(conn: Connection[Any], facts: list[Fact], settings: Settings, *, as_json: bool) -> None:
    console = Console()
    called = numbers(conn, {fact.stream_id for fact in facts})
    for event in _told(facts, called, ZoneInfo(settings.time_zone)):
        if as_json:
            write_json(event)
        elif console.is_terminal:
            print_event(console, event, settings)
        else:
            write(_line(event, settings))


def _facts(
    conn: Connection[Any], *, after: int | None, limit: int, which: tuple[LiteralString, UUID] | None
) -> list[Fact]:
    where: LiteralString = "position > %s" + (f" AND {which[0]} = %s" if which else "")
    order: LiteralString = "DESC" if after is None else "ASC"
    query = f"SELECT {COLUMNS} FROM log.event WHERE {where} ORDER BY position {order} LIMIT %s"  # noqa: S608
    rows = conn.execute(query, (after or 0, *(which[1:] if which else ()), limit)).fetchall()
    facts = [read(LogEvent.from_row(row)) for row in rows]
    return facts if order == "ASC" else facts[::-1]


def meant(conn: Connection[Any], subject: Subject, reference: str) -> UUID:
    """The id of what an id or number means; whether there is something under an id is not looked up.

    Raises:
        NotFound: nothing has this number.
    """
    name = subject.prefix + reference
    row = conn.execute("SELECT stream_id FROM log.name WHERE name = %s", [name]).fetchone()
    if row:
        return row[0]
    try:
        return UUID(reference)
    except ValueError:
        said = f"there is no {subject.noun} {reference}; write a number such as {subject.example}, or an id"
        raise NotFound(said) from None


def numbers(conn: Connection[Any], streams: Iterable[UUID]) -> dict[UUID, str]:
    """What people call these streams."""
    rows = conn.execute("SELECT stream_id, name FROM log.name WHERE stream_id = ANY(%s)", [list(streams)])
    return {stream: name.removeprefix(PartDesk.prefix) for stream, name in rows if NAMED.match(name)}


def _told(facts: Iterable[Fact], called: dict[UUID, str], zone: ZoneInfo) -> Iterator[Shown]:
    for fact in facts:
        yield Shown(
            position=fact.position,
            stream_id=fact.stream_id,
            number=called.get(fact.stream_id),
            version=fact.version,
            type=type_name(fact.event),
            occurred_at=fact.act.occurred_at,
            recorded_at=fact.recorded_at,
            actor=fact.act.actor,
            reason=fact.act.reason,
            text=tell(fact.event, zone),
            data=fact.event,
        )


def _late(event: Shown, settings: Settings) -> str:
    if event.recorded_at is None or event.recorded_at - event.occurred_at <= LATE:
        return ""
    return f"{getattr(RECORDED, settings.language)} {moment(event.recorded_at, settings.time_zone)}"


def print_event(console: Console, event: Shown, settings: Settings) -> None:
    """A head line, what happened, and why: each wraps under itself, however narrow the terminal."""
    head = Line()
    head.append(f"{event.position}", COLOURS["position"])
    head.append(f"  {moment(event.occurred_at, settings.time_zone)}")
    head.append(f"  {event.number or event.stream_id}", COLOURS["number"])
    head.append(f"  {event.actor}", COLOURS["actor"])
    console.print(head)
    write_folded(console, getattr(event.text, settings.language))
    reason = f"{getattr(REASON, settings.language)}: {event.reason}" if event.reason else ""
    if aside := "; ".join(filter(None, (reason, _late(event, settings)))):
        write_folded(console, aside, "dim")


def _line(event: Shown, settings: Settings) -> str:
    cells = (
        str(event.position),
        moment(event.occurred_at, settings.time_zone),
        event.number or str(event.stream_id),
        event.actor,
        event.type,
        getattr(event.text, settings.language),
        event.reason or "",
    )
    return "\t".join(" ".join(cell.split()) for cell in cells)
