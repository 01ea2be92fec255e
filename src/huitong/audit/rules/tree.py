"""The Merkle tree of RFC 6962: appending, roots, inclusion and consistency proofs.

A *span* ``(lo, hi)`` is the run of leaves from ``lo`` up to but not including ``hi``. Spans of
``2**level`` leaves at a multiple of that number are *complete*: their hash never changes again, so
they are stored as ``(level, index)``. Every proof is a list of spans, named by the same function
for who makes it and for who checks it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from huitong.audit.rules.suites import Suite

Span = tuple[int, int]
Place = tuple[int, int]  # (level, index) of a complete subtree; level 0 are the leaves


def places(span: Span) -> list[Place]:
    """The complete subtrees, left to right, that a span of the tree is made of: at most one for
    each level."""
    lo, hi = span
    result = []
    while lo < hi:
        level = (hi - lo).bit_length() - 1
        if lo:
            level = min(level, (lo & -lo).bit_length() - 1)
        result.append((level, lo >> level))
        lo += 1 << level
    return result


def fold(suite: Suite, hashes: Sequence[bytes]) -> bytes:
    """The hash over neighbouring subtrees, biggest first; of none at all, the hash of the empty
    tree."""
    if not hashes:
        return suite.digest(b"")
    node = hashes[-1]
    for left in reversed(hashes[:-1]):
        node = suite.node(left, node)
    return node


class Frontier:
    """The complete subtrees of the first ``size`` leaves: all that must be remembered to go on
    appending.

    Work and memory are logarithmic, whatever the size.
    """

    def __init__(self, suite: Suite, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if len(hashes) != size.bit_count():
            raise ValueError(
                f"a tree of {size} leaves has {size.bit_count()} complete subtrees,"
                f" not {len(hashes)}"
            )
        self.suite, self.size, self.hashes = suite, size, list(hashes)

    def append(self, leaf_hash: bytes) -> list[tuple[Place, bytes]]:
        """Add a leaf. Returns the subtrees of level 1 and above that it completed, lowest first."""
        completed, level, node = [], 0, leaf_hash
        while self.size >> level & 1:
            node = self.suite.node(self.hashes.pop(), node)
            level += 1
            completed.append(((level, self.size >> level), node))
        self.hashes.append(node)
        self.size += 1
        return completed

    def root(self) -> bytes:
        return fold(self.suite, self.hashes)


# -- proofs ----------------------------------------------------------------------------------------


def _halves(span: Span) -> tuple[Span, Span]:
    """Split a tree of n leaves after the largest power of two smaller than n (RFC 6962)."""
    lo, hi = span
    middle = lo + (1 << (hi - lo - 1).bit_length() - 1)
    return (lo, middle), (middle, hi)


def inclusion(leaf: int, size: int) -> list[Span]:
    """The spans whose hashes prove that a leaf stands in a tree of this size, lowest first (RFC
    6962, 2.1.1)."""
    if not 0 <= leaf < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {leaf}")
    span, proof = (0, size), []
    while span[1] - span[0] > 1:
        left, right = _halves(span)
        span, other = (left, right) if leaf < right[0] else (right, left)
        proof.append(other)
    return proof[::-1]


def consistency(old: int, size: int) -> list[Span]:
    """The spans whose hashes prove that a tree of this size only added to the old one (RFC 6962,
    2.1.2)."""
    if not 0 < old <= size:
        raise ValueError(f"a tree of {size} leaves cannot have grown from one of {old}")
    span, proof = (0, size), []
    while span[1] != old:
        left, right = _halves(span)
        span, other = (left, right) if old <= right[0] else (right, left)
        proof.append(other)
    if span[0]:  # else it is the old tree itself, whose root the checker has
        proof.append(span)
    return proof[::-1]


def hashes(
    suite: Suite, spans: Sequence[Span], stored: Callable[[list[Place]], dict[Place, bytes]]
) -> list[bytes]:
    """The hash of each span; ``stored`` is asked once for all complete subtrees wanted."""
    rows = [places(span) for span in spans]
    values = stored([place for row in rows for place in row])
    return [fold(suite, [values[place] for place in row]) for row in rows]


def root_by_inclusion(
    suite: Suite, leaf: int, size: int, leaf_hash: bytes, proof: Sequence[bytes]
) -> bytes:
    """The root this proof leads to; it proves something only if that is the signed root. Raises
    ValueError."""
    node = leaf_hash
    for span, other in _paired(inclusion(leaf, size), proof):
        node = suite.node(other, node) if span[1] <= leaf else suite.node(node, other)
    return node


def roots_by_consistency(
    suite: Suite, old: int, size: int, old_root: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """The old and the new root this proof leads to; both must be the signed ones. Raises
    ValueError."""
    hashes_by_span = dict(_paired(consistency(old, size), proof))
    if not any(span[1] == old for span in hashes_by_span):
        hashes_by_span[0, old] = old_root

    def hash_of(span: Span) -> bytes:
        if span in hashes_by_span:
            return hashes_by_span[span]
        left, right = _halves(span)
        return suite.node(hash_of(left), hash_of(right))

    return fold(
        suite, [hashes_by_span[span] for span in sorted(hashes_by_span) if span[1] <= old]
    ), hash_of((0, size))


def _paired(spans: Sequence[Span], proof: Sequence[bytes]) -> Iterator[tuple[Span, bytes]]:
    if len(spans) != len(proof):
        raise ValueError(f"the proof has {len(proof)} hashes where {len(spans)} are needed")
    return zip(spans, proof, strict=True)
