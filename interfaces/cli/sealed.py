"""``aftersales log head`` and ``aftersales log verify``: the log proves itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from application.log.maintenance import changed, touched
from application.log.reading import Mark
from application.log.reading import head as read_head
from application.log.tree.keys import KeyDirectory, KeyProblem
from application.log.tree.notes import BadNote, Checkpoint, Note, VerifierKey
from application.log.verifying import Verified
from application.log.verifying import verify as verify_log
from application.settings import Settings
from interfaces.cli.database import connection
from interfaces.cli.output import progress, write, write_json
from interfaces.cli.problems import Altered, Misused, Refused

MOST_SHOWN = 10
"""Positions in the line for people; the others are in JSON."""


def head(settings: Settings, *, as_json: bool) -> None:
    """Print the position of the last event and its chain hash, to be kept elsewhere."""
    with connection(settings) as conn:
        mark = read_head(conn)
    if as_json:
        write_json(_plain(mark))
        return
    write(str(mark))


def verify(
    settings: Settings,
    expect: Sequence[str],
    checkpoints: Sequence[Path],
    keys: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Compute every hash of the log anew and print how far it is proven.

    Raises:
        Misused: one of ``expect`` is not what ``aftersales log head`` prints, or a key is none.
        Refused: a checkpoint cannot be believed.
        Altered: the log is not as it was recorded.
    """
    try:
        kept = [Mark.of(text) for text in expect]
    except ValueError as error:
        raise Misused(f"--expect {error}") from None
    here = _keys_here(settings)
    signed = [_kept(file, _named(keys) or here) for file in checkpoints]
    with connection(settings) as conn, _shown() as told:
        maintained = changed(conn)
        found = verify_log(conn, kept, signed, here, changed=maintained, progress=told)
        explained = touched(conn, found.difference.position) if found.difference else []
    others = [
        position
        for position, each in sorted(maintained.items())
        if position <= found.end.position and each.now != each.was
    ]
    if as_json:
        write_json({
            **_plain(found.end),
            "kept": [_plain(mark) for mark in kept],
            "checkpoints": [checkpoint.size for checkpoint in signed],
            "changed": others,
            "difference": _told(found, explained),
        })  # fmt: skip
    elif found.difference is None:
        write(f"verified {found.end.position} events: {found.end}")
        for mark in kept:
            write(f"as kept: {mark}")
        for checkpoint in signed:
            write(f"as signed: {checkpoint.size} events of {checkpoint.origin}")
    if found.difference is not None:
        raise Altered(f"the log is not as it was recorded: {found.difference}{_explanation(explained)}")
    if others:
        shown = ", ".join(map(str, others[:MOST_SHOWN])) + (", …" if len(others) > MOST_SHOWN else "")
        raise Altered(f"the log is as it was recorded but for what it says a maintenance changed: {shown}")


@contextmanager
def _shown() -> Iterator[Callable[[int, int], None] | None]:
    """How far it is, for a person who waits."""
    if not sys.stderr.isatty():
        yield None
        return
    with progress({"verify": "verifying"}) as told:
        yield lambda done, last: told("verify", done, last)


def _keys_here(settings: Settings) -> list[VerifierKey]:
    """Every key of the log, if they lie here and may be read: one who verifies need not be the signer."""
    try:
        return [key.key for key in KeyDirectory(settings.keys).all()]
    except (KeyProblem, OSError):
        return []


def _named(keys: Sequence[str]) -> list[VerifierKey]:
    try:
        return [VerifierKey.of(key) for key in keys]
    except BadNote as error:
        raise Misused(f"--key: {error}") from None


def _kept(file: Path, keys: Sequence[VerifierKey]) -> Checkpoint:
    """A checkpoint that was kept elsewhere, if it can be believed."""
    if not keys:
        raise Refused("there is no key here: name that of the log with --key VKEY")
    try:
        note = Note.of(file.read_text(encoding="utf-8"))
        note.signed_by(keys)
        return Checkpoint.of(note.text)
    except (BadNote, UnicodeDecodeError) as error:
        raise Refused(f"{file} proves nothing: {error}") from None


def _plain(mark: Mark) -> dict[str, object]:
    return {"position": mark.position, "chain_hash": mark.chain_hash.hex()}


def _told(found: Verified, explained: list[int]) -> dict[str, object] | None:
    wrong = found.difference
    if wrong is None:
        return None
    return {"position": wrong.position, "kind": wrong.kind, "what": wrong.what, "maintenance": explained}


def _explanation(explained: list[int]) -> str:
    """What the log itself says of it. It does not make the hashes right."""
    where = " and ".join(map(str, explained))
    return f"; a maintenance changed it that was recorded at position {where}" if explained else ""
