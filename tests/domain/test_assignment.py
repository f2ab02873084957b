"""Which plan a ticket goes by when several could apply, and why the others lost (SLA 13)."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from domain.assignment.book import Assignments, assign, replay, unassign
from domain.assignment.choosing import LEVELS, choose_plan
from domain.assignment.events import BOOK, Scope
from domain.assignment.offers import Offer, PlanChoice
from domain.contract.choice import Choice, Winner
from domain.contract.words import Level, Why
from domain.errors import InvalidValue, NotAllowed
from domain.event import Act, Event, Fact


def day(number: int) -> datetime:
    """A day of March."""
    return datetime(2026, 3, number, tzinfo=UTC)


BY = Act(actor="contract_manager:sun.li", occurred_at=day(1), reason="agreed")
KEYS = {Scope.ASSET: "SN-1", Scope.PRODUCT: "H-200", Scope.CUSTOMER_CLASS: "gold", Scope.DEFAULT: None}


def written(*decisions: tuple[Event, ...]) -> Assignments:
    """The book after what was decided."""
    events = [event for decision in decisions for event in decision]
    facts = [
        Fact(stream_id=BOOK, version=version, event=event, act=BY, correlation_id=BOOK)
        for version, event in enumerate(events, 1)
    ]
    return replay(facts) or Assignments()


def book(*told: tuple[Scope, str, int, int | None]) -> Assignments:
    """Assignments: to what, which plan, from and until which day."""
    known = Assignments()
    made: list[tuple[Event, ...]] = []
    for scope, plan, begins, ends in told:
        until = None if ends is None else day(ends)
        said = {"scope": scope, "key": KEYS[scope], "plan": plan, "effective_from": day(begins)}
        made.append(assign(known, **said, until=until, by=BY))  # type: ignore[arg-type]
        known = written(*made)
    return known


def under(level: Level) -> Choice:
    """A contract that applies."""
    winner = Winner(number="C-2026-000001", contract=UUID(int=1), level=level, plan="of contract")
    return Choice(winner=winner)


def chosen(
    known: Assignments, contract: Choice | None = None, *, on: int = 10, named: str | None = None
) -> PlanChoice:
    """The plan of a ticket that says all there is to say of its customer."""
    return choose_plan(
        known,
        contract,
        asset="SN-1",
        product="H-200",
        customer_class="gold",
        moment=day(on),
        named=named,
        usual="standard",
    )


ALL = book(*((scope, f"of {scope.value}", 2, None) for scope in reversed(Scope)))


@pytest.mark.parametrize(
    ("contract", "named", "order"),
    [
        (under(Level.LINE), "x", [*Level]),
        (under(Level.CONTRACT), None, [each for each in Level if each not in {Level.NAMED, Level.LINE}]),
        (None, None, [Level.ASSET, Level.PRODUCT, Level.CUSTOMER_CLASS, Level.DEFAULT]),
    ],
)
def test_the_closest_level_wins_and_the_others_say_so(
    contract: Choice | None, named: str | None, order: list[Level]
) -> None:
    found = chosen(ALL, contract, named=named)
    levels = [each for each in order if each is not Level.CONTRACT or contract != under(Level.LINE)]
    assert [found.winner.level, *(lost.level for lost in found.losers)] == levels
    assert {lost.why for lost in found.losers} == {Why.OUTRANKED}


def test_what_nothing_is_assigned_to_goes_by_what_the_firm_goes_by() -> None:
    assert chosen(Assignments()) == PlanChoice(winner=Offer(level=Level.DEFAULT, plan="standard"))


def test_of_two_assignments_to_one_thing_the_one_that_began_last_holds() -> None:
    found = chosen(book((Scope.PRODUCT, "old", 2, None), (Scope.PRODUCT, "new", 5, None)))
    assert (found.winner.plan, [(lost.plan, lost.why) for lost in found.losers]) == (
        "new",
        [("old", Why.REPLACED)],
    )


@pytest.mark.parametrize(("on", "plan"), [(4, "standard"), (5, "short"), (7, "short"), (8, "standard")])
def test_an_assignment_counts_from_its_first_moment_to_before_its_last(on: int, plan: str) -> None:
    known = book((Scope.ASSET, "short", 5, 8))
    found = chosen(known, on=on)
    assert found.winner.plan == plan
    assert {lost.why for lost in found.losers} == (set() if plan == "short" else {Why.NOT_IN_EFFECT})


def test_an_assignment_that_ends_no_longer_counts() -> None:
    made = assign(
        Assignments(), scope=Scope.DEFAULT, key=None, plan="a", effective_from=day(2), until=None, by=BY
    )
    ended = unassign(written(made), assignment=1, until=day(6), by=BY)
    known = written(made, ended)
    assert [chosen(known, on=on).winner.plan for on in (5, 6)] == ["a", "standard"]
    with pytest.raises(NotAllowed):
        unassign(known, assignment=1, until=day(7), by=BY)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"key": None}, "/key"),
        ({"scope": Scope.DEFAULT}, "/key"),
        ({"effective_from": datetime(2026, 2, 28, tzinfo=UTC)}, "/effective_from"),
        ({"until": day(2)}, "/until"),
        ({"by": Act(actor="admin:x", occurred_at=day(1))}, "/reason"),
    ],
)
def test_what_cannot_be_assigned(asked: dict[str, object], field: str) -> None:
    usual = {
        "scope": Scope.ASSET,
        "key": "SN-1",
        "plan": "a",
        "effective_from": day(2),
        "until": None,
        "by": BY,
    }
    with pytest.raises(InvalidValue) as refused:
        assign(Assignments(), **(usual | {"by": BY} | asked))  # type: ignore[arg-type]
    assert refused.value.field == field


told = st.tuples(
    st.sampled_from(Scope), st.sampled_from(["a", "b"]), st.integers(2, 15), st.none() | st.integers(16, 20)
)


@for_any(
    st.lists(told, max_size=8), st.none() | st.sampled_from([Level.LINE, Level.CONTRACT]), st.integers(1, 22)
)
def test_every_assignment_is_the_winner_or_says_why_not(
    all_of_them: list[tuple[Scope, str, int, int | None]], contract: Level | None, on: int
) -> None:
    known = book(*all_of_them)
    found = chosen(known, under(contract) if contract else None, on=on)
    named = [lost.assignment for lost in found.losers if lost.assignment]
    named += [found.winner.assignment] if found.winner.assignment else []
    assert sorted(named) == [each.assignment for each in known.all]
    outranked = [lost for lost in found.losers if lost.why is Why.OUTRANKED]
    assert all(LEVELS.index(lost.level) > LEVELS.index(found.winner.level) for lost in outranked)
