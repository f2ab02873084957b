"""The log for whoever verifies it: checkpoints, sealed events, proofs, and what is asked wrongly."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from application.access import Role
from application.log.sealing import leaf_hash
from application.log.tree import merkle, notes
from tests.interfaces.http.client import Caller, Served
from tests.interfaces.http.signing import KEY


@pytest.fixture(scope="module")
def size(service: Served, agent: Caller) -> int:
    """A log of ten tickets and some more events that no checkpoint covers yet."""
    for number in range(10):
        agent.register(subject=f"ticket {number}")
    size = service.sign()
    agent.register(subject="后来")
    return size


@pytest.fixture(scope="module")
def leaves(auditor: Caller, size: int) -> list[bytes]:
    """What the log's hashes should be, of the bytes that it hands out."""
    entries = auditor.reads("/log/entries", start=1, end=size)["items"]
    return [leaf_hash(base64.b64decode(entry["sealed"])) for entry in entries]


def checkpoint(caller: Caller) -> notes.Checkpoint:
    """The newest, if the log's key signed it."""
    note = notes.Note.of(caller.get("/log/checkpoint").text)
    note.signed_by([KEY])
    return notes.Checkpoint.of(note.text)


def test_the_newest_checkpoint_is_a_note_of_the_logs_key(
    auditor: Caller, size: int, leaves: list[bytes]
) -> None:
    answer = auditor.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert checkpoint(auditor) == notes.Checkpoint(KEY.name, size, merkle.root(leaves))
    again = auditor.get("/log/checkpoint", if_none_match=answer.headers["etag"])
    assert (again.status_code, again.text) == (304, "")


def test_entries_are_the_sealed_bytes_and_what_they_say(
    auditor: Caller, size: int, leaves: list[bytes]
) -> None:
    page = auditor.reads("/log/entries", start=2, end=3)
    assert [entry["position"] for entry in page["items"]] == [2, 3]
    assert [entry["leaf_hash"] for entry in page["items"]] == [leaf.hex() for leaf in leaves[1:3]]
    assert (page["next"], page["head"]) == (None, size + 1)
    (last,) = auditor.reads("/log/entries", start=size + 1)["items"]
    assert (last["type"], last["version"], last["actor"]) == ("ticket.registered", 1, "agent:li.wei")
    assert "后来" in last["data"]
    assert auditor.reads("/log/entries", start=size + 2)["items"] == []


@pytest.mark.usefixtures("size")
def test_every_event_is_proven_to_be_in_the_log(auditor: Caller, leaves: list[bytes]) -> None:
    newest = checkpoint(auditor)
    for position, leaf in enumerate(leaves, 1):
        proof = auditor.reads("/log/proof/inclusion", position=position)
        assert (proof["size"], proof["root"], proof["index"]) == (
            newest.size,
            newest.root.hex(),
            position - 1,
        )
        assert merkle.verify_inclusion(leaf, position - 1, newest.size, unhexed(proof["hashes"]), newest.root)


def test_the_log_is_proven_to_have_only_grown(auditor: Caller, size: int, leaves: list[bytes]) -> None:
    newest = checkpoint(auditor)
    for first in range(1, size + 1):
        proof = auditor.reads("/log/proof/consistency", first=first)
        assert (proof["first"], proof["second"]) == (first, size)
        older = merkle.root(leaves[:first])
        assert merkle.verify_consistency(first, size, unhexed(proof["hashes"]), older, newest.root)
        assert (proof["first_root"], proof["second_root"]) == (older.hex(), newest.root.hex())


def unhexed(hashes: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in hashes]


def test_checkpoints_are_listed_newest_first(
    service: Served, auditor: Caller, agent: Caller, size: int
) -> None:
    agent.register()
    later = service.sign()
    first = auditor.reads("/log/checkpoints", limit=1)
    assert [line["size"] for line in first["items"]] == [later]
    rest = auditor.reads("/log/checkpoints", below=first["next"])
    assert ([line["size"] for line in rest["items"]], rest["next"]) == ([size], None)
    assert notes.Note.of(rest["items"][0]["note"]).signed_by([KEY])


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("/log/entries", {"start": 3, "end": 2}, "start"),
    ("/log/entries", {"start": 0}, "start"),
    ("/log/entries", {"start": 10_000}, "start"),
    ("/log/entries", {"start": 1, "end": 10_000}, "end"),
    ("/log/entries", {"start": "x"}, "start"),
    ("/log/proof/inclusion", {"position": 0}, "position"),
    ("/log/proof/inclusion", {"position": 10_000}, "position"),
    ("/log/proof/inclusion", {"position": 5, "size": 4}, "position"),
    ("/log/proof/inclusion", {"position": 1, "size": 0}, "size"),
    ("/log/proof/inclusion", {"position": 1, "size": 10_000}, "size"),
    ("/log/proof/inclusion", {"position": 2**64}, "position"),
    ("/log/proof/inclusion", {}, "position"),
    ("/log/proof/consistency", {"first": 0}, "first"),
    ("/log/proof/consistency", {"first": 5, "second": 4}, "first"),
    ("/log/proof/consistency", {"first": 1, "second": 10_000}, "second"),
    ("/log/checkpoints", {"below": 0}, "below"),
]


@pytest.mark.usefixtures("size")
@pytest.mark.parametrize(("path", "params", "parameter"), WRONG)
def test_what_cannot_be_meant_is_pointed_at(
    auditor: Caller, path: str, params: dict[str, Any], parameter: str
) -> None:
    answer = auditor.get(path, params)
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "urn:aftersales:problem:invalid-form"
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


def test_only_auditors_ask(service: Served) -> None:
    for role in (Role.AGENT, Role.STOREKEEPER, Role.CONTRACT_MANAGER):
        for path in ("/log/checkpoint", "/log/entries", "/log/checkpoints"):
            assert service.caller(role).get(path).status_code == 403
