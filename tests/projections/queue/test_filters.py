"""What a filter means: the same in the table, in the changes that are told, and by what a page shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.database.connect import Database
from domain.ticket.words import HoldReason, Priority, Status, Tier
from projections.queue import queries
from projections.queue.changes import Changes, is_in
from projections.queue.filters import COMING, QueueFilter
from projections.queue.front import QueueRow
from projections.queue.names import BUILT_IN, Reader, queue_named
from projections.queue.order import Sort
from projections.queue.queries import Asked, QueuePage, QueueTicket
from tests.projections.histories import PEOPLE, TEAMS, at, hours_of, random_facts
from tests.projections.views import PROMISES, ask, shown

HISTORY = random_facts(tickets=120, steps=8, seed=11)
NOW = at(hours_of(HISTORY))
READER = Reader("李伟", TEAMS[:2])


@pytest.fixture(scope="module")
def url(module_database: Database) -> str:
    """Many tickets in many states."""
    shown(module_database.service_url, HISTORY)
    return module_database.service_url


@pytest.fixture(scope="module")
def everything(url: str) -> list[QueueTicket]:
    """Every open ticket, as a page shows it."""
    return read(url, Asked(queue_named("all", READER), limit=1000)).items_of


@pytest.fixture(scope="module")
def told(url: str) -> list[QueueRow]:
    """The same as the changes of the log tell them in the end."""
    changes = ask(url, lambda conn: Changes(PROMISES).between(conn, 0, len(HISTORY)))
    return [row for row in {change.now.id: change.after for change in changes}.values() if row]


class Read(msgspec.Struct):
    """All pages of a queue."""

    pages: list[QueuePage]

    @property
    def items_of(self) -> list[QueueTicket]:
        """Their tickets."""
        return [item for page in self.pages for item in page.items]


def read(url: str, asked: Asked, now: datetime = NOW) -> Read:
    """A queue page by page."""

    async def all_pages(conn: Any) -> Read:
        pages: list[QueuePage] = []
        more: str | None = None
        while not pages or more is not None:
            one = msgspec.structs.replace(asked, cursor=more)
            body, _ = await queries.page(conn, PROMISES, one, now)
            pages.append(msgspec.json.decode(body, type=QueuePage))
            more = pages[-1].next
        return Read(pages)

    return ask(url, all_pages)


def some(values: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    """None, one or two values of a column."""
    return st.lists(st.sampled_from(list(values)), max_size=2, unique=True).map(tuple)


def maybe(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly nothing."""
    return st.one_of(st.none(), st.none(), of)


MOMENTS = st.integers(-200, 400).map(lambda hours: NOW + timedelta(hours=hours))
FILTERS = st.builds(
    QueueFilter,
    priority=some(Priority),
    status=some((Status.NEW, Status.ASSIGNED, Status.ON_HOLD)),
    team=some((*TEAMS, "none")),
    person=some((*filter(None, PEOPLE), "none")),
    tier=some(Tier),
    hold=some(HoldReason),
    cycle=some((1, 2, 3)),
    late=maybe(st.booleans()),
    breaking=maybe(st.integers(0, 10_000)),
    paused=maybe(st.booleans()),
    reopened=maybe(st.booleans()),
    waiting_for_part=maybe(st.booleans()),
    handed_over=maybe(st.booleans()),
    handover_team=some((*TEAMS, "none")),
    waiting_on_others=maybe(st.booleans()),
    others_overdue=maybe(st.booleans()),
    liaison_due_to=maybe(MOMENTS),
    review_due=maybe(st.booleans()),
    review_from=maybe(MOMENTS),
    reported_from=maybe(MOMENTS),
    due_to=maybe(MOMENTS),
    text=maybe(st.sampled_from(("T-2026-00001", "热水", "t-2026", "%", "_"))),
)

MEANS: dict[str, Callable[[QueueTicket, Any], bool]] = {
    **{
        name: lambda item, wanted, name=name: (
            getattr(item, name) in wanted or (getattr(item, name) is None and "none" in wanted)
        )
        for name in ("priority", "status", "team", "person", "tier", "hold", "cycle", "handover_team")
    },
    "late": lambda item, wanted: item.late == wanted,
    "breaking": lambda item, minutes: (
        item.late or (item.due_at is not None and item.due_at - NOW < timedelta(minutes=minutes, seconds=1))
    ),
    "paused": lambda item, wanted: item.paused == wanted,
    "reopened": lambda item, wanted: (item.cycle > 1) == wanted,
    "waiting_for_part": lambda item, wanted: (item.hold == "waiting_for_part" or item.parts > 0) == wanted,
    "handed_over": lambda item, wanted: (item.handover_since is not None) == wanted,
    "waiting_on_others": lambda item, wanted: (item.liaisons > 0) == wanted,
    "others_overdue": lambda item, wanted: (
        (item.liaison_due_at is not None and item.liaison_due_at < NOW) == wanted
    ),
    "review_due": lambda item, wanted: (item.review_at is not None and item.review_at <= NOW) == wanted,
    "review_from": lambda item, wanted: item.review_at is not None and item.review_at >= wanted,
    "liaison_due_to": lambda item, wanted: item.liaison_due_at is not None and item.liaison_due_at < wanted,
    "reported_from": lambda item, wanted: item.reported_at >= wanted,
    "due_to": lambda item, wanted: item.due_at is not None and item.due_at < wanted,
    "text": lambda item, wanted: wanted.lower() in f"{item.number} {item.subject}".lower(),
}
"""What each filter says of a ticket that is shown."""


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=FILTERS, sort=st.sampled_from(Sort), limit=st.integers(15, 60))
def test_all_pages_together_are_what_the_filter_means_and_the_count_is_theirs(
    url: str,
    everything: list[QueueTicket],
    told: list[QueueRow],
    which: QueueFilter,
    sort: Sort,
    limit: int,
) -> None:
    found = read(url, Asked(queue_named("all", READER), which, sort=sort, limit=limit, count=True))
    asked = {name: value for name in MEANS if (value := getattr(which, name)) not in {None, ()}}
    expected = {
        item.number for item in everything if all(MEANS[name](item, value) for name, value in asked.items())
    }
    queue = queue_named("all", READER)
    assert {row.number for row in told if is_in(row, queue, which, NOW)} == expected
    numbers = [item.number for item in found.items_of]
    assert len(numbers) == len(set(numbers))
    assert set(numbers) == expected
    assert {page.count for page in found.pages} == {len(expected)}
    assert all(len(page.items) == limit for page in found.pages[:-1])


@pytest.mark.parametrize("name", [*BUILT_IN, TEAMS[0]])
def test_the_changes_of_the_log_make_every_queue_what_its_pages_show(url: str, name: str) -> None:
    queue = queue_named(name, READER)
    there: dict[str, QueueRow] = {}
    for change in ask(url, lambda conn: Changes(PROMISES).between(conn, 0, len(HISTORY))):
        was, now = (is_in(row, queue, QueueFilter(), NOW) for row in (change.before, change.after))
        assert was == (change.now.number in there)
        there.pop(change.now.number, None)
        if now:
            there[change.now.number] = change.now
    items = read(url, Asked(queue, limit=500, fixed=True)).items_of
    assert {item.number for item in items} == there.keys()
    assert [item.version for item in items] == [
        msgspec.json.decode(there[item.number].front + b"}")["version"] for item in items
    ]
    assert name in {"complaints", "waiting-for-part"} or items


@pytest.mark.parametrize(
    ("name", "what"), [("others-overdue", "others_overdue"), ("review-due", "review_due")]
)
def test_what_time_brings_into_a_queue_is_what_it_gains(url: str, name: str, what: str) -> None:
    queue, before = queue_named(name, READER), NOW - timedelta(hours=40)
    then, now = (
        {item.number for item in read(url, Asked(queue, limit=500), moment).items_of}
        for moment in (before, NOW)
    )
    lines = ask(url, lambda conn: queries.come(conn, queue, QueueFilter(), COMING[what], before, NOW))
    arrived = {msgspec.json.decode(line.front + b"}")["number"] for line in lines}
    assert (then & arrived, then | arrived) == (set(), now)
    assert then
    assert arrived


def test_the_changes_are_the_same_from_wherever_they_are_asked(url: str) -> None:
    async def both(conn: Any) -> tuple[Any, Any]:
        changes = Changes(PROMISES)
        parts = [await changes.between(conn, after, after + 97) for after in range(0, len(HISTORY), 97)]
        late = await changes.between(conn, len(HISTORY) // 2, len(HISTORY))
        whole = await Changes(PROMISES).between(conn, 0, len(HISTORY))
        assert [change for change in whole if change.position > len(HISTORY) // 2] == list(late)
        return [change for part in parts for change in part], list(whole)

    in_parts, at_once = ask(url, both)
    assert in_parts == at_once
    assert [change.position for change in at_once] == list(range(1, len(HISTORY) + 1))
