"""A monitor that knows nothing of this service reads its log by C2SP tlog-tiles, and follows it."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from application.access import Role
from application.database.connect import Database
from tests.application.log.appending import append_many
from tests.application.log.committing import on_the_log
from tests.interfaces.http.client import Caller, Served, served
from tests.interfaces.http.signing import LOG

ORIGIN = "aftersales.example/log"
FIRST, LATER = 300, 530


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def tree(leaves: list[bytes]) -> bytes:
    """The hash of a tree, as RFC 6962 (2.1) defines it."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + tree(leaves[:split]) + tree(leaves[split:]))


class Seen(NamedTuple):
    """A checkpoint that the log's key signed."""

    size: int
    root: bytes


class Monitor:
    """Knows the address of a log, its origin and its key; asks for nothing else."""

    def __init__(self, http: httpx.Client, token: str | None = None) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, status: int = 200) -> httpx.Response:
        """One of the log's files."""
        answer = self._http.get(f"/tlog/{path}", headers=self._headers)
        assert answer.status_code == status, answer.text
        return answer

    def checkpoint(self) -> Seen:
        """The newest checkpoint, verified."""
        answer = self.get("checkpoint")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert "immutable" not in answer.headers["cache-control"]
        body, _, signatures = answer.text.partition("\n\n")
        (signature,) = (
            line.split(" ")[2] for line in signatures.splitlines() if line.startswith(f"— {ORIGIN} ")
        )
        public: Ed25519PublicKey = LOG.public_key()
        public.verify(b64decode(signature)[4:], f"{body}\n".encode())
        origin, size, root = body.split("\n")
        assert origin == ORIGIN
        return Seen(int(size), b64decode(root))

    def tiles(self, level: str, size: int) -> Iterator[bytes]:
        """The tiles of a level of a tree whose level has so many hashes, the last of them partial."""
        for number in range((size + 255) // 256):
            width = min(size - 256 * number, 256)
            answer = self.get(f"tile/{level}/{number:03d}" + (f".p/{width}" if width < 256 else ""))
            assert answer.headers["content-type"] == "application/octet-stream"
            assert "immutable" in answer.headers["cache-control"]
            yield answer.content

    def leaves(self, size: int) -> list[bytes]:
        """The hashes of all entries."""
        read = b"".join(self.tiles("0", size))
        assert len(read) == 32 * size
        return [read[at : at + 32] for at in range(0, len(read), 32)]

    def entries(self, size: int) -> Iterator[bytes]:
        """All entries."""
        for bundle in self.tiles("entries", size):
            at = 0
            while at < len(bundle):
                length = int.from_bytes(bundle[at : at + 2], "big")
                yield bundle[at + 2 : at + 2 + length]
                at += 2 + length


@pytest.fixture(scope="module")
def log(module_database: Database) -> Iterator[Served]:
    """A log of some hundred events, of which the first 300 are signed."""
    with served(module_database) as service:
        on_the_log(module_database, lambda log: append_many(log, callers=30, each=FIRST // 30))
        assert service.sign() == FIRST
        yield service


@pytest.fixture(scope="module")
def monitor(log: Served) -> Monitor:
    """An auditor's program."""
    return Monitor(log.http, log.token(Role.AUDITOR))


def test_a_monitor_recomputes_the_log_and_follows_it_as_it_grows(log: Served, monitor: Monitor) -> None:
    before = monitor.checkpoint()
    old = monitor.leaves(before.size)
    assert (before.size, before.root) == (FIRST, tree(old))
    assert [sha256(b"\x00" + entry) for entry in monitor.entries(before.size)] == old

    on_the_log(log.database, lambda log: append_many(log, callers=23, each=(LATER - FIRST) // 23))
    log.sign()

    after = monitor.checkpoint()
    now = monitor.leaves(after.size)
    assert (after.size, after.root) == (LATER, tree(now))
    assert now[: before.size] == old
    assert [sha256(b"\x00" + entry) for entry in monitor.entries(after.size)] == now
    above = b"".join(monitor.tiles("1", LATER // 256))
    assert above == tree(now[:256]) + tree(now[256:512])


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0", "tile/0/0000", "tile/0/x000/000", "tile/00/000", "tile/-1/000", "tile/8/000",
        "tile/63/000",
        "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p",
        "tile/0/001/000", "tile/0/x001", "tile/0/003", "tile/0/002.p/100", "tile/1/000",
        "tile/1/000.p/3", "tile/0/999", f"tile/0/{'x999/' * 7}999", f"tile/0/{'x999/' * 9}999", "tile/0/٠٠٠",
        "tile/entries/0", "tile/entries/003", "tile/entries/000.p/256", "tile/0", "tile", "", "nothing",
    ],
)  # fmt: skip
def test_what_is_not_written_as_a_tile_or_not_signed_is_not_found(monitor: Monitor, path: str) -> None:
    answer = monitor.get(path, 404)
    assert answer.json()["type"] == "urn:aftersales:problem:not-found"
    assert "cache-control" not in answer.headers


def test_an_entry_too_large_for_the_form_is_told_where_it_can_be_read(log: Served, monitor: Monitor) -> None:
    keeper, auditor = log.caller(Role.STOREKEEPER), log.caller(Role.AUDITOR)
    number = keeper.catalogues("SEAL", tracking="serial")
    serials = [f"{unit}-{'x' * 100}" for unit in range(1000)]
    keeper.sends(f"/parts/{number}/receive", location="SH", supplier="x", document="x", serials=serials)
    size = log.sign()
    width = size % 256
    told = monitor.get(f"tile/entries/{size // 256:03d}.p/{width}", 404).json()["detail"]
    assert told.startswith(f"the event at position {size} has more than 65535 bytes")
    start, end = size - width + 1, size
    assert f"/api/v1/log/entries?start={start}&end={end}" in told
    assert auditor.reads("/log/entries", start=start, end=end)["items"][-1]["position"] == size
    assert monitor.get(f"tile/0/{size // 256:03d}.p/{width}").content[-32:]


def test_without_a_token_nothing_is_told(log: Served) -> None:
    for token in (None, log.token(Role.AGENT)):
        for path in ("checkpoint", "tile/0/000", "tile/entries/000"):
            Monitor(log.http, token).get(path, 403 if token else 401)


def test_a_public_log_shows_hashes_to_everybody_and_entries_to_nobody(log: Served) -> None:
    with served(log.database, public=True) as shown:
        anybody = Monitor(shown.http)
        assert anybody.checkpoint().size >= FIRST
        assert anybody.get("tile/0/000").headers["cache-control"].startswith("public, ")
        anybody.get("tile/entries/000", 401)
        assert Caller(shown, None).get("/log/checkpoint").status_code == 401
        auditor = Monitor(shown.http, log.token(Role.AUDITOR))
        assert auditor.get("tile/entries/000").headers["cache-control"].startswith("private, ")


def test_a_log_of_which_nothing_was_signed_has_no_checkpoint(database: Database) -> None:
    with served(database) as service:
        monitor = Monitor(service.http, service.token(Role.AUDITOR))
        assert "aftersales log checkpoint --now" in monitor.get("checkpoint", 404).json()["detail"]
        monitor.get("tile/0/000", 404)
        answer = service.caller(Role.AUDITOR).get("/log/proof/inclusion", {"position": 1})
        assert answer.status_code == 404
        assert service.caller(Role.AUDITOR).reads("/log/checkpoints") == {"items": [], "next": None}
