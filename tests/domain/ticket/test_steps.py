"""What is open on a ticket, who is responsible for it, and by when."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from domain.ticket.care_events import ComplaintMade
from domain.ticket.events import QuestionRaised
from domain.ticket.field_events import PartDelivered, PartOrdered, TechnicianArrived, TechnicianDispatched
from domain.ticket.pinning_events import RepinRequested
from domain.ticket.steps import Ground, Step, StepKind, steps
from domain.ticket.words import Counterpart, HoldReason, Obstacle, Reaction, Tier
from projections.cases.case import replay
from tests.projections.histories import Story, answer, at
from tests.projections.views import PROMISES

TEAM = "华东一组"


def open_on(story: Story, known_since: datetime | None = None) -> dict[str, Step]:
    """The open steps of a story, by kind and item."""
    case = replay(story.facts, PROMISES)
    assert case is not None
    found = steps(case.ticket, (*case.clocks, *case.internal), known_since)
    return {f"{step.kind}/{step.item}".rstrip("/"): step for step in found}


def worked(**fields: Any) -> Story:
    """A ticket that somebody works on and another one owns."""
    story = Story(1, **fields).then("assign", 1, team=TEAM, person="李伟")
    return story.then("own", 1, person="wang.fang", why="she knows the customer")


def test_of_a_new_ticket_nobody_has_the_steps_that_its_plan_promises() -> None:
    found = open_on(Story(1))
    assert {"first_response/1", "resolve/1"} <= found.keys()
    assert {(step.person, step.team, step.ground) for step in found.values()} == {(None, None, Ground.NOBODY)}


def test_the_worker_is_responsible_else_the_owner_else_the_team() -> None:
    story = Story(1).then("assign", 1, team=TEAM)
    assert open_on(story)["resolve/1"].ground is Ground.TEAM
    story = worked()
    step = open_on(story)["resolve/1"]
    assert (step.person, step.team, step.ground) == ("李伟", TEAM, Ground.WORKER)
    story.then("assign", 2, team="华南二组")
    step = open_on(story)["resolve/1"]
    assert (step.person, step.team, step.ground) == ("wang.fang", "华南二组", Ground.OWNER)


def test_who_handed_a_case_over_is_not_who_accepts_it() -> None:
    story = worked().then("escalate", 2, tier=Tier.L2, team="总部技术支持")
    step = open_on(story)["handover/1"]
    assert (step.person, step.team, step.ground) == ("wang.fang", "总部技术支持", Ground.OWNER)
    anybody = worked().then("escalate", 2, tier=Tier.L2)
    assert open_on(anybody)["handover/1"].team is None


def test_what_others_were_asked_is_of_the_person_who_sees_to_it_and_outlives_the_work() -> None:
    asked = {"counterpart": Counterpart.SUPPLIER, "who": "宁波热能", "question": "批次？", "due_at": at(30)}
    story = worked().then("liaise", 2, person="zhao", **asked)
    while_worked = open_on(story)["liaison/1"]
    assert (while_worked.person, while_worked.ground) == ("zhao", Ground.NAMED)
    assert while_worked.about == "宁波热能: 批次？"
    assert open_on(story.then("resolve", 3, solution="x"))["liaison/1"] == while_worked
    assert "liaison/1" not in open_on(story.then("answer_liaison", 4, liaison=1, answer="已知"))


@pytest.mark.parametrize(("review_at", "due_at"), [(None, at(2 + 72)), (at(20), at(20))])
def test_a_hold_is_to_be_reviewed_on_its_day(review_at: datetime | None, due_at: datetime) -> None:
    story = worked().then("hold", 2, reason=HoldReason.WAITING_FOR_CUSTOMER, review_at=review_at)
    step = open_on(story)["review"]
    assert (step.since, step.due_at, step.person) == (at(2), due_at, "李伟")
    assert "review" not in open_on(story.then("resume", 3))


def test_a_planned_visit_is_of_the_technician_until_they_are_there() -> None:
    story = worked().happens(TechnicianDispatched(technician="zhao", planned_at=at(9)), 2)
    step = open_on(story)["visit"]
    assert (step.person, step.ground, step.since, step.due_at) == ("zhao", Ground.NAMED, at(2), at(9))
    assert "visit" not in open_on(story.happens(TechnicianArrived(), 8))


def test_a_visit_that_was_planned_for_what_is_resolved_is_over() -> None:
    story = worked().happens(TechnicianDispatched(technician="zhao", planned_at=at(9)), 2)
    assert "visit" not in open_on(
        story.then("resolve", 3, solution="by telephone").then("reopen", 4, why="x")
    )


def test_when_the_fault_is_dealt_with_it_is_to_be_confirmed_and_closed_and_the_customer_called() -> None:
    story = worked(plan="distance-bands").then("resolve", 3, solution="x")
    assert open_on(story).keys() == {"close"}
    assert open_on(story)["close"].since == at(3)
    story.then("close", 4).happens(ComplaintMade(complaint=1, text="nobody came"), 5)
    assert {name: step.about for name, step in open_on(story).items()} == {
        "callback/1": None,
        "complaint_answer/1": "nobody came",
    }


def test_nobody_here_calls_back_whose_ticket_was_closed_before_it_was_imported() -> None:
    story = worked(plan="distance-bands").then("resolve", 3, solution="x").then("close", 4)
    assert open_on(story, known_since=at(3)).keys() == {"callback/1"}
    assert open_on(story, known_since=at(5)) == {}


def test_what_was_ordered_is_to_be_delivered_whether_or_not_a_plan_says_by_when() -> None:
    story = worked(plan="standard").happens(PartOrdered(order=1, part="HE-200"), 2)
    step = open_on(story)["part_delivered/1"]
    assert (step.about, step.since, step.person) == ("HE-200", at(2), "李伟")
    assert "part_delivered/1" not in open_on(story.happens(PartDelivered(order=1), 3))


def test_a_request_for_another_plan_is_of_somebody_else_than_who_asked() -> None:
    story = Story(1).then("assign", 1, team=TEAM, person="li.wei")
    assert story.ticket.owner == "li.wei"
    story.happens(RepinRequested(request=1, pin=story.ticket.pin), 2)
    step = open_on(story)["repin/1"]
    assert (step.person, step.team, step.ground) == (None, TEAM, Ground.TEAM)


def test_an_open_question_is_a_step_without_a_due_time() -> None:
    asked = QuestionRaised(
        question=UUID(int=7),
        reaction=Reaction.COUNT_VISIT,
        obstacle=Obstacle.EXHAUSTED,
        detail="no visit is left",
    )
    step = open_on(worked().happens(asked, 2))[f"question/{UUID(int=7)}"]
    assert (step.kind, step.due_at, step.about) == (StepKind.QUESTION, None, "no visit is left")


def test_a_cancelled_ticket_has_no_step() -> None:
    assert open_on(answer(worked(), 2).then("cancel", 3, why="reported twice")) == {}
