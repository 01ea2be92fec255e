"""Slow tests are begun first, whoever runs them."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.order import dealt

TESTS = [
    SimpleNamespace(
        path=Path(f"test_{number // 10}.py"),
        number=number,
        slow=number % 10 in (3, 7),
        browser=100 <= number < 300,
    )
    for number in range(1001)
]


@pytest.mark.parametrize("workers", [1, 2, 3, 5])
def test_slow_tests_begin_the_shares_and_every_test_is_there_once(workers: int) -> None:
    order = dealt(TESTS, workers, getattr)
    assert sorted(test.number for test in order) == list(range(1001))
    rest, shares = list(order), []
    for number in range(workers):  # as xdist cuts them
        size = len(rest) // (workers - number)
        shares.append(rest[:size])
        rest = rest[size:]
    for share in shares:
        slow = [test.slow for test in share]
        assert slow == sorted(slow, reverse=True), "a slow test after a quick one"
        modules = [module for module, _ in groupby(share[: sum(slow)], lambda test: test.path)]
        assert len(modules) == len(set(modules)) == sum(slow) / 2, "a module torn apart"
    counts = [sum(test.slow and not test.browser for test in share) for share in shares]
    assert max(counts[-workers + 1 :]) - min(counts[-workers + 1 :]) <= 2
    assert sum(test.browser and test.slow for test in shares[0]) == 40, "the browser's elsewhere"
