"""How much an entry is used, as the contexts above the catalog know (A20): whoever sees an entry
sees it."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Value

from huitong.kernel import manifest


def uses() -> Any:
    """The number of an entry, as an expression."""
    return reduce(add, (each.number() for each in manifest.uses()), Value(0))


def used_otherwise(since: datetime) -> set[int]:
    """Keys of the entries whose number may have changed since then."""
    return {pk for each in manifest.uses() for pk in each.changed(since)}
