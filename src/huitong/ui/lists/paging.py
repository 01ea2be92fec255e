"""Paging by key: a place between two rows, which stays where it is while rows come and go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.core.exceptions import FieldDoesNotExist
from django.core.signing import BadSignature, Signer
from django.db.models import F, Model, Q
from django.db.models.expressions import OrderBy

#: what is counted exactly; beyond it a list says “more than”
COUNTED = 10_000


@dataclass(frozen=True)
class Term:
    """A field of an order: its direction, whether it may be empty, and where empty ones stand."""

    field: str
    down: bool = False
    nullable: bool = False
    nulls_first: bool = False

    @property
    def turned(self) -> Term:
        return replace(self, down=not self.down, nulls_first=not self.nulls_first)

    @property
    def expression(self) -> OrderBy:
        """What the database sorts by; without a word on NULLs where there are none, so that an
        index serves."""
        nulls = {"nulls_first" if self.nulls_first else "nulls_last": True} if self.nullable else {}
        field = F(self.field)
        return field.desc(**nulls) if self.down else field.asc(**nulls)

    def equal(self, value: Any) -> Q:
        return Q(**({f"{self.field}__isnull": True} if value is None else {self.field: value}))

    def behind(self, value: Any) -> Q | None:
        """What comes after this value; None: nothing does."""
        if value is None:
            return Q(**{f"{self.field}__isnull": False}) if self.nulls_first else None
        further = Q(**{f"{self.field}__{'lt' if self.down else 'gt'}": value})
        if self.nullable and not self.nulls_first:
            further |= Q(**{f"{self.field}__isnull": True})
        return further

    def not_before(self, value: Any) -> Q | None:
        """What comes after this value or is equal: one bound for an index to begin at."""
        if value is None or self.nullable:
            return None
        return Q(**{f"{self.field}__{'lte' if self.down else 'gte'}": value})


def terms_of(
    model: type[Model] | None, order: Sequence[str], computed: Sequence[str]
) -> list[Term]:
    """The terms of an order; ``computed`` are annotations, which may be empty."""
    return [
        Term(
            name := field.lstrip("-"),
            field.startswith("-"),
            name in computed or (model is not None and _nullable(model, name)),
        )
        for field in order
    ]


def without_gaps(terms: Sequence[Term], filled: Sequence[str]) -> list[Term]:
    """The terms of an order over rows in which these fields are never empty."""
    return [replace(term, nullable=term.nullable and term.field not in filled) for term in terms]


def _nullable(model: type[Model], path: str) -> bool:
    """Whether any step of a path may lead to nothing."""
    for part in path.split("__"):
        if part == "pk":
            return False
        try:
            field = model._meta.get_field(part)
        except FieldDoesNotExist:
            return True
        if getattr(field, "null", True):
            return True
        model = getattr(field, "related_model", None) or model
    return False


def beyond(terms: Sequence[Term], values: Sequence[Any]) -> Q:
    """What stands after these values in this order. The last field is unique, and never empty."""
    condition: Q | None = None
    for term, value in reversed(list(zip(terms, values, strict=True))):
        within = term.equal(value) & condition if condition is not None else None
        further = term.behind(value)
        condition = (
            further | within
            if further is not None and within is not None
            else (further if further is not None else within)
        )
    if condition is None:
        return Q(pk__in=[])
    bound = terms[0].not_before(values[0])
    return bound & condition if bound is not None else condition


def parts(terms: Sequence[Term], values: Sequence[Any] | None) -> list[tuple[Q, list[Term]]]:
    """What stands behind these values, in parts, one after the other, each with its own order.

    Rows that have the leading field and those that have it not are asked for apart: so an index of
    the field serves the first, and one of the next field the others, wherever empty ones stand.
    """
    lead, *rest = terms
    if not lead.nullable or not rest:
        return [(Q() if values is None else beyond(terms, values), list(terms))]
    empty, filled = Q(**{f"{lead.field}__isnull": True}), replace(lead, nullable=False)
    every: dict[bool, tuple[Q, list[Term]]] = {
        True: (empty, rest),
        False: (~empty, [filled, *rest]),
    }
    order = [True, False] if lead.nulls_first else [False, True]
    if values is None:
        return [every[part] for part in order]
    within = values[0] is None
    condition, own = every[within]
    behind = beyond(own, values[1:] if within else values)
    return [(condition & behind, own), *(every[part] for part in order[order.index(within) + 1 :])]


@dataclass(frozen=True)
class Place:
    """A place in a list: the order it holds for, how many rows stand before it, the values of the
    row beside it."""

    order: str
    number: int
    values: tuple[Any, ...]

    def __str__(self) -> str:
        plain = [_plain(value) for value in self.values]
        return SIGNER.sign_object([self.order, self.number, plain], compress=True)

    @classmethod
    def read(cls, text: str, order: str) -> Self | None:
        """The place an address names; None for one of another order or not made here."""
        try:
            own, number, values = SIGNER.unsign_object(text)
        except (BadSignature, ValueError, TypeError):
            return None
        return cls(own, int(number), tuple(values)) if own == order else None


SIGNER = Signer(salt="huitong.lists")


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


@dataclass(frozen=True)
class Page:
    """The rows of a page, how many stand before them, and the places behind and before it."""

    rows: list[Any]
    start: int
    after: str = ""
    before: str = ""
