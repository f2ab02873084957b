"""Mails that could not be taken in: what waits, the mail itself, and what becomes of it (R01)."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get
from litestar.datastructures import State
from litestar.openapi import ResponseSpec
from litestar.params import PathParameter
from litestar.response import Stream

from application.mail.aside_book import SetAsideMail, waiting
from application.mail.deciding import DismissMail, RetryMail
from application.mail.letter import MAIL
from interfaces.http.auth import READER
from interfaces.http.commanding import actions
from interfaces.http.openapi import ITEM_ANSWERS, READ_ANSWERS
from interfaces.http.params import Cursor, Limit
from interfaces.http.service import service
from interfaces.http.ticket_files import SANDBOX
from projections.engine import cursor as cursors

Mail = Annotated[str, PathParameter(description="Its id, as the list gives it.", max_length=40)]


class SetAsideMailPage(msgspec.Struct, frozen=True, kw_only=True):
    """Mails that wait for somebody, the first first.

    Attributes:
        next: the cursor of the following page; ``None`` on the last.
    """

    items: tuple[SetAsideMail, ...]
    next: str | None


@get(
    "/set-aside-mails",
    operation_id="ListSetAsideMails",
    summary="Mails that could not be taken in",
    guards=READER,
    responses=READ_ANSWERS,
)
async def list_set_aside(state: State, cursor: Cursor = None, limit: Limit = 50) -> SetAsideMailPage:
    """Those that wait for somebody, with the reason. Every other mail went past them."""
    (after,) = cursors.read(cursor, tuple[int]) if cursor else (0,)
    async with service(state).log.connection() as conn:
        page = await waiting(conn, after=after, limit=limit)
    return SetAsideMailPage(items=page.items, next=cursors.write((page.next,)) if page.next else None)


@get(
    "/set-aside-mails/{mail:str}/content",
    operation_id="GetSetAsideMail",
    summary="A mail that was set aside itself",
    guards=READER,
    responses=ITEM_ANSWERS
    | {200: ResponseSpec(bytes, media_type=MAIL, description="The mail.", generate_examples=False)},
)
async def get_set_aside(state: State, mail: Mail) -> Stream:
    """As it came, to be saved, not shown; also when it was settled long ago."""
    content = await service(state).aside.content(mail)
    headers = {
        "Content-Disposition": 'attachment; filename="mail.eml"',
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
    }
    return Stream(content, media_type=MAIL, headers=headers)


aside = [
    *actions("/set-aside-mails", "mail", Mail, (RetryMail, DismissMail), lambda known: known.aside),
    list_set_aside,
    get_set_aside,
]
