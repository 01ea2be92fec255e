"""The items of a version, and the code lists and standards they cite (A7, A9)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Subquery

from huitong.catalog.models import CodeListVersion, Item, Standard, Version
from huitong.catalog.rules import CodeListFacts, ItemRow, StandardFacts
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import today

#: where each fact of an item is kept; what it cites is kept by its name
CITED = ("code_list", "standard")
COLUMNS = [(name, Item._meta.get_field(name).attname) for name in ItemRow.model_fields]
ITEMS = Statement(lambda version: Item.objects.filter(version=version), version=int)


def items_of(version: Version) -> tuple[ItemRow, ...]:
    return tuple(row_of(item) for item in rows_of_items(version))


def row_of(item: Item) -> ItemRow:
    """An item as a fact."""
    return ItemRow(**values_of_item(item))


def values_of_item(item: Item) -> dict[str, Any]:
    """What is stored of an item, by the names of its facts."""
    values = {name: getattr(item, at) for name, at in COLUMNS}
    return values | {name: values[name] or "" for name in CITED}


def columns_of(row: ItemRow) -> dict[str, Any]:
    """A fact as the columns of an item keep it."""
    values = {at: getattr(row, name) for name, at in COLUMNS}
    return values | {f"{name}_id": getattr(row, name) or None for name in CITED}


def rows_of_items(version: Version) -> list[Item]:
    """The items of a version in their order; those fetched with it, if they were."""
    return prefetched(version, "items", ITEMS)


def prefetched(version: Version, name: str, rows: Statement) -> list[Any]:
    """The rows that belong to a version: those fetched with it, if they were."""
    fetched = getattr(version, "_prefetched_objects_cache", {}).get(name)
    return rows(version=version.pk) if fetched is None else list(fetched)


def newest_of(code_list: str, field: str) -> Subquery:
    """What the newest version in force says, of the list that key names."""
    rows = CodeListVersion.objects.filter(code_list=OuterRef(code_list), in_force__lte=today())
    return Subquery(rows.order_by("-number").values(field)[:1])


@dataclass(frozen=True)
class Registers:
    """Code lists and standards by what items cite them by, asked for once for many entries."""

    code_lists: Mapping[str, CodeListFacts]
    standards: Mapping[str, StandardFacts]

    def cited(self, items: Iterable[ItemRow]) -> dict[str, Any]:
        """Those of them that these items cite, as facts of their entry."""
        lists, numbers = names_cited(items)
        return {
            "code_lists": {n: facts for n, facts in self.code_lists.items() if n in lists},
            "standards": {n: facts for n, facts in self.standards.items() if n in numbers},
        }

    def unregistered(self, items: Iterable[ItemRow]) -> dict[str, str]:
        """Which of these items cite what nobody filed: ``{"3.code_list": "没有…"}``, counted from
        0."""
        return {
            f"{n}.{name}": f"没有登记过“{value}”"
            for n, row in enumerate(items)
            for name, there in (("code_list", self.code_lists), ("standard", self.standards))
            if (value := getattr(row, name)) and value not in there
        }


def registers(items: Iterable[ItemRow]) -> Registers:
    """What these items cite; asked for only where they do."""
    return registers_of(*names_cited(items))


def registers_of(lists: Collection[str], numbers: Collection[str]) -> Registers:
    """The code lists and standards of these names, as far as they are filed."""
    return Registers(
        dict(_lists(lists)) if lists else {}, dict(_standards(numbers)) if numbers else {}
    )


def cited(items: Iterable[ItemRow]) -> dict[str, Any]:
    """The code lists and standards these items cite, as facts of their entry."""
    rows = list(items)
    return registers(rows).cited(rows)


def names_cited(items: Iterable[ItemRow]) -> tuple[frozenset[str], frozenset[str]]:
    """The code lists and the standards these items cite."""
    names = [(item.code_list, item.standard) for item in items]
    return frozenset(n for n, _ in names) - {""}, frozenset(n for _, n in names) - {""}


def _lists(titles: Collection[str]) -> Iterable[tuple[str, CodeListFacts]]:
    rows = CodeListVersion.objects.filter(title__in=titles).annotate(
        newest=newest_of("code_list", "title"),
        name=F("code_list__name"),
        until=F("code_list__until"),
    )
    for row in rows:
        yield (
            row.title,
            CodeListFacts(
                id=row.code_list_id,
                name=row.name,
                number=row.number,
                until=row.until,
                newest=row.newest or row.title,
                longest=row.longest,
                numeric=row.numeric,
            ),
        )


def _standards(numbers: Collection[str]) -> Iterable[tuple[str, StandardFacts]]:
    for row in Standard.objects.filter(number__in=numbers):
        yield (
            row.number,
            StandardFacts(id=row.pk, number=row.number, name=row.name, until=row.until),
        )
