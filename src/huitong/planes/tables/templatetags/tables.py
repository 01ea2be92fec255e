"""How the exchange pages write places and figures."""

from __future__ import annotations

from django import template

from huitong.planes.tables import queries
from huitong.planes.tables.models import Schedule

register = template.Library()


@register.filter
def target(schedule: Schedule) -> str:
    """Where the rows arrive."""
    return queries.target_words(schedule)


@register.filter
def grouped(value: int | None) -> str:
    """12,345"""
    return "" if value is None else f"{value:,}"
