"""Pages of the API's lists: ``limit`` and ``offset``, answered with ``items`` and ``count``.

Ninja's own paging with our bounds; ``NINJA_PAGINATION_CLASS`` makes it what ``@paginate`` takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from ninja import Field, Schema
from ninja.pagination import LimitOffsetPagination


class Page(LimitOffsetPagination):
    class Input(Schema):
        limit: int = Field(50, ge=1, le=200, title="每页条数")
        offset: int = Field(0, ge=0, le=1_000_000, title="跳过的条数")


class Drawn(Sequence[Any]):
    """The rows of a list as they are shown, for rows that need more than themselves: ``draw``
    gets those of one page together, so that what they need is fetched once a page."""

    def __init__(self, rows: QuerySet[Any], draw: Callable[[list[Any]], Sequence[Any]]) -> None:
        self.rows, self.draw = rows, draw

    def __len__(self) -> int:
        return int(self.rows.count())

    def __getitem__(self, part: Any) -> Any:
        return self.draw(list(self.rows[part]))
