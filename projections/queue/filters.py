"""Which tickets of a queue are meant: one filter, as a condition of SQL and as a question to a row.

Both are made from the same tables of columns, so that whoever follows a queue hears of exactly the tickets
that its pages show.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, LiteralString, NamedTuple

import msgspec
from msgspec import Meta

from domain.clock import Milestone
from domain.ticket.words import Channel, HoldReason, Impact, Priority, Status, Tier, TravelBand
from projections.engine.patterns import contains
from projections.queue.front import QueueRow

NONE = "none"
"""How a filter asks for tickets that have no value."""
MOST_VALUES = 50

Name = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"^[^\u0000]*$")]
Texts = Annotated[tuple[Name, ...], Meta(max_length=MOST_VALUES)]
Minutes = Annotated[int, Meta(ge=0, le=525_600)]
Moment = Annotated[datetime, Meta(tz=True)]
Cycle = Annotated[int, Meta(ge=1, le=1_000_000)]


class QueueFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Which tickets are meant: those that fit everything that is given, one of several values of a column.

    Attributes:
        status: `new`, `assigned` or `on_hold`; in the queue of complaints, any.
        team: by name; `none` for those without one, here and wherever a value is text.
        owner: who answers for it.
        whose: who works on it or owns it.
        contract: the number of the contract that it falls under.
        next_milestone: the milestone whose deadline comes first.
        cycle: 1, and one more for every rejected resolution and reopening.
        is_contract: whether it falls under a contract.
        late: whether the next milestone is late.
        breaking: late, or due within so many minutes.
        paused: whether the clock of the next milestone stands still.
        waiting_for_part: on hold for a part, or with a part ordered that has not been delivered.
        reopened: back after somebody thought it was done: reopened, or its resolution rejected.
        complaint: whether a complaint waits for an answer.
        question: whether a question waits for a person's answer.
        handed_over: whether a tier has yet to accept it.
        handover_team: the team that has yet to accept it.
        waiting_on_others: whether a department of ours or a supplier has yet to answer what it was asked.
        others_overdue: whether one of them is late with that.
        review_due: whether it waits, and it is time to look at that again (SLA 4).
        reported_from: reported then or later.
        reported_to: reported before.
        due_from: the next deadline is then or later; a paused clock has none.
        due_to: the next deadline is before.
        liaison_due_from: the first answer of others is due then or later.
        liaison_due_to: it is due before.
        review_from: the wait is to be looked at again then or later.
        review_to: it is to be looked at before.
        changed_from: the last event was recorded then or later.
        changed_to: the last event was recorded before.
        text: part of the number or the subject, in any case.
    """

    status: Annotated[tuple[Status, ...], Meta(max_length=MOST_VALUES)] = ()
    priority: Annotated[tuple[Priority, ...], Meta(max_length=MOST_VALUES)] = ()
    team: Texts = ()
    person: Texts = ()
    owner: Texts = ()
    technician: Texts = ()
    tier: Annotated[tuple[Tier, ...], Meta(max_length=MOST_VALUES)] = ()
    hold: Annotated[tuple[HoldReason, ...], Meta(max_length=MOST_VALUES)] = ()
    channel: Annotated[tuple[Channel, ...], Meta(max_length=MOST_VALUES)] = ()
    customer: Texts = ()
    site: Texts = ()
    product: Texts = ()
    asset: Texts = ()
    category: Texts = ()
    fault_code: Texts = ()
    impact: Annotated[tuple[Impact, ...], Meta(max_length=MOST_VALUES)] = ()
    band: Annotated[tuple[TravelBand, ...], Meta(max_length=MOST_VALUES)] = ()
    plan: Texts = ()
    contract: Texts = ()
    next_milestone: Annotated[tuple[Milestone, ...], Meta(max_length=MOST_VALUES)] = ()
    cycle: Annotated[tuple[Cycle, ...], Meta(max_length=MOST_VALUES)] = ()
    handover_team: Texts = ()
    whose: Name | None = None
    is_contract: bool | None = None
    late: bool | None = None
    breaking: Minutes | None = None
    paused: bool | None = None
    waiting_for_part: bool | None = None
    reopened: bool | None = None
    complaint: bool | None = None
    question: bool | None = None
    handed_over: bool | None = None
    waiting_on_others: bool | None = None
    others_overdue: bool | None = None
    review_due: bool | None = None
    reported_from: Moment | None = None
    reported_to: Moment | None = None
    due_from: Moment | None = None
    due_to: Moment | None = None
    liaison_due_from: Moment | None = None
    liaison_due_to: Moment | None = None
    review_from: Moment | None = None
    review_to: Moment | None = None
    changed_from: Moment | None = None
    changed_to: Moment | None = None
    text: Name | None = None

    @property
    def moves(self) -> bool:
        """Whether time alone changes what it means."""
        return any(getattr(self, name) is not None for name in ("late", "breaking", *COMING))


ONE_OF: tuple[LiteralString, ...] = (
    *("status", "priority", "team", "person", "owner", "technician", "tier", "hold", "channel", "customer"),
    *("site", "product", "asset", "category", "fault_code", "impact", "band", "plan", "contract"),
    *("next_milestone", "cycle", "handover_team"),
)
"""Filters that name values of the column of the same name."""
YES_OR_NO: dict[str, tuple[LiteralString, Callable[[QueueRow], bool]]] = {
    "is_contract": ("(contract IS NOT NULL)", lambda row: row.contract is not None),
    "paused": ("paused", lambda row: row.paused),
    "waiting_for_part": (
        "(parts > 0 OR hold IS NOT DISTINCT FROM 'waiting_for_part')",
        lambda row: row.parts > 0 or row.hold is HoldReason.WAITING_FOR_PART,
    ),
    "reopened": ("(cycle > 1)", lambda row: row.cycle > 1),
    "complaint": ("(complaints > 0)", lambda row: row.complaints > 0),
    "question": ("(questions > 0)", lambda row: row.questions > 0),
    "handed_over": ("(handover_since IS NOT NULL)", lambda row: row.handover_since is not None),
    "waiting_on_others": ("(liaisons > 0)", lambda row: row.liaisons > 0),
}
"""Filters that ask whether something is so: as a condition, and of a row."""
RANGES: dict[str, tuple[LiteralString, str]] = {
    "reported_from": ("reported_at >= %s", "reported_at"),
    "reported_to": ("reported_at < %s", "reported_at"),
    "due_from": ("due_at >= %s", "due_at"),
    "due_to": ("due_at < %s", "due_at"),
    "liaison_due_from": ("liaison_due_at >= %s", "liaison_due_at"),
    "liaison_due_to": ("liaison_due_at < %s", "liaison_due_at"),
    "review_from": ("review_at >= %s", "review_at"),
    "review_to": ("review_at < %s", "review_at"),
    "changed_from": ("changed_at >= %s", "changed_at"),
    "changed_to": ("changed_at < %s", "changed_at"),
}
LATE: LiteralString = "(is_late OR coalesce(late_from <= %s, false))"


class Coming(NamedTuple):
    """What comes to a ticket with time alone, at a moment that its row has.

    Attributes:
        is_there: whether it has come, as a condition on the time now.
        comes: whether it comes between two moments, likewise, the earliest first.
        at: the column of that moment.
        there: whether it has come at a moment, asked of that column and the time now.
    """

    is_there: LiteralString
    comes: LiteralString
    at: str
    there: Callable[[datetime, datetime], bool]


COMING: dict[str, Coming] = {
    # The due time itself is in time, as every deadline is.
    "others_overdue": Coming(
        "(liaisons > 0 AND liaison_due_at < %s)",
        "liaison_due_at >= %s AND liaison_due_at < %s ORDER BY liaison_due_at",
        "liaison_due_at",
        operator.lt,
    ),
    "review_due": Coming(
        "(review_at <= %s)",
        "review_at > %s AND review_at <= %s ORDER BY review_at",
        "review_at",
        operator.le,
    ),
}
"""Filters that time brings tickets into."""


class Condition(NamedTuple):
    """Part of a WHERE clause, with its parameters."""

    sql: LiteralString
    params: tuple[Any, ...] = ()


def conditions(which: QueueFilter, now: datetime) -> Iterator[Condition]:
    """What a row must be, at a moment."""
    for column in ONE_OF:
        if wanted := getattr(which, column):
            yield _one_of(column, wanted)
    for name, (sql, _) in YES_OR_NO.items():
        if (answer := getattr(which, name)) is not None:
            yield Condition(sql if answer else "NOT " + sql)
    for name, (sql, _) in RANGES.items():
        if (moment := getattr(which, name)) is not None:
            yield Condition(sql, (moment,))
    if which.whose is not None:
        yield Condition("(person = %s OR owner = %s)", (which.whose, which.whose))
    if which.late is not None:
        yield Condition(LATE if which.late else "NOT " + LATE, (now,))
    for name, coming in COMING.items():
        if (answer := getattr(which, name)) is not None:
            is_there = coming.is_there
            yield Condition(is_there if answer else "NOT coalesce(" + is_there + ", false)", (now,))
    if which.breaking is not None:
        yield Condition("(rank <= %s OR is_late)", (last_rank(now, which.breaking),))
    if which.text is not None:
        yield Condition("words LIKE %s", (contains(which.text.casefold()),))


def _one_of(column: LiteralString, wanted: tuple[Any, ...]) -> Condition:
    named = [str(value) if isinstance(value, str) else value for value in wanted if value != NONE]
    if not named:
        return Condition(column + " IS NULL")
    is_named = column + (" = %s" if len(named) == 1 else " = ANY(%s)")
    params = (named[0] if len(named) == 1 else named,)
    return Condition(is_named if len(named) == len(wanted) else f"({column} IS NULL OR {is_named})", params)


def last_rank(now: datetime, minutes: int) -> int:
    """The last place of a clock that is due within so many minutes."""
    return 2 * int((now + timedelta(minutes=minutes)).timestamp()) + 1


def fits(row: QueueRow, which: QueueFilter, now: datetime) -> bool:
    """Whether a row is what ``conditions`` asks for."""
    return (
        all(_is_one_of(getattr(row, name), getattr(which, name)) for name in ONE_OF)
        and all(getattr(which, name) in {None, is_so(row)} for name, (_, is_so) in YES_OR_NO.items())
        and all(_in_range(row, name, getattr(which, name)) for name in RANGES)
        and which.whose in {None, row.person, row.owner}
        and which.late in {None, row.is_late or (row.late_from is not None and row.late_from <= now)}
        and all(getattr(which, name) in {None, _has_come(row, name, now)} for name in COMING)
        and (which.breaking is None or row.is_late or row.rank <= last_rank(now, which.breaking))
        and (which.text is None or which.text.casefold() in row.words)
    )


def _is_one_of(value: object, wanted: tuple[Any, ...]) -> bool:
    return not wanted or value in wanted or (value is None and NONE in wanted)


def _has_come(row: QueueRow, name: str, now: datetime) -> bool:
    at: datetime | None = getattr(row, COMING[name].at)
    return at is not None and COMING[name].there(at, now)


def _in_range(row: QueueRow, name: str, moment: datetime | None) -> bool:
    if moment is None:
        return True
    value: datetime | None = getattr(row, RANGES[name][1])
    return value is not None and (value >= moment if name.endswith("_from") else value < moment)
