"""A letter of a ticket as a mail."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from application.mail.mailboxes import Mailbox
from application.mail.threading import message_id
from domain.ticket.mail_events import LetterWritten


def compose(letter: LetterWritten, number: str, mailbox: Mailbox, written_at: datetime) -> EmailMessage:
    """The mail of a letter: the same one however often it is made.

    Its Message-ID and the number in its subject lead every answer back to the ticket. What no person wrote
    says so, and asks machines not to answer (RFC 3834).

    Args:
        letter: what was written.
        number: of the ticket.
        mailbox: where it goes out.
        written_at: when it was written.
    """
    mail = EmailMessage(policy=SMTP)
    user, _, domain = mailbox.address.rpartition("@")
    mail["From"] = Address(mailbox.title, user, domain)
    mail["To"] = ", ".join(letter.to)
    if letter.cc:
        mail["Cc"] = ", ".join(letter.cc)
    mail["Subject"] = letter.subject if number in letter.subject else f"[{number}] {letter.subject}"
    mail["Date"] = format_datetime(written_at)
    mail["Message-ID"] = f"<{message_id(number, letter.letter, mailbox.domain)}>"
    if letter.answers:
        mail["In-Reply-To"] = f"<{letter.answers[-1]}>"
        mail["References"] = " ".join(f"<{message}>" for message in letter.answers)
    if letter.automatic:
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(letter.text)
    return mail
