"""Checks of `huitong doctor`: each yields findings, each finding that is not right carries its
remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass

GOOD, NOTE, BROKEN = "good", "note", "broken"


@dataclass(frozen=True)
class Finding:
    """One result of a check. ``state`` is good, note (works, but read this) or broken."""

    name: str
    state: str
    detail: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def good(name: str, detail: str) -> Finding:
    return Finding(name, GOOD, detail)


def note(name: str, detail: str, remedy: str) -> Finding:
    return Finding(name, NOTE, detail, remedy)


def broken(name: str, detail: str, remedy: str) -> Finding:
    return Finding(name, BROKEN, detail, remedy)


Check = Callable[[], Iterable[Finding]]


def examine(checks: Iterable[Check]) -> Iterator[Finding]:
    """Run the checks in order. A check that itself fails is a finding, not the end of the
    examination."""
    for check in checks:
        try:
            yield from check()
        # the doctor looks at broken things: any failure is what it is here for
        except Exception as error:
            name = check.__name__.replace("_", " ")
            yield broken(
                name,
                f"could not be examined: {type(error).__name__}: {error}",
                "see the detail; then run again",
            )
