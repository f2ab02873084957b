"""Who answers for a ticket, and how it passes from team to team and from tier to tier (R05, R07)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from domain.errors import InvalidValue, NotAllowed
from domain.ticket.events import TicketAssigned, TicketEscalated
from domain.ticket.passing import passes
from domain.ticket.tier_events import HandoverAccepted, HandoverRefused, TicketHandedBack, TicketOwned
from domain.ticket.words import Bounce, Tier
from tests.domain.story import Happening, happened, registered, resolved
from tests.domain.ticket.story import assigned, given


def escalated(when: str, tier: Tier = Tier.L2, team: str | None = "B") -> Happening:
    return happened(TicketEscalated(tier=tier, team=team), when)


AT_A = (registered("09:00"), assigned("09:10", "A", "王芳"))
HANDED_OVER = (*AT_A, escalated("09:20"))


class TestTheOwner:
    def test_is_the_first_person_whom_it_was_given_to(self) -> None:
        ticket = given(*AT_A, assigned("09:20", "A", "李伟"), assigned("09:30", "B", "赵敏")).ticket
        assert (ticket.owner, ticket.owner_changes, ticket.person) == ("王芳", 0, "赵敏")

    def test_may_be_named_before_anybody_works_on_it(self) -> None:
        named = (
            given(registered("09:00")).when("own", why=None, person="赵敏").then(TicketOwned(owner="赵敏"))
        )
        assert (named.owner, named.owner_changes) == ("赵敏", 0)

    def test_changes_for_a_reason_only_and_it_is_counted(self) -> None:
        story = given(*AT_A)
        story.when("own", why=" ", person="赵敏").refused(InvalidValue, "/reason")
        changed = story.when("own", why="王芳 is on leave", person="赵敏").ticket
        assert (changed.owner, changed.owner_changes, changed.person) == ("赵敏", 1, "王芳")

    def test_is_not_named_twice(self) -> None:
        given(*AT_A).when("own", person="王芳").refused(InvalidValue, "/person")


class TestAHandover:
    def test_waits_for_the_tier_to_accept_it(self) -> None:
        ticket = given(*AT_A).when("escalate", tier=Tier.L2, team="B").ticket
        assert ticket.handover is not None
        came = ticket.handover
        assert (came.tier, came.team, came.from_tier, came.from_team, came.from_person) == (
            *(Tier.L2, "B"),
            *(Tier.L1, "A", "王芳"),
        )
        assert (ticket.tier, ticket.team, ticket.person, ticket.tier_moves) == (Tier.L2, "B", None, 1)

    def test_is_accepted_by_whoever_takes_it(self) -> None:
        accepted = given(*HANDED_OVER).when("accept-handover", person="孙工")
        ticket = accepted.then(HandoverAccepted(tier=Tier.L2, person="孙工"))
        assert (ticket.handover, ticket.person, ticket.owner) == (None, "孙工", "王芳")

    def test_is_accepted_when_its_team_gives_it_to_a_person(self) -> None:
        given(*HANDED_OVER).when("assign", team="B", person="孙工").then(
            TicketAssigned(team="B", person="孙工"), HandoverAccepted(tier=Tier.L2, person="孙工")
        )
        assert given(*HANDED_OVER).when("assign", team="B").ticket.handover is not None

    def test_goes_on_waiting_where_it_is_sent_to_another_team(self) -> None:
        ticket = given(*HANDED_OVER).when("assign", team="C", person="何工").ticket
        assert ticket.handover is not None
        assert (ticket.handover.team, ticket.handover.from_team) == ("C", "A")

    def test_is_refused_for_a_reason_and_the_case_is_back_where_it_came_from(self) -> None:
        given(*HANDED_OVER).when("refuse-handover", why="").refused(InvalidValue, "/reason")
        ticket = (
            given(*HANDED_OVER)
            .when("refuse-handover")
            .then(HandoverRefused(tier=Tier.L1, team="A", person="王芳", bounce=Bounce.PING_PONG))
        )
        assert (ticket.tier, ticket.team, ticket.person, ticket.handover) == (Tier.L1, "A", "王芳", None)
        assert (ticket.refusals, ticket.tier_moves, ticket.hand_offs, ticket.ping_pongs) == (1, 2, 2, 1)

    @pytest.mark.parametrize("action", ["accept-handover", "refuse-handover"])
    def test_must_be_there(self, action: str) -> None:
        given(*AT_A).when(action).refused(NotAllowed)

    def test_ends_with_the_work(self) -> None:
        assert given(*HANDED_OVER, resolved("09:30")).ticket.handover is None

    def test_goes_upwards_only(self) -> None:
        given(*HANDED_OVER).when("escalate", tier=Tier.L1).refused(InvalidValue, "/tier")


class TestHandingBack:
    def test_brings_what_was_found_and_needs_no_acceptance(self) -> None:
        story = given(*HANDED_OVER, happened(HandoverAccepted(tier=Tier.L2, person="孙工"), "09:30"))
        ticket = story.when("hand-back", tier=Tier.L1, team="A", finding="the fuse").then(
            TicketHandedBack(tier=Tier.L1, team="A", finding="the fuse", bounce=Bounce.PING_PONG)
        )
        assert (ticket.tier, ticket.team, ticket.person, ticket.handover) == (Tier.L1, "A", None, None)
        assert (ticket.finding, ticket.tier_moves, ticket.refusals) == ("the fuse", 2, 0)

    def test_goes_downwards_only(self) -> None:
        story = given(*HANDED_OVER)
        story.when("hand-back", tier=Tier.L2, finding="the fuse").refused(InvalidValue, "/tier")


class TestPingPong:
    @pytest.mark.parametrize(
        ("teams", "hand_offs", "returns", "ping_pongs"),
        [
            ("A", 0, 0, 0),
            ("AA", 0, 0, 0),
            ("AB", 1, 0, 0),
            ("ABA", 2, 1, 1),
            ("ABCA", 3, 1, 0),
            ("ABAB", 3, 2, 2),
            ("ABCBA", 4, 2, 1),
            ("ABBA", 2, 1, 1),
        ],
    )
    def test_is_a_team_that_has_it_again(
        self, teams: str, hand_offs: int, returns: int, ping_pongs: int
    ) -> None:
        told = (assigned(f"09:{minute}", team) for minute, team in enumerate(teams, 10))
        ticket = given(registered("09:00"), *told).ticket
        assert (ticket.hand_offs, ticket.returns, ticket.ping_pongs) == (hand_offs, returns, ping_pongs)

    def test_stands_in_the_event(self) -> None:
        story = given(registered("09:00"), *map(assigned, ("09:10", "09:20", "09:30"), "ABC"))
        story.when("assign", team="B").then(TicketAssigned(team="B", bounce=Bounce.PING_PONG))
        story.when("assign", team="A").then(TicketAssigned(team="A", bounce=Bounce.RETURN))
        story.when("assign", team="D").then(TicketAssigned(team="D"))

    @for_any(st.lists(st.sampled_from("ABCD"), max_size=30))
    def test_counting_as_it_happens_is_counting_at_the_end(self, teams: list[str]) -> None:
        ticket = given(registered("09:00"), *(assigned("09:10", team) for team in teams)).ticket
        moves = [team for before, team in pairwise([None, *teams]) if team != before]
        came_back = [place for place, team in enumerate(moves) if team in moves[:place]]
        straight = [place for place in came_back if moves[place] == moves[place - 2]]
        assert ticket.hand_offs == max(len(moves) - 1, 0)
        assert (ticket.returns, ticket.ping_pongs) == (len(came_back), len(straight))
        assert ticket.held_by == tuple(dict.fromkeys(teams))
        assert (passes(teams).returns, passes(teams).team) == (ticket.returns, ticket.team)
