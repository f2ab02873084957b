"""What is said to the customer and by him, and what is noted or attached."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from application.commands import Decision, Line, Name, Text
from application.ticket_commands.shapes import CallTime, MailAddresses, Sha256, TicketAction, Url
from domain.ticket import correspondence, decisions, filing
from domain.ticket.words import Channel, Direction, FileKind, Party


class LogContact(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Log a contact in or out, by a person or automatic (R01, SLA 3).

    ``address`` is the mail address or telephone number at the other end; of a call, ``duration`` is how long
    it took, and ``recording`` where it can be heard.
    """

    action: ClassVar[str] = "contact"
    decision: ClassVar[Decision] = decisions.contact

    channel: Channel
    direction: Direction
    party: Party
    person: Name | None = None
    summary: Text | None = None
    address: Name | None = None
    duration: CallTime | None = None
    recording: Url | None = None

    def arguments(self) -> dict[str, Any]:
        """The duration in whole seconds."""
        told = super().arguments()
        duration = told.pop("duration")
        return told | {"seconds": None if duration is None else round(duration.total_seconds())}


class WriteLetter(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Write to the customer by mail. It goes out soon, and is a contact once a mail server has taken it.

    Without ``to`` it goes to whoever wrote last; without ``mailbox``, from the first one that is set up.
    """

    action: ClassVar[str] = "write"
    decision: ClassVar[Decision] = correspondence.write

    text: Text
    to: MailAddresses = ()
    cc: MailAddresses = ()
    subject: Line | None = None
    mailbox: Name | None = None


class RemarkOnTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Note something that changes nothing."""

    action: ClassVar[str] = "remark"
    decision: ClassVar[Decision] = decisions.remark

    text: Text


class AnswerQuestion(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Decide what the service could not do by itself; the ticket's `questions` lists what is open."""

    action: ClassVar[str] = "answer"
    decision: ClassVar[Decision] = decisions.answer

    question: UUID
    answer: Text


class AttachFile(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Attach a file that is kept already; it comes as it is, not as JSON (R02)."""

    action: ClassVar[str] = "attach-file"
    decision: ClassVar[Decision] = filing.attach_file

    sha256: Sha256
    size: int
    media_type: str
    name: str
    kind: FileKind
    caption: str | None = None


class WithdrawFile(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Show a file no more, but to auditors; ``reason`` is required."""

    action: ClassVar[str] = "withdraw-file"
    decision: ClassVar[Decision] = filing.withdraw_file

    sha256: Sha256
