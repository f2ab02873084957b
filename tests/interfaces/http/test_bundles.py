"""A case leaves the service as one file and is verified by a program that knows nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from application.access import ALLOWS, Permission, Role
from application.database.connect import Database
from interfaces.offline import verify
from tests.application.log.tampering import tamper
from tests.interfaces.http.client import Served, served
from tests.interfaces.http.signing import KEY


@pytest.fixture(scope="module")
def signed(module_database: Database) -> Iterator[Served]:
    """The application on a log that is signed."""
    with served(module_database) as service:
        yield service


@pytest.fixture(scope="module")
def ticket(signed: Served) -> str:
    """A ticket with a part, in a log that is signed, of which more is told afterwards."""
    admin = signed.caller(Role.ADMIN, "王芳")
    number = admin.register(subject="热水器不出热水", customer="海风酒店")["number"]
    part = admin.catalogues("HE-200")
    admin.sends(f"/parts/{part}/receive", location="SH", supplier="x", document="x", quantity=2)
    admin.sends(f"/parts/{part}/issue", location="SH", ticket=number, quantity=1)
    signed.sign()
    admin.does(number, "assign", team="热水组")
    return number


def proven(content: bytes, directory: Path) -> verify.Proven:
    """What a bundle proves to whoever knows the log's key."""
    file = directory / "bundle.zip"
    file.write_bytes(content)
    return verify.verify(file, str(KEY))


@pytest.mark.parametrize("role", [role for role in Role if Permission.READ in ALLOWS[role]])
def test_whoever_may_read_the_case_may_take_its_proof(
    signed: Served, ticket: str, role: Role, tmp_path: Path
) -> None:
    answer = signed.caller(role).get(f"/tickets/{ticket}/bundle")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="{ticket}.zip"'
    assert (answer.headers["checkpoint-size"], answer.headers["newer-events"]) == ("4", "1")
    found = proven(answer.content, tmp_path)
    assert (found.number, found.subject) == (ticket, "热水器不出热水")
    assert [event.type for event in found.events] == ["ticket.registered", "part.issued"]
    assert found.events[0].actor == "admin:王芳"


def test_an_older_checkpoint_gives_the_older_bundle_again(
    signed: Served, ticket: str, tmp_path: Path
) -> None:
    agent = signed.caller(Role.AGENT)
    before = agent.get(f"/tickets/{ticket}/bundle", {"size": 4})
    size = signed.sign()
    after = agent.get(f"/tickets/{ticket}/bundle")
    assert (after.headers["checkpoint-size"], after.headers["newer-events"]) == (str(size), "0")
    assert len(proven(after.content, tmp_path).events) == 3
    assert agent.get(f"/tickets/{ticket}/bundle", {"size": 4}).content == before.content
    missing = agent.get(f"/tickets/{ticket}/bundle", {"size": 3})
    assert (missing.status_code, missing.json()["detail"].startswith("there is no checkpoint of 3")) == (
        404,
        True,
    )
    assert agent.get(f"/tickets/{ticket}/bundle", {"size": 0}).status_code == 422
    assert agent.get("/tickets/T-2020-000001/bundle").status_code == 404


def test_a_case_that_nobody_signed_has_no_proof_yet(signed: Served, ticket: str) -> None:
    agent = signed.caller(Role.AGENT)
    new = agent.register()["number"]
    answer = agent.get(f"/tickets/{new}/bundle")
    assert answer.status_code == 404
    assert "aftersales log checkpoint --now" in answer.json()["detail"]


def test_an_altered_log_hands_out_no_proof(database: Database) -> None:
    with served(database) as service:
        agent = service.caller(Role.AGENT)
        number = agent.register()["number"]
        service.sign()
        tamper(database, "UPDATE log.event SET reason = 'x'")
        answer = agent.get(f"/tickets/{number}/bundle")
        assert (answer.status_code, answer.json()["type"]) == (500, "urn:aftersales:problem:log-altered")
        assert "aftersales log verify" in answer.json()["detail"]
