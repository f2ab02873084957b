"""Mails that their mail server does not hand out: asked for a few times, then set aside."""

from __future__ import annotations

import imaplib
from contextlib import suppress
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from application.mail.imap import TROUBLE, Box, Mail, open_box
from application.mail.letter import Kind, Letter, read_letter
from application.mail.mailboxes import Mailbox
from application.mail.servers import MailServerTrouble

TRIES = 6
"""How often a mail is asked for, after 1, 2, 4, 8 and 16 seconds, before it is set aside."""
OTHERS = 20
"""Mails of which one has to be handed out, so that it is this mail and not the mail server that is broken."""

REFUSED = "SELECT uid, tries, said FROM mail.refused WHERE mailbox = %s AND uid_validity = %s"
COUNT = (
    "INSERT INTO mail.refused (mailbox, uid_validity, uid, said) VALUES (%s, %s, %s, %s) "
    "ON CONFLICT (mailbox, uid_validity, uid) DO UPDATE SET tries = refused.tries + 1, said = excluded.said"
)


class Refusal(NamedTuple):
    """How often a mail was not handed out, and what the mail server said last."""

    tries: int
    said: str


async def refusals(conn: AsyncConnection[Any], mailbox: str, validity: int) -> dict[int, Refusal]:
    """The mails of a mailbox that were not handed out when they were asked for last, by number."""
    rows = await (await conn.execute(REFUSED, (mailbox, validity))).fetchall()
    return {uid: Refusal(tries, said) for uid, tries, said in rows}


def others_come(box: Box, uid: int) -> bool:
    """Whether the mail server hands out one of the mails around this one.

    Raises:
        ImapToolsError, OSError: it does not answer at all.
    """
    around = sorted(box.uids(0), key=lambda other: abs(other - uid))[: OTHERS + 1]
    return any(_comes(box, other) for other in around if other != uid)


def head_of(box: Box, mailbox: str, validity: int, uid: int) -> Letter:
    """Who wrote a mail and about what, where its head is handed out; else it is called by its place."""
    with suppress(*TROUBLE):
        if raw := box.head(uid):
            return read_letter(raw)
    place = f"{mailbox}/{validity}/{uid}"
    return Letter(message=place, kind=Kind.AUTOMATIC, sender="", name="", subject="", text="")


def asked_again(mailbox: Mailbox, validity: int, uid: int) -> Mail:
    """A mail that was not handed out before.

    Raises:
        MailServerTrouble, ImapToolsError, OSError: it is not handed out, or its number means another one now.
    """
    box = open_box(mailbox)
    try:
        if box.examine() != validity:
            raise MailServerTrouble("the mail server has numbered its mails anew, and this one with them")
        mail = box.mail(uid, mailbox.most_bytes)
    finally:
        box.close()
    if mail is None:
        raise MailServerTrouble("it is not in its mailbox any more")
    return mail


def _comes(box: Box, uid: int) -> bool:
    try:
        return box.begins(uid)
    except imaplib.IMAP4.abort:
        raise
    except (MailServerTrouble, imaplib.IMAP4.error):
        return False
