"""Another plan or calendar for a ticket that has begun: who decides, and what becomes of clocks (SLA 8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.calendar import Year
from domain.clock import Milestone
from domain.errors import InvalidValue
from domain.event import Act
from domain.plan import ServicePlan, Special
from domain.promises import Promises, UnknownPlan, WithoutCalendar
from domain.publishing.events import CalendarWithdrawn
from domain.reading import Cause, Reading, State, Verdict, read
from domain.ticket.clocks import fold
from domain.ticket.events import PlanPin, TicketRegistered
from domain.ticket.field_events import TechnicianDispatched
from domain.ticket.pinning import SamePerson, newly_owed, other_pin
from domain.ticket.pinning_events import TicketRepinned
from domain.ticket.words import HoldReason, Priority
from domain.title import Title
from tests.domain.publishing.story import told
from tests.domain.story import (
    ALWAYS,
    HOUR,
    MONDAY,
    OFFICE,
    PROMISES,
    TARGETS,
    Happening,
    at,
    contacted,
    happened,
    held,
    hours,
    prioritised,
    registered,
    reopened,
    resolved,
    resumed,
)
from tests.domain.ticket.story import facts, repin_asked
from tests.domain.ticket.story import given as standing

QUICK = {Milestone.FIRST_RESPONSE: {Priority.P2: HOUR}, Milestone.RESOLVE: {Priority.P2: 2 * HOUR}}
FULL = QUICK | {Milestone.ON_SITE: {Priority.P2: 4 * HOUR}, Milestone.DISPATCH: {Priority.P2: HOUR}}
SHORT = replace(OFFICE, name="short", years={2026: Year()})
LONGER = replace(SHORT, version=2, years={2026: Year(), 2027: Year()})


def plan(name: str, calendar: str = "always", version: int = 1, **more: object) -> ServicePlan:
    """A plan with the usual targets, unless told otherwise."""
    told = {"name": name, "version": version, "calendar": calendar, "calendar_version": 1}
    title = Title(zh=name, en=name)
    return ServicePlan(**({"targets": TARGETS, "title": title} | told | more))  # type: ignore[arg-type]


KINDS = (Special(milestone=Milestone.RESOLVE, seconds=HOUR, category="heating"),)
BOOK = Promises(
    [
        *PROMISES.plans,
        plan("quick", targets=QUICK),
        plan("full", targets=FULL),
        plan("nothing", targets={}),
        plan("short", "short"),
        plan("kinds", special=KINDS),
    ],
    [ALWAYS, OFFICE, SHORT, LONGER],
)
PLANS = ("always", "office", "lenient", "quick", "full", "nothing")


def repinned(when: str, to: str | PlanPin, *before: Happening, category: str | None = None) -> Happening:
    """It goes by another plan from then on; ``before`` is what had happened."""
    pin = to if isinstance(to, PlanPin) else BOOK.pin(to, MONDAY)
    event = TicketRepinned(
        request=1,
        requested_by="agent:chen.na",
        before=BOOK.pin("always", MONDAY),
        pin=pin,
        category=category,
        begins=newly_owed(facts(before), pin, BOOK),
    )
    return event, Act(actor="contract_manager:sun.li", occurred_at=at(when))


def readings(*told: Happening, now: str | datetime) -> dict[tuple[str, int], Reading]:
    """Every clock at a moment, by milestone and cycle."""
    moment = at(now) if isinstance(now, str) else now
    return {
        (clock.milestone.value, clock.cycle): read(clock, BOOK.calendar, moment)
        for clock in fold(facts(told), BOOK)
    }


class TestWhatItDoesToClocks:
    def test_start_and_pauses_stay_and_target_and_calendar_change(self) -> None:
        told = (registered("09:00"), held("10:00", "waiting_for_customer"), resumed("12:00"))
        before = readings(*told, now="tue 08:00")["resolve", 1]
        shown = readings(*told, repinned("tue 08:00", "office"), now="tue 10:00")["resolve", 1]
        assert (before.elapsed, before.pin.plan) == (hours(21), "always")
        assert (shown.elapsed, shown.paused, shown.pin.plan) == (hours(7), hours(2), "office")
        assert (shown.target, shown.remaining, shown.due_at) == (hours(24), hours(17), at("thu 11:00"))

    def test_a_clock_that_has_stopped_keeps_its_verdict_and_what_it_was_judged_by(self) -> None:
        told = (registered("09:00"), contacted("12:00"))
        shown = readings(*told, repinned("13:00", "quick"), now="tue 09:00")["first_response", 1]
        assert shown == readings(*told, now="tue 09:00")["first_response", 1]
        assert (shown.verdict, shown.pin.plan) == (Verdict.MET, "always")

    def test_a_clock_stopped_as_it_began_keeps_its_verdict(self) -> None:
        told = (registered("09:00"), contacted("09:00"))
        shown = readings(*told, repinned("13:00", "nothing"), now="tue 09:00")["first_response", 1]
        assert (shown.verdict, shown.target, shown.pin.plan) == (Verdict.MET, hours(4), "always")

    def test_a_breach_stays_where_it_was_and_a_longer_target_does_not_undo_it(self) -> None:
        told = (registered("09:00", plan="office"),)
        late = readings(*told, repinned("14:00", "lenient"), now="14:00")["first_response", 1]
        assert (late.verdict, late.cause, late.breached_at) == (Verdict.BREACHED, Cause.LATE, at("13:00"))

    def test_a_target_that_is_used_up_at_once_is_late_by_reclassification(self) -> None:
        shown = readings(registered("09:00"), repinned("12:00", "quick"), now="13:00")["resolve", 1]
        assert (shown.verdict, shown.cause) == (Verdict.BREACHED, Cause.RECLASSIFIED)
        assert shown.breached_at == at("12:00")

    def test_what_a_priority_had_made_late_in_that_very_instant_stays_late_by_it(self) -> None:
        told = (registered("09:00"), prioritised("18:00", "P1"), repinned("18:00", "office"))
        shown = readings(*told, now="tue 10:00")["resolve", 1]
        assert (shown.cause, shown.breached_at, shown.pin.plan) == (
            Cause.RECLASSIFIED,
            at("18:00"),
            "office",
        )

    def test_a_priority_recorded_after_it_for_that_very_instant_is_one_of_the_new_plan(self) -> None:
        told = (registered("09:00"), repinned("12:00", "office"), prioritised("12:00", "P1"))
        shown = readings(*told, now="tue 10:00")["resolve", 1]
        assert (shown.target, shown.verdict, shown.pin.plan) == (hours(8), Verdict.BREACHED, "office")
        assert (shown.cause, shown.breached_at) == (Cause.LATE, at("17:00"))

    def test_a_paused_clock_stays_paused_with_what_remains_of_the_new_target(self) -> None:
        told = (registered("09:00"), held("10:00", "waiting_for_customer"))
        shown = readings(*told, repinned("12:00", "quick"), now="15:00")["resolve", 1]
        assert (shown.state, shown.due_at, shown.remaining) == (State.PAUSED, None, hours(1))

    def test_what_begins_later_goes_by_the_new_plan_even_if_all_had_stopped(self) -> None:
        told = (registered("09:00"), contacted("09:10"), resolved("10:00"))
        shown = readings(*told, repinned("11:00", "quick"), reopened("12:00"), now="12:30")
        assert (shown["resolve", 1].pin.plan, shown["resolve", 1].verdict) == ("always", Verdict.MET)
        assert (shown["resolve", 2].pin.plan, shown["resolve", 2].target) == ("quick", hours(2))

    def test_what_only_the_new_plan_promises_is_owed_since_the_report(self) -> None:
        told = (registered("09:00"), held("09:30", "access_refused"), resumed("10:00"))
        shown = readings(*told, repinned("11:00", "full", *told), now="11:00")
        assert (shown["on_site", 1].elapsed, shown["on_site", 1].remaining) == (hours(1.5), hours(2.5))
        assert (shown["dispatch", 1].verdict, shown["dispatch", 1].cause) == (
            Verdict.BREACHED,
            Cause.RECLASSIFIED,
        )

    def test_what_was_done_before_is_not_owed_by_the_new_plan(self) -> None:
        told = (registered("09:00"), happened(TechnicianDispatched(technician="张伟"), "09:30"))
        shown = readings(*told, repinned("11:00", "full", *told), now="11:00")
        assert ("on_site", 1) in shown
        assert ("dispatch", 1) not in shown

    def test_a_plan_that_tells_categories_apart_is_told_the_category(self) -> None:
        shown = readings(registered("09:00"), repinned("09:30", "kinds", category="heating"), now="09:30")
        assert shown["resolve", 1].target == HOUR

    def test_a_priority_that_is_recorded_late_is_judged_by_the_plan_of_its_time(self) -> None:
        told = (registered("09:00"), repinned("12:00", "quick"), prioritised("10:00", "P1"))
        shown = readings(*told, now="11:00")["resolve", 1]
        assert (shown.target, shown.pin.plan) == (hours(8), "always")

    def test_the_past_reads_as_it_did(self) -> None:
        told = (registered("09:00"), repinned("12:00", "office"))
        assert readings(*told, now="11:00") == readings(registered("09:00"), now="11:00")


DAY = timedelta(days=1)


class TestACalendarThatEnds:
    BEYOND = datetime(2027, 1, 4, 12, tzinfo=UTC)
    NEWER = replace(BOOK.pin("short", MONDAY), calendar_version=2)

    def test_the_newer_version_says_what_the_older_could_not(self) -> None:
        ticket = (
            TicketRegistered(number="T-1", subject="x", priority=Priority.P3, pin=BOOK.pin("short", MONDAY)),
            Act(actor="agent:li.wei", occurred_at=datetime(2026, 12, 31, 9, tzinfo=UTC)),
        )
        event, act = repinned("09:00", self.NEWER)
        later = (event, replace(act, occurred_at=self.BEYOND + timedelta(days=30)))
        shown = readings(ticket, later, now=later[1].occurred_at)["first_response", 1]
        assert (shown.verdict, shown.cause, shown.breached_at) == (
            Verdict.BREACHED,
            Cause.LATE,
            datetime(2026, 12, 31, 17, tzinfo=UTC),
        )


whens = st.builds(
    "{} {:02}:{:02}".format, st.sampled_from(["mon", "tue", "wed"]), st.integers(0, 23), st.just(0)
)
happenings = st.one_of(
    st.builds(prioritised, whens, st.sampled_from(Priority)),
    st.builds(contacted, whens),
    st.builds(held, whens, st.sampled_from(HoldReason)),
    st.builds(resumed, whens),
    st.builds(resolved, whens),
    st.builds(reopened, whens, cycle=st.integers(2, 3)),
    st.builds(repinned, whens, st.sampled_from(PLANS)),
)


@settings(deadline=None)
@for_any(
    st.sampled_from(PLANS[:3]),
    st.lists(happenings, max_size=8),
    whens,
    st.sampled_from(PLANS),
    st.sampled_from([timedelta(), timedelta(seconds=1)]),
)
def test_no_verdict_given_before_is_another_after(
    first: str, told: list[Happening], when: str, to: str, later_by: timedelta
) -> None:
    """What was met, missed or cancelled by then is so, for the same cause and since the same moment.

    The approval comes after whatever it re-pins, as it cannot be backdated; at the earliest in the very same
    instant, and then the order of recording says what was before.
    """
    moment = max([at(when), at("09:00"), *(act.occurred_at for _, act in told)]) + later_by
    before = (registered("09:00", plan=first), *told)
    event, act = repinned("mon 09:00", to, *before)
    after = (*before, (event, replace(act, occurred_at=moment)))
    was, later = readings(*before, now=moment), readings(*after, now=moment + DAY)
    for name, shown in was.items():
        if shown.verdict is Verdict.BREACHED or shown.state in {State.STOPPED, State.CANCELLED}:
            now = later[name]
            given = (shown.verdict, shown.cause, shown.breached_at)
            assert (now.verdict, now.cause, now.breached_at) == given
    assert {name: shown.state for name, shown in readings(*after, now=moment).items() if name in was} == {
        name: shown.state for name, shown in was.items()
    }


class TestWhoDecides:
    def test_whoever_asked_does_not_approve_in_whichever_role(self) -> None:
        asked = standing(registered("09:00"), repin_asked("09:30", by="admin:li.wei"))
        asked.when("approve-repin", request=1, begins=()).refused(SamePerson)

    def test_only_the_request_that_was_seen_is_approved(self) -> None:
        asked = standing(registered("09:00"), repin_asked("09:30"))
        asked.when("approve-repin", request=2, begins=()).refused(InvalidValue, "/request")
        asked.when("decline-repin", request=2).refused(InvalidValue, "/request")

    @pytest.mark.parametrize("action", ["repin", "decline-repin"])
    def test_it_needs_a_reason(self, action: str) -> None:
        asked = standing(registered("09:00"), repin_asked("09:30"))
        more = {"pin": PROMISES.pin("office", MONDAY)} if action == "repin" else {"request": 1}
        asked.when(action, why=" ", **more).refused(InvalidValue, "/reason")

    def test_a_new_request_takes_the_place_of_the_one_before(self) -> None:
        ticket = standing(registered("09:00"), repin_asked("09:30")).ticket
        asked = standing(registered("09:00"), repin_asked("09:30")).when(
            "repin", pin=PROMISES.pin("lenient", MONDAY)
        )
        assert ticket.repin is not None
        assert asked.ticket.repin is not None
        assert (asked.ticket.repin.request, asked.ticket.repin.pin.plan) == (2, "lenient")


class TestWhatIsAskedFor:
    def test_the_plans_own_calendar_follows_the_plan(self) -> None:
        ticket = standing(registered("09:00")).ticket
        assert other_pin(ticket, BOOK, MONDAY, newest=BOOK.pin("office", MONDAY)) == BOOK.pin(
            "office", MONDAY
        )

    def test_another_version_of_the_calendar_alone(self) -> None:
        ticket = replace(standing(registered("09:00")).ticket, pin=BOOK.pin("short", MONDAY))
        assert other_pin(ticket, BOOK, MONDAY, calendar_version=2) == replace(ticket.pin, calendar_version=2)

    def test_no_other_calendar_that_is_withdrawn_but_another_version_of_its_own(self) -> None:
        ticket = replace(standing(registered("09:00")).ticket, pin=BOOK.pin("short", MONDAY))
        found = Promises(BOOK.plans, BOOK.calendars)
        for name in ("office", ticket.pin.calendar):
            gone = CalendarWithdrawn(calendar=name, effective_from=MONDAY)
            found.learn(told([gone], f"calendar:{name}"))
        assert other_pin(ticket, found, MONDAY, calendar_version=2).calendar_version == 2
        with pytest.raises(WithoutCalendar):
            other_pin(ticket, found, MONDAY, calendar="office", calendar_version=1)

    @pytest.mark.parametrize(
        ("asked", "kind", "field"),
        [
            ({}, InvalidValue, "/plan"),
            ({"plan_version": 9}, UnknownPlan, "/plan_version"),
            ({"calendar_version": 9}, UnknownPlan, "/calendar_version"),
            ({"calendar": "office"}, InvalidValue, "/calendar_version"),
        ],
    )
    def test_what_cannot_be(self, asked: dict[str, int], kind: type[InvalidValue], field: str) -> None:
        with pytest.raises(kind) as refused:
            other_pin(standing(registered("09:00")).ticket, BOOK, MONDAY, **asked)  # type: ignore[arg-type]
        assert refused.value.field == field
