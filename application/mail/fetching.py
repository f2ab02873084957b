"""Looks at mailboxes: what is new is taken in, in order, and how far that is, is kept."""

from __future__ import annotations

import asyncio
import imaplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
import structlog
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError
from psycopg import AsyncConnection

from application.desk import wall_clock
from application.log.errors import LogUnavailable
from application.log.event_log import EventLog
from application.mail.aside import MailsAside
from application.mail.intake import Intake
from application.mail.letter import Letter, read_letter
from application.mail.mailboxes import Mailbox, server
from application.mail.outages import is_outage
from application.policies.reactor import pause

PAGE = 20
"""Mails that are fetched at a time."""
LARGEST = 50 * 1024 * 1024
"""Bytes of a mail that is fetched whole; of a larger one only what stands at its head."""
EVERY = 15.0
"""Seconds between looks at a mailbox that does not say when something comes."""
IDLE = 2.0
"""Seconds for which a mail server is listened to at a time; a stop waits so long."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
SECONDS = 30
"""For which a mail server may keep silent."""
TROUBLE = (ImapToolsError, imaplib.IMAP4.error, OSError)

LEAD = "SELECT pg_try_advisory_lock(hashtextextended('mailbox ' || %s, 0))"
WHERE = "SELECT uid_validity, uid FROM mail.mailbox WHERE name = %s"
MOVE = (
    "INSERT INTO mail.mailbox (name, uid_validity, uid, looked_at) VALUES (%s, %s, %s, clock_timestamp()) "
    "ON CONFLICT (name) DO UPDATE SET uid_validity = excluded.uid_validity, uid = excluded.uid, "
    "looked_at = excluded.looked_at, failure = NULL"
)
FAIL = (
    "INSERT INTO mail.mailbox (name, failure) VALUES (%s, %s) "
    "ON CONFLICT (name) DO UPDATE SET failure = excluded.failure"
)
KEEP = (
    "INSERT INTO mail.received "
    "(mailbox, uid_validity, uid, message, sender, subject, arrived_at, fate, why, ticket_id) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
LATELY = (
    "SELECT count(*) FROM mail.received WHERE sender = %s AND fate = 'opened' "
    "AND taken_at > clock_timestamp() - interval '1 hour'"
)

log = structlog.get_logger(__name__)


class Mail(msgspec.Struct, frozen=True):
    """One mail as the server keeps it."""

    uid: int
    arrived_at: datetime
    raw: bytes


class Fetcher:
    """Follows one mailbox. Any number of workers may: one of them leads, the others stand by.

    Args:
        mailbox: the mailbox.
        intake: where its mails go.
        aside: where those go that it cannot take.
        events: the event log, for its connections.
        url: the service role's connection string, for the connection that leads.
        now: the clock: no mail arrived later.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        intake: Intake,
        aside: MailsAside,
        events: EventLog,
        url: str,
        *,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._mailbox = mailbox
        self._intake = intake
        self._aside = aside
        self._events = events
        self._url = url
        self._now = now

    async def run(self, stop: asyncio.Event) -> None:
        """Follow it until asked to stop; a lost database and a lost mail server are waited for."""
        wait = FIRST_WAIT
        while not stop.is_set():
            try:
                async with await AsyncConnection.connect(self._url, autocommit=True) as conn:
                    while not stop.is_set() and not await _leads(conn, self._mailbox.name):
                        await pause(stop, EVERY)
                    await self._follow(conn, stop)
                    wait = FIRST_WAIT
            except (psycopg.Error, LogUnavailable) as error:
                log.warning(
                    "a mailbox waits for the database", mailbox=self._mailbox.name, error=_first(error)
                )
            except TROUBLE as error:
                log.warning("a mailbox does not answer", mailbox=self._mailbox.name, error=_first(error))
                await self._failed(error)
            except Exception as error:
                log.exception("a mail could not be taken", mailbox=self._mailbox.name)
                await self._failed(error)
            await pause(stop, wait)
            wait = min(2 * wait, LONGEST_WAIT)

    async def _follow(self, conn: AsyncConnection[Any], stop: asyncio.Event) -> None:
        box = await asyncio.to_thread(connect, self._mailbox)
        try:
            while not stop.is_set():
                while await self.look(conn, box):
                    pass
                await _woken(box, stop)
        finally:
            with suppress(*TROUBLE):
                await asyncio.to_thread(box.logout)

    async def look(self, conn: AsyncConnection[Any], box: BaseMailBox) -> int:
        """Take in the next few mails; how many that were.

        Raises:
            LogUnavailable: the database does not answer; what was taken in stays so.
            ImapToolsError, OSError: the mail server does not.
        """
        validity = await asyncio.to_thread(_validity, box, server(self._mailbox.imap).folder)
        row = await (await conn.execute(WHERE, (self._mailbox.name,))).fetchone()
        after = row[1] if row and row[0] == validity else 0
        mails = await asyncio.to_thread(_fetch, box, after)
        for mail in mails:
            await self._take(conn, validity, mail)
        if not mails:
            await conn.execute(MOVE, (self._mailbox.name, validity, after))
        return len(mails)

    async def _take(self, conn: AsyncConnection[Any], validity: int, mail: Mail) -> None:
        """Take one mail in; one that cannot be is set aside, and holds up no other."""
        name, arrived_at = self._mailbox.name, min(mail.arrived_at, self._now())
        letter: Letter | None = None
        try:
            letter = await asyncio.to_thread(read_letter, mail.raw)
            lately = await (await conn.execute(LATELY, (letter.sender,))).fetchone()
            taken = await self._intake.take(
                letter, self._mailbox, arrived_at, opened_lately=lately[0] if lately else 0
            )
        except Exception as error:
            if is_outage(error):
                raise
            log.warning("ALERT: a mail was set aside", mailbox=name, uid=mail.uid, error=_first(error))
            letter, taken = await self._aside.put(name, mail.raw, letter, arrived_at, error)
        fate = (taken.fate.value, taken.why, taken.ticket)
        what = (letter.message, letter.sender, letter.subject)
        async with conn.transaction():
            await conn.execute(KEEP, (name, validity, mail.uid, *what, arrived_at, *fate))
            await conn.execute(MOVE, (name, validity, mail.uid))

    async def _failed(self, error: Exception) -> None:
        with suppress(psycopg.Error, LogUnavailable):
            async with self._events.connection() as conn:
                await conn.execute(FAIL, (self._mailbox.name, _first(error)))


def connect(mailbox: Mailbox) -> BaseMailBox:
    """Come to a mailbox.

    Raises:
        ImapToolsError, OSError: the mail server does not let in, or is not there.
    """
    where, tls = server(mailbox.imap), ssl.create_default_context()
    if where.kind == "imaps":
        box: BaseMailBox = MailBox(where.host, where.port, timeout=SECONDS, ssl_context=tls)
    elif where.is_here:
        box = MailBoxUnencrypted(where.host, where.port, timeout=SECONDS)
    else:
        box = MailBoxStartTls(where.host, where.port, timeout=SECONDS, ssl_context=tls)
    return box.login(where.user, mailbox.password, where.folder)


def _validity(box: BaseMailBox, folder: str) -> int:
    return box.folder.status(folder, ["UIDVALIDITY"])["UIDVALIDITY"]


def _fetch(box: BaseMailBox, after: int) -> Sequence[Mail]:
    """The next mails after a number, in order, as they are."""
    found = sorted(int(uid) for uid in box.uids(f"UID {after + 1}:*"))
    return [_one(box, uid) for uid in [uid for uid in found if uid > after][:PAGE]]


def _one(box: BaseMailBox, uid: int) -> Mail:
    size = _answer(box, uid, "(RFC822.SIZE INTERNALDATE)")[0]
    head = size if isinstance(size, bytes) else size[0]
    whole = int(head.partition(b"RFC822.SIZE ")[2].split()[0].strip(b")")) <= LARGEST
    body = _answer(box, uid, "(BODY.PEEK[])" if whole else "(BODY.PEEK[HEADER])")
    raw = next((part[1] for part in body if isinstance(part, tuple)), b"")
    arrived = imaplib.Internaldate2tuple(head)
    at = datetime(*arrived[:6]).astimezone(UTC) if arrived else datetime.now(UTC)
    return Mail(uid, at, raw)


def _answer(box: BaseMailBox, uid: int, what: str) -> list[Any]:
    status, data = box.client.uid("fetch", str(uid), what)
    if status != "OK":
        raise OSError(f"the mail server answers {status}")
    return [part for part in data if part not in {None, b")"}]


async def _woken(box: BaseMailBox, stop: asyncio.Event) -> None:
    """Until the mail server says that something came, or for a while."""
    if not await asyncio.to_thread(_says_when, box):
        await pause(stop, EVERY)
        return
    await asyncio.to_thread(box.idle.start)
    try:
        waited = 0.0
        while not stop.is_set() and waited < EVERY * 20:
            if await asyncio.to_thread(box.idle.poll, IDLE):
                return
            waited += IDLE
    finally:
        await asyncio.to_thread(box.idle.stop)


def _says_when(box: BaseMailBox) -> bool:
    """Whether the mail server tells when something comes (RFC 2177); what it can is known once it lets in."""
    return (
        b"IDLE" in b" ".join(part for part in box.client.capability()[1] if isinstance(part, bytes)).upper()
    )


async def _leads(conn: AsyncConnection[Any], name: str) -> bool:
    row = await (await conn.execute(LEAD, (name,))).fetchone()
    return row == (True,)


def _first(error: Exception) -> str:
    return (str(error) or type(error).__name__).partition("\n")[0][:500]
