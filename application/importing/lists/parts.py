"""The part master: a row a part number (R16)."""

from __future__ import annotations

from typing import Any

from application.ids import uuid7
from application.importing.lists.fields import OCCURRED_AT, Field
from application.importing.lists.reading import NUMBER, Entry
from application.importing.lists.telling import Origin, Seen, Told, differences, refused
from application.importing.spill import Case, Reject
from domain.errors import DomainError
from domain.event import Fact
from domain.part.cataloguing import catalogue
from domain.part.events import PartCatalogued, PartName
from domain.part.state import Part, begin, replay
from domain.part.words import Tracking

PART_NUMBER = Field(
    NUMBER,
    "name",
    ("Part number", "Part no", "Part", "Item number", "备件编号", "备件号", "物料编码", "料号"),
    needed=True,
)
TRACKINGS = {
    "none": Tracking.NONE.value,
    "lot": Tracking.LOT.value,
    "serial": Tracking.SERIAL.value,
    "batch": Tracking.LOT.value,
    "无": Tracking.NONE.value,
    "批次": Tracking.LOT.value,
    "批号": Tracking.LOT.value,
    "序列号": Tracking.SERIAL.value,
}
FIELDS = (
    PART_NUMBER,
    Field("revision", "name", ("Revision", "Rev", "版本")),
    Field("name_zh", "name", ("Chinese name", "中文名称", "备件名称", "名称")),
    Field("name_en", "name", ("English name", "Part name", "Name", "英文名称")),
    Field("unit", "name", ("Unit", "UoM", "单位", "计量单位"), needed=True),
    Field("tracking", "word", ("Tracking", "Tracked by", "跟踪方式", "追溯方式"), words=TRACKINGS),
    Field("shelf_life_days", "whole", ("Shelf life (days)", "Shelf life", "保质期（天）", "保质期")),
    Field("reorder_point", "whole", ("Reorder point", "Minimum stock", "再订货点", "安全库存")),
    OCCURRED_AT,
)
NO_REVISION = "-"
"""What stands for the revision of a part whose list has none."""
ALIASES = {"name/zh": "name_zh", "name/en": "name_en"}


class PartTeller:
    """Takes part numbers into the catalogue; one that is there must be the same."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin

    def names(self, case: Case[Entry]) -> tuple[str, ...]:
        """The part's."""
        return (part_name(case.name),)

    def tell(self, case: Case[Entry], seen: Seen) -> Told:
        """Catalogue the part by the first row that can be used; the others say the same or are rejected."""
        part = replay(seen.history(part_name(case.name)))
        facts: list[Fact] = []
        rejects: list[Reject] = []
        there = 0
        for entry in case.events:
            if part is None:
                try:
                    event = catalogued(entry)
                except DomainError as error:
                    rejects.append(entry.reject(case.name, error.message, refused(error, ALIASES)))
                    continue
                part_id, act = uuid7(), self._origin.act(entry)
                facts.append(Fact(stream_id=part_id, version=1, event=event, act=act, correlation_id=part_id))
                part = begin(part_id, event)
            elif other := differences(entry, _entry_of(part), what="the catalogue"):
                rejects.append(entry.reject(case.name, f"{case.name} is catalogued already; {other}"))
            else:
                there += 1
        return Told(
            facts=tuple(facts),
            names=self.names(case) if facts else (),
            imported=len(facts),
            there=there,
            rejects=tuple(rejects),
        )


def part_name(number: str) -> str:
    """What a part number is among the names of the log."""
    return f"part/{number}"


def catalogued(entry: Entry) -> PartCatalogued:
    """The catalogue entry that a row describes. A name in one language stands for both.

    Raises:
        InvalidValue: the domain refuses it.
    """
    said = entry.said
    zh, en = said.get("name_zh", ""), said.get("name_en", "")
    return catalogue(
        number=said[NUMBER],
        revision=said.get("revision", NO_REVISION),
        name=PartName(zh or en, en or zh),
        unit=said["unit"],
        tracking=Tracking(said.get("tracking", Tracking.NONE)),
        shelf_life_days=said.get("shelf_life_days"),
        reorder_point=said.get("reorder_point", 0),
    )


def _entry_of(part: Part) -> dict[str, Any]:
    return {
        "revision": part.revision,
        "name_zh": part.name.zh,
        "name_en": part.name.en,
        "unit": part.unit,
        "tracking": part.tracking.value,
        "shelf_life_days": part.shelf_life_days,
        "reorder_point": part.reorder_point,
    }
