"""Which plan a ticket goes by when several could apply, and why the others lost (SLA 13)."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from domain.assignment.book import Assignment, Assignments, assign, unassign
from domain.assignment.choosing import RANK, choose_plan
from domain.assignment.events import ASSIGNMENTS, PlanAssigned, PlanUnassigned, Scope
from domain.assignment.offers import Offer, PlanChoice
from domain.contract.choice import Winner
from domain.contract.words import Level, Why
from domain.errors import InvalidValue, NotAllowed
from domain.event import Act, Event, Fact
from domain.promises import NotOffered, Promises, UnknownPlan
from domain.publishing.events import BOOK, CalendarWithdrawn, PlanWithdrawn
from domain.upkeep import stream_of
from tests.domain.publishing.story import plan, published, shipped, told


def day(number: int) -> datetime:
    """A day of March."""
    return datetime(2026, 3, number, tzinfo=UTC)


BY = Act(actor="contract_manager:sun.li", occurred_at=day(1), reason="agreed")
KEYS = {Scope.ASSET: "SN-1", Scope.PRODUCT: "H-200", Scope.CUSTOMER_CLASS: "gold", Scope.DEFAULT: None}


def written(*decisions: tuple[Event, ...]) -> Assignments:
    """The book after what was decided."""
    events = [event for decision in decisions for event in decision]
    stream, known = stream_of(ASSIGNMENTS), Assignments()
    known.learn(
        Fact(stream_id=stream, version=version, event=event, act=BY, correlation_id=BOOK)
        for version, event in enumerate(events, 1)
    )
    return known


def book(*all_of_them: tuple[Scope, str, int, int | None]) -> Assignments:
    """Assignments: to what, which plan, from and until which day."""
    known = Assignments()
    made: list[tuple[Event, ...]] = []
    for scope, promised, begins, ends in all_of_them:
        until = None if ends is None else day(ends)
        said = {"scope": scope, "key": KEYS[scope], "plan": promised, "effective_from": day(begins)}
        made.append(assign(known, **said, until=until, by=BY))  # type: ignore[arg-type]
        known = written(*made)
    return known


def under(*levels: Level) -> tuple[Winner, ...]:
    """Contracts that apply, the best first."""
    return tuple(
        Winner(number=f"C-2026-{n:06}", contract=UUID(int=n), level=level, plan=f"of contract {n}")
        for n, level in enumerate(levels, 1)
    )


NAMES = ("a", "b", "x", "standard", "old", "new", "short", "of contract 1", "of contract 2")
PLANS = [plan(name=name) for name in (*NAMES, *(f"of {scope.value}" for scope in Scope))]


def without(*names: str) -> Promises:
    """All these plans, but for those that were withdrawn before anybody reported."""
    promises = shipped(*PLANS)
    for name in names:
        promises.learn(told([PlanWithdrawn(plan=name, effective_from=day(1))], f"plan:{name}"))
    return promises


def chosen(
    known: Assignments,
    contracts: tuple[Winner, ...] = (),
    *,
    on: int = 10,
    named: str | None = None,
    promises: Promises | None = None,
) -> PlanChoice:
    """The plan of a ticket that says all there is to say of its customer."""
    choice, pin = choose_plan(
        known,
        promises or without(),
        contracts,
        asset="SN-1",
        product="H-200",
        customer_class="gold",
        moment=day(on),
        named=named,
        usual="standard",
    )
    assert (pin.plan, pin.plan_version) == (choice.winner.plan, 1)
    return choice


ALL = book(*((scope, f"of {scope.value}", 2, None) for scope in reversed(Scope)))


@pytest.mark.parametrize(
    ("contracts", "named", "order"),
    [
        (under(Level.LINE, Level.CONTRACT), "x", [*Level]),
        (under(Level.CONTRACT), None, [each for each in Level if each not in {Level.NAMED, Level.LINE}]),
        ((), None, [Level.ASSET, Level.PRODUCT, Level.CUSTOMER_CLASS, Level.DEFAULT]),
    ],
)
def test_the_closest_level_wins_and_the_others_say_so(
    contracts: tuple[Winner, ...], named: str | None, order: list[Level]
) -> None:
    found = chosen(ALL, contracts, named=named)
    assert [found.winner.level, *(lost.level for lost in found.losers)] == order
    assert {lost.why for lost in found.losers} == {Why.OUTRANKED}


@pytest.mark.parametrize(
    ("gone", "winner", "losers"),
    [
        ([], "of asset", ["outranked"] * 5),
        (["of asset"], "of contract 1", ["withdrawn", *["outranked"] * 4]),
        (["of asset", "of contract 1"], "of contract 2", ["withdrawn"] * 2 + ["outranked"] * 3),
        (["of contract 1"], "of asset", ["outranked"] * 5),
        ([each.name for each in PLANS if each.name.startswith("of ")], "standard", ["withdrawn"] * 6),
    ],
)
def test_a_plan_that_was_withdrawn_loses_to_the_next_and_says_so(
    gone: list[str], winner: str, losers: list[str]
) -> None:
    found = chosen(ALL, under(Level.LINE, Level.CONTRACT), promises=without(*gone))
    assert (found.winner.plan, [lost.why for lost in found.losers]) == (winner, losers)


def test_a_plan_that_does_not_count_yet_is_not_offered_and_loses_too() -> None:
    promises = shipped(plan(name="standard"))
    promises.learn(told([published(1, "03-15", name="later")], "plan:later"))
    found = [
        chosen(book((Scope.PRODUCT, "later", 2, None)), promises=promises, on=on).winner.plan
        for on in (14, 15)
    ]
    assert found == ["standard", "later"]
    assert chosen(book((Scope.PRODUCT, "later", 2, None)), promises=promises).losers[0].why is Why.NOT_OFFERED


def test_a_plan_whose_calendar_was_withdrawn_loses_too_and_the_named_one_is_refused_with_the_calendar() -> (
    None
):
    promises = shipped(plan(name="a"), plan(name="standard", calendar="24x7"))
    promises.learn(told([CalendarWithdrawn(calendar="office", effective_from=day(1))], "calendar:office"))
    known = book((Scope.PRODUCT, "a", 2, None))
    found = chosen(known, promises=promises)
    assert (found.winner.plan, [lost.why for lost in found.losers]) == ("standard", [Why.CALENDAR_WITHDRAWN])
    with pytest.raises(NotOffered, match="plan a goes by calendar office, which is withdrawn"):
        chosen(known, named="a", promises=promises)


def test_what_the_command_names_is_not_replaced_and_with_nothing_left_the_refusal_tells_all() -> None:
    known = book((Scope.PRODUCT, "a", 2, None))
    with pytest.raises(NotOffered, match="plan x is withdrawn"):
        chosen(known, named="x", promises=without("x"))
    with pytest.raises(UnknownPlan):
        chosen(known, named="no such")
    with pytest.raises(
        NotOffered, match=r"nothing is left .*plan a is withdrawn.*; plan standard is"
    ) as none:
        chosen(known, promises=without("a", "standard"))
    assert none.value.field == "/plan"


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
    ended = unassign(given(written(made)), until=day(6), by=BY)
    known = written(made, ended)
    assert [chosen(known, on=on).winner.plan for on in (5, 6)] == ["a", "standard"]
    with pytest.raises(NotAllowed):
        unassign(given(known), until=day(7), by=BY)


def given(known: Assignments, number: int = 1) -> Assignment:
    """One of them."""
    found = known.one(number)
    assert found
    return found


def test_what_is_told_twice_or_too_early_changes_nothing() -> None:
    facts = told([*assigned("a"), *assigned("b"), PlanUnassigned(assignment=1, until=day(6))], ASSIGNMENTS)
    known = Assignments()
    for some in (facts[1:], facts[:2], facts, facts[1:]):
        known.learn(some)
    assert [(each.plan, each.until) for each in known.all] == [("a", day(6)), ("b", None)]
    assert known.of(Scope.ASSET, "SN-1") == [*known.all]


def assigned(plan: str) -> tuple[Event, ...]:
    """What happens when a plan is assigned to the serial."""
    number = 1 + "ab".index(plan)
    return (PlanAssigned(assignment=number, scope=Scope.ASSET, key="SN-1", plan=plan, effective_from=day(2)),)


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


said = st.tuples(
    st.sampled_from(Scope), st.sampled_from(["a", "b"]), st.integers(2, 15), st.none() | st.integers(16, 20)
)


@for_any(
    st.lists(said, max_size=8), st.none() | st.sampled_from([Level.LINE, Level.CONTRACT]), st.integers(1, 22)
)
def test_every_assignment_is_the_winner_or_says_why_not(
    all_of_them: list[tuple[Scope, str, int, int | None]], contract: Level | None, on: int
) -> None:
    known = book(*all_of_them)
    found = chosen(known, under(contract) if contract else (), on=on)
    named = [lost.assignment for lost in found.losers if lost.assignment]
    named += [found.winner.assignment] if found.winner.assignment else []
    assert sorted(named) == [each.assignment for each in known.all]
    outranked = [lost for lost in found.losers if lost.why is Why.OUTRANKED]
    assert all(RANK[lost.level] > RANK[found.winner.level] for lost in outranked)
