"""Rows of a CSV file, one at a time, with the line each starts on."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from typing import Any, BinaryIO

from application.importing.dialect import Dialect
from application.importing.rows import UNDECODABLE, BadRow, Row, UnreadableFile, flaw

LONGEST_LINE = 1_000_000
"""Characters; a longer line says that the file is not CSV."""


class _Lines:
    """The file's lines; those of one record can be put back."""

    def __init__(self, stream: io.TextIOBase) -> None:
        self._stream = stream
        self._back: deque[str] = deque()
        self.taken: list[str] = []
        """The lines of the record being read."""
        self.number = 0
        """Of the last line given out."""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._stream.readline(LONGEST_LINE + 1)
        if not line:
            raise StopIteration
        if len(line) > LONGEST_LINE:
            raise UnreadableFile(f"line {self.number + 1} has more than {LONGEST_LINE:,} characters")
        self.number += 1
        self.taken.append(line)
        return line

    def put_back_all_but_first(self) -> None:
        """Read the record's later lines again, as records of their own."""
        later = self.taken[1:]
        self._back.extendleft(reversed(later))
        self.number -= len(later)


def read_csv(stream: BinaryIO, dialect: Dialect) -> Iterator[Row | BadRow]:
    """Read the rows of a CSV file.

    A record that breaks the quoting, or spans lines and has the wrong number of values, costs only its first
    line: the lines after it are read again, so that one stray quote does not swallow its neighbours.

    Raises:
        UnreadableFile: there is no header, or it cannot be read in the given encoding.
    """
    encoding = "utf-8-sig" if dialect.encoding.lower() in {"utf-8", "utf8"} else dialect.encoding
    text = io.TextIOWrapper(stream, encoding=encoding, errors=UNDECODABLE, newline="")
    try:
        yield from _rows(_Lines(text), dialect)
    except UnicodeError as error:
        raise UnreadableFile(f"the file is not {dialect.encoding}: {error}") from error
    finally:
        text.detach()


def _rows(lines: _Lines, dialect: Dialect) -> Iterator[Row | BadRow]:
    for _ in range(dialect.skip_lines):
        next(lines, None)
    columns: list[str] | None = None
    options = _options(dialect)
    lenient: dict[str, Any] = {**options, "strict": False}
    reader = csv.reader(lines, **options)
    while True:
        lines.taken.clear()
        start = lines.number + 1
        broken = None
        try:
            fields = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            broken, fields = f"not CSV: {error}", []
        if not fields and broken is None:
            continue
        if columns is None:
            if broken:
                raise UnreadableFile(f"the header on line {start} cannot be read: {broken}")
            columns = _columns(fields, dialect, start)
            if dialect.header:
                continue
        if broken is None and len(fields) == len(columns):
            values = dict(zip(columns, fields, strict=True))
            reason = flaw(values)
            yield Row(start, values) if reason is None else BadRow(start, reason, values)
            continue
        if len(lines.taken) > 1:
            fields = next(csv.reader([lines.taken[0]], **lenient), [])
            lines.put_back_all_but_first()
            broken = broken or "broken quoting, or a quoted line break in a row of the wrong length"
        elif broken:
            fields = next(
                csv.reader([lines.taken[0]], delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE), []
            )
        yield BadRow(start, broken or _wrong_length(fields, columns), _guess(fields, columns))
    if columns is None:
        raise UnreadableFile("the file has no rows")


def _options(dialect: Dialect) -> dict[str, Any]:
    quoting = {"quotechar": dialect.quote} if dialect.quote else {"quoting": csv.QUOTE_NONE}
    return {
        "delimiter": dialect.delimiter,
        "escapechar": dialect.escape or None,
        "doublequote": not dialect.escape,
        "strict": True,
        **quoting,
    }


def _columns(fields: list[str], dialect: Dialect, line: int) -> list[str]:
    """Names of the columns; one without a name, or with a name already taken, is called by its number."""
    if not dialect.header:
        return [f"#{number}" for number in range(1, len(fields) + 1)]
    names: list[str] = []
    for number, field in enumerate(fields, 1):
        name = field.strip()
        names.append(name if name and name not in names else f"#{number}")
    reason = flaw(dict(zip(names, names, strict=True)))
    if reason:
        raise UnreadableFile(f"the header on line {line} is not {dialect.encoding} text: {reason}")
    return names


def _wrong_length(fields: list[str], columns: list[str]) -> str:
    return f"{len(fields)} values where the header has {len(columns)}"


def _guess(fields: list[str], columns: list[str]) -> dict[str, str]:
    names = [*columns, *(f"#{number}" for number in range(len(columns) + 1, len(fields) + 1))]
    return dict(zip(names, fields, strict=False))
