"""More commands than the log takes: who comes too late is told at once, and nothing of theirs is recorded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from itertools import islice

import psycopg
import pytest

from application.access import Role
from application.database.connect import Database
from application.log import event_log
from application.log.committer import Committer
from application.log.connect import Patience, appending
from tests.conftest import connected
from tests.interfaces.http.client import served
from tests.interfaces.http.refusing import is_refused

WAITING = 2
SENT = 8


def test_when_too_many_wait_the_rest_gets_503_and_may_come_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "Committer", partial(Committer, most_waiting=WAITING))
    monkeypatch.setattr(event_log, "appending", partial(appending, patience=Patience(0, 0, 0)))
    with served(database) as service, psycopg.connect(database.service_url) as holder:
        agent = service.caller(Role.AGENT)
        holder.execute("SELECT FROM log.head FOR UPDATE")
        with ThreadPoolExecutor(SENT) as pool:
            sent = [pool.submit(agent.post, "/tickets", {"subject": str(n)}) for n in range(SENT)]
            refused = [done.result() for done in islice(as_completed(sent, 30), SENT - 2 * WAITING)]
            holder.rollback()
        for answer in refused:
            is_refused(answer, 503, "busy")
            assert int(answer.headers["Retry-After"]) > 0
        told = [each.result() for each in sent]
        recorded = [answer.json()["number"] for answer in told if answer.status_code == 201]
        assert {answer.status_code for answer in told} == {201, 503}
        assert agent.post("/tickets", {"subject": "again"}).status_code == 201
    with connected(database.service_url) as conn:
        ((there,),) = conn.execute("SELECT count(*) FROM log.event").fetchall()
    assert there == len(recorded) + 1


def test_while_somebody_else_holds_the_log_commands_get_503_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "appending", partial(appending, patience=Patience(20, 0, 0)))
    with served(database) as service:
        agent = service.caller(Role.AGENT)
        with psycopg.connect(database.service_url) as holder:
            holder.execute("SELECT FROM log.head FOR UPDATE")
            answer = agent.post("/tickets", {"subject": "x"})
            is_refused(answer, 503, "busy")
            assert int(answer.headers["Retry-After"]) > 0
        assert agent.register()["position"] == 1
