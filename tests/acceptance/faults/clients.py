"""Clients who send every command until somebody answers it, and keep what they were told."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Event
from typing import Any, NamedTuple

import httpx

from tests.acceptance.faults.following import Follower

PATIENCE = 120.0
"""Seconds after which a command that nobody answers fails the run."""
PAUSE = 0.05
"""Seconds that a client waits before it asks again."""

PARTS = ("FAN-1", "GK-10", "HE-200")
PLACE = "上海总库"
TEAMS = ("华东一组", "华东二组", "North")
USED, RESTORED = "contract.entitlement_consumed", "contract.entitlement_restored"
RELEASED = "part.reservation_released"
TODAY = datetime.now(UTC).date()
YEAR = {"starts_on": f"{TODAY - timedelta(days=30)}", "ends_on": f"{TODAY + timedelta(days=330)}"}


class Answered(NamedTuple):
    """One command, and what became of it.

    Attributes:
        key: its Idempotency-Key; also the reason that its events carry.
        path: where it was sent.
        receipt: the answer; ``None`` when the rules refused it.
        follows: the types of the events that the service must record because of it.
        tries: how often it was sent until there was an answer.
    """

    key: str
    path: str
    receipt: dict[str, Any] | None
    follows: tuple[str, ...]
    tries: int


class Client:
    """One of them: one command at a time, to whichever server comes to mind.

    Args:
        name: what its keys begin with.
        ports: where the servers listen.
        token: of somebody who may do everything.
        stop: when it goes home.
    """

    def __init__(self, name: str, ports: Sequence[int], token: str, draw: Random, stop: Event) -> None:
        self._name = name
        self._ports = ports
        self._draw = draw
        self._stop = stop
        self._http = httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=10)
        self.answers: list[Answered] = []
        self.views = 0
        """How many looks at a ticket showed what had been answered before."""

    def work(self) -> None:
        """One service case after the other; the command in hand is brought to its answer."""
        with self._http:
            self._makes_a_contract()
            while not self._stop.is_set():
                if self._draw.random() < 0.1:
                    self._makes_a_contract()
                self._settles_a_case()

    def _makes_a_contract(self) -> None:
        """Over everything that this client's next cases are about."""
        self._asset = f"WH-{self._name}-{len(self.answers)}"
        drafted = self._asks(
            "/contracts",
            customer="海风酒店",
            title="热水系统维保",
            plan="hot-water",
            price={"amount": "18600.00", "currency": "CNY"},
            allowances={"visits": 10_000, "parts": 10_000},
            assets=[self._asset],
            **YEAR,
        )
        if drafted:
            contract = f"/contracts/{drafted['number']}"
            self._asks(f"{contract}/sign", signed_by="陈总", signed_on=YEAR["starts_on"])
            self._asks(f"{contract}/activate")

    def _settles_a_case(self) -> None:
        """A ticket from its registration to its end, with parts and a visit, all of it as chance has it."""
        chance = self._draw.random
        registered = self._asks(
            "/tickets", subject="热水器不加热", priority="P2", customer="海风酒店", asset=self._asset
        )
        if registered is None:
            return
        ticket = registered["number"]
        uses = 0
        self._asks(f"/tickets/{ticket}/assign", team=self._draw.choice(TEAMS))
        if chance() < 0.4:
            self._asks(f"/tickets/{ticket}/hold", hold="waiting_for_customer")
            self._asks(f"/tickets/{ticket}/resume")
        if chance() < 0.5:
            there = {"channel": "on_site", "direction": "outbound", "party": "person"}
            uses = 1 if self._asks(f"/tickets/{ticket}/contact", follows=(USED,), **there) else 0
        kept, installed = self._moves_parts(ticket) if chance() < 0.7 else (0, 0)
        released = (RELEASED,) * kept
        if chance() < 0.2:
            restored = (RESTORED,) * (uses + installed)
            self._asks(f"/tickets/{ticket}/cancel", follows=restored + released)
        else:
            self._asks(f"/tickets/{ticket}/resolve", solution="更换加热管")
            self._looks_at(ticket)
            self._asks(f"/tickets/{ticket}/close", follows=released)

    def _moves_parts(self, ticket: str) -> tuple[int, int]:
        """How many reservations stay, and how many installations there were."""
        part = f"/parts/{self._draw.choice(PARTS)}"
        out = {"location": PLACE, "ticket": ticket, "quantity": 1}
        tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
        reserved = self._asks(f"{part}/reserve", expires_at=tomorrow, **out)
        if reserved is None:
            return 0, 0
        how = self._draw.choice(("keep", "release", "install", "return"))
        if how == "keep":
            return 1, 0
        if how == "release":
            return (0, 0) if self._asks(f"{part}/release", reservation=reserved["made"]) else (1, 0)
        if not self._asks(f"{part}/issue", reservation=reserved["made"], **out):
            return 1, 0
        if how == "return":
            self._asks(f"{part}/return", condition="good", **out)
            return 0, 0
        used = {"ticket": ticket, "quantity": 1, "asset": self._asset}
        return 0, 1 if self._asks(f"{part}/install", follows=(USED,), **used) else 0

    def _asks(self, path: str, *, follows: tuple[str, ...] = (), **body: Any) -> dict[str, Any] | None:
        """Send a command again and again, always with the same key, until it is answered."""
        key = f"{self._name}-{len(self.answers)}"
        give_up = time.monotonic() + PATIENCE
        for tries in itertools.count(1):
            said, answer = self._sends(path, key, {**body, "reason": key})
            if answer is not None:
                break
            assert time.monotonic() < give_up, (
                f"nobody answered POST {path} with key {key} within {PATIENCE:.0f} s, "
                f"asked {tries} times; the last time: {said}"
            )
            time.sleep(PAUSE)
        assert answer.status_code in {200, 201, 409}, f"POST {path} with key {key}: {said}"
        receipt = answer.json() if answer.is_success else None
        self.answers.append(Answered(key, path, receipt, follows if receipt else (), tries))
        return receipt

    def _sends(self, path: str, key: str, body: dict[str, Any]) -> tuple[str, httpx.Response | None]:
        """What a server says; no answer when it is gone or says that the database is."""
        url = f"http://127.0.0.1:{self._draw.choice(self._ports)}/api/v1{path}"
        try:
            answer = self._http.post(url, json=body, headers={"Idempotency-Key": key})
        except httpx.TransportError as error:
            return f"{type(error).__name__} {error}", None
        said = f"{answer.status_code} {answer.text}"
        return said, None if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE else answer

    def _looks_at(self, ticket: str) -> None:
        """Read what was just written: whoever answers at all shows at least that."""
        last = self.answers[-1].receipt
        url = f"http://127.0.0.1:{self._draw.choice(self._ports)}/api/v1/tickets/{ticket}"
        try:
            answer = self._http.get(url)
        except httpx.TransportError:
            return
        if last is None or answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return
        assert answer.status_code == httpx.codes.OK, f"GET {url}: {answer.status_code} {answer.text}"
        assert answer.json()["version"] >= last["version"], f"{ticket} is older than {last}"
        self.views += 1


class Crowd:
    """All of them at once, each on a thread of its own, and somebody who follows the feed.

    Attributes:
        follower: who that is.
    """

    def __init__(
        self, clients: Sequence[Client], follower: Follower, working: Sequence[Future[None]], stop: Event
    ) -> None:
        self._clients = clients
        self.follower = follower
        self._working = working
        self._stop = stop

    @property
    def answers(self) -> list[Answered]:
        """Everything that was answered so far.

        Raises:
            AssertionError: somebody got no answer, or one that should not be.
        """
        for each in self._working:
            if each.done():
                each.result()
        return [answer for client in self._clients for answer in client.answers]

    @property
    def views(self) -> int:
        """How many looks showed what had been answered before."""
        return sum(client.views for client in self._clients)

    def go_home(self) -> list[Answered]:
        """Let everybody finish what is in hand; everything that was answered."""
        self._stop.set()
        for each in self._working:
            each.result()
        return self.answers


@contextmanager
def crowd(ports: Sequence[int], token: str, size: int, seed: str) -> Iterator[Crowd]:
    """So many clients, at work for the length of the block."""
    stop = Event()
    draws = [Random(f"{seed} client {n}") for n in range(size)]  # noqa: S311
    clients = [Client(f"client-{n}", ports, token, draw, stop) for n, draw in enumerate(draws)]
    follower = Follower(ports, token, Random(f"{seed} follower"), stop)  # noqa: S311
    with ThreadPoolExecutor(size + 1) as pool:
        try:
            busy = [pool.submit(work) for work in (follower.follow, *(client.work for client in clients))]
            yield Crowd(clients, follower, busy, stop)
        finally:
            stop.set()
