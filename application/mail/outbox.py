"""Brings letters to the mail server, until it takes them; then, and not before, they are contacts (SLA 3).

A letter may go out twice, if a worker dies between the mail server's word and our record of it. It has the
same Message-ID both times, by which mail programs show it once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import NamedTuple
from uuid import UUID

import aiosmtplib
import psycopg
import structlog

from application.desk import wall_clock
from application.log.errors import LogUnavailable
from application.log.event_log import EventLog
from application.mail.mailboxes import Mailbox, server
from application.mail.threading import message_id
from application.mail.writing import compose
from application.policies.reactor import pause
from application.tickets.desk import TicketDesk
from domain.event import Act, Event
from domain.ticket import correspondence
from domain.ticket.mail_events import LetterWritten
from domain.ticket.state import Ticket
from domain.ticket.words import Trouble

EVERY = 1.0
"""Seconds between looks."""
SECONDS = 30
"""For which a mail server may keep silent."""
TAKEN_FOR = timedelta(minutes=5)
"""How long a letter is one worker's; then another may try it."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)
GIVE_UP = timedelta(days=2)
FOREVER = range(500, 600)
"""Answers of a mail server that it will not change (RFC 5321)."""

TAKE = """
    UPDATE mail.outgoing SET due_at = clock_timestamp() + %s, tries = tries + 1
    WHERE (ticket_id, letter) IN (
        SELECT ticket_id, letter FROM mail.outgoing WHERE due_at <= clock_timestamp() AND mailbox = ANY(%s)
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING ticket_id, letter, mailbox, written_at, tries
"""
DONE = "DELETE FROM mail.outgoing WHERE ticket_id = %s AND letter = %s"
LATER = (
    "UPDATE mail.outgoing SET due_at = clock_timestamp() + %s, failure = %s "
    "WHERE ticket_id = %s AND letter = %s"
)

log = structlog.get_logger(__name__)


class Due(NamedTuple):
    """A letter whose time it is."""

    ticket: UUID
    letter: int
    mailbox: str
    written_at: datetime
    tries: int


class Outbox:
    """Sends what waits. Any number of workers may: each letter is one worker's at a time.

    Args:
        events: the event log.
        desk: where tickets are.
        mailboxes: those that letters go out from.
        now: the clock.
    """

    def __init__(
        self,
        events: EventLog,
        desk: TicketDesk,
        mailboxes: Sequence[Mailbox],
        *,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._events = events
        self._desk = desk
        self._mailboxes = {mailbox.name: mailbox for mailbox in mailboxes}
        self._now = now

    async def run(self, stop: asyncio.Event) -> None:
        """Send until asked to stop; a lost database is waited for."""
        while not stop.is_set():
            try:
                while not stop.is_set() and await self.step():
                    pass
            except (psycopg.Error, LogUnavailable) as error:
                log.warning("letters wait for the database", error=str(error).partition("\n")[0])
            except Exception:
                log.exception("a letter could not be sent")
            await pause(stop, EVERY)

    async def step(self) -> bool:
        """Try the letter that waits longest; whether there was one.

        Raises:
            LogUnavailable: the database does not answer; the letter is tried again.
        """
        async with self._events.connection() as conn:
            row = await (await conn.execute(TAKE, (TAKEN_FOR, list(self._mailboxes)))).fetchone()
        if row is None:
            return False
        due = Due(*row)
        told = await self._told(due)
        if told is None:
            await self._write(DONE, due.ticket, due.letter)
            return True
        number, written = told
        mailbox = self._mailboxes[due.mailbox]
        try:
            await send(mailbox, compose(written, number, mailbox, due.written_at))
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            await self._failed(due, error)
        else:
            message = message_id(number, due.letter, mailbox.domain)
            await self._record(
                due, lambda ticket: correspondence.sent(ticket, letter=due.letter, message=message)
            )
        return True

    async def _told(self, due: Due) -> tuple[str, LetterWritten] | None:
        """The ticket's number and the letter; ``None`` when it went out before."""
        held = await self._desk.streams.read(due.ticket)
        letters = held.state.letters if held else ()
        open_ = next((each for each in letters if each.letter == due.letter), None)
        if held is None or open_ is None or open_.sent_at is not None or open_.trouble is not None:
            return None
        events = (fact.event for fact in await self._events.stream(due.ticket))
        written = next(e for e in events if isinstance(e, LetterWritten) and e.letter == due.letter)
        return held.state.number, written

    async def _failed(self, due: Due, error: Exception) -> None:
        code, said = answer_of(error)
        if code in FOREVER or isinstance(error, ValueError):
            trouble = Trouble.REFUSED
        elif self._now() - due.written_at > GIVE_UP:
            trouble = Trouble.GIVEN_UP
        else:
            wait = min(FIRST_WAIT * 2 ** min(due.tries - 1, 10), LONGEST_WAIT)
            log.warning("a letter waits for its mail server", mailbox=due.mailbox, error=said)
            await self._write(LATER, wait, said, due.ticket, due.letter)
            return
        await self._record(
            due, lambda ticket: correspondence.failed(ticket, letter=due.letter, trouble=trouble, detail=said)
        )

    async def _record(self, due: Due, follows: Callable[[Ticket], Sequence[Event]]) -> None:
        act = Act(actor=f"mailbox:{due.mailbox}", occurred_at=self._now())
        await self._desk.add(due.ticket, follows, act)
        await self._write(DONE, due.ticket, due.letter)

    async def _write(self, statement: str, *values: object) -> None:
        async with self._events.connection() as conn:
            await conn.execute(statement, values)  # type: ignore[arg-type]


async def send(mailbox: Mailbox, mail: EmailMessage) -> None:
    """Bring a mail to its mail server.

    Raises:
        SMTPException: the mail server does not take it.
        OSError: it is not there.
    """
    where = server(mailbox.smtp)
    plain = where.kind != "smtps"
    if where.user and plain and not where.is_here:
        start_tls: bool | None = True
    else:
        start_tls = None if plain else False
    await aiosmtplib.send(
        mail,
        sender=mailbox.address,
        hostname=where.host,
        port=where.port,
        username=where.user or None,
        password=mailbox.password or None,
        use_tls=not plain,
        start_tls=start_tls,
        timeout=SECONDS,
    )


def answer_of(error: Exception) -> tuple[int | None, str]:
    """What a mail server said: its code, and its words on one line."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        first = error.recipients[0]
        return first.code, f"{first.code} {first.message}"[:500]
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return error.code, f"{error.code} {error.message}"[:500]
    return None, (str(error) or type(error).__name__).partition("\n")[0][:500]
