"""Golden samples: the bytes of every version of every event, as they were once written.

A sample is never changed. A type whose fields change raises its ``SCHEMA``, gets an upcaster, and a new
sample beside the old one: ``python -m tests.golden`` writes what is missing, every field filled in.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from msgspec import inspect

from domain.catalogue import EVENT_TYPES
from domain.event import Event
from domain.money import Money
from domain.plan import ServicePlan
from domain.ticket.triage import Triage

FOLDER = Path(__file__).parent

WRITTEN: dict[type, dict[str, Any]] = {
    Money: {"amount": "12.50", "currency": "CNY"},
    Triage: {
        "name": "standard",
        "version": 7,
        "matrix": {
            "high": {"critical": "P1", "high": "P1", "low": "P3", "medium": "P2"},
            "low": {"critical": "P2", "high": "P3", "low": "P4", "medium": "P4"},
            "medium": {"critical": "P1", "high": "P2", "low": "P3", "medium": "P3"},
        },
        "categories": [
            {
                "code": "heating",
                "title": {"zh": "不加热", "en": "no heat"},
                "active_from": "2026-01-01",
                "active_to": "2026-12-31",
            }
        ],
        "fault_codes": [
            {"code": "E-07", "title": {"zh": "加热管断路", "en": "element open"}, "parent": "heating"}
        ],
    },
    ServicePlan: {
        "name": "gold",
        "version": 7,
        "title": {"zh": "金牌服务", "en": "Gold"},
        "calendar": "cn-office",
        "calendar_version": 7,
        "targets": {"resolve": {"P1": 14_400}},
        "special": [
            {"milestone": "on_site", "seconds": 10_800, "priority": "P2", "category": "gas", "band": "city"}
        ],
        "clock_time": ["on_site"],
        "pausing": {"resolve": ["waiting_for_customer"]},
        "warnings": [50, 75],
        "warnings_of": {"on_site": [90]},
        "penalties": [
            {
                "milestone": "resolve",
                "per_hour": {"amount": "200.00", "currency": "CNY"},
                "priority": "P1",
                "cap": {"amount": "2000.00", "currency": "CNY"},
            }
        ],
    },
}
"""Values of which not every text is one."""

FILLED: dict[type[inspect.Type], Callable[[Any], Any]] = {
    inspect.StrType: lambda _: "文 text",
    inspect.IntType: lambda of: max(7, of.ge or 0),
    inspect.BoolType: lambda _: True,
    inspect.DecimalType: lambda _: "12.50",
    inspect.DateTimeType: lambda _: datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC),
    inspect.DateType: lambda _: date(2026, 3, 2),
    inspect.TimeType: lambda _: time(9, 30),
    inspect.TimeDeltaType: lambda _: timedelta(hours=7, minutes=30),
    inspect.UUIDType: lambda _: UUID("01890000-0000-7000-8000-000000000001"),
    inspect.EnumType: lambda of: list(of.cls)[-1],
    inspect.LiteralType: lambda of: of.values[-1],
    inspect.ListType: lambda of: [filled(of.item_type)],
    inspect.VarTupleType: lambda of: [filled(of.item_type)],
    inspect.FrozenSetType: lambda of: [filled(of.item_type)],
    inspect.TupleType: lambda of: [filled(item) for item in of.item_types],
    inspect.DictType: lambda of: {filled(of.key_type): filled(of.value_type)},
    inspect.UnionType: lambda of: filled(next(t for t in of.types if not isinstance(t, inspect.NoneType))),
    inspect.StructType: lambda of: (
        WRITTEN.get(of.cls)
        or {field.encode_name: filled(field.type) for field in of.fields}
        | ({of.tag_field: of.tag} if of.tag_field else {})
    ),
}


def filled(of: inspect.Type) -> Any:
    """Something of a type, no part left empty."""
    if isinstance(of, inspect.Metadata):
        return filled(of.type)
    return FILLED[type(of)](of)


def sample(cls: type[Event]) -> Event:
    """An event with every field filled in."""
    return msgspec.convert(filled(inspect.type_info(cls)), cls)


def path(name: str, schema: int) -> Path:
    """Where the sample of a type's version lies."""
    return FOLDER / f"{name}.{schema}.json"


def stored() -> dict[tuple[str, int], bytes]:
    """Every sample there is, by type and schema number."""
    found = {}
    for file in sorted(FOLDER.glob("*.json")):
        name, _, schema = file.stem.rpartition(".")
        found[name, int(schema)] = file.read_bytes().removesuffix(b"\n")
    return found


def write_missing() -> list[Path]:
    """Write the sample of every current version that has none."""
    missing = [cls for name, cls in EVENT_TYPES.items() if not path(name, cls.SCHEMA).exists()]
    written = []
    for cls in missing:
        written.append(path(str(cls.__struct_config__.tag), cls.SCHEMA))
        written[-1].write_bytes(msgspec.json.encode(sample(cls)) + b"\n")
    return written
