"""What one server process holds for its whole life."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from litestar.datastructures import State

from application.access import Access
from application.book import open_promises
from application.desks import Desks, open_desks
from application.files.kinds import FileRules
from application.files.store import Files
from application.log.event_log import EventLog, open_log
from application.log.tail import Tail
from application.mail.aside import MailsAside
from application.mail.intake import Intake
from application.mail.mailboxes import Mailbox
from application.presence import Presence
from application.saved_views import SavedViews
from domain.promises import Promises
from interfaces.http.feeding import Feed
from interfaces.http.live import Live
from projections.engine.waiting import Watch
from projections.travel.kinds import Kinds

PRESSES = 2
"""Documents that are set at a time; the others wait."""


class Service(msgspec.Struct, frozen=True):
    """What answers requests.

    Attributes:
        files: photos and files of tickets.
        aside: mails that could not be taken in.
        kinds: what can be travelled to.
        zone: where the firm is.
        watch: knows how far the views are.
        press: held while a document is set in type or a bundle is made, which takes a whole processor.
        now: what time it is, for whatever depends on it.
    """

    log: EventLog
    access: Access
    desks: Desks
    files: Files
    aside: MailsAside
    promises: Promises
    kinds: Kinds
    zone: ZoneInfo
    watch: Watch
    press: asyncio.Semaphore
    feed: Feed
    live: Live
    presence: Presence
    saved_views: SavedViews
    now: Callable[[], datetime]

    @property
    def today(self) -> date:
        """The calendar day that it is where the firm is."""
        return self.day(self.now())

    def day(self, moment: datetime) -> date:
        """The calendar day of a moment, where the firm is."""
        try:
            return moment.astimezone(self.zone).date()
        except OverflowError:  # an hour before the end of time
            return moment.date()


def service(state: State) -> Service:
    """The service of this application.

    Handlers ask here instead of declaring dependencies: the framework resolves those in a task group per
    request, which costs more than the command itself.
    """
    return state.service


@asynccontextmanager
async def open_service(
    url: str,
    *,
    time_zone: str,
    mailboxes: Sequence[Mailbox],
    pool_size: int,
    keep: timedelta,
    rules: FileRules,
    review_within: timedelta,
    now: Callable[[], datetime],
) -> AsyncIterator[Service]:
    """Open the service on the running event loop.

    Args:
        url: the service role's connection string.
        time_zone: where the firm is: there it is today, and there the year in a number turns.
        mailboxes: those that mail comes to and goes out from.
        pool_size: connections for reading.
        keep: how long a command is remembered by its key.
        now: the clock.
        rules: what may be attached.
        review_within: how long after its beginning a wait is looked at again, where nobody says when.
    """
    promises = open_promises(url)
    async with (
        open_log(url, pool_size=pool_size, keep=keep) as log,
        Access(log, url) as access,
        Watch(url, log.connection) as watch,
        Tail(url) as tail,
        Presence(log, url, now) as presence,
    ):
        names = [mailbox.name for mailbox in mailboxes]
        desks = open_desks(
            log,
            promises,
            time_zone=time_zone,
            mailboxes=names,
            rules=rules,
            review_within=review_within,
            now=now,
        )
        kinds, zone = Kinds(promises), ZoneInfo(time_zone)
        press, feed = asyncio.Semaphore(PRESSES), Feed(log, tail)
        live = Live(log, tail, promises)
        files = Files(log.connection, rules)
        incoming = Intake(log, desks.tickets, files, [mailbox.address for mailbox in mailboxes])
        aside = MailsAside(log, incoming, mailboxes, now=now)
        yield Service(
            log,
            access,
            desks,
            files,
            aside,
            promises,
            kinds,
            zone,
            watch,
            press,
            feed,
            live,
            presence,
            SavedViews(log),
            now,
        )
