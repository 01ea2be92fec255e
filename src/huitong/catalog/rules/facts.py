"""An entry as facts, without models: what checks, versions and exports are made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator, model_validator

from huitong.catalog.rules.elements import ELEMENTS, Kind
from huitong.catalog.rules.vocabulary import GroundKind, Level, ShareClass
from huitong.scope.literals import ItemType
from huitong.scope.masks import NAMED
from huitong.scope.suggest import suggest

_FACTS = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class ItemRow(BaseModel):
    """One information item (信息项) as it is entered and as it is kept."""

    model_config = _FACTS

    name: str = Field(title="信息项名称", min_length=1, max_length=100)
    column: str = Field("", title="对应列名", max_length=128)
    type: ItemType = Field(ItemType.TEXT, title="数据类型")
    length: int | None = Field(None, title="长度", ge=1, le=100_000_000)
    nullable: bool = Field(True, title="可为空")
    is_key: bool = Field(False, title="主键")
    level: Level = Field(Level.TWO, title="数据分级")
    share_class: ShareClass = Field(ShareClass.UNCONDITIONAL, title="共享类型")
    mask: str = Field("", title="脱敏方式")
    dictionary: str = Field("", title="引用的代码表", max_length=120)
    remark: str = Field("", title="备注", max_length=300)
    #: the source column's own type, as the scan found it
    column_type: str = Field("", title="来源列类型", max_length=80)
    #: what the scan suggests and why: {"kind", "label", "mask", "level", "reason"}; never applied
    #: by itself
    suggestion: dict[str, str] = Field(default_factory=dict, title="识别建议")

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, value: Any) -> Any:
        """An empty box of a form is a value not given, save where empty text is a value."""
        if isinstance(value, dict):
            return {
                k: v
                for k, v in value.items()
                if v != "" or k in ("name", "column", "mask", "dictionary", "remark", "column_type")
            }
        return value

    @field_validator("mask")
    @classmethod
    def _known_mask(cls, value: str) -> str:
        if value and value not in NAMED:
            raise ValueError(f"没有这种脱敏方式，可用：{'、'.join(NAMED)}")
        return value

    @property
    def personal(self) -> tuple[str, str] | None:
        """What personal data it seems to hold and by which sign: judged by content when it was
        scanned, else by its names."""
        if self.suggestion:
            return NAMED[self.suggestion["kind"]][0].partition("（")[0], self.suggestion.get(
                "reason", ""
            )
        suggestion = suggest(self.column, self.name)
        return (
            (NAMED[suggestion.kind][0].partition("（")[0], suggestion.reason)
            if suggestion
            else None
        )


class GroundFacts(BaseModel):
    """A legal ground for not sharing (A8)."""

    model_config = _FACTS

    kind: GroundKind
    document: str
    article: str = ""
    quotation: str = ""
    filed_on: date | None = None


#: what an element is among the facts, by its kind, and what it is while it is not filled
_HELD: Mapping[Kind, tuple[Any, Any]] = {
    Kind.TEXT: (str, ""),
    Kind.CHOICE: (str, ""),
    Kind.CHOICES: (tuple[str, ...], ()),
    Kind.DAY: (date | None, None),
    Kind.SYSTEM: (str, ""),
    Kind.BODIES: (tuple[str, ...], ()),
    Kind.ITEMS: (tuple[ItemRow, ...], ()),
    Kind.PARAMETERS: (tuple[dict[str, Any], ...], ()),
    Kind.GROUNDS: (tuple[GroundFacts, ...], ()),
}

if TYPE_CHECKING:

    class _Elements(BaseModel):
        def __getattr__(self, element: str) -> Any: ...

else:
    _Elements = create_model(
        "_Elements",
        __config__=_FACTS,
        **{name: _HELD[element.kind] for name, element in ELEMENTS.items()},
    )


class EntryFacts(_Elements):
    """Everything a version of an entry says, by the names of `ELEMENTS`, and whose it is."""

    model_config = _FACTS

    body: str = ""
    source_table: str = ""

    @property
    def shared_items(self) -> tuple[ItemRow, ...]:
        return tuple(i for i in self.items if i.share_class is not ShareClass.NOT_SHARED)

    @property
    def has_words_of_items(self) -> bool:
        """Whether any item brings a remark or a code table: else the column for them is left
        out."""
        return any(i.remark or i.dictionary for i in self.items)
