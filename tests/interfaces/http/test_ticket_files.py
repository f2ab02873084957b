"""Photos and files of a ticket over HTTP: streamed both ways, seen to be what they are said to be."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import httpx
import pytest

from application.access import ALLOWS, Permission, Role
from application.database.connect import Database
from application.files.kinds import FileRules
from application.log.event_log import open_log
from application.log.maintenance import maintain
from domain.event import Act
from domain.upkeep import MaintenanceClosed
from interfaces.offline import verify
from tests.conftest import connected
from tests.interfaces.http.client import Caller, Served, served, worker
from tests.interfaces.http.test_permissions import is_problem

MOST = 3_000_000
PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 7000
"""More than any other body may have."""
DIGEST = sha256(PHOTO).hexdigest()


@pytest.fixture(scope="module")
def service(module_database: Database) -> Iterator[Served]:
    """The application, which takes files of 3 MB."""
    with served(module_database, rules=FileRules(MOST)) as service, worker(module_database):
        yield service


def send(
    who: Caller, ticket: str, content: bytes | Iterator[bytes] = PHOTO, said: str = "image/jpeg", **asked: Any
) -> httpx.Response:
    """Attach a file."""
    headers = {"Content-Type": said} | asked.pop("headers", {})
    params = {"name": "锅炉 cold.jpg", "kind": "photo", **asked}
    return who.ask("POST", f"/tickets/{ticket}/files", headers, content=content, params=params)


@pytest.fixture
def ticket(agent: Caller) -> str:
    """A new ticket."""
    return agent.register()["number"]


def test_a_photo_larger_than_other_bodies_comes_back_as_it_was(agent: Caller, ticket: str) -> None:
    sent = send(agent, ticket, iter([PHOTO[:70_000], PHOTO[70_000:]]), caption="no flame")
    assert sent.status_code == 201
    assert sent.json()["version"] == 2
    assert sent.headers["Location"] == f"/api/v1/tickets/{ticket}/files/{DIGEST}"
    [file] = agent.reads(f"/tickets/{ticket}/files")["items"]
    assert file.pop("attached_at")
    assert file == {
        "sha256": DIGEST,
        "size": len(PHOTO),
        "media_type": "image/jpeg",
        "name": "锅炉 cold.jpg",
        "kind": "photo",
        "caption": "no flame",
        "withdrawn_at": None,
    }
    assert agent.reads(f"/tickets/{ticket}")["files"][0]["sha256"] == DIGEST
    got = agent.get(f"/tickets/{ticket}/files/{DIGEST}")
    assert got.content == PHOTO
    assert got.headers["content-type"] == "image/jpeg"
    assert got.headers["content-length"] == str(len(PHOTO))
    assert got.headers["etag"] == f'"{DIGEST}"'
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"].startswith("sandbox")
    assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E9%94%85")
    again = agent.get(f"/tickets/{ticket}/files/{DIGEST}", if_none_match=f'"{DIGEST}"')
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [("bytes=0-9", 0, 10), ("bytes=700000-", 700_000, None), ("bytes=-5", len(PHOTO) - 5, None)],
)
def test_a_stretch_of_it_may_be_asked_for(
    agent: Caller, ticket: str, asked: str, first: int, end: int | None
) -> None:
    send(agent, ticket)
    got = agent.get(f"/tickets/{ticket}/files/{DIGEST}", range=asked)
    assert got.status_code == 206
    assert got.content == PHOTO[first:end]
    last = (end or len(PHOTO)) - 1
    assert got.headers["content-range"] == f"bytes {first}-{last}/{len(PHOTO)}"


def test_a_stretch_that_it_does_not_have_is_refused(agent: Caller, ticket: str) -> None:
    send(agent, ticket)
    got = agent.get(f"/tickets/{ticket}/files/{DIGEST}", range="bytes=9000000-")
    is_problem(got, 416, "no-such-bytes")
    assert got.headers["content-range"] == f"bytes */{len(PHOTO)}"


def test_the_same_file_twice_is_one_file(service: Served, agent: Caller, ticket: str) -> None:
    first = send(agent, ticket)
    head = service.head()
    again = send(agent, ticket, name="again.jpg")
    assert (again.status_code, again.json()) == (201, first.json())
    assert service.head() == head


def test_a_repeated_request_is_answered_as_the_first_was(service: Served, agent: Caller, ticket: str) -> None:
    key = {"headers": {"Idempotency-Key": f"photo-{ticket}"}}
    first = send(agent, ticket, **key)
    agent.does(ticket, "withdraw-file", sha256=DIGEST, reason="blurred")
    head = service.head()
    assert send(agent, ticket, **key).json() == first.json()
    is_problem(send(agent, ticket, PHOTO[:-1], **key), 422, "idempotency-key-reused")
    assert service.head() == head


def test_one_that_is_withdrawn_is_for_auditors(agent: Caller, auditor: Caller, ticket: str) -> None:
    send(agent, ticket)
    agent.does(ticket, "withdraw-file", sha256=DIGEST, reason="another customer's cellar")
    path = f"/tickets/{ticket}/files"
    assert agent.reads(path) == {"items": []}
    assert agent.reads(f"/tickets/{ticket}")["files"] == []
    is_problem(agent.get(f"{path}/{DIGEST}"), 404, "not-found")
    [file] = auditor.reads(path)["items"]
    assert file["withdrawn_at"]
    assert auditor.get(f"{path}/{DIGEST}").content == PHOTO
    texts = [each["text"]["en"] for each in agent.reads(f"/tickets/{ticket}/history")["items"]]
    assert "File attached (photo): 锅炉 cold.jpg" in texts
    assert "File withdrawn: 锅炉 cold.jpg" in texts


@pytest.mark.parametrize(
    ("content", "said", "asked", "status", "code"),
    [
        (PHOTO * 2, "image/jpeg", {}, 413, "too-large"),
        (iter([PHOTO, PHOTO]), "image/jpeg", {}, 413, "too-large"),
        (PHOTO, "image/png", {}, 415, "unsupported-media-type"),
        (b"<script>", "text/html", {}, 415, "unsupported-media-type"),
        (b"", "image/jpeg", {}, 422, "invalid-value"),
        (PHOTO, "image/jpeg", {"name": "../etc/passwd"}, 422, "invalid-form"),
        (PHOTO, "image/jpeg", {"kind": "selfie"}, 422, "invalid-form"),
        (PHOTO, "image/jpeg", {"occurred_at": "2020-01-01T00:00:00Z"}, 422, "invalid-value"),
    ],
)
def test_what_is_not_taken_leaves_nothing(
    service: Served, agent: Caller, ticket: str, content: Any, said: str, asked: Any, status: int, code: str
) -> None:
    head = service.head()
    is_problem(send(agent, ticket, content, said, **asked), status, code)
    assert service.head() == head
    assert agent.reads(f"/tickets/{ticket}/files") == {"items": []}


@pytest.mark.parametrize("role", Role)
def test_whoever_works_attaches_and_whoever_reads_reads(service: Served, role: Role, ticket: str) -> None:
    who = service.caller(role)
    answer = send(who, ticket)
    if role in {Role.AGENT, Role.ADMIN}:
        assert answer.status_code == 201
        assert who.get(f"/tickets/{ticket}/files/{DIGEST}").status_code == 200
    else:
        is_problem(answer, 403, "forbidden")
    if Permission.READ not in ALLOWS[role]:
        is_problem(who.get(f"/tickets/{ticket}/files"), 403, "forbidden")
    elif answer.status_code == 403:
        assert who.reads(f"/tickets/{ticket}/files") == {"items": []}


@pytest.mark.parametrize("reference", ["T-2026-999999", "00000000-0000-0000-0000-000000000000"])
def test_nothing_is_attached_to_nothing(agent: Caller, reference: str) -> None:
    is_problem(send(agent, reference), 404, "not-found")
    is_problem(agent.get(f"/tickets/{reference}/files"), 404, "not-found")


def test_one_that_was_altered_is_not_handed_out(service: Served, agent: Caller, ticket: str) -> None:
    content = PHOTO[:500_000]
    digest = sha256(content).hexdigest()
    send(agent, ticket, content)
    with connected(service.database.owner_url) as owner:
        owner.execute("ALTER TABLE file.piece DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE file.piece SET bytes = set_byte(bytes, 7, 0) FROM file.content "
            "WHERE file.content.upload = file.piece.upload AND encode(sha256, 'hex') = %s",
            (digest,),
        )
    is_problem(agent.get(f"/tickets/{ticket}/files/{digest}"), 500, "file-altered")


def test_a_file_that_was_erased_says_in_which_maintenance(
    agent: Caller, ticket: str, service: Served
) -> None:
    content = b"\xff\xd8\xff to be forgotten"
    digest = sha256(content).hexdigest()
    send(agent, ticket, content)
    assert agent.get(f"/tickets/{ticket}/files/{digest}").content == content
    statements = f"DELETE FROM file.content WHERE sha256 = '\\x{digest}'"
    act = Act(actor="admin:wang.fang", occurred_at=datetime.now(UTC), reason="order 17 of the court")

    async def erase() -> MaintenanceClosed:
        async with open_log(service.database.service_url) as log:
            return (await maintain(log, service.database.owner_url, statements, act))[1]

    closed = asyncio.run(erase())
    assert closed.files == (digest,)
    answer = agent.get(f"/tickets/{ticket}/files/{digest}")
    is_problem(answer, 410, "file-erased")
    assert answer.json()["detail"] == f"the file {digest} was erased in maintenance {closed.maintenance}"
    assert [each["sha256"] for each in agent.reads(f"/tickets/{ticket}/files")["items"]] == [digest]
    service.sign()
    bundle = agent.get(f"/tickets/{ticket}/bundle")
    assert (bundle.status_code, bundle.headers["Files-Left-Out"]) == (200, "1")
    [file] = verify.prove(verify.unpack(bundle.content)).files
    assert file.absent == f"erased in maintenance {closed.maintenance}"
    is_problem(agent.get(f"/tickets/{ticket}/bundle", {"files": 10**9}), 422, "invalid-form")
