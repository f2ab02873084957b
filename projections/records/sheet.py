"""A record as it is read: chapters of labelled values and of tables, all of it plain text in one language."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Cell(msgspec.Struct, frozen=True):
    """A text, with a smaller line under it.

    Attributes:
        tone: how it is marked: ``good``, ``bad``, ``idle``, or not at all.
    """

    text: str
    note: str = ""
    tone: str = ""


class Column(msgspec.Struct, frozen=True):
    """A column: its title, and its share of the width."""

    title: str
    share: float


class Row(msgspec.Struct, frozen=True):
    """A row; ``head`` when it begins a group."""

    cells: tuple[Cell, ...]
    head: bool = False


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table that has rows."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""


class Field(msgspec.Struct, frozen=True):
    """A value with its label; ``wide`` when it needs the whole width."""

    label: str
    cell: Cell
    wide: bool = False


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """A chapter: some words, fields, tables, each of which may be missing."""

    title: str
    intro: str = ""
    fields: tuple[Field, ...] = ()
    tables: tuple[Table, ...] = ()


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What one record says.

    Attributes:
        language: of all of it, as a BCP 47 tag.
        standard: the line above the title.
        running: what stands at the head of every page, and ``read`` beside it.
        page: the number of a page, with ``{page}`` and ``{pages}`` to fill in.
        cover: what identifies the record.
        attached: what stands at the foot of every page.
        attachment: the name of the file of events, and what it is.
        date: of the document: the moment of the record.
    """

    language: str
    standard: str
    title: str
    number: str
    subject: str
    status: Cell
    running: str
    read: str
    page: str
    attached: str
    cover: tuple[Field, ...]
    chapters: tuple[Chapter, ...]
    attachment: tuple[str, str]
    date: datetime
