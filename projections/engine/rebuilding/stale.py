"""Which projections a worker that starts should rebuild by itself."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from projections.engine import tables
from projections.engine.projection import LIVE, Projection
from projections.engine.rebuilding import swapping
from projections.engine.rebuilding.finishing import head

FAR = 100_000
"""Events that a projection may lack before it is quicker to build it anew, if those are most of the log."""


def stale(url: str, projections: Iterable[Projection]) -> list[Projection]:
    """Those whose tables another definition made, and those that lack most of a long log."""
    with psycopg.connect(url, autocommit=True) as conn:
        last = head(conn)
        found: list[Projection] = []
        for projection in projections:
            old = swapping.standing(conn, projection.name, LIVE.log)
            position = old.position if old and tables.owned(conn, projection, LIVE.schema) else 0
            changed = old is not None and old.definition not in {None, projection.definition}
            if changed or (last - position > FAR and position < last / 2):
                found.append(projection)
        return found
