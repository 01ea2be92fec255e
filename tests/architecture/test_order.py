"""Slow tests are begun first, whoever runs them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.order import dealt

TESTS = [
    SimpleNamespace(path=Path(f"test_{number // 10}.py"), number=number, slow=number % 10 in (3, 7))
    for number in range(1001)
]


@pytest.mark.parametrize("workers", [1, 2, 3, 5, 64])
def test_slow_tests_begin_the_shares_and_every_test_is_there_once(workers: int) -> None:
    order = dealt(TESTS, workers, lambda test: test.slow)
    assert sorted(test.number for test in order) == list(range(1001))
    rest, shares = list(order), []
    for number in range(workers):  # as xdist cuts them
        size = len(rest) // (workers - number)
        shares.append(rest[:size])
        rest = rest[size:]
    for share in shares:
        slow = [test.slow for test in share]
        assert slow == sorted(slow, reverse=True), "a slow test after a quick one"
        # two of each module, together as they stood
        assert all(
            a.path == b.path
            for a, b in zip(share[0::2], share[1::2], strict=False)
            if a.slow and b.slow
        )
    counts = [sum(test.slow for test in share) for share in shares]
    assert max(counts) - min(counts) <= 2
