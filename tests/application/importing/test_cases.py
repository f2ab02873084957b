"""A case of the source told as a ticket."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.importing.cases import IMPORTER, Step, translate
from application.importing.rows import Row
from domain.event import type_name
from domain.ticket.events import (
    TicketAssigned,
    TicketEscalated,
    TicketHeld,
    TicketPrioritised,
    TicketRegistered,
    TicketRemarked,
    TicketResumed,
)
from domain.ticket.words import HoldReason, Tier
from tests.application.importing.written import DESK, PIN, TICKET, mapping, sorted_out, told


def outline(steps: tuple[Step, ...]) -> list[str]:
    """The types of the facts; those the import told itself in brackets."""
    names = [(type_name(step.event).removeprefix("ticket."), step.kind) for step in steps]
    return [f"[{name}]" if kind == "derived" else name for name, kind in names]


def test_a_plain_life():
    steps = told(
        "2025-01-01 09:00:01 | Open | Ann | Front | high | ACME | 1",
        "2025-01-01 10:00:02 | Take | Bo  | Front | high | ACME | 1",
        "2025-01-02 11:00:03 | Solve | Bo | Front | high | ACME | 1",
        "2025-01-09 12:00:04 | Close | Cy | Front | high | ACME | 1",
    )
    assert outline(steps) == ["registered", "[assigned]", "assigned", "resolved", "closed"]
    first = steps[0]
    assert isinstance(first.event, TicketRegistered)
    assert (first.event.subject, first.event.source) == ("desk C1", "desk/C1")
    assert (first.event.priority, first.event.customer) == ("P1", "ACME")
    assert first.event.attributes == {"Level": "1"}
    assert first.act.actor == "desk:Ann"
    assert first.act.reason == "Open"
    assert first.act.occurred_at.isoformat() == "2025-01-01T08:00:01+00:00"
    assert steps[1].act.actor == IMPORTER
    assert steps[1].act.reason == "team changed with: Open"
    assert steps[2].event == TicketAssigned(team="Front", person="Bo")


def test_a_registration_is_added_where_no_row_speaks_of_one():
    steps = told("2025-01-01 09:00 | Take | Bo | Front", "2025-01-01 10:00 | Open | Ann | Front")
    assert outline(steps) == ["[registered]", "assigned", "remarked"]
    assert (steps[0].act.actor, steps[0].act.reason) == (IMPORTER, "imported")
    assert (steps[2].kind, steps[2].state) == ("refused", "assigned")


def test_the_first_command_that_the_state_allows_is_taken():
    steps = told("2025-01-01 09:00 | Severity | Ann | | low", "2025-01-01 10:00 | Severity | Ann | | high")
    assert outline(steps) == ["registered", "prioritised"]
    assert steps[1].event == TicketPrioritised(priority="P1")  # type: ignore[arg-type]


def test_an_unknown_activity_stays_a_remark_with_all_its_values():
    steps = told("2025-01-01 09:00 | Open", "2025-01-01 10:00 | Tea | Bo | | | | 7")
    remark = steps[-1].event
    assert isinstance(remark, TicketRemarked)
    assert (remark.kind, remark.activity) == ("unmapped", "Tea")
    assert remark.values == {
        "Case": "C1",
        "When": "2025-01-01 10:00",
        "What": "Tea",
        "Who": "Bo",
        "Level": "7",
    }
    assert steps[-1].act.actor == "desk:Bo"


def test_what_the_state_refuses_stays_a_remark_that_says_why():
    steps = told("2025-01-01 09:00 | Open", "2025-01-01 10:00 | Close | Bo")
    remark = steps[-1].event
    assert isinstance(remark, TicketRemarked)
    assert (remark.kind, remark.activity) == ("refused", "Close")
    assert "is new, so it does not allow close" in remark.text
    assert steps[-1].state == "new"


def test_an_implied_command_comes_first_where_the_state_calls_for_it():
    steps = told(
        "2025-01-01 09:00 | Open | | Front",
        "2025-01-01 10:00 | Wait | Bo | Front",
        "2025-01-01 11:00 | Take | Bo | Front",
        "2025-01-01 12:00 | Take | Bo | Front",
    )
    assert outline(steps) == ["registered", "[assigned]", "held", "[resumed]", "assigned", "assigned"]
    assert steps[3].event == TicketResumed()
    assert steps[3].act.reason == "with: Take"


def test_an_implied_command_is_not_told_when_the_activity_itself_is_refused():
    toml = DESK.replace('do = "close"', 'do = "close"\nimplies = ["resume"]')
    steps = told("2025-01-01 09:00 | Open", "2025-01-01 10:00 | Wait", "2025-01-01 11:00 | Close", toml=toml)
    assert outline(steps) == ["registered", "held", "remarked"]


def test_a_consequence_of_a_decision_is_told_apart_from_its_source_event():
    steps = told("2025-01-01 09:00 | Open", "2025-01-01 10:00 | Wait", "2025-01-01 11:00 | Call | Ann")
    assert outline(steps) == ["registered", "held", "contacted", "[resumed]"]


@pytest.mark.parametrize("activity", ["Tea", "Solve", "Wait", "Call"])
def test_a_change_of_team_and_tier_is_kept_whatever_the_activity(activity: str):
    steps = told("2025-01-01 09:00 | Open | | Front", f"2025-01-01 10:00 | {activity} | | Lab 3rd")
    changes = [step for step in steps[2:] if step.kind == "derived"]
    assert [step.event for step in changes] == [
        TicketAssigned(team="Lab 3rd"),
        TicketEscalated(tier=Tier.L3),
    ]
    assert [step.kind for step in steps if step.kind != "derived"][1:] != []


def test_a_team_that_comes_with_its_own_command_is_told_once():
    steps = told("2025-01-01 09:00 | Open | | Front", "2025-01-01 10:00 | Take | Bo | Back")
    assert outline(steps) == ["registered", "[assigned]", "assigned"]
    assert steps[-1].event == TicketAssigned(team="Back", person="Bo")


def test_a_change_of_team_that_is_refused_is_a_remark_and_made_up_for_later():
    steps = told(
        "2025-01-01 09:00 | Open | | Front",
        "2025-01-01 10:00 | Solve | | Front",
        "2025-01-01 11:00 | Tea | | Back",
        "2025-01-01 12:00 | Close | | Back",
        "2025-01-01 13:00 | Take | | Back",
    )
    assert outline(steps) == [
        "registered", "[assigned]", "resolved", "remarked", "[remarked]", "closed", "[reopened]", "assigned",
    ]  # fmt: skip
    refused = steps[4].event
    assert isinstance(refused, TicketRemarked)
    assert (refused.kind, refused.values) == ("refused", {"team": "Back"})
    assert steps[-1].event == TicketAssigned(team="Back")


def test_the_way_back_from_a_team_that_was_refused_is_kept_and_so_is_the_next_way_there():
    steps = told(
        "2025-01-01 09:00 | Open | | Front",
        "2025-01-01 10:00 | Solve | | Front",
        "2025-01-01 11:00 | Tea | | Back",
        "2025-01-01 11:30 | Tea | | Back",
        "2025-01-01 12:00 | Tea | | Front",
        "2025-01-01 13:00 | Tea | | Back",
    )
    moved = [
        step.event for step in steps if step.kind == "derived" and isinstance(step.event, TicketRemarked)
    ]
    assert [(remark.kind, remark.meant) for remark in moved] == [
        ("refused", {"do": "assign", "team": team}) for team in ("Back", "Front", "Back")
    ]


def test_who_takes_a_ticket_back_by_a_step_of_the_source_has_told_the_way_back():
    steps = told(
        "2025-01-01 09:00 | Open | | Front",
        "2025-01-01 10:00 | Solve | | Front",
        "2025-01-01 11:00 | Tea | | Back",
        "2025-01-01 12:00 | Take | | Front",
    )
    assert outline(steps)[-3:] == ["[remarked]", "[reopened]", "assigned"]


def test_a_missing_value_is_no_change():
    steps = told(
        "2025-01-01 09:00 | Open | | Front | high", "2025-01-01 10:00 | Tea", "2025-01-01 11:00 | Call"
    )
    assert outline(steps) == ["registered", "[assigned]", "remarked", "contacted"]


def test_a_change_of_what_is_kept_or_of_a_field_without_a_command_is_a_remark_once():
    steps = told(
        "2025-01-01 09:00 | Open | | | | ACME | 1",
        "2025-01-01 10:00 | Call | | | | Bolt | 2",
        "2025-01-01 11:00 | Call | | | | Bolt | 2",
    )
    assert outline(steps) == ["registered", "contacted", "[remarked]", "contacted"]
    remark = steps[2].event
    assert isinstance(remark, TicketRemarked)
    assert (remark.kind, remark.values) == ("changed", {"Level": "2", "customer": "Bolt"})


def test_keeping_everything_keeps_the_columns_no_field_is_read_from():
    steps = told(
        "2025-01-01 09:00 | Open | Ann | Front | high | ACME | 1", toml=DESK.replace('["Level"]', '["*"]')
    )
    assert isinstance(steps[0].event, TicketRegistered)
    assert steps[0].event.attributes == {"Level": "1"}


def test_a_long_subject_is_shortened_and_kept_whole_in_the_description():
    toml = DESK.replace('team = "Team"', 'team = "Team"\nsubject = "Level"')
    steps = told(f"2025-01-01 09:00 | Open | | | | | {'x' * 400}", toml=toml)
    event = steps[0].event
    assert isinstance(event, TicketRegistered)
    assert event.subject == "x" * 199 + "…"
    assert event.description == "x" * 400


def test_defaults_stand_in_for_missing_values_at_registration():
    toml = DESK + '\n[defaults]\npriority = "P2"\nteam = "Desk"\nperson = "nobody"\nchannel = "email"\n'
    steps = told("2025-01-01 09:00 | Open", "2025-01-01 10:00 | Take", toml=toml)
    event = steps[0].event
    assert isinstance(event, TicketRegistered)
    assert (event.priority, event.channel) == ("P2", "email")
    assert steps[0].act.actor == "desk:nobody"
    assert outline(steps) == ["registered", "[assigned]", "assigned"]
    assert steps[2].event == TicketAssigned(team="Desk")


def test_a_command_without_an_argument_it_needs_stays_a_remark():
    steps = told("2025-01-01 09:00 | Open", "2025-01-01 10:00 | Take | Bo")
    assert outline(steps) == ["registered", "remarked"]
    assert isinstance(steps[1].event, TicketRemarked)
    assert steps[1].event.text == "Take: assign needs team"


ACTIVITIES = ["Open", "Severity", "Take", "Wait", "Call", "To development", "Solve", "Close", "Tea"]
ROWS = st.tuples(
    st.sampled_from(ACTIVITIES),
    st.sampled_from(["", "Ann", "Bo"]),
    st.sampled_from(["", "Front", "Lab 2nd", "Lab 3rd"]),
    st.sampled_from(["", "high", "low"]),
    st.sampled_from(["", "ACME"]),
    st.sampled_from(["", "1", "2"]),
)


@given(st.lists(ROWS, min_size=1, max_size=30), st.integers(0, 59))
def test_every_source_event_becomes_exactly_one_fact(rows: list[tuple[str, ...]], step: int):
    lines = [f"2025-01-01T09:{(n * step) % 60:02d} | {' | '.join(row)}" for n, row in enumerate(rows)]
    steps = told(*lines)
    own = [step for step in steps if step.kind != "derived"]
    assert isinstance(steps[0].event, TicketRegistered)
    assert sum(isinstance(step.event, TicketRegistered) for step in steps) == 1
    assert sorted(step.activity for step in own) == sorted(row[0] for row in rows)
    assert all(step.act.reason == step.activity and step.act.actor.startswith("desk:") for step in own)
    assert all(step.act.actor == IMPORTER for step in steps if step.kind == "derived")
    times = [step.act.occurred_at for step in steps]
    assert times == sorted(times)


STATES = DESK.replace(
    "[values.priority]",
    """wait = "State"
tier = "State"

[values.wait]
"With the customer" = "waiting_for_customer"
"With the supplier" = "waiting_for_supplier"
"*" = "none"

[values.tier]
"In development" = "L3"
"*" = "L1"

[values.priority]""",
)
"""One column of states says who has the case and what it waits for."""


def test_states_of_the_source_are_waits_and_tiers():
    head = ("Case", "When", "What", "Who", "Team", "Severity", "Customer", "Level", "State")
    states = ("Open", "With the customer", "With the supplier", "Open", "In development", "Open")
    rows = [
        dict(
            zip(
                head, ("C1", f"2025-01-01 09:{minute:02}", "Note", "Ann", "A", "", "", "", state), strict=True
            )
        )
        for minute, state in enumerate(states)
    ]
    under = mapping(STATES)
    ((case,), rejects) = sorted_out([Row(line, row) for line, row in enumerate(rows, 2)], under)
    assert rejects == []
    eight = timedelta(hours=8)
    steps = translate(case, under, ticket_id=TICKET, number="T-2025-000001", pin=PIN, review_within=eight)
    assert [type_name(step.event).removeprefix("ticket.") for step in steps if step.command != ""] == [
        *("registered", "assigned"),
        *("held", "resumed", "held", "resumed", "escalated", "handed_back"),
    ]
    holds = [step.event.hold for step in steps if isinstance(step.event, TicketHeld)]
    assert holds == [HoldReason.WAITING_FOR_CUSTOMER, HoldReason.WAITING_FOR_SUPPLIER]
    within = [
        step.event.review_at - step.act.occurred_at for step in steps if isinstance(step.event, TicketHeld)
    ]
    assert within == [eight, eight]
    assert all(step.act.actor == IMPORTER for step in steps if step.kind == "derived")
