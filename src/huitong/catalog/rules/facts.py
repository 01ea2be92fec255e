"""An entry as facts, without models: what checks, versions and exports are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator, model_validator

from huitong.catalog.rules.element import Kind
from huitong.catalog.rules.elements import ELEMENTS
from huitong.catalog.rules.leads import LeadOfItem
from huitong.catalog.rules.terms import StruckTerm, Term
from huitong.catalog.rules.vocabulary import MASKS, STRICTEST, Level, ShareClass, Strictest
from huitong.kernel.actor import Labelled
from huitong.scope.columns import mask_fault
from huitong.scope.literals import ItemType
from huitong.scope.masks import NAMED, named, shows_more
from huitong.scope.suggest import BY_KIND, suggest

#: where empty text is a value
_TEXTS = (
    "name",
    "column",
    "mask",
    "code_list",
    "standard",
    "dictionary",
    "remark",
    "column_type",
    "declined",
)
_FACTS = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Settled(Labelled):
    """What became of the recognition of personal data in an item."""

    OPEN = "open", "待处理"
    ADOPTED = "adopted", "已采纳"
    DECLINED = "declined", "不采纳"


@dataclass(frozen=True)
class Recognition:
    """Personal data an item seems to hold: what, by which sign, and how it should be kept."""

    kind: str
    reason: str
    mask: str
    level: Level

    @property
    def what(self) -> str:
        """What it seems to be: 公民身份号码."""
        return BY_KIND[self.kind].what

    @property
    def proposal(self) -> str:
        """How it should be kept, in words."""
        return f"{NAMED[self.mask][0]}，{self.level.label}"


class ItemRow(BaseModel):
    """One information item (信息项) as it is entered and as it is kept. What is not said of it is
    taken at its strictest."""

    model_config = _FACTS

    name: str = Field(title="信息项名称", min_length=1, max_length=100)
    column: str = Field("", title="对应列名", max_length=128)
    type: ItemType = Field(ItemType.TEXT, title="数据类型")
    length: int | None = Field(None, title="长度", ge=1, le=100_000_000)
    nullable: bool = Field(True, title="可为空")
    is_key: bool = Field(False, title="主键")
    level: Level = Field(STRICTEST.level, title="数据分级")
    share_class: ShareClass = Field(STRICTEST.share_class, title="共享类型")
    mask: str = Field(STRICTEST.mask, title="脱敏方式")
    #: the title of a version of a code list, and the number of a standard, that are filed (A9)
    code_list: str = Field("", title="数据字典", max_length=160)
    standard: str = Field("", title="数据标准", max_length=60)
    dictionary: str = Field("", title="代码表", max_length=120)
    remark: str = Field("", title="备注", max_length=300)
    #: the source column's own type, as the scan found it
    column_type: str = Field("", title="来源列类型", max_length=80)
    #: what the scan suggests and why: {"kind", "label", "mask", "level", "reason"}; never applied
    #: by itself
    suggestion: dict[str, str] = Field(default_factory=dict, title="识别建议")
    #: why the suggestion is not followed
    declined: str = Field("", title="不采纳识别建议的理由", max_length=300)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, value: Any) -> Any:
        """An empty box of a form is a value not given, save where empty text is a value."""
        if isinstance(value, dict):
            return {k: v for k, v in value.items() if v != "" or k in _TEXTS}
        return value

    @field_validator("mask")
    @classmethod
    def _known_mask(cls, value: str) -> str:
        if value and value not in NAMED:
            raise ValueError(f"没有这种脱敏方式，可用：{'、'.join(NAMED)}")
        return value

    @cached_property
    def recognition(self) -> Recognition | None:
        """The personal data it seems to hold: judged by content when it was scanned, else by its
        names."""
        sign = self.suggestion
        if not sign and (named_so := _by_name(self.column, self.name)):
            sign = {"kind": named_so.kind, "reason": named_so.reason}
        if not sign or not BY_KIND[sign["kind"]].personal:
            return None
        mask = sign.get("mask", BY_KIND[sign["kind"]].mask)
        fits = mask in MASKS[self.type] and not mask_fault(named(mask), self.column_type)
        return Recognition(
            sign["kind"],
            sign.get("reason", ""),
            mask if fits else STRICTEST.mask,
            Level(sign.get("level", Level.THREE)),
        )

    @property
    def identifies(self) -> str:
        """What the scan recognised of a body by, and the sign: an identifier, public as a rule."""
        sign = self.suggestion
        if not sign or BY_KIND[sign["kind"]].personal:
            return ""
        return f"{BY_KIND[sign['kind']].what}：{sign.get('reason', '')}"

    @property
    def mask_label(self) -> str:
        """Its mask in words; empty without one."""
        return NAMED[self.mask][0] if self.mask else ""

    @property
    def personal(self) -> tuple[str, str] | None:
        """What personal data it seems to hold and by which sign."""
        recognition = self.recognition
        return (recognition.what, recognition.reason) if recognition else None

    @property
    def cites(self) -> list[tuple[str, str]]:
        """What its values are held to, in words: code list, standard, and what was written before
        they were filed."""
        fields = type(self).model_fields
        names = ("code_list", "standard", "dictionary")
        return [(fields[n].title or n, value) for n in names if (value := getattr(self, n))]

    @property
    def is_untouched(self) -> bool:
        """Whether nobody has yet said how it is graded, given and masked."""
        return Strictest(self.level, self.share_class, self.mask) == STRICTEST

    def settled(self, entry: str = "") -> Settled | None:
        """What became of what was recognised; None where nothing was. ``entry``: the share class
        of the whole entry. What never leaves needs no mask, but somebody must have said so."""
        if (recognition := self.recognition) is None:
            return None
        withheld = ShareClass.NOT_SHARED in (entry, self.share_class)
        if self.is_untouched and entry != ShareClass.NOT_SHARED:
            return Settled.OPEN
        mask = named(self.mask) if self.mask else None
        if self.level >= recognition.level and (
            withheld or not shows_more(mask, named(recognition.mask))
        ):
            return Settled.ADOPTED
        return Settled.DECLINED if self.declined else Settled.OPEN


#: names are judged again and again: by each rule, for each page
_by_name = lru_cache(8192)(lambda column, name: suggest(column, name))


class GroundFacts(BaseModel):
    """A legal ground for not sharing (A8)."""

    model_config = _FACTS

    #: the code of its kind, and what that is called
    kind: str
    kind_label: str = ""
    document: str
    article: str = ""
    quotation: str = ""
    filed_on: date | None = None


class CodeListFacts(BaseModel):
    """A version of a code list that items cite: whether its list ended, which version is the newest
    in force, what a column needs to hold its codes."""

    model_config = _FACTS

    id: int
    name: str
    number: int
    until: date | None = None
    newest: str
    longest: int
    numeric: bool


class StandardFacts(BaseModel):
    """A standard that items cite."""

    model_config = _FACTS

    id: int
    number: str
    name: str
    until: date | None = None


@dataclass(frozen=True)
class Neighbour:
    """A published entry that may be of the same data: what it is compared by."""

    entry: int
    body: str
    name: str
    items: tuple[str, ...]


#: what an element is among the facts, by its kind, and what it is while it is not filled
_HELD: Mapping[Kind, tuple[Any, Any]] = {
    Kind.TEXT: (str, ""),
    Kind.CHOICE: (str, ""),
    Kind.CHOICES: (tuple[str, ...], ()),
    Kind.DAY: (date | None, None),
    Kind.SYSTEM: (str, ""),
    Kind.BODIES: (tuple[str, ...], ()),
    Kind.WORDS: (tuple[str, ...], ()),
    Kind.CODES: (tuple[str, ...], ()),
    Kind.ITEMS: (tuple[ItemRow, ...], ()),
    Kind.PARAMETERS: (tuple[dict[str, Any], ...], ()),
    Kind.TERMS: (tuple[Term, ...], ()),
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
    #: 提供方名称， in full, and 提供方代码： its unified social credit code
    provider_name: str = ""
    provider_code: str = ""
    #: the unit below the provider in whose name it is published (A5); empty: the provider's own
    unit: str = ""
    #: who entered it in the provider's place (代录); empty: the provider itself
    entered_by: str = ""
    source_table: str = ""
    #: those of its conditions that the bureau struck
    struck: tuple[StruckTerm, ...] = ()
    #: entries near to it, where a query fetched them: no part of what it says
    neighbours: tuple[Neighbour, ...] = Field((), exclude=True)
    #: the data its items hold that another body leads, where a query fetched them
    leads: tuple[LeadOfItem, ...] = Field((), exclude=True)
    #: the rules that stop it though else they only warn, and whether its body lacks the task force
    #: it must have (A5): the day's, no part of what it says
    required: frozenset[str] = Field(frozenset(), exclude=True)
    lacks_task_force: bool = Field(False, exclude=True)
    #: the law its case runs under
    law: str = Field("", exclude=True)
    #: the day on which it is judged
    on: date | None = None
    #: what its items cite, by what they cite it by
    code_lists: Mapping[str, CodeListFacts] = {}
    standards: Mapping[str, StandardFacts] = {}

    @property
    def shared_items(self) -> tuple[ItemRow, ...]:
        return tuple(i for i in self.items if i.share_class is not ShareClass.NOT_SHARED)

    @property
    def recognised(self) -> list[tuple[ItemRow, Recognition, Settled]]:
        """The items that seem to hold personal data, and what became of it."""
        return [
            (item, recognition, settled)
            for item in self.items
            if (settled := item.settled(self.share_class)) and (recognition := item.recognition)
        ]

    @property
    def has_words_of_items(self) -> bool:
        """Whether any item brings a remark or a code table: else the column for them is left
        out."""
        return any(i.remark or i.cites for i in self.items)
