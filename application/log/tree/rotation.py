"""Changing the key of the log: the new one and the old one sign together for a while, and the log says so."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec

from application.log.event_log import EventLog, open_log
from application.log.tree.keys import KeyDirectory, KeyProblem, LogKey
from application.upkeep import record
from domain.event import Act, Event
from domain.upkeep import LogKeyIntroduced, LogKeyRetired, stream_of

ACTOR = "system:signer"


def rotate(keys: KeyDirectory, url: str, act: Act, *, overlap: timedelta) -> LogKey:
    """Make a new key for the log, and record it.

    Args:
        keys: where the keys are.
        url: the service role's connection string.
        act: who decides it, when and why.
        overlap: how long the old key goes on to sign beside the new one.

    Raises:
        KeyProblem: there is no key yet, or the change before is not over.
        LogUnavailable: the log does not answer. The new key signs; a worker records it later.
    """
    record_changes(keys, url)
    signing = [key for key in keys.all() if key.seed is not None]
    replaced = {key.replaces for key in signing}
    old = [key for key in signing if key.vkey in replaced]
    current = [key for key in signing if key.vkey not in replaced]
    if len(current) != 1:
        raise KeyProblem(f"{keys.path} should hold the one key of this log, and holds {len(current)}")
    if old and old[0].until:
        raise KeyProblem(f"the key before signs until {old[0].until:%Y-%m-%d %H:%M} UTC: rotate after that")
    if not old:  # there is one, without an end, if a rotation was interrupted
        old = current
        current = [keys.create(old[0].key.name, act.occurred_at, replaces=old[0])]
    keys.keep(msgspec.structs.replace(old[0], until=act.occurred_at + overlap))
    record_changes(keys, url, act)
    return current[0]


def changes_are_due(keys: KeyDirectory) -> bool:
    """Whether the time of a key is over that still has its private part."""
    return bool(_over(keys.all(), datetime.now(UTC)))


def record_changes(keys: KeyDirectory, url: str, act: Act | None = None) -> None:
    """Record what became of the keys and is not in the log yet; let those go whose time is over.

    Args:
        keys: where the keys are.
        url: the service role's connection string.
        act: who decided it; the signer itself where it only carries out what was decided.

    Raises:
        LogUnavailable: the log does not answer.
    """
    now = datetime.now(UTC)
    known = keys.all()
    over = _over(known, now)
    if over or any(key.replaces for key in known):
        asyncio.run(_record(known, over, url, act or Act(actor=ACTOR, occurred_at=now)))
    for key in over:
        keys.keep(msgspec.structs.replace(key, seed=None))


def _over(known: list[LogKey], now: datetime) -> list[LogKey]:
    return [key for key in known if key.seed is not None and key.until is not None and key.until <= now]


async def _record(known: list[LogKey], over: list[LogKey], url: str, act: Act) -> None:
    async with open_log(url, pool_size=1) as log:
        for key in known:
            if key.replaces:
                introduced = LogKeyIntroduced(vkey=key.vkey, replaces=key.replaces)
                await _once(log, key, introduced, act)
        for key in over:
            await _once(log, key, LogKeyRetired(vkey=key.vkey), act)


async def _once(log: EventLog, key: LogKey, event: Event, act: Act) -> None:
    """Record it, unless it was recorded before."""
    name = f"log key/{key.key.fingerprint}"
    if not any(fact.event == event for fact in await log.stream(stream_of(name))):
        await record(log, name, event, act)
