"""Putting into drafts what was given of them: one after the other, or many in one go (A7)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import transaction

from huitong.catalog import queries
from huitong.catalog.models import Entry, InformationSystem, Item, Version
from huitong.catalog.rules import (
    ELEMENTS,
    LONGEST,
    Category,
    Entering,
    ItemRow,
    Kind,
    follow_category,
    of_kind,
    settle,
)
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import Result
from huitong.kernel.procedure import Malformed
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations

#: elements that are rows of their own
APART = of_kind(Kind.ITEMS, Kind.SYSTEM)
Body = Callable[[list[Case], list[dict[str, Any]]], list[Result]]
#: the columns of a version that an edit may change
COLUMNS = [f.name for f in Version._meta.concrete_fields if f.name in ELEMENTS]
COLUMNS += ["words", "updated_at"]
#: rows a statement writes
AT_ONCE = 1000


def given_of(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The elements that were given: what is None stays as it is."""
    return {name: value for name, value in changes.items() if value is not None}


def stand_between(case: Case, version: Version, entering: Entering | None = None) -> None:
    """Name the parties of a case that begins, and mark what the bureau enters for its provider."""
    case.between(provider=version.entry.body_id)
    if entering is not None:
        case.between(enterer=entering.body)
        case.facts |= {"entered": "bureau", "entering": entering.as_record()}
        version.entered_by = entering.body_name


def title_of(version: Version) -> str:
    """What its case is called in every list."""
    return f"{'代录' if version.entered_by else ''}目录：{version.name}"[:300]


@dataclass(frozen=True)
class Around:
    """What drafts name beside themselves, asked for once for all that is given of them: systems,
    bodies, codes of other entries, code lists and standards."""

    actor: Actor
    given: Sequence[Mapping[str, Any]]
    _systems: dict[tuple[int, int], InformationSystem] = field(default_factory=dict)

    def _all(self, name: str) -> set[Any]:
        return {value for one in self.given for value in one.get(name) or ()}

    def system(self, body: int, pk: int) -> InformationSystem:
        """A system of the provider. Raises `NotVisible`."""
        if (body, pk) not in self._systems:
            self._systems[body, pk] = queries.system_of(body, pk)
        return self._systems[body, pk]

    @cached_property
    def bodies(self) -> Collection[int]:
        return organizations.body_names(sorted(self._all("named_bodies")))

    @cached_property
    def codes(self) -> Collection[str]:
        return queries.codes_of(self.actor, self._all("related_codes"))

    @cached_property
    def registers(self) -> queries.Registers:
        return queries.registers(item for one in self.given for item in one.get("items") or ())


def fill(actor: Actor, version: Version, changes: Mapping[str, Any]) -> None:
    """Put changes into a draft and keep what hangs on them: items, themes of the category, words
    for search."""
    items = put(version, changes, Around(actor, [changes]))
    with transaction.atomic():
        version.save()
        if items is not None:
            former = list(version.items.all())
            version.items.all().delete()
            Item.objects.bulk_create(items_for(version, items, former))
        version.words = queries.words_of(version)
        version.save(update_fields=["words"])


def put(version: Version, changes: Mapping[str, Any], around: Around) -> Sequence[ItemRow] | None:
    """Put changes into the columns of a draft, and what follows from them; nothing is saved.
    Returns its items where they were given."""
    changes = dict(changes)
    items = changes.pop("items", None)
    if unknown := around.registers.unregistered(items or ()):
        raise Malformed({f"items.{at}": text for at, text in unknown.items()}, article="A9")
    if "system" in changes:
        pk = changes.pop("system")
        version.system = around.system(version.entry.body_id, pk) if pk else None
    former = version.category
    for name, value in changes.items():
        setattr(version, name, stored(value))
    _check_category(version, former)
    _settle(version, changes, around)
    return items


def stored(value: Any) -> Any:
    if isinstance(value, list):
        return (
            list(dict.fromkeys(map(stored, value)))
            if all(isinstance(v, str | int) for v in value)
            else value
        )
    return str(value.value) if hasattr(value, "value") else value


def _settle(version: Version, changes: Mapping[str, Any], around: Around) -> None:
    """What follows from a choice: a theme category is a theme; named bodies exist; classes clear
    what cannot apply."""
    if "category" in changes:
        follow_category(version)
    if "named_bodies" in changes and (unknown := set(version.named_bodies) - set(around.bodies)):
        raise Malformed({"named_bodies": f"没有这样的部门：{'、'.join(map(str, sorted(unknown)))}"})
    if "related_codes" in changes:
        _check_related(version, around)
    settle(version)


def _check_category(version: Version, former: str) -> None:
    """A category is chosen while it stands; one that ended stays where it is, until the checks ask
    for another. Raises `Malformed`."""
    category = version.category
    if category not in ("", former) and not Category(category).stands(today()):
        raise Malformed({"category": f"“{Category(category).label}”已停用，请改选"}, article="A7")


def _check_related(version: Version, around: Around) -> None:
    """Related resources are others, and there. Raises `Malformed`."""
    codes = version.related_codes
    if version.entry.code in codes:
        raise Malformed({"related_codes": "不必填写本资源自己的代码"})
    if unknown := [code for code in codes if code not in around.codes]:
        raise Malformed({"related_codes": f"没有这样的资源代码：{'、'.join(unknown)}"})


def items_for(version: Version, rows: Sequence[ItemRow], former: Iterable[Item] = ()) -> list[Item]:
    """Items as given, in their order. What a scan saw in a column stays when a form sends only
    what a clerk may change."""
    scanned = {i.column: i for i in former if i.column}
    items = []
    for position, row in enumerate(rows, 1):
        values = queries.columns_of(row)
        if not LONGEST[row.type]:
            values["length"] = None
        if (before := scanned.get(row.column)) is not None:
            values["column_type"] = values["column_type"] or before.column_type
            values["suggestion"] = values["suggestion"] or before.suggestion
        items.append(
            Item(version=version, position=position, **{k: stored(v) for k, v in values.items()})
        )
    return items


# -- many in one go --------------------------------------------------------------------------------


def drafts(actor: Actor, body: int, entering: Entering | None = None) -> Body:
    """The body of ``entry.draft`` for many cases, of ``entry.enter_for`` where the bureau is
    entering: new entries of a body, as a form would begin them."""

    def begin(cases: list[Case], given: list[dict[str, Any]]) -> list[Result]:
        begun = queries.known_of(actor, body, None)
        provider = organizations.body_for(actor, body)
        entries = [Entry(body=provider) for _ in cases]
        Entry.objects.bulk_create(entries, batch_size=AT_ONCE)
        versions, items = list[Version](), list[Item]()
        changes = [begun | _elements(typed) for typed in given]
        around = Around(actor, changes)
        for entry, case, own in zip(entries, cases, changes, strict=True):
            version = Version(entry=entry, case=case, name=own["name"])
            stand_between(case, version, entering)
            _take(version, put(version, own, around) or (), (), items)
            versions.append(version)
            case.title, case.facts = title_of(version), case.facts | {"entry": entry.pk}
        Version.objects.bulk_create(versions, batch_size=AT_ONCE)
        for item in items:  # their version has its key only now
            item.version = item.version
        Item.objects.bulk_create(items, batch_size=AT_ONCE)
        for entry, version in zip(entries, versions, strict=True):
            entry.latest = version
        _save(Entry, entries, ["latest"])
        return [Result(entry) for entry in entries]

    return begin


def edits(actor: Actor) -> Body:
    """The body of ``entry.edit`` for many cases."""

    def change(cases: list[Case], given: list[dict[str, Any]]) -> list[Result]:
        latest = Version.objects.select_related("entry__body", "entry__unit", "system", "case")
        of_case = {v.case_id: v for v in latest.filter(case__in=cases).prefetch_related("items")}
        results, versions = list[Result](), list[Version]()
        items, renewed = list[Item](), list[int]()
        changes = [_elements(typed) for typed in given]
        around = Around(actor, changes)
        for case, own in zip(cases, changes, strict=True):
            version = of_case[case.pk]
            before = {n: getattr(version, n) for n in own if n not in APART}
            former = list(version.items.all())
            if (rows := put(version, own, around)) is not None:
                renewed.append(version.pk)
                _take(version, rows, former, items)
            else:
                version.words = queries.words_of(version)
            versions.append(version)
            case.title = title_of(version)
            personal = {"personal": queries.personal_of(version)} if rows is not None else {}
            results.append(Result(version.entry, before, personal))
        Item.objects.filter(version__in=renewed).delete()
        Item.objects.bulk_create(items, batch_size=AT_ONCE)
        _save(Version, versions, COLUMNS)
        return results

    return change


def take_back(cases: list[Case], given: list[dict[str, Any]]) -> list[Result]:
    """The body of ``entry.discard`` for many cases: each entry goes on from what is published."""
    rows = Version.objects.select_related("entry__current").filter(case__in=cases)
    entries = {version.case_id: version.entry for version in rows}
    heirs = [entry for entry in entries.values() if entry.current is not None]
    for entry in heirs:
        entry.latest = entry.current
    _save(Entry, heirs, ["latest", "updated_at"])
    return [Result(entries[case.pk]) for case in cases]


def _take(
    version: Version, rows: Sequence[ItemRow], former: Iterable[Item], items: list[Item]
) -> None:
    """Give a version these items before they are written, and the words it is found by."""
    own = items_for(version, rows, former)
    items += own
    version._prefetched_objects_cache = {"items": own}
    version.words = queries.words_of(version)


def _elements(typed: Mapping[str, Any]) -> dict[str, Any]:
    return given_of({name: value for name, value in typed.items() if name in ELEMENTS})


def _save(model: type[Entry | Version], rows: Sequence[Any], columns: Sequence[str]) -> None:
    """Save these columns of rows that are there, by one statement for many."""
    if rows:
        model._default_manager.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=list(columns),
            batch_size=AT_ONCE,
        )
