"""The flow of a real service desk, imported, has the figures that the data's own description gives."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from application.database.connect import Database
from application.importing.mapping import load_mapping
from application.importing.run import import_file
from application.log.event_log import open_log
from projections.engine.runner import Runner
from projections.flow.filters import Figure, FlowFilter
from projections.flow.fold import FlowProjection
from projections.flow.report import Flow, Spread, flow
from projections.flow.tickets import tickets
from tests.application.importing.written import NOW, shared_file
from tests.projections.views import PROMISES, ask

OF_HELPDESK = FlowFilter(source="helpdesk")


@pytest.fixture(scope="module")
def url(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database into which the help desk was imported."""
    file, rejects = shared_file("helpdesk.xes.gz"), tmp_path_factory.mktemp("rejects") / "rejects.csv"

    async def imported() -> None:
        async with open_log(module_database.service_url) as log:
            mapping = load_mapping(Path("helpdesk"))
            await import_file(
                log, PROMISES, mapping, file, rejects=rejects, time_zone="Europe/Rome", now=lambda: NOW
            )

    asyncio.run(imported())
    with Runner(module_database.service_url, [FlowProjection()]) as runner:
        runner.run_once()
    return module_database.service_url


@pytest.fixture(scope="module")
def total(url: str) -> Flow:
    """All of it."""
    return ask(url, lambda conn: flow(conn, (), OF_HELPDESK, zone="Europe/Rome")).total


def days(told: str | None) -> float:
    """An ISO duration of hours, minutes and seconds in days."""
    amounts = {"H": 0, "M": 0, "S": 0}
    amount = ""
    for letter in (told or "").removeprefix("PT"):
        if letter in amounts:
            amounts[letter], amount = int(amount), ""
        else:
            amount += letter
    return timedelta(hours=amounts["H"], minutes=amounts["M"], seconds=amounts["S"]) / timedelta(days=1)


def spread(of: Spread, digits: int) -> tuple[int, float, float]:
    """How many, mean and median in days."""
    return of.tickets, round(days(of.mean), digits), round(days(of.median), digits)


def test_first_to_last_event(total: Flow) -> None:
    assert spread(total.throughput, 3) == (4580, 40.858, 39.859)


def test_first_event_to_last_resolution(total: Flow) -> None:
    assert (total.resolved, *spread(total.resolution, 2)) == (4569, 4569, 11.54, 6.66)


def test_every_wait_counts_also_those_that_our_rules_refused(total: Flow) -> None:
    assert total.waits == 1463


def test_every_move_between_teams_counts_also_those_after_the_end(total: Flow) -> None:
    assert (total.hand_offs, total.ping_pongs) == (11, 6)


def test_the_first_line_solves_what_no_developer_saw(total: Flow) -> None:
    assert (total.first_line, total.escalated) == (4428, 144)
    assert total.first_line_percent == round(100 * 4428 / 4569, 2)


def test_every_figure_is_the_tickets_behind_it(url: str, total: Flow) -> None:
    for figure in Figure:
        behind = ask(
            url, lambda conn, one=figure: tickets(conn, OF_HELPDESK, one, zone="Europe/Rome", limit=500)
        )
        assert behind.total == getattr(total, figure.value)
        assert len(behind.items) == min(behind.total, 500)
