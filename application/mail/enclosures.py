"""What of a mail is kept as files: always the mail itself, and what is in it where such files are taken."""

from __future__ import annotations

from collections.abc import AsyncIterator

from application.files.kinds import FileRules, WrongFileType
from application.files.store import Files, FileTooLarge, Kept
from application.log.event_log import EventLog
from application.mail.letter import MAIL, Letter
from domain.errors import InvalidValue
from domain.ticket.file_events import FileAttached
from domain.ticket.words import FileKind


class AnyMail(FileRules, frozen=True):
    """What is a mail because a mail server said so, whatever it consists of and however large it is."""

    most_bytes: int = 2**40

    def must_take(self, said: str) -> None:
        """All of it is taken."""

    def type_of(self, said: str, beginning: bytes) -> str:  # noqa: ARG002
        """A mail."""
        return MAIL


async def keep_mail(log: EventLog, raw: bytes) -> Kept:
    """Keep a mail as it came.

    Raises:
        LogUnavailable: the database does not answer.
    """
    return await Files(log.connection, AnyMail()).keep(_once(raw), MAIL)


async def enclosed(log: EventLog, files: Files, letter: Letter) -> list[FileAttached]:
    """A mail as it came, and what is in it, each by its hash. What is not taken is in the mail.

    Raises:
        LogUnavailable: the database does not answer.
    """
    whole = await keep_mail(log, letter.raw)
    kept = {whole.sha256: _attached(whole, f"{letter.subject[:190] or 'mail'}.eml")}
    for each in letter.enclosed:
        try:
            content = await files.keep(_once(each.content), each.media_type)
        except (WrongFileType, FileTooLarge, InvalidValue):
            continue
        kept.setdefault(content.sha256, _attached(content, each.name))
    return list(kept.values())


def _attached(content: Kept, name: str) -> FileAttached:
    kind = FileKind.PHOTO if content.media_type.startswith("image/") else FileKind.DOCUMENT
    return FileAttached(
        sha256=content.sha256, size=content.size, media_type=content.media_type, name=name, kind=kind
    )


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
