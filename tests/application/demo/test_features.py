"""The year shows everything that may happen to a ticket, at least once."""

from __future__ import annotations

import asyncio
import re

import pytest

from application.access import Caller, Role
from application.database.connect import Database
from application.demo.firm import VISITOR, firm
from application.demo.views import VIEWS
from application.files.store import Files
from application.ids import uuid7
from application.log.event_log import open_log
from application.saved_views import SavedViews
from domain.event import EVENT_TYPES, type_name
from domain.ticket.file_events import FileAttached
from domain.ticket.words import Tier
from tests.application.demo.whole import Year

ELSEWHERE = re.compile(
    r"ticket\.(letter_.*|identified|question_.*|rule_applied|miss_corrected|arrived|worked_around|file_withdrawn|unlinked)"
)
"""What takes a mail server, rules, the reactions of a worker, or a correction."""


def test_every_kind_of_event_happens_to_some_ticket(year: Year) -> None:
    told = {type_name(fact.event) for fact in year.facts}
    kinds = {kind for kind in EVENT_TYPES if kind.startswith("ticket.")}
    assert {kind for kind in kinds - told if not ELSEWHERE.fullmatch(kind)} == set()


def test_the_visitor_has_tickets_and_cases_wait_for_the_tier_above(year: Year) -> None:
    hers = [ticket for ticket in year.tickets.values() if ticket.person == VISITOR.name]
    assert len(hers) == 3
    assert {ticket.team for ticket in hers} == {VISITOR.team}
    waiting = [ticket for ticket in year.tickets.values() if ticket.handover is not None]
    assert [ticket.tier for ticket in waiting].count(Tier.L2) >= 2


def test_people_are_called_as_their_tokens_are(year: Year) -> None:
    people = {person for team in firm().teams.values() for person in team.people}
    named = {ticket.person for ticket in year.tickets.values() if ticket.person}
    assert named <= people | {VISITOR.name}
    actors = {fact.act.actor.partition(":")[2] for fact in year.facts}
    assert len(named & actors) > 10


def test_attached_files_can_be_read(told: Database, year: Year) -> None:
    attached = {event.sha256: event for _, event in year.all(FileAttached)}
    assert len(attached) == 4

    async def sizes() -> list[int]:
        async with open_log(told.service_url) as log:
            return [await Files(log.connection).verify(digest) for digest in attached]

    assert asyncio.run(sizes()) == [event.size for event in attached.values()]


@pytest.mark.parametrize("person", ["王芳", "张伟", VISITOR.name])
def test_views_are_saved_for_those_who_should_see_them(told: Database, person: str) -> None:
    teams = tuple(name for name, team in firm().teams.items() if person in team.people)

    async def seen() -> set[str]:
        async with open_log(told.service_url) as log:
            caller = Caller(person, Role.AGENT, uuid7(), teams=teams)
            return {view.name for view in await SavedViews(log).of(caller)}

    expected = {
        view.name
        for view in VIEWS
        if view.owner == person or view.shared == "everybody" or view.team in teams
    }
    assert asyncio.run(seen()) == expected
