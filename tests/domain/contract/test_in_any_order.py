"""Whatever was recorded, in whatever order, replaying it works and every question has an answer."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.contract.balance import balances
from domain.contract.choice import choose
from domain.contract.cover import entitlement
from domain.contract.state import Contract, replay
from domain.contract.term import period_at
from domain.contract.words import Kind
from tests.domain.contract.invented import KINDS, MIDNIGHT, allowances
from tests.domain.contract.story import (
    CONTRACT,
    PRICE,
    Happening,
    activated,
    amended,
    at,
    consumed,
    contract,
    day,
    drafted,
    expired,
    facts,
    renewed,
    restored,
    signed,
    terminated,
)

spoken = st.integers(-40, 900).map(lambda days: (MIDNIGHT + timedelta(days=days)).isoformat())
dates = st.dates(day("2025-01-01"), day("2028-12-31")).map(str)
serials = st.lists(st.sampled_from(["SN-1", "SN-2", "SN-3"]), max_size=3).map(tuple)
happenings = st.one_of(
    st.builds(drafted, spoken),
    st.builds(signed, spoken),
    st.builds(activated, spoken),
    st.builds(
        amended,
        dates,
        spoken,
        added=serials,
        removed=serials,
        plan=st.none() | st.just("silver"),
        price=st.just(PRICE),
    ),
    st.builds(renewed, dates, spoken, starts_on=dates, allowances=allowances, carries=st.booleans()),
    st.builds(expired, spoken),
    st.builds(terminated, dates, spoken),
    st.builds(consumed, spoken, st.integers(1, 3), st.sampled_from(Kind), st.integers(1, 5), part=st.none()),
    st.builds(restored, spoken, st.integers(1, 3), st.integers(1, 5)),
)


@for_all(st.lists(happenings, max_size=14), spoken, st.sampled_from(KINDS))
def test_no_order_of_events_makes_anything_fail(
    told: list[Happening], when: str, asked: tuple[Kind, str | None]
) -> None:
    kind, part = asked
    made = contract(drafted(), *told)
    assert made.id == CONTRACT
    answer = entitlement(made, "SN-1", kind, 1, at(when), part=part)
    assert answer.covered == (answer.why is None)
    assert len(balances(made, at(when))) >= 3 or period_at(made, at(when)) is None
    choice = choose([made], asset="SN-1", customer=None, moment=at(when))
    assert (choice.winner is None) == bool(choice.losers)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=Contract) == made


@for_all(st.lists(happenings, max_size=10), st.integers(0, 11))
def test_replaying_in_two_steps_is_replaying_in_one(told: list[Happening], split: int) -> None:
    recorded = facts(drafted(), *told)
    assert replay(recorded[split:], replay(recorded[:split])) == replay(recorded)


@for_all(happenings)
def test_an_event_reads_back_from_its_bytes(happening: Happening) -> None:
    event, _ = happening
    assert msgspec.json.decode(msgspec.json.encode(event), type=type(event)) == event


def test_nothing_is_a_contract_before_its_draft() -> None:
    assert replay(facts(signed(), activated(), consumed())) is None
