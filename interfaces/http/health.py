"""Is the process there, and can it answer."""

from __future__ import annotations

import msgspec
from litestar import Router, get
from litestar.datastructures import State

from application.mail.aside_book import MailAlert, posts
from application.mail.aside_book import alerts as mail_alerts
from interfaces.http.openapi import problem_answer
from interfaces.http.service import service
from projections.book.alerts import Alert, alerts
from projections.catalogue import NAMES
from projections.engine.status import ProjectionStatus, status_async


class Health(msgspec.Struct, frozen=True):
    """The process runs."""

    status: str = "ok"


class Readiness(msgspec.Struct, frozen=True):
    """The database answers.

    Attributes:
        head: position of the last event.
        projections: how far every view is.
        alerts: calendars that will soon say nothing more.
        mail: mailboxes with mails that wait for somebody, or that cannot be looked at.
    """

    status: str
    head: int
    projections: list[ProjectionStatus]
    alerts: tuple[Alert, ...]
    mail: tuple[MailAlert, ...]


@get("/healthz", operation_id="GetHealth", summary="The process runs")
async def healthz() -> Health:
    """Says nothing about the database: restarting the process would not help it."""
    return Health()


@get(
    "/readyz",
    operation_id="GetReadiness",
    summary="The database answers",
    responses={503: problem_answer("The database does not answer.")},
)
async def readyz(state: State) -> Readiness:
    """How far every view is. A view that is behind answers all the same."""
    known = service(state)
    async with known.log.connection() as conn:
        views = await status_async(conn, NAMES)
        mail = mail_alerts(await posts(conn))
    await known.desks.calendars.book.refresh()
    return Readiness("ready", views[0].head, views, alerts(known.promises, known.now()), mail)


health = Router("/", route_handlers=[healthz, readyz], tags=["Health"])
