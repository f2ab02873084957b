"""A record as PDF/A-3b, with its events attached."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import msgspec
import typst

from projections.records.chapters import write
from projections.records.fonts import families, library, printable
from projections.records.legible import breakable, visible
from projections.records.record import CaseRecord
from projections.records.voice import Language

TEMPLATE = Path(__file__).with_name("sheet.typ")
STANDARD = "a-3b"
GENERATIONS = 11
"""Typst forgets what its last ten documents did not use."""


def to_pdf(record: CaseRecord, events: bytes, language: Language) -> bytes:
    """Set a record in type. The same record makes the same bytes, with one version of typst and of the fonts.

    Args:
        record: the record.
        events: what ``events_json`` made of its facts; attached as it is.
        language: ``zh`` or ``en``.

    Raises:
        ValueError: the events are not those that the record names.
    """
    if sha256(events).hexdigest() != record.attachment.sha256:
        raise ValueError(f"these are not the events that the record of {record.ticket.number} names")
    date = record.moment
    inputs = {
        "sheet": _fit(msgspec.to_builtins(write(record, language))),
        "date": [date.year, date.month, date.day, date.hour, date.minute, date.second],
        "families": families(language),
    }
    told = {name: msgspec.json.encode(value).decode() for name, value in inputs.items()}
    try:
        return typst.compile(
            str(TEMPLATE),
            root=str(TEMPLATE.parent),
            font_paths=library(),
            sys_inputs=told | {"events": events.decode()},
            pdf_standards=STANDARD,
        )
    finally:
        _forget()


def _forget() -> None:
    """Let typst drop what it keeps of a document: some 30 MB of a long case, ten times over."""
    blank = typst.Compiler(root=str(TEMPLATE.parent), font_paths=library())
    for _ in range(GENERATIONS):
        blank.compile(input=b"", format="pdf")


def _fit(told: object) -> object:
    """The same with every text made fit for paper."""
    if isinstance(told, str):
        return breakable(printable(visible(told)))
    if isinstance(told, dict):
        return {name: _fit(value) for name, value in told.items()}
    return [_fit(value) for value in told] if isinstance(told, list | tuple) else told
