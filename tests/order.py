"""Order of the tests among workers: what is slow is begun first.

A pytest plugin. xdist gives each worker a share of the tests, one after the other as collected, and
who has done his takes of the end of another's share. A test of minutes that came last there would
leave the other cores idle.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby, islice
from typing import Any

import pytest


@pytest.hookimpl(trylast=True)  # after pytest has put together what shares a fixture
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deal the tests marked slow over the beginnings of the workers' shares. Every worker comes to
    the same order."""
    if workers := getattr(config, "workerinput", {}).get("workercount"):
        items[:] = dealt(items, workers, lambda item: item.get_closest_marker("slow") is not None)


def dealt(items: list[Any], workers: int, slow: Callable[[Any], bool]) -> list[Any]:
    """The items with the slow ones, module by module, at the beginnings of equal shares."""
    first = [item for item in items if slow(item)]
    rest = iter([item for item in items if not slow(item)])
    hands: list[list[Any]] = [[] for _ in range(workers)]
    for number, (_, group) in enumerate(groupby(first, lambda item: item.path)):
        hands[number % workers].extend(group)
    order: list[Any] = []
    for number, hand in enumerate(hands):
        size = (len(items) - len(order)) // (workers - number)
        order += [*hand, *islice(rest, max(size - len(hand), 0))]
    return order + list(rest)
