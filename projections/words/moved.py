"""Moves of deadlines in words."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from domain.reading import Deadline, State
from domain.ticket.moves import Move
from projections.words.spoken import said
from projections.words.values import Text, word

FILE = Path(__file__).with_name("moves.toml")
WORDS = msgspec.toml.decode(FILE.read_bytes(), type=dict[str, dict[str, Text]])


def tell(move: Move, zone: ZoneInfo) -> Text:
    """Say how a deadline moved.

    Args:
        move: the move.
        zone: where times are told, with their offset.
    """
    return Text(_told(move, zone, "zh"), _told(move, zone, "en"))


def _told(move: Move, zone: ZoneInfo, language: str) -> str:
    form = getattr(WORDS["said"]["moved" if move.before else "began"], language)
    return form.format(
        milestone=getattr(word(move.milestone), language),
        cycle=move.cycle,
        cause=getattr(word(move.cause), language),
        before=_place(move.before, zone, language) if move.before else "",
        after=_place(move.after, zone, language),
    )


@lru_cache(maxsize=512)  # where one move ends the next begins
def _place(deadline: Deadline, zone: ZoneInfo, language: str) -> str:
    left = said(timedelta(seconds=abs(deadline.remaining or 0)), language, zone) or "0"
    due = said(deadline.due_at, language, zone) if deadline.due_at else ""
    return getattr(WORDS["place"][_kind(deadline)], language).format(due=due, left=left, gap=deadline.gap)


def _kind(deadline: Deadline) -> str:
    late = (deadline.remaining or 0) < 0
    if deadline.gap is not None:
        return "gap"
    if deadline.state is State.CANCELLED:
        return "ended"
    if deadline.target is None:
        return "nothing"
    if deadline.state is State.STOPPED:
        return "stopped_late" if late else "stopped_in_time"
    if deadline.state is State.PAUSED:
        return "over" if late else "left"
    return "due"
