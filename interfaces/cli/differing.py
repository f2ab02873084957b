"""``aftersales log diff``: what changed from one point to another."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import psycopg
from rich.console import Console

from application.book import open_promises
from application.desk import NotFound
from application.log.event_log import open_log
from application.settings import Settings
from interfaces.cli.database import current_database
from interfaces.cli.history import SUBJECTS, Shown, meant, numbers, print_event
from interfaces.cli.output import write, write_folded, write_json
from interfaces.cli.problems import Misused
from projections.travel.comparing import Asked, WrongPoint, case_diff, diff_of
from projections.travel.diff import Change, Diff, Side
from projections.travel.kinds import Kinds
from projections.travel.points import Basis, Point, point
from projections.words.values import Text

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
NOTHING = "—"
VERSION = Text(zh="版本 {0.version}", en="version {0.version}")
POSITION = Text(zh="日志位置 {0.position}", en="log position {0.position}")
UNCHANGED = Text(zh="没有变化", en="nothing changed")


def show(
    settings: Settings,
    *,
    about: tuple[str, str],
    begin: str | None,
    end: str | None,
    basis: str,
    as_json: bool,
) -> None:
    """Print every value that differs, then the events between.

    Args:
        about: ``case`` or a key of ``SUBJECTS``, and the id or number that is meant.
        begin: a version or a time; ``None`` for before everything.
        end: the same; ``None`` for now.
        basis: which of their two times events are counted by.

    Raises:
        Misused: a point cannot be meant.
        NotFound: there is no such thing.
    """
    noun, reference = about
    asked = Asked(
        begin=_point(begin, "--from"),
        end=_point(end, "--to"),
        basis=Basis(basis),
        zone=ZoneInfo(settings.time_zone),
    )
    subject = SUBJECTS["ticket" if noun == "case" else noun]
    with (
        current_database(settings) as database,
        psycopg.connect(database.service_url, autocommit=True) as conn,
    ):
        stream_id = meant(conn, subject, reference)
        try:
            found = asyncio.run(_diff(database.service_url, noun, stream_id, asked))
        except WrongPoint as wrong:
            raise Misused(f"--{wrong.which}: {wrong}") from None
        if found is None:
            raise NotFound(f"there is no {subject.noun} {reference}")
        ids = {UUID(text) for change in found.changes for text in ID.findall(change.path)}
        called = numbers(conn, ids | {event.stream_id for event in found.events})
    if as_json:
        write_json(found)
    else:
        _print(found, reference, called, settings)


async def _diff(url: str, noun: str, stream_id: UUID, asked: Asked) -> Diff | None:
    kinds = Kinds(open_promises(url))
    async with open_log(url, pool_size=1) as log:
        if noun == "case":
            return await case_diff(log, kinds, stream_id, asked)
        return await diff_of(log, getattr(kinds, noun), stream_id, asked)


def _point(text: str | None, option: str) -> Point | None:
    try:
        return None if text is None else point(text)
    except ValueError as wrong:
        raise Misused(f"{option} {text!r} is not {wrong}") from None


def _print(found: Diff, reference: str, called: dict[UUID, str], settings: Settings) -> None:
    console = Console()
    if not console.is_terminal:
        for change in found.changes:
            by = ",".join(map(str, change.events))
            cells = (change.path, _value(change.before), _value(change.after), by)
            write("\t".join(" ".join(cell.split()) for cell in cells))
        return
    sides = (_side(side, settings) for side in (found.before, found.after))
    write_folded(console, f"{reference}  {' → '.join(sides)}", "bold", indent=0)
    if not found.changes:
        write_folded(console, getattr(UNCHANGED, settings.language))
    for change in found.changes:
        write_folded(console, _name(change, called, settings), "cyan", indent=0)
        by = ", ".join(f"#{position}" for position in change.events)
        write_folded(console, f"{_value(change.before)} → {_value(change.after)}  ({by})")
    for event in found.events:
        told = {name: getattr(event, name) for name in event.__struct_fields__}
        print_event(console, Shown(**told, number=called.get(event.stream_id), data=None), settings)


def _name(change: Change, called: dict[UUID, str], settings: Settings) -> str:
    """The name of a value, with numbers for the ids of what has one."""
    name = getattr(change.name, settings.language)
    return ID.sub(lambda found: called.get(UUID(found.group()), found.group()), name)


def _side(side: Side, settings: Settings) -> str:
    return getattr(POSITION if side.version is None else VERSION, settings.language).format(side)


def _value(value: Any) -> str:
    if value is None:
        return NOTHING
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
