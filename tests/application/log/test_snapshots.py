"""Kept states: found where they are of use, left out where they are not, and never more than events say."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import pytest
from eventsourcing.application import AggregateNotFoundError
from msgspec.structs import replace

from application import forms, streams
from application.database.connect import Database
from application.log import snapshots
from application.log.event_log import EventLog
from application.log.library import ServiceLog
from application.log.snapshots import NOW, Kept, Until
from application.streams import Streams
from domain.event import Event, Fact
from domain.part import state as part
from domain.part.state import Part
from domain.ticket import evolution as ticket
from domain.ticket.events import TicketEscalated
from domain.ticket.words import Tier
from tests.application.log.appending import WHEN, remark
from tests.application.log.committing import column, on_the_log
from tests.conftest import connected
from tests.domain.part.story import PART, catalogued, issued, received
from tests.domain.story import registered

LATE = 6
"""The version of the fact that happened before all of its neighbours."""


@pytest.fixture(autouse=True)
def every_three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a state every three events."""
    monkeypatch.setattr(snapshots, "EVERY", 3)
    monkeypatch.setattr(streams, "EVERY", 3)


def happens(version: int) -> datetime:
    """A minute a version; the late fact happened as the second did."""
    return WHEN + timedelta(minutes=2 if version == LATE else version)


def facts(*events: Event, first: int = 1) -> list[Fact]:
    """Events of the part's stream."""
    return [
        replace(
            remark(stream=PART, version=version),
            event=event,
            act=replace(remark().act, occurred_at=happens(version)),
        )
        for version, event in enumerate(events, first)
    ]


TEN = facts(
    catalogued(), *(received("MAIN", amount) for amount in range(1, 8)), issued("MAIN", 2), issued("MAIN", 3)
)


async def whole(log: EventLog, until: Until = NOW) -> Kept[Part] | None:
    """The part as it is found by way of kept states."""
    return await log.snapshots.replayed(forms.PART, part.replay, PART, until)


def kept(database: Database) -> list[int]:
    """The versions that states are kept of."""
    return column(database, "SELECT originator_version FROM log.snapshot ORDER BY 1")


def told(database: Database, story: Callable[[EventLog], Coroutine[Any, Any, None]]) -> None:
    """Run a story on a log that has the ten events, read once: states are kept."""

    async def run(log: EventLog) -> None:
        await log.append(TEN)
        await whole(log)
        await log.snapshots.settled()
        await story(log)

    on_the_log(database, run)


def owner(database: Database, query: LiteralString, *values: object) -> None:
    """Do something that the service has no right to."""
    with connected(database.owner_url) as conn:
        conn.execute(query, values)


async def begins_at(log: EventLog, **until: Any) -> int:
    """The version of the kept state that a reading begins with."""
    found = await log.snapshots.find(forms.PART, PART, base=Until(**until), until=Until(**until))
    return found.kept.version if found.kept else 0


def test_a_long_stream_is_read_from_the_last_kept_state_on(database: Database) -> None:
    async def story(log: EventLog) -> None:
        assert kept(database) == [3, 6, 9]
        found = await log.snapshots.find(forms.PART, PART)
        assert found.kept is not None
        assert (found.kept.version, found.kept.position) == (9, 9)
        assert found.kept.state == part.replay(TEN[:9])
        assert [fact.version for fact in found.facts] == [10]

    told(database, story)


def test_as_of_a_version_it_is_what_its_events_say(database: Database) -> None:
    async def story(log: EventLog) -> None:
        for version in range(1, 12):
            then = await whole(log, Until(version=version))
            assert then is not None
            assert then.state == part.replay(TEN[:version])
            assert (then.version, then.position) == (min(version, 10),) * 2
            assert then.occurred_until == max(fact.act.occurred_at for fact in TEN[:version])
            assert await begins_at(log, version=version) == min(version, 10) // 3 * 3

    told(database, story)


def test_as_of_a_moment_it_is_what_had_happened(database: Database) -> None:
    """A state that includes what happened later is of no use, although it is of an earlier version."""

    async def story(log: EventLog) -> None:
        for minute in range(1, 11):
            moment = WHEN + timedelta(minutes=minute)
            then = await whole(log, Until(occurred=moment))
            assert then is not None
            assert then.state == part.replay([fact for fact in TEN if fact.act.occurred_at <= moment])
        begun = [
            await begins_at(log, occurred=WHEN + timedelta(minutes=minute)) for minute in (2, 3, 5, 8, 9)
        ]
        assert begun == [0, 3, 6, 6, 9]
        assert await whole(log, Until(occurred=WHEN)) is None

    told(database, story)


def test_as_of_a_moment_of_recording_it_is_what_was_known(database: Database) -> None:
    async def story(log: EventLog) -> None:
        first = (await log.stream(PART))[-1].recorded_at
        assert first is not None
        await log.append(facts(issued("MAIN", 1), issued("MAIN", 1), first=11))
        then = await whole(log, Until(recorded=first))
        assert then is not None
        assert then.version == 10
        assert await whole(log, Until(recorded=first - timedelta(days=1))) is None
        assert await begins_at(log, recorded=first) == 9

    told(database, story)


def test_what_cannot_be_used_is_left_out_and_replaced(database: Database) -> None:
    harms: tuple[LiteralString, ...] = (
        "UPDATE log.snapshot SET state = 'no state'",
        "UPDATE log.snapshot SET state = substr(state, 1, 30)",
        "UPDATE log.snapshot SET state = ''",
        "UPDATE log.snapshot SET definition = 'another release'",
        "UPDATE log.snapshot SET chain_hash = sha256('another history')",
    )

    async def story(log: EventLog) -> None:
        for harm in harms:
            owner(database, harm)
            again = await whole(log)
            assert again is not None
            assert again.state == part.replay(TEN)
            await log.snapshots.settled()
            assert await begins_at(log) == 9

    told(database, story)


def test_a_state_that_cannot_be_written_is_not_missed(database: Database) -> None:
    owner(database, "REVOKE INSERT, UPDATE ON log.snapshot FROM aftersales_service")

    async def story(log: EventLog) -> None:
        assert kept(database) == []
        assert await whole(log) is not None

    told(database, story)


def test_the_states_at_hand_are_kept_as_they_go_by(database: Database) -> None:
    async def story(log: EventLog) -> None:
        parts = Streams(log, part.replay, forms.PART)
        await log.append(TEN[:2])
        await parts.read(PART)
        for fact in TEN[2:]:
            await log.append([fact])
            await parts.read(PART)
        await log.snapshots.settled()
        assert kept(database) == [3, 6, 9]
        cold = await Streams(log, part.replay, forms.PART).read(PART)
        assert cold == (part.replay(TEN), 10)

    on_the_log(database, story)


def test_more_than_can_wait_is_not_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MOST_WAITING", 1)

    async def story(log: EventLog) -> None:
        assert kept(database) == [3, 9]

    told(database, story)


def test_closing_leaves_the_rest_unwritten(database: Database) -> None:
    async def story(log: EventLog) -> None:
        await log.append(TEN)
        await whole(log)
        await log.snapshots.close()

    on_the_log(database, story)
    assert len(kept(database)) < 3


def test_nothing_is_kept_of_no_stream(database: Database) -> None:
    async def story(log: EventLog) -> None:
        assert await log.snapshots.replayed(forms.PART, part.replay, UUID(int=9)) is None
        await log.append([remark(stream=UUID(int=9), version=version) for version in range(1, 8)])
        assert await log.snapshots.replayed(forms.PART, part.replay, UUID(int=9)) is None
        await log.snapshots.settled()
        assert kept(database) == []

    on_the_log(database, story)


def test_the_librarys_repository_begins_with_kept_states(database: Database) -> None:
    book = UUID(int=5)
    events = [
        registered("09:00")[0],
        *(TicketEscalated(tier=tier, team="A") for tier in (Tier.L2, Tier.L3, Tier.L4)),
    ]
    recorded = [replace(remark(stream=book, version=n), event=event) for n, event in enumerate(events, 1)]

    async def story(log: EventLog) -> None:
        await log.append(recorded)
        await log.snapshots.replayed(forms.TICKET, ticket.replay, book)
        await log.snapshots.settled()

    on_the_log(database, story)
    service = ServiceLog(database.service_url)
    try:
        assert service.repository.snapshot_store is not None
        (found,) = service.repository.snapshot_store.get(book)
        assert found.originator_version == 3
        for version in range(1, 5):
            assert service.ticket(book, version=version) == ticket.replay(recorded[:version])
        assert service.ticket(book) == ticket.replay(recorded)
        owner(database, "UPDATE log.snapshot SET state = 'no state'")
        assert service.ticket(book) == ticket.replay(recorded)
        with pytest.raises(AggregateNotFoundError):
            service.ticket(UUID(int=6))
    finally:
        service.close()
