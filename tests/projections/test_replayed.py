"""Views of tickets that keep no states of them: what nobody has at hand is replayed from the log."""

from __future__ import annotations

import pytest

from application.database.connect import Database
from projections.engine.runner import Runner
from tests.projections.engine.broken import skip
from tests.projections.histories import random_facts, record
from tests.projections.views import dumped, rebuilt, shipped, until

FACTS = random_facts(tickets=4, steps=6, seed=3)


@pytest.mark.parametrize("name", ["queue", "sla_compliance"])
@pytest.mark.parametrize("skipped", [None, 9])
def test_a_leader_that_knows_nothing_goes_on_as_one_that_saw_everything(
    database: Database, name: str, skipped: int | None
) -> None:
    url = database.service_url
    (view,) = [each for each in shipped() if each.name == name]
    if skipped:
        skip(url, [name], skipped, FACTS[skipped - 2].stream_id)
    for fact in FACTS:
        record(url, [fact])
        with Runner(url, [view]) as runner:
            until(lambda runner=runner: runner.run_once() >= 0 and bool(runner.leading))
    live = dumped(url)
    assert any(live[table] for table in view.tables)
    rebuilt(url)
    again = dumped(url)
    assert all(again[table] == live[table] for table in view.tables)
