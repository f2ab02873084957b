"""The streams of one kind of aggregate: their states at hand, and one decision at a time on each.

A state that is at hand may be older than the log, since other processes append, too. So nobody is refused on
it: a refusal is given only on what the log was just asked for, and an append that comes too late is decided
again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

from application.log.append import Basis, Recorded, Request
from application.log.errors import BasisMoved, VersionConflict
from application.log.event_log import EventLog
from application.log.snapshots import EVERY, Form, Replay
from domain.catalogue import EVENT_TYPES
from domain.errors import DomainError
from domain.event import Act, Event, Fact, Told

S = TypeVar("S")
T = TypeVar("T")
AT_HAND = 4096
"""States that are kept, the ones used lately."""
TRIES = 500
"""How often others may be faster. A busy process has the newest state at hand, another must read it first: of
three that did nothing but change one stream, one was overtaken 220 times in a row, which took a second."""

NOTES = frozenset(name for name, event in EVENT_TYPES.items() if event.IS_NOTE)
"""What may have happened since somebody looked, without their word being refused."""


class Held(NamedTuple, Generic[S]):
    """A state, and the version of its stream that it is."""

    state: S
    version: int


class Decided(NamedTuple):
    """What follows from a decision.

    Attributes:
        events: in order.
        basis: what else the decision looked at.
        notes: what the service notes with them, by acts of its own.
        others: facts of other streams that are recorded with them, and before them; their versions say what
            those streams were at.
    """

    events: Sequence[Event]
    basis: Basis | None = None
    notes: Sequence[Told] = ()
    others: Sequence[Fact] = ()


Decide = Callable[[S, bool], Awaitable[Decided]]
"""Makes a decision from a state, and is told whether that is fresh or merely at hand."""


class StaleVersion(Exception):
    """The caller saw another version than the one that stands now.

    Attributes:
        current: the version that stands.
    """

    def __init__(self, current: int) -> None:
        super().__init__(f"it is at version {current}")
        self.current = current


def must_be_at(expected: int | None, version: int) -> None:
    """See that nothing has happened since the caller looked.

    Raises:
        StaleVersion: something has.
    """
    if expected is not None and expected != version:
        raise StaleVersion(version)


async def decided_again(attempt: Callable[[bool], Awaitable[T]]) -> T:
    """Let something be decided and recorded, again wherever others were faster.

    Args:
        attempt: does it, and is told whether it must go by what the log has now; the first time it may go by
            what is at hand. ``None`` says that there is nothing, or nothing to record.

    Raises:
        StaleVersion, DomainError: the attempt, on what the log has.
        VersionConflict, BasisMoved: others were faster, again and again.
    """
    for tried in range(TRIES):
        try:
            done = await attempt(tried > 0)
        except (StaleVersion, DomainError):
            if not tried:
                continue
            raise
        except (VersionConflict, BasisMoved):
            if tried == TRIES - 1:
                raise
        else:
            if done is not None or tried:
                return done
    raise AssertionError("unreachable")


class Streams(Generic[S]):
    """Streams that one ``replay`` understands.

    Args:
        log: the event log.
        replay: makes their states.
        form: what their states are kept as, now and then; without one, none is.
    """

    def __init__(self, log: EventLog, replay: Replay[S], form: Form[S] | None = None) -> None:
        self._log = log
        self._replay = replay
        self._form = form
        self._held: dict[UUID, Held[S]] = {}
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def read(self, stream_id: UUID) -> Held[S] | None:
        """The state as the log has it now; ``None`` when there is no such stream of this kind."""
        held = self._held.get(stream_id)
        if held is None and self._form is not None:
            kept = await self._log.snapshots.replayed(self._form, self._replay, stream_id)
            return self._keep(stream_id, kept.state, kept.version) if kept else None
        facts = await self._log.stream(stream_id, after=held.version if held else 0)
        if not facts:
            return held
        return self._keep(stream_id, self._replay(facts, held.state if held else None), facts[-1].version)

    async def near(self, stream_id: UUID) -> Held[S] | None:
        """The state at hand, which may be older than the log; else as ``read``."""
        return self._held.get(stream_id) or await self.read(stream_id)

    def after(self, state: S, facts: Sequence[Fact]) -> S:
        """A state after more facts of its stream, which may not be recorded yet."""
        return self._replay(facts, state) or state

    async def change(
        self,
        stream_id: UUID,
        decide: Decide[S],
        act: Act,
        *,
        expected: int | None = None,
        request: Request | None = None,
        names: Sequence[str] = (),
    ) -> tuple[Recorded, S, Sequence[Event]] | None:
        """Let a decision be made on the newest state, and record what follows.

        Args:
            stream_id: the stream.
            decide: makes the decision; from a fresh state only when whatever else it looks at is fresh, too.
                Asked again when somebody else was faster.
            act: who, when and why.
            expected: the version the caller saw; ``None`` takes whatever stands.
            request: the command's idempotency key.
            names: what the stream shall be found by from now on, and nothing else.

        Returns:
            What the log took, the state that was decided on, and the events; ``None`` when there is no such
            stream of this kind, or nothing followed.

        Raises:
            StaleVersion: the stream has moved on from ``expected``.
            VersionConflict, BasisMoved: others were faster, again and again.
            NameTaken: a name belongs to another stream.
            DomainError: the decision.
            LogUnavailable: the database does not answer.
        """

        async def attempt(fresh: bool) -> tuple[Recorded, S, Sequence[Event]] | None:
            held = await (self.read if fresh else self.near)(stream_id)
            if held is None:
                return None
            try:
                await self._must_be_unmoved(stream_id, expected, held.version)
                decided = await decide(held.state, fresh)
            except (StaleVersion, DomainError):
                # The same command may have come twice at once, and stand in the way of itself.
                if fresh and request and (before := await self._log.answered(request)):
                    return before, held.state, ()
                raise
            if not decided.events:
                return None
            told = [*(Told(event, act) for event in decided.events), *decided.notes]
            facts = facts_told(stream_id, held.version, told)
            recorded = await self._log.append(
                [*decided.others, *facts], names=names, request=request, basis=decided.basis
            )
            if not recorded.repeated:
                self._keep(stream_id, self._replay(facts, held.state), recorded.version)
            return recorded, held.state, decided.events

        async with self._turns.setdefault(stream_id, asyncio.Lock()):
            return await decided_again(attempt)

    async def _must_be_unmoved(self, stream_id: UUID, expected: int | None, version: int) -> None:
        """Nothing has happened since the version that the caller saw, but for notes of the service."""
        if expected is None or expected == version:
            return
        since = await self._log.types(stream_id, after=expected, upto=version)
        if not since or not NOTES.issuperset(since):
            raise StaleVersion(version)

    def _keep(self, stream_id: UUID, state: S | None, version: int) -> Held[S] | None:
        before = self._held.pop(stream_id, None)
        if state is None:
            return None
        if self._form is not None and before is not None and version // EVERY > before.version // EVERY:
            self._log.snapshots.keep(self._form, stream_id, version, state)
        while len(self._held) >= AT_HAND:
            del self._held[next(iter(self._held))]
        held = self._held[stream_id] = Held(state, version)
        return held


def facts_of(
    stream_id: UUID, version: int, events: Iterable[Event], act: Act, *, cause: UUID | None = None
) -> list[Fact]:
    """Events of one act as facts that follow a version, each in the service case that it belongs to."""
    return facts_told(stream_id, version, [Told(event, act) for event in events], cause=cause)


def facts_told(
    stream_id: UUID, version: int, told: Iterable[Told], *, cause: UUID | None = None
) -> list[Fact]:
    """The same, where every event has an act of its own."""
    return [
        Fact(
            stream_id=stream_id,
            version=version + step,
            event=event,
            act=act,
            correlation_id=event.case or stream_id,
            causation_id=cause,
        )
        for step, (event, act) in enumerate(told, 1)
    ]
