"""Filters of the exchange pages for places and figures."""

from __future__ import annotations

from django import template

from huitong.planes.tables import queries
from huitong.planes.tables.models import Schedule

register = template.Library()


@register.filter
def checksum(value: str) -> str:
    """The figure alone; before it stands how it was taken, which both sides share."""
    return value.rpartition(":")[2]


@register.filter
def target(schedule: Schedule) -> str:
    """The database and table where the rows arrive."""
    return queries.target_words(schedule)
