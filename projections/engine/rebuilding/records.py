"""What is recorded of every rebuild: when, of what, how it was compared, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, LiteralString

import msgspec
from psycopg import Connection

from projections.engine.projection import LIVE, Projection

BEGIN: LiteralString = """
    INSERT INTO log.rebuild (projection, before, definition)
    SELECT %(name)s, (SELECT definition FROM log.tracking WHERE projection = %(name)s AND log = %(log)s),
           %(definition)s
    RETURNING id
"""
ABANDON: LiteralString = """
    UPDATE log.rebuild SET outcome = 'abandoned', ended_at = clock_timestamp()
    WHERE projection = ANY(%s) AND outcome IS NULL
"""
END: LiteralString = """
    UPDATE log.rebuild
    SET outcome = %s, reason = %s, tables = %s, position = %s, ended_at = clock_timestamp()
    WHERE id = %s AND outcome IS NULL
"""
HOLD: LiteralString = "SELECT id FROM log.rebuild WHERE id = ANY(%s) AND outcome IS NULL FOR SHARE"
GIVE_UP: LiteralString = """
    UPDATE log.rebuild SET outcome = 'failed', reason = %s, ended_at = clock_timestamp()
    WHERE id = ANY(%s) AND outcome IS NULL
"""
ROWS: LiteralString = """
    SELECT id, projection, before, definition, begun_at, ended_at, position, outcome, tables, reason
    FROM log.rebuild
"""
LATEST: LiteralString = ROWS + "WHERE projection = ANY(%s) ORDER BY id DESC LIMIT %s"
NAMED: LiteralString = ROWS + "WHERE id = ANY(%s) ORDER BY id"


class Outcome(StrEnum):
    """How a rebuild ended."""

    SWAPPED = "swapped"
    """The new tables are the ones that are read."""
    REFUSED = "refused"
    """The same definition gave other rows: the old tables stay, the new ones are kept aside."""
    FAILED = "failed"
    """The new tables could not be made; the old ones stay."""
    ABANDONED = "abandoned"
    """It was killed, and another one began."""


class Abandoned(Exception):
    """Another rebuild has begun: this one may write nothing more."""


class Digest(msgspec.Struct, frozen=True):
    """All rows of a table in one number, whatever their order."""

    rows: int
    digest: str


class Difference(msgspec.Struct, frozen=True):
    """A row that is not the same in both tables.

    Attributes:
        key: its primary key.
        how: ``only in old``, ``only in new`` or ``different``.
    """

    key: str
    how: str


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A table before and after.

    Attributes:
        old: ``None`` where there was no such table, or it was far behind.
        differing: how many rows differ; ``None`` where nobody looked.
        differences: the first of them.
    """

    table: str
    new: Digest
    old: Digest | None = None
    differing: int | None = None
    differences: tuple[Difference, ...] = ()


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    """One rebuild of a view.

    Attributes:
        before: the definition of the tables that were read meanwhile; ``None`` where there were none.
        definition: that of the new ones.
        ended_at: ``None`` while it runs, or when it was killed and nobody noticed yet.
        position: at which old and new were compared.
        reason: why it failed, or why a difference was accepted.
    """

    id: int
    projection: str
    before: str | None
    definition: str
    begun_at: datetime
    ended_at: datetime | None
    position: int | None
    outcome: Outcome | None
    tables: tuple[Compared, ...]
    reason: str | None

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return (self.ended_at - self.begun_at).total_seconds() if self.ended_at else None


def begin(conn: Connection[Any], projections: Sequence[Projection]) -> dict[str, int]:
    """Record that these are rebuilt from now on; whoever did so before and still writes is shut out.

    Returns:
        The id of each rebuild.
    """
    conn.execute(ABANDON, ([projection.name for projection in projections],))
    ids: dict[str, int] = {}
    for projection in projections:
        named = {"name": projection.name, "log": LIVE.log, "definition": projection.definition}
        ((ids[projection.name],),) = conn.execute(BEGIN, named).fetchall()
    return ids


def hold(conn: Connection[Any], ids: Sequence[int]) -> None:
    """Nobody can begin other rebuilds of these until the transaction ends.

    Raises:
        Abandoned: somebody has.
    """
    if len(conn.execute(HOLD, (list(ids),)).fetchall()) != len(ids):
        raise Abandoned


def end(
    conn: Connection[Any],
    rebuild: int,
    outcome: Outcome,
    *,
    reason: str | None = None,
    tables: Sequence[Compared] = (),
    position: int | None = None,
) -> None:
    """Record how a rebuild ended.

    Raises:
        Abandoned: another one has begun.
    """
    told = msgspec.json.encode(tables).decode().replace("\\u0000", "")
    ended = conn.execute(END, (outcome.value, reason, told, position, rebuild))
    if ended.rowcount != 1:
        raise Abandoned


def give_up(conn: Connection[Any], ids: Sequence[int], reason: str) -> None:
    """Record that those of these rebuilds that have not ended have failed."""
    conn.execute(GIVE_UP, (reason, list(ids)))


def rebuilds(conn: Connection[Any], names: Sequence[str], limit: int = 50) -> list[Rebuilt]:
    """The last rebuilds of these views, the newest first."""
    return list(map(_read, conn.execute(LATEST, (list(names), limit)).fetchall()))


def named(conn: Connection[Any], ids: Sequence[int]) -> list[Rebuilt]:
    """These rebuilds, in the order in which they began."""
    return list(map(_read, conn.execute(NAMED, (list(ids),)).fetchall()))


def _read(row: Sequence[Any]) -> Rebuilt:
    known: dict[str, Any] = dict(zip(Rebuilt.__struct_fields__, row, strict=True))
    known["outcome"] = Outcome(known["outcome"]) if known["outcome"] else None
    known["tables"] = msgspec.json.decode(known["tables"] or "[]", type=tuple[Compared, ...])
    return Rebuilt(**known)
