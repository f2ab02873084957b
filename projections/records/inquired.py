"""The chapter about what was found out, and what others were asked for it (R06)."""

from __future__ import annotations

from projections.records.inquiry import AskedOfOthers, Found, Told
from projections.records.record import CaseRecord
from projections.records.sheet import Cell, Chapter, Row, Table
from projections.records.voice import Columns, Voice

FOUND: Columns = (
    ("events", "position", 9),
    ("inquiry", "found", 46),
    ("events", "times", 25),
    ("events", "who", 20),
)
ASKED: Columns = (
    ("events", "position", 9),
    ("inquiry", "asked", 34),
    ("inquiry", "due", 28),
    ("inquiry", "answer", 29),
)


def inquiry(record: CaseRecord, voice: Voice) -> Chapter:
    """What was found out and done from afar, and every question to others with both its times."""
    tables: list[Table] = []
    if record.findings:
        tables.append(voice.table(FOUND, (Row(_found(each, voice)) for each in record.findings)))
    if record.liaisons:
        asked = (Row(_asked(each, voice)) for each in record.liaisons)
        tables.append(voice.table(ASKED, asked, voice.label("inquiry", "liaisons")))
    return Chapter(
        title=voice.label("inquiry", "title"),
        intro="" if tables else voice.label("inquiry", "empty"),
        tables=tuple(tables),
    )


def _found(each: Found, voice: Voice) -> tuple[Cell, ...]:
    code = voice.label("inquiry", "cause_code", code=each.cause_code) if each.cause_code else ""
    articles = voice.label("inquiry", "articles", articles=voice.listed(*each.articles))
    return (
        Cell(str(each.position)),
        Cell(each.text, voice.listed(voice.value(each.guidance), code, articles if each.articles else "")),
        Cell(voice.moment(each.occurred_at), voice.moment(each.recorded_at)),
        Cell(each.actor),
    )


def _asked(each: AskedOfOthers, voice: Voice) -> tuple[Cell, ...]:
    whom = voice.label("inquiry", "whom", counterpart=voice.value(each.counterpart), who=each.who)
    moved = [
        voice.label(
            "inquiry", "moved", due=voice.moment(move.due_at), reason=move.reason, position=move.position
        )
        for move in each.moves
    ]
    return (
        Cell(str(each.position)),
        Cell(each.question, voice.listed(whom, _times(each, voice))),
        Cell(
            voice.moment(each.due_at),
            voice.listed(*moved, voice.label("inquiry", "person", person=each.person)),
        ),
        _answer(each, voice),
    )


def _answer(each: AskedOfOthers, voice: Voice) -> Cell:
    if each.answered is not None:
        return Cell(
            each.answer or "", voice.listed(each.answered_by or "", _times(each.answered, voice)), "good"
        )
    if each.withdrawn is not None:
        reason = each.withdrawn.reason or ""
        return Cell(voice.label("inquiry", "withdrawn"), voice.listed(reason, _times(each.withdrawn, voice)))
    return Cell(voice.label("inquiry", "open"), tone="bad")


def _times(told: Told, voice: Voice) -> str:
    """When it happened and was recorded, by whom."""
    return voice.label(
        "inquiry",
        "times",
        occurred=voice.moment(told.occurred_at),
        recorded=voice.moment(told.recorded_at),
        actor=told.actor,
    )
