"""What of a doubt is masked, and what stays as it was written (A29)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest
from pydantic import TypeAdapter, ValidationError

from huitong.objections.actions import parameters
from huitong.objections.rules import masked, masking
from huitong.scope import identifiers

RANDOM = Random(29)
PERSON = identifiers.make_citizen_number(RANDOM)
MOBILE = identifiers.make_mobile(RANDOM)
CARD = identifiers.make_bank_card(RANDOM)
WIDE = "".join(chr(ord(sign) + 0xFEE0) for sign in PERSON)
HOSTILE = {
    "alone": PERSON,
    "between words": f"身份证{PERSON}的人",
    "after a letter": f"ID{PERSON}",
    "in groups": f"{PERSON[:6]} {PERSON[6:14]} {PERSON[14:]}",
    "with strokes": f"{PERSON[:6]}-{PERSON[6:14]}-{PERSON[14:]}",
    "sign by sign": "、".join(PERSON),
    "full width": WIDE,
    "with signs nobody sees": "\u200b".join(PERSON),
    "in a longer number": f"00{PERSON}7",
    "lower case": PERSON.lower(),
    "before a telephone": f"{PERSON} {MOBILE}",
    "glued to a telephone": f"{PERSON}{MOBILE}",
    "twice": f"{PERSON}，{PERSON}",
    "after a day": f"2020-08-01 {PERSON[:6]} {PERSON[6:14]} {PERSON[14:]}",
    **{
        f"between {sign!r}": sign.join((PERSON[:6], PERSON[6:14], PERSON[14:]))
        for sign in ("\u3000", "\u00a0", "\n", "   ", "\t", "：", ":", " - ")
    },
    "in brackets": f"{PERSON[:6]}({PERSON[6:14]})（{PERSON[14:]}）",
}
THREE, FOUR, LAST = MOBILE[:3], MOBILE[3:7], MOBILE[7:]
CALLED = {
    "two in groups": f"电话 138 0000 1111、{THREE} {FOUR} {LAST}",
    "first of two": f"电话 {THREE} {FOUR} {LAST}、138 0000 1111",
    "after a day": f"2020-08-01 {THREE} {FOUR} {LAST}",
    "before a day": f"{THREE}-{FOUR}-{LAST} 2020-08-01",
    "from abroad": f"0086{MOBILE}",
    "from abroad in groups": f"+86 ({THREE}) {FOUR} {LAST}",
    "glued from abroad": f"0086{THREE} {FOUR} {LAST}",
    "wide gaps": f"{THREE}\u3000{FOUR}\n{LAST}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_identity_number_is_left_however_it_is_written(text: str) -> None:
    left = "".join(sign for sign in masked(text) if sign.isalnum() and sign.isascii())
    assert PERSON[6:14] not in left, masked(text)


@pytest.mark.parametrize("text", CALLED.values(), ids=CALLED)
def test_no_telephone_is_left_however_it_is_written(text: str) -> None:
    left = "".join(sign for sign in masked(text) if sign.isalnum() and sign.isascii())
    assert MOBILE[3:7] not in left, masked(text)
    assert "0000" not in left or "138" not in text, masked(text)


def test_a_card_inside_a_longer_number_is_masked() -> None:
    for text in (f"00{CARD}7", f"2020-08-01 {CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:]}"):
        left = "".join(sign for sign in masked(text) if sign.isdecimal())
        assert CARD[6:15] not in left, masked(text)


def test_no_more_of_a_text_is_read_for_an_address_than_one_has() -> None:
    """Else each sign of a long text is read on to its end."""
    for text, most in (
        ("a" * 1000 + "@example.cn", 64 + len("@example.cn")),
        ("a@" + "bb." * 1000 + "cn", len("a@") + 8 * len("bb.") + len("bb")),
    ):
        address = masking.EMAIL.search(text)
        assert address is not None and len(address.group()) == most


@pytest.mark.parametrize(
    "name", ["Words", "Locator", "Reasons", "Correction", "Remark", "Evaluation"]
)
def test_what_is_too_long_is_refused_before_it_is_masked(name: str) -> None:
    """Masking leaves unseen signs out: done first, it would make the text fit."""
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(getattr(parameters, name)).validate_python("疑" + "\u200b" * 2000)
    assert [fault["type"] for fault in refused.value.errors()] == ["string_too_long"]


def test_telephones_cards_and_mail_are_masked_too() -> None:
    text = masked(f"电话 {MOBILE[:3]} {MOBILE[3:7]} {MOBILE[7:]}，座机 0513-85215678，卡 {CARD}")
    assert MOBILE[3:7] not in text and "8521" not in text and CARD[6:15] not in text
    assert "lisi" not in masked("邮箱 lisi@example.com")
    assert "1234567" not in masked("护照 E12345678")


@pytest.mark.parametrize(
    "text",
    [
        "登记日期应为 2020-08-01，系统里是 2020-01-08（见第 3 页）。",
        "登记证字号 A0***7；办件编号 SQ20261130000123",
        "7d0f2a52-96f2-4f6e-8f4d-2f7f3c1b9e10",
        "2020-11-13 2020-08-01 2020-08-02：三次登记",
        "共 12,345,678 行，少 3 行；！？《办法》第二十九条",
    ],
)
def test_what_names_nobody_stays_as_it_was_written(text: str) -> None:
    assert masked(text) == text


# -- days and hours --------------------------------------------------------------------------------

MOMENTS = {
    "2020-08-01": "%Y-%m-%d",
    "2020/8/1": "{Y}/{m}/{d}",
    "2020.8.1": "{Y}.{m}.{d}",
    "2020年8月1日": "{Y}年{m}月{d}日",
    "2020-08": "%Y-%m",
    "20200801": "%Y%m%d",
    "15:30": "%H:%M",
    "15:30:22": "%H:%M:%S",
    "15：30：22": "%H：%M：%S",
    "2020-08-01 15:30:22": "%Y-%m-%d %H:%M:%S",
    "2020-08-01 15:30:22.123456": "%Y-%m-%d %H:%M:%S.%f",
    "2020/8/1 15:30": "{Y}/{m}/{d} %H:%M",
    "2020-08-01T15:30:22+08:00": "%Y-%m-%dT%H:%M:%S+08:00",
    "20200801153022": "%Y%m%d%H%M%S",
    "20200801 153022": "%Y%m%d %H%M%S",
    "20200801000123": "%Y%m%d000123",
}
BETWEEN = ("，", "、", " ", "\n", "；", ",", ", ", "/", " - ", " 至 ", "(", "——", "：")


def _moment(random: Random, form: str) -> str:
    at = datetime(1950, 1, 1) + timedelta(seconds=random.randrange(76 * 365 * 86400))
    return at.strftime(form.format(Y=at.year, m=at.month, d=at.day))


@pytest.mark.parametrize("form", MOMENTS.values(), ids=MOMENTS)
def test_days_and_hours_in_a_row_stay_as_they_were_written(form: str) -> None:
    random = Random(form)
    for _ in range(300):
        moments = [_moment(random, form) for _ in range(random.choice((2, 3, 4)))]
        text = f"应为{random.choice(BETWEEN).join(moments)}。"
        assert masked(text) == text


def test_days_and_hours_of_several_forms_in_a_row_stay_as_they_were_written() -> None:
    random, forms = Random(29), [form for form in MOMENTS.values() if not form.startswith("%Y%m")]
    for _ in range(3000):
        moments = [_moment(random, random.choice(forms)) for _ in range(random.choice((2, 3)))]
        text = random.choice(BETWEEN).join(moments)
        assert masked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "2014-12-03，2022-06-19，2018-12-07",
        "15:30:22，2024-1",
        "2014-12，2015-01，2016-02",
        "办件编号 SQ20181130000123",
        "登记编号 320623-2020-08-01-0012",
    ],
)
def test_what_begins_like_a_number_of_a_person_and_is_none_stays(text: str) -> None:
    assert masked(text) == text


WRONG = PERSON[:17] + next(sign for sign in "0123456789" if sign != PERSON[17])
#: a mistyped number, as people write one
MISTYPED = {
    "at once": WRONG,
    "six eight four": f"{WRONG[:6]} {WRONG[6:14]} {WRONG[14:]}",
    "with strokes": f"{WRONG[:6]}-{WRONG[6:14]}-{WRONG[14:]}",
    "six and fours": f"{WRONG[:6]} {WRONG[6:10]} {WRONG[10:14]} {WRONG[14:]}",
    "with a letter": f"{WRONG[:6]} {WRONG[6:14]} {WRONG[14:17]}x",
}
AMONG: dict[str, Callable[[str], str]] = {
    "alone": "证号 {}".format,
    "before a day": "证号 {}，2020-08-01".format,
    "after a day": "2020-08-01，{}".format,
    "before an hour": "{} 15:30:22".format,
    "before a year": "{}，2020".format,
    "after a count": "3 {}".format,
    "in brackets": "（{}）".format,
}


@pytest.mark.parametrize("among", AMONG.values(), ids=AMONG)
@pytest.mark.parametrize("number", MISTYPED.values(), ids=MISTYPED)
def test_a_mistyped_identity_number_is_masked(number: str, among: Callable[[str], str]) -> None:
    left = "".join(filter(str.isalnum, masked(among(number))))
    assert WRONG[6:14] not in left and WRONG[:6] in left


def test_an_identity_number_whose_middle_is_written_as_a_day_is_masked() -> None:
    born = f"{PERSON[6:10]}-{PERSON[10:12]}-{PERSON[12:14]}"
    for by in (" ", "-", "，", ""):
        text = masked(f"{PERSON[:6]}{by}{born}{by}{PERSON[14:]}，2020-08-01")
        assert born not in text and PERSON[6:10] not in text and text.endswith("，2020-08-01")


@pytest.mark.parametrize("among", AMONG.values(), ids=AMONG)
@pytest.mark.parametrize("by", ["", " ", "-", "\u3000", "·"])
def test_cards_of_every_length_are_masked_in_groups_of_four(
    by: str, among: Callable[[str], str]
) -> None:
    random = Random(by)
    for digits in (16, 17, 18, 19) * 10:
        body = "62" + "".join(str(random.randrange(10)) for _ in range(digits - 3))
        card = body + identifiers.luhn_check(body)
        text = among(by.join(card[at : at + 4] for at in range(0, digits, 4)))
        left = "".join(filter(str.isdecimal, masked(text)))
        assert card[6:-4] not in left and masked(text).count("*") >= digits - 10, masked(text)


@pytest.mark.parametrize(
    "text", ["4", "62 ", "138 0000 1111、", "4111 1111 1111 1111 ", "2020-08-"]
)
def test_what_is_read_grows_as_the_text_does(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Each sign is read as part of a number's length of others, not of all that follows."""
    signs = 0

    def counted(is_one: Callable[[str], bool]) -> Callable[[str], bool]:
        def recognise(number: str) -> bool:
            nonlocal signs
            signs += len(number)
            return is_one(number)

        return recognise

    rows = tuple((counted(is_one), *row) for is_one, *row in masking.KINDS)
    monkeypatch.setattr(masking, "KINDS", rows)
    inside = sum(sum(lengths) for *_, lengths, _ in masking.KINDS)
    for length in (1000, 4000):
        signs = 0
        masked((text * length)[:length])
        assert signs <= 2 * length * (inside + len(masking.KINDS))
