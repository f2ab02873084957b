"""The signer at work: signs when it is time, in one thread, and tells everybody of it in another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any, LiteralString

import psycopg
import structlog
from psycopg import Connection

from application.log.errors import LogUnavailable
from application.log.tree.delivering import SIGNING, Carrier, carry, failed, succeeded
from application.log.tree.keys import KeyDirectory, KeyProblem
from application.log.tree.publishing import targets
from application.log.tree.rotation import changes_are_due, record_changes
from application.log.tree.signing import Contradicts, Signer
from application.log.tree.witnesses import witnesses
from application.settings import Settings

DUE: LiteralString = """
    SELECT head.position > 0 AND (newest.size IS NULL OR head.position < newest.size
        OR head.position >= newest.size + %s
        OR head.position > newest.size AND newest.signed_at <= now() - %s)
    FROM log.head LEFT JOIN LATERAL (
        SELECT size, signed_at FROM log.checkpoint ORDER BY size DESC LIMIT 1
    ) AS newest ON true
"""
LOOK = 0.5
"""Seconds between two looks."""

AFTER_TROUBLE = 30.0
"""Seconds until the next try when the log was not signed, or the database was away."""

GRACE = 3.0
"""Seconds that a thread gets to end; then it ends with the process, which it may at any step."""

Turn = Callable[[Connection[Any]], object]

log = structlog.get_logger(__name__)


def carriers(settings: Settings) -> Sequence[Carrier]:
    """Everybody who is told of checkpoints: the places outside the database, and the witnesses we ask."""
    places = targets(
        settings.checkpoint_targets,
        smtp=settings.smtp_url,
        sender=settings.mail_from,
        mail_apart=timedelta(hours=settings.checkpoint_mail_hours),
    )
    return [*places, *(witness for witness in witnesses(settings.witnesses) if witness.url)]


@contextmanager
def signing(settings: Settings, url: str) -> Iterator[None]:
    """Sign and tell for the length of the block.

    Args:
        settings: of the installation.
        url: the service role's connection string.
    """
    stop = Event()
    turns: list[tuple[str, Turn]] = [("signer", _Signing(settings, url).turn)]
    if told := carriers(settings):
        turns.append(("checkpoint deliveries", lambda conn: carry(conn, told)))
    threads = [
        Thread(target=_again_and_again, args=(stop, url, name, turn), name=name, daemon=True)
        for name, turn in turns
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(GRACE)


class _Signing:
    """Looks whether it is time, and signs: once at the start in any case, to see that the log still agrees.

    What stands against it is said once, and shown until it is over.
    """

    def __init__(self, settings: Settings, url: str) -> None:
        self._keys = KeyDirectory(settings.keys)
        self._signer = Signer(self._keys, settings.log_origin)
        self._pace = (settings.checkpoint_events, timedelta(seconds=settings.checkpoint_seconds))
        self._url = url
        self._agrees = False
        self._refused: str | None = None
        self._not_before = datetime.min.replace(tzinfo=UTC)

    def turn(self, conn: Connection[Any]) -> None:
        ((due,),) = conn.execute(DUE, self._pace).fetchall()
        if (self._agrees and not due) or datetime.now(UTC) < self._not_before:
            return
        try:
            signed = self._signer.sign(conn)
            if not self._agrees or changes_are_due(self._keys):
                record_changes(self._keys, self._url)
        except Contradicts as why:
            failed(conn, SIGNING, str(why), timedelta(seconds=AFTER_TROUBLE))
            self._refuse("ALERT: the log is not what was signed before; it is not signed", str(why))
        except KeyProblem as why:
            self._refuse("the log cannot be signed here", str(why))
        else:
            self._agrees, self._refused = True, None
            if signed:
                succeeded(conn, signed.size)

    def _refuse(self, what: str, why: str) -> None:
        self._agrees = False
        self._not_before = datetime.now(UTC) + timedelta(seconds=AFTER_TROUBLE)
        if self._refused != why:
            self._refused = why
            log.error(what, error=why)


def _again_and_again(stop: Event, url: str, name: str, turn: Turn) -> None:
    """Take turns on a connection until asked to stop; a lost database is waited for."""
    while not stop.is_set():
        try:
            with psycopg.connect(url, autocommit=True, connect_timeout=5) as conn:
                while not stop.is_set():
                    turn(conn)
                    stop.wait(LOOK)
        except (psycopg.OperationalError, LogUnavailable) as error:
            log.warning(f"the {name} waits for the database", error=str(error).partition("\n")[0])
        except Exception:
            log.exception(f"the {name} failed")
        stop.wait(LOOK)
