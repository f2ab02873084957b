from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import msgspec
import pytest

from application.database.connect import Database
from projections.engine.rows import Rows
from tests.conftest import connected


class Shelf(msgspec.Struct):
    """A row with a key of two columns, which come last and in the table the other way round."""

    quantity: int
    place: str
    part: UUID


HERE, THERE = UUID(int=1), UUID(int=2)


@pytest.fixture
def rows(database: Database) -> Iterator[Rows]:
    """A table whose key is not its first column alone."""
    with connected(database.service_url) as conn:
        conn.execute("SET search_path = view")
        conn.execute("CREATE TABLE shelf (quantity bigint, part uuid, place text, PRIMARY KEY (part, place))")
        yield Rows(conn)


def found(rows: Rows, *keys: tuple[UUID, str]) -> dict[tuple[UUID, str], int]:
    """The quantities under these keys."""
    return {key: row.quantity for key, row in rows.find(Shelf, "shelf", keys).items()}


def test_a_key_of_two_columns_finds_exactly_its_row(rows: Rows) -> None:
    rows.add("shelf", [Shelf(1, "上海", HERE), Shelf(2, "VAN", HERE), Shelf(3, "上海", THERE)])
    assert found(rows, (HERE, "VAN"), (THERE, "上海")) == {(HERE, "VAN"): 2, (THERE, "上海"): 3}
    assert found(rows, (THERE, "VAN")) == found(rows) == {}


def test_a_row_with_a_key_of_two_columns_is_replaced_and_dropped_alone(rows: Rows) -> None:
    rows.add("shelf", [Shelf(1, "上海", HERE), Shelf(2, "VAN", HERE), Shelf(3, "上海", THERE)])
    rows.put("shelf", [Shelf(7, "VAN", HERE), Shelf(8, "VAN", THERE)])
    rows.drop("shelf", [(HERE, "上海"), (THERE, "nowhere")])
    everything = [(part, place) for part in (HERE, THERE) for place in ("上海", "VAN")]
    assert found(rows, *everything) == {(HERE, "VAN"): 7, (THERE, "上海"): 3, (THERE, "VAN"): 8}
