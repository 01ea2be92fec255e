"""An entry as facts, without models: what checks, versions and exports are made of."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

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
        seen = suggest(self.column, self.name)
        return (NAMED[seen.kind][0].partition("（")[0], seen.reason) if seen else None


class GroundFacts(BaseModel):
    """A legal ground for not sharing (A8)."""

    model_config = _FACTS

    kind: GroundKind
    document: str
    article: str = ""
    quotation: str = ""
    filed_on: date | None = None


class EntryFacts(BaseModel):
    """Everything a catalog entry says, by the names of `ELEMENTS`."""

    model_config = _FACTS

    name: str = ""
    body: str = ""
    system: str = ""
    origin: str = ""
    summary: str = ""
    category: str = ""
    themes: tuple[str, ...] = ()
    industry: str = ""
    format: str = ""
    format_detail: str = ""
    items: tuple[ItemRow, ...] = ()
    standard: str = ""
    dictionary: str = ""
    share_class: str = ""
    shapes: tuple[str, ...] = ()
    named_bodies: tuple[str, ...] = ()
    condition: str = ""
    personal_reason: str = ""
    share_modes: tuple[str, ...] = ()
    usage: tuple[str, ...] = ()
    control_parameters: tuple[dict[str, Any], ...] = ()
    grounds: tuple[GroundFacts, ...] = ()
    open_class: str = ""
    open_mode: str = ""
    open_condition: str = ""
    update_cycle: str = ""
    data_cycle: str = ""
    publish_on: date | None = None
    contact_office: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    remark: str = ""
    source_table: str = ""

    @property
    def shared_items(self) -> tuple[ItemRow, ...]:
        return tuple(i for i in self.items if i.share_class is not ShareClass.NOT_SHARED)

    @property
    def has_words_of_items(self) -> bool:
        """Whether any item brings a remark or a code table: else the column for them is left
        out."""
        return any(i.remark or i.dictionary for i in self.items)
