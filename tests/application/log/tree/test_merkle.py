"""The tree is the one of RFC 6962 and RFC 9162: published vectors hold, and what is proven is so."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.log.sealing import leaf_hash
from application.log.tree.merkle import (
    EMPTY,
    CompactRange,
    Span,
    Subtree,
    consistency_path,
    inclusion_path,
    joined,
    root,
    subtrees,
    verify_consistency,
    verify_inclusion,
)

ENTRIES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
LEAVES = [leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]
"""The eight entries of the test data of Certificate Transparency, which many implementations share."""

ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Of the trees of none, one, two … eight of them."""

INCLUSION = {
    (0, 1): (),
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}

CONSISTENCY = {
    (1, 1): (),
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}

trees = st.integers(1, 700)


def leaves(size: int) -> list[bytes]:
    """So many different leaf hashes."""
    return [sha256(b"%d" % index).digest() for index in range(size)]


def proof(of: list[Span], over: list[bytes]) -> list[bytes]:
    """The roots of the spans."""
    return [root(over[span.begin : span.end]) for span in of]


def by_the_book(over: list[bytes]) -> bytes:
    """The root as RFC 9162 defines it (2.1.1): split, and again."""
    if len(over) <= 1:
        return over[0] if over else EMPTY
    middle = 1
    while middle * 2 < len(over):
        middle *= 2
    return sha256(b"\x01" + by_the_book(over[:middle]) + by_the_book(over[middle:])).digest()


class TestPublishedVectors:
    @pytest.mark.parametrize("size", range(9))
    def test_roots(self, size: int) -> None:
        assert root(LEAVES[:size]).hex() == ROOTS[size]

    @pytest.mark.parametrize(("index", "size"), INCLUSION)
    def test_inclusion(self, index: int, size: int) -> None:
        told = [bytes.fromhex(sibling) for sibling in INCLUSION[index, size]]
        assert proof(inclusion_path(index, size), LEAVES) == told
        assert verify_inclusion(LEAVES[index], index, size, told, bytes.fromhex(ROOTS[size]))

    @pytest.mark.parametrize(("old", "new"), CONSISTENCY)
    def test_consistency(self, old: int, new: int) -> None:
        told = [bytes.fromhex(sibling) for sibling in CONSISTENCY[old, new]]
        assert proof(consistency_path(old, new), LEAVES) == told
        assert verify_consistency(old, new, told, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]))


class TestTheTree:
    @given(st.lists(st.integers(0, 300), max_size=6))
    def test_grown_step_by_step_is_the_one_made_at_once(self, steps: list[int]) -> None:
        all_of_them, tree, told = leaves(sum(steps)), CompactRange(), dict[Subtree, bytes]()
        for step in steps:
            tree = tree.extended(all_of_them[tree.size : tree.size + step], told.__setitem__)
        assert tree.root() == by_the_book(all_of_them)
        assert told == {
            Subtree(8, tile): by_the_book(all_of_them[tile * 256 : tile * 256 + 256])
            for tile in range(len(all_of_them) // 256)
        }

    def test_tells_of_the_higher_subtrees_after_those_below(self) -> None:
        told: list[Subtree] = []
        some = leaves(1)
        tree = CompactRange().extended(some * (256 * 256), lambda subtree, _: told.append(subtree))
        assert told[-2:] == [Subtree(8, 255), Subtree(16, 0)]
        assert (len(told), len(tree.hashes)) == (257, 1)

    @given(trees, st.data())
    def test_a_span_of_a_proof_is_made_of_whole_subtrees(self, size: int, data: st.DataObject) -> None:
        over = leaves(size)
        for span in inclusion_path(data.draw(st.integers(0, size - 1)), size):
            whole = [Span(number << level, number + 1 << level) for level, number in subtrees(span)]
            assert [whole[0].begin, whole[-1].end] == [*span]
            assert joined(proof(whole, over)) == by_the_book(over[span.begin : span.end])


class TestProofs:
    @given(trees, st.data())
    def test_of_inclusion_hold_and_altered_ones_do_not(self, size: int, data: st.DataObject) -> None:
        over = leaves(size)
        index = data.draw(st.integers(0, size - 1))
        told, top = proof(inclusion_path(index, size), over), root(over)
        assert verify_inclusion(over[index], index, size, told, top)
        assert not verify_inclusion(leaf_hash(b"else"), index, size, told, top)
        assert not verify_inclusion(over[index], index, size, told, leaf_hash(b"else"))
        assert not verify_inclusion(over[index], index, size, [*told, EMPTY], top)
        assert not verify_inclusion(over[index], size, size, told, top)
        assert not verify_inclusion(over[index], -1, size, told, top)
        if size > 1:
            other = data.draw(st.integers(0, size - 1).filter(lambda other: other != index))
            assert not verify_inclusion(over[index], other, size, told, top)
            assert not verify_inclusion(over[index], index, size, told[:-1], top)
            at = data.draw(st.integers(0, len(told) - 1))
            assert not verify_inclusion(over[index], index, size, altered(told, at), top)

    @given(trees, st.data())
    def test_of_consistency_hold_and_altered_ones_do_not(self, new: int, data: st.DataObject) -> None:
        over = leaves(new)
        old = data.draw(st.integers(0, new))
        told, was, now = proof(consistency_path(old, new), over), root(over[:old]), root(over)
        assert verify_consistency(old, new, told, was, now)
        assert not verify_consistency(old, new, told, leaf_hash(b"else"), now)
        assert not verify_consistency(old, new, [*told, EMPTY], was, now)
        assert not verify_consistency(new + 1, new, told, was, now)
        assert not verify_consistency(-1, new, told, was, now)
        if 0 < old < new:
            assert not verify_consistency(old, new, told, was, leaf_hash(b"else"))
            assert not verify_consistency(old, new, told[:-1], was, now)
            assert not verify_consistency(old, new, [], was, now)
            at = data.draw(st.integers(0, len(told) - 1))
            assert not verify_consistency(old, new, altered(told, at), was, now)

    def test_of_a_tree_that_is_none_are_refused(self) -> None:
        with pytest.raises(ValueError, match="no leaf 3"):
            inclusion_path(3, 3)
        with pytest.raises(ValueError, match="begin with"):
            consistency_path(4, 3)


def altered(hashes: list[bytes], at: int) -> list[bytes]:
    """The same with one bit turned."""
    turned = bytes([hashes[at][0] ^ 1]) + hashes[at][1:]
    return [*hashes[:at], turned, *hashes[at + 1 :]]
