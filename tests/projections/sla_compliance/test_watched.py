"""When something is to be noted of a ticket next, and what was noted of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from application.database.connect import Database
from application.streams import facts_told
from domain.ticket.watch import notes
from projections.sla_compliance.clocks import clocks
from projections.sla_compliance.watched import watched
from tests.projections.histories import Story, answer
from tests.projections.views import PROMISES, ask, dumped, rebuilt, shown

BEGINNING = (datetime.min.replace(tzinfo=UTC), UUID(int=0))


def upcoming(url: str) -> list[tuple[datetime, UUID]]:
    """Everything that a timer would find."""
    return ask(url, lambda conn: watched(conn, BEGINNING, 100))


def noted(url: str, story: Story, now: datetime) -> None:
    """A worker looks at a moment."""
    told = facts_told(story.id, len(story.facts), notes(story.facts, now, PROMISES))
    story.facts += told
    shown(url, told)


def test_the_first_moment_of_each_ticket_stands_in_order_and_moves_with_what_is_noted(
    database: Database,
) -> None:
    url = database.service_url
    late, soon, answered = (Story(number, plan="hot-water") for number in (1, 2, 3))
    answer(answered, 1)
    shown(url, [*late.facts, *soon.facts, *answered.facts])
    found = upcoming(url)
    assert [stream for _, stream in found][-1] == answered.id
    assert {stream for _, stream in found} == {late.id, soon.id, answered.id}
    assert ask(url, lambda conn: watched(conn, found[0], 1)) == found[1:2]
    first = next(at for at, stream in found if stream == late.id)
    noted(url, late, first)
    assert {stream: at for at, stream in upcoming(url)}[late.id] > first
    noted(url, late, first + timedelta(days=30))
    assert late.id not in {stream for _, stream in upcoming(url)}


def test_what_was_noted_is_shown_with_its_clock_and_again_after_a_rebuild(
    database: Database,
) -> None:
    url = database.service_url
    story = Story(1, plan="hot-water")
    shown(url, story.facts)
    at, _ = upcoming(url)[0]
    noted(url, story, at)
    live = dumped(url)["sla_watch"]
    assert len(live) == 1
    rebuilt(url, batch=1)
    assert dumped(url)["sla_watch"] == live
    noted(url, story, at + timedelta(days=30))
    found = ask(url, lambda conn: clocks(conn, PROMISES, story.id, at + timedelta(days=30)))
    assert found is not None
    for clock in found:
        assert [each.percent for each in clock.warned] == [50, 75, 90]
        assert [(each.due_at, each.corrected_by) for each in clock.missed] == [(clock.due_at, None)]
    assert dumped(url)["sla_watch"] == []
    rebuilt(url, batch=1)
    assert ask(url, lambda conn: clocks(conn, PROMISES, story.id, at + timedelta(days=30))) == found
