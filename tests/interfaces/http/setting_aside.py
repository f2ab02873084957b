"""Mails that could not be taken in, for tests of what people do about them."""

from __future__ import annotations

import asyncio

from application.desk import wall_clock
from application.files.store import Files
from application.log.event_log import open_log
from application.mail.aside import MailsAside
from application.mail.intake import Intake
from application.mail.threading import name_of
from domain.errors import InvalidValue
from domain.mail import set_aside_as
from tests.application.mail.post_office import mail
from tests.interfaces.http.client import SUPPORT, Served


def set_aside(service: Served, message: str) -> str:
    """Set a mail aside and say what it is called."""

    async def put() -> None:
        async with open_log(service.database.service_url) as log:
            aside = MailsAside(log, Intake(log, None, Files(log.connection), []), [SUPPORT])  # type: ignore[arg-type]
            raw = mail(message=message).as_bytes()
            await aside.put("support", raw, None, wall_clock(), InvalidValue("as if it were refused"))

    asyncio.run(put())
    service.position = service.head()
    return str(set_aside_as(name_of(message)))
