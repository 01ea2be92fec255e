"""Identifiers of people, bodies, phones and cards: check them, and invent valid ones for
demonstrations and tests.

GB 11643 (citizen number), GB 32100 (unified social credit code), GB 11714 (organization code inside
it), Luhn (bank card). Each ``…_fault`` gives the reason in Chinese, or None when the text is valid.
Our own: python-stdnum refuses valid credit codes that begin with a letter.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from random import Random

CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CITIZEN_CHECKS = "10X98765432"
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANIZATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANIZATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)


# -- citizen number (GB 11643) ---------------------------------------------------------------------


def citizen_number_fault(text: str, *, today: date | None = None) -> str | None:
    """Say what is wrong with a citizen number. A region code newer than the birth year is normal
    and no fault."""
    if not re.fullmatch(r"\d{17}[0-9X]", text, re.ASCII):
        return "公民身份号码应为 17 位数字加 1 位校验码（数字或大写 X）"
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return "公民身份号码中的出生日期不存在"
    if not date(1850, 1, 1) <= born <= (today or date.today()):
        return "公民身份号码中的出生日期不合理"
    if text[0] not in "123456789":
        return "公民身份号码的地区码不合理"
    return None if citizen_check(text[:17]) == text[17] else "公民身份号码的校验码不正确"


#: the first two digits of a division: provinces, and those that lie outside them
PROVINCES = frozenset(
    f"{area}{n}"
    for area, many in (("1", 5), ("2", 3), ("3", 7), ("4", 6), ("5", 4), ("6", 5))
    for n in ((0, 1, 2, 3, 4) if area == "5" else range(1, many + 1))
) | {"71", "81", "82", "83"}


def old_citizen_number_fault(text: str) -> str | None:
    """Say what is wrong with a number of before 1999: of 15 digits, without a check digit."""
    if not re.fullmatch(r"\d{15}", text, re.ASCII):
        return "旧公民身份号码应为 15 位数字"
    if text[:2] not in PROVINCES:
        return "公民身份号码的地区码不合理"
    try:
        date(1900 + int(text[6:8]), int(text[8:10]), int(text[10:12]))
    except ValueError:
        return "公民身份号码中的出生日期不存在"
    return None


def citizen_check(body: str) -> str:
    """Check character for the first 17 digits."""
    return CITIZEN_CHECKS[sum(int(c) * w for c, w in zip(body, CITIZEN_WEIGHTS, strict=True)) % 11]


def make_citizen_number(
    random: Random, *, division: str = "320613", born: date | None = None, male: bool | None = None
) -> str:
    """An invented number with a right check character. ``division``: six digits."""
    born = born or date(1945, 1, 1) + timedelta(days=random.randrange(75 * 365))
    serial = random.randrange(500) * 2 + (random.randrange(2) if male is None else int(male))
    body = f"{division}{born:%Y%m%d}{serial:03d}"
    return body + citizen_check(body)


# -- unified social credit code (GB 32100) ---------------------------------------------------------


def credit_code_fault(text: str) -> str | None:
    """Say what is wrong with the shape or the check character: divisions of old codes no longer
    exist, and that is no fault."""
    if len(text) != 18:
        return "统一社会信用代码应为 18 位"
    if any(c not in CREDIT_ALPHABET for c in text):
        return "统一社会信用代码只含数字和大写字母（不含 I、O、S、V、Z）"
    if not re.fullmatch(r"\d{6}", text[2:8], re.ASCII):
        return "统一社会信用代码第 3 至 8 位应为行政区划码"
    return None if credit_check(text[:17]) == text[17] else "统一社会信用代码的校验码不正确"


def credit_check(body: str) -> str:
    """Check character for the first 17 characters."""
    total = sum(CREDIT_ALPHABET.index(c) * w for c, w in zip(body, CREDIT_WEIGHTS, strict=True))
    return CREDIT_ALPHABET[(31 - total % 31) % 31]


def make_credit_code(random: Random, *, kind: str = "91", division: str = "320600") -> str:
    """An invented code. ``kind``: 11 government organ, 12 public institution, 91 enterprise."""
    while True:
        body = "".join(random.choice(CREDIT_ALPHABET) for _ in range(8))
        check = organization_check(body)
        if check in CREDIT_ALPHABET:
            code = f"{kind}{division}{body}{check}"
            return code + credit_check(code)


def organization_check(body: str) -> str:
    """Return the check character for the eight characters of an organization code (GB 11714)."""
    total = sum(
        ORGANIZATION_ALPHABET.index(c) * w for c, w in zip(body, ORGANIZATION_WEIGHTS, strict=True)
    )
    return "0123456789X"[-total % 11]


# -- mobile and bank card --------------------------------------------------------------------------


def mobile_fault(text: str) -> str | None:
    return None if MOBILE.fullmatch(text) else "手机号码应为 1 开头的 11 位数字"


def make_mobile(random: Random) -> str:
    """An invented number in the shape of a mobile number. It may belong to somebody: never send
    to it."""
    return f"1{random.choice('3456789')}{random.randrange(10**9):09d}"


def bank_card_fault(text: str) -> str | None:
    if not re.fullmatch(r"[1-9]\d{12,18}", text, re.ASCII):
        return "银行卡号应为 13 至 19 位数字"
    return None if luhn_check(text[:-1]) == text[-1] else "银行卡号的校验位不正确"


#: how cards begin that are issued here, and their digits: UnionPay, old debit cards of the banks,
#: then those of foreign networks (ISO/IEC 7812)
ISSUED = (
    (r"62|60|9558", range(16, 20)),
    (r"95559|940|68|69", range(16, 20)),
    (r"4", range(16, 18)),
    (r"5[1-5]|35", range(16, 17)),
    (r"3[47]", range(15, 16)),
)


def issued_card_fault(text: str) -> str | None:
    """The same, and whether such a card is issued at all: many a number passes the check."""
    if fault := bank_card_fault(text):
        return fault
    return (
        None
        if any(re.match(begin, text) and len(text) in digits for begin, digits in ISSUED)
        else "没有这样开头、这样长的银行卡号"
    )


def luhn_check(body: str) -> str:
    """Check digit for the digits before it."""
    total = 0
    for at, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if at % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def make_bank_card(random: Random, *, issuer: str = "621700") -> str:
    """An invented 19-digit card number."""
    body = f"{issuer}{random.randrange(10 ** (18 - len(issuer))):0{18 - len(issuer)}d}"
    return body + luhn_check(body)
