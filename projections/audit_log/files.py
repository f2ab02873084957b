"""The events that an auditor asks for as a file: CSV, one line for each, with what happened in words."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import IO, Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg import AsyncConnection

from projections.audit_log import queries
from projections.audit_log.filters import AuditFilter
from projections.audit_log.queries import AuditEntry
from projections.sheets.csv import BOM, Csv
from projections.sheets.sheet import Cells, Column, Kind, Language
from projections.words.headings import heading

COLUMNS: dict[str, Kind] = {
    "position": Kind.COUNT,
    "occurred_at": Kind.MOMENT,
    "recorded_at": Kind.MOMENT,
    "actor": Kind.TEXT,
    "subject": Kind.TEXT,
    "happened": Kind.TEXT,
    "reason": Kind.TEXT,
    "type": Kind.TEXT,
    "version": Kind.COUNT,
    "stream_id": Kind.TEXT,
    "correlation_id": Kind.TEXT,
    "causation_id": Kind.TEXT,
    "idempotency_key": Kind.TEXT,
    "id": Kind.TEXT,
}
ABOUT: dict[str, Kind] = {"up_to": Kind.COUNT, "filters": Kind.TEXT}
"""What every line says besides, since nothing can stand above them."""
CALLED = {"number": "subject", "late": "recorded_late"}
"""Filters that are called otherwise than what they ask of."""
AT_ONCE = 2000
"""Events that are held at the same time."""


class Written(NamedTuple):
    """How a list is written.

    Attributes:
        language: of headings and sentences.
        zone: where times are told.
        newest_first: which end of the log comes first.
        bom: begin with a byte order mark.
    """

    language: Language
    zone: ZoneInfo
    newest_first: bool = True
    bom: bool = False


async def events_csv(file: IO[bytes], conn: AsyncConnection[Any], which: AuditFilter, how: Written) -> int:
    """Every event that a filter means; returns the position up to which they were looked for."""
    position = which.position or await queries.reached(conn)
    which = msgspec.structs.replace(which, position=position)
    columns = [Column(heading(name, how.language), kind) for name, kind in (COLUMNS | ABOUT).items()]
    writer = Csv(columns, how.language, how.zone)
    file.write((BOM if how.bom else b"") + writer.head())
    about = (position, _filters(which, how))
    cursor: str | None = None
    while True:
        page = await queries.page(
            conn, which, zone=how.zone, cursor=cursor, limit=AT_ONCE, newest_first=how.newest_first
        )
        rows = [[*_cells(entry, how.language), *about] for entry in page.items]
        await asyncio.to_thread(lambda rows=rows: file.write(writer.lines(rows)))
        cursor = page.next
        if cursor is None:
            return position


def _cells(entry: AuditEntry, language: Language) -> Cells:
    own = msgspec.structs.asdict(entry) | {"subject": entry.number, "happened": getattr(entry.text, language)}
    return [str(own[name]) if isinstance(own[name], UUID) else own[name] for name in COLUMNS]


def _filters(which: AuditFilter, how: Written) -> str | None:
    """What was asked for; up to where has a column of its own."""
    told: list[str] = []
    for name, value in msgspec.structs.asdict(which).items():
        if value is not None and name != "position":
            said = value.astimezone(how.zone).isoformat(" ") if isinstance(value, datetime) else value
            told.append(f"{heading(CALLED.get(name, name), how.language)} = {said}")
    return "; ".join(told) or None
