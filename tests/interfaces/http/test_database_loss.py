"""The database goes away and comes back; the service stays, says so, and goes on by itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import httpx
import pytest

from application.access import Role
from application.database.connect import Database, embedded_database
from application.database.embedded import running_server
from application.database.migrate import migrate
from tests.conftest import FAST, connected, scratch
from tests.interfaces.http.client import Caller, Served, served, worker
from tests.projections.views import until


class Lightswitch:
    """A server of one's own, switched off and on."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._running = ExitStack()
        self.on()

    def on(self) -> None:
        """Start it, in the same place as before."""
        server = self._running.enter_context(running_server(self._directory, FAST))
        self.database: Database = embedded_database(server, "loss")

    def off(self) -> None:
        """Stop it, whoever is connected."""
        self._running.close()


@pytest.fixture(scope="module")
def switch() -> Iterator[Lightswitch]:
    """A server with a migrated database."""
    directory = scratch() / f"aftersales-loss-{uuid4().hex[:12]}"
    switch = Lightswitch(directory)
    try:
        migrate(switch.database.owner_url)
        yield switch
    finally:
        switch.off()
        shutil.rmtree(directory)


@pytest.fixture
def agent(switch: Lightswitch) -> Iterator[Caller]:
    """An agent of a service with a worker."""
    with served(switch.database) as service, worker(switch.database):
        yield service.caller(Role.AGENT)


def is_unavailable(answer: httpx.Response) -> None:
    """The answer says that the database is away, and nothing of how it is reached."""
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["type"] == "urn:aftersales:problem:unavailable"
    assert not [
        word for word in ("Traceback", "psycopg", "socket", "PGSQL", "/") if word in answer.json()["detail"]
    ]


def test_without_its_database_the_service_answers_503_and_recovers_by_itself(
    switch: Lightswitch, agent: Caller
) -> None:
    number = agent.register()["number"]
    agent.reads("/queues/all")
    switch.off()
    is_unavailable(agent.get("/tickets"))
    for _ in range(2):
        is_unavailable(agent.post("/tickets", {"subject": "while it was away"}))
    is_unavailable(agent.get("/readyz"))
    assert agent.get("/healthz").status_code == 200
    switch.on()
    until(lambda: agent.get("/readyz").status_code == 200)
    until(lambda: agent.post(f"/tickets/{number}/assign", {"team": "A"}).status_code == 200)
    assert agent.reads("/queues/A")["items"][0]["number"] == number
    types = [entry["type"] for entry in agent.reads(f"/tickets/{number}/history")["items"]]
    assert agent.reads("/tickets")["items"][0]["number"] == number
    assert types[0] == "ticket.registered"
    assert set(types[1:]) == {"ticket.assigned"}


def test_commands_in_flight_are_recorded_once_or_refused_and_their_keys_still_work(
    switch: Lightswitch, agent: Caller
) -> None:
    going, stop = Event(), Event()

    def register(caller: int) -> dict[str, httpx.Response]:
        answers: dict[str, httpx.Response] = {}
        while not stop.is_set() and not any(answer.status_code == 503 for answer in answers.values()):
            key = f"{caller}-{len(answers)}"
            answers[key] = agent.post("/tickets", {"subject": key}, idempotency_key=key)
            if len(answers) == 5:
                going.set()
        return answers

    with ThreadPoolExecutor(8) as pool:
        running = [pool.submit(register, caller) for caller in range(8)]
        assert going.wait(30)
        switch.off()
        stop.set()
        answers = {key: answer for each in running for key, answer in each.result().items()}
    assert {answer.status_code for answer in answers.values()} == {201, 503}
    switch.on()
    until(lambda: agent.get("/readyz").status_code == 200)

    recorded = subjects(switch.database)
    assert len(recorded) == len(set(recorded))
    told = {key for key, answer in answers.items() if answer.status_code == 201}
    assert told <= set(recorded) <= set(answers)
    again: dict[str, Any] = {}
    for key in answers:
        until(lambda key=key: repeated(agent, key, again))
    for key in told:
        assert again[key] == answers[key].json()
    assert sorted(subjects(switch.database)) == sorted(answers)


def repeated(agent: Caller, key: str, answers: dict[str, Any]) -> bool:
    """Send the command of a key again; whether it was taken."""
    answer = agent.post("/tickets", {"subject": key}, idempotency_key=key)
    answers[key] = answer.json()
    return answer.status_code == 201


def subjects(database: Database) -> list[str]:
    """The subjects of what was registered under a key."""
    query = (
        "SELECT data ->> 'subject' FROM public.event_log "
        "WHERE type = 'ticket.registered' AND idempotency_key IS NOT NULL"
    )
    with connected(database.service_url) as conn:
        return [row[0] for row in conn.execute(query).fetchall()]


def test_a_service_that_starts_without_a_database_waits_for_it(switch: Lightswitch) -> None:
    with served(switch.database) as service:
        token = service.token(Role.AGENT)
    switch.off()
    with served(switch.database) as service:
        agent = Caller(service, token)
        is_unavailable(agent.get("/tickets"))
        switch.on()
        until(lambda: agent.get("/readyz").status_code == 200)
        until(lambda: agent.post("/tickets", {"subject": "x"}).status_code == 201)


def test_backends_that_are_killed_are_replaced(switch: Lightswitch, agent: Caller) -> None:
    number = agent.register()["number"]
    for _ in range(3):
        with connected(switch.database.service_url) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
            )
        until(lambda: agent.post(f"/tickets/{number}/remark", {"text": "x"}).status_code == 200)
        until(lambda: agent.get(f"/tickets/{number}").status_code == 200)


def test_a_token_that_is_revoked_while_nobody_listens_is_worthless(
    switch: Lightswitch, service_token: tuple[Served, str]
) -> None:
    service, token = service_token
    caller = Caller(service, token)
    assert caller.get("/tickets").status_code in {200, 503}
    switch.off()
    switch.on()
    with connected(switch.database.service_url) as conn:
        conn.execute("UPDATE access.token SET revoked_at = now()")
    until(lambda: caller.get("/tickets").status_code == 401)


@pytest.fixture
def service_token(switch: Lightswitch) -> Iterator[tuple[Served, str]]:
    """A service without a worker, and a token."""
    with served(switch.database) as service:
        yield service, service.token(Role.AGENT)
