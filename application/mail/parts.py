"""What a mail consists of: words and files, by whatever charset and name they came (RFC 2045-2047, 2231)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from mimetypes import guess_extension
from typing import Any

import msgspec

ALSO = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "ks_c_5601-1987": "cp949",
    "shift_jis": "cp932",
    "unicode-1-1-utf-8": "utf-8",
}
"""Charsets that are named by what writes them, and the larger ones that they are really of."""
NEVER = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7", "us-ascii"}
)
"""Codecs that are no charset of a mail, or say nothing about it."""
GUESSED = ("utf-8", "gb18030")
NO_NAME = re.compile(r"[\x00-\x1f\x7f/\\]+")
DEEPEST = 50
"""Mails and multiparts in each other; what is deeper is in the mail."""


class Enclosed(msgspec.Struct, frozen=True):
    """A file that came with a mail."""

    name: str
    media_type: str
    content: bytes


class Parts(msgspec.Struct, frozen=True):
    """What a mail consists of.

    Attributes:
        text: its plain text, or as much as is there.
        html: its text as a page.
        enclosed: the files in it, in order.
        broken: the name of a file of which the end is missing; ``None`` where none is.
    """

    text: str
    html: str
    enclosed: tuple[Enclosed, ...]
    broken: str | None = None


def read_parts(message: Message[str, str], *, is_cut: bool = False) -> Parts:
    """Take a mail apart. A mail within it is one file, with all that is in it.

    Args:
        is_cut: whether its end is missing: then its last part is not whole.
    """
    leaves = list(_leaves(message, 0))
    texts: dict[str, list[str]] = {"text/plain": [], "text/html": []}
    files: list[Enclosed] = []
    broken = None
    for place, part in enumerate(leaves):
        kind, name = part.get_content_type(), file_name(part)
        if kind in texts and not name and part.get_content_disposition() != "attachment":
            texts[kind].append(decoded(_bytes(part), part.get_content_charset()))
        elif is_cut and place == len(leaves) - 1:
            broken = name or _unnamed(place, kind)
        elif content := _bytes(part):
            files.append(Enclosed(name or _unnamed(place, kind), kind, content))
    return Parts("\n".join(texts["text/plain"]), "\n".join(texts["text/html"]), tuple(files), broken)


def _leaves(part: Message[str, str], depth: int) -> Iterator[Message[str, str]]:
    within: Any = part.get_payload()
    if not isinstance(within, list) or part.get_content_type() == "message/rfc822" or depth > DEEPEST:
        yield part
        return
    for each in within:
        yield from _leaves(each, depth + 1)


def _bytes(part: Message[str, str]) -> bytes:
    within: Any = part.get_payload()
    if isinstance(within, list):
        return b"".join(each.as_bytes() for each in within)
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _unnamed(place: int, kind: str) -> str:
    return f"part-{place + 1}{'.eml' if kind == 'message/rfc822' else guess_extension(kind) or ''}"


def file_name(part: Message[str, str]) -> str:
    """The name of a file, without a folder, however it is written; ``""`` for none."""
    clean: Message[str, str] = Message()  # where nobody has put question marks for bytes yet
    for own, value in part.raw_items():
        if own.lower() in {"content-disposition", "content-type"}:
            clean[own] = _as_it_came(value)
    said: Any = clean.get_param("filename", None, "content-disposition") or clean.get_param("name", None)
    if isinstance(said, tuple):  # RFC 2231
        said = decoded(str(said[2]).encode("latin-1", "replace"), said[0])
    elif said:
        said = words(str(said))
    return NO_NAME.sub("_", " ".join((said or "").split()))[:200]


def raw_header(message: Message[str, str], name: str) -> list[str]:
    """What stands under a name in the head of a mail, in order, with its encoded words as they are."""
    return [_as_it_came(value) for own, value in message.raw_items() if own.lower() == name]


def words(said: str) -> str:
    """The text of a header, its encoded words read (RFC 2047)."""
    if "=?" not in said:
        return said
    try:
        return "".join(_word(*each) for each in decode_header(said))
    except (HeaderParseError, ValueError):
        return said


def _as_it_came(value: Any) -> str:
    """A header as text; of bytes outside ASCII nobody has said which charset they are of."""
    return decoded(str(value).encode("utf-8", "surrogateescape"), None)


def _word(said: str | bytes, charset: str | None) -> str:
    if isinstance(said, str):
        return said
    # What stands between encoded words came as text, and goes through bytes only here.
    return decoded(said, charset) if charset else said.decode("raw_unicode_escape", "replace")


def decoded(content: bytes, charset: str | None) -> str:
    """Bytes as text: by what they are said to be, else by what they can be, and never not at all."""
    named = (charset or "").strip().lower().replace(" ", "")
    named = ALSO.get(named, named)
    tried = (named, *GUESSED) if named and named not in NEVER else GUESSED
    for each in tried:
        try:
            return _kept(content.decode(each))
        except (ValueError, LookupError):
            continue
    try:
        return _kept(content.decode(tried[0], "replace"))
    except (ValueError, LookupError):
        return _kept(content.decode("utf-8", "replace"))


def _kept(text: str) -> str:
    """A text without what the log cannot keep."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
