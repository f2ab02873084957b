"""Small lists, written as a test reads them, and a shelf of facts that stands for the log."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from application.importing.csv import read_csv
from application.importing.lists.mapping import ListMapping
from application.importing.lists.reading import Entries
from application.importing.lists.run import KINDS
from application.importing.lists.telling import Origin, Seen, Told
from application.importing.lists.values import Values
from application.importing.spill import Reject, Spill
from application.plans import shipped_promises
from domain.event import Event, Fact

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
AS_OF = datetime(2025, 12, 31, 16, tzinfo=UTC)
"""The first of January, midnight in Shanghai."""
ZONE = "Asia/Shanghai"
PROMISES = shipped_promises()

PARTS = """
number,revision,name_zh,name_en,unit,tracking,shelf_life_days,reorder_point
HE-200,B,板式换热器,Heat exchanger,pcs,serial,,2
GS-31,A,密封垫,Gasket,set,lot,365,20
TS-08,A,传感器,Sensor,pcs,none,,5
"""
CONTRACT = "number,customer,plan,starts_on,ends_on,price,currency,assets"


class Outcome(NamedTuple):
    """What became of a list."""

    events: list[Event]
    imported: int
    there: int
    rejects: list[tuple[int, str]]
    """Line and reason."""


class Shelf:
    """Takes lists, one after another, and keeps the facts that they become."""

    def __init__(self) -> None:
        self.names: dict[str, UUID] = {}
        self.facts: dict[UUID, list[Fact]] = {}

    def take(self, kind: str, text: str, toml: str = "", *, as_of: datetime = AS_OF) -> Outcome:
        """What a list becomes; its header stands on line 1."""
        fields, teller, whole = KINDS[kind]
        under = mapping(toml)
        told: list[Told] = []
        origin = Origin(under.source, "list.csv", ZoneInfo(ZONE), PROMISES)
        entries = Entries(fields, under, Values(under, zone=ZONE, now=NOW), as_of=as_of)
        with Spill(entries, whole=whole) as spill:
            rejects = list(spill.add(read_csv(io.BytesIO(text.strip().encode()), under.csv)))
            entries.unread(spill.columns)
            for case in spill.cases():
                if isinstance(case, Reject):
                    rejects.append(case)
                else:
                    told.append(teller(origin).tell(case, Seen(self.names, self.facts)))
        for each in told:
            self._keep(each)
            rejects += each.rejects
        return Outcome(
            [fact.event for each in told for fact in each.facts],
            sum(each.imported for each in told),
            sum(each.there for each in told),
            sorted((reject.line, reject.reason) for reject in rejects),
        )

    def _keep(self, told: Told) -> None:
        for fact in told.facts:
            self.facts.setdefault(fact.stream_id, []).append(fact)
        self.names |= dict.fromkeys(told.names, told.facts[0].stream_id) if told.facts else {}

    def history(self, name: str) -> Sequence[Fact]:
        """The facts of the stream of this name."""
        return self.facts[self.names[name]]


def mapping(toml: str = "") -> ListMapping:
    return msgspec.toml.decode(toml, type=ListMapping)


def stocked() -> Shelf:
    """A shelf with the parts in the catalogue."""
    shelf = Shelf()
    assert shelf.take("parts", PARTS).imported == 3
    return shelf
