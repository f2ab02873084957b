"""Mails that wait for somebody, and mailboxes of which somebody should know."""

from __future__ import annotations

from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from application.log.mapper import fact_of
from application.log.stored import COLUMNS
from domain.mail import MailSetAside

WAITING: LiteralString = """
    type = 'mail.set_aside'
    AND NOT EXISTS (SELECT FROM log.event later WHERE later.stream_id = e.stream_id AND later.version > 1)
"""
"""The log says of each what became of it; until then it waits."""
PAGE: LiteralString = "SELECT " + COLUMNS + " FROM log.event e WHERE " + WAITING  # noqa: S608
NEXT: LiteralString = " AND position > %s ORDER BY position LIMIT %s"
COUNT: LiteralString = (
    "SELECT convert_from(data, 'UTF8')::jsonb ->> 'mailbox', count(*) FROM log.event e WHERE "  # noqa: S608
    + WAITING
    + " GROUP BY 1"
)
BOXES: LiteralString = """
    SELECT name, failure, (SELECT count(*) FROM mail.outgoing o WHERE o.mailbox = m.name)
    FROM mail.mailbox m ORDER BY name
"""


class SetAsideMail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that could not be taken in, and waits for somebody.

    Attributes:
        id: what it is settled by.
        message: its Message-ID; made of its bytes where it has none.
        arrived_at: when the mail server had it.
        set_aside_at: when it was set aside.
        why: what was wrong with it.
        sha256: the hash of its bytes; ``None`` where its mail server does not hand it out.
        size: how many these are.
        cut_from: how many the mail has, where it was too large to be taken whole; else 0.
        uid: its number in its mailbox, where it is not handed out; else 0.
        uid_validity: whose numbers these are (RFC 9051).
    """

    id: UUID
    mailbox: str
    message: str
    sender: str
    subject: str
    arrived_at: datetime
    set_aside_at: datetime
    why: str
    sha256: str | None = None
    size: int = 0
    cut_from: int = 0
    uid: int = 0
    uid_validity: int = 0


class SetAsidePage(msgspec.Struct, frozen=True, kw_only=True):
    """Mails that wait for somebody, the first first.

    Attributes:
        next: the position to go on after; ``None`` on the last page.
    """

    items: tuple[SetAsideMail, ...]
    next: int | None


class MailAlert(msgspec.Struct, frozen=True, kw_only=True):
    """A mailbox of which somebody should know.

    Attributes:
        zh: what is to be done, in Chinese.
        en: and in English.
    """

    mailbox: str
    zh: str
    en: str


class Post(NamedTuple):
    """How a mailbox does.

    Attributes:
        set_aside: mails that wait for somebody.
        failure: why it cannot be looked at; ``None`` when it can.
        waiting: letters that have not gone out yet.
    """

    set_aside: int
    failure: str | None
    waiting: int


async def waiting(conn: AsyncConnection[Any], *, after: int = 0, limit: int = 50) -> SetAsidePage:
    """A page of what waits."""
    cursor = await conn.execute(PAGE + NEXT, (after, limit + 1), binary=True)
    facts = [fact_of(row) for row in await cursor.fetchall()]
    items = tuple(_shown(fact.event, fact.stream_id, fact.recorded_at) for fact in facts[:limit])
    return SetAsidePage(items=items, next=facts[limit - 1].position if len(facts) > limit else None)


async def posts(conn: AsyncConnection[Any]) -> dict[str, Post]:
    """How every mailbox does that was ever looked at, or of which a mail waits."""
    aside: dict[str, int] = dict(await (await conn.execute(COUNT)).fetchall())
    boxes = {name: (failure, out) for name, failure, out in await (await conn.execute(BOXES)).fetchall()}
    return {name: Post(aside.get(name, 0), *boxes.get(name, (None, 0))) for name in sorted({*aside, *boxes})}


def alerts(posts: dict[str, Post]) -> tuple[MailAlert, ...]:
    """What somebody should know of."""
    return tuple(alert for name, post in posts.items() for alert in _alerts(name, post))


def _alerts(name: str, post: Post) -> list[MailAlert]:
    found: list[MailAlert] = []
    if post.set_aside:
        zh = f"邮箱 {name} 有 {post.set_aside} 封邮件无法受理，已搁置：请查看 aftersales mail set-aside"
        en = f"{post.set_aside} mails to {name} could not be taken in: see aftersales mail set-aside"
        found.append(MailAlert(mailbox=name, zh=zh, en=en))
    if post.failure:
        zh = f"邮箱 {name} 无法收信：原因见 GET /mailboxes"
        en = f"no mail can be fetched from {name}: GET /mailboxes says why"
        found.append(MailAlert(mailbox=name, zh=zh, en=en))
    return found


def _shown(event: Any, mail: UUID, at: datetime | None) -> SetAsideMail:
    if not isinstance(event, MailSetAside) or at is None:
        raise AssertionError("it was read from the log by its type")
    said = {name: getattr(event, name) for name in MailSetAside.__struct_fields__}
    return SetAsideMail(id=mail, set_aside_at=at, **said)
