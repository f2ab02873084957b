"""What a person or a program reads: results on stdout, notes and progress on stderr."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

STEP = 20
"""Per cent between two lines of progress where there is no terminal."""

WORD = re.compile(r"(?:[^\s\u2e80-\uffef]+|\S)[\u3001\u3002\uff01\uff09\uff0c\uff1a\uff1b\uff1f]*\s*")
"""What is not broken: a word in letters, or one Chinese character, with the punctuation after it."""

Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done and how much there is."""


def note(text: str) -> None:
    """Say something that is not the result."""
    print(text, file=sys.stderr, flush=True)


def write(text: str) -> None:
    """Say the result, or a line of it."""
    print(text, flush=True)


def write_json(value: object) -> None:
    """The result for a program, on one line."""
    write(msgspec.json.encode(value).decode())


def write_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table; on a terminal too narrow for it, a block of lines for each row.

    Where there is no terminal its cells are separated by tabs, one row a line.
    """
    console = Console()
    if not console.is_terminal:
        for row in (headers, *rows):
            write("\t".join(" ".join(cell.split()) for cell in row))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    if console.measure(table, options=console.options.update(max_width=10_000)).maximum <= console.width:
        console.print(table)
        return
    for first, *rest in rows:
        console.print(Text(first, "bold"))
        for header, cell in zip(headers[1:], rest, strict=True):
            if cell:
                write_folded(console, f"{header}  {cell}")


def write_folded(console: Console, text: str, style: str = "", *, indent: int = 2) -> None:
    """Text on a terminal, each of its lines some columns in."""
    for line in folded(text, max(console.width - indent, 2)):
        console.print(Text(" " * indent + line, style), no_wrap=True, overflow="ignore", crop=False)


def folded(text: str, width: int) -> list[str]:
    """Lines no wider than this: broken at spaces and, in Chinese, anywhere but before punctuation."""
    lines = [""]
    for word in WORD.findall(text):
        wide = cell_len(word.rstrip())
        if lines[-1] and cell_len(lines[-1]) + wide > width:
            lines.append("")
        first, *more = chop_cells(word, width) if wide > width else [word]
        lines[-1] += first
        lines += more
    return [line.rstrip() for line in lines]


def moment(at: datetime | None, zone: str) -> str:
    """A time for people, to the minute, with its offset; nothing for none."""
    return at.astimezone(ZoneInfo(zone)).isoformat(" ", "minutes") if at else ""


@contextmanager
def progress(words: dict[str, str]) -> Iterator[Progress]:
    """Shows how far something is: a bar on a terminal, now and then a line elsewhere.

    Args:
        words: what each stage is called.
    """
    console = Console(stderr=True)
    if console.is_terminal:
        with _bar(console, words) as told:
            yield told
    else:
        yield _Lines(words).tell


@contextmanager
def _bar(console: Console, words: dict[str, str]) -> Iterator[Progress]:
    from rich import progress as rich_progress

    tasks: dict[str, Any] = {}
    columns = (
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.TaskProgressColumn(),
        rich_progress.TimeRemainingColumn(),
    )
    with rich_progress.Progress(*columns, console=console, transient=True) as shown:

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = shown.add_task(words[stage], total=total)
            shown.update(tasks[stage], completed=done, total=total)

        yield tell


class _Lines:
    def __init__(self, words: dict[str, str]) -> None:
        self._words = words
        self._said: dict[str, int] = {}

    def tell(self, stage: str, done: int, total: int) -> None:
        share = 100 * done // total if total else 100
        if share >= self._said.get(stage, 0) + STEP:
            self._said[stage] = share - share % STEP
            note(f"{self._words[stage]}: {share} %")
