"""Events of an XES log (IEEE 1849), one trace at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import BinaryIO
from xml.parsers import expat

from application.importing.rows import BadRow, Row, UnreadableFile, flaw

TRACE = "case:"
"""What the name of a trace's own attribute begins with, beside those of its events."""

CHUNK = 1 << 16
DEEPEST = 32
"""Elements inside each other."""

ATTRIBUTES = frozenset({"string", "date", "int", "float", "boolean", "id", "list", "container"})


class _Refused(Exception):
    """The file asks for something a reader of foreign files must not do."""


class _Parser:
    """Collects the rows of finished events in ``rows``."""

    def __init__(self) -> None:
        self.rows: deque[Row | BadRow] = deque()
        self._path: list[str] = []
        self._keys: list[str] = []
        self._trace: dict[str, str] = {}
        self._event: dict[str, str] = {}
        self._into: dict[str, str] | None = None
        self._line = 0
        self._seen_log = False
        self._expat = expat.ParserCreate(namespace_separator=" ")
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunk: bytes) -> None:
        try:
            self._expat.Parse(chunk, not chunk)
        except (expat.ExpatError, _Refused, ValueError) as error:
            raise UnreadableFile(f"line {self._expat.CurrentLineNumber}: {error}") from error
        if not chunk and not self._seen_log:
            raise UnreadableFile("this XML file is not an XES log: it has no <log>")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        self._path.append(tag)
        if tag in ATTRIBUTES:
            self._keys.append(attributes.get("key", "?"))
            value = attributes.get("value")
            if value is not None and self._into is not None:
                key = "/".join(self._keys)
                self._into[key] = f"{self._into[key]}; {value}" if key in self._into else value
        elif tag == "event":
            self._line = self._expat.CurrentLineNumber
            self._into = self._event = {}
        elif tag == "trace":
            self._into = self._trace = {}
        elif tag == "global":
            self._into = None
        elif tag == "log":
            self._seen_log = True
        if len(self._path) > DEEPEST:
            raise _Refused(f"more than {DEEPEST} elements inside each other")

    def _end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        self._path.pop()
        if tag in ATTRIBUTES:
            self._keys.pop()
        elif tag == "event":
            self._finish_event()
        elif tag == "trace":
            self._into = None

    def _finish_event(self) -> None:
        if "trace" not in self._path:
            self._into = None
            reason = "an event outside a trace belongs to no case"
            self.rows.append(BadRow(self._line, reason, self._event))
            return
        self._into = self._trace
        values = {TRACE + key: value for key, value in self._trace.items()} | self._event
        reason = flaw(values)
        self.rows.append(Row(self._line, values) if reason is None else BadRow(self._line, reason, values))

    def _doctype(self, *_: object) -> None:
        raise _Refused("a document type declaration (DTD) is refused: it could define entities")


def read_xes(stream: BinaryIO) -> Iterator[Row | BadRow]:
    """Read the events of an XES log; memory holds one event.

    An attribute inside another is named ``outer/inner``, one of the trace ``case:name``. Several values under
    one name are joined with "; ".

    Raises:
        UnreadableFile: it is not well-formed, is cut off, has a DTD, or is not XES.
    """
    parser = _Parser()
    while True:
        chunk = stream.read(CHUNK)
        parser.feed(chunk)
        while parser.rows:
            yield parser.rows.popleft()
        if not chunk:
            return
