from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from psycopg.errors import UndefinedTable

from application.database.connect import Database
from application.log.append import Append
from application.log.mapper import store
from application.log.writer_thread import WriterThread
from domain.event import Act, Fact, id_of, type_name
from domain.ticket.events import TicketRemarked
from projections.audit_log import files, queries
from projections.audit_log.filters import AuditFilter
from projections.audit_log.queries import AuditPage
from projections.engine.cursor import BadCursor
from projections.sheets.sheet import Language
from projections.words.values import Text
from tests.projections.histories import Story, answer, at, random_facts
from tests.projections.views import ask, shown

LONG = "原因" * 4000
ZONE = ZoneInfo("Asia/Shanghai")
FACTS = [
    *answer(Story(1), 1).then("remark", 2, text="call again", why="Wait").facts,
    *Story(2, hours=3).then("remark", 4, text="100% sure", why="wait for 50%").facts,
    Fact(
        stream_id=UUID(int=77),
        version=1,
        event=TicketRemarked(text="on its way"),
        act=Act(actor="technician:" + "赵" * 4000, occurred_at=at(5), reason=LONG),
        correlation_id=Story(1).id,
        causation_id=UUID(int=88),
    ),
]


@pytest.fixture(scope="module")
def url(module_database: Database) -> str:
    """A database with six events, the last under an idempotency key."""
    shown(module_database.service_url, FACTS[:-1])
    writer = WriterThread(module_database.service_url)
    writer.append(Append((store(FACTS[-1], "key-1"),)))
    writer.close()
    shown(module_database.service_url, [])
    return module_database.service_url


def page(url: str, which: AuditFilter | None = None, **asked: Any) -> AuditPage:
    """A page of the audit log."""
    return ask(url, lambda conn: queries.page(conn, which or AuditFilter(), zone=ZONE, **asked))


def positions(found: AuditPage) -> list[int]:
    """The positions on a page."""
    return [entry.position for entry in found.items]


def test_an_entry_says_who_what_when_on_what_and_why(url: str) -> None:
    entry = page(url).items[0]
    assert (entry.position, entry.type, entry.stream_id, entry.version) == (
        6,
        "ticket.remarked",
        UUID(int=77),
        1,
    )
    assert (entry.actor, entry.reason) == ("technician:" + "赵" * 4000, LONG)
    assert entry.occurred_at == at(5)
    assert entry.occurred_at < entry.recorded_at <= datetime.now(UTC)
    assert (entry.correlation_id, entry.causation_id) == (Story(1).id, UUID(int=88))
    assert entry.id == id_of(entry.stream_id, entry.version)
    assert (entry.idempotency_key, entry.number) == ("key-1", None)
    assert msgspec.json.decode(entry.data) == msgspec.json.decode(store(FACTS[-1]).state)
    assert page(url).items[1].number == "T-2026-000002"


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (AuditFilter(), [1, 2, 3, 4, 5, 6]),
        (AuditFilter(actor="agent:li.wei"), [1, 2, 3, 4, 5]),
        (AuditFilter(actor="technician:" + "赵" * 4000), [6]),
        (AuditFilter(type="ticket.remarked"), [3, 5, 6]),
        (AuditFilter(stream_id=Story(2).id), [4, 5]),
        (AuditFilter(number="T-2026-000001"), [1, 2, 3]),
        (AuditFilter(number="T-2026-000009"), []),
        (AuditFilter(correlation_id=Story(1).id), [1, 2, 3, 6]),
        (AuditFilter(causation_id=UUID(int=88)), [6]),
        (AuditFilter(idempotency_key="key-1"), [6]),
        (AuditFilter(occurred_from=at(2), occurred_to=at(4)), [3, 4]),
        (AuditFilter(recorded_from=datetime.now(UTC) + timedelta(days=1)), []),
        (AuditFilter(recorded_to=datetime.now(UTC) + timedelta(days=1)), [1, 2, 3, 4, 5, 6]),
        (AuditFilter(late=True), [1, 2, 3, 4, 5, 6]),
        (AuditFilter(late=False), []),
        (AuditFilter(position=3), [1, 2, 3]),
        (AuditFilter(reason="Wait"), [3]),
        (AuditFilter(reason=LONG), [6]),
        (AuditFilter(reason_contains="WAIT"), [3, 5]),
        (AuditFilter(reason_contains="0%"), [5]),
        (AuditFilter(reason_contains="_"), []),
        (AuditFilter(reason_contains="WAIT", number="T-2026-000002", type="ticket.remarked"), [5]),
    ],
)
def test_filters(url: str, which: AuditFilter, expected: list[int]) -> None:
    assert positions(page(url, which, newest_first=False)) == expected
    assert positions(page(url, which)) == expected[::-1]
    counted = ask(url, lambda conn: queries.counts(conn, "type", which))
    assert sum(one.events for one in counted) == len(expected)


@pytest.mark.parametrize("newest_first", [True, False])
def test_pages_follow_each_other(url: str, newest_first: bool) -> None:
    first = page(url, limit=4, newest_first=newest_first)
    second = page(url, limit=4, newest_first=newest_first, cursor=first.next)
    everything = [*positions(first), *positions(second)]
    assert everything == sorted(range(1, 7), reverse=newest_first)
    assert second.next is None
    with pytest.raises(BadCursor):
        page(url, cursor="x")


def test_counts_are_exact_in_all_and_under_a_filter(database: Database) -> None:
    history = random_facts(tickets=20, steps=8)
    for part in (history[:60], history[60:]):
        shown(database.service_url, part)
    said = {
        "type": lambda fact: type_name(fact.event),
        "actor": lambda fact: fact.act.actor,
        "reason": lambda fact: fact.act.reason,
    }
    for by, value in said.items():
        expected = Counter(value(fact) for fact in history)
        found = ask(database.service_url, lambda conn, by=by: queries.counts(conn, by))
        assert {count.value: count.events for count in found} == expected
        assert [count.events for count in found] == sorted(expected.values(), reverse=True)
    which = AuditFilter(type="ticket.reopened")
    found = ask(database.service_url, lambda conn: queries.counts(conn, "reason", which))
    assert [(one.value, one.events) for one in found] == [
        ("cold again", sum(type_name(fact.event) == "ticket.reopened" for fact in history))
    ]
    with pytest.raises(KeyError):
        ask(database.service_url, lambda conn: queries.counts(conn, "data"))


def test_before_a_worker_ran_there_is_nothing_to_ask(database: Database) -> None:
    with pytest.raises(UndefinedTable):
        page(database.service_url)


def test_an_entry_says_in_both_languages_what_happened(url: str) -> None:
    entry = page(url, AuditFilter(position=3)).items[0]
    assert entry.text == Text("备注：call again", "Remark: call again")


def test_asked_for_with_its_position_a_page_is_the_same_after_more_has_happened(database: Database) -> None:
    history = random_facts(tickets=6, steps=6)
    shown(database.service_url, history[:20])
    before = page(database.service_url, limit=8)
    file = listed(database.service_url, AuditFilter(position=before.position))
    assert before.position == 20
    shown(database.service_url, history[20:])
    assert page(database.service_url, limit=8) != before
    again = AuditFilter(position=before.position)
    assert msgspec.json.encode(page(database.service_url, again, limit=8)) == msgspec.json.encode(before)
    assert listed(database.service_url, again) == file


@pytest.mark.parametrize(("language", "said"), [("zh", "备注：call again"), ("en", "Remark: call again")])
def test_a_file_holds_every_event_with_what_it_is_about(
    url: str, language: Language, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "AT_ONCE", 2)
    which = AuditFilter(number="T-2026-000001", late=True)
    rows = list(csv.DictReader(io.StringIO(listed(url, which, language).decode())))
    names = list(rows[0])
    assert [row[names[0]] for row in rows] == ["3", "2", "1"]
    assert said in rows[0].values()
    assert rows[0][names[-2]] == "6"
    assert "T-2026-000001" in rows[0][names[-1]]


def listed(url: str, which: AuditFilter, language: Language = "en") -> bytes:
    """The file of what a filter means."""
    file = io.BytesIO()
    ask(url, lambda conn: files.events_csv(file, conn, which, files.Written(language, ZONE)))
    return file.getvalue()
