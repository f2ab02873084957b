"""A case is exported, carried away and verified; what cannot be proven is not exported."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from application.database.connect import Database
from application.ticket_commands.tiers import AssignTicket
from interfaces.offline import verify
from tests.application.firm import AGENT, Firm, in_the_firm
from tests.application.log.tampering import rewrite, tamper
from tests.interfaces.cli.conftest import Answer
from tests.interfaces.http.signing import KEY, make_key, sign

Command = Callable[..., Answer]
TICKET, LATER, CONTRACT = "T-2026-000001", "T-2026-000003", "C-2026-000001"
KEYS = Path("data", "signing")
"""Where the log's keys are, from where a test stands."""


@pytest.fixture
def signed(on_database: Database) -> Database:
    """A firm with a ticket and a part that was issued for it, all of it signed."""

    async def story(firm: Firm) -> None:
        await firm.part()
        await firm.receive(quantity=5)
        await firm.ticket(subject="热水器不出热水")
        await firm.ticket(subject="another")
        await firm.desks.tickets.send(TICKET, AssignTicket(team="热水组"), AGENT)
        await firm.issue(TICKET, quantity=1)
        await firm.contract("SN-1")

    in_the_firm(on_database, story)
    make_key(KEYS)
    sign(on_database, KEYS)
    return on_database


def later(database: Database) -> None:
    """Another ticket is registered, and the case goes on."""

    async def story(firm: Firm) -> None:
        await firm.ticket()
        await firm.desks.tickets.send(TICKET, AssignTicket(team="备件组"), AGENT)

    in_the_firm(database, story)


def test_a_case_is_exported_and_verified(command: Command, signed: Database) -> None:
    exported = command("export", "case", TICKET)
    assert (exported.code, exported.out) == (0, f"{TICKET}.zip\n")
    assert exported.err == "3 events, proven by the checkpoint of 9\n"
    told = command("verify", f"{TICKET}.zip", "--key", KEY.fingerprint)
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith(f"proven: 3 events of the case {TICKET} are in the log\n")
    assert "subject     热水器不出热水" in told.out
    assert "as you expected" in told.out
    in_json = json.loads(command("verify", f"{TICKET}.zip", "--json").out)
    assert [(event["position"], event["type"]) for event in in_json["events"]] == [
        (3, "ticket.registered"),
        (5, "ticket.assigned"),
        (6, "part.issued"),
    ]
    assert in_json["own_versions"] == 2


def test_the_same_checkpoint_gives_the_same_bytes_whatever_comes_later(
    command: Command, signed: Database
) -> None:
    command("export", "case", TICKET, "--output", "before.zip")
    later(signed)
    told = command("export", "case", TICKET, "-o", "newest.zip")
    assert told.err.startswith("3 events, proven by the checkpoint of 9\n1 newer events are not in it: ")
    assert "aftersales log checkpoint --now" in told.err
    sign(signed, KEYS)
    assert (
        command("export", "case", TICKET, "-o", "after.zip").err
        == "4 events, proven by the checkpoint of 11\n"
    )
    command("export", "case", TICKET, "-o", "again.zip", "--checkpoint", "9")
    contents = [Path(f"{name}.zip").read_bytes() for name in ("before", "newest", "again", "after")]
    assert contents[0] == contents[1] == contents[2] != contents[3]


def test_the_checkpoint_that_somebody_kept_is_the_one_in_the_bundle(
    command: Command, signed: Database
) -> None:
    command("export", "case", TICKET, "-o", "before.zip")
    with zipfile.ZipFile("before.zip") as bundle:
        Path("kept").write_bytes(bundle.read(verify.CHECKPOINT))
    later(signed)
    sign(signed, KEYS)
    command("export", "case", TICKET, "-o", "after.zip")
    assert command("verify", "before.zip", "--checkpoint", "kept").code == 0
    told = command("verify", "after.zip", "--checkpoint", "kept")
    assert (told.code, told.err) == (
        3,
        "aftersales: not proven: checkpoint: it is not the one that was kept\n",
    )


@pytest.mark.parametrize(
    ("reference", "types"),
    [
        (CONTRACT, ["contract.drafted", "contract.signed", "contract.activated"]),
        ("HE-200", ["part.catalogued", "part.received", "part.issued"]),
    ],
)
def test_a_part_or_contract_is_exported_as_its_stream(
    command: Command, signed: Database, reference: str, types: list[str]
) -> None:
    assert command("export", "case", reference).out == f"{reference}.zip\n"
    told = json.loads(command("verify", f"{reference}.zip", "--json").out)
    assert (told["about"], told["number"], told["own_versions"]) == ("stream", reference, 3)
    assert [event["type"] for event in told["events"]] == types
    again = command("export", "case", told["id"], "-o", "again.zip")
    assert again.code == 0
    assert Path("again.zip").read_bytes() == Path(f"{reference}.zip").read_bytes()


def test_what_nobody_signed_is_not_exported(command: Command, signed: Database) -> None:
    refusals = {
        ("T-2026-000009",): "there is no ticket, part or contract T-2026-000009",
        (str(KEYS),): "there is no ticket, part or contract ",
        (TICKET, "--checkpoint", "8"): "there is no checkpoint of 8 events",
        (TICKET, "-o", "no/where"): "no/where: No such file or directory",
    }
    for arguments, said in refusals.items():
        told = command("export", "case", *arguments)
        assert (told.code, told.out) == (1, "")
        assert told.err.startswith(f"aftersales: {said}")
        assert told.err.count("\n") == 1
    later(signed)
    assert "the checkpoint ends at 9, before its first event" in command("export", "case", LATER).err
    assert not list(Path().glob("*.zip"))


def test_without_a_checkpoint_or_the_key_it_is_said_what_to_do(
    command: Command, on_database: Database
) -> None:
    async def story(firm: Firm) -> None:
        await firm.ticket()

    in_the_firm(on_database, story)
    assert "aftersales log checkpoint --now" in command("export", "case", TICKET).err
    make_key(Path("elsewhere"))
    sign(on_database, Path("elsewhere"))
    told = command("export", "case", TICKET)
    assert (told.code, told.err.count("\n")) == (1, 1)
    assert "the key that signed the log is not in " in told.err


def test_an_altered_log_exports_no_bundle(command: Command, signed: Database) -> None:
    tamper(signed, "UPDATE log.event SET actor = 'agent:nobody' WHERE position = 5")
    told = command("export", "case", TICKET)
    assert (told.code, told.out, told.err.count("\n")) == (3, "", 1)
    assert "position 5: it does not lead to the checkpoint" in told.err
    assert "aftersales log verify" in told.err
    rewrite(signed)
    assert command("export", "case", TICKET).code == 3
    tamper(signed, "DELETE FROM log.event WHERE position = 4")
    told = command("export", "case", TICKET)
    assert (told.code, told.err.count("\n")) == (3, 1)
    assert not list(Path().glob("*.zip"))


def test_verify_has_its_exit_codes(command: Command, signed: Database) -> None:
    command("export", "case", TICKET)
    cases = {
        (f"{TICKET}.zip", "--key", "x"): (2, "--key is neither a vkey"),
        (f"{TICKET}.zip", "--key", "0" * 64): (3, "not proven: the key is not the one you expect"),
        ("nowhere.zip",): (1, "nowhere.zip: No such file"),
        (str(KEYS),): (1, "this is not a file"),
    }
    for arguments, (code, said) in cases.items():
        told = command("verify", *arguments)
        assert (told.code, told.out, told.err.count("\n")) == (code, "", 1)
        assert said in told.err
