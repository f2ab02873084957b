"""In which state a view is: whoever has seen an answer from it knows by this whether another would differ."""

from __future__ import annotations

from typing import Any, LiteralString, NamedTuple

from psycopg import AsyncConnection

from projections.engine.projection import LOG


class Mark(NamedTuple):
    """The state of a view's rows.

    Whoever writes to them moves the view in the same transaction, also where its position stays, as when
    something is taken up that was held back; and whoever makes them anew raises the number of the leader.

    Attributes:
        position: how far it has read the log.
        moved: when it was last moved, in microseconds since 1970.
        fence: the number of its leader.
    """

    position: int
    moved: int
    fence: int

    @property
    def tag(self) -> str:
        """The same as text, for an entity tag."""
        return f"{self.position:x}-{self.moved:x}-{self.fence:x}"


MARK: LiteralString = (
    "mark.position AS shown, (extract(epoch FROM mark.moved_at) * 1000000)::bigint AS moved, mark.fence"
)
"""Its columns, of ``log.tracking AS mark``: read with the rows, both are of one moment."""
OF_VIEW: LiteralString = f"mark.projection = %s AND mark.log = '{LOG}'"
QUERY: LiteralString = f"SELECT {MARK} FROM log.tracking AS mark WHERE {OF_VIEW}"  # noqa: S608
NOWHERE = Mark(0, 0, 0)


async def mark_of(conn: AsyncConnection[Any], view: str) -> Mark:
    """The state that a view is in; that of nothing before anybody has made it."""
    row = await (await conn.execute(QUERY, (view,))).fetchone()
    return Mark(*row) if row else NOWHERE
