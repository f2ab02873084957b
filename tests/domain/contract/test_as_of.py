"""The answer about a moment is the one that was given at that moment."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.contract import decisions, uses
from domain.contract.choice import choose
from domain.contract.cover import entitlement
from domain.contract.state import Contract, replay
from domain.contract.term import day_of
from domain.contract.words import Kind
from domain.errors import DomainError
from domain.event import Act, Event, Fact
from tests.domain.contract.invented import KINDS, MIDNIGHT, acting, allowances
from tests.domain.contract.story import (
    ACTIVE,
    TICKET,
    TICKET_NUMBER,
    Happening,
    at,
    contract,
    entry,
    facts,
)


def next_thing(draw: st.DrawFn, made: Contract, number: int, by: Act) -> tuple[Event, ...]:
    """Ask for something that counts from tomorrow on at the earliest."""
    later = day_of(made, by.occurred_at) + timedelta(days=draw(st.integers(1, 40)))
    match draw(st.sampled_from(["use", "use", "use", "give back", "amend", "renew", "expire", "terminate"])):
        case "use":
            kind, part = draw(st.sampled_from(KINDS))
            return uses.consume(
                made,
                entry=entry(number),
                ticket=TICKET,
                ticket_number=TICKET_NUMBER,
                kind=kind,
                amount=1,
                part=part,
                asset="SN-2",
                by=by,
            )
        case "give back":
            return uses.restore(made, entry=entry(draw(st.integers(1, number))), amount=1, by=by)
        case "amend":
            plan, asset = draw(st.sampled_from(["silver", "bronze"])), draw(st.booleans())
            added, removed = (["SN-1"], []) if asset else ([], ["SN-1"])
            return decisions.amend(made, effective_on=later, plan=plan, added=added, removed=removed, by=by)
        case "renew":
            starts_on = max(made.ends_on + timedelta(days=1), later)
            return decisions.renew(
                made,
                starts_on=starts_on,
                ends_on=starts_on + timedelta(days=90),
                allowances=draw(allowances),
                carries=draw(st.booleans()),
                by=by,
            )
        case "expire":
            return decisions.expire(made, by=by)
        case _:
            return decisions.terminate(made, effective_on=later, by=by)


@st.composite
def chronicles(draw: st.DrawFn) -> tuple[Fact, ...]:
    """An active contract's life in which nothing counts from before it was recorded."""
    told: list[Happening] = list(ACTIVE)
    moment = MIDNIGHT - timedelta(days=10)
    for number in range(1, draw(st.integers(1, 15)) + 1):
        moment += timedelta(hours=draw(st.integers(1, 1500)))
        with suppress(DomainError):
            [event] = next_thing(draw, contract(*told), number, acting(moment))
            told.append((event, acting(moment)))
    return facts(*told)


@for_all(chronicles(), st.sampled_from(KINDS), st.sampled_from(["SN-1", "SN-2", "SN-3"]), st.integers(1, 4))
def test_the_answer_about_a_moment_is_what_was_answered_at_that_moment(
    recorded: tuple[Fact, ...], asked: tuple[Kind, str | None], asset: str, amount: int
) -> None:
    whole = replay(recorded)
    assert whole is not None
    kind, part = asked
    for place, fact in enumerate(recorded[2:], 3):
        after = recorded[place].act.occurred_at if place < len(recorded) else at("2029-01-01")
        for moment in (fact.act.occurred_at, after - timedelta(microseconds=1)):
            then = replay(recorded[:place])
            assert then is not None
            assert entitlement(whole, asset, kind, amount, moment, part=part) == entitlement(
                then, asset, kind, amount, moment, part=part
            )
            assert choose([whole], asset=asset, customer=None, moment=moment) == choose(
                [then], asset=asset, customer=None, moment=moment
            )
