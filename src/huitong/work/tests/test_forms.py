"""Every type a parameter may have becomes a field, reads back as that type, and says in Chinese
what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import pytest
from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from pydantic import BaseModel, Field, SecretStr
from tests.toy.actions import Size

from huitong.kernel import doing
from huitong.kernel.actor import BODY, Actor, Post
from huitong.kernel.doing import recorded
from huitong.work.forms import JsonField, LinesField, UploadField, VerbForm, value_words
from huitong.work.rules import AttachmentId, CaseId, Hidden, Pick

pytestmark = pytest.mark.django_db


class Row(BaseModel):
    """A row of something."""

    name: str


def places(actor: Actor, case: Any) -> list[tuple[int, str]]:
    return [(n, f"第{n}会议室") for n in range(1, 4)]


PLACES = Pick(places)


@pytest.fixture(scope="module")
def probe() -> Iterator[str]:
    """A verb with a parameter of every kind, registered for the time of these tests."""

    def probe(
        actor: Actor,
        *,
        short: Annotated[str, Field(title="短文", max_length=20)],
        count: Annotated[int, Field(title="数量", ge=1, le=9)],
        long: Annotated[str, Field(title="长文", max_length=500)] = "",
        share: Annotated[Literal[1, 2, 3], Field(title="类别")] = 1,
        amount: Annotated[Decimal | None, Field(title="金额", ge=0)] = None,
        day: Annotated[date | None, Field(title="日期")] = None,
        moment: Annotated[datetime | None, Field(title="时间")] = None,
        yes: Annotated[bool, Field(title="是否")] = False,
        size: Annotated[Size | None, Field(title="规格")] = None,
        sizes: Annotated[list[Size], Field(title="规格若干")] = (),
        lines: Annotated[list[str], Field(title="多行")] = (),
        numbers: Annotated[list[int], Field(title="编号若干")] = (),
        room: Annotated[int | None, PLACES, Field(title="会议室")] = None,
        rooms: Annotated[list[int], PLACES, Field(title="会议室若干")] = (),
        secret: Annotated[SecretStr | None, Field(title="口令")] = None,
        rows: Annotated[list[Row], Field(title="行")] = (),
        files: Annotated[list[AttachmentId], Field(title="附件")] = (),
        file: Annotated[AttachmentId | None, Field(title="扫描件")] = None,
        case: CaseId | None = None,
        link: Annotated[int | None, Hidden(), Field(title="来自链接")] = None,
    ) -> None:
        """All of it."""

    recorded("A17", BODY(Post.OPERATOR), label="试填")(probe)
    name = next(n for n in doing.VERBS if n.endswith(".probe"))
    yield name
    del doing.VERBS[name]


def form(actor: Actor, name: str, data: str | None = None, **more: Any) -> VerbForm:
    sent = {
        "method": "GET" if data is None else "POST",
        "POST": QueryDict(data or ""),
        "GET": QueryDict(""),
        "FILES": MultiValueDict(),
    }
    return VerbForm(name, SimpleNamespace(actor=actor, **sent), **more)


KINDS = {
    "short": forms.TextInput,
    "long": forms.Textarea,
    "count": forms.NumberInput,
    "amount": forms.NumberInput,
    "day": forms.DateInput,
    "moment": forms.DateTimeInput,
    "yes": forms.CheckboxInput,
    "share": forms.RadioSelect,
    "size": forms.RadioSelect,
    "sizes": forms.CheckboxSelectMultiple,
    "room": forms.RadioSelect,
    "rooms": forms.CheckboxSelectMultiple,
    "secret": forms.PasswordInput,
    "lines": forms.Textarea,
    "rows": forms.Textarea,
    "files": forms.FileInput,
    "case": forms.HiddenInput,
    "link": forms.HiddenInput,
}


def test_each_kind_has_its_control(cast, probe):
    bound = form(cast.housing_operator, probe)
    assert {
        name: type(bound.fields[name].widget)
        for name in KINDS
        if not isinstance(bound.fields[name].widget, KINDS[name])
    } == {}
    assert isinstance(bound.fields["lines"], LinesField) and isinstance(
        bound.fields["rows"], JsonField
    )
    assert isinstance(bound.fields["file"], UploadField) and bound.is_multipart()
    assert {n for n, f in bound.fields.items() if f.required} == {
        "short",
        "count",
    } and bound.fields["count"].label == "数量"


def test_what_is_filled_in_comes_out_typed(cast, probe):
    sent = (
        "short=甲&count=3&long=乙&share=2&amount=1.50&day=2026-12-01&moment=2026-12-01"
        " 09:30&yes=on&size=large&sizes=small&sizes=large&lines=一%0D%0A二%0D%0A&numbers=1、2"
        ' 3&room=2&rooms=1&rooms=3&secret=s&rows=[{"name":"x"}]&link=7'
    )
    bound = form(cast.housing_operator, probe, sent)
    given = bound.given()
    assert given is not None, bound.errors
    typed = doing.VERBS[probe].validate(given)
    assert (
        typed["share"] == 2
        and typed["amount"] == Decimal("1.50")
        and typed["day"] == date(2026, 12, 1)
        and typed["yes"] is True
    )
    assert (
        typed["size"] is Size.LARGE
        and typed["sizes"] == [Size.SMALL, Size.LARGE]
        and typed["lines"] == ["一", "二"]
    )
    assert (
        typed["numbers"] == [1, 2, 3]
        and typed["room"] == 2
        and typed["rooms"] == [1, 3]
        and typed["link"] == 7
    )
    assert typed["secret"].get_secret_value() == "s" and typed["rows"][0].name == "x"


def test_what_is_left_out_keeps_its_default(cast, probe):
    assert form(cast.housing_operator, probe, "short=甲&count=3").given() == {
        "short": "甲",
        "count": 3,
        "yes": False,
    }


@pytest.mark.parametrize(
    "sent, field, words",
    [
        ("count=3", "short", "必填"),
        ("short=甲&count=10", "count", "9"),
        ("short=甲&count=x", "count", "整数"),
        ("short=甲&count=1&share=4", "share", "4"),
        ("short=甲&count=1&day=明天", "day", "日期"),
        ("short=甲&count=1&rows={", "rows", "JSON"),
        ("short=甲&count=1&room=9", "room", "9"),
        ("short=甲&count=1&rows=[{}]", "rows", "必须填写"),
        ("short=甲&count=1&numbers=1 二", "numbers", "整数"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_in_chinese(cast, probe, sent, field, words):
    bound = form(cast.housing_operator, probe, sent)
    assert bound.given() is None and bound.status == 422
    assert set(bound.errors) == {field}
    text = "".join(bound.errors[field])
    assert words in text or (words == "必填" and ("必填" in text or "请填写" in text)), text


def test_a_view_may_fix_some_and_show_fewer(cast, probe):
    bound = form(
        cast.housing_operator, probe, "short=甲&count=9", fixed={"count": 3}, only=("short",)
    )
    assert list(bound.fields) == ["short", "_once"]
    assert bound.given() == {"short": "甲", "count": 3}


def test_the_ledgers_values_are_read_back_in_words(cast, probe):
    fields = doing.VERBS[probe].given.model_fields
    recorded = {
        "size": "large",
        "sizes": ["small", "large"],
        "yes": False,
        "room": 2,
        "lines": ["一", "二"],
        "file": 3,
        "rows": [{"name": "x"}],
    }
    words = {
        name: value_words(fields[name], value, cast.housing_operator, None)
        for name, value in recorded.items()
    }
    assert words == {
        "size": "大会议室",
        "sizes": "小会议室、大会议室",
        "yes": "否",
        "room": "第2会议室",
        "lines": "一、二",
        "file": "",
        "rows": "",
    }
