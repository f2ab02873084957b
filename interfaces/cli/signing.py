"""``aftersales log checkpoint`` and ``aftersales log key``: what is signed of the log, and with what."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from application.log.tree.checkpoints import Signed, newest_now
from application.log.tree.delivering import SIGNING, Delivery, deliveries, succeeded
from application.log.tree.keys import KeyDirectory, KeyProblem, LogKey
from application.log.tree.rotation import rotate as rotate_key
from application.log.tree.running import carriers
from application.log.tree.signing import Contradicts, Signer, make_first_key
from application.settings import Settings
from domain.event import Act
from interfaces.cli.database import connection, current_database
from interfaces.cli.output import moment, note, write, write_json, write_table
from interfaces.cli.problems import Altered, Refused
from interfaces.cli.saying import actor, said

HEADERS = ("key", "fingerprint", "since", "until", "state")


def checkpoint(settings: Settings, *, now: bool, as_json: bool) -> None:
    """Print the newest checkpoint with all its signatures; sign one first if asked to.

    Raises:
        Altered: the log is not what was signed before.
        Refused: nothing is signed yet, or it cannot be signed here.
    """
    with connection(settings) as conn, _told():
        if now and (made := Signer(KeyDirectory(settings.keys), settings.log_origin).sign(conn)):
            succeeded(conn, made.size)
        signed, known = newest_now(conn), deliveries(conn)
    wanted = {SIGNING, *(carrier.name for carrier in carriers(settings))}
    told = [delivery for delivery in known if delivery.target in wanted]
    refusal = next((each.failure for each in told if each.target == SIGNING and each.failure), None)
    if as_json:
        write_json(_plain(signed, told))
    elif signed:
        write(signed.text.removesuffix("\n"))
        for delivery in told:
            if delivery.failure and delivery.target != SIGNING:
                note(f"{delivery.target} has checkpoint {delivery.size}: {delivery.failure}")
    if refusal:
        raise Altered(f"the signer signs no more: {refusal}")
    if signed is None:
        raise Refused("nothing is signed yet: a worker signs the first event, or --now")


def _plain(signed: Signed | None, told: list[Delivery]) -> dict[str, object]:
    checkpoint = signed and {
        "size": signed.size,
        "root": base64.b64encode(signed.root).decode(),
        "signed_at": signed.signed_at,
        "cosignatures": len(signed.cosignatures),
        "note": signed.text,
    }
    return {"checkpoint": checkpoint, "deliveries": told}


def create(settings: Settings, *, as_json: bool) -> None:
    """Make the first key of the log and print it.

    Raises:
        Refused: there is one.
    """
    with connection(settings) as conn, _told():
        _print(settings, [make_first_key(conn, KeyDirectory(settings.keys), settings.log_origin)], as_json)


def show(settings: Settings, *, as_json: bool) -> None:
    """Print every key of the log, as auditors are given them."""
    with _told():
        _print(settings, KeyDirectory(settings.keys).all(), as_json)


def rotate(settings: Settings, *, days: int, reason: str, by: str | None, as_json: bool) -> None:
    """Make a new key, which signs from now on, and record it in the log.

    Raises:
        Misused: no reason, or nobody knows whose it is.
        Refused: there is no key here, or the change before is not over.
    """
    act = Act(actor=actor(by), occurred_at=datetime.now(UTC), reason=said("--reason", reason))
    keys = KeyDirectory(settings.keys)
    with current_database(settings) as database, _told():
        fresh = rotate_key(keys, database.service_url, act, overlap=timedelta(days=days))
    _print(settings, [fresh], as_json)
    note(f"the key before signs {days} days more: give the new one to whoever verifies the log meanwhile")


def _print(settings: Settings, keys: list[LogKey], as_json: bool) -> None:
    now = datetime.now(UTC)
    states = ["signs" if key.signs(now) else "retired" for key in keys]
    if as_json:
        write_json([
            {
                "vkey": key.vkey,
                "fingerprint": key.key.fingerprint,
                "since": key.since,
                "until": key.until,
                "replaces": key.replaces,
                "state": state,
            }
            for key, state in zip(keys, states, strict=True)
        ])  # fmt: skip
        return
    zone = settings.time_zone
    rows = [
        (key.vkey, key.key.fingerprint, moment(key.since, zone), moment(key.until, zone), state)
        for key, state in zip(keys, states, strict=True)
    ]
    write_table(HEADERS, rows)


@contextmanager
def _told() -> Iterator[None]:
    """What the signer has to say, as the command line says it."""
    try:
        yield
    except Contradicts as why:
        raise Altered(f"the log is not what was signed before, and is not signed: {why}") from None
    except KeyProblem as problem:
        raise Refused(str(problem)) from None
