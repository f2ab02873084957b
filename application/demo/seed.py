"""Tells the demo's year to the log, through the desks, and goes on where it was interrupted.

The first and the last command carry an Idempotency-Key. The first says which history this is (seed, size and
its last moment), so that another start continues the same one; the last says that it is whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from application.demo.chronicle import History, chronicle
from application.demo.long_mail import TakeMail
from application.demo.pictures import keep_pictures
from application.demo.telling import CALLER, Telling, known
from application.demo.views import save_views
from application.desks import open_desks
from application.log.event_log import EventLog
from application.mail.enclosures import keep_mail
from domain.promises import Promises

BEGIN = re.compile(r"demo seed=(-?\d+) tickets=(\d+) now=(\S+)", re.ASCII)

Progress = Callable[[int, int], None]
"""Told how many commands are done, and how many there are."""


class Content(Enum):
    """What a log holds, as far as the demo is concerned."""

    NOTHING = "nothing"
    PART = "part of the demo"
    DEMO = "the demo"
    OTHER = "something else"


def content(conn: Connection[Any]) -> tuple[Content, History | None]:
    """What the log holds, and which history when it is the demo's."""
    row = conn.execute("SELECT idempotency_key FROM log.event WHERE position = 1").fetchone()
    if row is None:
        return Content.NOTHING, None
    found = BEGIN.fullmatch(row[0] or "")
    if not found:
        return Content.OTHER, None
    history = History(seed=int(found[1]), tickets=int(found[2]), now=datetime.fromisoformat(found[3]))
    query = "SELECT FROM log.command WHERE caller = %s AND key = %s"
    whole = conn.execute(query, (CALLER, history.ended)).rowcount == 1
    return Content.DEMO if whole else Content.PART, history


async def record(
    log: EventLog,
    history: History,
    promises: Promises,
    *,
    time_zone: str,
    progress: Progress = lambda *_: None,
) -> None:
    """Record a history, or what is missing of it. Only one process may, and nobody else works meanwhile.

    Raises:
        DomainError: the rules refuse a step; the history was begun by another release.
        LogUnavailable: the database does not answer; another call goes on.
    """
    steps = chronicle(history, promises, zone=ZoneInfo(time_zone))
    desks = open_desks(log, promises, time_zone=time_zone, now=lambda: history.now)
    await keep_pictures(log)
    for step in steps:
        if isinstance(step.command, TakeMail):
            await keep_mail(log, step.command.content)
    await save_views(log)
    await Telling(desks, await known(log, steps), history, progress).tell(steps)
