"""What a consumer undertakes with a grant (A30): dated rows in `data/undertakings.csv`, printed on
its form, stamped, accepted by its manager on submitting, and kept with the grant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache

from huitong.kernel import shipped
from huitong.kernel.laws import HOME


@dataclass(frozen=True)
class Undertaking:
    """One text, under the law that asks for it."""

    in_force: date
    until: date | None
    code: str
    law: str
    article: str
    text: str
    note: str


@cache
def _rows() -> tuple[Undertaking, ...]:
    return tuple(
        Undertaking(*shipped.span(r), r["code"], r["law"], r["article"], r["text"], r["note"])
        for r in shipped.rows("access", "undertakings")
    )


def undertakings(laws: Collection[str], on: date) -> tuple[Undertaking, ...]:
    """What is undertaken on a day by whoever applies under these laws. The first law's goes on
    under every later one: the decree leaves the use for other purposes to the local rule."""
    return tuple(
        row
        for row in _rows()
        if row.law in {HOME, *laws} and shipped.stands(row.in_force, row.until, on)
    )
