"""Notes, keys and checkpoints are those of C2SP: what others published verifies, and nothing else does."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from application.log.tree.notes import (
    COSIGNATURE,
    BadNote,
    Checkpoint,
    Note,
    Signature,
    VerifierKey,
    signed,
    verifier_key,
)

NEUMANN = VerifierKey.of("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
NEUMANN_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
NEUMANN_SAID = """\
If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
"""The example of golang.org/x/mod/sumdb/note."""

EXAMPLE = VerifierKey.of("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
EXAMPLE_SAID = """\
This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""
"""The example of C2SP signed-note."""

ARCHE = VerifierKey.of(
    "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
)
REMORA = VerifierKey.of("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")
SEEN = """\
arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev \
zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev \
ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— remora.n621.de \
2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
"""
"""What a log said that others run, with the cosignature of a witness."""


class TestWhatOthersSigned:
    @pytest.mark.parametrize(
        ("note", "key"), [(NEUMANN_SAID, NEUMANN), (EXAMPLE_SAID, EXAMPLE), (SEEN, ARCHE), (SEEN, REMORA)]
    )
    def test_holds_with_their_key_and_no_other(self, note: str, key: VerifierKey) -> None:
        read = Note.of(note)
        assert [found for found, _ in read.signed_by([key])] == [key]
        assert str(read) == note
        other = replace(key, public=verifier_key(key.name, Ed25519PrivateKey.generate()).public)
        with pytest.raises(BadNote, match="no signature"):
            read.signed_by([other])

    def test_a_witness_says_when(self) -> None:
        ((key, signature),) = Note.of(SEEN).signed_by([REMORA])
        assert (key.algorithm, signature.time) == (COSIGNATURE, 1779573024)
        later = replace(signature, value=(signature.time + 1).to_bytes(8, "big") + signature.value[8:])
        assert not REMORA.holds(later, Note.of(SEEN).text)

    def test_is_signed_by_us_in_the_same_bytes(self) -> None:
        text = Note.of(NEUMANN_SAID).text
        private = Ed25519PrivateKey.from_private_bytes(NEUMANN_SEED)
        assert verifier_key("PeterNeumann", private) == NEUMANN
        assert str(Note(text, (signed(text, "PeterNeumann", private),))) == NEUMANN_SAID

    def test_a_checkpoint_is_read_and_written(self) -> None:
        said = Checkpoint.of(Note.of(SEEN).text)
        assert (said.origin, said.size, said.extensions) == (ARCHE.name, 1432088532, ())
        assert said.root.hex() == "53b58cefd8ebcf2846679fc65014e933b373c1dc9f171eb5b77468be0702e11a"
        assert str(said) == Note.of(SEEN).text


class TestWhatIsRefused:
    def test_another_text_under_a_known_key(self) -> None:
        with pytest.raises(BadNote, match="wrong"):
            Note.of(NEUMANN_SAID.replace("answer", "cause")).signed_by([NEUMANN])

    def test_a_wrong_signature_beside_a_right_one(self) -> None:
        note = Note.of(NEUMANN_SAID)
        with pytest.raises(BadNote, match="wrong"):
            Note(note.text, (*note.signatures, Signature(NEUMANN.name, NEUMANN.id, bytes(64)))).signed_by(
                [NEUMANN]
            )

    def test_a_signature_that_is_too_short(self) -> None:
        assert not REMORA.holds(Signature(REMORA.name, REMORA.id, b"\0"), "text\n")

    @pytest.mark.parametrize(
        "note",
        [
            "",
            "text\n",
            "text\n\n",
            NEUMANN_SAID[:-1],
            NEUMANN_SAID.replace("—", "-"),
            NEUMANN_SAID.replace("\n\n", "\n"),
            NEUMANN_SAID.replace("problem", "prob\tlem"),
            NEUMANN_SAID.replace("AM=", "AN="),
            NEUMANN_SAID + "\n",
            "text\n\n" + NEUMANN_SAID.splitlines(keepends=True)[-1] * 101,
            "x" * 1_000_001,
        ],
    )
    def test_what_is_no_note(self, note: str) -> None:
        with pytest.raises(BadNote):
            Note.of(note)

    @pytest.mark.parametrize(
        "key",
        [
            "PeterNeumann",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
            "PeterNeumann+c74f20a3+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+====",
        ],
    )
    def test_what_is_no_key(self, key: str) -> None:
        with pytest.raises(BadNote):
            VerifierKey.of(key)

    @pytest.mark.parametrize(
        "text",
        [
            "log\n1\n",
            "log\n01\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
            "log\n-1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
            "log\n1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=",
            "log\n1\nU7WM\n",
            "\n1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
            "log\n1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\n",
        ],
    )
    def test_what_is_no_checkpoint(self, text: str) -> None:
        with pytest.raises(BadNote):
            Checkpoint.of(text)


names = st.text(
    st.characters(codec="utf-8", exclude_characters="+", exclude_categories=("C", "Z")), min_size=1
)
lines = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), min_size=1)


@given(names, lines, st.integers(0, 2**63), st.binary(min_size=32, max_size=32), st.lists(lines, max_size=2))
def test_what_is_written_is_read_back(
    name: str, origin: str, size: int, root: bytes, more: list[str]
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(root)
    checkpoint = Checkpoint(origin, size, root, tuple(more))
    note = Note(str(checkpoint), (signed(str(checkpoint), name, private),))
    key = VerifierKey.of(str(verifier_key(name, private)))
    read = Note.of(str(note))
    assert [found for found, _ in read.signed_by([key])] == [key]
    assert Checkpoint.of(read.text) == checkpoint
