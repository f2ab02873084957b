"""What may be attached: what a file is said to be and how it begins must agree."""

from __future__ import annotations

import pytest

from application.files.kinds import BEGINNINGS, TYPES, FileRules, WrongFileType

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 "
WAVE = b"RIFF\x24\x00\x00\x00WAVEfmt "
MP4 = b"\x00\x00\x00\x18ftypmp42"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("said", "beginning", "is_one"),
    [
        ("image/jpeg", JPEG, "image/jpeg"),
        ("IMAGE/JPEG; q=1", JPEG, "image/jpeg"),
        ("", JPEG, "image/jpeg"),
        ("application/octet-stream", WEBP, "image/webp"),
        ("audio/wav", WAVE, "audio/wav"),
        ("video/mp4", MP4, "video/mp4"),
        (DOCX, b"PK\x03\x04\x14\x00", DOCX),
        ("text/plain; charset=gb18030", "故障 E-07".encode("gb18030"), "text/plain"),
        ("application/json", b'{"code": "E-07"}', "application/json"),
    ],
)
def test_what_agrees_is_taken(said: str, beginning: bytes, is_one: str) -> None:
    assert FileRules().type_of(said, beginning) == is_one


@pytest.mark.parametrize(
    ("said", "beginning", "why"),
    [
        ("image/png", JPEG, "does not begin as one"),
        ("image/webp", WAVE, "does not begin as one"),
        ("text/plain", JPEG, "does not begin as one"),
        ("text/plain", b"MZ\x90\x00\x03", "does not begin as one"),
        ("image/jpeg", b"", "does not begin as one"),
        ("text/html", b"<html>", "text/html is not taken"),
        ("image/svg+xml", b"<svg>", "image/svg\\+xml is not taken"),
        ("", b"log of the boiler", "how it begins does not say"),
    ],
)
def test_what_does_not_is_refused(said: str, beginning: bytes, why: str) -> None:
    with pytest.raises(WrongFileType, match=why):
        FileRules().type_of(said, beginning)


def test_an_installation_may_take_less() -> None:
    photos = FileRules(types=("image/jpeg",))
    assert photos.type_of("", JPEG) == "image/jpeg"
    with pytest.raises(WrongFileType, match=r"these are taken: image/jpeg$"):
        photos.must_take("application/pdf")
    with pytest.raises(WrongFileType, match="how it begins"):
        photos.type_of("", b"%PDF-1.7")


def test_nothing_that_a_browser_runs_is_taken() -> None:
    assert not [name for name in TYPES if "html" in name or "script" in name or "svg" in name]
    assert all(BEGINNINGS.values())
