"""``aftersales mail``: what could not be taken in, and what people decide about it."""

from __future__ import annotations

import asyncio
from uuid import UUID

from application.access import Caller, Role
from application.book import open_promises
from application.desk import Receipt
from application.desks import open_desks
from application.files.store import Files
from application.log.event_log import open_log
from application.mail.aside import MailsAside
from application.mail.aside_book import SetAsideMail, waiting
from application.mail.deciding import DismissMail, RetryMail
from application.mail.intake import Intake
from application.settings import Settings
from interfaces.cli.database import current_database
from interfaces.cli.output import moment, note, write_json, write_table
from interfaces.cli.saying import actor, said
from interfaces.cli.serve import set_up_mailboxes

HEADERS = ("id", "mailbox", "from", "subject", "arrived", "why")
PAGE = 500


def show(settings: Settings, *, as_json: bool) -> None:
    """Print every mail that waits, and why."""
    with current_database(settings) as database:
        mails = asyncio.run(_waiting(database.service_url))
    if as_json:
        write_json(mails)
        return
    zone = settings.time_zone
    rows = [
        (f"{each.id}", each.mailbox, each.sender, each.subject, moment(each.arrived_at, zone), each.why)
        for each in mails
    ]
    write_table(HEADERS, rows)


def retry(settings: Settings, mail: str, *, by: str | None) -> None:
    """Try again to take a mail in.

    Raises:
        Misused: nobody knows who decides it.
        Refused: the file of mailboxes is not there, or says something that cannot be.
        NotFound, DomainError: it is not there, is settled, or cannot be taken in yet.
    """
    _, ticket = _settle(settings, mail, RetryMail(), by)
    note(f"it is taken in: {ticket}" if ticket else "it is taken in, and on no ticket")


def dismiss(settings: Settings, mail: str, *, reason: str, by: str | None) -> None:
    """Decide that nothing becomes of a mail.

    Raises:
        Misused: no reason, or nobody knows who decides it.
        Refused: the file of mailboxes is not there, or says something that cannot be.
        NotFound, DomainError: it is not there, or is settled.
    """
    receipt, _ = _settle(settings, mail, DismissMail(reason=said("--reason", reason)), by)
    note(f"recorded at {receipt.position}: nothing becomes of it")


def _settle(
    settings: Settings, mail: str, command: RetryMail | DismissMail, by: str | None
) -> tuple[Receipt, str | None]:
    """The receipt, and the number of the ticket that the mail is on now."""
    caller = Caller(actor(by).partition(":")[2], Role.ADMIN, UUID(int=0))
    mailboxes = set_up_mailboxes(settings)
    with current_database(settings) as database:

        async def settle() -> tuple[Receipt, str | None]:
            async with open_log(database.service_url, pool_size=2) as log:
                promises = open_promises(database.service_url)
                tickets = open_desks(log, promises, time_zone=settings.time_zone).tickets
                addresses = [mailbox.address for mailbox in mailboxes]
                intake = Intake(log, tickets, Files(log.connection, settings.files), addresses)
                receipt = await MailsAside(log, intake, mailboxes).send(mail, command, caller)
                names = await log.names_of(receipt.made) if receipt.made else ()
                return receipt, next(filter(tickets.is_number, names), None)

        return asyncio.run(settle())


async def _waiting(url: str) -> list[SetAsideMail]:
    found: list[SetAsideMail] = []
    after: int | None = 0
    async with open_log(url, pool_size=1) as log, log.connection() as conn:
        while after is not None:
            page = await waiting(conn, after=after, limit=PAGE)
            found += page.items
            after = page.next
    return found
