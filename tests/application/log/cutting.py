"""Something between the service and its database that cuts the line at a chosen moment of a commit."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from threading import Event, Thread

from psycopg.conninfo import conninfo_to_dict

from application.database.connect import Database
from application.database.roles import SERVICE
from application.database.urls import socket_url

CHUNK = 65_536
HEADER = struct.Struct("!cI")
SOCKET = ".s.PGSQL.5432"
LAST_WORD = b"N\0\0\0\x05\0"
"""A notice of nothing."""


class Moment(Enum):
    """When the line is cut."""

    BEFORE = "before the database has heard of the command"
    UNREAD = "the same, by a database that dies with the command unread and a word on its lips"
    AFTER = "when the command is committed and nobody has been told"


class Line:
    """Passes bytes on between whoever connects and the database, until it is time to cut.

    A command is known by words of it that go over the line, a commit by what the database answers: that
    the statement COMMIT is complete, or that no transaction is open any more.

    Args:
        here: the directory in which it listens.
        there: the directory of the database's socket.
    """

    def __init__(self, here: Path, there: Path) -> None:
        self._here = here / SOCKET
        self._there = there / SOCKET
        self._words = b""
        self._moment = Moment.BEFORE
        self._then: Callable[[], object] = str
        self.is_cut = Event()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self._here))
        self._listening.listen()
        Thread(target=self._accept, daemon=True).start()

    def cut(self, moment: Moment, words: str, then: Callable[[], object] = str) -> None:
        """Cut the line once, at a moment of the command that has these words; and do something ``then``."""
        self._words, self._moment, self._then = words.encode(), moment, then
        self.is_cut.clear()

    def close(self) -> None:
        """Take no more calls."""
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self._there))
                Thread(target=_Call(self, near, far).pass_on, daemon=True).start()

    def sees(self, sent: bytes) -> Moment | None:
        """The moment at which to cut a call on which this was sent."""
        return self._moment if self._words and self._words in sent else None

    def ends(self, near: socket.socket, far: socket.socket) -> None:
        """Cut it here."""
        self._words = b""
        self._then()
        for end in (near, far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.is_cut.set()


class _Call:
    """One connection."""

    def __init__(self, line: Line, near: socket.socket, far: socket.socket) -> None:
        self._line, self._near, self._far = line, near, far
        self._is_awaited = False
        """Whether the commit that is being made must not be heard of."""

    def pass_on(self) -> None:
        """Until one side hangs up, or it is cut."""
        back = Thread(target=self._back, daemon=True)
        back.start()
        with suppress(OSError):
            self._forth()
        for end in (self._near, self._far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        back.join()
        self._near.close()
        self._far.close()

    def _forth(self) -> None:
        last = b""
        while sent := self._near.recv(CHUNK, socket.MSG_PEEK):
            moment = self._line.sees(last + sent)
            if moment is Moment.UNREAD:
                self._near.sendall(LAST_WORD)
                self._near.close()
            else:
                self._near.recv(len(sent))
            if moment in {Moment.BEFORE, Moment.UNREAD}:
                return self._line.ends(self._near, self._far)
            self._is_awaited |= moment is Moment.AFTER
            last = sent[-200:]
            self._far.sendall(sent)
        return None

    def _back(self) -> None:
        with suppress(OSError):
            for message in _messages(self._far):
                if self._is_awaited and message in {b"C\0\0\0\x0bCOMMIT\0", b"Z\0\0\0\x05I"}:
                    self._line.ends(self._near, self._far)
                    return
                self._near.sendall(message)
            self._near.shutdown(socket.SHUT_RDWR)


def _messages(far: socket.socket) -> Iterator[bytes]:
    """What the database says, message by message."""
    held = b""
    while got := far.recv(CHUNK):
        held += got
        while len(held) >= HEADER.size:
            end = 1 + HEADER.unpack_from(held)[1]
            if len(held) < end:
                break
            yield held[:end]
            held = held[end:]


@contextmanager
def on_a_line(database: Database, home: Path) -> Iterator[tuple[Line, Database]]:
    """A line to a database, and the database as it is reached over it."""
    place = conninfo_to_dict(database.service_url)
    line = Line(home, Path(str(place["host"])))
    url = socket_url(home, user=SERVICE, database=str(place["dbname"]))
    try:
        yield line, Database(service_url=url, owner_url=database.owner_url, is_embedded=False)
    finally:
        line.close()
