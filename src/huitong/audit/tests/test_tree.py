"""The Merkle tree against the published vectors of RFC 6962 implementations, and against its own
definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitong.audit.rules import tree
from huitong.audit.rules.suites import SUITES, Suite

SHA256 = SUITES["sha256"]

#: inputs and roots used by the Certificate Transparency reference implementation
LEAVES = [
    bytes.fromhex(h)
    for h in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}


class Grown:
    """A tree in memory with every complete subtree kept, as the database keeps them."""

    def __init__(self, suite: Suite, entries: list[bytes]) -> None:
        self.suite, self.stored, self.roots = suite, {}, []
        frontier = tree.Frontier(suite)
        self.roots.append(frontier.root())
        for number, entry in enumerate(entries):
            self.stored[0, number] = suite.leaf(entry)
            self.stored.update(frontier.append(suite.leaf(entry)))
            self.roots.append(frontier.root())

    def prove(self, spans: list[tree.Span]) -> list[bytes]:
        return tree.hashes(self.suite, spans, lambda places: {p: self.stored[p] for p in places})


@pytest.fixture(scope="module")
def ledger() -> Grown:
    return Grown(SHA256, LEAVES)


def test_roots_are_those_of_rfc_6962(ledger: Grown) -> None:
    assert [root.hex() for root in ledger.roots] == ROOTS


@pytest.mark.parametrize(("leaf", "size"), INCLUSION)
def test_inclusion_proofs_are_those_of_rfc_6962(ledger: Grown, leaf: int, size: int) -> None:
    assert [h.hex() for h in ledger.prove(tree.inclusion(leaf, size))] == INCLUSION[leaf, size]


@pytest.mark.parametrize(("old", "size"), CONSISTENCY)
def test_consistency_proofs_are_those_of_rfc_6962(ledger: Grown, old: int, size: int) -> None:
    assert [h.hex() for h in ledger.prove(tree.consistency(old, size))] == CONSISTENCY[old, size]


def test_sm3_is_that_of_gb_t_32905() -> None:
    assert (
        SUITES["sm3"].digest(b"abc").hex()
        == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )


@pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.name)
@pytest.mark.parametrize("size", range(1, 18))
def test_every_proof_of_a_small_tree_holds_and_no_altered_one_does(suite: Suite, size: int) -> None:
    grown = Grown(suite, [b"%d" % n for n in range(size)])
    for leaf in range(size):
        proof = grown.prove(tree.inclusion(leaf, size))
        own = grown.stored[0, leaf]
        assert tree.root_by_inclusion(suite, leaf, size, own, proof) == grown.roots[size]
        for place in range(len(proof)):
            bad = [*proof[:place], suite.digest(proof[place]), *proof[place + 1 :]]
            assert tree.root_by_inclusion(suite, leaf, size, own, bad) != grown.roots[size]
        with pytest.raises(ValueError, match="hashes"):
            tree.root_by_inclusion(suite, leaf, size, own, [*proof, own])
    for old in range(1, size + 1):
        proof = grown.prove(tree.consistency(old, size))
        both = grown.roots[old], grown.roots[size]
        assert tree.roots_by_consistency(suite, old, size, grown.roots[old], proof) == both
        for place in range(len(proof)):
            bad = [*proof[:place], suite.digest(proof[place]), *proof[place + 1 :]]
            assert tree.roots_by_consistency(suite, old, size, grown.roots[old], bad) != both


@given(cut=st.integers(0, 300), size=st.integers(0, 300))
def test_a_tree_goes_on_from_its_frontier(cut: int, size: int) -> None:
    cut = min(cut, size)
    grown = Grown(SHA256, [b"%d" % n for n in range(size)])
    frontier = tree.Frontier(SHA256, cut, [grown.stored[place] for place in tree.places((0, cut))])
    for number in range(cut, size):
        for place, value in frontier.append(grown.stored[0, number]):
            assert grown.stored[place] == value
    assert frontier.root() == grown.roots[size]


def test_a_tree_cannot_be_asked_for_what_it_has_not() -> None:
    for wrong in (
        lambda: tree.inclusion(3, 3),
        lambda: tree.consistency(0, 3),
        lambda: tree.consistency(4, 3),
    ):
        with pytest.raises(ValueError, match="leaves"):
            wrong()
    with pytest.raises(ValueError, match="complete subtrees"):
        tree.Frontier(SHA256, 3, [b""])
