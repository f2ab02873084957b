"""Every milestone: what starts it, what reaches it, what makes it needless, and what it was promised in.

The plan ``field`` promises P2 in clock time unless a row says otherwise:

    acknowledge 30 min · dispatch 1 h · on site in the city 3 h, up to 200 km 6 h, farther 12 h, unknown 4 h ·
    workaround 6 h · resolve 12 h · part delivered 24 h · callback 3 days · complaint answer two office days
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from domain.calendar import Calendar
from domain.clock import Clock, Milestone
from domain.errors import InvalidValue
from domain.event import Act, Fact
from domain.plan import ROUND_THE_CLOCK, ServicePlan, Special
from domain.promises import Promises
from domain.reading import Reading, Verdict, reading
from domain.ticket.care_events import ComplaintAnswered, ComplaintMade, CustomerCalledBack
from domain.ticket.clocks import fold
from domain.ticket.events import TicketAssigned, TicketClassified, TicketRegistered
from domain.ticket.field_events import (
    PartDelivered,
    PartOrdered,
    TechnicianArrived,
    TechnicianDispatched,
    TicketAcknowledged,
    WorkaroundGiven,
)
from domain.ticket.words import Priority, TravelBand
from domain.title import Title
from tests.domain.story import (
    OFFICE,
    TICKET,
    Happening,
    at,
    cancelled,
    closed,
    contacted,
    happened,
    held,
    hours,
    prioritised,
    rejected,
    reopened,
    resolved,
    resumed,
)

P2 = Priority.P2
FIELD = ServicePlan(
    name="field",
    version=1,
    title=Title(zh="现场服务", en="Field service"),
    calendar="office",
    calendar_version=1,
    targets={
        Milestone.ACKNOWLEDGE: {P2: hours(0.5)},
        Milestone.DISPATCH: {P2: hours(1), Priority.P1: hours(0.5)},
        Milestone.ON_SITE: {P2: hours(4)},
        Milestone.WORKAROUND: {P2: hours(6)},
        Milestone.RESOLVE: {P2: hours(12)},
        Milestone.PART_DELIVERED: {P2: hours(24)},
        Milestone.CALLBACK: {P2: hours(72)},
        Milestone.COMPLAINT_ANSWER: {P2: hours(16)},
    },
    special=(
        Special(milestone=Milestone.ON_SITE, seconds=hours(3), band=TravelBand.CITY),
        Special(milestone=Milestone.ON_SITE, seconds=hours(6), band=TravelBand.REGION),
        Special(milestone=Milestone.ON_SITE, seconds=hours(12), band=TravelBand.REMOTE),
        Special(milestone=Milestone.ON_SITE, seconds=hours(2), band=TravelBand.CITY, category="gas"),
        Special(milestone=Milestone.RESOLVE, seconds=hours(8), category="gas"),
    ),
    clock_time=frozenset(Milestone) - {Milestone.COMPLAINT_ANSWER},
)
PROMISES = Promises([FIELD], [OFFICE, Calendar(*ROUND_THE_CLOCK)])
ARRIVED, SENT = TechnicianArrived(), TechnicianDispatched(technician="张伟")


def reported(when: str = "09:00", priority: Priority = P2, **more: object) -> Happening:
    """A customer of the plan reported."""
    fields = {
        "number": "T-2026-000001",
        "subject": "冷水",
        "priority": priority,
        "pin": PROMISES.pin("field", datetime(2026, 3, 2, tzinfo=UTC)),
    }
    return happened(TicketRegistered(**fields | more), when)  # type: ignore[arg-type]


def clocks(*happenings: Happening) -> tuple[Clock, ...]:
    """The clocks after these things, recorded in this order."""
    return fold(
        [
            Fact(stream_id=TICKET, version=version, event=event, act=act, correlation_id=TICKET)
            for version, (event, act) in enumerate(happenings, 1)
        ],
        PROMISES,
    )


def shown(story: tuple[Happening, ...], milestone: str, when: str, cycle: int = 1) -> Reading | None:
    """What a clock shows at a time; ``None`` when there is no such clock."""
    for clock in clocks(*story):
        if (clock.milestone.value, clock.cycle) == (milestone, cycle):
            return reading(clock, PROMISES.calendar(clock.pin), at(when))
    return None


ORDERED, DELIVERED = PartOrdered(order=1, part="HE-200"), PartDelivered(order=1)
COMPLAINED = ComplaintMade(complaint=1, text="nobody called")
ANSWERED = ComplaintAnswered(complaint=1, answer="we are sorry")
REACHED, NOT_REACHED = CustomerCalledBack(reached=True), CustomerCalledBack(reached=False)
MET, LATE, PENDING, NEEDLESS = Verdict.MET, Verdict.BREACHED, Verdict.PENDING, Verdict.CANCELLED

TABLE: list[tuple[str, tuple[Happening, ...], Verdict, float | None]] = [
    # milestone, what happened after the report at 09:00, verdict and hours elapsed on Saturday
    ("acknowledge", (happened(TicketAcknowledged(), "09:20"),), MET, 1 / 3),
    ("acknowledge", (happened(TicketAssigned(team="A"), "09:30"),), MET, 0.5),
    ("acknowledge", (happened(SENT, "09:31"),), LATE, 31 / 60),
    ("acknowledge", (happened(ARRIVED, "09:10"),), MET, 1 / 6),
    ("acknowledge", (contacted("09:15"),), MET, 0.25),
    ("acknowledge", (contacted("09:15", party="automatic"),), LATE, None),
    ("acknowledge", (contacted("09:15", "email", direction="inbound"),), LATE, None),
    ("acknowledge", (resolved("09:10"),), LATE, None),
    ("dispatch", (happened(SENT, "10:00"),), MET, 1),
    ("dispatch", (happened(SENT, "10:01"),), LATE, 61 / 60),
    ("dispatch", (happened(ARRIVED, "09:40"),), MET, 2 / 3),
    ("dispatch", (happened(SENT, "09:50"), happened(SENT, "12:00")), MET, 5 / 6),
    ("dispatch", (resolved("09:40"),), NEEDLESS, 2 / 3),
    ("dispatch", (resolved("11:00"),), LATE, 2),
    ("dispatch", (prioritised("09:10", "P1"), happened(SENT, "09:40")), LATE, 2 / 3),
    ("on_site", (happened(ARRIVED, "13:00"),), MET, 4),
    ("on_site", (happened(ARRIVED, "13:00:01"),), LATE, 4 + 1 / 3600),
    ("on_site", (contacted("12:00", "on_site"),), MET, 3),
    ("on_site", (contacted("12:00", "on_site", direction="inbound"),), LATE, None),
    ("on_site", (contacted("12:00", "phone"),), LATE, None),
    (
        "on_site",
        (held("10:00", "customer_chose_later"), resumed("tue 09:00"), happened(ARRIVED, "tue 11:00")),
        MET,
        3,
    ),
    ("on_site", (held("10:00", "waiting_for_part"), resumed("16:00"), happened(ARRIVED, "17:00")), LATE, 8),
    ("on_site", (resolved("12:00"), happened(ARRIVED, "11:00")), MET, 2),
    ("on_site", (resolved("12:00"), happened(ARRIVED, "12:30")), NEEDLESS, 3),
    (
        "on_site",
        (
            happened(TechnicianDispatched(technician="张伟", band=TravelBand.REMOTE), "10:00"),
            happened(ARRIVED, "20:00"),
        ),
        MET,
        11,
    ),
    ("workaround", (happened(WorkaroundGiven(workaround="annex"), "14:00"),), MET, 5),
    ("workaround", (resolved("14:00"),), NEEDLESS, 5),
    ("workaround", (resolved("16:00"),), LATE, 7),
    ("resolve", (resolved("21:00"),), MET, 12),
    (
        "resolve",
        (held("10:00", "waiting_for_customer"), resumed("tue 10:00"), resolved("tue 20:00")),
        MET,
        11,
    ),
    ("resolve", (happened(TicketClassified(category="gas"), "10:00"), resolved("18:00")), LATE, 9),
    ("part_delivered", (happened(ORDERED, "10:00"), happened(DELIVERED, "tue 10:00")), MET, 24),
    ("part_delivered", (happened(ORDERED, "10:00"), happened(DELIVERED, "tue 10:01")), LATE, 24 + 1 / 60),
    ("part_delivered", (happened(ORDERED, "10:00"), resolved("12:00")), NEEDLESS, 2),
    ("part_delivered", (happened(ORDERED, "10:00"), happened(PartDelivered(order=2), "12:00")), LATE, None),
    ("callback", (resolved("10:00"), closed("11:00"), happened(REACHED, "wed 12:00")), MET, 49),
    ("callback", (resolved("10:00"), closed("11:00"), happened(NOT_REACHED, "wed 12:00")), LATE, None),
    (
        "callback",
        (
            resolved("10:00"),
            closed("11:00"),
            happened(NOT_REACHED, "tue 12:00"),
            happened(REACHED, "fri 12:00"),
        ),
        LATE,
        97,
    ),
    ("callback", (resolved("10:00"), closed("11:00"), reopened("tue 11:00")), NEEDLESS, 24),
    ("complaint_answer", (happened(COMPLAINED, "16:00"), happened(ANSWERED, "wed 10:00")), MET, 10),
    ("complaint_answer", (happened(COMPLAINED, "16:00"), happened(ANSWERED, "thu 10:00")), LATE, 18),
    ("complaint_answer", (happened(COMPLAINED, "16:00"), resolved("17:00"), closed("17:30")), LATE, None),
    ("complaint_answer", (happened(COMPLAINED, "16:00"), cancelled("17:00")), NEEDLESS, 1),
]


@pytest.mark.parametrize(("milestone", "then", "verdict", "elapsed"), TABLE)
def test_what_reaches_a_milestone(
    milestone: str, then: tuple[Happening, ...], verdict: Verdict, elapsed: float | None
) -> None:
    read = shown((reported(), *then), milestone, "sat 09:00")
    assert read is not None
    assert read.verdict is verdict
    assert elapsed is None or read.elapsed == hours(elapsed)


@pytest.mark.parametrize(
    ("band", "category", "promised"),
    [
        (None, None, 4),
        ("city", None, 3),
        ("region", None, 6),
        ("remote", None, 12),
        ("city", "gas", 2),
        ("region", "gas", 6),
    ],
)
def test_sla_14_a_target_may_depend_on_the_way_and_on_the_kind_of_fault(
    band: str | None, category: str | None, promised: float
) -> None:
    report = reported(band=TravelBand(band) if band else None, category=category)
    read = shown((report,), "on_site", "09:01")
    assert read is not None
    assert read.target == hours(promised)


def test_sla_9_a_kind_of_fault_that_is_found_later_swaps_the_target_and_nothing_else() -> None:
    story = (reported(band=TravelBand.CITY), happened(TicketClassified(category="gas"), "11:30"))
    read = shown(story, "on_site", "11:45")
    assert read is not None
    assert (read.target, read.elapsed, read.verdict) == (hours(2), hours(2.75), Verdict.BREACHED)
    assert read.breached_at == at("11:30")


def test_the_way_holds_from_the_report_on_though_it_is_known_only_when_somebody_is_sent() -> None:
    sent = TechnicianDispatched(technician="张伟", band=TravelBand.CITY)
    read = shown((reported(), happened(sent, "09:30")), "on_site", "09:31")
    assert read is not None
    assert read.due_at == at("12:00")


def test_a_change_recorded_late_reaches_the_targets_that_had_what_it_changes() -> None:
    late = (
        reported(band=TravelBand.CITY),
        prioritised("11:00", "P1"),
        happened(TicketClassified(category="gas"), "10:00"),
    )
    targets = next(clock.targets for clock in clocks(*late) if clock.milestone is Milestone.ON_SITE)
    assert [(target.since, target.priority, target.category, target.seconds) for target in targets] == [
        (at("09:00"), P2, None, hours(3)),
        (at("10:00"), P2, "gas", hours(2)),
        (at("11:00"), Priority.P1, "gas", hours(2)),
    ]


def test_a_milestone_that_the_plan_does_not_promise_has_no_clock_except_response_and_resolution() -> None:
    silent = ServicePlan(
        name="silent", version=1, title=FIELD.title, calendar="office", calendar_version=1, targets={}
    )
    promises = Promises([silent], [OFFICE])
    fields = {
        "number": "T-1",
        "subject": "冷水",
        "priority": P2,
        "pin": promises.pin("silent", at("09:00")),
    }
    registered = TicketRegistered(**fields)
    act = Act(actor="agent:li.wei", occurred_at=at("09:00"))
    found = fold(
        [Fact(stream_id=TICKET, version=1, event=registered, act=act, correlation_id=TICKET)], promises
    )
    assert [clock.milestone for clock in found] == [Milestone.FIRST_RESPONSE, Milestone.RESOLVE]


def test_clock_time_counts_what_the_calendar_does_not() -> None:
    story = (reported("fri 16:00"), happened(COMPLAINED, "fri 16:30"))
    visit, complaint = shown(story, "on_site", "sun 16:30"), shown(story, "complaint_answer", "sun 16:30")
    assert visit is not None
    assert complaint is not None
    assert (visit.elapsed, complaint.elapsed) == (hours(48.5), 0)  # the Friday is a holiday


def test_every_order_and_every_complaint_has_its_own_clock() -> None:
    story = (
        reported(),
        happened(ORDERED, "10:00"),
        happened(PartOrdered(order=2, part="TS-9"), "11:00"),
        happened(PartDelivered(order=2), "12:00"),
    )
    first, second = shown(story, "part_delivered", "13:00"), shown(story, "part_delivered", "13:00", 2)
    assert first is not None
    assert second is not None
    assert (first.verdict, first.elapsed, second.verdict, second.elapsed) == (
        PENDING,
        hours(3),
        MET,
        hours(1),
    )


def test_sla_10_reopening_owes_the_work_again_and_the_answer_only_once() -> None:
    story = clocks(reported(), happened(ARRIVED, "10:00"), resolved("11:00"), rejected("12:00"))
    assert [clock.milestone.value for clock in story if clock.cycle == 2] == [
        "dispatch",
        "on_site",
        "workaround",
        "resolve",
    ]
    assert {clock.started_at for clock in story if clock.cycle == 2} == {at("12:00")}


def test_sla_10_a_visit_counts_for_the_cycle_it_happened_in() -> None:
    story = (reported(), resolved("11:00"), rejected("12:00"), happened(ARRIVED, "13:00"))
    first, second = shown(story, "on_site", "14:00"), shown(story, "on_site", "14:00", 2)
    assert first is not None
    assert second is not None
    assert (first.verdict, second.verdict, second.elapsed) == (NEEDLESS, MET, hours(1))


@pytest.mark.parametrize(
    "order", list(permutations([happened(ARRIVED, "12:30"), resolved("12:00"), happened(SENT, "09:40")]))
)
def test_the_order_of_recording_changes_no_verdict(order: tuple[Happening, ...]) -> None:
    story = (reported(), *order)
    read = {name: shown(story, name, "sat 09:00") for name in ("dispatch", "on_site", "resolve")}
    assert {name: each and each.verdict for name, each in read.items()} == {
        "dispatch": MET,
        "on_site": NEEDLESS,
        "resolve": MET,
    }


@for_any(
    st.permutations(
        [
            happened(ARRIVED, "12:30"),
            happened(SENT, "10:10"),
            happened(TicketAcknowledged(), "09:20"),
            held("10:00", "waiting_for_part"),
            happened(ORDERED, "10:20"),
            resolved("16:00"),
        ]
    )
)
def test_independent_facts_may_be_recorded_in_any_order(order: list[Happening]) -> None:
    def verdicts(story: list[Happening]) -> dict[tuple[str, int], tuple[Verdict, int]]:
        read = {
            (clock.milestone.value, clock.cycle): reading(
                clock, PROMISES.calendar(clock.pin), at("sat 09:00")
            )
            for clock in clocks(reported(), *story)
            if clock.milestone is not Milestone.PART_DELIVERED
        }
        return {key: (each.verdict, each.elapsed) for key, each in read.items()}

    assert verdicts(order) == verdicts(sorted(order, key=lambda each: each[1].occurred_at))


@pytest.mark.parametrize(
    "special",
    [
        (Special(milestone=Milestone.ON_SITE, seconds=0, band=TravelBand.CITY),),
        (Special(milestone=Milestone.ON_SITE, seconds=60),),
        (
            Special(milestone=Milestone.ON_SITE, seconds=60, band=TravelBand.CITY),
            Special(milestone=Milestone.ON_SITE, seconds=90, band=TravelBand.CITY),
        ),
    ],
)
def test_promises_that_contradict_themselves_are_refused(special: tuple[Special, ...]) -> None:
    with pytest.raises(InvalidValue):
        ServicePlan(
            name="wrong",
            version=1,
            title=FIELD.title,
            calendar="office",
            calendar_version=1,
            targets={},
            special=special,
        )


def test_a_later_waiver_leaves_a_reached_milestone_alone() -> None:
    read = shown((reported(), happened(ARRIVED, "10:00"), resolved("11:00")), "on_site", "12:00")
    assert read is not None
    assert (read.verdict, read.elapsed) == (MET, hours(1))
