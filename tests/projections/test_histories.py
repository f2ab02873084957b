"""Whatever happens to tickets and however it is cut into batches, the tables come out the same."""

from __future__ import annotations

from itertools import count
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.database.connect import Database
from projections.engine.rebuilding.rebuild import How, rebuild
from projections.engine.rebuilding.records import Outcome
from projections.engine.runner import Runner
from tests.projections.histories import Story, record, shuffled, try_something
from tests.projections.views import dumped, rebuilt, shipped

SERIAL = count(1)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(chance=st.randoms(use_true_random=False), sizes=st.lists(st.integers(1, 40), min_size=2, max_size=2))
def test_batches_of_any_size_make_the_same_rows(
    module_database: Database, chance: Random, sizes: list[int]
) -> None:
    url = module_database.service_url
    stories = [
        Story(next(SERIAL), hours=chance.uniform(0, 50), plan=chance.choice(("standard", "hot-water")))
        for _ in range(3)
    ]
    for story in stories:
        for step in range(8):
            try_something(story, 60 + step * chance.uniform(0, 12), chance)
    record(url, shuffled(stories, chance))
    with Runner(url, shipped(), batch=sizes[0]) as runner:
        runner.run_once()
    live = dumped(url)
    rebuilt(url, batch=sizes[1])
    assert dumped(url) == live
    of_tickets = [view for view in shipped() if view.wants == ("ticket.",)]
    told = rebuild(url, of_tickets, How(processes=1, span=sizes[0], long=sizes[1]))
    assert {each.outcome for each in told} == {Outcome.SWAPPED}
    assert dumped(url) == live
