"""Whatever a list says, each row is imported, there or rejected, and the stock is what was imported."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.part.events import PartReceived
from domain.part.state import replay
from domain.part.words import Bucket
from tests.application.importing.lists.written import stocked

CELLS = st.tuples(
    st.sampled_from(["HE-200", "GS-31", "TS-08", "XX-1", ""]),
    st.sampled_from(["SH", "HZ", ""]),
    st.sampled_from(["", "0", "1", "2", "many"]),
    st.sampled_from(["", "", "L1", "L2"]),
    st.sampled_from(["", "", "S1", "S2", "S1;S2"]),
    st.sampled_from(["", "", "2027-01-01", "2028-01-01"]),
    st.sampled_from(["", "", "k1", "k2"]),
    st.sampled_from(["", "2025-05-05", "2025-07-07", "2127-01-01"]),
)
HEADER = "number,location,quantity,lot,serials,expires_on,row key,date"


@given(st.lists(CELLS, max_size=12))
@settings(deadline=None)
def test_every_row_of_a_stock_list_is_accounted_for_once_and_running_it_again_adds_nothing(
    rows: list[tuple[str, ...]],
):
    shelf = stocked()
    text = "\n".join([HEADER, *map(",".join, rows)])
    first = shelf.take("stock", text)
    assert first.imported + first.there + len(first.rejects) == len(rows)
    assert first.imported == len(first.events)
    for number in ("HE-200", "GS-31", "TS-08"):
        part = replay(shelf.history(f"part/{number}"))
        assert part is not None
        receipts = [event for event in first.events if isinstance(event, PartReceived)]
        assert part.total(Bucket.GOOD) == sum(
            event.goods.quantity for event in receipts if event.number == number
        )

    again = shelf.take("stock", text)
    assert (again.imported, again.there) == (0, first.imported + first.there)
    assert [line for line, _ in again.rejects] == [line for line, _ in first.rejects]
