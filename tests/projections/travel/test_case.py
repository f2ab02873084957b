"""A whole case after each of its events: the ticket, its parts, and what it used."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from application.log.snapshots import Until
from application.plans import shipped_promises
from domain.event import Fact
from domain.part.owing import owing
from domain.part.reservations import reserve
from domain.part.storekeeping import receive, scrap
from domain.part.usage import give_back, install, issue
from domain.part.words import Bucket, Condition, Fate, Tracking
from projections.part_trace.steps import At, Stop
from projections.travel.case_detail import CaseDetail, detail
from tests.projections.histories import Story, at
from tests.projections.parts import MAIN, PartStory
from tests.projections.travel.past import CASES, KINDS, case_of, random_case, used

PROMISE = UUID(int=0xA)


def shown(facts: list[Fact], hours: float = 100) -> CaseDetail:
    """The case that facts make."""
    whole = KINDS.replay_case(facts)
    assert whole is not None
    found = detail(whole, shipped_promises(), at(hours))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def case() -> list[Fact]:
    """Registered, reserved, issued, installed with the old element out, resolved; typed in as it happened."""
    story = Story().then("assign", 1, team="A")
    part = PartStory(tracking=Tracking.SERIAL)
    part.then(receive, 0.5, ["S1", "S2"], location=MAIN)
    part.then(
        reserve, 2, 1, ticket=story, reservation=PROMISE, location=MAIN, expires_at=at(50), by="agent:li.wei"
    )
    part.then(issue, 3, ["S1"], ticket=story, location=MAIN, reservation=PROMISE)
    part.then(install, 4, ["S1"], ticket=story, asset="WH-77", serial_out="OLD-1", fate=Fate.RETURNED)
    story.then("hold", 4.5, reason="waiting_for_customer").then("resume", 4.6)
    part.then(give_back, 6, ["OLD-1"], ticket=story, location=MAIN, condition=Condition.FAULTY)
    part.then(scrap, 7, ["OLD-1"], bucket=Bucket.QUARANTINE, location=MAIN, ticket=story)
    story.then("resolve", 8, solution="new element")
    for_it = [fact for fact in part.facts if fact.correlation_id == story.id]
    return case_of(story, *for_it, used(story, 5, 2), used(story, 9, 1, version=3, back=True))


def goods(found: CaseDetail) -> dict[tuple[Stop, str], Any]:
    """How much is where."""
    return {
        (line.at.stop, line.at.place): line.units or line.quantity
        for part in found.parts
        for line in part.goods
    }


ISSUED, INSTALLED = (Stop.ISSUED, "T-2026-000001"), (Stop.INSTALLED, "WH-77")
REMOVED, BACK = (Stop.REMOVED, "T-2026-000001"), (Stop.QUARANTINE, MAIN)


@pytest.mark.parametrize(
    ("hours", "status", "reserved", "where", "standing"),
    [
        (0, "new", [], {}, []),
        (1, "assigned", [], {}, []),
        (2, "assigned", [1], {}, []),
        (3, "assigned", [], {ISSUED: {"S1": 1}}, []),
        (4, "assigned", [], {INSTALLED: {"S1": 1}, REMOVED: {"OLD-1": 1}}, []),
        (4.5, "on_hold", [], {INSTALLED: {"S1": 1}, REMOVED: {"OLD-1": 1}}, []),
        (5, "assigned", [], {INSTALLED: {"S1": 1}, REMOVED: {"OLD-1": 1}}, [2]),
        (6, "assigned", [], {INSTALLED: {"S1": 1}, BACK: {"OLD-1": 1}}, [2]),
        (7, "assigned", [], {INSTALLED: {"S1": 1}, (Stop.SCRAPPED, ""): {"OLD-1": 1}}, [2]),
        (8, "resolved", [], {INSTALLED: {"S1": 1}, (Stop.SCRAPPED, ""): {"OLD-1": 1}}, [2]),
        (9, "resolved", [], {INSTALLED: {"S1": 1}, (Stop.SCRAPPED, ""): {"OLD-1": 1}}, [1]),
    ],
)
def test_as_of_each_moment(
    case: list[Fact],
    hours: float,
    status: str,
    reserved: list[int],
    where: dict[Any, Any],
    standing: list[int],
) -> None:
    until = Until(occurred=at(hours))
    meant = [fact for fact in case if until.includes(fact)]
    found = shown(meant, hours)
    assert found.ticket.status == status
    assert [each.goods.quantity for part in found.parts for each in part.reserved] == reserved
    assert goods(found) == where
    assert [use.standing for use in found.entitlements] == standing
    assert (found.position, found.events) == (meant[-1].position, len(meant))
    assert found.moment == at(hours)


def test_before_the_report_there_is_no_case() -> None:
    story = Story()
    whole = KINDS.replay_case([used(story, 1)])
    assert whole is not None
    assert detail(whole, shipped_promises(), at(2)) is None
    assert KINDS.replay_case([]) is None


def test_clocks_are_those_of_the_moment(case: list[Fact]) -> None:
    assert [clock.state for clock in shown(case[:5], 4.55).ticket.clocks] == ["running", "running"]
    assert shown(case, 9).ticket.clocks[1].verdict == "met"


def test_goods_that_cannot_be_told_apart_are_numbers() -> None:
    story, part = Story(), PartStory()
    part.then(receive, 0.5, 9, location=MAIN).then(issue, 1, 3, ticket=story, location=MAIN)
    part.then(give_back, 2, 2, ticket=story, location=MAIN, condition=Condition.GOOD)
    found = shown(case_of(story, *part.facts[2:]))
    assert goods(found) == {(Stop.GOOD, MAIN): 2, ISSUED: 1}
    assert found.parts[0].goods[0].at == At(Stop.GOOD, MAIN)


@settings(max_examples=15, deadline=None)
@for_all(st.integers(0, 15))
def test_what_is_issued_is_what_the_ticket_owes(seed: int) -> None:
    facts = random_case(seed)
    whole = CASES.replay(facts)
    assert whole is not None
    issued = {
        number: sum(stock.total for stock in part.goods.get(Bucket.ISSUED, {}).values())
        for number, part in whole.parts.items()
    }
    assert {number: quantity for number, quantity in issued.items() if quantity} == owing(facts)
