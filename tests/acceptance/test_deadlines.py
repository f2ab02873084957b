"""Deadlines pass whether a worker runs or not; what passed is noted when one is back, once (SLA 12).

The clock is the real one: tickets are reported so long ago that their time is used up at a moment soon.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.acceptance.installation import Installation, Person, installed, until

HALF_AN_HOUR = timedelta(minutes=30)
"""In which the plan for hot-water systems wants a P1 answered."""
SOON = timedelta(seconds=1)


@pytest.fixture(scope="module")
def home() -> Iterator[Installation]:
    """An installation that serves; workers come and go."""
    with installed() as installation:
        installation.token = installation.run("token", "create", "auditor", "--role", "auditor").strip()
        installation.start("serve")
        until(installation.ready)
        yield installation


def second(moment: datetime) -> datetime:
    """A whole second: clocks know no other."""
    return moment.replace(microsecond=0)


def reported(agent: Person, due_at: datetime) -> str:
    """A ticket whose first response is due at a moment."""
    told = {"occurred_at": (due_at - HALF_AN_HOUR).isoformat(), "reason": "from the paper book"}
    return agent.sends("/tickets", subject="冷水", priority="P1", plan="hot-water", **told)["number"]


def noted(agent: Person, ticket: str) -> list[dict[str, Any]]:
    """The misses of the first response that are noted."""
    shown = agent.reads(f"/tickets/{ticket}/sla")
    return next(clock["missed"] for clock in shown if clock["milestone"] == "first_response")


def history(agent: Person, ticket: str) -> list[str]:
    """What happened to a ticket, by type."""
    return [each["type"] for each in agent.reads(f"/tickets/{ticket}/history")["items"]]


def test_while_workers_run_a_miss_is_noted_in_the_second_after_it_and_once(home: Installation) -> None:
    workers = [home.start("worker") for _ in range(2)]
    agent = home.person("agent", "li.wei")
    until(home.caught_up)
    due_at = second(datetime.now(UTC)) + 3 * SOON
    ticket = reported(agent, due_at)
    [missed] = until(lambda: noted(agent, ticket))
    assert datetime.fromisoformat(missed["due_at"]) == datetime.fromisoformat(missed["at"]) == due_at
    assert due_at + SOON <= datetime.fromisoformat(missed["detected_at"])
    for worker in workers:
        home.kill(worker)
    assert history(agent, ticket).count("ticket.deadline_missed") == 1


def test_what_passed_while_no_worker_ran_is_noted_when_one_is_back(home: Installation) -> None:
    agent = home.person("agent", "wang.fang")
    due_at = second(datetime.now(UTC)) - timedelta(minutes=5)
    tickets = [reported(agent, due_at) for _ in range(20)]
    answered = tickets.pop()
    contact = {"channel": "phone", "direction": "outbound", "party": "person", "reason": "no signal on site"}
    before = (due_at - timedelta(minutes=20)).isoformat()
    agent.sends(f"/tickets/{answered}/contact", occurred_at=before, **contact)
    for _ in range(2):
        home.start("worker")
    back = datetime.now(UTC)
    until(home.caught_up)
    for ticket in tickets:
        [missed] = until(lambda ticket=ticket: noted(agent, ticket))
        assert datetime.fromisoformat(missed["at"]) == due_at
        assert datetime.fromisoformat(missed["detected_at"]) >= second(back)
    late = agent.sends(f"/tickets/{tickets[0]}/contact", occurred_at=before, **contact)
    told = until(lambda: (told := history(agent, tickets[0]))[-1] == "ticket.miss_corrected" and told)
    assert told[-3:] == ["ticket.deadline_missed", "ticket.contacted", "ticket.miss_corrected"]
    assert late["version"] == len(told)
    assert all(history(agent, ticket).count("ticket.deadline_missed") == 1 for ticket in tickets)
    assert noted(agent, answered) == []
