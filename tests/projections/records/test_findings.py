"""What a case has of the records that ISO 9001 asks for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain.contract.choice import Choice
from domain.contract.events import EntitlementConsumed
from domain.contract.words import Kind
from domain.part.events import PartInstalled, PartIssued, PartQuarantined, PartReturned, PartScrapped
from domain.part.words import Bucket, Condition, Fate
from domain.ticket.events import (
    QuestionAnswered,
    QuestionRaised,
    ResolutionConfirmed,
    ResolutionRejected,
    TicketAssigned,
    TicketCancelled,
    TicketClassified,
    TicketClosed,
    TicketContacted,
    TicketEscalated,
    TicketHeld,
    TicketPrioritised,
    TicketReopened,
    TicketResolved,
)
from domain.ticket.words import (
    Channel,
    Direction,
    HoldReason,
    Obstacle,
    Party,
    Priority,
    Reaction,
    Tier,
)
from projections.records.findings import ClauseFinding, Finding, State
from tests.projections.histories import at
from tests.projections.records.case import CONTRACT, HEARD, HEATER, SEAL, TICKET, Told, moved, rich_case

PRESENT, MISSING, IDLE = State.PRESENT, State.MISSING, State.NOT_APPLICABLE
RESOLVED = TicketResolved(solution="更换加热管")
CAUSED = TicketResolved(solution="更换传感器", cause="传感器失效")
USE = EntitlementConsumed(
    number="C-2026-000012",
    entry=CONTRACT,
    ticket=TICKET,
    ticket_number="T-2026-000123",
    kind=Kind.VISIT,
    amount=1,
    reported_at=at(0),
)
RAISED = QuestionRaised(
    question=HEATER, reaction=Reaction.COUNT_PART, obstacle=Obstacle.EXHAUSTED, detail="none left"
)


def case(**fields: object) -> Told:
    """A ticket that was only registered."""
    return Told().registered(**fields)


def put_in(number: str = "HE-200", *, out: str | None = None) -> PartInstalled:
    """An installation of a part with a serial number."""
    fate = Fate.RETURNED if out else None
    return moved(PartInstalled, number, ["S1"], asset="SN-1", serial_out=out, fate=fate)


def back(condition: str, *, removed: bool = True) -> PartReturned:
    """A return to the main warehouse."""
    return moved(
        PartReturned, "HE-200", ["S0"], location="MAIN", condition=Condition(condition), removed=removed
    )


def clause(told: Told, number: str) -> ClauseFinding:
    """What was found of a clause."""
    [found] = [each for each in told.record().clauses if each.number == number]
    return found


def finding(told: Told, number: str, name: str) -> Finding:
    """What was found of a record."""
    [found] = [each for each in clause(told, number).requirements if each.id == name]
    return found


Tell = Callable[[], Told]

TABLE: list[tuple[str, Tell, State, tuple[str, ...]]] = [
    ("8.2.1 report", case, PRESENT, ("ticket.registered",)),
    ("8.2.1 customer", case, PRESENT, ("ticket.registered",)),
    ("8.2.1 customer", lambda: case(customer=None), MISSING, ()),
    ("8.2.1 customer", lambda: case(customer=" "), MISSING, ()),
    ("8.2.1 customer", lambda: case(customer=None, contact="陈经理"), PRESENT, ("ticket.registered",)),
    ("8.2.1 answer", case, MISSING, ()),
    ("8.2.1 answer", lambda: case().then(TicketContacted(**HEARD)), PRESENT, ("ticket.contacted",)),
    (
        "8.2.1 answer",
        lambda: case().then(TicketContacted(**HEARD | {"party": Party.AUTOMATIC})),
        MISSING,
        (),
    ),
    (
        "8.2.1 answer",
        lambda: case().then(TicketContacted(**HEARD | {"direction": Direction.INBOUND})),
        MISSING,
        (),
    ),
    ("8.2.1 answer", lambda: case().then(TicketCancelled(), why="重复"), IDLE, ()),
    (
        "8.2.1 answer",
        lambda: case().then(TicketContacted(**HEARD)).then(TicketCancelled(), 2, why="重复"),
        PRESENT,
        ("ticket.contacted",),
    ),
    ("8.5.1 plan", case, PRESENT, ("ticket.registered",)),
    ("8.5.1 classification", case, MISSING, ()),
    ("8.5.1 classification", lambda: case(category="漏水"), PRESENT, ("ticket.registered",)),
    (
        "8.5.1 classification",
        lambda: case().then(TicketClassified(category="漏水")),
        PRESENT,
        ("ticket.classified",),
    ),
    ("8.5.1 team", lambda: case().then(TicketAssigned(team="华东一组")), PRESENT, ("ticket.assigned",)),
    ("8.5.1 person", lambda: case().then(TicketAssigned(team="华东一组")), MISSING, ()),
    (
        "8.5.1 person",
        lambda: case().then(TicketAssigned(team="华东一组", person="张伟")),
        PRESENT,
        ("ticket.assigned",),
    ),
    ("8.5.1 work", case, MISSING, ()),
    ("8.5.1 work", lambda: case().then(RESOLVED), PRESENT, ("ticket.resolved",)),
    ("8.5.1 questions", case, IDLE, ()),
    ("8.5.1 questions", lambda: case().then(RAISED), MISSING, ()),
    (
        "8.5.1 questions",
        lambda: case().then(RAISED).then(QuestionAnswered(question=SEAL, answer="另一个问题"), 2),
        MISSING,
        (),
    ),
    (
        "8.5.1 questions",
        lambda: case().then(RAISED).then(QuestionAnswered(question=HEATER, answer="保内更换"), 2),
        PRESENT,
        ("ticket.question_answered",),
    ),
    ("8.5.2 asset", case, IDLE, ()),
    ("8.5.2 asset", lambda: case().then(put_in(), stream=HEATER), PRESENT, ("part.installed",)),
    ("8.5.2 exchange", lambda: case().then(put_in(), stream=HEATER), MISSING, ()),
    ("8.5.2 exchange", lambda: case().then(put_in(out="S0"), stream=HEATER), PRESENT, ("part.installed",)),
    (
        "8.5.2 exchange",
        lambda: case().then(moved(PartInstalled, "SEAL", 2, asset="SN-1"), stream=SEAL),
        IDLE,
        (),
    ),
    ("8.5.2 whereabouts", case, IDLE, ()),
    (
        "8.5.2 whereabouts",
        lambda: case().then(moved(PartIssued, "HE-200", location="MAIN"), stream=HEATER),
        MISSING,
        (),
    ),
    (
        "8.5.2 whereabouts",
        lambda: (
            case()
            .then(moved(PartIssued, "HE-200", location="MAIN"), stream=HEATER)
            .then(moved(PartInstalled, "SEAL", asset="SN-1"), 2, stream=SEAL)
        ),
        MISSING,
        (),
    ),
    (
        "8.5.2 whereabouts",
        lambda: (
            case()
            .then(put_in(), stream=HEATER)
            .then(moved(PartIssued, "HE-200", location="MAIN"), 2, stream=HEATER)
        ),
        MISSING,
        (),
    ),
    (
        "8.5.2 whereabouts",
        lambda: (
            case()
            .then(moved(PartIssued, "HE-200", location="MAIN"), stream=HEATER)
            .then(back("good"), 2, stream=HEATER)
        ),
        MISSING,
        (),
    ),
    (
        "8.5.2 whereabouts",
        lambda: (
            case()
            .then(moved(PartIssued, "HE-200", location="MAIN"), stream=HEATER)
            .then(back("good", removed=False), 2, stream=HEATER)
        ),
        PRESENT,
        ("part.returned",),
    ),
    (
        "8.5.2 whereabouts",
        lambda: (
            case()
            .then(moved(PartIssued, "HE-200", location="MAIN"), stream=HEATER)
            .then(moved(PartScrapped, "HE-200", bucket=Bucket.ISSUED), 2, stream=HEATER)
        ),
        PRESENT,
        ("part.scrapped",),
    ),
    ("8.5.5 coverage", case, MISSING, ()),
    ("8.5.5 coverage", lambda: case(contract=Choice()), PRESENT, ("ticket.registered",)),
    ("8.5.5 entitlement", case, IDLE, ()),
    (
        "8.5.5 entitlement",
        lambda: case().then(USE, stream=CONTRACT),
        PRESENT,
        ("contract.entitlement_consumed",),
    ),
    ("8.5.6 priority", case, IDLE, ()),
    ("8.5.6 priority", lambda: case().then(TicketPrioritised(priority=Priority.P1)), MISSING, ()),
    (
        "8.5.6 priority",
        lambda: case().then(TicketPrioritised(priority=Priority.P1), why="全部停用"),
        PRESENT,
        ("ticket.prioritised",),
    ),
    ("8.5.6 hand-over", case, IDLE, ()),
    ("8.5.6 hand-over", lambda: case().then(TicketEscalated(tier=Tier.L2)), MISSING, ()),
    (
        "8.5.6 hand-over",
        lambda: case().then(TicketEscalated(tier=Tier.L2), why="需专家"),
        PRESENT,
        ("ticket.escalated",),
    ),
    ("8.5.6 wait", case, IDLE, ()),
    (
        "8.5.6 wait",
        lambda: case().then(TicketHeld(hold=HoldReason.QUOTE_CONSENT, review_at=at(9))),
        PRESENT,
        ("ticket.held",),
    ),
    ("8.6 acceptance", case, IDLE, ()),
    ("8.6 acceptance", lambda: case().then(RESOLVED), MISSING, ()),
    (
        "8.6 acceptance",
        lambda: case().then(RESOLVED).then(ResolutionConfirmed(), 2),
        PRESENT,
        ("ticket.confirmed",),
    ),
    ("8.6 acceptor", lambda: case().then(RESOLVED).then(ResolutionConfirmed(), 2), MISSING, ()),
    (
        "8.6 acceptor",
        lambda: case().then(RESOLVED).then(ResolutionConfirmed(by="陈经理"), 2),
        PRESENT,
        ("ticket.confirmed",),
    ),
    ("8.6 release", case, MISSING, ()),
    ("8.6 release", lambda: case().then(TicketClosed()), PRESENT, ("ticket.closed",)),
    ("8.6 release", lambda: case().then(TicketCancelled(), why="误报"), IDLE, ()),
    ("8.7 description", case, IDLE, ()),
    ("8.7 description", lambda: case().then(ResolutionRejected(cycle=2)), MISSING, ()),
    (
        "8.7 description",
        lambda: case().then(ResolutionRejected(cycle=2), why="仍不热"),
        PRESENT,
        ("ticket.rejected",),
    ),
    ("8.7 correction", lambda: case().then(RESOLVED).then(ResolutionRejected(cycle=2), 2), MISSING, ()),
    (
        "8.7 correction",
        lambda: case().then(TicketReopened(cycle=2)).then(CAUSED, 3),
        PRESENT,
        ("ticket.resolved",),
    ),
    ("8.7 segregation", lambda: case().then(back("good"), stream=HEATER), IDLE, ()),
    ("8.7 segregation", lambda: case().then(back("faulty"), stream=HEATER), PRESENT, ("part.returned",)),
    (
        "8.7 segregation",
        lambda: case().then(moved(PartQuarantined, "HE-200", location="MAIN"), stream=HEATER),
        PRESENT,
        ("part.quarantined",),
    ),
    ("9.1.2 verdict", case, MISSING, ()),
    ("9.1.2 verdict", lambda: case().then(ResolutionConfirmed()), PRESENT, ("ticket.confirmed",)),
    ("9.1.2 verdict", lambda: case().then(ResolutionRejected(cycle=2)), PRESENT, ("ticket.rejected",)),
    ("10.2 cause", case, IDLE, ()),
    ("10.2 cause", lambda: case().then(TicketReopened(cycle=2)).then(RESOLVED, 2), MISSING, ()),
    (
        "10.2 cause",
        lambda: case().then(TicketReopened(cycle=2)).then(CAUSED, 2),
        PRESENT,
        ("ticket.resolved",),
    ),
    ("10.2 action", lambda: case().then(TicketReopened(cycle=2)), MISSING, ()),
    ("10.2 effect", lambda: case().then(TicketReopened(cycle=2)).then(CAUSED, 2), MISSING, ()),
    (
        "10.2 effect",
        lambda: case().then(TicketReopened(cycle=2)).then(CAUSED, 2).then(ResolutionConfirmed(), 3),
        PRESENT,
        ("ticket.confirmed",),
    ),
]


@pytest.mark.parametrize(("place", "tell", "state", "types"), TABLE, ids=[row[0] for row in TABLE])
def test_a_record_is_present_missing_or_not_applicable(
    place: str, tell: Tell, state: State, types: tuple[str, ...]
) -> None:
    told = tell()
    found = finding(told, *place.split())
    assert found.state is state
    assert found.positions == told.at(*types)
    assert (found.reason is not None) is (state is IDLE)


def test_every_requirement_of_the_map_is_judged_in_the_table() -> None:
    judged = {row[0] for row in TABLE}
    assert judged == {
        f"{each.number} {it.id}" for each in case().record().clauses for it in each.requirements
    }


def test_what_lacks_a_record_is_named_beside_what_is_there() -> None:
    told = (
        case()
        .then(TicketPrioritised(priority=Priority.P1), 1, why="全部停用")
        .then(TicketPrioritised(priority=Priority.P3), 2)
    )
    found = finding(told, "8.5.6", "priority")
    good, bad = told.at("ticket.prioritised")
    assert (found.state, found.positions, found.wanting) == (MISSING, (good,), (bad,))


def test_a_reason_for_leaving_out_is_in_both_languages() -> None:
    reason = finding(case(), "8.5.2", "asset").reason
    assert reason is not None
    assert (reason.zh, reason.en) == ("本案例没有安装备件", "no part was installed")


def test_a_clause_is_missing_when_one_of_its_records_is() -> None:
    told = case().then(TicketContacted(**HEARD))
    assert clause(told, "8.2.1").state is PRESENT
    assert clause(case(), "8.2.1").state is MISSING


def test_clauses_that_nothing_calls_for_are_not_applicable() -> None:
    quiet = {each.number for each in case().record().clauses if each.state is IDLE}
    assert quiet == {"8.5.2", "8.5.6", "8.7", "10.2"}


def test_a_case_with_everything_misses_nothing() -> None:
    assert {each.state for each in rich_case().record().clauses} == {PRESENT}


def test_a_contact_on_any_channel_is_an_answer() -> None:
    for channel in Channel:
        told = case().then(TicketContacted(**HEARD | {"channel": channel}))
        assert finding(told, "8.2.1", "answer").state is PRESENT
