"""Reactions, timers and forgetting, beside the projections: on a loop and in a thread of the worker."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Thread
from typing import Any

import uvloop

from application.book import open_promises
from application.desks import Desks, open_desks
from application.escalation_rules import read_rules
from application.files.tidying import Tidying
from application.log.event_log import EventLog, open_log
from application.mail.mailboxes import Mailbox
from application.mail.running import post
from application.policies.bulk import record
from application.policies.expiring import expire_contracts, expire_reservations
from application.policies.forgetting import Forgetting
from application.policies.reactor import Reactor
from application.policies.timers import Timer, Timers
from application.settings import Settings
from domain.promises import Promises
from domain.ticket.escalation import applied
from domain.ticket.rule_events import EscalationRule
from domain.ticket.watch import notes
from projections.contract_book.queries import ends as contract_ends
from projections.flow.escalating import upcoming
from projections.sla_compliance.watched import watched
from projections.stock.reservations import ends as reservation_ends


def timers(
    events: EventLog, desks: Desks, promises: Promises, rules: Sequence[EscalationRule] = ()
) -> tuple[Timer, ...]:
    """Everything that time brings."""
    noting = partial(notes, promises=promises)
    escalating = partial(applied, rules=rules, promises=promises)
    contracts, parts = desks.contracts.streams, desks.parts.streams
    return (
        Timer("deadlines", "sla_compliance", watched, partial(record, events, noting)),
        *([Timer("rules", "flow", upcoming(rules), partial(record, events, escalating))] if rules else ()),
        Timer("contracts", "contract_book", contract_ends, partial(expire_contracts, contracts)),
        Timer("reservations", "stock", reservation_ends, partial(expire_reservations, parts)),
    )


@contextmanager
def reacting(url: str, settings: Settings, mailboxes: Sequence[Mailbox] = ()) -> Iterator[None]:
    """React to the log, and end what is over, for the length of the block.

    Args:
        url: the service role's connection string.
        settings: of the installation.
        mailboxes: what is fetched from and sent by.

    Raises:
        SettingsError: the rules that escalate are not what they should be.
    """
    rules = read_rules(settings.escalation_rules)
    loop = uvloop.new_event_loop()
    stop = asyncio.Event()
    thread = Thread(
        target=_run, args=(loop, _react(stop, url, settings, mailboxes, rules)), name="reactions", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def _run(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None]) -> None:
    asyncio.set_event_loop(loop)
    loop.run_until_complete(work)


async def _react(
    stop: asyncio.Event,
    url: str,
    settings: Settings,
    mailboxes: Sequence[Mailbox],
    rules: Sequence[EscalationRule],
) -> None:
    async with open_log(url) as events:
        promises, silence = open_promises(url), settings.leader_silence
        desks = open_desks(events, promises, time_zone=settings.time_zone)
        await asyncio.gather(
            Reactor(events, desks, url, silence=silence).run(stop),
            Timers(events, timers(events, desks, promises, rules), silence=silence).run(stop, url),
            Forgetting(events, settings.idempotency_keep).run(stop),
            Tidying(events).run(stop),
            post(events, desks, url, mailboxes, settings.files, stop),
        )
