"""An append costs the same however much happened before: of a long stream one event is looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from psycopg.pq import Format

from application.database.connect import Database
from application.log.append import Append, Basis
from application.log.batch import Batch
from application.log.committer import KEEP
from application.log.event_log import EventLog
from application.log.known import Known
from application.log.mapper import store
from tests.application.log.appending import remark
from tests.application.log.committing import on_the_log
from tests.conftest import connected

STREAM, CASE = UUID(int=1), UUID(int=2)
LENGTH = 3000


def looked_at(plan: dict[str, Any]) -> Iterator[int]:
    """How many events each step of a plan went through."""
    if plan.get("Relation Name") == "event":
        yield int(plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * int(plan["Actual Loops"])
    for step in plan.get("Plans", ()):
        yield from looked_at(step)


def test_one_event_of_each_stream_and_case_is_looked_at(database: Database) -> None:
    async def story(log: EventLog) -> None:
        facts = [remark(stream=STREAM, version=version, case=CASE) for version in range(1, LENGTH + 1)]
        await log.append(facts)
        basis = Basis(streams={STREAM: LENGTH}, cases={CASE: LENGTH})
        following = Append((store(remark(stream=STREAM, version=LENGTH + 1)),), basis=basis)
        with connected(database.service_url) as conn:
            ((sql, values),) = Batch([following], KEEP, Known()).look()
            explain = b"EXPLAIN (ANALYZE, FORMAT JSON) " + sql
            told = conn.pgconn.exec_params(explain, values, param_formats=[Format.BINARY] * len(values))
        plans = json.loads(told.get_value(0, 0) or b"")
        assert [*looked_at(plans[0]["Plan"])] == [1, 1]

    on_the_log(database, story)
