"""A letter that was written waits for its mail server (``application.mail.outbox``)."""

from __future__ import annotations

from application.log.event_log import EventLog
from application.policies.reply import Reply
from domain.ticket.mail_events import LetterWritten

WAITS = (
    "INSERT INTO mail.outgoing (ticket_id, letter, mailbox, written_at) VALUES (%s, %s, %s, %s) "
    "ON CONFLICT DO NOTHING"
)


async def put_out(reply: Reply, log: EventLog) -> None:
    """Let it wait to go out. Doing so twice changes nothing: what has gone out is not sent again."""
    event = reply.cause.event
    if isinstance(event, LetterWritten):
        values = (reply.cause.stream_id, event.letter, event.mailbox, reply.cause.act.occurred_at)
        async with log.connection() as conn:
            await conn.execute(WAITS, values)
