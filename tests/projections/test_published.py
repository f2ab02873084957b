"""Views of tickets that pin what was published in the middle of the log."""

from __future__ import annotations

from application.book import open_promises
from application.database.connect import Database
from domain.publishing.events import PlanPublished
from domain.ticket.events import PlanPin
from projections.engine.rebuilding.rebuild import How, rebuild
from projections.engine.rebuilding.records import Outcome
from tests.domain.publishing.story import plan, told
from tests.projections.histories import START, Story, record
from tests.projections.views import dumped, shipped, shown


def test_folding_finds_a_plan_that_was_published_after_it_began_and_a_rebuild_makes_the_same(
    database: Database,
) -> None:
    url = database.service_url
    promises = open_promises(url)
    shown(url, Story(1).facts, promises=promises)
    pin = PlanPin(plan="gold", plan_version=1, calendar="24x7", calendar_version=1)
    gold = PlanPublished(plan=plan(calendar="24x7"), effective_from=START)
    record(url, told([gold]))
    story = Story(2, pin=pin).then("assign", 0.5, team="华东一组").then("resolve", 1, solution="更换")
    shown(url, story.facts, promises=promises)
    live = dumped(url)
    told_of = rebuild(url, shipped(open_promises(url)), How(processes=2))
    assert {each.outcome for each in told_of} == {Outcome.SWAPPED}
    assert dumped(url) == live
