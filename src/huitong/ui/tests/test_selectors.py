"""Selectors: what stands open, what is searched, and that thousands are never drawn."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.http import QueryDict

from huitong.ui.grids import Column, Grid
from huitong.ui.pinyin import letters, readings, spelled_from
from huitong.ui.rules import is_key
from huitong.ui.selectors import (
    LookupField,
    Named,
    Picker,
    SeveralPicker,
    flat,
    one_of,
    search_keys,
    several_of,
)

KINDS = [
    (kind, [(10 * k + n, f"{kind}{n}") for n in range(8)])
    for k, kind in enumerate(("部门", "园区", "县区"))
]


@pytest.mark.parametrize(
    ("typed", "name", "hit"),
    [
        ("mzj", "南通市民政局", True),
        ("ntsmzj", "南通市民政局", True),
        ("minzheng", "南通市民政局", True),
        ("minzj", "南通市民政局", True),
        ("MZJ", "南通市民政局", True),
        ("min zheng", "南通市民政局", True),
        ("min'zheng", "南通市民政局", True),
        ("cq", "重庆市民政局", True),
        ("zhongq", "重庆市民政局", True),
        ("yinhang", "中国人民银行", True),
        ("lvyou", "文化和旅游局", True),
        ("12345", "12345政务服务热线", True),
        ("12345zw", "12345政务服务热线", True),
        ("rfid", "RFID 台账", True),
        ("inzh", "南通市民政局", False),
        ("mjz", "南通市民政局", False),
        ("nt", "南京市", False),
    ],
)
def test_names_are_found_by_pinyin_initials_and_both(typed: str, name: str, hit: bool) -> None:
    spelled = letters(typed)
    assert spelled
    assert (spelled_from(spelled, readings(name)) is not None) is hit, readings(name)


@pytest.mark.parametrize("typed", ["民政", "a.*", "", " ", "mz局", "a" * 61])
def test_only_letters_and_figures_are_read_as_pinyin(typed: str) -> None:
    assert letters(typed) is None


@pytest.mark.parametrize("name", ["阿" * 59, " ".join(["aaaa"] * 24), "aa啊" * 40])
def test_a_long_question_does_not_take_long(name: str) -> None:
    """Sixty letters that can be divided in very many ways: each is followed once."""
    assert spelled_from("a" * 59 + "b", readings(name)) is None


def drawn(field: forms.Field, value: Any = None) -> str:
    form = type("F", (forms.Form,), {"f": field})(initial={"f": value})
    return str(form["f"])


def test_few_stand_open_many_are_searched_and_never_a_box_of_ticks() -> None:
    three, twelve, many = ([(n, f"第{n}局") for n in range(size)] for size in (3, 12, 73))
    assert isinstance(one_of(three, label="局").widget, forms.RadioSelect)
    assert "data-picker" not in drawn(one_of(twelve, label="局"))
    page = drawn(one_of(many, label="局"), 7)
    assert page.count("<option") == 74 and 'data-picker=""' in page and "picker.js" in page
    assert 'data-find="di 7 ju' in page
    assert isinstance(several_of(twelve, label="局").widget, forms.CheckboxSelectMultiple)
    several = several_of(many, label="局")
    assert isinstance(several.widget, SeveralPicker)
    page = drawn(several, [3, 5])
    assert "checkbox" not in page and page.count(" selected") == 2 and "multiple" in page
    assert several.clean(["3", "5"]) == [3, 5]


def test_kinds_are_kept_and_their_members_are_the_choices() -> None:
    page = drawn(several_of(KINDS, label="部门"))
    assert page.count("<optgroup") == 3
    assert one_of(KINDS, label="部门").clean("21") == 21
    with pytest.raises(forms.ValidationError):
        one_of(KINDS, label="部门").clean("99")
    assert len(list(flat(KINDS))) == 24


def test_a_choice_that_need_not_be_made_can_be_none() -> None:
    assert next(flat(one_of([(1, "一")], label="x", required=False).choices)) == ("", "不选")
    assert next(flat(one_of(KINDS, label="x").choices)) == ("", "请选择")


def test_other_names_are_searched_too() -> None:
    keys = search_keys(Named("市大数据局", "南通市大数据管理局", "市大数据局", ""))
    assert keys.split("|")[1].startswith("南通市大数据管理局:nan/na tong")
    assert keys.count("|") == 1
    assert Picker(choices=[(n, "局") for n in range(3)]).render("n", None).count("data-find") == 0


RESOURCES = {n: f"资源{n:04}" for n in range(1, 5001)}


def lookup(**more: Any) -> LookupField:
    def search(words: str) -> list[tuple[int, str]]:
        return [(pk, name) for pk, name in RESOURCES.items() if words in name][:20]

    def names(keys: list[int]) -> dict[int, str]:
        return {key: RESOURCES[key] for key in keys if key in RESOURCES}

    return LookupField(label="资源", search=search, names=names, source="/choices/", **more)


def sent(text: str) -> forms.Form:
    return type("F", (forms.Form,), {"f": lookup()})(QueryDict(text))


def test_thousands_are_never_on_the_page() -> None:
    page = drawn(lookup(), 17)
    assert page.count("<option") == 2 and "资源0017" in page
    assert 'data-source="/choices/"' in page
    assert drawn(lookup()).count("<option") == 0


def test_what_was_chosen_is_looked_up_by_rights() -> None:
    assert sent("f=17").is_valid()
    form = sent("f=5001")
    assert not form.is_valid() and "5001" in str(form.errors)
    for text in ("f=%00", "f=１７", "f=-1", f"f={10**30}", "f=資"):
        assert not sent(text).is_valid()


def test_without_a_script_words_are_sent_and_looked_up() -> None:
    """A browser without JavaScript: the one thing meant is taken, of several one is asked for."""
    form = sent("f-words=0017")
    assert form.is_valid() and form.cleaned_data["f"] == 17
    form = sent("f-words=001")
    assert not form.is_valid() and "找到多项" in str(form.errors)
    page = str(form["f"])
    assert page.count("<option") == 16 and 'value="001"' in page
    form = sent("f-words=%E6%B2%A1")
    assert not form.is_valid() and "没有找到" in str(form.errors)
    form = sent("f=17&f-words=0018")
    assert form.is_valid() and form.cleaned_data["f"] == 18, "words typed replace what was chosen"
    form = sent("f=17&f-words=001")
    assert form.is_valid() and form.cleaned_data["f"] == 17, "chosen among what the words mean"
    form = sent("f=17&f-words=%E6%B2%A1")
    assert not form.is_valid() and 'value="没"' in str(form["f"]), "what was typed stays"


#: what an attacker or a slip puts where a key belongs: more digits than make a number, more than a
#: bigint holds, what merely looks like digits
NO_KEYS = ["9" * 5000, "9" * 19, "0" * 5000 + "1", "²", "１", "-1", "1.0", "", " 1"]


@pytest.mark.parametrize("text", NO_KEYS, ids=lambda text: repr(text[:5]))
def test_no_digits_are_read_as_a_key_unless_they_are_one(text: str) -> None:
    """By the one rule: in a field that looks something up, and in the ticked rows of a grid."""
    assert not is_key(text) and is_key("1") and is_key("9" * 18)
    if text:
        assert not sent(f"f={text}").is_valid() and str(sent(f"f={text}"))
    data = QueryDict(mutable=True)
    data.setlist("g.a", ["甲", "乙"])
    data.update({"rows": "g:remove", "g.tick": text})
    assert len(Grid.posted("g", [Column("a", "名称")], data).filled) == 2
