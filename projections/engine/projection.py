"""What a projection declares: its name, its tables, the events it wants, and how they fold."""

from __future__ import annotations

import hashlib
import re
import sys
from abc import ABC, abstractmethod
from functools import cached_property
from pathlib import Path
from typing import ClassVar, LiteralString, NamedTuple

from projections.engine.batch import Batch
from projections.engine.rows import Rows

LOG = "aftersales"
"""The name of the one log, as readers are tracked by."""

SCHEMA: LiteralString = "view"
"""Where readers find the tables."""


class Place(NamedTuple):
    """Where a set of a projection's tables stands.

    Attributes:
        schema: of the database.
        log: the name under which ``log.tracking`` says how far they are.
        lock: begins the name of the lock that whoever moves them holds.
    """

    schema: LiteralString
    log: str
    lock: str


LIVE = Place(SCHEMA, LOG, "projection")
"""The tables that readers see."""

NEXT = Place("view_next", "aftersales next", "next projection")
"""Those that a rebuild makes, until they take the others' place."""


class Projection(ABC):
    """A read model: tables that are a function of the log, and nothing else.

    An event that it cannot fold parks its stream, the unit of parking: the rows of one stream may not depend
    on the events of another.

    A subclass keeps its ``CREATE`` statements in ``tables.sql`` beside its own module, names unqualified.

    Attributes:
        name: what it is tracked and shown by.
        version: raised when the same events must make other rows; the tables are then rebuilt.
        wants: how the types of the events it folds begin; all do, unless it says otherwise. A type of the
            wanted kind that this release does not know is parked: nothing is passed over.
        by_sql: whether it folds inside the database, by positions, and never looks at the events itself.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    wants: ClassVar[tuple[str, ...]] = ("",)
    by_sql: ClassVar[bool] = False

    @abstractmethod
    def fold(self, batch: Batch, rows: Rows) -> None:
        """Write what a batch changes.

        Runs inside the transaction that also moves the position. It may be asked to fold the same events
        again after a failure, and in batches of any size: only the events may decide what is written.
        """

    @cached_property
    def ddl(self) -> str:
        """The ``CREATE`` statements of its tables."""
        module = sys.modules[type(self).__module__]
        return Path(module.__file__ or "").with_name("tables.sql").read_text(encoding="utf-8")

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """The names of its tables."""
        return tuple(re.findall(r"^CREATE TABLE (\w+)", self.ddl, flags=re.MULTILINE))

    @property
    def ingredients(self) -> bytes:
        """What else the rows depend on: the shape of what they keep, for example."""
        return b""

    @cached_property
    def definition(self) -> str:
        """Changes when the tables, the version or the ingredients do, and with that the rows."""
        digest = hashlib.sha256(self.ddl.encode() + b"\0" + self.ingredients).hexdigest()[:16]
        return f"{self.version}-{digest}"
