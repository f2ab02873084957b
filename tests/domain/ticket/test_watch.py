"""What is noted of a ticket's deadlines: given what happened and when somebody looked (SLA 12)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from domain.event import Told
from domain.ticket.events import TicketRegistered
from domain.ticket.watch import next_note
from tests.domain.story import (
    PROMISES,
    at,
    cancelled,
    contacted,
    held,
    hours,
    prioritised,
    registered,
    reopened,
    resolved,
    resumed,
)
from tests.domain.ticket.watching import Step, Watched, look, watched

# P1: first response in 1 h, resolve in 8 h; P2: 4 h and 24 h. Warnings at 50, 75 and 90 %.
ANSWERED = (registered("09:00", priority="P1"), contacted("09:10"))
WARNED = ["resolve 50% mon 13:00", "resolve 75% mon 15:00", "resolve 90% mon 16:12"]

ROWS: dict[str, tuple[tuple[Step, ...], list[str]]] = {
    "nothing before its time": ((registered("09:00"), look("10:59:59")), []),
    "a threshold in its moment": ((registered("09:00"), look("11:00")), ["first_response 50% mon 11:00"]),
    "the deadline itself is in time": ((*ANSWERED, look("17:00")), WARNED),
    "the second after it is not": ((*ANSWERED, look("17:00:01")), [*WARNED, "resolve late mon 17:00"]),
    "whoever looks days later notes the same": (
        (*ANSWERED, look("thu 09:00")),
        [*WARNED, "resolve late mon 17:00"],
    ),
    "whoever looks twice notes nothing more": (
        (*ANSWERED, look("15:00"), look("15:00"), look("15:30")),
        WARNED[:2],
    ),
    "what was passed before it stopped, and nothing else": (
        (*ANSWERED, resolved("15:00"), look("thu 09:00")),
        WARNED[:2],
    ),
    "what stopped late was late": (
        (*ANSWERED, resolved("18:00"), look("thu 09:00")),
        [*WARNED, "resolve late mon 17:00"],
    ),
    "a paused clock passes nothing": ((*ANSWERED, held("12:00", "access_refused"), look("thu 09:00")), []),
    "a wait puts off what comes after it": (
        (*ANSWERED, held("14:00", "access_refused"), resumed("16:00"), look("17:30")),
        ["resolve 50% mon 13:00", "resolve 75% mon 17:00"],
    ),
    "a threshold passed before a wait is not passed again": (
        (*ANSWERED, look("13:00"), held("14:00", "access_refused"), resumed("16:00"), look("16:30")),
        WARNED[:1],
    ),
    "a wait that is ours puts off nothing": (
        (*ANSWERED, held("09:30", "waiting_for_part"), look("13:00")),
        WARNED[:1],
    ),
    "a later deadline is warned of again": (
        (*ANSWERED, look("15:00"), prioritised("16:00", "P2"), look("tue 09:00")),
        [*WARNED[:2], "resolve 50% mon 21:00", "resolve 75% tue 03:00", "resolve 90% tue 06:36"],
    ),
    "late at once by another target": (
        (registered("09:00"), contacted("09:10"), prioritised("18:00", "P1"), look("18:00")),
        ["resolve reclassified mon 18:00"],
    ),
    "a downgrade erases no miss": (
        (*ANSWERED, look("17:01"), prioritised("17:30", "P2"), look("18:00")),
        [*WARNED, "resolve late mon 17:00"],
    ),
    "nothing of a cancelled ticket": ((*ANSWERED, cancelled("18:00"), look("18:01")), []),
    "a miss of a ticket cancelled since is none": (
        (*ANSWERED, look("17:01"), cancelled("18:00"), look("18:01")),
        [*WARNED, "resolve late mon 17:00", "resolve corrected by ticket.cancelled 7 of 6"],
    ),
    "a new cycle is warned of by itself": (
        (*ANSWERED, resolved("10:00"), reopened("20:00"), look("tue 00:00")),
        ["resolve#2 50% tue 00:00"],
    ),
    "an answer recorded late shows that there was no miss": (
        (registered("09:00", priority="P1"), look("10:01"), contacted("09:20"), look("10:02")),
        [
            "first_response 50% mon 09:30",
            "first_response 75% mon 09:45",
            "first_response 90% mon 09:54",
            "first_response late mon 10:00",
            "first_response corrected by ticket.contacted 6 of 5",
        ],
    ),
    "an answer that is late all the same corrects nothing": (
        (*ANSWERED, look("17:01"), resolved("17:00:01"), look("18:00")),
        [*WARNED, "resolve late mon 17:00"],
    ),
    "a wait that was shorter than thought makes it late, then": (
        (*ANSWERED, held("10:00", "access_refused"), look("20:00"), resumed("11:00"), look("20:01")),
        [
            "resolve 50% mon 14:00",
            "resolve 75% mon 16:00",
            "resolve 90% mon 17:12",
            "resolve late mon 18:00",
        ],
    ),
    "a wait recorded late moves the deadline: that miss is none, and another is one": (
        (*ANSWERED, look("17:01"), held("16:30", "access_refused"), resumed("17:00"), look("17:31")),
        [
            *WARNED,
            "resolve late mon 17:00",
            "resolve corrected by ticket.held 7 of 6",
            "resolve late mon 17:30",
        ],
    ),
    "a wait recorded late before a threshold: it is passed anew": (
        (*ANSWERED, look("13:00"), held("12:00", "access_refused"), resumed("12:30"), look("13:30")),
        [WARNED[0], "resolve 50% mon 13:30"],
    ),
    "late by reclassification, until a fact recorded late shows that its time ran out": (
        (
            registered("09:00"),
            contacted("09:10"),
            prioritised("18:00", "P1"),
            look("18:01"),
            prioritised("12:00", "P1"),
            look("18:02"),
        ),
        [
            "resolve reclassified mon 18:00",
            "resolve corrected by ticket.prioritised 5 of 4 to late mon 17:00",
            *WARNED,
        ],
    ),
    "run out, until a fact recorded late shows that only another target made it late": (
        (*ANSWERED, look("17:01"), prioritised("09:20", "P2"), prioritised("18:00", "P1"), look("18:01")),
        [
            *WARNED,
            "resolve late mon 17:00",
            "resolve corrected by ticket.prioritised 7 of 6 to reclassified mon 18:00",
        ],
    ),
    "late by reclassification, and earlier than was thought": (
        (
            registered("09:00"),
            contacted("09:10"),
            prioritised("19:00", "P1"),
            look("19:01"),
            prioritised("18:00", "P1"),
            look("19:02"),
        ),
        [
            "resolve reclassified mon 19:00",
            "resolve corrected by ticket.prioritised 5 of 4 to reclassified mon 18:00",
        ],
    ),
    "a miss that was none and is one after all is noted again": (
        (
            *ANSWERED,
            look("17:01"),
            held("16:30", "access_refused"),
            look("17:02"),
            resumed("16:30"),
            look("17:03"),
        ),
        [
            *WARNED,
            "resolve late mon 17:00",
            "resolve corrected by ticket.held 7 of 6",
            "resolve late mon 17:00",
        ],
    ),
    "only working time counts": (
        (registered("16:00", priority="P1", plan="office"), look("tue 08:59"), look("tue 09:00:01")),
        [
            "first_response 50% mon 16:30",
            "first_response 75% mon 16:45",
            "first_response 90% mon 16:54",
            "first_response late mon 17:00",
        ],
    ),
    "nothing was promised": ((registered("09:00", priority="P4"), look("thu 09:00")), []),
}


@pytest.mark.parametrize(("steps", "noted"), ROWS.values(), ids=ROWS)
def test_what_happened_and_when_somebody_looked_say_what_is_noted(
    steps: tuple[Step, ...], noted: list[str]
) -> None:
    assert [said for said in watched(*steps).noted if "first_response" in said or "resolve" in said] == noted


def test_a_note_says_what_was_promised_and_when_it_was_noticed() -> None:
    story = watched(*ANSWERED, look("18:00"))
    warned, *_, missed = (fact for fact in story.facts if fact.event.IS_NOTE)
    assert warned.event.pin == missed.event.pin == PROMISES.pin("always", at("09:00"))  # type: ignore[attr-defined]
    assert (missed.event.due_at, missed.event.detected_at) == (at("17:00"), at("18:00"))  # type: ignore[attr-defined]
    assert (missed.event.target, missed.event.elapsed) == (hours(8), hours(9))  # type: ignore[attr-defined]
    assert {fact.act.actor for fact in (warned, missed)} == {"system:timer"}


def test_notes_touch_neither_clocks_nor_who_was_in_touch() -> None:
    plain, noted = watched(*ANSWERED), watched(*ANSWERED, look("thu 09:00"))
    assert noted.clocks == plain.clocks
    assert replace(noted.ticket, noted=()) == plain.ticket


def test_where_the_calendar_has_a_gap_nothing_is_guessed() -> None:
    story = watched(registered("09:00", plan="office"))
    reported = story.facts[0]
    late = replace(reported.act, occurred_at=reported.act.occurred_at.replace(year=2027))
    gap = watched(lambda watched: watched.record(Told(reported.event, late)))
    assert gap.look(late.occurred_at.replace(month=9)) == []
    assert next_note(gap.ticket, gap.clocks, PROMISES, None) is None


def test_of_an_imported_ticket_only_what_comes_after_the_import_is_noted() -> None:
    story = Watched()
    event, act = registered("09:00", priority="P1")
    assert isinstance(event, TicketRegistered)
    story.record(Told(replace(event, source="crm/77"), act))
    story.facts[0] = replace(story.facts[0], recorded_at=at("14:00"))
    story.look(at("16:00"))
    assert story.noted == ["resolve 75% mon 15:00"]
