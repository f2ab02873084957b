"""The application as a server process finds it."""

from __future__ import annotations

import asyncio
import os
import signal

from litestar import Litestar

from application.log.tree.witnesses import witnesses
from application.mail.mailboxes import read_mailboxes
from application.settings import Settings
from interfaces.http.app import create_app
from interfaces.http.trust import Trust
from projections.engine.garbage import collected_seldom

SERVICE_URL = "AFTERSALES_SERVICE_URL"
"""Set by ``aftersales serve`` for its processes: the service role's connection string."""
END_STREAMS = signal.SIGUSR1
"""Sent by ``aftersales serve`` to its processes, which are about to stop."""


def app() -> Litestar:
    """Make the application of this process."""
    collected_seldom()
    settings = Settings.from_env()
    application = create_app(
        os.environ[SERVICE_URL],
        time_zone=settings.time_zone,
        pool_size=settings.database_pool_size,
        idempotency_keep=settings.idempotency_keep,
        rules=settings.files,
        review_within=settings.hold_review,
        mailboxes=read_mailboxes(settings.mailboxes),
        trust=Trust(keys=settings.keys, witnesses=witnesses(settings.witnesses), public=settings.public_tlog),
    )
    application.on_startup.append(_end_streams_when_told)
    return application


def _end_streams_when_told(application: Litestar) -> None:
    """The server lets requests end before it tells the application to stop; a stream would never end."""
    asyncio.get_running_loop().add_signal_handler(END_STREAMS, application.state.service.feed.tail.close)
