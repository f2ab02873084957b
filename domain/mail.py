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
    """A mail came that could not be taken in: it was refused by the service desk, could not be read, or was
    not handed out by its mail server. Those behind it were taken in.

    Attributes:
        mailbox: where it came to.
        message: its Message-ID; made of its bytes where it has none, of its place where these are unknown.
        sender: the address it says that it comes from.
        subject: what it says that it is about.
        arrived_at: when the mail server had it; when it was set aside, where it did not say.
        why: what was wrong with it.
        sha256: the hash of its bytes, under which they are kept; ``None`` where they were not handed out.
        size: how many these are.
        cut_from: how many the mail has, where it was too large to be taken whole; else 0.
        uid: its number in its mailbox, where it was not handed out; else 0.
        uid_validity: whose numbers these are.
    """

    mailbox: str
    message: str
    sender: str
    subject: str
    arrived_at: datetime
    why: str
    sha256: str | None = None
    size: int = 0
    cut_from: int = 0
    uid: int = 0
    uid_validity: int = 0

    @property
    def mentions(self) -> tuple[str, ...]:
        """Its bytes."""
        return () if self.sha256 is None else (mention_of(self.sha256),)


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
