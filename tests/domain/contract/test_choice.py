"""SLA 13: which contract a ticket falls under, and why the others lost."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.contract.choice import Choice, choose
from domain.contract.state import Contract
from domain.contract.words import Level, Scope, Why
from tests.domain.contract.story import (
    activated,
    active,
    amended,
    at,
    contract,
    contract_id,
    day,
    drafted,
    expired,
    renewed,
    signed,
    terminated,
)


def numbers(choice: Choice) -> tuple[int | None, dict[int, Why]]:
    """The winner and the losers, by the number of their ids."""
    base = contract_id(0).int
    winner = choice.winner.contract.int - base if choice.winner else None
    return winner, {loser.contract.int - base: loser.why for loser in choice.losers}


def chosen(
    *contracts: Contract, asset: str | None = "SN-1", customer: str | None = "海盛", when: str = "2026-05-01"
) -> tuple[int | None, dict[int, Why]]:
    return numbers(choose(contracts, asset=asset, customer=customer, moment=at(when)))


def test_two_contracts_overlap_for_one_serial_and_the_later_wins() -> None:
    choice = choose(
        [active(1), active(2, plan="silver", starts_on=day("2026-03-01"))],
        asset="SN-1",
        customer="海盛",
        moment=at("2026-05-01"),
    )
    assert msgspec.to_builtins(choice) == {
        "winner": {
            "number": "C-2026-000002",
            "contract": str(contract_id(2)),
            "level": "line",
            "plan": "silver",
        },
        "losers": ({"number": "C-2026-000001", "contract": str(contract_id(1)), "why": "older"},),
    }
    assert msgspec.json.decode(msgspec.json.encode(choice), type=Choice) == choice


@pytest.mark.parametrize(
    ("reported", "winner", "losers"),
    [
        ("2026-12-31 15:59Z", 1, {2: Why.NOT_YET}),
        ("2026-12-31 15:59:59.999999Z", 1, {2: Why.NOT_YET}),
        ("2026-12-31 16:00Z", 2, {1: Why.NO_LONGER}),
    ],
)
def test_one_ends_at_midnight_in_shanghai_and_the_other_begins(
    reported: str, winner: int, losers: dict[int, Why]
) -> None:
    following = active(2, starts_on=day("2027-01-01"), ends_on=day("2027-12-31"))
    assert chosen(active(1), following, when=reported) == (winner, losers)


def test_a_ticket_reported_before_the_end_finds_the_contract_though_it_is_recorded_after() -> None:
    ended = contract(drafted(), signed(), activated(), expired("2027-01-01 00:00"), stream=contract_id(1))
    assert chosen(ended, when="2026-12-31 23:59") == (1, {})
    assert chosen(ended, when="2027-01-01 00:00") == (None, {1: Why.NO_LONGER})


FOR_ALL = {"scope": Scope.CUSTOMER, "plan": "basic"}


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"number": "C-2026-000003"}, Why.HIGHER_NUMBER),
        ({"number": "C-2026-000002"}, Why.HIGHER_NUMBER),
        ({"number": "C-2025-0000009"}, Why.HIGHER_NUMBER),  # longer
        ({"starts_on": day("2025-12-31")}, Why.OLDER),
        ({"starts_on": day("2026-04-01"), **FOR_ALL}, Why.LESS_SPECIFIC),
        ({"assets": ("SN-8",)}, Why.ASSET_NOT_COVERED),
        ({"customer": "远洋"}, Why.OTHER_CUSTOMER),
        ({"starts_on": day("2026-05-02")}, Why.NOT_YET),
        ({"ends_on": day("2026-04-30")}, Why.NO_LONGER),
    ],
)
def test_why_a_contract_loses(other: dict[str, Any], why: Why) -> None:
    assert chosen(active(2), active(3, **other)) == (2, {3: why})


def test_contracts_that_do_not_count_lose() -> None:
    draft = contract(drafted(), stream=contract_id(1))
    ended = contract(drafted(), signed(), activated(), terminated("2026-05-01"), stream=contract_id(2))
    left = contract(
        drafted(), signed(), activated(), amended("2026-05-01", removed=("SN-1",)), stream=contract_id(3)
    )
    expected = {1: Why.NOT_ACTIVATED, 2: Why.TERMINATED, 3: Why.ASSET_NOT_COVERED}
    assert chosen(draft, ended, left) == (None, expected)


def test_a_renewal_is_the_later_agreement() -> None:
    renewed_one = contract(drafted(), signed(), activated(), renewed(), stream=contract_id(1))
    between = active(2, starts_on=day("2026-07-01"), ends_on=day("2027-06-30"))
    assert chosen(renewed_one, between, when="2026-08-01") == (2, {1: Why.OLDER})
    assert chosen(renewed_one, between, when="2027-02-01") == (1, {2: Why.OLDER})


@pytest.mark.parametrize(
    ("asset", "customer", "expected"),
    [
        ("SN-1", "海盛", (1, {2: Why.LESS_SPECIFIC})),
        ("SN-1", None, (1, {2: Why.OTHER_CUSTOMER})),
        ("SN-9", "海盛", (2, {1: Why.ASSET_NOT_COVERED})),
        (None, "海盛", (2, {1: Why.ASSET_UNKNOWN})),
        (None, None, (None, {1: Why.ASSET_UNKNOWN, 2: Why.OTHER_CUSTOMER})),
        ("SN-1", "远洋", (None, {1: Why.OTHER_CUSTOMER, 2: Why.OTHER_CUSTOMER})),
    ],
)
def test_what_the_ticket_knows_decides_the_level(
    asset: str | None, customer: str | None, expected: tuple[int | None, dict[int, Why]]
) -> None:
    assert chosen(active(1), active(2, **FOR_ALL), asset=asset, customer=customer) == expected


def test_the_level_and_the_plan_of_the_moment_are_told() -> None:
    usual = contract(drafted(), signed(), activated(), amended("2026-04-01", plan="silver"))
    winner = choose([usual], asset="SN-1", customer=None, moment=at("2026-03-31 23:59")).winner
    assert winner is not None
    assert (winner.level, winner.plan) == (Level.LINE, "gold")
    wide = choose([active(**FOR_ALL)], asset="SN-1", customer="海盛", moment=at("2026-05-01")).winner
    assert wide is not None
    assert (wide.level, wide.plan) == (Level.CONTRACT, "basic")


def test_the_levels_are_in_the_order_of_the_rule() -> None:
    assert list(Level) == ["named", "asset", "line", "contract", "product", "customer_class", "default"]


def test_without_contracts_nobody_wins_or_loses() -> None:
    assert choose([], asset="SN-1", customer="海盛", moment=at("2026-05-01")) == Choice()


def test_a_contract_found_twice_counts_once() -> None:
    assert chosen(active(1), active(2), active(1)) == (1, {2: Why.HIGHER_NUMBER})


days = st.dates(day("2025-11-01"), day("2026-06-30"))


@st.composite
def books(draw: st.DrawFn) -> list[Contract]:
    """Contracts that have much in common, numbers included."""
    book: list[Contract] = []
    for number in range(draw(st.integers(1, 6))):
        starts_on = draw(st.sampled_from([day("2026-01-01"), day("2026-03-01")]) | days)
        shared = draw(st.sampled_from([f"C-{number}", "C-7"]))
        scope = draw(st.sampled_from(Scope))
        zone = draw(st.sampled_from(["Asia/Shanghai", "America/New_York"]))
        customer = draw(st.sampled_from(["海盛", "海盛", "远洋"]))
        book.append(
            active(number, number=shared, starts_on=starts_on, scope=scope, zone=zone, customer=customer)
        )
    return book


@for_all(books(), st.data(), st.sampled_from(["SN-1", "SN-9", None]), st.sampled_from(["海盛", None]))
def test_the_order_in_which_contracts_are_given_does_not_matter(
    book: list[Contract], data: st.DataObject, asset: str | None, customer: str | None
) -> None:
    moment = at("2026-05-01")
    choice = choose(book, asset=asset, customer=customer, moment=moment)
    assert choose(data.draw(st.permutations(book)), asset=asset, customer=customer, moment=moment) == choice
    told = [loser.contract for loser in choice.losers] + ([choice.winner.contract] if choice.winner else [])
    assert sorted(told) == sorted(each.id for each in book)


@for_all(books(), st.sampled_from(["SN-1", "SN-9", None]))
def test_taking_a_loser_away_changes_nothing_else(book: list[Contract], asset: str | None) -> None:
    moment = at("2026-05-01")
    choice = choose(book, asset=asset, customer="海盛", moment=moment)
    for gone in choice.losers:
        rest = choose(
            [each for each in book if each.id != gone.contract], asset=asset, customer="海盛", moment=moment
        )
        assert rest.winner == choice.winner
        assert rest.losers == tuple(loser for loser in choice.losers if loser != gone)
