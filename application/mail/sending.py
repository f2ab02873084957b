"""Brings one mail to its mail server, and says for whom it was taken (RFC 5321)."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage

import aiosmtplib
import msgspec

from application.mail.mailboxes import Mailbox, server
from application.mail.servers import trust, turns_to_tls

SECONDS = 30
"""For which a mail server may keep silent."""
FOREVER = range(500, 600)
"""Answers about a letter that a mail server will not change (RFC 5321)."""


class Outcome(msgspec.Struct, frozen=True):
    """What a mail server did with a mail.

    Attributes:
        taken: for whom it took it.
        refused: for whom it never will, and what it said.
        later: for whom it may another time, and what it said.
    """

    taken: frozenset[str]
    refused: dict[str, str]
    later: dict[str, str]


async def send(mailbox: Mailbox, mail: EmailMessage, to: Sequence[str]) -> Outcome:
    """Bring a mail to its mail server.

    Raises:
        SMTPException, OSError: the mail server is not there, is not trusted, or does not let us in; that says
            nothing about the mail.
    """
    where = server(mailbox.smtp)
    plain = where.kind != "smtps"
    # Where no password is told, a relay is taken as it is: with TLS if it offers it.
    optional = not where.user and mailbox.tls is None and not where.is_here
    turns = None if plain and optional else plain and turns_to_tls(mailbox, where)
    try:
        answers, _ = await aiosmtplib.send(
            mail,
            sender=mailbox.address,
            recipients=list(to),
            hostname=where.host,
            port=where.port,
            username=where.user or None,
            password=mailbox.password or None,
            use_tls=not plain,
            start_tls=turns,
            tls_context=None if plain and turns is False else trust(mailbox),  # which takes a while to make
            timeout=SECONDS,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        said = {each.recipient: (each.code, each.message) for each in error.recipients}
        return _outcome(said)
    except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
        return _outcome(dict.fromkeys(to, (error.code, error.message)))
    except aiosmtplib.SMTPNotSupported as error:  # an address that this server cannot write
        return Outcome(taken=frozenset(), refused=dict.fromkeys(to, error.message), later={})
    said = {address: (answer[0], answer[1]) for address, answer in answers.items()}
    return _outcome(said, taken=frozenset(to) - said.keys())


def _outcome(answers: dict[str, tuple[int, str]], *, taken: frozenset[str] = frozenset()) -> Outcome:
    said = {address: " ".join(f"{code} {words}".split())[:300] for address, (code, words) in answers.items()}
    forever = {address for address, (code, _) in answers.items() if code in FOREVER}
    return Outcome(
        taken=taken,
        refused={address: words for address, words in said.items() if address in forever},
        later={address: words for address, words in said.items() if address not in forever},
    )
