"""What customers write on a web page or in a chat, and what became of the mails that came (R01)."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.params import FromQuery, PathParameter

from application.access import Caller, Permission
from application.files.store import Kept
from application.mail import postbook
from application.mail.intake import Fate
from application.mail.postbook import MailboxStatus, ReceivedMail
from application.reception import HandInForm, SayInChat
from interfaces.http.auth import READER, may
from interfaces.http.commanding import actions, beginning
from interfaces.http.openapi import ALWAYS, READ_ANSWERS, SENT_ANSWERS, problem_answer
from interfaces.http.params import Cursor, Limit
from interfaces.http.service import service
from interfaces.http.ticket_files import FILE_REFUSALS, TakesAnything, received
from projections.engine import cursor as cursors

Conversation = Annotated[
    str,
    PathParameter(
        description="What the chat program calls the conversation.",
        max_length=100,
        pattern=r"^[A-Za-z0-9._:-]+$",
    ),
]
Mailbox = Annotated[str, PathParameter(description="The mailbox's name.", max_length=200)]


class MailPage(msgspec.Struct, frozen=True, kw_only=True):
    """Mails of a mailbox, the last first.

    Attributes:
        next: the cursor of the following page; ``None`` on the last.
    """

    items: tuple[ReceivedMail, ...]
    next: str | None


@get(
    "/mailboxes",
    operation_id="ListMailboxes",
    summary="How the mailboxes do",
    guards=READER,
    responses=READ_ANSWERS,
)
async def list_mailboxes(state: State) -> tuple[MailboxStatus, ...]:
    """When each was last looked at, why it cannot be, what came and what waits to go out."""
    async with service(state).log.connection() as conn:
        return await postbook.status(conn)


@get(
    "/mailboxes/{mailbox:str}/mails",
    operation_id="ListMails",
    summary="What became of every mail that came",
    guards=READER,
    responses=READ_ANSWERS,
)
async def list_mails(
    state: State,
    mailbox: Mailbox,
    fate: FromQuery[Fate | None] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> MailPage:
    """The last first. `set_aside` are those of which nothing became, with the reason."""
    before = cursors.read(cursor, tuple[int, int]) if cursor else postbook.LAST
    async with service(state).log.connection() as conn:
        page = await postbook.received(conn, mailbox, fate=fate, before=before, limit=limit)
    return MailPage(items=page.items, next=cursors.write(page.next) if page.next else None)


@post(
    "/intake/files",
    operation_id="HandInFile",
    operation_class=TakesAnything,
    summary="Send a file that a form or a message will name",
    guards=[may(Permission.INTAKE)],
    request_max_body_size=None,
    responses=ALWAYS | SENT_ANSWERS | {422: problem_answer("The file is empty.")} | FILE_REFUSALS,
    response_description="It is kept for a day, and for good once a form or a message names it.",
)
async def hand_in_file(request: Request[Caller, Any, Any], state: State) -> Kept:
    """The body is the file itself, of the type that `Content-Type` says and its first bytes confirm.

    Then name it by its `sha256` in `files` of the form or message, with the same token. Nothing is recorded
    before.
    """
    return await received(request, service(state).files, by=request.user.token_id)


intake = [
    hand_in_file,
    beginning(
        "/intake/forms",
        HandInForm,
        lambda known, *asked: known.desks.reception.hand_in(*asked),
        summary="Hand in a web form",
        told="What a customer wrote on a web page begins a ticket; the answer is its receipt.",
        made_in="/tickets",
    ),
    *actions(
        "/intake/chats", "conversation", Conversation, (SayInChat,), lambda known: known.desks.reception
    ),
    list_mailboxes,
    list_mails,
]
