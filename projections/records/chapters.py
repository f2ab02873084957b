"""What a record says, chapter by chapter."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from domain.reading import State as ClockState
from domain.reading import Verdict
from domain.ticket.words import Status
from projections.cases.moved import ShownMove
from projections.cases.shown import ShownClock
from projections.records.evidence import all_events, clauses, files, people, streams, unrecorded
from projections.records.inquired import inquiry
from projections.records.materials import coverage, parts
from projections.records.outcome import Asked, Outcome, Step
from projections.records.record import CaseRecord, Subject
from projections.records.sheet import Cell, Chapter, Field, Row, Sheet
from projections.records.voice import Columns, Language, Voice

TAGS = {"zh": "zh-CN", "en": "en"}
ENDED = {Status.CONFIRMED: "good", Status.CLOSED: "good", Status.CANCELLED: "idle"}
VERDICTS = {Verdict.MET: "good", Verdict.BREACHED: "bad"}
STEPS = {Step.CONFIRMED: "good", Step.CLOSED: "good", Step.REJECTED: "bad", Step.REOPENED: "bad"}
ABOUT = (
    *("customer", "contact", "site", "product", "asset", "reported_at", "channel", "priority"),
    *("category", "fault_code", "impact", "urgency", "team", "person", "tier", "cycle", "hand_offs"),
    *("resolved_at", "closed_at", "duplicate_of", "source"),
)
CLOCKS: Columns = (
    ("clocks", "milestone", 14),
    ("clocks", "promise", 15),
    ("clocks", "elapsed", 11),
    ("clocks", "ran", 24),
    ("clocks", "verdict", 25),
    ("events", "position", 11),
)
MOVES: Columns = (
    ("events", "position", 9),
    ("clocks", "move", 46),
    ("events", "times", 25),
    ("events", "who", 20),
)
OUTCOMES: Columns = (
    ("events", "position", 9),
    ("outcomes", "step", 13),
    ("outcomes", "said", 33),
    ("events", "times", 25),
    ("events", "who", 20),
)
QUESTIONS: Columns = (
    ("events", "position", 9),
    ("questions", "question", 45),
    ("questions", "state", 12),
    ("questions", "answer", 34),
)
ALWAYS = {"customer", "contact", "product", "asset", "category", "team", "person"}


def write(record: CaseRecord, language: Language) -> Sheet:
    """Say a record in a language."""
    voice = Voice(language, ZoneInfo(record.zone))
    ticket = record.ticket
    edition = {"standard": record.standard, "edition": record.edition}
    read = {"position": record.position}
    return Sheet(
        language=TAGS[language],
        standard=voice.label("sheet", "standard", **edition),
        title=voice.label("sheet", "title"),
        number=ticket.number,
        subject=ticket.subject,
        status=Cell(voice.value(ticket.status), tone=ENDED.get(ticket.status, "")),
        running=voice.label("sheet", "running", number=ticket.number, **edition),
        read=voice.label("sheet", "read_as_of", moment=voice.moment(record.as_of.moment), **read)
        if record.as_of
        else voice.label("sheet", "read", **read),
        attached=voice.label("sheet", "attached", name=record.attachment.name),
        page=voice.label("sheet", "page", page="{page}", pages="{pages}"),
        cover=_cover(record, voice),
        chapters=(
            clauses(record, voice),
            unrecorded(record, voice),
            _case(record, voice),
            coverage(record, voice),
            _clocks(record, voice),
            inquiry(record, voice),
            _outcomes(record, voice),
            parts(record, voice),
            files(record, voice),
            _questions(record, voice),
            people(record, voice),
            streams(record, voice),
            all_events(record, voice),
        ),
        attachment=(record.attachment.name, voice.label("cover", "attached")),
        date=record.moment,
    )


def _cover(record: CaseRecord, voice: Voice) -> tuple[Field, ...]:
    file = record.attachment
    counted = {"events": file.events, "streams": len(record.streams)}
    values = {
        "id": Cell(str(record.ticket.id)),
        "position": Cell(voice.label("cover", "position_value", position=record.position)),
        "events": Cell(voice.label("cover", "events_value", **counted)),
        "zone": Cell(record.zone),
    }
    if record.as_of:
        moment = voice.moment(record.as_of.moment)
        values["as_of"] = Cell(voice.label("cover", record.as_of.basis, moment=moment))
    told = voice.label("cover", "attachment_value", name=file.name, bytes=f"{file.bytes:,}")
    digest = voice.label("cover", "sha256", sha256=file.sha256)
    sealed = voice.label("cover", "sealed_value", position=record.events[-1].position)
    return (
        *(Field(voice.label("cover", name), cell) for name, cell in values.items()),
        Field(voice.label("cover", "attachment"), Cell(told, digest), wide=True),
        Field(voice.label("cover", "sealed"), Cell(sealed, voice.hash(record.chain_hash)), wide=True),
    )


def _case(record: CaseRecord, voice: Voice) -> Chapter:
    ticket = record.ticket
    texts: dict[str, str] = {name: str(getattr(ticket, name) or "") for name in ABOUT}
    texts |= {
        name: voice.moment(getattr(ticket, name)) for name in ("reported_at", "resolved_at", "closed_at")
    }
    texts |= {name: voice.value(getattr(ticket, name)) for name in ("channel", "impact", "urgency", "tier")}
    texts |= _judged(ticket, voice)
    texts["hand_offs"] = str(ticket.hand_offs)
    none = voice.label("sheet", "none")
    return Chapter(
        title=voice.label("case", "title"),
        fields=(
            Field(voice.label("case", "subject"), Cell(ticket.subject), wide=True),
            *(
                Field(voice.label("case", "description"), Cell(text), wide=True)
                for text in (ticket.description,)
                if text
            ),
            *(
                Field(voice.label("case", name), Cell(text or none))
                for name, text in texts.items()
                if text or name in ALWAYS
            ),
        ),
    )


def _judged(ticket: Subject, voice: Voice) -> dict[str, str]:
    """The priority, category and fault code, with what they were judged by (R02, R04)."""
    priority = voice.value(ticket.priority)
    if ticket.matrix:
        priority = voice.label("case", "by_matrix", text=priority, version=ticket.matrix.version)
    judged = {"priority": priority}
    for name in ("category", "fault_code"):
        code, title = getattr(ticket, name), getattr(ticket.triage, name, None)
        if code and title and ticket.triage:
            called = {"title": getattr(title, voice.language), "version": ticket.triage.version}
            judged[name] = voice.label("case", "called", code=code, **called)
    return judged


def _clocks(record: CaseRecord, voice: Voice) -> Chapter:
    told = voice.label("clocks", "intro", moment=voice.moment(record.moment))
    rows = [Row(_clock(clock, voice)) for clock in record.clocks]
    moved = [Row(_move(move, voice)) for move in record.moves]
    tables = [voice.table(CLOCKS, rows)] if rows else []
    own = [Row(_clock(clock, voice)) for clock in record.internal]
    if own:
        tables.append(voice.table(CLOCKS, own, voice.label("clocks", "internal")))
    if moved:
        tables.append(voice.table(MOVES, moved, voice.label("clocks", "moves")))
    return Chapter(
        title=voice.label("clocks", "title"),
        intro=told if rows else voice.label("clocks", "empty"),
        tables=tuple(tables),
    )


def _move(move: ShownMove, voice: Voice) -> tuple[Cell, ...]:
    """How a deadline moved, by which versions, when and by whom (B04)."""
    by = move.after
    plan = voice.label("coverage", "version", name=by.plan, version=by.plan_version)
    calendar = voice.label("coverage", "version", name=by.calendar, version=by.calendar_version)
    return (
        Cell(str(move.position)),
        Cell(voice.of(move.text), voice.listed(plan, calendar, move.reason or "")),
        Cell(voice.moment(move.occurred_at), voice.moment(move.recorded_at)),
        Cell(move.actor),
    )


def _clock(clock: ShownClock, voice: Voice) -> tuple[Cell, ...]:
    none = voice.label("sheet", "none")
    target = voice.label("clocks", "target", target=voice.span(clock.target), priority=clock.priority.value)
    paused = voice.label("clocks", "paused", paused=voice.span(clock.paused)) if clock.pauses else ""
    left = _left(clock, voice)
    due = voice.label("clocks", "due", due=voice.moment(clock.due_at)) if clock.due_at else ""
    gap = voice.label("clocks", "gap", year=clock.gap) if clock.gap else ""
    stopped = voice.moment(clock.stopped_at or clock.cancelled_at) or voice.value(clock.state)
    pinned = {"name": clock.plan, "version": clock.plan_version}
    return (
        Cell(voice.value(clock.milestone), voice.label("clocks", "cycle", cycle=clock.cycle)),
        Cell(target if clock.target else none, voice.label("coverage", "version", **pinned)),
        Cell(voice.span(clock.elapsed) or none, voice.listed(paused, left)),
        Cell(voice.moment(clock.started_at), stopped),
        Cell(voice.value(clock.verdict), voice.listed(voice.value(clock.cause), due, gap), _tone(clock)),
        Cell(voice.between(clock.first_position, clock.last_position)),
    )


def _left(clock: ShownClock, voice: Voice) -> str:
    """What remains of a clock that has not ended, or by how much it missed its target."""
    if clock.remaining is None:
        return ""
    if clock.remaining.startswith("-"):
        return voice.label("clocks", "over", over=voice.span(clock.remaining.removeprefix("-")))
    runs = clock.state in {ClockState.RUNNING, ClockState.PAUSED}
    return voice.label("clocks", "remaining", remaining=voice.span(clock.remaining)) if runs else ""


def _tone(clock: ShownClock) -> str:
    return VERDICTS.get(clock.verdict, "idle")


def _outcomes(record: CaseRecord, voice: Voice) -> Chapter:
    rows = [Row(_outcome(each, voice)) for each in record.outcomes]
    return Chapter(
        title=voice.label("outcomes", "title"),
        intro="" if rows else voice.label("outcomes", "empty"),
        tables=(voice.table(OUTCOMES, rows),) if rows else (),
    )


def _outcome(each: Outcome, voice: Voice) -> tuple[Cell, ...]:
    articles = voice.listed(*each.articles)
    texts = {
        "cause": each.cause,
        "cause_code": each.cause_code,
        "solution": each.solution,
        "articles": articles,
        "by": each.by,
    }
    said = [voice.label("outcomes", name, text=text) for name, text in texts.items() if text]
    reason = voice.label("outcomes", "reason", text=each.reason) if each.reason else ""
    return (
        Cell(str(each.position)),
        Cell(
            voice.label("steps", each.step.value),
            voice.label("clocks", "cycle", cycle=each.cycle),
            STEPS.get(each.step, "idle"),
        ),
        Cell("\n".join(said) or reason, reason if said else ""),
        Cell(voice.moment(each.occurred_at), voice.moment(each.recorded_at)),
        Cell(each.actor),
    )


def _questions(record: CaseRecord, voice: Voice) -> Chapter:
    rows = [Row(_question(each, voice)) for each in record.questions]
    return Chapter(
        title=voice.label("questions", "title"),
        intro="" if rows else voice.label("questions", "empty"),
        tables=(voice.table(QUESTIONS, rows),) if rows else (),
    )


def _question(each: Asked, voice: Voice) -> tuple[Cell, ...]:
    about = {"reaction": voice.value(each.reaction), "obstacle": voice.value(each.obstacle)}
    name = "about_subject" if each.subject else "about"
    done = each.answered is not None
    by = {"actor": each.answered_by, "position": each.answered}
    return (
        Cell(str(each.raised)),
        Cell(voice.label("questions", name, subject=each.subject, **about), each.detail),
        Cell(voice.label("questions", "answered" if done else "open"), tone="good" if done else "bad"),
        Cell(each.answer or "", voice.label("questions", "answered_by", **by) if done else ""),
    )
