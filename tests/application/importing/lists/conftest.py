"""An importer of lists into a fresh database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from application.database.connect import Database
from tests.application.importing.lists.imported import Play, importer


@pytest.fixture
def importing(database: Database, tmp_path: Path) -> Callable[[Play], None]:
    """Runs a coroutine function with an importer into a fresh database."""

    async def with_log(play: Play) -> None:
        async with importer(database, tmp_path) as opened:
            await play(opened)  # type: ignore[misc]

    return lambda play: asyncio.run(with_log(play))
