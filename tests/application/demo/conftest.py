"""A recorded year that several modules look at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from application.database.connect import Database
from application.database.embedded import EmbeddedServer
from application.demo.chronicle import History
from tests.application.demo.told import facts, tell
from tests.application.demo.whole import Year
from tests.conftest import fresh_database

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def told(server: EmbeddedServer) -> Iterator[Database]:
    """A log with a year of 700 tickets, to be read only."""
    with fresh_database(server) as database:
        tell(database, History(tickets=700, seed=0, now=NOW))
        yield database


@pytest.fixture(scope="session")
def year(told: Database) -> Year:
    """What is in it."""
    return Year(facts(told))
