"""Letters that we write to a customer. What the customer writes is a contact (``TicketContacted``)."""

from __future__ import annotations

from domain.event import Event, recorded
from domain.ticket.words import Trouble


@recorded
class LetterWritten(Event, frozen=True, tag="ticket.letter_written"):
    """Somebody wrote to the customer; it is a contact only once a mail server has taken it (R01, SLA 3).

    Attributes:
        letter: its place among the letters of this ticket, from 1.
        mailbox: the mailbox it goes out from, by name.
        to: the addresses it goes to.
        answers: the Message-IDs it answers, the oldest first.
        automatic: whether nobody wrote it; then it is never a response.
    """

    letter: int
    mailbox: str
    to: tuple[str, ...]
    subject: str
    text: str
    cc: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    automatic: bool = False


@recorded
class LetterTaken(Event, frozen=True, tag="ticket.letter_taken"):
    """A mail server took a letter for some of its recipients; the others are refused, or have to wait.

    One that is taken for all of them at once is a contact (``TicketContacted``), and nothing more is said.

    Attributes:
        letter: which.
        to: for whom.
    """

    letter: int
    to: tuple[str, ...]


@recorded
class LetterFailed(Event, frozen=True, tag="ticket.letter_failed"):
    """A letter did not arrive, and somebody has to reach the customer in another way.

    Attributes:
        letter: which.
        trouble: why.
        detail: what the mail server said.
        address: with whom; ``None`` where a letter to several came back and does not say from whom.
    """

    letter: int
    trouble: Trouble
    detail: str
    address: str | None = None


@recorded
class MailCut(Event, frozen=True, tag="ticket.mail_cut"):
    """A mail was too large to be taken whole: its beginning is on the ticket, the rest lies in its mailbox.

    Attributes:
        mailbox: where it lies.
        message: its Message-ID, by which it is found there.
        size: how many bytes it has.
        taken: how many of them are attached.
        broken: the file of which the end is missing, and which is therefore not attached.
    """

    mailbox: str
    message: str
    size: int
    taken: int
    broken: str | None = None


@recorded
class CustomerIdentified(Event, frozen=True, tag="ticket.identified"):
    """A caller who was unknown is known now (R02); what is left out stays as it was."""

    customer: str
    contact: str | None = None
    site: str | None = None
    product: str | None = None
    asset: str | None = None
