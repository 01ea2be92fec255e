"""The table of elements is the only list: what stands in it reaches every verb, form, page, answer
and check, with its label and its limits (A3, A7-A10, A20)."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from annotated_types import MaxLen, MinLen
from django.db.models import CharField
from tests.cast import Cast

from huitong.catalog import actions, api, queries
from huitong.catalog.forms import COLUMNS, SectionForm, asked_in
from huitong.catalog.models import Item, Version
from huitong.catalog.rules import (
    ELEMENTS,
    Element,
    EntryFacts,
    ItemRow,
    Kind,
    Search,
    check,
    of_kind,
    words,
)
from huitong.catalog.tests.marriage import drafted, published
from huitong.kernel.doing import VERBS
from huitong.kernel.procedure import AgainstRules, Malformed

EVERY = pytest.mark.parametrize("element", ELEMENTS.values(), ids=lambda e: e.name)
#: others are given by verbs of their own, or filled in by the platform
GIVEN = [e for e in ELEMENTS.values() if e.kind is not Kind.GROUNDS and not e.filled_in]
TEXTS = [e for e in ELEMENTS.values() if e.kind is Kind.TEXT]
#: what of an entry is no element: whose it is, where it comes from
BESIDE = (
    "code_lists",
    "standards",
    "body",
    "provider_name",
    "provider_code",
    "unit",
    "source_table",
    "struck",
    "law",
    "leads",
    "entered_by",
    "required",
    "lacks_task_force",
    "neighbours",
    "required",
    "lacks_task_force",
    "on",
)
MARKED = "机密★20年"


@EVERY
def test_a_version_has_room_for_it(element: Element) -> None:
    if element.kind in (Kind.ITEMS, Kind.GROUNDS):
        assert hasattr(Version, element.name), "rows of their own"
        return
    column = Version._meta.get_field(element.name)
    if element.kind is Kind.TEXT and isinstance(column, CharField):
        assert column.max_length == element.longest, "as long as may be given"
    if element.kind is Kind.CHOICE and column.choices:
        assert [value for value, _ in column.choices] == [c.value for c in element.choices]
        assert max(len(c.value) for c in element.choices) <= column.max_length
    if element.kind in (Kind.WORDS, Kind.CODES):
        assert column.base_field.max_length == element.each
    if element.kind is Kind.CHOICES:
        assert max(len(c.value) for c in element.choices) <= column.base_field.max_length


def test_a_version_says_nothing_that_is_not_in_the_table() -> None:
    own = {"id", "entry", "case", "round", "received_at", "created_at", "updated_at", "words"}
    own |= {"number", "content", "sha256", "published_at", "published_by", "entered_by"}
    rows = {"items", "grounds"}
    columns = {field.name for field in Version._meta.concrete_fields}
    assert columns - own == ELEMENTS.keys() - rows
    assert EntryFacts.model_fields.keys() == {*ELEMENTS, *BESIDE}
    columns = {field.name for field in Item._meta.concrete_fields} - {"id", "version", "position"}
    assert (
        columns
        == ItemRow.model_fields.keys()
        == api.ItemOut.model_fields.keys() | {"suggestion", "declined"}
    )


@pytest.mark.parametrize("verb", ["entry.draft", "entry.edit"])
@pytest.mark.parametrize("element", GIVEN, ids=lambda e: e.name)
def test_a_verb_takes_it_with_its_label_and_limits(element: Element, verb: str) -> None:
    field = VERBS[verb].given.model_fields[element.name]
    assert field.title == element.label
    limits = {type(mark): mark for mark in field.metadata}
    if element.longest:
        assert limits[MaxLen] == MaxLen(element.longest)
    if element.shortest:
        assert limits[MinLen] == MinLen(element.shortest)
    if verb == "entry.edit":
        assert field.default is None and type(None) in get_args(field.annotation), (
            "not given, it stays as it is"
        )


@pytest.mark.django_db
@pytest.mark.parametrize("element", GIVEN, ids=lambda e: e.name)
def test_a_form_asks_for_it(cast: Cast, element: Element) -> None:
    assert element in asked_in(element.section)
    personal = [{"name": "姓名", "column": "xm", "share_class": "1"}]
    entry = drafted(cast.civil_operator, format="", items=personal)
    form = SectionForm(
        element.section, cast.civil_operator, queries.entry_for(cast.civil_operator, entry.pk)
    )
    page = cast.client("civil_operator").get(f"/compile/{entry.pk}/{element.section}/")
    html = page.content.decode()
    if element.kind in COLUMNS:
        assert f'data-grid="{element.name}"' in html and form.grids[element.name].columns
        return
    field = form.fields[element.name]
    assert field.label == element.label and field.help_text.startswith(element.hint)
    if element.kind is Kind.TEXT:
        assert field.max_length == element.longest
    assert f'name="{element.name}"' in html


@EVERY
def test_the_api_answers_it(element: Element) -> None:
    assert api.EntryWhole.model_fields[element.name].title == element.label


def filled(cast: Cast) -> dict[str, Any]:
    """A value of its own for every element that can be given."""
    system = actions.register_system(cast.civil_operator, name="独有的业务系统")
    values: dict[str, Any] = {}
    for n, element in enumerate(GIVEN):
        match element.kind:
            case Kind.TEXT:
                values[element.name] = f"第{n}个要素的内容，写得足够长。"[: element.longest]
            case Kind.CHOICE:
                values[element.name] = element.choices[-1].value
            case Kind.CHOICES:
                values[element.name] = [element.choices[0].value]
            case Kind.SYSTEM:
                values[element.name] = system.pk
            case Kind.BODIES:
                values[element.name] = [cast.body("hr").pk]
            case Kind.ITEMS:
                values[element.name] = [
                    {
                        "name": "独有的信息项",
                        "column": "reg_no",
                        "level": "2",
                        "share_class": "2",
                        "mask": "name",
                    }
                ]
            case Kind.WORDS:
                values[element.name] = [f"第{n}个要素的词", "另一个词"]
            case Kind.CODES:
                other = published(
                    cast.civil_operator, cast.civil_manager, cast.bureau_operator, "收养登记信息"
                )
                values[element.name] = [other.code]
            case Kind.PARAMETERS:
                values[element.name] = [{"name": "matter", "title": "事项编码"}]
            case Kind.TERMS:
                values[element.name] = [
                    {
                        "text": "只供核验婚姻状况时使用",
                        "document": "个人信息保护法",
                        "article": "第六条",
                    }
                ]
    conditional = {"share_class": "2", "shapes": ["named_bodies", "masked"]}
    return values | conditional | {"share_modes": ["api"], "open_class": "3"}


@pytest.mark.django_db
def test_what_is_given_is_read_on_every_page_and_in_every_answer(cast: Cast) -> None:
    """All elements at once, from the edit to the published version."""
    values = filled(cast)
    entry = actions.draft(cast.civil_operator, name="要素齐全的登记信息")
    actions.edit(cast.civil_operator, entry.case, **values)
    draft = queries.entry_for(cast.civil_operator, entry.pk).draft
    facts = queries.facts_of(draft)
    # a reason is for what is unconditional, a condition of opening for what is open
    given = [e for e in GIVEN if e.name not in ("personal_reason", "open_condition")]
    texts = {e.name: words(facts, e.name) for e in given}
    assert all(texts.values()), [name for name, text in texts.items() if not text]
    clerk = cast.client("civil_operator")
    checked = clerk.get(f"/compile/{entry.pk}/check/").content.decode()
    assert [n for n, text in texts.items() if text not in checked] == []
    assert all(ELEMENTS[n].label in checked for n in texts)
    actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    review = cast.client("civil_manager").get(f"/review/{entry.case_id}/").content.decode()
    assert [n for n, text in texts.items() if text not in review] == []
    actions.pass_department(cast.civil_manager, entry.case, cleared=["state", "work"])
    actions.pass_bureau(cast.bureau_operator, entry.case)
    actions.publish(cast.civil_operator, entry.case)
    reader = cast.client("hr_operator")
    page = reader.get(f"/catalog/{entry.pk}/").content.decode()
    apart = {
        "items",
        "shapes",
        "named_bodies",
        "sharing_terms",
    }  # in the conditions, and as a table
    assert "只供核验婚姻状况时使用" in page and "《个人信息保护法》第六条" in page
    assert [n for n, text in texts.items() if n not in apart and text not in page] == []
    answer = json.loads(reader.get(f"/catalog/{entry.pk}.json").content)
    content = queries.entry_for(cast.hr_operator, entry.pk).published.content
    for element in given:
        assert answer[element.name] and answer[element.name] == content[element.name]
    searched = {e.name for e in given if e.search}
    assert searched >= {"name", "summary", "items", "system", "category"}
    text = queries.entry_for(cast.hr_operator, entry.pk).published.words
    for name in searched - {"items"}:
        assert texts[name].lower()[:8] in text, name
    assert ELEMENTS["name"].search is Search.OWN


@pytest.mark.django_db
@pytest.mark.parametrize("element", TEXTS, ids=lambda e: e.name)
def test_no_text_takes_what_is_marked(cast: Cast, element: Element) -> None:
    """A marking is refused when it is given, and met when an older entry holds it (A3)."""
    entry = drafted(cast.civil_operator)
    with pytest.raises(AgainstRules) as refused:
        actions.edit(cast.civil_operator, entry.case, **{element.name: f"{MARKED}名册"})
    assert refused.value.article == "A3"
    facts = EntryFacts(**{element.name: f"{MARKED}名册"})
    assert element.name in {f.field for f in check(facts) if f.rule == "classified"}


@pytest.mark.django_db
@pytest.mark.parametrize("element", TEXTS, ids=lambda e: e.name)
def test_a_text_that_is_too_long_is_refused_by_its_name(cast: Cast, element: Element) -> None:
    entry = drafted(cast.civil_operator)
    with pytest.raises(Malformed) as refused:
        actions.edit(
            cast.civil_operator, entry.case, **{element.name: "长" * (element.longest + 1)}
        )
    assert list(refused.value.fields) == [element.name] and element.label in refused.value.detail


def test_a_complete_entry_is_asked_for_every_element_that_is_required() -> None:
    missing = {f.field for f in check(EntryFacts()) if f.rule == "missing_elements"}
    assert missing == {e.name for e in ELEMENTS.values() if e.required}
    for on, choice, hanging in (
        ("share_class", "3", "share_modes"),
        ("open_class", "3", "open_mode"),
    ):
        rest = {f.field for f in check(EntryFacts(**{on: choice})) if f.rule == "missing_elements"}
        assert missing - rest == {on, hanging}, "what belongs to another class is not asked"
    assert of_kind(Kind.GROUNDS) == ["grounds"]
