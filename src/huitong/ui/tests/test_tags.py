"""The words and wiring that components work out."""

from __future__ import annotations

from datetime import date

import pytest
from django import forms
from django.template.loader import render_to_string

from huitong.ui.rules import ERRORS, explained
from huitong.ui.templatetags import ui
from huitong.ui.tests.samples import ApplicationForm


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> date:
    day = date(2026, 11, 23)
    monkeypatch.setattr(ui.timezone, "localdate", lambda: day)
    return day


@pytest.mark.parametrize(
    ("arguments", "words", "shape", "tone"),
    [
        ({"left": 6, "due": date(2026, 12, 1)}, "剩 6 个工作日（12月1日到期）", "dot", "good"),
        ({"left": 1}, "剩 1 个工作日", "dot", "near"),
        ({"left": 3, "near": "5"}, "剩 3 个工作日", "dot", "near"),
        ({"left": 0, "due": date(2026, 11, 23)}, "今日到期", "dot", "near"),
        ({"left": -1, "due": date(2026, 11, 20)}, "已超期 1 个工作日", "square", "late"),
        ({"left": 4, "paused": "等待补正"}, "计时暂停（等待补正）", "pause", "calm"),
        ({"left": 4, "paused": True}, "计时暂停", "pause", "calm"),
        (
            {"left": 30, "due": date(2027, 1, 4)},
            "剩 30 个工作日（2027年1月4日到期）",
            "dot",
            "good",
        ),
        ({"left": None}, "无时限", "none", "calm"),
        ({"left": None, "done": "已办结"}, "已办结", "check", "calm"),
    ],
)
def test_countdown_says_it_in_words_shape_and_tone(
    arguments: dict[str, object], words: str, shape: str, tone: str
) -> None:
    assert ui.due_face(**arguments) == ui.Face(words, shape, tone)  # type: ignore[arg-type]


def test_fields_are_wired_for_screen_readers() -> None:
    form = ApplicationForm({"purpose": "核验"})
    html = str(form)
    assert 'for="id_duty"' in html
    assert 'aria-describedby="id_duty_helptext id_duty_error"' in html
    assert 'aria-invalid="true"' in html
    assert html.count("（必填）") == 7
    assert (
        '<fieldset class="field  has-error" id="id_scope" aria-describedby=" id_scope_error">'
        in html
    )


def test_errors_say_what_to_do_and_link_to_the_control() -> None:
    form = ApplicationForm({"until": "明天"})
    texts = {error["target"]: error["text"] for error in ui.error_fields(form)}
    assert texts["id_duty"] == "请填写使用依据"
    assert texts["id_manner"] == "请选择使用方式"
    assert texts["id_scan"] == "请上传盖章申请表"
    assert texts["id_scope_0"] == "请选择申请信息项"
    assert texts["id_until"].startswith("使用期限至：")
    html = str(form)
    assert all(f'id="{target}"' in html for target in texts), (
        "each link of the summary must lead somewhere"
    )
    assert all(html.count(text.removeprefix("使用期限至：")) >= 2 for text in texts.values()), (
        "same words above and at the field"
    )


def test_own_message_of_a_field_is_kept() -> None:
    class Own(forms.Form):
        reasons = forms.CharField(
            label="理由", error_messages={"required": "请写明不予共享的法律依据"}
        )

    assert ui.error_texts(Own({})["reasons"]) == ["请写明不予共享的法律依据"]


def test_dates_are_native_pickers_with_iso_values() -> None:
    class Until(forms.Form):
        until = forms.DateField(label="至", initial=date(2026, 12, 1))

    html = str(Until())
    assert 'type="date"' in html
    assert 'value="2026-12-01"' in html


def test_json_keeps_chinese_readable() -> None:
    assert ui.pretty_json('{"姓名": "张*"}') == '{\n  "姓名": "张*"\n}'
    assert ui.pretty_json("不是 JSON") == "不是 JSON"


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 500])
def test_every_error_says_cause_who_and_next_step(status: int) -> None:
    assert all((ERRORS[status].cause, ERRORS[status].who, ERRORS[status].remedy))


def test_an_error_keeps_what_the_refusal_says() -> None:
    explained_error = explained(
        {"status": 409, "code": "against_rules", "detail": "已由他人受理", "article": "A21"}
    )
    assert (
        explained_error.cause,
        explained_error.article,
        explained_error.code,
        explained_error.who,
    ) == ("已由他人受理", "A21", "against_rules", ERRORS[409].who)
    assert explained({"status": 418}).title == ERRORS[400].title


def test_an_error_page_names_the_law_with_its_article() -> None:
    page = render_to_string(
        "ui/error.html", {"problem": explained({"status": 409, "article": "A3"})}
    )
    assert "《实施细则》第三条" in page
