"""The real application on a real PostgreSQL, with a worker; one of each for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from application.access import Role
from application.database.connect import Database
from tests.interfaces.http.client import Caller, Served, served, worker


@pytest.fixture(scope="module")
def service(module_database: Database) -> Iterator[Served]:
    """The application with a worker."""
    with served(module_database) as service, worker(module_database):
        yield service


@pytest.fixture(scope="module")
def agent(service: Served) -> Caller:
    """Li Wei, who works on tickets."""
    return service.caller(Role.AGENT, "li.wei")


@pytest.fixture(scope="module")
def keeper(service: Served) -> Caller:
    """Zhao Lei, who keeps the spare parts."""
    return service.caller(Role.STOREKEEPER, "zhao.lei")


@pytest.fixture(scope="module")
def manager(service: Served) -> Caller:
    """Sun Yue, who manages the contracts."""
    return service.caller(Role.CONTRACT_MANAGER, "sun.yue")


@pytest.fixture(scope="module")
def auditor(service: Served) -> Caller:
    """Reads everything, changes nothing."""
    return service.caller(Role.AUDITOR, "chen.jing")


@pytest.fixture(scope="module")
def admin(service: Served) -> Caller:
    """May do everything."""
    return service.caller(Role.ADMIN, "root")


@pytest.fixture(scope="module")
def nobody(service: Served) -> Caller:
    """Came without a token."""
    return Caller(service, None)
