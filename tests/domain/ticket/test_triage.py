"""Priorities from impact and urgency, and codes that an installation lists (R02, R04)."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from application.triage import shipped_triages
from domain.errors import InvalidValue
from domain.ticket.events import FromMatrix, TicketClassified, TicketPrioritised, Triaged
from domain.ticket.triage import Coded, Triage
from domain.ticket.words import Impact, Priority, Urgency
from domain.title import Title
from tests.domain.story import happened, registered, resolved
from tests.domain.ticket.story import given

[SHIPPED] = shipped_triages()
DAY = date(2026, 3, 2)
P1, P2, P4 = Priority.P1, Priority.P2, Priority.P4


def code(text: str, zh: str, **more: object) -> Coded:
    """A code with titles."""
    return Coded(code=text, title=Title(zh=zh, en=text.lower()), **more)  # type: ignore[arg-type]


LISTED = Triage(
    name="standard",
    version=3,
    matrix=SHIPPED.matrix,
    categories=(
        code("heating", "不加热"),
        code("leaking", "漏水"),
        code("noise", "异响", active_to=date(2026, 3, 1)),
    ),
    fault_codes=(code("E-07", "加热管断路", parent="heating"), code("E-12", "密封圈老化", parent="leaking")),
)


UNNAMED = Triaged(version=1)
"""What the shipped version says of any code: it lists none."""


def follows(priority: Priority, impact: Impact, urgency: Urgency) -> TicketPrioritised:
    """What the matrix gives."""
    return TicketPrioritised(priority=priority, matrix=FromMatrix(version=1, impact=impact, urgency=urgency))


@pytest.mark.parametrize(
    ("impact", "urgency", "priority"),
    [
        (Impact.HIGH, Urgency.CRITICAL, P1),
        (Impact.HIGH, Urgency.MEDIUM, P2),
        (Impact.LOW, Urgency.LOW, P4),
    ],
)
def test_impact_and_urgency_give_the_priority(impact: Impact, urgency: Urgency, priority: Priority) -> None:
    asked = {"category": "x", "impact": impact, "urgency": urgency, "triage": SHIPPED}
    classified = TicketClassified(category="x", impact=impact, urgency=urgency, triage=UNNAMED)
    ticket = (
        given(registered("09:00", priority="P3"))
        .when("classify", **asked)
        .then(classified, follows(priority, impact, urgency))
    )
    assert (ticket.priority, ticket.impact, ticket.urgency) == (priority, impact, urgency)


def test_one_of_them_alone_gives_nothing_until_the_other_is_told() -> None:
    story = given(registered("09:00"))
    first = story.when("classify", category="x", impact=Impact.HIGH, triage=SHIPPED)
    first.then(TicketClassified(category="x", impact=Impact.HIGH, triage=UNNAMED))
    then = given(registered("09:00"), happened(first.events[0], "09:10"))
    then.when("classify", category="x", urgency=Urgency.HIGH, triage=SHIPPED).then(
        TicketClassified(category="x", urgency=Urgency.HIGH, triage=UNNAMED),
        follows(P1, Impact.HIGH, Urgency.HIGH),
    )


def test_telling_the_same_again_changes_nothing() -> None:
    given_before = happened(follows(P1, Impact.HIGH, Urgency.HIGH), "09:05")
    said = TicketClassified(category="x", impact=Impact.HIGH, urgency=Urgency.HIGH, triage=UNNAMED)
    story = given(registered("09:00"), happened(said, "09:05"), given_before)
    asked = {"category": "x", "impact": Impact.HIGH, "urgency": Urgency.HIGH, "triage": SHIPPED}
    story.when("classify", **asked).then(said)


def test_a_ticket_that_is_dealt_with_keeps_its_priority() -> None:
    story = given(registered("09:00"), resolved("09:30"))
    asked = {"category": "x", "impact": Impact.HIGH, "urgency": Urgency.HIGH}
    story.when("classify", **asked, triage=SHIPPED).then(TicketClassified(**asked, triage=UNNAMED))


def test_another_priority_than_the_matrix_gave_needs_a_reason() -> None:
    story = given(registered("09:00"), happened(follows(P1, Impact.HIGH, Urgency.HIGH), "09:05"))
    story.when("prioritise", why=None, priority=P2).refused(InvalidValue, "/reason")
    ticket = story.when("prioritise", why="the annex is empty", priority=P2).then(
        TicketPrioritised(priority=P2)
    )
    assert (ticket.priority, ticket.matrix) == (P2, None)


@pytest.mark.parametrize(
    ("asked", "field", "nearest"),
    [
        ({"category": "heatin"}, "/category", "the nearest are heating"),
        ({"category": "漏水了"}, "/category", "the nearest are leaking"),
        ({"category": "noise"}, "/category", "there is no category noise"),
        ({"category": "heating", "fault_code": "E07"}, "/fault_code", "E-07"),
        ({"category": "heating", "fault_code": "E-12"}, "/fault_code", "E-12 is a fault of leaking"),
    ],
)
def test_a_code_that_is_not_listed_is_refused_with_the_nearest(
    asked: dict[str, str], field: str, nearest: str
) -> None:
    error = given(registered("09:00")).when("classify", **asked, triage=LISTED).refused(InvalidValue, field)
    assert nearest in error.message


def test_what_is_listed_is_named_and_without_a_list_any_text_is_taken() -> None:
    heating, open_element = (each.title for each in (LISTED.categories[0], LISTED.fault_codes[0]))
    asked = {"category": "heating", "fault_code": "E-07"}
    named = Triaged(version=3, category=heating, fault_code=open_element)
    given(registered("09:00")).when("classify", **asked, triage=LISTED).then(
        TicketClassified(**asked, triage=named)
    )
    any_text = {"category": "whatever", "fault_code": "X"}
    given(registered("09:00")).when("classify", **any_text, triage=SHIPPED).then(
        TicketClassified(**any_text, triage=UNNAMED)
    )
    imported = given(registered("09:00")).when("classify", **any_text)
    assert imported.then(TicketClassified(**any_text)).triage is None


GENERAL = code("X-99", "未知故障")
WITH_GENERAL = msgspec.structs.replace(LISTED, fault_codes=(*LISTED.fault_codes, GENERAL))


@pytest.mark.parametrize(
    ("before", "then", "kept"),
    [
        (("heating", "E-07"), {"category": "heating"}, "E-07"),
        (("heating", "E-07"), {"category": "leaking"}, None),
        (("heating", "E-07"), {"category": "leaking", "fault_code": "E-12"}, "E-12"),
        (("heating", "E-07"), {"category": "heating", "fault_code": None}, None),
        (("heating", "X-99"), {"category": "leaking"}, "X-99"),
        (("heating", "X-99"), {"category": "leaking", "fault_code": None}, None),
        (("heating", None), {"category": "leaking"}, None),
    ],
)
def test_a_fault_code_stays_only_where_it_belongs_to_the_category(
    before: tuple[str, str | None], then: dict[str, Any], kept: str | None
) -> None:
    category, fault = before
    first = given(registered("09:00")).when(
        "classify", category=category, fault_code=fault, triage=WITH_GENERAL
    )
    told = given(registered("09:00"), happened(first.events[0], "09:10"))
    named = WITH_GENERAL.judged(then["category"], kept, DAY)
    ticket = told.when("classify", **then, triage=WITH_GENERAL).then(
        TicketClassified(category=then["category"], fault_code=kept, triage=named)
    )
    assert (ticket.fault_code, ticket.triage) == (kept, named)


def test_a_fault_code_that_is_no_longer_given_stays_with_its_category_and_keeps_its_name() -> None:
    first = given(registered("09:00")).when("classify", category="heating", fault_code="E-07", triage=LISTED)
    told = given(registered("09:00"), happened(first.events[0], "09:10"))
    without = msgspec.structs.replace(LISTED, version=4, fault_codes=())
    ticket = told.when("classify", category="heating", triage=without).then(
        TicketClassified(
            category="heating",
            fault_code="E-07",
            triage=Triaged(
                version=4, category=LISTED.categories[0].title, fault_code=LISTED.fault_codes[0].title
            ),
        )
    )
    assert ticket.fault_code == "E-07"


def test_where_no_triage_lists_codes_another_category_ends_the_one_of_before() -> None:
    told = given(registered("09:00"), happened(TicketClassified(category="a", fault_code="X"), "09:10"))
    assert told.when("classify", category="a").then(
        TicketClassified(category="a", fault_code="X")
    ).fault_code == ("X")
    assert (
        told.when("classify", category="b", triage=SHIPPED)
        .then(TicketClassified(category="b", triage=UNNAMED))
        .fault_code
        is None
    )


@pytest.mark.parametrize(
    ("day", "taken"), [(date(2026, 3, 1), True), (date(2026, 3, 2), False), (date(2025, 1, 1), True)]
)
def test_a_code_ends_by_the_day_where_the_firm_is(day: date, taken: bool) -> None:
    asked = given(registered("09:00")).when("classify", category="noise", triage=LISTED, today=day)
    if taken:
        assert (
            asked.then(TicketClassified(category="noise", triage=LISTED.judged("noise", None, day))).category
            == "noise"
        )
    else:
        asked.refused(InvalidValue, "/category")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"matrix": {Impact.HIGH: SHIPPED.matrix[Impact.HIGH]}}, "/matrix"),
        ({"matrix": SHIPPED.matrix | {Impact.LOW: {Urgency.LOW: P4}}}, "/matrix/low"),
        ({"categories": (code("a", "甲"), code("a", "乙"))}, "/categories/1/code"),
        ({"fault_codes": (code("a", "甲", parent="b"),)}, "/fault_codes/0/parent"),
        (
            {"categories": (code("a", "甲", active_from=DAY, active_to=date(2026, 1, 1)),)},
            "/categories/0/active_to",
        ),
    ],
)
def test_what_is_not_whole_is_refused(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidValue) as no:
        Triage(**{"name": "standard", "version": 1, "matrix": SHIPPED.matrix, **wrong})  # type: ignore[arg-type]
    assert no.value.field == field
