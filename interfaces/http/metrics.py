"""``GET /metrics``: how far the log, the views and the reactions are, for Prometheus."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from litestar import Response, get
from litestar.datastructures import State
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from psycopg import AsyncConnection
from psycopg.errors import UndefinedTable

from application.log.event_log import EventLog
from application.log.tree.delivering import Standing, standing
from application.mail.aside_book import Post, posts
from application.policies.reactor import READER
from interfaces.http.openapi import problem_answer
from interfaces.http.service import service
from projections.book.alerts import days_left, in_use
from projections.catalogue import NAMES
from projections.engine.status import ProjectionState, ProjectionStatus, status_async


class Figure(NamedTuple):
    """One figure of every view."""

    family: type[GaugeMetricFamily | CounterMetricFamily]
    name: str
    help: str
    of: Callable[[ProjectionStatus], float]


FIGURES = (
    Figure(GaugeMetricFamily, "position", "The last event it has read.", lambda view: view.position),
    Figure(
        CounterMetricFamily,
        "events",
        "Events read; from 0 when rebuilt.",
        lambda view: view.position,
    ),
    Figure(GaugeMetricFamily, "lag_events", "Events recorded and not read yet.", lambda view: view.lag),
    Figure(GaugeMetricFamily, "lag_seconds", "Age of the first of them.", lambda view: view.behind),
    Figure(GaugeMetricFamily, "parked_units", "What it holds back.", lambda view: view.parked),
    Figure(
        GaugeMetricFamily,
        "failed",
        "1 when it has stopped.",
        lambda view: float(view.state is ProjectionState.FAILED),
    ),
    Figure(CounterMetricFamily, "leader_changes", "New leaders it has had.", lambda view: view.leaders),
)


OVERDUE: LiteralString = """
    SELECT count(*), coalesce(extract(epoch FROM %(now)s - min(at)), 0)::float
    FROM view.sla_watch WHERE at <= %(now)s
"""
IN_GAP: LiteralString = "SELECT count(*) FROM view.sla_clock WHERE gap IS NOT NULL AND verdict = 'pending'"
BROUGHT: LiteralString = "SELECT type, events FROM log.timer ORDER BY type"


class Timing(NamedTuple):
    """What time has brought.

    Attributes:
        overdue: tickets with a warning or a miss that is not recorded yet.
        lag: seconds since the first of these was due.
        in_gap: clocks whose deadline nobody knows: their calendar has no data for it (SLA 7).
        brought: events that timers recorded, by type.
    """

    overdue: int
    lag: float
    in_gap: int
    brought: Sequence[tuple[str, int]]


POSTS: tuple[tuple[str, str, Callable[[Post], float]], ...] = (
    ("mails_set_aside", "Mails that could not be taken in and wait.", lambda post: post.set_aside),
    ("mailbox_failing", "1 while it cannot be looked at.", lambda post: float(post.failure is not None)),
    ("letters_waiting", "Letters that have not gone out yet.", lambda post: post.waiting),
)
"""The figures of every mailbox."""


class Figures(Collector):
    """What is counted, as it stood when it was asked for.

    Args:
        views: the views, and the reactions.
        log: the log, as this process writes it.
        signing: how far the log is signed.
        left: the days until each calendar says nothing more.
        timing: what time has brought.
        posts: how every mailbox does.
    """

    def __init__(
        self,
        views: Sequence[ProjectionStatus],
        log: EventLog,
        signing: Standing,
        left: Mapping[tuple[str, int], int],
        timing: Timing,
        posts: Mapping[str, Post],
    ) -> None:
        self._views = views
        self._log = log
        self._signing = signing
        self._left = left
        self._timing = timing
        self._posts = posts

    def collect(self) -> Iterator[Metric]:
        """Every figure, with a value for each view."""
        yield GaugeMetricFamily(
            "aftersales_log_position", "The last event there is.", value=self._views[0].head
        )
        for name, told, value in (
            ("log_signed_position", "The last event that a checkpoint covers.", self._signing.signed),
            ("log_signing_refused", "1 while the signer refuses.", self._signing.refused),
            ("checkpoint_targets_failing", "Places without the newest checkpoint.", self._signing.failing),
            ("timer_overdue", "Tickets whose deadline events are not recorded yet.", self._timing.overdue),
            ("clocks_in_gap", "Open clocks without a deadline for want of holidays.", self._timing.in_gap),
            ("timer_lag_seconds", "Seconds since the first of them was due.", self._timing.lag),
        ):
            yield GaugeMetricFamily(f"aftersales_{name}", told, value=value)
        brought = CounterMetricFamily(
            "aftersales_timer_events", "Events that time brought: warnings, misses, ends.", labels=["type"]
        )
        for kind, events in self._timing.brought:
            brought.add_metric([kind], events)
        yield brought
        for family, name, told, of in FIGURES:
            metric = family(f"aftersales_projection_{name}", told, labels=["projection"])
            for view in self._views:
                metric.add_metric([view.name], of(view))
            yield metric
        calendars = GaugeMetricFamily(
            "aftersales_calendar_days_left",
            "Days until its last day with holiday data.",
            labels=["calendar", "version"],
        )
        for (name, version), days in self._left.items():
            calendars.add_metric([name, str(version)], days)
        yield calendars
        for name, told, of in POSTS:
            metric = GaugeMetricFamily(f"aftersales_{name}", told, labels=["mailbox"])
            for mailbox, post in self._posts.items():
                metric.add_metric([mailbox], of(post))
            yield metric
        process = [str(os.getpid())]
        for family, name, told, value in (
            (CounterMetricFamily, "commits", "Commits.", self._log.figures.commits),
            (CounterMetricFamily, "appends", "Appends that were recorded.", self._log.figures.recorded),
            (CounterMetricFamily, "refused", "Appends that were not.", self._log.figures.refused),
            (GaugeMetricFamily, "waiting", "Appends that wait.", self._log.waiting),
        ):
            metric = family(f"aftersales_log_{name}", told, labels=["process"])
            metric.add_metric(process, value)
            yield metric


@get(
    "/metrics",
    operation_id="GetMetrics",
    summary="Figures for Prometheus",
    tags=["Health"],
    media_type=CONTENT_TYPE_LATEST,
    responses={503: problem_answer("The database does not answer.")},
)
async def metrics(state: State) -> Response[bytes]:
    """Positions, lag, what is held back, failures and leaders of every view, and of the reactions."""
    known, log = service(state), service(state).log
    async with log.connection() as conn:
        views = await status_async(conn, (*NAMES, READER))
        signing = await standing(conn)
        timing = await _timing(conn, known.now())
        mail = await posts(conn)
    await known.desks.calendars.book.refresh()
    left = {
        (calendar.name, calendar.version): days
        for calendar, _ in in_use(known.promises)
        if (days := days_left(calendar, known.now())) is not None
    }
    figures = Figures(views, log, signing, left, timing, mail)
    return Response(generate_latest(figures), media_type=CONTENT_TYPE_LATEST)


async def _timing(conn: AsyncConnection[Any], now: datetime) -> Timing:
    brought = await (await conn.execute(BROUGHT)).fetchall()
    try:
        overdue = await (await conn.execute(OVERDUE, {"now": now})).fetchone()
        in_gap = await (await conn.execute(IN_GAP)).fetchone()
    except UndefinedTable:  # the view is being made
        overdue, in_gap = None, None
    count, lag = overdue or (0, 0.0)
    return Timing(count, lag, in_gap[0] if in_gap else 0, brought)
