"""A consumer that keeps its own position sees every event once, whatever dies on the other side."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from random import Random
from threading import Thread

import httpx

from tests.acceptance.faults.fleet import Fleet
from tests.acceptance.installation import Installation, installed, until

CHANCE = Random("feed")  # noqa: S311


class Consumer:
    """Follows the feed from a thread, and comes back.

    Args:
        home: whose feed.
        follow: one connection's worth of it.

    Attributes:
        seen: the positions it was given, in order.
        ends: how often it lost its connection, or found none.
        stopped: whether it comes back.
    """

    def __init__(self, home: Installation, follow: Callable[[Consumer], None]) -> None:
        self.url = f"http://127.0.0.1:{home.port}/api/v1/feed"
        self.http = httpx.Client(headers={"Authorization": f"Bearer {home.token}"}, timeout=60)
        self.seen: list[int] = []
        self.ends = 0
        self.stopped = False
        self._follow = follow
        self._thread = Thread(target=self._run)
        self._thread.start()

    @property
    def last(self) -> int:
        """Where it goes on."""
        return self.seen[-1] if self.seen else 0

    def join(self) -> None:
        """Wait until it has stopped."""
        self._thread.join()
        self.http.close()

    def _run(self) -> None:
        while not self.stopped:
            try:
                self._follow(self)
            except httpx.HTTPError:
                self.ends += 1
                time.sleep(0.02)  # as every client does before it comes back


def streaming(consumer: Consumer) -> None:
    """Read one stream to its end."""
    headers = {"Accept": "text/event-stream", "Last-Event-ID": str(consumer.last)}
    with consumer.http.stream("GET", consumer.url, headers=headers) as answer:
        for line in answer.raise_for_status().iter_lines():
            if line.startswith("data: "):
                consumer.seen.append(json.loads(line.removeprefix("data: "))["position"])


def asking(consumer: Consumer) -> None:
    """Ask once for what is new."""
    query = {"after": str(consumer.last), "limit": "7", "wait": "1"}
    answer = consumer.http.get(consumer.url, params=query).raise_for_status()
    consumer.seen += [event["position"] for event in answer.json()]


def test_every_event_once_while_servers_and_the_database_die() -> None:
    with installed() as home:
        home.token = "none yet"
        fleet = Fleet(home, servers=1, workers=1)
        home.token = home.run("token", "create", "erp", "--role", "admin").strip()
        consumers = [Consumer(home, streaming), Consumer(home, asking)]
        try:
            for fault in (fleet.kill_a_server, fleet.crash_the_database):
                recorded(home, 8)
                fault(CHANCE)
            head = recorded(home, 1)
            for consumer in consumers:
                until(lambda consumer=consumer: consumer.last >= head)
        finally:
            for consumer in consumers:
                consumer.stopped = True
            home.stop()
            for consumer in consumers:
                consumer.join()
    assert head >= 17
    for consumer in consumers:
        assert consumer.seen == list(range(1, head + 1))
        assert consumer.ends


def recorded(home: Installation, many: int) -> int:
    """Register tickets, each again until it is taken; the position of the last."""

    def taken() -> int:
        with suppress(httpx.HTTPError):
            return agent.post(url, json={"subject": "x"}).raise_for_status().json()["position"]
        return 0

    url = f"http://127.0.0.1:{home.port}/api/v1/tickets"
    with httpx.Client(headers={"Authorization": f"Bearer {home.token}"}, timeout=30) as agent:
        return [until(taken) for _ in range(many)][-1]
