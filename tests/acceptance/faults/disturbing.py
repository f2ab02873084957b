"""A busy installation, and what befalls it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import NamedTuple

import psycopg

from application.log.reading import Mark, head
from tests.acceptance.faults.clients import PARTS, PLACE, Answered, Crowd, crowd
from tests.acceptance.faults.fleet import FAULTS, Fault, Fleet
from tests.acceptance.installation import Installation, Person, until

CLIENTS = 8
BETWEEN = 400
AFTERWARDS = 20
"""Commands that are answered after the last one."""


class Told(NamedTuple):
    """What happened, as those tell it who were there.

    Attributes:
        faults: what died, in order.
        answers: every command that was answered.
        kept: the log's head before each death: from then on the log may only grow.
        views: how many times a view was asked for what had just been written.
        followed: position and id of every event that the change feed gave to somebody, as they came.
    """

    faults: list[str]
    answers: list[Answered]
    kept: list[Mark]
    views: int
    followed: list[tuple[int, str]]


def disturbed(
    home: Installation,
    seed: str,
    faults: Iterable[Fault],
    *,
    between: int = BETWEEN,
    tell: Callable[[str], object] = str,
) -> Told:
    """Let clients work while one thing after the other dies; come back when all is quiet again.

    How much is done between two deaths is drawn, down to nothing at all; nobody waits for what died to be
    back, only for the clients to get on.

    Args:
        home: an installation in which nothing runs yet.
        seed: what chance draws from.
        faults: what dies, one after the other.
        between: most commands that are answered between one death and the next; mostly it is far fewer.
        tell: gets a line about every death.
    """
    draw = Random(seed)  # noqa: S311
    home.token = token = home.run("token", "create", "hu.min", "--role", "admin").strip()
    fleet = Fleet(home)
    _stock(home)
    happened: list[str] = []
    kept: list[Mark] = []
    with crowd(fleet.ports, token, CLIENTS, seed) as clients:
        for fault in faults:
            _answers(fleet, clients, int(between * draw.random() ** 2), happened, seed)
            kept += _head(home.database)
            happened.append(fault(fleet, draw))
            tell(f"{len(happened):3}. {happened[-1]} died after {len(clients.answers)} answers")
        _answers(fleet, clients, AFTERWARDS, happened, seed)
        answers, views = clients.go_home(), clients.views
    until(
        lambda: fleet.tend() or home.settled(),
        lambda: f"all at the head of the log (seed {seed})\n{home.run('projections')}",
    )
    kept += _head(home.database)
    until(lambda: clients.follower.read_on() >= kept[-1].position, lambda: "the feed gave the whole log")
    return Told(happened, answers, kept, views, clients.follower.events)


def by_chance(seed: str, kills: int) -> Iterator[Fault]:
    """So many faults, as they come."""
    yield from Random(f"{seed} faults").choices([*FAULTS], [*FAULTS.values()], k=kills)  # noqa: S311


def _answers(fleet: Fleet, clients: Crowd, more: int, happened: list[str], seed: str) -> None:
    """Wait until so many more commands are answered."""
    enough = len(clients.answers) + more
    last = happened[-1] if happened else "nothing"

    def are_answered() -> bool:
        fleet.tend()
        return len(clients.answers) >= enough

    died = f"after {last} died (fault {len(happened)}, seed {seed})"
    until(are_answered, lambda: f"{more} more commands answered {died}")


def _head(url: str) -> list[Mark]:
    """Where the log ends and its hash; nothing while the database is away."""
    try:
        with psycopg.connect(url, autocommit=True) as conn:
            return [head(conn)]
    except psycopg.OperationalError:
        return []


def _stock(home: Installation) -> None:
    """Parts for everybody, and of one of them too few."""
    keeper = Person(f"http://127.0.0.1:{home.port}/api/v1", home.token)
    for number, quantity in zip(PARTS, (10_000, 10_000, 12), strict=True):
        name = {"zh": "备件", "en": "part"}
        keeper.sends("/parts", number=number, revision="A", name=name, unit="件")
        came = {"location": PLACE, "supplier": "合肥电热", "document": "DN-881"}
        keeper.sends(f"/parts/{number}/receive", quantity=quantity, **came)
