"""Data standards and code lists: filed with the bureau, read by every operator and manager, changed
by whoever filed them (A9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import F, QuerySet

from huitong.catalog.models import Code, CodeList, CodeListVersion, Entry, Item, Standard
from huitong.catalog.queries.items import newest_of
from huitong.catalog.queries.reach import visible_to
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotVisible, NotYours
from huitong.kernel.workdays import today


def standards(actor: Actor) -> QuerySet[Standard]:
    """Every standard, also one that ended: what is published may cite it."""
    rows = Standard.objects.select_related("body")
    return rows if _reads(actor) else rows.none()


def code_lists(actor: Actor) -> QuerySet[CodeList]:
    """Every code list with its newest version in force: number, title, how many values."""
    rows = CodeList.objects.select_related("body", "standard").annotate(
        standard_number=F("standard__number"),
        newest=newest_of("pk", "title"),
        version_number=newest_of("pk", "number"),
        version_in_force=newest_of("pk", "in_force"),
        size=newest_of("pk", "size"),
    )
    return rows if _reads(actor) else rows.none()


def _reads(actor: Actor) -> bool:
    """Whoever catalogs or uses data, in any body: names of those who filed them stand there."""
    return actor.is_system or (actor.body is not None and actor.has(Post.OPERATOR, Post.MANAGER))


def standard_for(actor: Actor, pk: int) -> Standard:
    """Raises `NotVisible`."""
    if (row := standards(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该数据标准")
    return row


def text_of_standard(actor: Actor, pk: int) -> Any:
    """The file of a standard, for everybody who reads the standards. Raises `NotVisible`."""
    if (file := standard_for(actor, pk).file) is None:
        raise NotVisible("该标准文本")
    return file


def code_list_for(actor: Actor, pk: int) -> CodeList:
    """Raises `NotVisible`."""
    if (row := code_lists(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该数据字典")
    return row


def own_standard(actor: Actor, pk: int) -> Standard:
    """One the actor's body filed, to change. Raises `NotVisible`, `NotYours`."""
    row = standard_for(actor, pk)
    _check_own(actor, row)
    return row


def own_code_list(actor: Actor, pk: int) -> CodeList:
    """One the actor's body filed, to change. Raises `NotVisible`, `NotYours`."""
    row = code_list_for(actor, pk)
    _check_own(actor, row)
    return row


def may_change(actor: Actor, row: Standard | CodeList) -> bool:
    """Whoever filed it; what came with the platform is the bureau's to keep."""
    own = row.body_id == actor.body if row.body_id else actor.bureau
    return own and actor.has(Post.OPERATOR)


def has_ended(row: Standard | CodeList) -> bool:
    """Whether its last day is over."""
    return not _holds(row.until, today())


def _check_own(actor: Actor, row: Standard | CodeList) -> None:
    if not may_change(actor, row):
        owner = row.body.short_name if row.body else "大数据管理局"
        raise NotYours("由登记它的部门修改。", article="A9", who=f"{owner}经办人")


def versions_of_list(code_list: CodeList) -> list[CodeListVersion]:
    """The youngest first."""
    return list(code_list.versions.all())


def code_list_version(actor: Actor, pk: int) -> CodeListVersion:
    """Raises `NotVisible`."""
    rows = CodeListVersion.objects.filter(code_list__in=code_lists(actor).values("pk"))
    if (row := rows.select_related("code_list").filter(pk=pk).first()) is None:
        raise NotVisible("该数据字典")
    return row


def codes_of_version(version: CodeListVersion) -> QuerySet[Code]:
    """Its values in their order."""
    return version.codes.order_by("position", "pk")


def entries_citing(actor: Actor, code_list: CodeList) -> QuerySet[Entry]:
    """The published entries this actor sees of which an item cites any version of the list, with
    their names and bodies: thousands may cite it, and be put in order."""
    # by their titles: how many items cite one is known to the database beforehand
    titles = list(code_list.versions.values_list("title", flat=True))
    citing = Item.objects.filter(code_list__in=titles).values("version")
    rows = visible_to(actor).filter(current__in=citing)
    named = rows.select_related("body", "current").only("body__short_name", "current__name")
    return named.order_by("current__name", "pk")


# -- to choose from --------------------------------------------------------------------------------


def list_choices(also: Collection[str] | None = ()) -> list[tuple[str, tuple[str, ...]]]:
    """What an item may cite now, and those it cites already (None: every one there is): the title
    of each version; those of the versions that hold go by other words too."""
    on = today()
    rows = CodeListVersion.objects.annotate(newest=newest_of("code_list", "title")).select_related(
        "code_list__standard"
    )
    choices = []
    for row in rows.order_by("title"):
        if row.title == row.newest and _holds(row.code_list.until, on):
            choices.append((row.title, _other_words(row.code_list)))
        elif also is None or row.title in also:
            choices.append((row.title, ()))
    return choices


def _other_words(code_list: CodeList) -> tuple[str, ...]:
    number = code_list.standard.number if code_list.standard else ""
    return tuple(filter(None, (code_list.name, number)))


def standard_choices(also: Collection[str] | None = ()) -> list[tuple[str, tuple[str, ...]]]:
    """The same of standards: number, and name."""
    on = today()
    rows = Standard.objects.order_by("number")
    return [
        (s.number, (s.name,))
        for s in rows
        if also is None or s.number in also or _holds(s.until, on)
    ]


def words_of_choices(choices: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, str]:
    """Each way to name one of these choices: its own words first, then what else one alone is
    called."""
    rows = list(choices)
    own = {value: value for value, _ in rows}
    other = [(word, value) for value, words in rows for word in words]
    once = Counter(word for word, _ in other)
    return own | {word: value for word, value in other if once[word] == 1 and word not in own}


def _holds(until: date | None, on: date) -> bool:
    return until is None or on <= until


def standards_to_choose(actor: Actor, case: Case | None = None) -> list[tuple[int, str]]:
    """What a form offers as the standard of a code list."""
    on = today()
    return [(s.pk, str(s)) for s in standards(actor).order_by("number") if _holds(s.until, on)]
