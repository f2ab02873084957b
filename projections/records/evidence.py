"""The chapters that prove: clauses, files, people, streams and events."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from domain.ticket.allowed import ENDED
from projections.records.files import FiledFile
from projections.records.findings import ClauseFinding, Finding, State
from projections.records.people import Person, Stream
from projections.records.record import CaseRecord, ToldEvent
from projections.records.sheet import Cell, Chapter, Row
from projections.records.voice import Columns, Voice

TONES = {State.PRESENT: "good", State.MISSING: "bad", State.NOT_APPLICABLE: "idle"}
CLAUSES: Columns = (
    ("clauses", "clause", 8),
    ("clauses", "record", 42),
    ("clauses", "state", 15),
    ("clauses", "evidence", 35),
)
UNRECORDED: Columns = (("unrecorded", "clause", 12), ("unrecorded", "what", 88))
PEOPLE: Columns = (
    ("people", "actor", 21),
    ("people", "did", 36),
    ("people", "acted", 25),
    ("events", "position", 18),
)
FILES: Columns = (
    ("events", "position", 9),
    ("files", "file", 46),
    ("events", "times", 25),
    ("events", "who", 20),
)
STREAMS: Columns = (
    ("streams", "name", 15),
    ("streams", "number", 22),
    ("streams", "id", 39),
    ("streams", "versions", 13),
    ("streams", "events", 11),
)
EVENTS: Columns = (
    ("events", "position", 9),
    ("events", "times", 25),
    ("events", "what", 46),
    ("events", "who", 20),
)
LATE = timedelta(minutes=1)
"""From this on it is said how much later a fact was recorded than it happened."""


def clauses(record: CaseRecord, voice: Voice) -> Chapter:
    """What each clause needs, and where it is."""
    ended = record.ticket.status in ENDED
    states = Counter(clause.state for clause in record.clauses)
    told = voice.label(
        "clauses",
        "intro",
        standard=record.standard,
        edition=record.edition,
        version=record.clause_map,
        clauses=len(record.clauses),
        **{state.value: states[state] for state in State},
    )
    return Chapter(
        title=voice.label("clauses", "title"),
        intro=told if ended else f"{told}\n{voice.label('clauses', 'open')}",
        tables=(voice.table(CLAUSES, (row for clause in record.clauses for row in _clause(clause, voice))),),
    )


def unrecorded(record: CaseRecord, voice: Voice) -> Chapter:
    """What this release does not record."""
    rows = (Row((Cell(gap.clause), Cell(voice.of(gap.title)))) for gap in record.unrecorded)
    return Chapter(
        title=voice.label("unrecorded", "title"),
        intro=voice.label("unrecorded", "intro"),
        tables=(voice.table(UNRECORDED, rows),),
    )


def files(record: CaseRecord, voice: Voice) -> Chapter:
    """The photos and files that were attached, each with the hash by which the log proves it."""
    rows = [Row(_file(each, voice)) for each in record.files]
    return Chapter(
        title=voice.label("files", "title"),
        intro=voice.label("files", "intro" if rows else "empty"),
        tables=(voice.table(FILES, rows),) if rows else (),
    )


def people(record: CaseRecord, voice: Voice) -> Chapter:
    """Everyone who acted."""
    return Chapter(
        title=voice.label("people", "title"),
        intro=voice.label("people", "intro"),
        tables=(voice.table(PEOPLE, (Row(_person(person, voice)) for person in record.people)),),
    )


def streams(record: CaseRecord, voice: Voice) -> Chapter:
    """The streams that the case is made of."""
    rows = (Row(_stream(at, stream, voice)) for at, stream in enumerate(record.streams, 1))
    return Chapter(
        title=voice.label("streams", "title"),
        intro=voice.label("streams", "intro"),
        tables=(voice.table(STREAMS, rows),),
    )


def all_events(record: CaseRecord, voice: Voice) -> Chapter:
    """Every event, in the order of the log."""
    letters = {stream.id: f"S{at}" for at, stream in enumerate(record.streams, 1)}
    rows = (Row(_event(event, letters[event.stream_id], voice)) for event in record.events)
    return Chapter(
        title=voice.label("events", "title"),
        intro=voice.label("events", "intro"),
        tables=(voice.table(EVENTS, rows),),
    )


def _clause(clause: ClauseFinding, voice: Voice) -> tuple[Row, ...]:
    head = (Cell(clause.number), Cell(voice.of(clause.title)), _state(clause.state, voice), Cell(""))
    return (
        Row(head, head=True),
        *(
            Row((Cell(""), Cell(voice.of(each.title)), _state(each.state, voice), _where(each, voice)))
            for each in clause.requirements
        ),
    )


def _state(state: State, voice: Voice) -> Cell:
    return Cell(voice.label("states", state.value), tone=TONES[state])


def _where(finding: Finding, voice: Voice) -> Cell:
    there = voice.positions(finding.positions)
    if finding.state is State.PRESENT:
        return Cell(there)
    if finding.reason:
        return Cell(voice.of(finding.reason))
    also = voice.label("clauses", "so_far", positions=there) if there else ""
    if finding.wanting:
        return Cell(voice.label("clauses", "wanting", positions=voice.positions(finding.wanting)), also)
    return Cell(voice.label("clauses", "nowhere"), also)


def _file(file: FiledFile, voice: Voice) -> tuple[Cell, ...]:
    size = voice.label("files", "size", size=f"{file.size:,}")
    gone = voice.label("files", "withdrawn", position=file.withdrawn) if file.withdrawn else ""
    about = voice.listed(voice.value(file.kind), file.media_type, size, gone)
    return (
        Cell(str(file.position)),
        Cell(file.name, "\n".join(filter(None, (file.caption, about, voice.hash(file.sha256))))),
        Cell(voice.moment(file.occurred_at), voice.moment(file.recorded_at)),
        Cell(file.actor),
    )


def _person(person: Person, voice: Voice) -> tuple[Cell, ...]:
    did = (
        f"{voice.type(name)} × {count}" if count > 1 else voice.type(name)
        for name, count in person.did.items()
    )
    return (
        Cell(person.actor),
        Cell(voice.listed(*did)),
        Cell(voice.moment(person.first_at), voice.moment(person.last_at)),
        Cell(voice.positions(person.positions)),
    )


def _stream(at: int, stream: Stream, voice: Voice) -> tuple[Cell, ...]:
    return (
        Cell(f"S{at} {voice.label('streams', stream.kind)}"),
        Cell(stream.number or voice.label("sheet", "none")),
        Cell(str(stream.id)),
        Cell(voice.between(stream.first_version, stream.last_version)),
        Cell(str(stream.events)),
    )


def _event(event: ToldEvent, letter: str, voice: Voice) -> tuple[Cell, ...]:
    late = event.recorded_at - event.occurred_at if event.recorded_at else timedelta(0)
    span = voice.span(timedelta(seconds=late // timedelta(seconds=1)))
    said = voice.label("events", "late", span=span) if late >= LATE else ""
    reason = voice.label("events", "reason", reason=event.reason) if event.reason else ""
    return (
        Cell(str(event.position)),
        Cell(
            voice.moment(event.occurred_at), "\n".join(filter(None, (voice.moment(event.recorded_at), said)))
        ),
        Cell(
            voice.of(event.text),
            "\n".join(
                filter(
                    None, (reason, f"{event.type} · {letter} v{event.version}", voice.hash(event.leaf_hash))
                )
            ),
        ),
        Cell(event.actor),
    )
