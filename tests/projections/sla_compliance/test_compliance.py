from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from application.database.connect import Database
from domain.calendar import Calendar, Year
from domain.clock import Milestone
from domain.plan import ServicePlan
from domain.promises import Promises
from domain.reading import Cause, Reading, State, Verdict, reading
from domain.ticket.words import Channel, Direction, HoldReason, Party, Priority
from domain.title import Title
from domain.wall import Weekday
from projections.cases import case as cases
from projections.cases.duration import iso
from projections.engine.cursor import BadCursor
from projections.sla_compliance.clocks import ClockPage, behind, clocks
from projections.sla_compliance.compliance import ComplianceTable, compliance
from projections.sla_compliance.filters import GROUPS, ClockFilter
from projections.sla_compliance.question import UnknownGroup, question
from tests.projections.histories import Story, answer, at, hours_of, random_facts
from tests.projections.views import PROMISES, ask, shown

COUNTED = ("met", "breached", "reclassified", "overdue", "pending", "cancelled", "none", "clocks")
EVERY = ClockFilter()
HISTORY = random_facts(tickets=60, steps=9, seed=5)
HOURS = hours_of(HISTORY)


@pytest.fixture(scope="module")
def url(module_database: Database) -> str:
    """A database with a random history in it."""
    shown(module_database.service_url, HISTORY)
    return module_database.service_url


def table(
    url: str,
    *group_by: str,
    which: ClockFilter = EVERY,
    hours: float = HOURS,
    **asked: Any,
) -> ComplianceTable:
    """Compliance, so many hours after the start."""
    return ask(url, lambda conn: compliance(conn, PROMISES, question(at(hours), which, group_by), **asked))


def entries(url: str, which: ClockFilter, hours: float = HOURS, **asked: Any) -> ClockPage:
    """The clocks behind a figure."""
    return ask(url, lambda conn: behind(conn, PROMISES, question(at(hours), which), **asked))


def verdicts(url: str, hours: float) -> list[tuple[str, str | None]]:
    """Verdict and cause of every clock, in order."""
    page = entries(url, ClockFilter(), hours, limit=100)
    return [
        (entry.clock.verdict.value, entry.clock.cause and entry.clock.cause.value) for entry in page.items
    ]


def read_directly(hours: float = HOURS) -> Iterator[Reading]:
    """Every clock of the history, read from its facts alone."""
    for ticket_id in {fact.stream_id for fact in HISTORY}:
        case = cases.replay((fact for fact in HISTORY if fact.stream_id == ticket_id), PROMISES)
        assert case is not None
        for clock in case.clocks:
            yield reading(clock, PROMISES.calendar(clock.pin), at(hours))


def test_the_total_is_what_the_clocks_themselves_read(url: str) -> None:
    read = list(read_directly())
    total = table(url).total
    found = Counter(one.verdict for one in read)
    assert set(found) >= {Verdict.MET, Verdict.BREACHED, Verdict.PENDING, Verdict.CANCELLED}
    for verdict in Verdict:
        assert getattr(total, verdict.value) == found[verdict]
    assert total.clocks == len(read)
    assert total.reclassified == sum(one.cause is Cause.RECLASSIFIED for one in read) > 0
    elapsed = sorted(one.elapsed for one in read if one.state is State.STOPPED)
    assert total.p50 == iso(elapsed[-(-len(elapsed) // 2) - 1])
    assert total.p90 == iso(elapsed[-(-len(elapsed) * 9 // 10) - 1])
    assert total.met_percent == round(100 * total.met / (total.met + total.breached), 2)


@pytest.mark.parametrize("group_by", [*[(name,) for name in GROUPS], ("team", "priority"), GROUPS])
def test_rows_add_up_to_the_total(url: str, group_by: tuple[str, ...]) -> None:
    found = table(url, *group_by)
    for count in COUNTED:
        assert sum(getattr(row, count) for row in found.rows) == getattr(found.total, count)
    assert found.total == table(url).total
    assert all(tuple(row.group) == found.group_by for row in found.rows)
    assert set(found.group_by) == set(group_by)
    assert len({tuple(row.group.items()) for row in found.rows}) == len(found.rows)


def test_every_figure_can_be_drilled_into(url: str) -> None:
    for row in table(url, "team", "milestone").rows:
        cell = ClockFilter(**row.group)
        assert len(entries(url, cell, limit=1000).items) == row.clocks
        for verdict in Verdict:
            which = ClockFilter(**row.group, verdict=verdict)
            items = entries(url, which, limit=1000).items
            assert len(items) == getattr(row, verdict.value)
            assert all(entry.clock.verdict is verdict for entry in items)
        which = ClockFilter(**row.group, cause=Cause.RECLASSIFIED)
        assert len(entries(url, which, limit=1000).items) == row.reclassified


def test_filters_leave_out_what_they_should(url: str) -> None:
    which = ClockFilter(priority=Priority.P1, team=None)
    found = table(url, "priority", "team", which=which)
    assert [row.group for row in found.rows] == [{"priority": "P1", "team": None}]
    assert 0 < found.total.clocks < table(url).total.clocks
    assert table(url, which=ClockFilter(plan="no such plan")).total.clocks == 0


def test_nothing_has_no_percentage(url: str) -> None:
    found = table(url, "month", which=ClockFilter(month="1999-01"))
    assert found.rows == ()
    assert (found.total.clocks, found.total.met_percent, found.total.p50) == (0, None, None)


def test_only_known_groups(url: str) -> None:
    with pytest.raises(UnknownGroup):
        table(url, "team; DROP TABLE view.sla_clock")


def test_the_pages_behind_a_figure_follow_each_other(url: str) -> None:
    everything = entries(url, ClockFilter(), limit=1000).items
    collected, cursor = [], None
    while True:
        page = entries(url, ClockFilter(), limit=17, cursor=cursor)
        collected += page.items
        cursor = page.next
        if cursor is None:
            break
    assert tuple(collected) == everything
    with pytest.raises(BadCursor):
        entries(url, ClockFilter(), cursor="zzz")


def test_a_pending_clock_breaks_by_itself_one_second_after_its_deadline(database: Database) -> None:
    shown(database.service_url, Story(1, priority=Priority.P1).facts)
    second = 1 / 3600
    assert verdicts(database.service_url, 1) == [("pending", None), ("pending", None)]
    assert verdicts(database.service_url, 1 + second) == [("breached", "late"), ("pending", None)]
    # 09:00 to 18:00 less the noon break is the whole target: late from the next working second on.
    assert verdicts(database.service_url, 24)[1] == ("pending", None)
    assert verdicts(database.service_url, 24 + second)[1] == ("breached", "late")
    for hours, breached in ((1, 0), (1 + second, 1), (24, 1), (24 + second, 2)):
        assert table(database.service_url, hours=hours).total.breached == breached
        assert len(entries(database.service_url, ClockFilter(cause=Cause.LATE), hours).items) == breached


def test_an_automatic_answer_is_no_response(database: Database) -> None:
    story = Story(1)
    story.then("contact", 0.1, channel=Channel.EMAIL, direction=Direction.OUTBOUND, party=Party.AUTOMATIC)
    shown(database.service_url, story.facts)
    assert verdicts(database.service_url, 1)[0] == ("pending", None)
    answer(story, 1.5)
    shown(database.service_url, story.facts[-1:])
    assert verdicts(database.service_url, 2)[0] == ("met", None)


def test_a_second_cycle_leaves_the_first_verdict(database: Database) -> None:
    story = answer(Story(1, priority=Priority.P1), 0.5).then("resolve", 2, solution="更换")
    story.then("reject", 3, why="still cold")
    shown(database.service_url, story.facts)
    assert verdicts(database.service_url, 4) == [("met", None), ("met", None), ("pending", None)]
    assert [clock.cycle for clock in clocks_of(database.service_url, story, 4)] == [1, 1, 2]


def test_a_cancelled_ticket_is_neither_met_nor_missed(database: Database) -> None:
    story = Story(1, priority=Priority.P1).then("cancel", 20, why="reported twice")
    shown(database.service_url, story.facts)
    found = table(database.service_url, hours=50).total
    assert (found.met, found.breached, found.cancelled, found.met_percent) == (0, 0, 2, None)


def clocks_of(url: str, story: Story, hours: float) -> tuple[Any, ...]:
    """The clocks of a ticket."""
    found = ask(url, lambda conn: clocks(conn, PROMISES, story.id, at(hours)))
    assert found is not None
    return found


def test_a_clock_gives_everything_an_auditor_asks_for(database: Database) -> None:
    story = answer(Story(1), 1).then("assign", 1.5, team="华东一组", person="李伟")
    story.then("hold", 2, reason=HoldReason.WAITING_FOR_CUSTOMER).then("resume", 3)
    story.then("resolve", 8, solution="更换加热管")
    shown(database.service_url, [*Story(9).facts, *story.facts])
    response, resolve = clocks_of(database.service_url, story, 100)
    assert (response.milestone, response.verdict, response.elapsed) == (
        Milestone.FIRST_RESPONSE, Verdict.MET, "PT1H",
    )  # fmt: skip
    assert (response.first_position, response.last_position) == (2, 3)
    assert (resolve.state, resolve.verdict, resolve.target) == (State.STOPPED, Verdict.MET, "PT15H")
    # 09:00 to 17:00 is eight hours, less the noon break (1 h 30) and the customer's hour before it.
    assert (resolve.elapsed, resolve.paused, resolve.remaining) == ("PT5H30M", "PT1H", "PT9H30M")
    assert (resolve.started_at, resolve.stopped_at, resolve.due_at) == (at(0), at(8), None)
    assert [(pause.since, pause.until) for pause in resolve.pauses] == [(at(2), at(3))]
    assert (resolve.plan, resolve.plan_version) == ("standard", 1)
    assert (resolve.calendar, resolve.calendar_version) == ("cn-office", 1)
    assert (resolve.first_position, resolve.last_position) == (2, 7)
    (entry,) = entries(
        database.service_url, ClockFilter(milestone=Milestone.RESOLVE, team="华东一组"), 100
    ).items
    assert (entry.ticket_id, entry.number, entry.month) == (story.id, "T-2026-000001", "2026-03")
    assert (entry.team, entry.person, entry.clock) == ("华东一组", "李伟", resolve)


def test_the_month_is_the_one_on_the_calendars_wall(database: Database) -> None:
    # 2026-03-31 16:30 UTC is already April in Shanghai.
    shown(database.service_url, Story(1, hours=29 * 24 + 15.5).facts)
    assert [row.group for row in table(database.service_url, "month", "quarter").rows] == [
        {"month": "2026-04", "quarter": "2026-Q2"}
    ]


def test_a_year_without_holiday_data_is_told_and_hides_no_breach(database: Database) -> None:
    calendar = Calendar(name="short", version=1, week={Weekday.MON: ("00:00-24:00",)}, years={2026: Year()})
    targets = {
        Milestone.FIRST_RESPONSE: {Priority.P2: 3600},
        Milestone.RESOLVE: {Priority.P2: 365 * 86400},
    }
    plan = ServicePlan(
        name="short",
        version=1,
        title=Title("短", "short"),
        calendar="short",
        calendar_version=1,
        targets=targets,
    )
    promises = Promises([plan], [calendar])
    story = Story(1, pin=promises.pin("short", datetime(2026, 3, 2, tzinfo=UTC)))
    shown(database.service_url, story.facts, promises=promises)
    now = datetime(2027, 6, 1, tzinfo=UTC)
    found = ask(database.service_url, lambda conn: clocks(conn, promises, story.id, now))
    assert found is not None
    response, resolve = found
    assert (response.verdict, response.cause, response.gap) == (Verdict.BREACHED, Cause.LATE, 2027)
    assert (resolve.verdict, resolve.elapsed, resolve.gap) == (Verdict.PENDING, None, 2027)
    assert response.breached_at == response.due_at == at(1)
    story.then("hold", 2, reason=HoldReason.WAITING_FOR_CUSTOMER)
    shown(database.service_url, story.facts[-1:], promises=promises)
    paused = (ask(database.service_url, lambda conn: clocks(conn, promises, story.id, now)) or ())[1]
    assert (paused.state, paused.elapsed, paused.remaining) == (State.PAUSED, "PT2H", "PT8758H")
    total = ask(database.service_url, lambda conn: compliance(conn, promises, question(now))).total
    assert (total.breached, total.pending) == (1, 1)


def test_a_ticket_without_clocks_is_not_there(url: str) -> None:
    unknown = Story(5000).id
    assert ask(url, lambda conn: clocks(conn, PROMISES, unknown, at(1))) is None
