"""Mails that could not be taken in: each waits for a person, who decides what becomes of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domain.event import Event, recorded
from domain.ticket.file_events import mention_of
from domain.upkeep import stream_of


def set_aside_as(message: str) -> UUID:
    """The stream of a mail that was set aside, by what the log calls a mail."""
    return stream_of(message)


@recorded
class MailSetAside(Event, frozen=True, tag="mail.set_aside"):
    """A mail came that the service desk refused, or that could not be read; those behind it were taken in.

    Attributes:
        mailbox: where it came to.
        message: its Message-ID; made of its bytes where it has none.
        sender: the address it says that it comes from.
        subject: what it says that it is about.
        arrived_at: when the mail server had it.
        why: what was wrong with it.
        sha256: the hash of its bytes, under which they are kept.
        size: how many these are.
        cut_from: how many the mail has, where it was too large to be taken whole; else 0.
    """

    mailbox: str
    message: str
    sender: str
    subject: str
    arrived_at: datetime
    why: str
    sha256: str
    size: int
    cut_from: int = 0

    @property
    def mentions(self) -> tuple[str, ...]:
        """Its bytes."""
        return (mention_of(self.sha256),)


@recorded
class MailTakenIn(Event, frozen=True, tag="mail.taken_in"):
    """A mail that was set aside could be taken in after all.

    Attributes:
        fate: what became of it.
        ticket: the ticket that it is on; ``None`` where it is on none.
    """

    mailbox: str
    message: str
    fate: str
    ticket: UUID | None


@recorded
class MailDismissed(Event, frozen=True, tag="mail.dismissed"):
    """Somebody decided that nothing becomes of a mail that was set aside. Its bytes stay."""

    mailbox: str
    message: str
