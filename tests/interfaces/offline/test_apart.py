"""The offline verifier and the service, written apart, agree: on right things and on wrong ones."""

from __future__ import annotations

import contextlib
from dataclasses import astuple
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.log.sealing import leaf_hash, sealed_bytes
from application.log.tree import merkle, notes
from interfaces.bundles.contents import Sealed, proof
from interfaces.offline import verify
from tests.application.log.test_sealing import vectors
from tests.interfaces.offline.invented import KEY, LOG, ORIGIN, WATCHING, WITNESS, path

NUMBERS = st.integers(-(2**63), 2**63 - 1)
TIMES = st.datetimes(timezones=st.just(verify.UTC))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
ROWS = st.tuples(
    NUMBERS, st.uuids(), NUMBERS, TEXTS, NUMBERS, st.binary(), TIMES, TIMES, TEXTS, st.none() | TEXTS,
    st.uuids(), st.none() | st.uuids(), st.none() | TEXTS,
)  # fmt: skip


@given(ROWS)
def test_what_the_service_seals_the_verifier_reads(row: tuple[Any, ...]) -> None:
    sealed = sealed_bytes(*row)
    assert astuple(verify.unseal(sealed)) == row
    assert verify.leaf_hash(sealed) == leaf_hash(sealed)


@given(ROWS, st.data())
def test_no_other_bytes_are_the_same_event(row: tuple[Any, ...], data: st.DataObject) -> None:
    sealed = sealed_bytes(*row)
    start = data.draw(st.integers(0, len(sealed)))
    end = data.draw(st.integers(start, len(sealed)))
    other = sealed[:start] + data.draw(st.binary(max_size=8)) + sealed[end:]
    with contextlib.suppress(ValueError):
        assert (astuple(verify.unseal(other)) == row) == (other == sealed)


def test_the_published_events_are_read() -> None:
    for row, sealed, leaf, _ in vectors():
        assert astuple(verify.unseal(sealed)) == row
        assert verify.leaf_hash(sealed) == leaf


HASHES = st.binary(min_size=32, max_size=32)


@given(st.lists(HASHES, min_size=1, max_size=70, unique=True), st.data())
def test_inclusion_proofs_are_believed_alike(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    root, way = merkle.root(leaves), path(index, leaves)
    assert verify.root_of(leaves[index], index, len(leaves), way) == root
    claimed, size = data.draw(st.integers(-1, 72)), data.draw(st.integers(0, 72))
    other = data.draw(
        st.permutations(way) | st.just(way[:-1]) | st.lists(HASHES, max_size=8).map(way.__add__)
    )
    assert (verify.root_of(leaves[index], claimed, size, other) == root) == merkle.verify_inclusion(
        leaves[index], claimed, size, other, root
    )


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="+"), min_size=1
)


@given(NAMES, st.binary(min_size=32, max_size=32), st.sampled_from([notes.ED25519, notes.COSIGNATURE]))
def test_keys_are_read_alike(name: str, public: bytes, algorithm: int) -> None:
    key = notes.VerifierKey(name, public, algorithm)
    read = verify.Key.of(str(key))
    assert (read.name, read.kind, read.public) == (name, algorithm, public)
    assert (read.id, read.fingerprint, read.vkey) == (key.id, key.fingerprint, str(key))


@given(st.text(max_size=40).map(lambda text: text + "\n"), st.integers(0, 3), st.data())
def test_notes_are_read_alike_whole_or_broken(text: str, signatures: int, data: st.DataObject) -> None:
    note = notes.Note(text, (notes.signed(text, ORIGIN, LOG),) * signatures)
    written = str(note)
    start = data.draw(st.integers(0, len(written)))
    end = data.draw(st.integers(start, len(written)))
    for each in (written, written[:start] + data.draw(st.text(max_size=3)) + written[end:]):
        theirs = _or_nothing(lambda each=each: notes.Note.of(each))
        ours = _or_nothing(lambda each=each: verify.Note.of(each.encode()))
        assert (ours is None) == (theirs is None)
        if ours is not None and theirs is not None:
            assert ours.text == theirs.text
            assert [*ours.signatures] == [(one.name, one.key_id, one.value) for one in theirs.signatures]


def _or_nothing(read: Any) -> Any:
    try:
        return read()
    except ValueError:
        return None


@given(
    NAMES.filter(str.isprintable), st.integers(0, 10**19 - 1), HASHES, st.lists(st.just("more"), max_size=2)
)
def test_checkpoints_are_read_alike(origin: str, size: int, root: bytes, more: list[str]) -> None:
    text = str(notes.Checkpoint(origin, size, root, tuple(more)))
    assert astuple(verify.Checkpoint.of(text)) == (origin, size, root)


@pytest.mark.parametrize(
    "text",
    ["", "a\n1\n", "a\n01\nx\n", "a\n1\nAA==\n", "\n1\n" + "A" * 43 + "=\n", "a\n1\n" + "A" * 43 + "=\n\n"],
)
def test_what_is_no_checkpoint_is_none_for_both(text: str) -> None:
    assert _or_nothing(lambda: notes.Checkpoint.of(text)) is None
    assert _or_nothing(lambda: verify.Checkpoint.of(text)) is None


@given(st.lists(HASHES, max_size=64), st.integers(1, 2**63 - 1))
def test_a_proof_that_is_written_is_read(path: list[bytes], position: int) -> None:
    written = proof(Sealed(position, b"", path), b"checkpoint\n")
    assert verify.read_proof(written) == (position - 1, path, b"checkpoint\n")
    extra = written.replace(b"index", b"extra AAAA\nindex", 1)
    assert verify.read_proof(extra) == verify.read_proof(written)


def test_signatures_hold_alike() -> None:
    for key, private, text in ((KEY, LOG, "text\n"), (WITNESS, WATCHING, "cosignature/v1\ntime 1\ntext\n")):
        ours, made = verify.Key.of(str(key)), private.sign(text.encode())
        assert ours.signed(made, text.encode())
        assert not ours.signed(made, b"other\n")
        assert not ours.signed(made[:-1], text.encode())
