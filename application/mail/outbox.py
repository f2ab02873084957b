"""Brings letters to the mail server, until it takes them; then, and not before, they are contacts (SLA 3).

A letter may go out twice, if a worker dies between the mail server's word and our record of it. It has the
same Message-ID both times, by which mail programs show it once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import aiosmtplib
import psycopg
import structlog

from application.desk import wall_clock
from application.log.errors import LogUnavailable
from application.log.event_log import EventLog
from application.mail.mailboxes import Mailbox, server
from application.mail.sending import Outcome, send
from application.mail.servers import explained
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
TAKEN_FOR = timedelta(minutes=5)
"""How long a letter is one worker's; then another may try it."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)
GIVE_UP = timedelta(days=2)

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
        number, written, to = told
        mailbox = self._mailboxes[due.mailbox]
        try:
            mail = compose(written, number, mailbox, due.written_at)
        except Exception as error:
            said = f"it cannot be written as a mail: {error}"
            await self._failed(due, Trouble.REFUSED, dict.fromkeys(to, said))
            return True
        try:
            outcome = await send(mailbox, mail, to)
        except Exception as error:
            if not isinstance(error, aiosmtplib.SMTPException | OSError):
                log.exception("a letter could not be sent", mailbox=due.mailbox)
            said = explained(mailbox, server(mailbox.smtp), error)
            await self._wait(due, said, dict.fromkeys(to, said))
            return True
        await self._settle(due, outcome, message_id(number, due.letter, mailbox.domain))
        return True

    async def _settle(self, due: Due, outcome: Outcome, message: str) -> None:
        """Record what a mail server did with a letter, and go on with those whom it made wait."""
        fails = _fails(due, Trouble.REFUSED, outcome.refused)

        def follows(ticket: Ticket) -> Sequence[Event]:
            sent = correspondence.sent(ticket, letter=due.letter, message=message, to=outcome.taken)
            return (*sent, *fails(ticket))

        if outcome.taken or outcome.refused:
            await self._record(due, follows)
        if outcome.later:
            await self._wait(due, _said(outcome.later), outcome.later)
        else:
            await self._write(DONE, due.ticket, due.letter)

    async def _told(self, due: Due) -> tuple[str, LetterWritten, list[str]] | None:
        """The ticket's number, the letter, and whom it has to go to yet; ``None`` where that is nobody."""
        held = await self._desk.streams.read(due.ticket)
        letters = held.state.letters if held else ()
        open_ = next((each for each in letters if each.letter == due.letter), None)
        to = [each.address for each in open_.recipients if each.is_open] if open_ else []
        if held is None or not to:
            return None
        events = (fact.event for fact in await self._events.stream(due.ticket))
        written = next(e for e in events if isinstance(e, LetterWritten) and e.letter == due.letter)
        return held.state.number, written, to

    async def _wait(self, due: Due, said: str, of: dict[str, str]) -> None:
        """Try it again later, each time after a longer while, and give it up in the end."""
        if self._now() - due.written_at > GIVE_UP:
            await self._failed(due, Trouble.GIVEN_UP, of)
            return
        wait = min(FIRST_WAIT * 2 ** min(due.tries - 1, 10), LONGEST_WAIT)
        log.warning("a letter waits for its mail server", mailbox=due.mailbox, error=said)
        await self._write(LATER, wait, said, due.ticket, due.letter)

    async def _failed(self, due: Due, trouble: Trouble, said: dict[str, str]) -> None:
        await self._record(due, _fails(due, trouble, said))
        await self._write(DONE, due.ticket, due.letter)

    async def _record(self, due: Due, follows: Callable[[Ticket], Sequence[Event]]) -> None:
        act = Act(actor=f"mailbox:{due.mailbox}", occurred_at=self._now())
        await self._desk.add(due.ticket, follows, act)

    async def _write(self, statement: str, *values: object) -> None:
        async with self._events.connection() as conn:
            await conn.execute(statement, values)  # type: ignore[arg-type]


def _fails(due: Due, trouble: Trouble, said: dict[str, str]) -> Callable[[Ticket], Sequence[Event]]:
    """What follows of what was said of each recipient."""
    told = {address: " ".join(words.replace("\x00", "").split())[:1000] for address, words in said.items()}
    return lambda ticket: [
        event
        for address, words in told.items()
        for event in correspondence.failed(
            ticket, letter=due.letter, trouble=trouble, detail=words, address=address
        )
    ]


def _said(answers: dict[str, str]) -> str:
    """What a mail server said, and of whom."""
    return "; ".join(f"{address}: {words}" for address, words in answers.items())[:1000]
