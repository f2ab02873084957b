"""A case across all its streams: in one order, with both times, and what each event is about."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from application.database.connect import Database
from application.plans import shipped_promises
from domain.catalogue import EVENT_TYPES
from domain.event import Act, Event, Fact
from domain.part.events import PartCatalogued, PartIssued, PartName
from domain.part.goods import Goods
from domain.ticket.events import TicketRemarked
from projections.travel import history as travel
from projections.travel.history import SubjectKind, TimelineEntry
from tests.domain.contract.story import activated, consumed, contract_id, drafted, facts, signed
from tests.projections.histories import Story, answer, at, record
from tests.projections.views import ZONE, ask

TICKET = Story(1)
PART = UUID(int=5)
CONTRACT = contract_id(12)

TOLD: dict[str, Any] = {"promises": shipped_promises(), "zone": ZoneInfo(ZONE)}
"""What its texts are told with."""


def of_part(version: int, event: Event, case: UUID, hours: float = 1) -> Fact:
    """Something that happened to the part."""
    act = Act(actor="storekeeper:sun", occurred_at=at(hours))
    return Fact(stream_id=PART, version=version, event=event, act=act, correlation_id=case)


def case() -> list[Fact]:
    """A ticket for which a part was issued and a visit used, and what was there before it."""
    contract = facts(drafted(), signed(), activated(), consumed(), stream=CONTRACT)
    use = Fact(
        stream_id=CONTRACT,
        version=4,
        event=contract[3].event,
        act=Act(actor="system:entitlements", occurred_at=at(2)),
        correlation_id=TICKET.id,
    )
    catalogued = PartCatalogued(number="HE-200", revision="A", name=PartName("加热管", "Element"), unit="pc")
    issued = PartIssued(
        number="HE-200",
        goods=Goods(1),
        for_ticket=TICKET.id,
        ticket_number=TICKET.ticket.number,
        location="MAIN",
    )
    ticket = answer(Story(1), 3).facts
    return [
        *contract[:3],
        of_part(1, catalogued, PART),
        ticket[0],
        of_part(2, issued, TICKET.id, hours=4),
        use,
        ticket[1],
    ]


def history(url: str, case_id: UUID) -> tuple[TimelineEntry, ...]:
    """What happened to a case."""
    return ask(url, lambda conn: travel.history(conn, case_id, **TOLD)).items


def test_every_entry_says_what_it_happened_to(database: Database) -> None:
    record(database.service_url, case())
    entries = history(database.service_url, TICKET.id)
    assert [(entry.type, entry.subject.kind, entry.subject.number) for entry in entries] == [
        ("ticket.registered", SubjectKind.TICKET, "T-2026-000001"),
        ("part.issued", SubjectKind.PART, "HE-200"),
        ("contract.entitlement_consumed", SubjectKind.CONTRACT, "C-2026-000012"),
        ("ticket.contacted", SubjectKind.TICKET, "T-2026-000001"),
    ]
    assert [entry.stream_id for entry in entries] == [TICKET.id, PART, CONTRACT, TICKET.id]


def test_the_order_is_that_of_recording_and_both_times_are_told(database: Database) -> None:
    record(database.service_url, case())
    entries = history(database.service_url, TICKET.id)
    assert [entry.position for entry in entries] == [5, 6, 7, 8]
    assert [entry.occurred_at for entry in entries] == [at(0), at(4), at(2), at(3)]
    recorded = [entry.recorded_at for entry in entries]
    assert recorded == sorted(recorded)


def test_events_without_a_number_are_about_what_was_drafted(database: Database) -> None:
    record(database.service_url, case())
    entries = history(database.service_url, CONTRACT)
    assert [(entry.type, entry.subject.number) for entry in entries] == [
        ("contract.drafted", "C-2026-000012"),
        ("contract.signed", "C-2026-000012"),
        ("contract.activated", "C-2026-000012"),
    ]


def test_what_never_got_a_number_has_none(database: Database) -> None:
    record(database.service_url, [*TICKET.facts, of_part(1, TicketRemarked(text="到达现场"), TICKET.id)])
    assert [entry.subject.number for entry in history(database.service_url, TICKET.id)] == [
        "T-2026-000001",
        None,
    ]


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_event_is_about_something(name: str) -> None:
    assert SubjectKind(name.partition(".")[0]) is not SubjectKind.OTHER
