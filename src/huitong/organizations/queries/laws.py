"""The laws new cases run under, as the city has adopted them (A36)."""

from __future__ import annotations

from django.db.models import QuerySet

from huitong.kernel import doing
from huitong.kernel.adoption import AdoptedLaw
from huitong.kernel.laws import HOME, LAWS
from huitong.kernel.procedure import NotVisible


def laws_adopted() -> QuerySet[AdoptedLaw]:
    """Every adoption there was, the latest first."""
    return AdoptedLaw.objects.order_by("-in_force", "law")


def adoption_for(pk: int) -> AdoptedLaw:
    """One adoption. Raises `NotVisible`."""
    if (row := AdoptedLaw.objects.filter(pk=pk).first()) is None:
        raise NotVisible("该项采用")
    return row


def laws_to_adopt() -> list[str]:
    """Codes of the laws beside the first that have a table for some kind of case."""
    return [
        code
        for code in LAWS
        if code != HOME and any(code in tables for tables in doing.PROCEDURES.values())
    ]
