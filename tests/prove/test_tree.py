"""The tree: the standard's own values, and no text passes for another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.prove import tree

# Entries and roots of the tests of RFC 6962's reference implementation.
ENTRIES = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize(("many", "root"), ROOTS.items())
def test_roots_are_those_of_the_standard(many: int, root: str) -> None:
    leaves = [tree.leaf(one) for one in ENTRIES[:many]]
    assert tree.root(leaves).hex() == root == grown(leaves).hex()


def grown(leaves: list[bytes]) -> bytes:
    growing = tree.Growing()
    for one in leaves:
        growing.add(one)
    assert growing.size == len(leaves)
    return growing.root()


@given(many=st.integers(1, 70), place=st.integers(0, 69), other=st.integers(0, 69), bit=st.integers(0, 255))
def test_what_is_in_it_is_shown_and_nothing_else(many: int, place: int, other: int, bit: int) -> None:
    leaves = [tree.leaf(bytes([one])) for one in range(many)]
    place, other = place % many, other % many
    along, top = tree.path(leaves, place), tree.root(leaves)
    assert grown(leaves) == top
    assert tree.included(leaves[place], place, many, along, top)
    assert tree.included(leaves[place], other, many, along, top) == (other == place)
    assert not tree.included(tree.leaf(b"another"), place, many, along, top)
    assert not tree.included(leaves[place], place, many, [*along, top], top)
    assert not tree.included(leaves[place], many, many, along, top)
    if along:
        changed = bytearray(along[0])
        changed[bit // 8] ^= 1 << bit % 8
        assert not tree.included(leaves[place], place, many, [bytes(changed), *along[1:]], top)
        assert not tree.included(leaves[place], place, many, along[1:], top)


def test_an_inner_hash_is_no_leaf() -> None:
    two = [tree.leaf(b"1"), tree.leaf(b"2")]
    assert tree.root(two) != tree.leaf(two[0] + two[1])
