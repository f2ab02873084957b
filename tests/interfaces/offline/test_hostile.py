"""Whatever stands in a bundle, the verifier says one clear line and ends."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interfaces.bundles.contents import packed
from interfaces.offline import verify
from tests.interfaces.offline.invented import carrying, refusal

BUNDLE = carrying()
FILES = verify.unpack(BUNDLE)


def told(content: bytes) -> str:
    """Why it is not proven; empty when it is. Anything but these two is a defect."""
    why = ""
    try:
        found = verify.unpack(content)
        verify.prove_page(found, verify.prove(found))
    except verify.NotProven as error:
        why = str(error)
    assert len(why) < 400
    return why


@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    assert told(content)
    assert told(content + BUNDLE[-22:])


@given(st.integers(0, len(BUNDLE) - 1))
def test_a_bundle_that_was_cut(length: int) -> None:
    assert told(BUNDLE[:length])


@given(st.integers(0, len(BUNDLE) - 1), st.integers(1, 255))
@settings(max_examples=300)
def test_a_bundle_with_a_flipped_byte_is_refused_or_says_the_same(at: int, by: int) -> None:
    content = bytearray(BUNDLE)
    content[at] ^= by
    if not told(bytes(content)):
        assert verify.unpack(bytes(content)) == FILES  # it was in what a zip says besides


JUNK = (
    st.binary(max_size=100)
    | st.text(max_size=100).map(str.encode)
    | st.sampled_from(
        [b"", b"null", b"[]", b"{}", b"[" * 20_000, b"9" * 5000, b"\xff\xfe{\0}\0", b"\n\n", b"\0" * 99]
    )
)


@given(st.sampled_from(sorted(FILES)), JUNK)
@settings(max_examples=200)
def test_a_file_that_is_something_else(name: str, content: bytes) -> None:
    assert refusal(FILES | {name: content})


@given(st.sampled_from(sorted(FILES)), st.data())
@settings(max_examples=300)
def test_a_file_with_a_changed_place(name: str, data: st.DataObject) -> None:
    was = FILES[name]
    start = data.draw(st.integers(0, len(was)))
    end = data.draw(st.integers(start, min(start + 20, len(was))))
    now = was[:start] + data.draw(JUNK) + was[end:]
    if now != was and not refusal(FILES | {name: now}):
        assert name == verify.MANIFEST  # of which only the meaning counts


TYPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from(["form", "about", "id", "signed_at", "utc_offset"]), TYPES)
def test_a_manifest_with_a_wrong_type(field: str, value: object) -> None:
    manifest = json.loads(FILES[verify.MANIFEST]) | {field: value}
    assert refusal(FILES | {verify.MANIFEST: json.dumps(manifest).encode()})


@pytest.mark.parametrize("value", ["null", "[]", '"x"', '{"a":1}', '{"a":null}', "7"])
def test_a_manifest_that_does_not_say_why_files_are_left_out(value: str) -> None:
    manifest = FILES[verify.MANIFEST].replace(b"{", f'{{"left_out":{value},'.encode(), 1)
    told = refusal(FILES | {verify.MANIFEST: manifest})
    assert told == "bundle.json cannot be read: it does not say why files are left out"


def zipped(*entries: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip as it comes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def as_encrypted(content: bytes) -> bytes:
    """A zip that says of its first file that it is encrypted."""
    at = content.index(b"PK\x01\x02") + 8
    return content[:at] + b"\x01" + content[at + 1 :]


def as_larger(content: bytes) -> bytes:
    """A zip that says it holds as many files as it can."""
    return content[:-14] + struct.pack("<HH", 0xFFFF, 0xFFFF) + content[-10:]


HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it does not end as a plain zip does"),
    "no files": (zipped(), "bundle.json is missing"),
    "commented": (BUNDLE[:-2] + b"\x01\x00x", "it does not end as a plain zip does"),
    "bomb in a small file": (zipped((verify.KEYS, b"0" * 10**7)), "keys is too large"),
    "out of its folder": (zipped(("../key", b"")), "../key has no place in one"),
    "absolute": (zipped(("/etc/passwd", b"")), "/etc/passwd has no place in one"),
    "a folder": (zipped(("events/", b"")), "events/ has no place in one"),
    "a short position": (zipped(("events/3.sealed", b"")), "events/3.sealed has no place in one"),
    "a long position": (zipped((f"events/{0:019d}.sealed", b"")), "has no place in one"),
    "other digits": (zipped((f"events/{'٣' * 12}.sealed", b"")), "has no place in one"),
    "a long name": (zipped(("x" * 60_000, b"")), "xxx has no place in one"),
    "a short digest": (zipped(("files/sha256-0a", b"")), "files/sha256-0a has no place in one"),
    "capital digits": (zipped((f"files/sha256-{'A' * 64}", b"")), "has no place in one"),
    "a file's own name": (zipped(("files/photo.jpg", b"")), "files/photo.jpg has no place in one"),
    "hidden name": (zipped(("key\u202e", b"")), "key[U+202E] has no place in one"),
    "uncommon packing": (
        zipped((verify.KEYS, b""), compression=zipfile.ZIP_LZMA),
        "packed in an unusual way",
    ),
    "encrypted": (as_encrypted(zipped((verify.KEYS, b"x"))), "keys is encrypted"),
    "too many": (as_larger(BUNDLE), "its list of files is too long"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_zip(kind: str) -> None:
    content, said = HOSTILE[kind]
    assert said in told(content)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice() -> None:
    assert "it holds keys twice" in told(zipped((verify.KEYS, b"1"), (verify.KEYS, b"2")))


def test_a_bomb_is_not_unpacked_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "MOST_BYTES", 100_000)
    bomb = zipped((verify.INDEX, b"\0" * 99_000), (verify.event_name(1, verify.SEALED), b"\0" * 10**7))
    assert len(bomb) < 100_000
    assert "events/000000000001.sealed is too large" in told(bomb)
    large = zipped((verify.file_name("0" * 64), b"\0" * 10**7))
    assert "is too large" in told(large)


def test_a_file_without_end_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(verify.MOST_BYTES + 1)
    with pytest.raises(verify.NotProven, match="this is larger than"):
        verify.verify(tmp_path / "sparse")


THIRD, ITS_PROOF = verify.event_name(3, verify.SEALED), verify.event_name(3, verify.PROOF)
NUMBERS: dict[str, tuple[str, bytes, bytes, str]] = {
    "size": ("checkpoint", b"\n20\n", b"\n" + b"9" * 30 + b"\n", "checkpoint cannot be read"),
    "index": (ITS_PROOF, b"index 2", b"index 02", "position 3: its proof cannot be read"),
    "length": (THIRD, b"\0\0\0\x08", b"\xff\xff\xff\xfe", "position 3: these bytes are not an event"),
    "time": (THIRD, b"\0\x06L", b"\x7f\x06L", "position 3: these bytes are not an event: occurred_at is not"),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_an_unreasonable_number(kind: str) -> None:
    name, was, now, said = NUMBERS[kind]
    assert was in FILES[name]
    assert told(packed(FILES | {name: FILES[name].replace(was, now)})).startswith(said)
