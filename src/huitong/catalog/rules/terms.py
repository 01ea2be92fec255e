"""Sharing conditions one by one, each with the law it rests on, and what the bureau struck: nobody
adds a condition of their own (A8; the decree).

A condition is what a row of the element ``sharing_terms`` says; a shape no row speaks of, or a
sentence beside no row in words, is one without a basis. What the bureau strikes is struck wherever
the entry says the same with the same basis, in whichever version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from huitong.catalog.rules.vocabulary import Shape, ShareClass

#: shapes that are lifted by striking them; the others protect data, item by item: only the provider
#: says what else may leave
LIFTED = ("", Shape.NAMED_BODIES)


class Term(BaseModel):
    """A sharing condition and what it rests on: a law, regulation or decision, and its article or
    number."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    shape: Shape | Literal[""] = Field("", title="形式")
    text: str = Field(title="条件", min_length=1, max_length=500)
    document: str = Field("", title="依据文件", max_length=120)
    article: str = Field("", title="条款或文号", max_length=80)

    @field_validator("document")
    @classmethod
    def _without_marks(cls, value: str) -> str:
        return value.strip("《》")

    @property
    def has_basis(self) -> bool:
        return bool(self.document and self.article)

    @property
    def what(self) -> str:
        """The condition in words, without its basis."""
        label, text = Shape(self.shape).label if self.shape else "", self.text.rstrip("。；")
        return text if label in ("", text) else f"{label}：{text}"

    @property
    def basis(self) -> str:
        """What it rests on, in words; empty where it names nothing."""
        return f"{f'《{self.document}》' if self.document else ''}{self.article}"

    @property
    def words(self) -> str:
        return f"{self.what}（依据：{self.basis or '未写明'}）"

    @property
    def key(self) -> str:
        """What tells it from the others of its entry, in whichever version."""
        whole = "\n".join((self.shape, self.text, self.document, self.article))
        return hashlib.sha256(whole.encode()).hexdigest()[:12]


class StruckTerm(Term):
    """A condition the bureau struck: when, by whom and why."""

    on: date = Field(title="撤销日期")
    by: str = Field(title="撤销人")
    why: str = Field(title="撤销理由")


class Stating(Protocol):
    """What states conditions: the facts of an entry, or its row."""

    share_class: Any
    shapes: Any
    condition: Any
    sharing_terms: Any


def term_of(row: Mapping[str, Any]) -> Term:
    """A condition as it is kept. Raises `ValueError` in words."""
    try:
        return Term(**row)
    except ValidationError as wrong:
        fault = wrong.errors()[0]
        raise ValueError(
            f"{fault['loc'][0]}：{_FAULTS.get(fault['type'], '没有这个选项')}"
        ) from None


_FAULTS = {"missing": "请填写", "string_too_short": "请填写", "string_too_long": "过长"}


def as_row(term: Term) -> dict[str, str]:
    """A condition as a column keeps it."""
    return {name: str(getattr(term, name)) for name in Term.model_fields}


def _rows(e: Stating) -> list[Term]:
    return [row if isinstance(row, Term) else Term(**row) for row in e.sharing_terms]


def stated(e: Stating) -> list[Term]:
    """The conditions of an entry: its rows, the shapes no row speaks of, the sentence."""
    if e.share_class != ShareClass.CONDITIONAL:
        return []
    rows = _rows(e)
    spoken = {row.shape for row in rows}
    bare = [Term(shape=s, text=s.label) for s in Shape if s in e.shapes and s not in spoken]
    sentence = [Term(text=e.condition)] if e.condition.strip() else []
    return [*rows, *bare, *sentence]


def without_basis(e: Stating, struck: Iterable[Term] = ()) -> list[Term]:
    """The conditions that name no law. A sentence beside a row in words explains that row."""
    rows, over = stated(e), {term.key for term in struck}
    if any(not row.shape for row in _rows(e)) and e.condition.strip():
        rows = rows[:-1]
    return [term for term in rows if not term.has_basis and term.key not in over]


def struck_in(e: Stating, rows: Iterable[Mapping[str, Any]]) -> tuple[StruckTerm, ...]:
    """Which of the conditions an entry states are struck; ``rows`` are all that were."""
    by_key = {term.key: term for term in (StruckTerm(**row) for row in rows)}
    return tuple(by_key[term.key] for term in stated(e) if term.key in by_key) if by_key else ()


def binds(e: Stating, shape: Shape, struck: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a shape the entry chose is still a condition: not all that it says of it is
    struck."""
    if shape not in e.shapes:
        return False
    over = {term.key for term in struck_in(e, struck)}
    return not over or any(t.shape == shape and t.key not in over for t in stated(e))
