"""Looks at mailboxes: what is new is taken in, in order, and how far that is, is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

import psycopg
import structlog
from psycopg import AsyncConnection

from application.desk import wall_clock
from application.log.errors import LogUnavailable
from application.log.event_log import EventLog
from application.mail.aside import MailsAside
from application.mail.imap import TROUBLE, Box, Mail, open_box
from application.mail.intake import Intake
from application.mail.letter import Letter, read_letter
from application.mail.mailboxes import Mailbox
from application.mail.outages import is_outage
from application.mail.postbook import keep, move
from application.mail.servers import MailServerTrouble
from application.mail.withheld import (
    COUNT,
    TRIES,
    Refusal,
    head_of,
    others_come,
    refusals,
)
from application.policies.reactor import pause

PAGE = 20
"""Mails that are taken in between two looks."""
EVERY = 15.0
"""Seconds between looks at a mailbox that does not say when something comes."""
LISTEN = 300.0
"""Seconds after which one that does is looked at all the same."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0

P = ParamSpec("P")
T = TypeVar("T")

LEAD = "SELECT pg_try_advisory_lock(hashtextextended('mailbox ' || %s, 0))"
WHERE = "SELECT uid_validity, uid FROM mail.mailbox WHERE name = %s"
FAIL = (
    "INSERT INTO mail.mailbox (name, failure) VALUES (%s, %s) "
    "ON CONFLICT (name) DO UPDATE SET failure = excluded.failure"
)
LATELY = (
    "SELECT count(*) FROM mail.received WHERE sender = %s AND fate = 'opened' "
    "AND taken_at > clock_timestamp() - interval '1 hour'"
)

log = structlog.get_logger(__name__)


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
        self._wait = FIRST_WAIT
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"mailbox {mailbox.name}")
        """Of its own: a mail server that keeps silent holds up no other mailbox."""

    async def run(self, stop: asyncio.Event) -> None:
        """Follow it until asked to stop; a lost database and a lost mail server are waited for."""
        while not stop.is_set():
            try:
                async with await AsyncConnection.connect(self._url, autocommit=True) as conn:
                    while not stop.is_set() and not await _leads(conn, self._mailbox.name):
                        await pause(stop, EVERY)
                    await self._follow(conn, stop)
            except (psycopg.Error, LogUnavailable) as error:
                log.warning(
                    "a mailbox waits for the database", mailbox=self._mailbox.name, error=_first(error)
                )
            except TROUBLE as error:
                log.warning("a mailbox does not answer", mailbox=self._mailbox.name, error=_first(error))
                await self._failed(error)
            except Exception as error:
                log.exception("a mailbox cannot be looked at", mailbox=self._mailbox.name)
                await self._failed(error)
            await pause(stop, self._wait)
            self._wait = min(2 * self._wait, LONGEST_WAIT)
        self._thread.shutdown(wait=False)

    async def _follow(self, conn: AsyncConnection[Any], stop: asyncio.Event) -> None:
        if stop.is_set():
            return
        box = await self._do(open_box, self._mailbox)
        try:
            while not stop.is_set():
                while not stop.is_set() and await self.look(conn, box):
                    pass
                self._wait = FIRST_WAIT
                await self._woken(box, stop)
        finally:
            await self._do(box.close)

    async def _woken(self, box: Box, stop: asyncio.Event) -> None:
        """Until the mail server says that something came, or for a while."""
        if not box.says_when:
            await pause(stop, EVERY)
            return
        await self._do(box.begin_idle)
        if not box.has_news():
            await _said(box.fileno(), stop, LISTEN)
        await self._do(box.end_idle)

    async def _do(self, ask: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """Ask the mail server something, which may take its time."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: ask(*given, **named))

    async def look(self, conn: AsyncConnection[Any], box: Box) -> int:
        """Take in the next few mails; how many that were.

        Raises:
            LogUnavailable: the database does not answer; what was taken in stays so.
            ImapToolsError, OSError: the mail server does not.
        """
        validity = await self._do(box.examine)
        row = await (await conn.execute(WHERE, (self._mailbox.name,))).fetchone()
        after = row[1] if row and row[0] == validity else 0
        uids = (await self._do(box.uids, after))[:PAGE]
        refused = await refusals(conn, self._mailbox.name, validity)
        for uid in uids:
            known = refused.get(uid)
            if known and known.tries >= TRIES:
                await self._give_up(conn, box, validity, uid, known)
            elif mail := await self._handed_out(conn, box, validity, uid):
                await self._take(conn, validity, mail)
            else:
                await move(conn, (self._mailbox.name, validity, uid))
        if not uids:
            await move(conn, (self._mailbox.name, validity, after))
        return len(uids)

    async def _handed_out(self, conn: AsyncConnection[Any], box: Box, validity: int, uid: int) -> Mail | None:
        """A mail; that it is not handed out is counted, whichever worker asks next."""
        try:
            return await self._do(box.mail, uid, self._mailbox.most_bytes)
        except TROUBLE as error:
            await conn.execute(COUNT, (self._mailbox.name, validity, uid, _first(error)))
            raise

    async def _give_up(
        self, conn: AsyncConnection[Any], box: Box, validity: int, uid: int, known: Refusal
    ) -> None:
        """Set a mail aside that is never handed out; where no other is either, the server is waited for."""
        name = self._mailbox.name
        if not await self._do(others_come, box, uid):
            raise MailServerTrouble(known.said)
        log.warning("ALERT: a mail was set aside", mailbox=name, uid=uid, error=known.said)
        letter = await self._do(head_of, box, name, validity, uid)
        why = f"not handed out, {known.tries} times: {known.said}"
        arrived_at = self._now()
        taken = await self._aside.put_withheld(name, letter, arrived_at, why, place=(validity, uid))
        await keep(conn, (name, validity, uid), letter, arrived_at, taken)

    async def _take(self, conn: AsyncConnection[Any], validity: int, mail: Mail) -> None:
        """Take one mail in; one that cannot be is set aside, and holds up no other."""
        name, arrived_at = self._mailbox.name, min(mail.arrived_at, self._now())
        letter: Letter | None = None
        try:
            letter = await self._do(read_letter, mail.raw, mail.size)
            lately = await (await conn.execute(LATELY, (letter.sender,))).fetchone()
            taken = await self._intake.take(
                letter, self._mailbox, arrived_at, opened_lately=lately[0] if lately else 0
            )
        except Exception as error:
            if is_outage(error):
                raise
            log.warning("ALERT: a mail was set aside", mailbox=name, uid=mail.uid, error=_first(error))
            letter, taken = await self._aside.put(
                name, mail.raw, letter, arrived_at, error, cut_from=mail.size
            )
        await keep(conn, (name, validity, mail.uid), letter, arrived_at, taken)

    async def _failed(self, error: Exception) -> None:
        with suppress(psycopg.Error, LogUnavailable):
            async with self._events.connection() as conn:
                await conn.execute(FAIL, (self._mailbox.name, _first(error)))


async def _said(line: int, stop: asyncio.Event, seconds: float) -> None:
    """Until something comes over a line, somebody asks to stop, or so many seconds are over."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(line, ended.set)
    stopping = asyncio.create_task(stop.wait())
    stopping.add_done_callback(lambda _: ended.set())
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await ended.wait()
    finally:
        loop.remove_reader(line)
        stopping.cancel()


async def _leads(conn: AsyncConnection[Any], name: str) -> bool:
    row = await (await conn.execute(LEAD, (name,))).fetchone()
    return row == (True,)


def _first(error: Exception) -> str:
    return (str(error) or type(error).__name__).partition("\n")[0][:500]
