"""Which of all published entries are nearest to one, by the pairs of characters of their names and
by the items they share (一数一源, A10): all of them held in memory, while each is compared with all.

Entries are numbered from 0 as they come. A set of them is one whole number, a bit each: what many
names have in common is counted for all entries at once. Of one entry alone the database is asked,
`queries.neighbours`, which finds the same.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from huitong.catalog.rules.checks.similar import LIKE_NAME, core, grams, telling
from huitong.catalog.rules.facts import Neighbour

#: so many by name, and so many by items, are looked at closely
MOST = 20
#: an item of so many entries is of no one's data
OFTEN = 400
#: pairs whose entries are kept as one number: those that come again soon
PIECES = 2048


def fewest_pairs(pairs: int) -> int:
    """So many pairs of a name's another must have to be looked at."""
    return max(int(pairs * LIKE_NAME / 2), 1)


def fewest_items(items: int) -> int:
    """So many of the rare items another must have to be looked at; fewer than two tell nothing."""
    return max(items // 4, 2)


class Neighbourhood:
    """The published entries, added in the order of their versions, then asked."""

    def __init__(self) -> None:
        self._rows: list[Neighbour] = []
        self._owners: list[int] = []
        self._numbers: dict[int, int] = {}
        #: what is not shared is nobody else's to know of (A8): by its owner
        self._withheld: dict[int, int] = {}
        self._named: dict[str, array[int]] = {}
        self._holding: dict[str, array[int]] = {}
        self._often: set[str] = set()
        self._bits = lru_cache(PIECES)(self._as_bits)

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: Neighbour, owner: int, *, withheld: bool) -> None:
        """Add an entry of a body; ``withheld``: it is not shared."""
        number = len(self._rows)
        self._rows.append(row)
        self._owners.append(owner)
        self._numbers[row.entry] = number
        if withheld:
            self._withheld[owner] = self._withheld.get(owner, 0) | 1 << number
        # in the name as it stands, as the database looks for them
        for pair in grams(row.name):
            self._named.setdefault(pair, array("I")).append(number)
        for item in set(row.items) - self._often:
            if not telling([item]):
                continue
            holders = self._holding.setdefault(item, array("I"))
            holders.append(number)
            if len(holders) > OFTEN:
                self._often.add(item)
                del self._holding[item]

    def near(self, entry: int, owner: int, name: str, items: Sequence[str]) -> list[Neighbour]:
        """Those nearest to an entry of a body, which says this, in the order of their versions."""
        visible = self._visible(entry, owner)
        numbers = {*self._by_name(name, visible), *self._by_items(items, visible)}
        return [self._rows[number] for number in sorted(numbers)]

    # -- inside ------------------------------------------------------------------------------------

    def _visible(self, entry: int, owner: int) -> int:
        """Whom an entry is compared with: all but itself and what others withhold."""
        withheld = sum(bits for body, bits in self._withheld.items() if body != owner)
        own = self._numbers.get(entry)
        itself = 0 if own is None else 1 << own
        return ((1 << len(self._rows)) - 1) & ~withheld & ~itself

    def _by_name(self, name: str, visible: int) -> list[int]:
        pairs = grams(core(name))
        return most_common(map(self._bits, pairs), visible, fewest_pairs(len(pairs)), MOST)

    def _by_items(self, items: Sequence[str], visible: int) -> list[int]:
        rare = [item for item in dict.fromkeys(items) if item in self._holding]
        least = fewest_items(sum(1 for i in dict.fromkeys(items) if self._is_rare(i)))
        common = Counter(number for item in rare for number in self._holding[item])
        numbers = [n for n, times in common.items() if times >= least and visible >> n & 1]
        return sorted(numbers, key=lambda n: (-common[n], -n))[:MOST]

    def _is_rare(self, item: str) -> bool:
        return item not in self._often and bool(telling([item]))

    def _as_bits(self, piece: str) -> int:
        """The entries with this in their name; of a name of one character that character."""
        bits = bytearray(len(self._rows) // 8 + 1)
        numbers: Iterable[int] = self._named.get(piece, ())
        if len(piece) == 1:
            numbers = (n for n, row in enumerate(self._rows) if piece in row.name)
        for number in numbers:
            bits[number >> 3] |= 1 << (number & 7)
        return int.from_bytes(bits, "little")


def most_common(sets: Iterable[int], within: int, fewest: int, most: int) -> list[int]:
    """The numbers that lie in the most of these sets of numbers, in so many at least: those in more
    sets first, then the lower ones.

    >>> most_common([0b0111, 0b0110, 0b1010], within=0b1111, fewest=2, most=9)
    [1, 2]
    """
    #: how often each number occurred, digit by digit: the n-th digit of all of them in one
    digits: list[int] = []
    times = 0
    for bits in sets:
        times += 1
        carry = bits & within
        for n, digit in enumerate(digits):
            digits[n], carry = digit ^ carry, digit & carry
        if carry:
            digits.append(carry)
    result: list[int] = []
    for count in range(times, fewest - 1, -1):
        those = within if count < 1 << len(digits) else 0
        for n, digit in enumerate(digits):
            those &= digit if count >> n & 1 else ~digit
        for number in _members(those):
            if len(result) == most:
                return result
            result.append(number)
    return result


def _members(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
