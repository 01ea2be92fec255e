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
        items[:] = dealt(items, workers, lambda item, name: bool(item.get_closest_marker(name)))


def dealt(items: list[Any], workers: int, marked: Callable[[Any, str], bool]) -> list[Any]:
    """The items with the slow ones, module by module, at the beginnings of equal shares. Those that
    drive a browser all begin the first: Playwright keeps a loop of events running in its process,
    and most other tests run without one."""
    first = [item for item in items if marked(item, "slow")]
    rest = iter([item for item in items if not marked(item, "slow")])
    hands: list[list[Any]] = [[] for _ in range(workers)]
    turn = 0
    for _, group in groupby(first, lambda item: item.path):
        module = list(group)
        if marked(module[0], "browser"):
            hands[0] += module
        else:
            turn += 1
            hands[-1 - turn % max(workers - 1, 1)] += module
    order: list[Any] = []
    for number, hand in enumerate(hands):
        size = (len(items) - len(order)) // (workers - number)
        order += [*hand, *islice(rest, max(size - len(hand), 0))]
    return order + list(rest)
