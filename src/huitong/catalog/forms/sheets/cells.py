"""How a cell is read: what is certain is understood, what is not is said in words."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from huitong.ui.grids import Column

#: full-width digits and letters, and the full-width space: in a code or a number never meant so
WIDE = {
    **{code: code - 0xFEE0 for row in ("０９", "ＡＺ", "ａｚ") for code in range(*map(ord, row))},
    **{ord(sign): ord(sign) - 0xFEE0 for sign in "９Ｚｚ"},
    0x3000: 0x20,
}
#: what stands between the members of a list in one cell
BETWEEN = re.compile(r"[\n;；]+")
ALSO_BETWEEN = re.compile(r"[\n;；,，、/|]+")
#: choices named in full where a text is none of them
NAMED = 9


@dataclass(frozen=True)
class Lookup:
    """What a body can name in its workbook: its information systems, the bodies of the city, the
    kinds of legal grounds."""

    systems: Mapping[str, int] = field(default_factory=dict)
    bodies: Mapping[str, int] = field(default_factory=dict)
    #: other names of bodies
    also: Mapping[str, int] = field(default_factory=dict)
    ground_kinds: Mapping[str, str] = field(default_factory=dict)
    #: code lists and standards by what they are called
    code_lists: Mapping[str, str] = field(default_factory=dict)
    standards: Mapping[str, str] = field(default_factory=dict)

    def system(self, text: str) -> int | None:
        """The system of this name, to the letter or but for spaces and width."""
        alike = {pk for name, pk in self.systems.items() if compact(name) == compact(text)}
        return self.systems.get(text) or (alike.pop() if len(alike) == 1 else None)

    @cached_property
    def code_list_titles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.code_lists.values()))

    @cached_property
    def standard_numbers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.standards.values()))

    @cached_property
    def system_names(self) -> Mapping[int, str]:
        return {pk: name for name, pk in self.systems.items()}

    @cached_property
    def ground_labels(self) -> Mapping[str, str]:
        return {code: label for label, code in self.ground_kinds.items()}

    @cached_property
    def body_names(self) -> Mapping[int, str]:
        return {pk: name for name, pk in self.bodies.items()}


def narrow(text: str) -> str:
    """Digits, letters and spaces as they are meant, whatever their width."""
    return text.translate(WIDE).strip()


def unknown(text: str, choices: Sequence[str]) -> ValueError:
    """What is wrong with a text that is none of the choices, and which may be meant."""
    near = difflib.get_close_matches(text, choices, 1, 0.5)
    hint = f"，是不是“{near[0]}”？" if near else "。"
    few = f"可填：{'、'.join(choices)}" if len(choices) <= NAMED else "请从下拉列表中选择"
    return ValueError(f"没有“{text[:30]}”这个选项{hint}{few}")


def one_of(column: Column) -> Callable[[str, Lookup], Any]:
    words = tuple(choice.words for choice in column.choices)

    def read(text: str, lookup: Lookup) -> Any:
        if column.choices and text and column.choice(text) is None:
            raise unknown(text, words)
        return column.read(text)

    return read


def some_of(column: Column) -> Callable[[str, Lookup], Any]:
    """Some of the choices; one that has such a sign in its name is read whole."""
    words = tuple(choice.words for choice in column.choices)

    def one(text: str) -> list[str]:
        if (choice := column.choice(text)) is not None:
            return [choice.value]
        parts = [part.strip() for part in ALSO_BETWEEN.split(text) if part.strip()]
        if len(parts) < 2:
            raise unknown(text, words)
        return [value for part in parts for value in one(part)]

    def read(text: str, lookup: Lookup) -> list[str]:
        chosen = {value for part in BETWEEN.split(text) if part.strip() for value in one(part)}
        return [choice.value for choice in column.choices if choice.value in chosen]

    return read


def system(text: str, lookup: Lookup) -> Any:
    if not text:
        return ""
    if (pk := lookup.system(text)) is None:
        raise ValueError(
            f"本部门没有登记“{text[:40]}”这个信息系统，"
            + (
                f"已登记的有：{'、'.join([*lookup.systems][:NAMED])}"
                if lookup.systems
                else "请先在“系统与数据库”中登记"
            )
        )
    return pk


def bodies(text: str, lookup: Lookup) -> list[int]:
    keys = []
    for part in filter(None, map(str.strip, ALSO_BETWEEN.split(text))):
        pk = lookup.bodies.get(part) or lookup.also.get(part)
        if pk is None:
            near = difflib.get_close_matches(part, [*lookup.bodies, *lookup.also], 1, 0.6)
            raise ValueError(
                f"没有“{part[:30]}”这个部门" + (f"，是不是“{near[0]}”？" if near else "")
            )
        keys.append(pk)
    return sorted(set(keys))


def several_words(most: int, each: int) -> Callable[[str, Lookup], Any]:
    def read(text: str, lookup: Lookup) -> list[str]:
        parts = [p.strip() for p in re.split(r"[\s;；,，、]+", text) if p.strip()]
        if most and len(parts) > most:
            raise ValueError(f"最多 {most} 个，现有 {len(parts)} 个")
        if each and (long := [part for part in parts if len(part) > each]):
            raise ValueError(f"“{long[0][:30]}”过长，每个最多 {each} 个字")
        return list(dict.fromkeys(parts))

    return read


def code_list(text: str, lookup: Lookup) -> str:
    return _filed(text, lookup.code_lists, lookup.code_list_titles)


def standard(text: str, lookup: Lookup) -> str:
    return _filed(text, lookup.standards, lookup.standard_numbers)


def _filed(text: str, names: Mapping[str, str], offered: tuple[str, ...]) -> str:
    """What is filed under a name; nothing is nothing."""
    if text and text not in names:
        raise unknown(text, offered)
    return names.get(text, "")


def plain_text(value: Any, lookup: Lookup) -> str:
    return str(value or "")


def joined(words: Mapping[str, str]) -> Callable[[Any, Lookup], str]:
    return lambda value, lookup: "、".join(words.get(str(v), str(v)) for v in value or ())


def ground_kind(text: str, lookup: Lookup) -> Any:
    if not text:
        raise ValueError("请选择依据类别")
    code = lookup.ground_kinds.get(text)
    if code is None and text not in lookup.ground_kinds.values():
        raise unknown(text, tuple(lookup.ground_kinds))
    return code or text


def compact(text: str) -> str:
    """A number or code as it is compared: of usual width, without spaces."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
