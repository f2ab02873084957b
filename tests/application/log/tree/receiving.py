"""Somebody else's mail server, web server and witness, on this machine."""

from __future__ import annotations

import base64
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from application.log.tree.merkle import EMPTY, verify_consistency
from application.log.tree.notes import (
    COSIGNATURE,
    Checkpoint,
    Note,
    Signature,
    VerifierKey,
    cosigned,
    verifier_key,
)

Answered = tuple[int, str]
Answering = Callable[[str, str], Answered]
"""What is answered to a body that was posted to a path."""


@contextmanager
def web_server(answering: Answering) -> Iterator[str]:
    """A server for POST requests; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, text = answering(self.path, body)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", text)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with _served(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"


class MailServer(socketserver.StreamRequestHandler):
    """Takes mail, or refuses the recipient; knows as much SMTP as one sender needs."""

    refuses: ClassVar[bool] = False
    taken: ClassVar[list[tuple[str, bytes]]] = []

    def handle(self) -> None:
        """One conversation."""
        self._say("220 here")
        recipient = ""
        for line in self.rfile:
            word = line.decode().strip().partition(" ")[0].upper()
            if word == "RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
                self._say("550 nobody here" if self.refuses else "250 ok")
            elif word == "DATA":
                self._say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.taken.append((recipient, b"".join(lines)))
                self._say("250 taken")
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server(*, refuses: bool = False) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A mail server: its address, and the mails that it has taken, each with its recipient."""
    taken: list[tuple[str, bytes]] = []
    handler = type("Handler", (MailServer,), {"refuses": refuses, "taken": taken})
    with _served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)) as server:
        yield f"smtp://127.0.0.1:{server.server_address[1]}", taken


@contextmanager
def _served(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class OneWitness:
    """A witness as C2SP tlog-witness has it, for one log.

    Args:
        trusts: the keys of the log.
        time: when it cosigns, by its clock.
    """

    def __init__(self, trusts: list[VerifierKey], *, time: int = 1_790_000_000) -> None:
        self._private = Ed25519PrivateKey.generate()
        self.key = replace(verifier_key("witness.example/w1", self._private), algorithm=COSIGNATURE)
        self.trusts = trusts
        self.time = time
        self.size, self.root = 0, EMPTY
        self.asked: list[int] = []

    def answer(self, path: str, body: str) -> Answered:
        """add-checkpoint, step by step as the specification has it."""
        assert path == "/w/add-checkpoint"
        head, _, text = body.partition("\n\n")
        old_line, *proof_lines = head.split("\n")
        old = int(old_line.removeprefix("old "))
        self.asked.append(old)
        note = Note.of(text)
        note.signed_by(self.trusts)
        said = Checkpoint.of(note.text)
        if old != self.size or (old == said.size and said.root != self.root):
            return 409, f"{self.size}\n"
        proof = [bytes_of(line) for line in proof_lines]
        if not verify_consistency(old, said.size, proof, self.root, said.root):
            return 422, ""
        self.size, self.root = said.size, said.root
        return 200, str(self.cosign(note))

    def cosign(self, note: Note) -> Signature:
        """Its cosignature."""
        signed = self._private.sign(cosigned(note.text, self.time))
        return Signature(self.key.name, self.key.id, self.time.to_bytes(8, "big") + signed)


def bytes_of(line: str) -> bytes:
    """A hash as a proof line writes it."""
    return base64.b64decode(line, validate=True)
