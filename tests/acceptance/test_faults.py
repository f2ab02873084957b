"""The short form of ``make faults``: the leading worker, the database and servers die under load."""

from __future__ import annotations

from tests.acceptance.faults.disturbing import disturbed
from tests.acceptance.faults.fleet import Fleet
from tests.acceptance.faults.proving import prove
from tests.acceptance.installation import installed

FAULTS = (Fleet.kill_the_first_worker, Fleet.crash_the_database, Fleet.kill_a_server, Fleet.kill_a_server)


def test_whatever_dies_all_that_was_answered_is_there_once_and_adds_up() -> None:
    with installed() as home:
        told = disturbed(home, "short", FAULTS, between=150)
        assert any(answer.tries > 1 for answer in told.answers), "nothing that died was missed by anybody"
        assert prove(home, told)["faults"] == len(FAULTS)
