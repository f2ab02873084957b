"""How long the PDF of an ISO 9001 record takes: a case of 200 events across five streams, all in memory."""

from __future__ import annotations

import statistics
import sys
import time
from itertools import cycle, islice

from domain.part.events import PartIssued, PartReserved, PartReturned, ReservationReleased
from domain.part.words import Condition, Release
from domain.ticket.events import TicketContacted, TicketRemarked
from projections.records.events import events_json
from projections.records.pdf import to_pdf
from projections.records.record import build
from tests.projections.histories import at
from tests.projections.records.case import (
    CONTRACT,
    HEARD,
    HEATER,
    PROMISES,
    SEAL,
    SENSOR,
    SHANGHAI,
    Told,
    moved,
    rich_case,
)

EVENTS = 200
REMARK = "客户希望上午到访；前台电话 0571-8888 0000，联系人陈经理。The lift to the plant room needs a key."


def long_case(events: int = EVENTS) -> Told:
    """The rich case of the tests, and then contacts, remarks and movements of three parts in turn."""
    told = rich_case()
    parts = islice(cycle(((HEATER, "HE-200"), (SENSOR, "TS-9"), (SEAL, "SEAL-12"))), events)
    hours = 29.0
    for stream, number in parts:
        place = {"location": "杭州仓"}
        reserved = {"reservation": CONTRACT, **place}
        steps = (
            (
                TicketContacted(**HEARD, person="陈经理", summary=f"回访第 {len(told.facts)} 次。{REMARK}"),
                None,
            ),
            (moved(PartReserved, number, 2, expires_at=at(hours + 8), **reserved), stream),
            (moved(ReservationReleased, number, 2, why=Release.USED, **reserved), stream),
            (moved(PartIssued, number, 2, **place), stream),
            (TicketRemarked(text=f"{REMARK} #{len(told.facts)}"), None),
            (moved(PartReturned, number, 2, condition=Condition.GOOD, **place), stream),
        )
        for event, where in steps:
            if len(told.facts) == events:
                return told
            told.then(event, hours, **({"stream": where, "actor": "store:wang.jun"} if where else {}))
            hours += 0.25
    return told


def iso_pdf_seconds(rounds: int = 3) -> float:
    """Seconds from the facts to the PDF, in this process with its fonts loaded: the median of some rounds."""
    told = long_case()
    facts, seals = told.facts, told.seals
    taken = []
    for turn in range(rounds + 1):
        began = time.perf_counter()
        record = build(facts, seals, facts[-1].position + turn, PROMISES, SHANGHAI)
        assert record is not None
        to_pdf(record, events_json(facts, seals), "zh")
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


if __name__ == "__main__":
    seconds = iso_pdf_seconds()
    streams = {fact.stream_id for fact in long_case().facts}
    print(f"{EVENTS} events in {len(streams)} streams: {seconds:.3f} s", file=sys.stderr)
