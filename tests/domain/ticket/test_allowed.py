"""In which states each action may be asked for, and when it may have happened."""

from __future__ import annotations

import pytest

from domain.errors import InvalidValue, NotAllowed
from domain.ticket.allowed import ALLOWED, allowed_actions
from domain.ticket.words import Status
from tests.domain.ticket.story import ASKED, FIRST, FOLLOWS, FOLLOWS_IN, STANDS, given

TABLE = """
              new  assigned  on_hold  resolved  confirmed  closed  cancelled
classify      yes  yes       yes      yes       yes        -       -
prioritise    yes  yes       yes      -         -          -       -
assign        yes  yes       yes      -         -          -       -
contact       yes  yes       yes      yes       yes        yes     yes
hold          yes  yes       -        -         -          -       -
resume        -    -         yes      -         -          -       -
own           yes  yes       yes      yes       yes        -       -
escalate      yes  yes       yes      -         -          -       -
accept-handover yes yes      yes      -         -          -       -
refuse-handover yes yes      yes      -         -          -       -
hand-back     yes  yes       yes      -         -          -       -
diagnose      yes  yes       yes      yes       yes        yes     -
guide         yes  yes       yes      yes       yes        -       -
liaise        yes  yes       yes      yes       yes        -       -
answer-liaison yes yes       yes      yes       yes        yes     -
move-liaison  yes  yes       yes      yes       yes        yes     -
withdraw-liaison yes yes     yes      yes       yes        yes     -
resolve       yes  yes       yes      -         -          -       -
confirm       -    -         -        yes       -          -       -
reject        -    -         -        yes       -          -       -
close         -    -         -        yes       yes        -       -
reopen        -    -         -        yes       yes        yes     -
cancel        yes  yes       yes      -         -          -       -
remark        yes  yes       yes      yes       yes        yes     yes
answer        yes  yes       yes      yes       yes        yes     yes
acknowledge   yes  yes       yes      -         -          -       -
dispatch      yes  yes       yes      -         -          -       -
arrive        yes  yes       yes      -         -          -       -
work-around   yes  yes       yes      -         -          -       -
order-part    yes  yes       yes      -         -          -       -
deliver-part  yes  yes       yes      yes       yes        -       -
complain      yes  yes       yes      yes       yes        yes     yes
answer-complaint yes yes     yes      yes       yes        yes     yes
call-back     -    -         -        -         -          yes     -
withdraw-file yes  yes       yes      yes       yes        yes     yes
write         yes  yes       yes      yes       yes        yes     yes
identify      yes  yes       yes      yes       yes        yes     yes
repin         yes  yes       yes      yes       yes        yes     -
approve-repin yes  yes       yes      yes       yes        yes     -
decline-repin yes  yes       yes      yes       yes        yes     yes
merge         yes  yes       yes      -         -          -       -
link          yes  yes       yes      yes       yes        yes     yes
unlink        yes  yes       yes      yes       yes        yes     yes
split         yes  yes       yes      yes       yes        -       -
"""


def rows() -> list[tuple[str, Status, bool]]:
    """The table, cell by cell."""
    head, *lines = (line.split() for line in TABLE.strip().splitlines())
    return [
        (action, Status(status), cell == "yes")
        for action, *cells in lines
        for status, cell in zip(head, cells, strict=True)
    ]


ALLOWS = {
    status: tuple(sorted(name for name, state, yes in rows() if yes and state is status)) for status in Status
}
"""What each state allows while everything waits that can wait."""


def waiting_with(action: str) -> set[str]:
    """The actions that the same thing must have happened for."""
    return {name for name, first in FIRST.items() if first == FIRST.get(action)}


class TestEveryActionInEveryState:
    def test_the_table_is_complete(self) -> None:
        assert {(action, status) for action, status, _ in rows()} == {(a, s) for a in ALLOWED for s in Status}
        assert ASKED.keys() == FOLLOWS.keys() == ALLOWED.keys()
        assert all(given(*STANDS[status]).ticket.status is status for status in Status)

    @pytest.mark.parametrize(("action", "status", "allowed"), rows())
    def test_cell(self, action: str, status: Status, allowed: bool) -> None:
        answer = given(*STANDS[status], *FIRST.get(action, ())).when(action, **ASKED[action])
        if allowed:
            answer.then(FOLLOWS_IN.get((action, status), FOLLOWS[action]))
            return
        error = answer.refused(NotAllowed)
        assert isinstance(error, NotAllowed)
        assert error.state == status.value
        assert error.allowed == tuple(
            name for name in ALLOWS[status] if name not in FIRST or name in waiting_with(action)
        )
        assert f"is {status.value}" in error.message
        assert action in error.message
        assert all(name in error.message for name in error.allowed)

    @pytest.mark.parametrize(("action", "status", "allowed"), rows())
    def test_what_is_said_to_be_allowed_is(self, action: str, status: Status, allowed: bool) -> None:
        ticket = given(*STANDS[status], *FIRST.get(action, ())).ticket
        assert (action in allowed_actions(ticket)) is allowed

    @pytest.mark.parametrize("status", Status)
    @pytest.mark.parametrize("action", FIRST)
    def test_what_needs_something_that_waits_is_allowed_only_then(self, action: str, status: Status) -> None:
        nothing_waits = given(*STANDS[status]).ticket
        it_waits = given(*STANDS[status], *FIRST[action]).ticket
        assert action not in allowed_actions(nothing_waits)
        assert {*allowed_actions(it_waits)} - {*allowed_actions(nothing_waits)} == (
            waiting_with(action) & {*ALLOWS[status]}
        )


class TestTime:
    @pytest.mark.parametrize("action", list(ALLOWED))
    def test_nothing_happens_before_the_report(self, action: str) -> None:
        status = next(status for name, status, yes in rows() if yes and name == action)
        story = given(*STANDS[status], *FIRST.get(action, ()))
        story.when(action, "08:59:59", **ASKED[action]).refused(InvalidValue, "/occurred_at")
        late = story.when(action, "09:00", **ASKED[action])
        assert late.error is None

    def test_what_the_state_forbids_is_said_first(self) -> None:
        given(*STANDS[Status.CLOSED]).when("resolve", "08:00", solution="x").refused(NotAllowed)
