"""Which form of an answer a caller likes best, by ``Accept`` (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from projections.sheets.sheet import Language

LANGUAGES: tuple[Language, ...] = ("zh", "en")


class NotAcceptable(Exception):
    """The caller accepts none of the forms that there are."""


def best(accept: str, offered: Sequence[str]) -> str:
    """The media type that is liked best; of those that are liked as much, the first.

    Args:
        accept: the header; an empty one likes everything.
        offered: media types without parameters.

    Raises:
        NotAcceptable: none of them is accepted.
    """
    ranges = [_range(each) for each in accept.split(",") if each.strip()] or [("*/*", 1.0)]
    liked = {media_type: _liking(media_type, ranges) for media_type in offered}
    favourite = max(offered, key=lambda media_type: liked[media_type])
    if not liked[favourite]:
        raise NotAcceptable(f"this can be {', '.join(offered)}")
    return favourite


def liked_language(accept_language: str) -> Language:
    """Chinese or English, whichever is liked better; Chinese where nothing is said (RFC 9110, 12.5.4)."""
    ranges = [_range(each) for each in accept_language.split(",") if each.strip()]
    liking = dict.fromkeys(LANGUAGES, 0.0)
    for name, quality in ranges:
        for language in LANGUAGES:
            if name.partition("-")[0] in {language, "*"}:
                liking[language] = max(liking[language], quality)
    return max(LANGUAGES, key=lambda language: liking[language])


def _liking(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """From 0 to 1; the closest range decides."""
    for fits in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        found = [quality for name, quality in ranges if name == fits]
        if found:
            return max(found)
    return 0.0


def _range(stated: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in stated.split(";"))
    quality = 1.0
    for parameter in parameters:
        if parameter.startswith("q="):
            with suppress(ValueError):
                told = float(parameter.removeprefix("q="))
                quality = told if 0 <= told <= 1 else quality
    return name, quality
