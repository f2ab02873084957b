"""The file of rows that were not imported: line, case, reason and the row itself."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TextIO

from application.importing.rows import UnreadableFile
from application.importing.spill import Reject

HEADER = ("line", "case", "bad", "reason", "values")


class Rejects:
    """Writes rejected rows as CSV; leaves no file when there are none.

    Raises:
        UnreadableFile: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: TextIO | None = None
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise UnreadableFile(f"{path} cannot be written: {error.strerror or error}") from error

    def __enter__(self) -> Rejects:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def add(self, reject: Reject) -> None:
        """Write one row."""
        values = json.dumps(reject.values, ensure_ascii=False)
        bad = "yes" if reject.bad else "no"
        try:
            if self._stream is None:
                self._stream = self._path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
                csv.writer(self._stream).writerow(HEADER)
            csv.writer(self._stream).writerow((reject.line, reject.case or "", bad, reject.reason, values))
        except OSError as error:
            raise UnreadableFile(f"{self._path} cannot be written: {error.strerror or error}") from error
