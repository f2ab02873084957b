"""A record as one page that needs nothing else, to read and to print."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import TypeVar

from projections.records.chapters import write
from projections.records.legible import visible
from projections.records.record import CaseRecord
from projections.records.sheet import Cell, Chapter, Field, Row, Sheet, Table
from projections.records.voice import Language

STYLE = Path(__file__).with_name("sheet.css").read_text("utf-8")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The page loads nothing and runs nothing."""

T = TypeVar("T")


def to_html(record: CaseRecord, language: Language) -> bytes:
    """A record as a page in UTF-8; the same record makes the same bytes."""
    return _page(write(record, language)).encode()


def _page(sheet: Sheet) -> str:
    head, file = _text(sheet.running), _text(sheet.attachment[0])
    return f"""<!doctype html>
<html lang="{_text(sheet.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{_text(sheet.title)} {_text(sheet.number)}</title>
<style>
{STYLE}{_margins(sheet)}</style>
</head>
<body>
<header>
<p class="standard">{_text(sheet.standard)}</p>
<div class="title"><h1>{_text(sheet.title)}</h1>
<span class="number">{_text(sheet.number)}</span> {_badge(sheet.status, "idle")}</div>
<p class="subject"><bdi>{_text(sheet.subject)}</bdi></p>
<div class="cover">{_fields(sheet.cover)}</div>
</header>
<main>
{_each(sheet.chapters, _chapter)}</main>
<footer><span>{head}</span><span>{_text(sheet.read)}</span><span>{file}</span></footer>
</body>
</html>
"""


def _chapter(chapter: Chapter) -> str:
    intro = f'<p class="intro">{_text(chapter.intro)}</p>\n' if chapter.intro else ""
    fields = _fields(chapter.fields) if chapter.fields else ""
    tables = _each(chapter.tables, _table)
    return f"<section>\n<h2>{_text(chapter.title)}</h2>\n{intro}{fields}{tables}</section>\n"


def _each(things: Iterable[T], told: Callable[[T], str]) -> str:
    return "".join(map(told, things))


def _fields(fields: Iterable[Field]) -> str:
    return f"<dl>\n{_each(fields, _field)}</dl>\n"


def _field(field: Field) -> str:
    wide = ' class="wide"' if field.wide else ""
    return f"<dt{wide}>{_text(field.label)}</dt><dd{wide}>{_cell(field.cell)}</dd>\n"


def _table(table: Table) -> str:
    caption = f"<caption>{_text(table.caption)}</caption>" if table.caption else ""
    whole = sum(column.share for column in table.columns)
    widths = "".join(f'<col style="width: {100 * column.share / whole:.1f}%">' for column in table.columns)
    titles = "".join(f'<th scope="col">{_text(column.title)}</th>' for column in table.columns)
    body = _each(table.rows, _row)
    head = f"<colgroup>{widths}</colgroup>\n<thead><tr>{titles}</tr></thead>\n"
    return f"<table>{caption}{head}<tbody>\n{body}</tbody></table>\n"


def _row(row: Row) -> str:
    head = ' class="head"' if row.head else ""
    cells = "".join(f"<td>{_cell(cell)}</td>" for cell in row.cells)
    return f"<tr{head}>{cells}</tr>\n"


def _cell(cell: Cell) -> str:
    told = _badge(cell) if cell.tone else f"<bdi>{_text(cell.text)}</bdi>" if cell.text else ""
    return told + (f'<span class="note"><bdi>{_text(cell.note)}</bdi></span>' if cell.note else "")


def _badge(cell: Cell, usual: str = "") -> str:
    return f'<span class="tone {_text(cell.tone or usual)}">{_text(cell.text)}</span>'


def _margins(sheet: Sheet) -> str:
    """What stands around every printed page."""
    page = sheet.page.replace("{page}", "\0").replace("{pages}", "\0").split("\0")
    numbered = " ".join(
        (_string(page[0]), "counter(page)", _string(page[1]), "counter(pages)", _string(page[2]))
    )
    boxes = {
        "top-left": _string(sheet.running),
        "top-right": _string(sheet.read),
        "bottom-left": _string(sheet.attachment[0]),
        "bottom-right": numbered,
    }
    told = "".join(
        f" @{place} {{ content: {content}; font: 7pt sans-serif; color: #5b6775; }}\n"
        for place, content in boxes.items()
    )
    return f"@page {{ size: A4; margin: 18mm 15mm;\n{told}}}\n"


def _string(text: str) -> str:
    """A CSS string in which no character means anything."""
    return '"' + "".join(f"\\{ord(character):06x}" for character in visible(text)) + '"'


def _text(text: str) -> str:
    return escape(visible(text))
