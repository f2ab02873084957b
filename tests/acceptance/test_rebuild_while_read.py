"""Views are built anew while people read them and work goes on: nobody sees anything of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import httpx
import psycopg
import pytest

from tests.acceptance.installation import Installation, installed, until
from tests.projections.histories import random_facts, record

PAGE = 20
FACTS = random_facts(tickets=400, steps=8)
REBUILT = ("queue", "ticket", "stock")


class Desk:
    """People at work on a log of some size: one writes, the others look, each without a pause.

    Attributes:
        position: of the last command that was answered.
        registered: how many tickets were registered by then.
        version: the version of the one ticket that is remarked on.
        looks: how many answers each reader got.
    """

    def __init__(self, home: Installation) -> None:
        self._url = f"http://127.0.0.1:{home.port}/api/v1"
        self._http = httpx.Client(headers={"Authorization": f"Bearer {home.token}"}, timeout=30)
        self.stop = Event()
        self.looks = {"page": 0, "counts": 0, "ticket": 0}
        self.registered = self.position = self.version = 0
        self._ticket = self._sends("/tickets", subject="all the time")["number"]
        self._open_before = self._gets("/queues", wait=self.position)[0]["open"] - self.registered

    def writes(self) -> None:
        """Registers tickets, and remarks on one of them."""
        while not self.stop.is_set():
            self._sends("/tickets", subject="another")
            self.version = self._sends(f"/tickets/{self._ticket}/remark", text="x")["version"]

    def looks_at_the_page(self) -> None:
        """The page is full, whatever happens."""
        while not self.stop.is_set():
            assert len(self._gets("/queues/all", limit=PAGE)["items"]) == PAGE
            self.looks["page"] += 1

    def looks_at_the_counts(self) -> None:
        """Every ticket that was registered is counted by who waits for it, and none is ever lost again."""
        seen = 0
        while not self.stop.is_set():
            registered, position = self.registered, self.position
            waited = self._gets("/queues", wait=position)[0]["open"]
            at_once = self._gets("/queues")[0]["open"]
            assert waited >= max(seen, self._open_before + registered)
            assert at_once >= waited
            seen = at_once
            self.looks["counts"] += 1

    def looks_at_the_ticket(self) -> None:
        """It never gets older than its last remark."""
        seen = 0
        while not self.stop.is_set():
            told = self.version
            seen_now = self._gets(f"/tickets/{self._ticket}")["version"]
            assert seen_now >= max(seen, told)
            seen = seen_now
            self.looks["ticket"] += 1

    def _sends(self, path: str, **command: Any) -> Any:
        answer = self._http.post(self._url + path, json=command)
        assert answer.is_success, answer.text
        receipt = answer.json()
        self.registered += path == "/tickets"
        self.position = receipt["position"]
        return receipt

    def _gets(self, path: str, wait: int = 0, **query: Any) -> Any:
        headers = {"Wait-For-Position": f"{wait}"}
        answer = self._http.get(self._url + path, params=query, headers=headers)
        assert answer.status_code == httpx.codes.OK, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()


@contextmanager
def at_work(desk: Desk) -> Iterator[Callable[[], None]]:
    """Everybody works and looks for the length of the block; calling it says whether all is well so far."""
    people = (desk.writes, desk.looks_at_the_page, desk.looks_at_the_counts, desk.looks_at_the_ticket)
    with ThreadPoolExecutor(len(people)) as pool:
        busy: list[Future[None]] = [pool.submit(each) for each in people]

        def all_is_well() -> None:
            for each in busy:
                if each.done():
                    each.result()

        try:
            yield all_is_well
        finally:
            desk.stop.set()
        for each in busy:
            each.result()


@pytest.fixture(scope="module")
def home() -> Iterator[Installation]:
    """A server and a worker on a log of some size."""
    with installed() as home:
        home.token = home.run("token", "create", "hu.min", "--role", "admin").strip()
        home.start("serve")
        home.start("worker")
        until(home.caught_up)
        record(home.database, FACTS)
        until(home.caught_up)
        yield home


def test_a_reader_sees_no_error_no_empty_page_and_nothing_older(home: Installation) -> None:
    desk = Desk(home)
    with at_work(desk) as all_is_well:
        for _ in range(2):
            before, head = dict(desk.looks), desk.position
            home.run("projections", "rebuild", *REBUILT)
            assert all(desk.looks[reader] > before[reader] for reader in before), "nobody looked meanwhile"
            assert desk.position > head, "nothing was recorded meanwhile"
            all_is_well()
    with psycopg.connect(home.database) as conn:
        ended = conn.execute("SELECT projection, outcome FROM log.rebuild ORDER BY id").fetchall()
    assert sorted(ended) == sorted(2 * [(name, "swapped") for name in REBUILT])
