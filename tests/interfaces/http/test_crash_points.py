"""Around the commit: whatever was lost there, the same command with the same key gets the one receipt."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import httpx
import pytest

from application.access import Role
from application.database.connect import Database
from tests.application.log.cutting import Line, Moment, on_a_line
from tests.benchmarks.serving import OURS, server
from tests.interfaces.http.client import served

SUBJECT = "the heater whose commit was cut off"
TICKET = {"subject": SUBJECT}


@pytest.fixture
def cut(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Line, Database]]:
    """A line that can be cut, and the database as it is reached over it."""
    with on_a_line(database, tmp_path_factory.mktemp("line")) as line:
        yield line


@pytest.mark.parametrize("moment", Moment)
def test_a_server_that_lost_its_database_around_the_commit_says_what_became_of_it(
    database: Database, cut: tuple[Line, Database], moment: Moment
) -> None:
    line, over_the_line = cut
    with served(over_the_line) as service:
        agent = service.caller(Role.AGENT)
        agent.register()
        line.cut(moment, SUBJECT)
        first = agent.post("/tickets", TICKET, idempotency_key="k")
        assert line.is_cut.is_set()
        assert first.status_code == 201 if moment is Moment.AFTER else 503
        again = agent.post("/tickets", TICKET, idempotency_key="k")
        assert (again.status_code, again.json()["position"]) == (201, 2)
        if first.status_code == 201:
            assert again.json() == first.json()
        assert service.head() == 2


def test_a_server_killed_after_the_commit_leaves_the_answer_to_another_one(
    database: Database, cut: tuple[Line, Database]
) -> None:
    line, over_the_line = cut
    with served(database) as other, server(OURS, over_the_line.service_url) as (port, pid):
        agent = other.caller(Role.AGENT)
        agent.register()
        line.cut(Moment.AFTER, SUBJECT, lambda: os.kill(pid, signal.SIGKILL))
        headers = {"Authorization": f"Bearer {agent.token}", "Idempotency-Key": "k"}
        with pytest.raises(httpx.TransportError):
            httpx.post(f"http://127.0.0.1:{port}/api/v1/tickets", json=TICKET, headers=headers)
        assert other.head() == 2
        first, again = (agent.post("/tickets", TICKET, idempotency_key="k") for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()
        assert (first.json()["position"], other.head()) == (2, 2)
