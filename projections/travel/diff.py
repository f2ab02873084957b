"""What changed between two points, and which events made it so (B01, B02)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from application.log.snapshots import Replay, Until
from domain.event import Fact
from projections.engine.facts import Happened, envelope
from projections.travel.differences import Difference, Path, differences, pointer
from projections.travel.kinds import Told
from projections.travel.points import Basis
from projections.words.fields import named
from projections.words.sentences import tell
from projections.words.values import Text

S = TypeVar("S")

MOST = 5000
"""Events between two points: each is replayed by itself, to see what it touched, and told in the answer."""


class Backwards(ValueError):
    """What was asked for first includes events that the second does not: it is later."""


class TooFar(ValueError):
    """More events lie between the two points than are compared at once."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two points.

    Attributes:
        version: of the stream there, 0 before its first event; ``None`` for a whole case.
        position: of the last event by then, 0 when there was none.
    """

    version: int | None
    position: int


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One value that differs.

    Attributes:
        path: which, as a JSON pointer of names: of fields, ids, numbers, or places in a list, from 1.
        name: the same for people.
        before: the value there at ``from``; ``None`` when there was none.
        after: the value there at ``to``; ``None`` when there is none.
        events: the positions of the events that made it; they are among ``events``.
    """

    path: str
    name: Text
    before: Any
    after: Any
    events: tuple[int, ...]


class Between(Happened, frozen=True, kw_only=True):
    """An event that counts at ``to`` and not at ``from``.

    Attributes:
        stream_id: what it happened to; ``version`` is its place there.
        text: what happened, in words.
    """

    stream_id: UUID
    version: int
    text: Text


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """What changed from one point to another.

    Time alone changes nothing here: deadlines that pass and contracts that run out are no events. Amounts of
    working time are seconds.

    Attributes:
        id: of what is compared; of a case, its ticket's.
        basis: by which of their two times events are counted.
        changes: every value that differs; none when nothing does.
        events: those that count at ``to`` and not at ``from``, in the order of the log.
    """

    id: UUID
    basis: Basis
    before: Side = msgspec.field(name="from")
    after: Side = msgspec.field(name="to")
    changes: tuple[Change, ...]
    events: tuple[Between, ...]


class Compared(NamedTuple):
    """Two points of one history.

    Attributes:
        before: the last fact at the first, where there is one after the state that was begun with.
        after: the last fact at the second.
        changes: what differs, each with the facts that made it.
        between: the facts that count at the second only.
    """

    before: Fact | None
    after: Fact | None
    changes: list[tuple[Difference, list[Fact]]]
    between: list[Fact]


def compare(
    facts: Sequence[Fact],
    begin: Until,
    end: Until,
    replay: Replay[S],
    told: Callable[[S], Told],
    state: S | None = None,
) -> Compared:
    """Compare what two sets of facts make.

    A change is put down to those of the facts between that touched it as they were replayed. Where none did,
    one of them changed what a later fact meant: then to all of them.

    Args:
        facts: of one history, in its order, after ``state``.
        begin: which of them count at the first point.
        end: and at the second.
        replay: makes states.
        told: what of a state may differ.
        state: what both points have in common before these facts.

    Raises:
        Backwards: a fact counts at the first point and not at the second.
        TooFar: more than ``MOST`` facts count at the second only.
    """
    first = [fact for fact in facts if begin.includes(fact)]
    second = [fact for fact in facts if end.includes(fact)]
    counted, last = {fact.position for fact in first}, {fact.position for fact in second}
    if not counted <= last:
        raise Backwards("it is later than the other one")
    between = [fact for fact in second if fact.position not in counted]
    if len(between) > MOST:
        raise TooFar(f"{len(between)} events lie between; {MOST} are compared at once: ask nearer to `to`")
    common = next((place for place, fact in enumerate(second) if fact.position not in counted), len(second))
    state = replay(second[:common], state)
    was = _told(told, replay(first[common:], state))
    now = _told(told, state)
    touched: dict[Path, list[Fact]] = {}
    for fact in second[common:]:
        state = replay([fact], state)
        then, now = now, _told(told, state)
        for changed in differences(then, now):
            touched.setdefault(changed.path, []).append(fact)
    changes = [
        (each, _made(touched.get(each.path, ()), counted) or between) for each in differences(was, now)
    ]
    return Compared(first[-1] if first else None, second[-1] if second else None, changes, between)


def shown(
    compared: Compared,
    subject: UUID,
    basis: Basis,
    zone: ZoneInfo,
    side: Callable[[Fact | None], Side],
) -> Diff:
    """The differences for people and programs.

    Args:
        subject: what was compared.
        basis: by which times.
        zone: where times are told.
        side: a point, from the last fact there.
    """
    return Diff(
        id=subject,
        basis=basis,
        before=side(compared.before),
        after=side(compared.after),
        changes=tuple(
            Change(
                path=pointer(each.path),
                name=named(each.path),
                before=msgspec.to_builtins(each.before),
                after=msgspec.to_builtins(each.after),
                events=tuple(fact.position for fact in by),
            )
            for each, by in compared.changes
        ),
        events=tuple(
            Between(
                **envelope(fact),
                stream_id=fact.stream_id,
                version=fact.version,
                text=tell(fact.event, zone),
            )
            for fact in sorted(compared.between, key=lambda fact: fact.position)
        ),
    )


def _told(told: Callable[[S], Told], state: S | None) -> Told | None:
    return None if state is None else told(state)


def _made(touched: Sequence[Fact], counted: set[int]) -> list[Fact]:
    return [fact for fact in touched if fact.position not in counted]
