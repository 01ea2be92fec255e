"""What stands where in the workbook: its sheets and their columns, made from `ELEMENTS` and from
the columns of the grids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from huitong.catalog.forms.rows import COLUMNS, ITEM_COLUMNS, longest_of
from huitong.catalog.forms.sheets.cells import (
    Lookup,
    bodies,
    code_list,
    ground_kind,
    joined,
    one_of,
    plain_text,
    several_words,
    some_of,
    standard,
    system,
)
from huitong.catalog.rules import ELEMENTS, Element, Kind
from huitong.ui.grids import Choice, Column, folded

#: columns of choices in which nothing is understood by itself
EXPLICIT = ("type",)


@dataclass(frozen=True)
class Heading:
    """A column of a sheet: its name among the values of a row, how its cells are read (raises
    `ValueError` in words) and written.

    ``choices`` are offered in a list, alone (``single``) or as what several are chosen from;
    ``offers`` names those the body itself has. ``locked``: the platform's own, not to be changed.
    """

    name: str
    label: str
    read: Callable[[str, Lookup], Any]
    show: Callable[[Any, Lookup], str]
    also: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    offers: str = ""
    single: bool = True
    required: bool = False
    locked: bool = False
    hint: str = ""
    group: str = ""
    width: int = 16

    @cached_property
    def ways(self) -> frozenset[str]:
        return frozenset(map(folded, (self.label, self.name, *self.also)))


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, what it holds of an entry (an element, or the entry itself), its columns.
    ``needs``: the columns without which it is no such sheet."""

    name: str
    holds: str
    headings: tuple[Heading, ...]
    needs: tuple[str, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Heading]:
        return {heading.name: heading for heading in self.headings}

    def heading(self, text: str) -> Heading | None:
        way = folded(text)
        return next((heading for heading in self.headings if way in heading.ways), None)


# -- columns ---------------------------------------------------------------------------------------


def _of_element(element: Element) -> Heading | None:
    """The column of an element; None for what has a sheet of its own or is filled in by itself."""
    if element.filled_in or (make := _MAKE.get(element.kind)) is None:
        return None
    about: dict[str, Any] = {
        "name": element.name,
        "label": element.label,
        "hint": element.hint,
        "required": element.required,
        "group": element.section.label,
        "width": 40 if element.lines > 1 else 22 if element.longest > 40 else 16,
    }
    return make(element, about)


def _text(element: Element, about: dict[str, Any]) -> Heading:
    column = Column(element.name, element.label, longest=element.longest)

    def read(text: str, lookup: Lookup) -> Any:
        if text and len(text) < element.shortest:
            raise ValueError(f"至少 {element.shortest} 个字")
        return column.read(text)

    return Heading(read=read, show=plain_text, **about)


def _column(element: Element) -> Column:
    choices = tuple(
        Choice(str(c), c.label, (c.label.partition("（")[0], f"{c}{c.label}", f"{c} {c.label}"))
        for c in element.choices
    )
    return Column(element.name, element.label, choices=choices)


def _choice(element: Element, about: dict[str, Any]) -> Heading:
    column = _column(element)
    read = one_of(column)
    return Heading(
        read=lambda text, lookup: read(text, lookup) if text else "",
        show=lambda value, lookup: column.words(value),
        choices=tuple(c.words for c in column.choices),
        **about,
    )


def _choices(element: Element, about: dict[str, Any]) -> Heading:
    column = _column(element)
    return Heading(
        read=some_of(column),
        show=joined(column.words_of),
        choices=tuple(c.words for c in column.choices),
        single=False,
        **about,
    )


def _list(element: Element, about: dict[str, Any]) -> Heading:
    return Heading(
        read=several_words(element.longest, element.each), show=joined({}), single=False, **about
    )


_MAKE: Mapping[Kind, Callable[[Element, dict[str, Any]], Heading]] = {
    Kind.TEXT: _text,
    Kind.WORDS: _list,
    Kind.CODES: _list,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.SYSTEM: lambda element, about: Heading(
        read=system,
        show=lambda value, lookup: lookup.system_names.get(value, ""),
        offers="systems",
        **about,
    ),
    Kind.BODIES: lambda element, about: Heading(
        read=bodies,
        show=lambda value, lookup: "、".join(lookup.body_names.get(v, "") for v in value or ()),
        offers="bodies",
        single=False,
        **about,
    ),
}


#: columns whose choices are what is filed: how they are read, and what the workbook offers
_FILED = {"code_list": (code_list, "code_list_titles"), "standard": (standard, "standard_numbers")}


def _of_grid(column: Column, group: str = "") -> Heading:
    read, offers = _FILED.get(column.name, (one_of(column), ""))

    def cell(text: str, lookup: Lookup) -> Any:
        # what is not said of an item is what a new row of the grid begins with: the strictest
        silent = not text and column.start and column.name not in EXPLICIT
        return column.start if silent else read(text, lookup)

    return Heading(
        column.name,
        column.label,
        cell,
        lambda value, lookup: column.words(value),
        also=column.also,
        choices=tuple(c.words for c in column.choices),
        offers=offers,
        required=column.required,
        group=group,
        width={"wide": 24, "usual": 18, "short": 12, "narrow": 9}[column.width],
    )


def _platform_column(
    name: str, label: str, *also: str, hint: str = "", locked: bool = True
) -> Heading:
    return Heading(
        name,
        label,
        lambda text, lookup: text,
        plain_text,
        also,
        locked=locked,
        hint=hint,
        group="平台信息" if locked else "",
    )


def _link() -> tuple[Heading, ...]:
    return (
        _platform_column("no", "目录序号", "序号", hint="“目录”表中那一行的序号。", locked=False),
        _platform_column("of", "资源名称", "目录名称", "所属目录", "信息资源名称", locked=False),
    )


DECLINED = Column("declined", "不采纳识别建议的理由", "wide", longest=longest_of("declined"))
_GROUND_COLUMNS = (
    Column("document", "文件名称", "wide", ("依据文件", "文件"), required=True, longest=120),
    Column("article", "条款", also=("条款号",), required=True, longest=80),
    Column("quotation", "原文", "wide", ("条文原文", "原文引用"), required=True, longest=2000),
)


_GROUND_HEADINGS = (
    Heading(
        "kind",
        "依据类别",
        ground_kind,
        lambda value, lookup: lookup.ground_labels.get(value, ""),
        ("类别",),
        offers="ground_kinds",
        required=True,
    ),
    *map(_of_grid, _GROUND_COLUMNS),
)

ENTRIES = Sheet(
    "目录",
    "",
    (
        _platform_column(
            "no",
            "序号",
            "目录序号",
            hint="本表内的编号，“信息项”等表用它指明是哪一条。",
            locked=False,
        ),
        _platform_column(
            "code",
            "资源代码",
            "信息资源代码",
            "代码",
            hint="新目录不填，由平台赋码；旧目录填原代码。",
        ),
        *filter(None, map(_of_element, ELEMENTS.values())),
        _platform_column("state", "状态", hint="导出时的状态，不读取。"),
        _platform_column("entry", "平台编号", hint="平台用它认出这一条，请勿修改；新目录不填。"),
        _platform_column("mark", "校验码", hint="平台用它发现导出之后别人的修改，请勿修改。"),
    ),
    ("name",),
)
_ROWS: Mapping[Kind, tuple[Heading, ...]] = {
    **{kind: tuple(map(_of_grid, columns)) for kind, columns in COLUMNS.items()},
    Kind.ITEMS: tuple(map(_of_grid, (*ITEM_COLUMNS, DECLINED))),
    Kind.GROUNDS: _GROUND_HEADINGS,
}
#: the elements that have a sheet of their own, a row for each of their members
PARTS = tuple(
    Sheet(element.label, name, (*_link(), *headings), tuple(h.name for h in headings if h.required))
    for name, element in ELEMENTS.items()
    if (headings := _ROWS.get(element.kind))
)
SHEETS: tuple[Sheet, ...] = (ENTRIES, *PARTS)
#: every heading there is, for a file that does not say which sheet it is
HEADINGS = frozenset(h.label for sheet in SHEETS for h in sheet.headings)
#: the elements an entry's row or its sheets can say
STATED = frozenset(
    [h.name for h in ENTRIES.headings if h.name in ELEMENTS] + [s.holds for s in PARTS]
)
