"""One test of many things: thousands of tests of a millisecond each cost a run more in being told
apart than in being run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def each(values: Iterable[Any]) -> Callable[[Callable[[Any], None]], Callable[[], None]]:
    """``@each(FILES)`` makes a test of one value that of all, which names every one that fails."""
    many = list(values)

    def decorate(test: Callable[[Any], None]) -> Callable[[], None]:
        def of_all() -> None:
            assert many, "nothing to test"
            faults = []
            for value in many:
                try:
                    test(value)
                except AssertionError as fault:
                    faults.append(f"{value}: {fault}")
            assert not faults, f"{len(faults)} of {len(many)}:\n" + "\n\n".join(faults)

        of_all.__name__, of_all.__doc__ = test.__name__, test.__doc__
        of_all.__module__, of_all.__qualname__ = test.__module__, test.__qualname__
        return of_all

    return decorate
