"""The invented year is believable, complete in both languages, and the same for the same seed."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from application.demo.chronicle import History, chronicle
from application.demo.diary import Step
from application.demo.firm import FOLDER, faults, firm
from application.demo.telling import lanes
from application.demo.watching import NoteDeadline
from application.demo.year import ZONE
from application.plans import shipped_promises
from application.ticket_commands.course import CancelTicket, RejectTicket, ReopenTicket, ResolveTicket
from application.ticket_commands.intake import RegisterTicket
from application.ticket_commands.pairing import MergeTicket
from domain.ticket.words import Priority

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
CHINESE = re.compile("[一-鿿]")


def year(tickets: int = 2000, seed: int = 0, now: datetime = NOW) -> list[Step]:
    return chronicle(History(tickets=tickets, seed=seed, now=now), shipped_promises())


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    return year()


@pytest.fixture(scope="module")
def registered(steps: list[Step]) -> list[RegisterTicket]:
    return [step.command for step in steps if isinstance(step.command, RegisterTicket)]


def test_the_same_seed_tells_the_same_year() -> None:
    assert year(200, seed=7) == year(200, seed=7)
    assert year(200, seed=7) != year(200, seed=8)


def test_two_thousand_tickets_over_twelve_months(registered: list[RegisterTicket]) -> None:
    assert len(registered) == 2000
    months = Counter(
        f"{command.occurred_at.astimezone(ZONE):%Y-%m}" for command in registered if command.occurred_at
    )
    assert len(months) == 13  # the first and the last are parts of one
    assert months["2026-01"] > 2 * months["2026-05"]


def test_numbers_rise_with_time(steps: list[Step]) -> None:
    order = [step for step in steps if isinstance(step.command, RegisterTicket)]
    assert [step.ticket for step in order] == list(range(2000))
    times = [step.at for step in order]
    assert times == sorted(times)


def test_nothing_happens_after_its_end_or_twice_at_once(steps: list[Step]) -> None:
    times: dict[object, list[datetime]] = {}
    for step in steps:
        if isinstance(step.command, NoteDeadline):
            continue
        assert step.at == (step.command.occurred_at or NOW)
        for lane in lanes(step)[:2]:
            times.setdefault(lane, []).append(step.at)
    times.pop("front desk")
    for each in times.values():
        assert each == sorted(set(each))
        assert each[-1] <= NOW


def test_every_late_record_has_its_reason(steps: list[Step]) -> None:
    assert all(step.command.reason for step in steps if not isinstance(step.command, NoteDeadline))


def test_most_are_closed_and_some_are_not(steps: list[Step]) -> None:
    ends = {step.ticket for step in steps if isinstance(step.command, ResolveTicket | CancelTicket)}
    again = Counter(type(step.command) for step in steps)
    assert 150 <= 2000 - len(ends) <= 250
    assert again[RejectTicket] > 20
    assert again[ReopenTicket] > 20
    assert sum(step.duplicate_of is not None for step in steps) > 20


def test_a_duplicate_names_an_earlier_ticket_of_the_same_asset(steps: list[Step]) -> None:
    asset = {step.ticket: step.command.asset for step in steps if isinstance(step.command, RegisterTicket)}
    for step in steps:
        if step.duplicate_of is not None and isinstance(step.command, CancelTicket | MergeTicket):
            assert step.ticket is not None
            assert step.duplicate_of < step.ticket
            assert asset[step.duplicate_of] == asset[step.ticket]


def test_regions_languages_and_priorities(
    registered: list[RegisterTicket],
) -> None:
    english = [command for command in registered if not CHINESE.search(command.subject)]
    assert 0.15 < len(english) / len(registered) < 0.5
    assert all(not CHINESE.search(f"{command.description}{command.category}") for command in english)
    assert {command.priority for command in registered} == set(Priority)
    regions = {customer.name: customer.team for customer in firm().customers}
    assert set(Counter(regions[str(command.customer)] for command in registered)) == {
        "east-field",
        "south-field",
        "southwest-field",
    }


def test_no_blank_is_left_in_a_text(registered: list[RegisterTicket]) -> None:
    assert not [command.subject for command in registered if "{" in command.subject]


def test_frost_strikes_in_winter_and_not_in_the_south() -> None:
    (frost,) = [fault for fault in faults() if fault.code == "E05"]
    north, south = (
        next(each for each in firm().customers if each.team == team) for team in ("east-field", "south-field")
    )
    product = firm().products[0]
    assert frost.strikes(north, product, 1)
    assert not frost.strikes(north, product, 7)
    assert not frost.strikes(south, product, 1)


def test_every_fault_strikes_somebody() -> None:
    for fault in faults():
        assert any(
            fault.strikes(customer, product, month)
            for customer in firm().customers
            for product in firm().products
            if customer.kind in product.kinds
            for month in range(1, 13)
        )


def test_every_phrase_is_in_both_languages() -> None:
    written = msgspec.toml.decode((FOLDER / "phrases.toml").read_bytes())
    nested = ("late", "stock", "today", "inquiry")
    tables = [
        *(table for key, table in written.items() if key not in nested),
        *(table for key in nested for table in written[key].values()),
    ]
    assert len(tables) > 25
    assert all(set(table) == {"zh", "en"} and all(table["zh"]) and all(table["en"]) for table in tables)


def test_a_year_for_which_no_holidays_are_known() -> None:
    beyond = NOW + timedelta(days=3650)
    assert all(step.at <= beyond for step in year(100, now=beyond))
