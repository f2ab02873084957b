"""Somebody who follows the change feed through everything that happens, and keeps all that it said."""

from __future__ import annotations

import time
from collections.abc import Sequence
from random import Random
from threading import Event

import httpx

PAUSE = 0.05
"""Seconds until the next try where nobody answers."""


class Follower:
    """One reader of ``GET /feed``, now from this server and now from that.

    Attributes:
        events: position and id of everything that came, in the order in which it came.
    """

    def __init__(self, ports: Sequence[int], token: str, draw: Random, stop: Event) -> None:
        self._ports = ports
        self._draw = draw
        self._stop = stop
        self._http = httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=10)
        self.events: list[tuple[int, str]] = []

    def follow(self) -> None:
        """Ask for what comes next, again and again."""
        while not self._stop.is_set():
            self.read_on()

    def read_on(self) -> int:
        """Ask once; gives the last position there was so far."""
        last = self.events[-1][0] if self.events else 0
        url = f"http://127.0.0.1:{self._draw.choice(self._ports)}/api/v1/feed"
        try:
            answer = self._http.get(url, params={"after": last, "wait": 1, "limit": 500})
        except httpx.TransportError:
            time.sleep(PAUSE)
            return last
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            time.sleep(PAUSE)
            return last
        assert answer.status_code == httpx.codes.OK, f"GET /feed after {last}: {answer.text}"
        self.events += [(event["position"], event["id"]) for event in answer.json()]
        return self.events[-1][0] if self.events else 0
