"""The writer's own connection, on the event loop that servers run on."""

from __future__ import annotations

import asyncio

import pytest
import uvloop

from application.database.connect import Database
from application.log.errors import LogUnavailable
from application.log.event_log import open_log
from tests.application.log.appending import remark
from tests.application.log.committing import is_whole
from tests.application.log.cutting import Moment, on_a_line


@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.UNREAD])
def test_a_database_that_dies_is_missed_at_once_whatever_it_had_not_read(
    database: Database, moment: Moment, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async def story() -> None:
        async with open_log(over_the_line.service_url) as log:
            await log.append([remark()])
            line.cut(moment, "lost")
            with pytest.raises(LogUnavailable):
                await asyncio.wait_for(log.append([remark("lost")]), 20)
            assert line.is_cut.is_set()
            assert (await log.append([remark("lost")])).position == 2

    with on_a_line(database, tmp_path_factory.mktemp("line")) as (line, over_the_line):
        uvloop.run(story())
    assert is_whole(database) == 2
