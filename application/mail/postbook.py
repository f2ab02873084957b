"""What became of every mail that came, and how each mailbox does."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from application.mail.intake import Fate, Taken
from application.mail.letter import Letter

STATUS = """
    SELECT m.name, m.looked_at, m.failure,
        (SELECT count(*) FROM mail.received r WHERE r.mailbox = m.name),
        (SELECT count(*) FROM mail.received r WHERE r.mailbox = m.name AND r.fate = 'left'),
        (SELECT count(*) FROM mail.received r WHERE r.mailbox = m.name AND r.fate = 'set_aside'),
        (SELECT count(*) FROM mail.outgoing o WHERE o.mailbox = m.name),
        (SELECT o.failure FROM mail.outgoing o WHERE o.mailbox = m.name AND o.failure IS NOT NULL
         ORDER BY o.due_at DESC LIMIT 1)
    FROM mail.mailbox m ORDER BY m.name
"""
RECEIVED = """
    SELECT mailbox, uid_validity, uid, message, sender, subject, arrived_at, taken_at, fate, why, ticket_id
    FROM mail.received
    WHERE mailbox = %(mailbox)s AND (%(fate)s::text IS NULL OR fate = %(fate)s)
      AND (uid_validity, uid) < (%(validity)s, %(uid)s)
    ORDER BY uid_validity DESC, uid DESC LIMIT %(limit)s
"""
KEEP = """
    INSERT INTO mail.received
        (mailbox, uid_validity, uid, message, sender, subject, arrived_at, fate, why, ticket_id)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
MOVE = """
    INSERT INTO mail.mailbox (name, uid_validity, uid, looked_at) VALUES (%s, %s, %s, clock_timestamp())
    ON CONFLICT (name) DO UPDATE SET uid_validity = excluded.uid_validity, uid = excluded.uid,
        looked_at = excluded.looked_at, failure = NULL
"""
FORGET = "DELETE FROM mail.refused WHERE mailbox = %s"
"""Mails are asked for in order, so what was not handed out before has become something by now."""
LAST = (2**63 - 1, 2**63 - 1)


class MailboxStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a mailbox does.

    Attributes:
        looked_at: when it was last seen that nothing new is there.
        failure: why it cannot be looked at; ``None`` when it can.
        received: mails that came.
        left: those of them of which nothing became.
        set_aside: those that could not be taken in, and wait for somebody.
        waiting: letters that have not gone out yet.
        held_up_by: what the mail server said when one of them was tried last.
    """

    name: str
    looked_at: datetime | None
    failure: str | None
    received: int
    left: int
    set_aside: int
    waiting: int
    held_up_by: str | None


class ReceivedMail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail, and what became of it; ``why`` says why nothing did."""

    mailbox: str
    uid_validity: int
    uid: int
    message: str
    sender: str
    subject: str
    arrived_at: datetime
    taken_at: datetime
    fate: Fate
    why: str | None
    ticket_id: UUID | None


class ReceivedPage(msgspec.Struct, frozen=True, kw_only=True):
    """Mails of a mailbox, the last first.

    Attributes:
        next: the place of the following page; ``None`` on the last.
    """

    items: tuple[ReceivedMail, ...]
    next: tuple[int, int] | None


async def keep(
    conn: AsyncConnection[Any],
    place: tuple[str, int, int],
    letter: Letter,
    arrived_at: datetime,
    taken: Taken,
) -> None:
    """Note what became of a mail; the next one is looked for behind it.

    Args:
        conn: a connection that commits by itself.
        place: the mailbox, its validity, and the mail's number there.
        letter: the mail.
        arrived_at: when it came.
        taken: what became of it.
    """
    what = (letter.message, letter.sender, letter.subject)
    async with conn.transaction():
        values = (*place, *what, arrived_at, taken.fate.value, taken.why, taken.ticket)
        await conn.execute(KEEP, values)
        await conn.execute(FORGET, (place[0],))
        await move(conn, place)


async def move(conn: AsyncConnection[Any], place: tuple[str, int, int]) -> None:
    """Note how far a mailbox was looked at."""
    await conn.execute(MOVE, place)


async def status(conn: AsyncConnection[Any]) -> tuple[MailboxStatus, ...]:
    """Every mailbox that was ever looked at."""
    rows = await (await conn.execute(STATUS)).fetchall()
    fields = MailboxStatus.__struct_fields__
    return tuple(MailboxStatus(**dict(zip(fields, row, strict=True))) for row in rows)


async def received(
    conn: AsyncConnection[Any],
    mailbox: str,
    *,
    fate: Fate | None = None,
    before: tuple[int, int] = LAST,
    limit: int = 50,
) -> ReceivedPage:
    """A page of what came to a mailbox."""
    values = {
        "mailbox": mailbox,
        "fate": fate and fate.value,
        "validity": before[0],
        "uid": before[1],
        "limit": limit + 1,
    }
    rows = await (await conn.execute(RECEIVED, values)).fetchall()
    fields = ReceivedMail.__struct_fields__
    items = tuple(_mail(dict(zip(fields, row, strict=True))) for row in rows[:limit])
    last = items[-1] if len(rows) > limit else None
    return ReceivedPage(items=items, next=(last.uid_validity, last.uid) if last else None)


def _mail(row: dict[str, Any]) -> ReceivedMail:
    row["fate"] = Fate(row["fate"])
    return ReceivedMail(**row)
