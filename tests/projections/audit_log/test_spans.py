"""What is found by spans is what a look at every event finds, and no search reads much of the log."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from psycopg import AsyncConnection

from application.database.connect import Database
from application.log.append import Append
from application.log.mapper import store
from application.log.stored import LogEvent
from application.log.writer_thread import WriterThread
from domain.event import Act, Event, Fact, type_name
from domain.ticket.events import TicketRemarked, TicketResumed
from projections.audit_log import finding, queries, spans
from projections.audit_log.filters import AuditFilter
from projections.audit_log.fold import AuditProjection
from projections.engine.rebuilding.rebuild import How, rebuild
from projections.engine.rebuilding.records import Outcome
from projections.engine.runner import Runner
from projections.engine.status import ProjectionState
from tests.conftest import connected
from tests.projections.engine.broken import skip
from tests.projections.histories import START
from tests.projections.views import ask, dumped, statuses

ZONE = ZoneInfo("Asia/Shanghai")
EVENTS = 9000
"""More than two pages of 4,096 positions."""
GHOST = 5001
ACTORS = ("agent:li.wei", "agent:wang.fang", "technician:zhao", "system:clock")
REASONS = (None, None, None, "Late", "late, by phone", "100% sure")


def drawn() -> list[tuple[Fact, str | None]]:
    """Events of twenty streams with the keys they came under; one actor is met once."""
    chance = random.Random(5)  # noqa: S311
    versions: Counter[int] = Counter()
    told: list[tuple[Fact, str | None]] = []
    for position in range(1, EVENTS + 1):
        stream = chance.randrange(1, 21)
        versions[stream] += 1
        actor = "agent:ghost" if position == GHOST else chance.choices(ACTORS, (8, 4, 1, 2))[0]
        event: Event = TicketRemarked(text="x")
        if actor == "system:clock":
            event = TicketResumed()
        reason = f"call {position}" if chance.random() < 0.02 else chance.choice(REASONS)
        act = Act(
            actor=actor, occurred_at=START + timedelta(minutes=position - chance.randrange(90)), reason=reason
        )
        fact = Fact(
            stream_id=UUID(int=stream),
            version=versions[stream],
            event=event,
            act=act,
            correlation_id=UUID(int=chance.randrange(1, 200)),
            causation_id=UUID(int=position // 3) if chance.random() < 0.05 else None,
        )
        told.append((fact, f"key-{position}" if chance.random() < 0.1 else None))
    return told


TOLD = drawn()


def told(url: str, some: Sequence[tuple[Fact, str | None]]) -> None:
    """Record events, and let the audit log have them."""
    writer = WriterThread(url)
    writer.append(Append(tuple(store(*each) for each in some)))
    writer.close()
    with Runner(url, [AuditProjection()]) as runner:
        runner.run_once()


@pytest.fixture(scope="module")
def url(module_database: Database) -> str:
    """A database with all of them, and the audit log of it, folded in large and in small batches."""
    writer = WriterThread(module_database.service_url)
    with Runner(module_database.service_url, [AuditProjection()]) as runner:
        for first in range(0, EVENTS, 1000):
            writer.append(Append(tuple(store(*each) for each in TOLD[first : first + 1000])))
            if first >= 7000:
                runner.run_once()
    writer.close()
    return module_database.service_url


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searches end after 12 spans."""
    monkeypatch.setattr(finding, "FEW", 1)
    monkeypatch.setattr(finding, "MOST", 12)


def walked(url: str, which: AuditFilter, limit: int, *, newest_first: bool = True) -> list[list[int]]:
    """The positions on every page."""

    async def walk(conn: AsyncConnection[Any]) -> list[list[int]]:
        pages: list[list[int]] = []
        cursor = None
        while not pages or cursor:
            page = await queries.page(
                conn, which, zone=ZONE, cursor=cursor, limit=limit, newest_first=newest_first
            )
            pages.append([entry.position for entry in page.items])
            cursor = page.next
        return pages

    return ask(url, walk)


def fits(which: AuditFilter, position: int, fact: Fact, key: str | None) -> bool:
    """Whether a filter means an event. All of them are late, since they happened before the test ran."""
    reason, at = fact.act.reason, fact.act.occurred_at
    return all(
        (
            which.actor in {None, fact.act.actor},
            which.type in {None, type_name(fact.event)},
            which.stream_id in {None, fact.stream_id},
            which.correlation_id in {None, fact.correlation_id},
            which.causation_id in {None, fact.causation_id},
            which.idempotency_key in {None, key},
            which.reason in {None, reason},
            which.reason_contains is None or which.reason_contains.lower() in (reason or "").lower(),
            which.occurred_from is None or at >= which.occurred_from,
            which.occurred_to is None or at < which.occurred_to,
            which.late in {None, True},
            which.position is None or position <= which.position,
        )
    )


def some_filter(chance: random.Random) -> AuditFilter:
    """Two or three things that one event has, or nearly."""
    fact, key = chance.choice(TOLD)
    at = fact.act.occurred_at
    said: dict[str, Any] = {
        "actor": fact.act.actor,
        "type": chance.choice(("ticket.remarked", "ticket.resumed")),
        "stream_id": fact.stream_id,
        "correlation_id": fact.correlation_id,
        "causation_id": fact.causation_id,
        "idempotency_key": key,
        "reason": fact.act.reason,
        "reason_contains": chance.choice(("LATE", "call", "call 4", "%", "nothing like it")),
        "occurred_from": at - timedelta(minutes=chance.randrange(3000)),
        "occurred_to": at + timedelta(minutes=chance.randrange(3000)),
        "late": chance.random() < 0.8,
        "position": chance.randrange(1, EVENTS),
    }
    return AuditFilter(**{name: said[name] for name in chance.sample(list(said), chance.randrange(1, 4))})


@pytest.mark.parametrize("seed", range(24))
@pytest.mark.usefixtures("short")
def test_what_is_found_is_what_a_look_at_every_event_finds(url: str, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    which, newest_first = some_filter(chance), chance.random() < 0.5
    meant = [place for place, told in enumerate(TOLD, 1) if fits(which, place, *told)]
    pages = walked(url, which, chance.choice((40, 400, 4000)), newest_first=newest_first)
    assert [position for page in pages for position in page] == (meant[::-1] if newest_first else meant)
    counted = ask(url, lambda conn: queries.counts(conn, "actor", which))
    assert {one.value: one.events for one in counted} == Counter(
        TOLD[place - 1][0].act.actor for place in meant
    )


def test_one_event_in_the_whole_log_is_found_in_one_span(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST", 1)
    assert walked(url, AuditFilter(actor="agent:ghost"), 50) == [[GHOST]]


def test_values_that_are_frequent_and_never_meet_are_looked_for_page_by_page(url: str, short: None) -> None:
    which = AuditFilter(actor="system:clock", type="ticket.remarked")
    pages = walked(url, which, 50)
    candidates = (EVENTS >> 6) + 1
    assert pages == [[]] * -(-candidates // 12)


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_page_is_full_unless_it_is_the_last(url: str, newest_first: bool) -> None:
    for which in (AuditFilter(actor="technician:zhao", type="ticket.remarked"), AuditFilter(reason="Late")):
        *full, last = walked(url, which, 60, newest_first=newest_first)
        assert [len(page) for page in full] == [60] * len(full)
        assert full
        assert 0 < len(last) <= 60


@pytest.mark.usefixtures("short")
def test_pages_are_parted_at_the_same_places_whatever_is_recorded_later(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, position = database.service_url, 64 * 30 + 11
    told(url, TOLD[:position])
    asked = [
        AuditFilter(actor="system:clock", type="ticket.remarked", position=position),
        AuditFilter(type="ticket.remarked", position=position),
        AuditFilter(reason_contains="call", actor="technician:zhao", position=position),
        AuditFilter(reason_contains="nothing like it", position=position),
        AuditFilter(actor="agent:ghost", position=position),
    ]

    def pages() -> list[list[list[int]]]:
        return [walked(url, which, 70, newest_first=order) for which in asked for order in (True, False)]

    then = pages()
    assert [] in then[0]
    told(url, TOLD[position : position + 150])
    monkeypatch.setattr(spans, "REASONS_READ", 0)
    assert pages() == then


def test_a_filter_that_means_everything_reads_no_more_than_its_page(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST", 2)
    monkeypatch.setattr(finding, "FEW", 1)
    page = ask(url, lambda conn: queries.page(conn, AuditFilter(), zone=ZONE, limit=50))
    assert [entry.position for entry in page.items] == list(range(EVENTS, EVENTS - 50, -1))


def test_of_too_many_reasons_every_one_is_read(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    which = AuditFilter(reason_contains="CALL 45")
    found = walked(url, which, 500)
    for limit in ("REASONS_READ", "REASONS_FOUND"):
        monkeypatch.setattr(spans, limit, 0)
        assert walked(url, which, 500) == found
        monkeypatch.undo()
    assert found[0]


def test_batches_of_any_size_and_a_rebuild_make_the_same_rows(url: str) -> None:
    live = dumped(url)
    (told,) = rebuild(url, [AuditProjection()], How(processes=1))
    assert told.outcome is Outcome.SWAPPED
    assert [table.differing for table in told.tables] == [0, 0, 0, 0]
    assert dumped(url) == live
    assert all(live[table] for table in ("audit_span", "audit_mask", "audit_count"))


def test_an_event_that_is_skipped_is_neither_shown_nor_counted(database: Database) -> None:
    url = database.service_url
    writer = WriterThread(url)
    writer.append(Append(tuple(store(*each) for each in TOLD[:100])))
    writer.close()
    skip(url, ["audit_log"], 64, TOLD[63][0].stream_id)
    with Runner(url, [AuditProjection()], batch=30) as runner:
        runner.run_once()
    shown = [*range(101, 64, -1), *range(63, 0, -1)]
    case = TOLD[63][0].correlation_id
    for _ in range(2):
        assert walked(url, AuditFilter(), 200) == [shown]
        assert 64 not in walked(url, AuditFilter(correlation_id=case), 200)[0]
        assert sum(one.events for one in ask(url, lambda conn: queries.counts(conn, "type"))) == 100
        (told,) = rebuild(url, [AuditProjection()], How(processes=1))
        assert (told.outcome, [table.differing for table in told.tables]) == (Outcome.SWAPPED, [0, 0, 0, 0])


def test_an_event_costs_no_new_row_where_its_values_are_known(database: Database) -> None:
    """What is changed in place needs no index to be touched, and leaves nothing behind."""
    url = database.service_url
    writer = WriterThread(url)
    with Runner(url, [AuditProjection()]) as runner:
        for fact, _ in TOLD[:40]:
            plain = Act(actor="agent:li.wei", occurred_at=fact.act.occurred_at)
            event = TicketRemarked(text="x")
            told = Fact(
                stream_id=fact.stream_id,
                version=fact.version,
                event=event,
                act=plain,
                correlation_id=UUID(int=1),
            )
            writer.append(Append((store(told),)))
            runner.run_once()
    writer.close()
    with connected(url) as conn:
        rows = {
            table: conn.execute(f"SELECT count(*) FROM view.audit_{table}").fetchone()[0]
            for table in ("span", "mask", "count")
        }
    assert rows == {"span": 1, "mask": 2, "count": 1}


@pytest.mark.parametrize(
    "state",
    [b"not JSON", b"", b"\xff\xfe", b'{"number":"\\u0000"}', b'{"number":"T-1","x":["\\u0000"]}', b"7"],
)
def test_a_first_event_that_is_no_json_is_found_like_any_other_and_holds_up_nothing(
    database: Database, state: bytes
) -> None:
    url, strange = database.service_url, UUID(int=77)
    told(url, TOLD[:30])
    writer = WriterThread(url)
    topic = "ticket.registered"
    event = LogEvent(id=0, originator_id=strange, originator_version=1, topic=topic, state=state)
    writer.append(Append((event, store(*TOLD[30]))))
    writer.close()
    with Runner(url, [AuditProjection()]) as runner:
        runner.run_once()
    assert statuses(url, ["audit_log"])["audit_log"].state is ProjectionState.LIVE
    page = ask(url, lambda conn: queries.page(conn, AuditFilter(stream_id=strange), zone=ZONE))
    assert [(entry.position, entry.number) for entry in page.items] == [(31, None)]
    assert msgspec.json.decode(msgspec.json.encode(page))["items"][0]["type"] == topic
    assert walked(url, AuditFilter(), 50) == [list(range(32, 0, -1))]
    live = dumped(url)
    (again,) = rebuild(url, [AuditProjection()], How(processes=1))
    assert again.outcome is Outcome.SWAPPED
    assert dumped(url) == live
