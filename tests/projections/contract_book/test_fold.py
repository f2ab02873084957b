"""The rows of the book are a function of the log, however it is cut into batches."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce
from itertools import count, pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.database.connect import Database
from domain.contract.term import in_force, terms
from domain.event import Fact
from projections.contract_book import filed
from projections.contract_book.fold import ContractBookProjection
from projections.contract_book.stretches import ALWAYS, stretches
from projections.engine.runner import Runner
from tests.domain.contract.story import (
    activated,
    amended,
    consumed,
    drafted,
    expired,
    renewed,
    restored,
    signed,
    terminated,
)
from tests.projections.contract_book.lives import active_life, fold, invented, life, made, mixed, rebuilt
from tests.projections.histories import record
from tests.projections.views import dumped, emptied, until

SERIAL = count(1)

LIVES = (
    active_life(
        1,
        consumed(number=1),
        amended("2026-06-01", added=("SN-3",), removed=("SN-1",), plan="silver"),
        consumed("2026-07-01 09:00", 2, "part", 2, part="PN-9"),
        restored("2026-07-02 09:00", 2, 1, kind="part", part="PN-9"),
        renewed(carries=True),
        expired("2028-01-01 00:00"),
    ),
    active_life(2, terminated("2026-05-01"), consumed(), zone="America/New_York", customer="远洋"),
    life(3, drafted(number="C-2026-000003")),
    life(4, signed(), activated(), consumed()),
)  # fmt: skip


def interleaved() -> list[Fact]:
    """The lives told at once, an event of each in turn."""
    return mixed(LIVES, Random(5))  # noqa: S311


@pytest.mark.parametrize("batch", [1, 7, 5000])
def test_a_rebuild_makes_the_rows_that_were_there(database: Database, batch: int) -> None:
    url = database.service_url
    record(url, interleaved())
    fold(url, batch)
    live = dumped(url)
    assert len(live["contract"]) == 3
    rebuilt(url, batch)
    assert dumped(url) == live
    rebuilt(url, 5000)
    assert dumped(url) == live


@pytest.mark.parametrize("batch", [1, 7, 5000])
def test_a_runner_that_remembers_the_contracts_rebuilds_the_same_rows(database: Database, batch: int) -> None:
    url = database.service_url
    record(url, interleaved())
    with Runner(url, (ContractBookProjection(),), batch=batch) as runner:
        until(lambda: runner.run_once() >= 0 and bool(runner.leading))
        live = dumped(url)
        emptied(url, ContractBookProjection())
        assert runner.run_once() == len(interleaved())
    assert dumped(url) == live


def test_a_book_that_was_closed_between_two_events_goes_on(database: Database) -> None:
    url = database.service_url
    for fact in interleaved():
        record(url, [fact])
        fold(url)
    live = dumped(url)
    rebuilt(url, 5000)
    assert dumped(url) == live


def test_what_was_never_drafted_is_in_no_book(database: Database) -> None:
    record(database.service_url, LIVES[3])
    fold(database.service_url)
    assert not any(dumped(database.service_url).values())


def test_a_serial_that_was_named_once_stays_findable(database: Database) -> None:
    record(database.service_url, LIVES[0])
    fold(database.service_url)
    named = dumped(database.service_url)["contract_asset"]
    assert [serial for serial, _ in named] == ["SN-1", "SN-2", "SN-3"]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), chance=st.randoms(use_true_random=False), sizes=st.tuples(*[st.integers(1, 40)] * 2))
def test_batches_of_any_size_make_the_same_rows(
    module_database: Database, data: st.DataObject, chance: Random, sizes: tuple[int, int]
) -> None:
    url = module_database.service_url
    told = [data.draw(invented(next(SERIAL), "海盛")) for _ in range(3)]
    record(url, mixed(told, chance))
    fold(url, sizes[0])
    live = dumped(url)
    rebuilt(url, sizes[1])
    assert dumped(url) == live


@given(st.data())
def test_a_contract_reads_back_from_the_bytes_it_is_kept_in(data: st.DataObject) -> None:
    kept = reduce(filed.after, data.draw(invented(1, "海盛")), None)
    assert kept is not None
    assert filed.read(filed.keep(kept)) == kept


@given(st.data())
def test_stretches_say_at_every_moment_what_the_contract_says(data: st.DataObject) -> None:
    contract = made(data.draw(invented(1, "海盛")))
    cut = stretches(contract)
    assert (cut[0].since, cut[-1].until) == (ALWAYS, None)
    for before, after in pairwise(cut):
        assert before.until == after.since
        assert before[2:] != after[2:]
    moments = st.datetimes(datetime(2025, 10, 1), datetime(2028, 5, 1), timezones=st.just(UTC))  # noqa: DTZ001
    moment = data.draw(moments | st.sampled_from([stretch.since for stretch in cut]))
    (stretch,) = [one for one in cut if one.since <= moment and (one.until is None or moment < one.until)]
    assert stretch.in_force == in_force(contract, moment)
    assert stretch.plan == terms(contract, moment).plan
