"""The post of an installation: every mailbox is followed, and what was written goes out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from application.desk import wall_clock
from application.desks import Desks
from application.files.kinds import FileRules
from application.files.store import Files
from application.log.event_log import EventLog
from application.mail.aside import MailsAside
from application.mail.fetching import Fetcher
from application.mail.intake import Intake
from application.mail.mailboxes import Mailbox
from application.mail.outbox import Outbox


async def post(
    events: EventLog,
    desks: Desks,
    url: str,
    mailboxes: Sequence[Mailbox],
    rules: FileRules,
    stop: asyncio.Event,
    *,
    now: Callable[[], datetime] = wall_clock,
) -> None:
    """Fetch and send until asked to stop.

    Args:
        events: the event log.
        desks: where tickets are.
        url: the service role's connection string.
        mailboxes: the mailboxes; without one, there is nothing to do.
        rules: what files are taken.
        stop: set to stop.
        now: the clock.
    """
    if not mailboxes:
        return
    files = Files(events.connection, rules)
    intake = Intake(events, desks.tickets, files, [mailbox.address for mailbox in mailboxes])
    aside = MailsAside(events, intake, mailboxes, now=now)
    fetchers = [Fetcher(mailbox, intake, aside, events, url, now=now) for mailbox in mailboxes]
    outbox = Outbox(events, desks.tickets, mailboxes, now=now)
    await asyncio.gather(outbox.run(stop), *(fetcher.run(stop) for fetcher in fetchers))
