"""A worker that dies between any two of its steps changes nothing about what follows."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import Any

import pytest

from application.log.event_log import EventLog
from application.ticket_commands.course import CloseTicket, ResolveTicket
from domain.contract.events import Allowances
from domain.event import Fact, type_name
from tests.application.policies.case import ON_SITE, Case, tell
from tests.conftest import fresh_database


class Killed(BaseException):
    """The worker is gone."""


class Mortal:
    """A log that kills whoever uses it, just before or just after a step.

    Args:
        log: the log.
        steps: how many steps are lived through.
        after: whether the fatal step is still done.
    """

    def __init__(self, log: EventLog, steps: int, *, after: bool) -> None:
        self._log = log
        self._steps = steps
        self._after = after

    def __getattr__(self, name: str) -> Any:
        if name == "snapshots":
            return self
        step = getattr(self._log if hasattr(self._log, name) else self._log.snapshots, name)
        if not iscoroutinefunction(step):
            return step

        async def mortal(*args: Any, **kwargs: Any) -> Any:
            self._steps -= 1
            if self._steps < 0 and not self._after:
                raise Killed
            done = await step(*args, **kwargs)
            if self._steps < 0:
                raise Killed
            return done

        return mortal


async def happens(case: Case) -> Fact:
    """A case with a visit, an installed part too many, a reservation left over, and an end."""
    await case.contract(allowances=Allowances(visits=1, parts=0))
    await case.part()
    ticket = await case.ticket()
    await case.ask(ticket.number, ON_SITE)
    await case.reserves(ticket.number)
    await case.reserves(ticket.number)
    await case.ask(ticket.number, ResolveTicket(solution="x"), CloseTicket())
    other = await case.ticket()
    await case.installs(other.number)
    return (await case.told(ticket.id))[0]


async def outcome(case: Case) -> list[tuple[Any, ...]]:
    """What the log holds, in order; without ids and times, which no two runs share."""
    facts = await case.log.after(0, 10_000)
    causes = {fact.id: fact.position for fact in facts}
    return [
        (type_name(fact.event), fact.version, fact.act.actor, causes.get(fact.causation_id or fact.id))
        for fact in facts
    ]


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_step_and_started_again_the_same_follows(server: Any, *, after: bool) -> None:
    told: list[list[tuple[Any, ...]]] = []
    lived_through = 0

    async def story(case: Case) -> None:
        await happens(case)
        if lived_through < ENDLESS:
            with pytest.raises(Killed):
                await case.react(Mortal(case.log, lived_through, after=after))
        await case.react()
        told.append(await outcome(case))

    steps = count_steps(server)
    assert steps > 10
    for lives in [ENDLESS, *range(steps)]:
        lived_through = lives
        with fresh_database(server) as database:
            tell(database, story)
    undisturbed, *killed = told
    assert [kind for kind, *_ in undisturbed].count("ticket.question_raised") == 1
    assert [kind for kind, *_ in undisturbed].count("part.reservation_released") == 2
    assert all(each == undisturbed for each in killed)


ENDLESS = 10**6


def count_steps(server: Any) -> int:
    """How many steps a worker takes for the whole case."""
    left = 0

    async def story(case: Case) -> None:
        nonlocal left
        await happens(case)
        mortal = Mortal(case.log, ENDLESS, after=False)
        await case.react(mortal)
        left = ENDLESS - mortal._steps

    with fresh_database(server) as database:
        tell(database, story)
    return left
