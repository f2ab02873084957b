"""A tiny IMAP server that does what a test tells it to: says things at awkward moments, hangs up, lies."""

from __future__ import annotations

import re
import socketserver
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread
from typing import Any

SINCE = re.compile(rb"UID SEARCH .*UID (\d+):\*", re.IGNORECASE)
FETCH = re.compile(rb"UID FETCH (\d+) \((.*)\)", re.IGNORECASE)
PARTLY = re.compile(rb"<0\.(\d+)>")
DATE = b'INTERNALDATE "02-Mar-2026 09:00:00 +0800"'


class Peer:
    """What it keeps, and what it was asked.

    Attributes:
        mails: by number.
        withholds: by number, what is said instead of a mail; ``b""`` hangs up.
        withholds_heads: whether that holds for their heads, too.
        validity: whose numbers these are.
        asked: every command, in order, without its tag.
        then: by the beginning of a command, what is done once it was answered; once each.
        with_answer: by the beginning of a command, what is sent in the same breath as its answer; once each.
        idling: set while somebody listens.
        offers: what it says that it can.
    """

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self.mails: dict[int, bytes] = {}
        self.withholds: dict[int, bytes] = {}
        self.withholds_heads = False
        self.validity = 7
        self.asked: list[bytes] = []
        self.then: dict[bytes, Callable[[], None]] = {}
        self.with_answer: dict[bytes, bytes] = {}
        self.idling = Event()
        self.offers = b"IMAP4rev1 IDLE"
        self.port = 0
        self._tls = tls
        self._lines: list[Any] = []
        self._lock = Lock()

    def comes(self, raw: bytes) -> None:
        """A mail comes; whoever listens is told."""
        self.mails[max(self.mails, default=0) + 1] = raw
        if self.idling.is_set():
            self.tells(b"* %d EXISTS\r\n" % len(self.mails))

    def tells(self, said: bytes) -> None:
        """Say something to everybody who is there."""
        with self._lock:
            for line in self._lines:
                with suppress(OSError):  # of somebody who has gone
                    line.sendall(said)

    def hangs_up(self) -> None:
        """Drop everybody."""
        with self._lock:
            lines, self._lines = self._lines, []
        for line in lines:
            with suppress(OSError):
                line.shutdown(2)

    def serve(self, line: Any) -> None:
        """One connection, to its end."""
        if self._tls:
            line = self._tls.wrap_socket(line, server_side=True)
        with self._lock:
            self._lines.append(line)
        line.sendall(b"* OK here\r\n")
        for sent in line.makefile("rb"):
            tag, _, command = sent.strip().partition(b" ")
            if tag.upper() == b"DONE":
                self.idling.clear()
                line.sendall(self._idle_tag + b" OK done\r\n")
                continue
            self.asked.append(command)
            line.sendall(self._answer(tag, command) + self._once(self.with_answer, command, b""))
            if command.upper() == b"IDLE":
                self.idling.set()
            self._once(self.then, command, lambda: None)()

    def _answer(self, tag: bytes, command: bytes) -> bytes:
        words = command.upper()
        told = b""
        if words.startswith(b"CAPABILITY"):
            told = b"* CAPABILITY " + self.offers + b"\r\n"
        elif words.startswith((b"EXAMINE", b"SELECT")):
            told = b"* %d EXISTS\r\n* OK [UIDVALIDITY %d] so\r\n" % (len(self.mails), self.validity)
        elif found := SINCE.match(command):
            uids = [b"%d" % uid for uid in self.mails if uid >= int(found[1])]
            told = b"* SEARCH " + b" ".join(uids) + b"\r\n"
        elif found := FETCH.match(command):
            uid, what = int(found[1]), found[2]
            if uid in self.withholds and (b"HEADER" not in what or self.withholds_heads) and b"BODY" in what:
                if not self.withholds[uid]:
                    self.hangs_up()
                return tag + b" " + self.withholds[uid] + b"\r\n"
            told = self._fetched(uid, what)
        elif words == b"IDLE":
            self._idle_tag = tag
            return b"+ idling\r\n"
        return told + tag + b" OK done\r\n"

    def _fetched(self, uid: int, what: bytes) -> bytes:
        raw = self.mails.get(uid)
        if raw is None:
            return b""
        if b"SIZE" in what:
            return b"* 1 FETCH (UID %d RFC822.SIZE %d %s)\r\n" % (uid, len(raw), DATE)
        if b"HEADER" in what:
            raw = raw.partition(b"\n\n")[0] + b"\n\n"
        part = PARTLY.search(what)
        raw = raw[: int(part[1])] if part else raw
        return b"* 1 FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (uid, len(raw), raw)

    def _once(self, given: dict[bytes, Any], command: bytes, otherwise: Any) -> Any:
        beginning = next((each for each in given if command.upper().startswith(each)), None)
        return otherwise if beginning is None else given.pop(beginning)


@contextmanager
def imap_peer(tls: ssl.SSLContext | None = None) -> Iterator[Peer]:
    """The server for the length of the block; with a context, it speaks TLS from the first byte."""
    peer = Peer(tls)

    class Serving(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                peer.serve(self.request)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Serving) as server:
        peer.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield peer
        finally:
            peer.hangs_up()
            server.shutdown()
