"""A small HTTP load: so many connections that each send the next request when the last is answered."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import uvloop


class Connection(asyncio.Protocol):
    """One keep-alive connection. Counts answers until told to stop."""

    def __init__(self, request: Callable[[], bytes]) -> None:
        self._request = request
        self._received = b""
        self._transport: asyncio.Transport | None = None
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answers = 0
        self.errors: dict[int, int] = {}
        self.stopping = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request())

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._received[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 : head.find(b"\r\n", at) if b"\r\n" in head[at:] else None])
        if len(self._received) < end + 4 + length:
            return
        status = int(head[9:12])
        self._received = self._received[end + 4 + length :]
        self.answers += 1
        if status >= 300:
            self.errors[status] = self.errors.get(status, 0) + 1
        assert self._transport
        if self.stopping:
            self._transport.close()
        else:
            self._transport.write(self._request())

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


async def load(port: int, request: Callable[[], bytes], connections: int, seconds: float) -> dict[str, Any]:
    """Run the load and return answers, seconds and rate; errors by status."""
    loop = asyncio.get_running_loop()
    protocols = [
        (await loop.create_connection(lambda: Connection(request), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    started, before = time.perf_counter(), sum(p.answers for p in protocols)
    await asyncio.sleep(seconds)
    answers, took = sum(p.answers for p in protocols) - before, time.perf_counter() - started
    for protocol in protocols:
        protocol.stopping = True
    await asyncio.wait([p.closed for p in protocols], timeout=10)
    errors: dict[int, int] = {}
    for protocol in protocols:
        for status, count in protocol.errors.items():
            errors[status] = errors.get(status, 0) + count
    return {"answers": answers, "seconds": took, "rate": answers / took, "errors": errors}


def encode(method: str, path: str, token: str | None, body: bytes = b"") -> bytes:
    """One request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", "host: localhost", f"content-length: {len(body)}"]
    if token:
        lines.append(f"authorization: Bearer {token}")
    if body:
        lines.append("content-type: application/json")
    return "\r\n".join([*lines, "", ""]).encode() + body


def main() -> None:
    """Load a server on loopback and print the figures as one JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("method")
    parser.add_argument("path")
    parser.add_argument("--token")
    parser.add_argument("--body", type=Path)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=3)
    given = parser.parse_args()
    body = given.body.read_bytes() if given.body else b""
    request = encode(given.method, given.path, given.token, body)
    figures = uvloop.run(load(given.port, lambda: request, given.connections, given.seconds))
    json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main()
