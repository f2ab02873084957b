"""Whatever happens to parts, also what no decision would give: batches of any size make the same rows."""

from __future__ import annotations

from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from application.database.connect import Database
from domain.event import Event, Fact
from domain.part.events import PartScrapped
from domain.part.state import replay
from domain.part.words import Bucket
from projections.engine.rebuilding.rebuild import How, rebuild
from projections.engine.runner import Runner
from projections.part_ledger.fold import LedgerProjection
from projections.part_trace.fold import TraceProjection
from projections.stock.fold import StockProjection
from projections.stock.parts import one
from tests.domain.part.invented import anything, entry
from tests.domain.part.story import T1, TODAY, goods, issued, received
from tests.projections.histories import act, record
from tests.projections.parts import random_parts
from tests.projections.views import ask, dumped, emptied

SERIAL = count(1, 10)
VIEWS = (StockProjection(), LedgerProjection(), TraceProjection())


def folded(url: str, batch: int) -> dict[str, list[tuple[Any, ...]]]:
    """All rows after the whole log was folded anew in batches of this size."""
    emptied(url, *VIEWS)
    with Runner(url, VIEWS, batch=batch) as runner:
        runner.run_once()
    return dumped(url)


def test_a_history_folds_to_the_same_rows_one_by_one_and_all_at_once(database: Database) -> None:
    url = database.service_url
    _, facts = random_parts(Random(2028), steps=60)  # noqa: S311 - some promises are open at its end
    with Runner(url, VIEWS, batch=50) as runner:
        for first in range(0, len(facts), 31):
            record(url, facts[first : first + 31])
            runner.run_once()
    live = dumped(url)
    assert all(live.values())
    assert folded(url, 1) == folded(url, 7) == folded(url, 5000) == live


SCRAPPED = PartScrapped(number="P-1", goods=goods(1), bucket=Bucket.ISSUED, for_ticket=T1)
of_a_part = st.integers(1, 2).flatmap(lambda part: st.tuples(st.just(part), anything(f"P-{part}")))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(events=st.lists(of_a_part, max_size=25))
@example(events=[(1, issued("MAIN", 1)), (1, SCRAPPED), (1, SCRAPPED)])
@example(events=[(1, received("MAIN", 5)), (1, entry("P-1")), (1, received("MAIN", 5))])
def test_events_that_no_decision_would_give_do_so_too(
    module_database: Database, events: list[tuple[int, Event]]
) -> None:
    url, serial = module_database.service_url, next(SERIAL)
    facts: list[Fact] = []
    begun = [(part, entry(f"P-{part}")) for part in (1, 2)]
    for part, event in [*begun, *events]:
        stream = UUID(int=(serial + part) << 64)
        version = 1 + sum(fact.stream_id == stream for fact in facts)
        facts.append(Fact(stream_id=stream, version=version, event=event, act=act(1), correlation_id=stream))
    record(url, facts)
    rows = folded(url, 5000)
    assert folded(url, 1) == folded(url, 3) == rows
    rebuild(url, VIEWS[:2], How(processes=1, span=4, long=6))
    assert dumped(url) == rows
    for stream in {fact.stream_id for fact in facts}:
        part = replay(fact for fact in facts if fact.stream_id == stream)
        assert part
        line = ask(url, lambda conn, stream=stream: one(conn, stream, today=TODAY))
        assert line
        assert (line.on_hand, line.issued) == (part.total(Bucket.GOOD), part.total(Bucket.ISSUED))
        assert line.version == sum(fact.stream_id == stream for fact in facts)
