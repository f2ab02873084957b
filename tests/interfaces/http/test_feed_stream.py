"""The change feed as server-sent events, from a served process."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple, cast

import httpx
import psycopg
import pytest

from application.access import Role, list_tokens, revoke_token
from application.log.event_log import open_log
from application.log.tail import Tail
from interfaces.http import streaming
from interfaces.http.feeding import MOST_FOLLOWERS, Asked, Feed
from interfaces.http.streaming import stream
from tests.application.log.appending import remark
from tests.benchmarks.serving import OURS, server
from tests.interfaces.http.client import Caller, Served
from tests.projections.views import until


class Sent(NamedTuple):
    """One server-sent event."""

    id: int
    event: str
    data: dict[str, Any]


class Follower:
    """A client of the stream.

    Attributes:
        last: the id of the last event it was given, as its kind keeps it.
    """

    def __init__(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        self._lines = answer.iter_lines()
        self.last = 0

    def next(self) -> Sent | None:
        """The next event; ``None`` when the stream ends."""
        fields: dict[str, str] = {}
        for line in self._lines:
            if line:
                name, _, value = line.partition(": ")
                fields[name] = fields[name] + "\n" + value if name in fields else value
            elif "data" in fields:
                self.last = int(fields["id"])
                return Sent(self.last, fields["event"], json.loads(fields["data"]))
            else:
                fields.clear()
        return None

    def takes(self, many: int) -> list[int]:
        """The positions of the next events, each told the same in three places."""
        taken = []
        for _ in range(many):
            event = self.next()
            assert event is not None
            assert (event.id, event.event) == (event.data["position"], event.data["type"])
            taken.append(event.id)
        return taken


@pytest.fixture(scope="module")
def url(service: Served, admin: Caller) -> Iterator[str]:
    """The feed of a process that serves a log of some events."""
    for _ in range(5):
        admin.register()
    with server(OURS, service.database.service_url) as (port, _):
        yield f"http://127.0.0.1:{port}/api/v1/feed"


@contextmanager
def following(url: str, caller: Caller, query: str = "", **headers: str) -> Iterator[Follower]:
    """Somebody who follows the log for the length of the block."""
    sent = {"Accept": "text/event-stream", "Authorization": f"Bearer {caller.token}"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx.stream("GET", url + query, headers=sent | named, timeout=30) as answer:
        yield Follower(answer)


def test_all_that_was_recorded_and_then_whatever_is(url: str, auditor: Caller, agent: Caller) -> None:
    with following(url, auditor) as first, following(url, auditor, "?after=3") as second:
        assert first.takes(5) == [1, 2, 3, 4, 5]
        assert second.takes(2) == [4, 5]
        for _ in range(3):
            position = agent.register()["position"]
            assert first.takes(1) == second.takes(1) == [position]


def test_whoever_comes_back_goes_on_after_the_last_event(url: str, auditor: Caller, service: Served) -> None:
    head, taken, last = service.head(), [], None
    while len(taken) < head:
        headers = {} if last is None else {"Last_Event_ID": str(last)}
        with following(url, auditor, "?after=0", **headers) as follower:
            taken += follower.takes(min(2, head - len(taken)))
            last = follower.last
    assert taken == list(range(1, head + 1))


def test_only_some_types(url: str, auditor: Caller, agent: Caller, service: Served) -> None:
    with following(url, auditor, f"?after={service.head()}&types=ticket.remarked") as follower:
        ticket = agent.register()["number"]
        remarked = agent.does(ticket, "remark", text="x")["position"]
        assert follower.takes(1) == [remarked]


def test_the_end_of_a_token_is_the_end_of_its_stream(url: str, service: Served, agent: Caller) -> None:
    leaver = service.caller(Role.AUDITOR, "leaver")
    with following(url, leaver, f"?after={service.head()}") as follower:
        assert follower.takes(0) == []
        with psycopg.connect(service.database.service_url, autocommit=True) as conn:
            (token,) = [token for token in list_tokens(conn) if token.name == "leaver"]
            revoke_token(conn, token.id)
        headers = {"Authorization": f"Bearer {leaver.token}"}
        until(lambda: httpx.get(url, headers=headers).status_code == 401)
        agent.register()
        assert follower.next() is None


def test_as_many_as_there_is_room_for_on_one_listening_connection(
    service: Served, url: str, auditor: Caller
) -> None:
    """And room again when they have gone."""
    request = (
        f"GET /api/v1/feed HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n"
        f"Authorization: Bearer {auditor.token}\r\n\r\n"
    ).encode()
    place = ("127.0.0.1", httpx.URL(url).port or 0)

    def status() -> int:
        with following_or_not(url, auditor) as answer:
            return answer.status_code

    with ExitStack() as clients:
        streams = [clients.enter_context(socket.create_connection(place)) for _ in range(MOST_FOLLOWERS)]
        for client in streams:
            client.sendall(request)
        assert {client.recv(12) for client in streams} == {b"HTTP/1.1 200"}
        assert status() == 503
        with psycopg.connect(service.database.service_url) as conn:
            listening = conn.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE application_name = 'aftersales tail' AND datname = current_database()"
            ).fetchone()
        assert listening == (2,)  # of this process and of the served one
    until(lambda: status() == 200)


@contextmanager
def following_or_not(url: str, caller: Caller) -> Iterator[httpx.Response]:
    """Whatever is answered to somebody who wants to follow."""
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {caller.token}"}
    with httpx.stream("GET", url, headers=headers, timeout=30) as answer:
        yield answer


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A heartbeat that need not be waited for, and a token that holds."""

    async def holds(_: object) -> bool:
        return True

    monkeypatch.setattr(streaming, "HEARTBEAT", 0.05)
    monkeypatch.setattr(streaming, "is_still_known", holds)


def pieces(feed: Feed, asked: Asked) -> AsyncIterator[bytes]:
    """What a stream sends."""
    return stream(cast(Any, None), feed, asked)


def test_a_stream_without_events_says_how_far_it_has_read(quiet: None, service: Served) -> None:
    """So that whoever comes back need not look through again what was left out."""

    async def story() -> None:
        async with open_log(service.database.service_url) as log, Tail(service.database.service_url) as tail:
            head = await log.head()
            async for piece in pieces(Feed(log, tail), Asked(0, ("part.scrapped",), 10)):
                if piece.startswith(b":"):
                    assert piece.endswith(b"\nid: %d\n\n" % head)
                    break

    asyncio.run(story())


def test_a_page_is_read_when_the_one_before_was_taken(quiet: None, service: Served) -> None:
    async def story() -> None:
        url = service.database.service_url
        async with open_log(url) as log, Tail(url) as tail:
            before = await log.head()
            for _ in range(20):
                await log.append([remark("x" * 100_000)])
            feed = Feed(log, tail)
            read: list[Asked] = []
            page = feed.page

            async def counted(asked: Asked) -> Any:
                read.append(asked)
                return await page(asked)

            feed.page = counted  # type: ignore[method-assign]
            told = pieces(feed, Asked(before, None, 500))
            await anext(told)
            assert read == []
            for taken in range(1, 11):  # a page ends at a megabyte, ten of these
                assert b"\nid: " in b"\n" + await anext(told)
                assert len(read) == 1, taken
            await anext(told)
            assert [asked.after for asked in read] == [before, before + 10]

    asyncio.run(story())


def test_a_stopping_service_ends_its_streams(quiet: None, service: Served) -> None:
    async def story() -> None:
        url = service.database.service_url
        async with open_log(url) as log, Tail(url) as tail:
            feed = Feed(log, tail)
            told = pieces(feed, Asked(await log.head(), None, 10))
            await anext(told)
            last = asyncio.ensure_future(anext(told, None))
            await asyncio.sleep(0)
            tail.close()
            assert await last is None
            assert feed.followers == 0

    asyncio.run(story())
