"""One mail server for all tests that only use it: a program of its own, which takes a while to start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.application.mail.post_office import PostOffice, post_office


@pytest.fixture(scope="session")
def running_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostOffice]:
    """The server."""
    with post_office(tmp_path_factory.mktemp("mail")) as office:
        yield office


@pytest.fixture
def office(running_office: PostOffice) -> PostOffice:
    """The server, which refuses nobody and has taken no mail yet; a test has mailboxes of its own."""
    running_office.refuses.clear()
    while not running_office.taken.empty():
        running_office.taken.get()
    return running_office
