"""Small files and mappings, written as a test reads them."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from application.importing.cases import Step, translate
from application.importing.csv import read_csv
from application.importing.dialect import Dialect
from application.importing.mapping import Mapping
from application.importing.reading import Reading
from application.importing.rows import BadRow, Row
from application.importing.spill import Case, Reject, Spill
from application.importing.xes import read_xes
from application.plans import shipped_promises
from domain.ticket.events import PlanPin

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PIN = PlanPin(plan="standard", plan_version=1, calendar="cn-office", calendar_version=1)
PROMISES = shipped_promises()
TICKET = UUID("01a20000-0000-7000-8000-000000000001")

DESK = """
source = "desk"
format = "csv"
plan = "standard"
keep = ["Level"]
tier_from_team = [{ matches = "3rd", tier = "L3" }, { matches = "2nd", tier = "L2" }]

[time]
zone = "Europe/Rome"

[columns]
case = "Case"
time = "When"
activity = "What"
person = "Who"
team = "Team"
priority = "Severity"
customer = "Customer"

[values.priority]
high = "P1"
low = "P4"

[activities.Open]
do = "register"

[activities.Severity]
do = ["register", "prioritise"]

[activities.Take]
do = "assign"
implies = ["resume", "reopen"]
from = { person = "Who" }

[activities.Wait]
do = "hold"
with = { hold = "waiting_for_customer" }

[activities.Call]
do = "contact"
with = { channel = "phone", direction = "inbound", party = "person" }

[activities."To development"]
do = "escalate"
with = { tier = "L3" }

[activities.Solve]
do = "resolve"

[activities.Close]
do = "close"
"""

XES_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<log xmlns="http://www.xes-standard.org/">\n'

SHARED = Path(os.environ.get("AFTERSALES_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))


def shared_file(name: str) -> Path:
    """One of the real files, which are never part of the project; the test skips where it is absent."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"real data absent: no {path} (set AFTERSALES_SHARED_DATA)")
    return path


def mapping(toml: str = DESK) -> Mapping:
    return msgspec.toml.decode(toml, type=Mapping)


def csv_rows(text: str | bytes, **dialect: object) -> list[Row | BadRow]:
    data = text.encode() if isinstance(text, str) else text
    return list(read_csv(io.BytesIO(data), msgspec.convert(dialect, Dialect)))


def xes_rows(body: str, *, packed: bool = False) -> list[Row | BadRow]:
    data = (XES_HEAD + body).encode()
    stream = gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(data))) if packed else io.BytesIO(data)
    return list(read_xes(stream))


def sorted_out(rows: Iterable[Row | BadRow], under: Mapping) -> tuple[list[Case], list[Reject]]:
    """The whole cases of some rows, and the rows that are not in one."""
    with Spill(Reading(under, NOW)) as spill:
        rejects = list(spill.add(rows))
        found = list(spill.cases())
    return (
        [case for case in found if isinstance(case, Case)],
        rejects + [reject for reject in found if isinstance(reject, Reject)],
    )


def history(*lines: str, under: Mapping | None = None) -> list[Row | BadRow]:
    """Rows of one case under ``DESK``: "When | What | Who | Team | Severity | Customer | Level"."""
    header = ("When", "What", "Who", "Team", "Severity", "Customer", "Level")
    rows: list[Row | BadRow] = []
    for number, line in enumerate(lines, 2):
        cells = [cell.strip() for cell in line.split("|")]
        cells += [""] * (len(header) - len(cells))
        rows.append(Row(number, {"Case": "C1", **dict(zip(header, cells, strict=True))}))
    return rows


def told(*lines: str, toml: str = DESK) -> tuple[Step, ...]:
    """The steps that a case of these lines becomes."""
    under = mapping(toml)
    ((case,), rejects) = sorted_out(history(*lines), under)
    assert rejects == []
    return translate(case, under, ticket_id=TICKET, number="T-2025-000001", pin=PIN)
