"""What categories are called, for the files of a table."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection

from domain.publishing.events import TRIAGE, TriagePublished, triage_stream
from domain.title import Title
from domain.upkeep import stream_of
from projections.engine.facts import facts_of


async def categories_at(conn: AsyncConnection[Any], position: int) -> dict[str, Title]:
    """The titles of all categories that were ever listed up to a position of the log, as they were said last.

    A code never means another thing later (R02), so one title serves every clock; and the same position has
    the same titles, whatever is published after it (B10).
    """
    facts = await facts_of(conn, stream_of(triage_stream(TRIAGE)), position)
    published = (fact.event.triage for fact in facts if isinstance(fact.event, TriagePublished))
    return {each.code: each.title for triage in published for each in triage.categories}
