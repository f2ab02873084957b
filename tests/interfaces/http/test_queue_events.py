"""Following a queue: what comes, changes and goes, and who is at which ticket, from whichever process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest

from application.access import Role
from application.database.connect import Database
from application.log.event_log import open_log
from application.log.tail import Tail
from application.presence import LASTS, MOST_AT_ONCE
from interfaces.http import feeding, live
from tests.benchmarks.serving import OURS, server
from tests.interfaces.http.client import Caller, Served, served, worker
from tests.interfaces.http.refusing import is_refused
from tests.interfaces.http.turning import Wall
from tests.projections.views import PROMISES

TEAM = "华东一组"


class Sent(NamedTuple):
    """One server-sent event."""

    id: int | None
    event: str
    data: dict[str, Any]


class Follower:
    """A client of a queue's stream."""

    def __init__(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200, answer.read()
        self._lines = answer.iter_lines()

    def next(self, *kinds: str) -> Sent:
        """The next event of one of these kinds."""
        fields: dict[str, str] = {}
        for line in self._lines:
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields.get("event") in kinds:
                return Sent(
                    int(fields["id"]) if "id" in fields else None, fields["event"], json.loads(fields["data"])
                )
            else:
                fields.clear()
        raise AssertionError("the stream has ended")

    def changes(self, many: int) -> list[tuple[str, str]]:
        """The next changes: what, and of which ticket."""
        found = (self.next("added", "changed", "removed") for _ in range(many))
        return [(each.event, each.data["ticket"]["number"]) for each in found]


@pytest.fixture(scope="module")
def urls(service: Served) -> Iterator[list[str]]:
    """Two processes that serve."""
    url = service.database.service_url
    with server(OURS, url) as (one, _), server(OURS, url) as (other, _):
        yield [f"http://127.0.0.1:{port}/api/v1" for port in (one, other)]


@contextmanager
def following(url: str, caller: Caller, queue: str, **headers: str) -> Iterator[Follower]:
    """Follow a queue of a process."""
    sent = {"Authorization": f"Bearer {caller.token}", **headers}
    with httpx.stream("GET", f"{url}/queues/{queue}", headers=sent, timeout=30) as answer:
        yield Follower(answer)


def test_a_ticket_comes_changes_and_goes_in_both_processes(
    service: Served, urls: list[str], agent: Caller
) -> None:
    page = agent.reads("/queues/all")
    with ExitStack() as streams:
        followers = [
            streams.enter_context(following(url, agent, f"{TEAM}/events?after={page['position']}"))
            for url in urls
        ]
        number = agent.register()["number"]
        agent.does(number, "remark", text="not in the team's queue yet")
        agent.does(number, "assign", team=TEAM)
        agent.does(number, "prioritise", priority="P1")
        agent.does(number, "assign", team="others")
        expected = [("added", number), ("changed", number), ("removed", number)]
        assert [follower.changes(3) for follower in followers] == [expected] * 2


def test_whoever_comes_back_hears_what_happened_meanwhile_and_nothing_twice(
    urls: list[str], agent: Caller
) -> None:
    position = agent.reads("/queues/all")["position"]
    with following(urls[0], agent, f"all/events?priority=P1&after={position}") as follower:
        first = agent.register(priority="P1")["number"]
        last = follower.next("added")
        assert last.data["ticket"]["number"] == first
        assert last.data["ticket"]["remaining"].startswith("PT")
    second = agent.register(priority="P1")["number"]
    agent.register(priority="P3")
    agent.does(first, "cancel", reason="reported twice")
    back = {"Last-Event-ID": str(last.id)}
    with following(urls[1], agent, f"all/events?priority=P1&after={position}", **back) as follower:
        assert follower.changes(2) == [("added", second), ("removed", first)]


def test_a_lost_connection_of_the_server_loses_nothing(
    service: Served, urls: list[str], agent: Caller
) -> None:
    with following(urls[0], agent, f"all/events?after={service.head()}") as follower:
        with psycopg.connect(service.database.service_url, autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                "AND application_name IN ('aftersales tail', 'aftersales presence') "
                "AND datname = current_database()"
            )
        number = agent.register()["number"]
        assert follower.changes(1) == [("added", number)]


def test_a_saved_view_is_followed_like_a_queue(urls: list[str], service: Served, agent: Caller) -> None:
    view = agent.post("/saved-views", {"name": "P4", "filter": {"priority": ["P4"]}}).json()["id"]
    with following(urls[0], agent, f"saved/{view}/events?after={service.head()}") as follower:
        agent.register(priority="P1")
        number = agent.register(priority="P4")["number"]
        assert follower.changes(1) == [("added", number)]


def test_who_is_at_a_ticket_is_seen_from_another_process(
    service: Served, urls: list[str], agent: Caller, auditor: Caller
) -> None:
    receipt = agent.register()
    ticket = f"tickets/{receipt['number']}/presence"
    bearer = {"Authorization": f"Bearer {auditor.token}"}

    def people(follower: Follower) -> list[tuple[str, str]]:
        while (told := follower.next("presence").data)["id"] != receipt["id"]:
            pass
        return [(each["name"], each["doing"]) for each in told["people"]]

    with following(urls[1], agent, "all/events") as follower:
        for doing in ("look", "edit"):
            put = httpx.put(f"{urls[0]}/{ticket}", headers=bearer, json={"doing": doing})
            assert put.status_code == 200, put.text
            assert people(follower) == [("chen.jing", doing)]
        read = httpx.get(f"{urls[1]}/{ticket}", headers=bearer).json()
        assert [(each["name"], each["role"]) for each in read["people"]] == [("chen.jing", "auditor")]
        with following(urls[0], agent, "all/events") as late:
            assert people(late) == [("chen.jing", "edit")]
        assert httpx.delete(f"{urls[0]}/{ticket}", headers=bearer).status_code == 204
        assert people(follower) == []


def test_who_missed_too_much_is_told_to_begin_anew(
    service: Served, agent: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_MISSED", 1)
    for _ in range(2):
        agent.register()

    async def story() -> None:
        url = service.database.service_url
        async with open_log(url) as log, Tail(url) as tail:
            follow = live.Live(log, tail, PROMISES)
            head = await log.head()
            assert await follow.page(0) == live.ChangesPage((), head, head, is_reset=True)
            assert not (await follow.page(head - 1)).is_reset

    asyncio.run(story())


def test_too_many_are_told_to_come_back(agent: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "MOST_FOLLOWERS", 0)
    is_refused(agent.ask("GET", "/queues/all/events"), 503, "busy")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("after=99999999", "after"),
        ("after=-1", "after"),
        ("late=true", "late"),
        ("others_overdue=false", "others_overdue"),
        ("others_overdue=true&breaking=60", "breaking"),
        ("review_due=false", "review_due"),
        ("others_overdue=true&review_due=true", "review_due"),
        ("limit=5", "limit"),
        ("colour=red", "colour"),
    ],
)
def test_what_cannot_be_followed_is_said_before_the_stream_begins(
    agent: Caller, query: str, name: str
) -> None:
    is_refused(agent.ask("GET", f"/queues/all/events?{query}"), 422, "invalid-form", name)


class TestPresence:
    """Who is at a ticket, by a clock that the test turns."""

    @pytest.fixture
    def wall(self) -> Wall:
        """That clock."""
        return Wall()

    @pytest.fixture
    def here(self, database: Database, wall: Wall) -> Iterator[Served]:
        """A service with it."""
        with served(database, now=wall) as service, worker(database):
            yield service

    def test_it_ends_unless_it_is_said_again(self, here: Served, wall: Wall) -> None:
        agent, other = here.caller(Role.AGENT), here.caller(Role.AUDITOR, "chen.jing")
        path = f"/tickets/{agent.register()['number']}/presence"

        def people() -> list[str]:
            return [each["name"] for each in agent.reads(path)["people"]]

        assert people() == []
        for caller in (agent, other):
            assert caller.ask("PUT", path, json={}).status_code == 200
        assert people() == ["li.wei", "chen.jing"]
        wall.turn(LASTS - timedelta(seconds=1))
        assert other.ask("PUT", path, json={"doing": "edit"}).status_code == 200
        assert people() == ["li.wei", "chen.jing"]
        wall.turn(timedelta(seconds=1))
        assert people() == ["chen.jing"]
        wall.turn(LASTS)
        assert people() == []

    def test_nothing_of_it_is_in_the_log_and_nobody_is_everywhere(self, here: Served) -> None:
        agent = here.caller(Role.AGENT)
        paths = [f"/tickets/{agent.register()['number']}/presence" for _ in range(MOST_AT_ONCE + 1)]
        head = here.head()
        for path in paths:
            agent.ask("PUT", path, json={})
        there = [len(agent.reads(path)["people"]) for path in paths]
        assert sum(there) == MOST_AT_ONCE
        assert here.head() == head

    def test_a_ticket_that_is_not_there_has_nobody(self, here: Served) -> None:
        agent = here.caller(Role.AGENT)
        for method in ("GET", "PUT", "DELETE"):
            body = {"json": {}} if method == "PUT" else {}
            is_refused(agent.ask(method, "/tickets/T-1999-000001/presence", **body), 404, "not-found")
        number = agent.register()["number"]
        wrong = agent.ask("PUT", f"/tickets/{number}/presence", json={"doing": "sleep"})
        assert wrong.json()["errors"][0]["pointer"] == "#/doing"
