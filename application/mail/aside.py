"""Mails that could not be taken in: kept whole, named by the log, and settled by people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from application.access import Caller
from application.desk import NotFound, Receipt, act_of, wall_clock
from application.files.store import Files
from application.log.append import Recorded, Request
from application.log.errors import VersionConflict
from application.log.event_log import EventLog
from application.mail.deciding import DismissMail, RetryMail, StillRefused
from application.mail.enclosures import keep_mail
from application.mail.imap import TROUBLE
from application.mail.intake import Fate, Intake, Taken
from application.mail.letter import Letter, read_letter, unread
from application.mail.mailboxes import Mailbox
from application.mail.outages import is_outage
from application.mail.threading import name_of
from application.mail.withheld import asked_again
from domain.errors import DomainError, InvalidValue, NotAllowed
from domain.event import Act, Event, Fact
from domain.mail import MailDismissed, MailSetAside, MailTakenIn, set_aside_as

SETTLED = {MailTakenIn: "taken_in", MailDismissed: "dismissed"}
TOLD = "UPDATE mail.received SET fate = %s, ticket_id = %s WHERE message = %s AND fate = 'set_aside'"


class MailsAside:
    """Sets mails aside, and settles what becomes of them.

    Args:
        log: the event log.
        intake: where mails go.
        mailboxes: those that are set up.
        now: the clock.
    """

    def __init__(
        self,
        log: EventLog,
        intake: Intake,
        mailboxes: Sequence[Mailbox],
        *,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._log = log
        self._intake = intake
        self._files = Files(log.connection)
        self._mailboxes = {mailbox.name: mailbox for mailbox in mailboxes}
        self._now = now

    async def put(
        self,
        mailbox: str,
        raw: bytes,
        letter: Letter | None,
        arrived_at: datetime,
        error: Exception,
        *,
        cut_from: int = 0,
    ) -> tuple[Letter, Taken]:
        """Set a mail aside, once however often it comes: its bytes first, then the fact.

        Args:
            mailbox: where it came to.
            raw: its bytes.
            letter: what it says; ``None`` where it could not be read.
            arrived_at: when.
            error: what was wrong with it.
            cut_from: how many bytes it has, where these are only the first.

        Raises:
            LogUnavailable: the database does not answer; it is not set aside.
        """
        kept = await keep_mail(self._log, raw)
        letter, why = letter or unread(raw), _told(error)
        event = MailSetAside(
            mailbox=mailbox,
            message=letter.message,
            sender=letter.sender,
            subject=letter.subject,
            arrived_at=arrived_at,
            why=why,
            sha256=kept.sha256,
            size=kept.size,
            cut_from=cut_from,
        )
        await self._record(event)
        return letter, Taken(Fate.SET_ASIDE, why=why)

    async def put_withheld(
        self, mailbox: str, head: Letter, seen_at: datetime, why: str, *, place: tuple[int, int]
    ) -> Taken:
        """Set a mail aside that its mail server does not hand out, once however often it is asked for.

        Args:
            mailbox: where it lies.
            head: what is known of it.
            seen_at: when it was given up.
            why: what the mail server said.
            place: the mailbox's validity, and its number there.

        Raises:
            LogUnavailable: the database does not answer; it is not set aside.
        """
        event = MailSetAside(
            mailbox=mailbox,
            message=head.message,
            sender=head.sender,
            subject=head.subject,
            arrived_at=seen_at,
            why=why[:500],
            uid_validity=place[0],
            uid=place[1],
        )
        await self._record(event)
        return Taken(Fate.SET_ASIDE, why=event.why)

    async def _record(self, event: MailSetAside) -> None:
        stream = set_aside_as(name_of(event.message))
        act = Act(actor=f"mailbox:{event.mailbox}", occurred_at=self._now())
        with suppress(VersionConflict):  # it was, before its worker died, or from another mailbox
            await self._log.append([_fact(stream, 1, event, act)])

    async def send(
        self,
        reference: str,
        command: RetryMail | DismissMail,
        caller: Caller,
        *,
        expected: int | None = None,
        request: Request | None = None,
    ) -> Receipt:
        """Settle what becomes of a mail that was set aside.

        Raises:
            NotFound: there is none.
            Forbidden: the caller may not.
            NotAllowed: it was settled before.
            StillRefused: it cannot be taken in yet; it stays aside.
            InvalidValue: it is dismissed without a reason, or a version is named.
            LogUnavailable: the database does not answer.
        """
        caller.must(command.needs)
        if expected is not None:
            raise InvalidValue("what was set aside has no version: leave If-Match out")
        if isinstance(command, DismissMail) and not (command.reason and command.reason.strip()):
            raise InvalidValue("say why nothing becomes of it", field="/reason")
        act = act_of(command, caller, self._now())
        mail, facts = await self._facts(reference)
        if request and (before := await self._log.answered(request)):
            return self._receipt(before, mail, facts[-1].event)
        if len(facts) > 1:
            raise _settled(facts[-1].event)
        event = await self._outcome(command, mail)
        try:
            fact = _fact(facts[0].stream_id, 2, event, act)
            recorded = await self._log.append([fact], request=request)
        except VersionConflict:
            raise _settled((await self._facts(reference))[1][-1].event) from None
        await self._note(event)
        return self._receipt(recorded, mail, event)

    async def content(self, reference: str) -> AsyncIterator[bytes]:
        """The bytes of a mail that was set aside, whatever became of it.

        Raises:
            NotFound: there is none, or its mail server did not hand it out.
            FileAltered: they are not what was set aside.
        """
        mail, _ = await self._facts(reference)
        if mail.sha256 is None:
            raise NotFound(f"the mail server did not hand out the mail {reference}")
        return await self._files.read(mail.sha256)

    async def _outcome(self, command: RetryMail | DismissMail, mail: MailSetAside) -> Event:
        if isinstance(command, DismissMail):
            return MailDismissed(mailbox=mail.mailbox, message=mail.message)
        mailbox = self._mailboxes.get(mail.mailbox)
        if mailbox is None:
            raise StillRefused(f"the mailbox {mail.mailbox!r} is not set up: see AFTERSALES_MAILBOXES")
        if mail.sha256 is None and (known := await self._log.find(name_of(mail.message))):
            taken = Taken(Fate.REPEATED, known)  # it came to another mailbox, too
        else:
            taken = await self._taken(mail, mailbox)
        fate = taken.fate.value
        return MailTakenIn(mailbox=mail.mailbox, message=mail.message, fate=fate, ticket=taken.ticket)

    async def _taken(self, mail: MailSetAside, mailbox: Mailbox) -> Taken:
        letter, arrived_at = await self._letter(mail, mailbox)
        try:
            return await self._intake.take(letter, mailbox, arrived_at)
        except Exception as error:
            if is_outage(error):
                raise
            raise StillRefused(f"it is refused still: {_told(error)}") from error

    async def _letter(self, mail: MailSetAside, mailbox: Mailbox) -> tuple[Letter, datetime]:
        """What a mail says and when it came: by its bytes, or by asking its mail server again."""
        if mail.sha256 is not None:
            raw = b"".join([piece async for piece in await self._files.read(mail.sha256)])
            return read_letter(raw, mail.cut_from), mail.arrived_at
        try:
            found = await asyncio.to_thread(asked_again, mailbox, mail.uid_validity, mail.uid)
        except TROUBLE as error:
            raise StillRefused(f"it is not handed out still: {_told(error)}") from error
        return read_letter(found.raw, found.size), min(found.arrived_at, mail.arrived_at)

    async def _note(self, event: Event) -> None:
        """Let the list of what came say so, too."""
        fate, ticket = Fate.DISMISSED.value, None
        if isinstance(event, MailTakenIn):
            fate, ticket = event.fate, event.ticket
        async with self._log.connection() as conn:
            await conn.execute(TOLD, (fate, ticket, event.message))  # type: ignore[attr-defined]

    async def _facts(self, reference: str) -> tuple[MailSetAside, list[Fact]]:
        try:
            facts = await self._log.stream(UUID(reference))
        except ValueError:
            facts = []
        if not facts or not isinstance(facts[0].event, MailSetAside):
            raise NotFound(f"no mail {reference} was set aside")
        return facts[0].event, facts

    def _receipt(self, recorded: Recorded, mail: MailSetAside, event: Event) -> Receipt:
        return Receipt(
            id=recorded.stream_id,
            number=mail.message,
            version=recorded.version,
            position=recorded.position,
            recorded_at=recorded.recorded_at,
            made=event.ticket if isinstance(event, MailTakenIn) else None,
        )


def _fact(stream: UUID, version: int, event: Event, act: Act) -> Fact:
    return Fact(stream_id=stream, version=version, event=event, act=act, correlation_id=stream)


def _settled(event: Event) -> NotAllowed:
    state = SETTLED[type(event)]  # type: ignore[index]
    return NotAllowed(f"it is settled: {state.replace('_', ' ')}", state=state, allowed=())


def _told(error: Exception) -> str:
    """What was wrong, in one line."""
    if isinstance(error, DomainError):
        return error.message[:500]
    said = str(error).partition("\n")[0].encode("utf-8", "replace").decode().replace("\x00", "")
    return f"{type(error).__name__}: {said}"[:500]
