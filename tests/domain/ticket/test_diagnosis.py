"""What is found out, and help from afar (R06)."""

from __future__ import annotations

from domain.reading import Verdict
from domain.ticket.diagnosis_events import CustomerGuided, FaultDiagnosed
from domain.ticket.events import TicketResolved
from domain.ticket.words import Guidance
from tests.domain.story import Happening, at, happened, registered, resolved
from tests.domain.story import given as told
from tests.domain.ticket.story import given


def guided(when: str, articles: tuple[str, ...] = ()) -> Happening:
    event = CustomerGuided(guidance=Guidance.PHONE, summary="open the valve", articles=articles)
    return happened(event, when)


def test_whoever_guides_the_customer_has_answered_them() -> None:
    clock = told(registered("09:00", priority="P1"), guided("09:30")).at("12:00").first_response
    assert (clock.verdict, clock.elapsed) == (Verdict.MET, 1800)
    assert given(registered("09:00"), guided("09:30")).ticket.last_contact_at == at("09:30")


def test_guiding_the_customer_resolves_nothing_by_itself() -> None:
    assert told(registered("09:00"), guided("09:30")).at("10:00").resolve.verdict is Verdict.PENDING


def test_a_ticket_keeps_what_was_found_and_every_article_once() -> None:
    found = FaultDiagnosed(finding="scale", cause_code="C-12", articles=("KB-1", "KB-2"))
    ticket = given(registered("09:00"), guided("09:30", ("KB-2",)), happened(found, "10:00")).ticket
    assert ticket.articles == ("KB-2", "KB-1")
    assert [(each.finding, each.cause_code, each.by) for each in ticket.diagnoses] == [
        ("scale", "C-12", "agent:li.wei")
    ]


def test_the_cause_may_be_found_with_the_solution_or_long_after_it() -> None:
    solved = happened(TicketResolved(solution="x", cause_code="C-12", articles=("KB-1",)), "10:00")
    ticket = given(registered("09:00"), solved).ticket
    assert (ticket.cause_code, ticket.articles) == ("C-12", ("KB-1",))
    found = happened(FaultDiagnosed(finding="lot of March", cause_code="C-40"), "tue 10:00")
    assert given(registered("09:00"), resolved("10:00"), found).ticket.cause_code == "C-40"
