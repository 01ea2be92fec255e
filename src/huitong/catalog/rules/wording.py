"""An entry in words: each element as people say it, and its conditions as a clerk reads them
before applying (A8, A18)."""

from __future__ import annotations

from typing import Any

from huitong.catalog.rules.element import Kind, Search, Section
from huitong.catalog.rules.elements import ELEMENTS
from huitong.catalog.rules.facts import EntryFacts
from huitong.catalog.rules.finding import words_for
from huitong.catalog.rules.terms import Term, stated, term_of
from huitong.catalog.rules.vocabulary import Shape, ShareClass
from huitong.scope.masks import NAMED


def conditions(e: EntryFacts) -> list[str]:
    """One sentence per condition; empty while the share class is not chosen."""
    if e.share_class == ShareClass.UNCONDITIONAL:
        sentences = ["所有政务部门均可申请使用，不附加条件。"]
    elif e.share_class == ShareClass.NOT_SHARED:
        sentences = ["不予共享，依据已报市大数据管理局备案。"]
    elif e.share_class == ShareClass.CONDITIONAL:
        over = {term.key for term in e.struck}
        standing = [term for term in stated(e) if term.key not in over]
        sentences = [
            _shape(shape, e) + _added(shape, own) + _based(own)
            for shape in Shape
            if shape in e.shapes and (own := [t for t in standing if t.shape == shape])
        ]
        sentences += [f"{t.what}。{_based([t])}" for t in standing if not t.shape]
    else:
        return []
    if e.control_parameters:
        titles = "、".join(str(p.get("title") or p.get("name")) for p in e.control_parameters)
        sentences.append(f"每次调用须说明：{titles}。")
    return sentences


def _shape(shape: Shape, e: EntryFacts) -> str:
    if shape is Shape.NAMED_BODIES:
        return f"仅提供给：{'、'.join(e.named_bodies)}。"
    if shape is Shape.PARTIAL_ITEMS:
        withheld = [i.name for i in e.items if i.share_class is ShareClass.NOT_SHARED]
        return f"提供 {len(e.shared_items)} 个信息项，不提供：{'、'.join(withheld)}。"
    if shape is Shape.MASKED:
        return f"脱敏后提供：{_masked(e)}。"
    return "只返回比对结果（一致、不一致、查无），不提供数据本身（平台尚未提供比对服务，暂不能挂接和申请）。"


def _added(shape: Shape, terms: list[Term]) -> str:
    """What rows say of a shape in words of their own."""
    texts = dict.fromkeys(term.text.rstrip("。；") for term in terms)
    return "".join(f"{text}。" for text in texts if text and text != shape.label)


def _based(terms: list[Term]) -> str:
    bases = "、".join(dict.fromkeys(term.basis for term in terms if term.basis))
    return f"依据：{bases}。" if bases else ""


def _masked(e: EntryFacts) -> str:
    """The masked items, those masked alike together: 男方姓名、女方姓名（保留首字）."""
    alike: dict[str, list[str]] = {}
    for item in e.shared_items:
        if item.mask:
            alike.setdefault(NAMED[item.mask][0].partition("（")[2].removesuffix("）"), []).append(
                item.name
            )
    return "；".join(f"{'、'.join(names)}（{how}）" for how, names in alike.items())


# -- every element in words ------------------------------------------------------------------------


def words(e: Any, field: str) -> str:
    """One element as people say it, of facts or of whatever has the names of elements; empty when
    it is not filled."""
    element, value = ELEMENTS[field], getattr(e, field)
    if element.filled_in and not value:
        return element.filled_in
    labels = {choice.value: choice.label for choice in element.choices}
    match element.kind:
        case Kind.ITEMS:
            return f"{len(value)} 个信息项" if value else ""
        case Kind.GROUNDS:
            return "；".join(f"《{g.document}》{g.article}" for g in value)
        case Kind.PARAMETERS:
            return "、".join(f"{p.get('title')}（{p.get('name')}）" for p in value)
        case Kind.TERMS:
            rows = (row if isinstance(row, Term) else term_of(row) for row in value)
            return "；".join(row.words for row in rows)
        case Kind.CHOICE:
            return str(labels.get(value, value))
        case Kind.CHOICES | Kind.BODIES | Kind.WORDS | Kind.CODES:
            return "、".join(labels.get(v, v) for v in value)
        case Kind.DAY:
            return value.isoformat() if value else ""
        case _:
            return str(value)


def sections(e: EntryFacts) -> list[tuple[Section, list[tuple[str, str, str]]]]:
    """Every section with its elements: field, label, words."""
    return [
        (
            section,
            [
                (name, element.label, words(e, name))
                for name, element in ELEMENTS.items()
                if element.section is section
            ],
        )
        for section in Section
    ]


def searchable(e: Any) -> str:
    """The text an entry is found by, of facts or of whatever has the names of those elements: what
    their table says search looks in."""

    def of(search: Search) -> list[str]:
        named = [
            n for n, el in ELEMENTS.items() if el.search is search and n not in ("name", "items")
        ]
        return [words(e, name) for name in named]

    items = [(item.name, item.column) for item in e.items]
    shared = [*of(Search.SHARED), *([e.unit] if e.unit else [])]
    return words_for(e.name, " ".join(of(Search.OWN)), items, shared)
