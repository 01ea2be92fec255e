"""Markings of classified matter, which is refused in any text that enters (A3).

The module lies in `work` because attachments do, and every context above takes in text. The tables
below are dated: a change of the law adds rows. Text is compared without white space, invisible
signs and strokes between characters, and with full-width forms folded, so that ``机 密``, ``绝·密`` and
``秘密☆１０年`` do not slip through.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from huitong.kernel.procedure import AgainstRules

SECRETS_LAW = "保守国家秘密法"


@dataclass(frozen=True)
class Word:
    """One dated row: a word that marks text, resembles a marking, or denies one; with its
    source."""

    text: str
    source: str
    in_force: date
    label: str = ""


def _rows(texts: str, source: str, in_force: date, label: str = "") -> tuple[Word, ...]:
    return tuple(Word(text, source, in_force, label) for text in texts.split())


FIRST, REVISED = date(2010, 10, 1), date(2024, 5, 1)
#: words that mark text, the clearer first
MARKS: tuple[Word, ...] = (
    *_rows("工作秘密", f"{SECRETS_LAW}（2024 年修订）第六十四条", REVISED, "“工作秘密”字样"),
    *_rows("国家秘密", f"{SECRETS_LAW}第二条", FIRST, "“国家秘密”字样"),
    *_rows(
        "绝密 机密 秘密 絕密 機密",
        f"{SECRETS_LAW}（2010 年第十条、2024 年修订第十四条）密级",
        FIRST,
        "密级字样",
    ),
    *_rows("涉密", "政务信息资源共享实施细则第三条", date(2020, 2, 19), "“涉密”字样"),
)
#: words that resemble a marking: other secrets, the law itself, public registers about secrecy
#: work, words that meet by chance
ALLOWED: tuple[Word, ...] = (
    *_rows("商业秘密 技术秘密 经营秘密", "反不正当竞争法第十条", FIRST),
    *_rows("收养秘密", "民法典第一千一百一十条", FIRST),
    *_rows("通信秘密 通讯秘密", "宪法第四十条", FIRST),
    *_rows("个人秘密 秘密花园", "常用词", FIRST),
    *_rows(
        "保守国家秘密 泄露国家秘密 窃取国家秘密 国家秘密法 国家秘密保护 国家秘密、商业秘密"
        " 国家秘密和商业秘密 国家秘密载体印制 "
        "国家秘密载体销毁 国家秘密载体管理",
        f"{SECRETS_LAW}及其实施条例的用语",
        FIRST,
    ),
    *_rows(
        "涉密信息系统集成 涉密资质 涉密载体销毁 涉密载体管理 涉密人员管理",
        "保密资质、保密管理的公开名录和职责用语",
        FIRST,
    ),
    *_rows("工作秘密管理 工作秘密保护", f"{SECRETS_LAW}（2024 年修订）第六十四条的用语", REVISED),
    *_rows("机密性 机密计算", "GB/T 25069 信息安全术语", FIRST),
    *_rows(
        "机密码 机密钥 机密匙 机密封 机密度 机密集 机密切 机密闭 机密植",
        "“计算机密码”“发动机密封”等两词相连",
        FIRST,
    ),
    *_rows("绝密码 绝密钥 绝密封 绝密集 绝密切 绝密闭", "“拒绝密码”“隔绝密封”等两词相连", FIRST),
)
#: words that deny the marking behind them: 非涉密, 不含涉密内容, 不涉及国家秘密
DENIALS: tuple[Word, ...] = _rows(
    "不含 未含 不是 不属于 不涉及 未涉及 不包含 不包括 剔除 没有 非 不 未 无 免 去 脱 除",
    "常用词",
    FIRST,
)

#: characters of a text whose marking is remembered
SHORT = 16
#: white space, strokes, and signs nobody sees (category Cf): between characters of a marking
_BETWEEN = re.compile(
    r"[\s·•・_\-—–~.*|/\\"
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]+"
)


def normalized(text: str) -> str:
    """The text in the form in which it is compared."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text))


def marking_in(text: str, on: date | None = None) -> str:
    """The marking of a text as classified, by the rows in force on a day (today); empty without."""
    if text.isascii():
        return ""
    day = on or date.today()
    return _short(text, day) if len(text) <= SHORT else _marking_in(text, day)


def _marking_in(text: str, on: date) -> str:
    denial, allowed, marks = _patterns(on)
    rest = allowed.sub("\0", denial.sub("\0", normalized(text)))
    return next((mark.label for mark in marks if mark.text in rest), "")


#: words of vocabularies and names come again and again, by the ten thousand in a workbook
_short = lru_cache(maxsize=4096)(_marking_in)


@lru_cache(maxsize=8)
def _patterns(on: date) -> tuple[re.Pattern[str], re.Pattern[str], tuple[Word, ...]]:
    marks, allowed, denials = (
        [w for w in words if w.in_force <= on] for words in (MARKS, ALLOWED, DENIALS)
    )
    secret = rf"(?:{_any(marks)}|商业秘密|个人隐私)级?"
    denial = rf"(?:{_any(denials)})(?:有|任何|及)*{secret}(?:[、,和或及与]{secret})*"
    return re.compile(denial), re.compile(_any(allowed)), tuple(marks)


def _any(words: Iterable[Word]) -> str:
    return "|".join(re.escape(w.text) for w in sorted(words, key=lambda w: -len(w.text)))


def refuse_marked(title: str, texts: Iterable[str]) -> None:
    """Check that no text of a field is marked. Raises `AgainstRules` (A3), which names the field
    and not the text.

    `kernel.doing` calls this for every text given to a verb of people, before the verb runs.
    """
    if mark := next((mark for text in texts if (mark := marking_in(text))), ""):
        raise refused(f"“{title}”含{mark}")


def refused(what: str) -> AgainstRules:
    """The refusal of classified matter, which is stored nowhere, not even in a message."""
    return AgainstRules(
        f"平台只登记非涉密数据：{what}，已拒绝且未保存任何内容。",
        article="A3",
        who="本部门保密机构",
        remedy="涉密信息和工作秘密按保密管理规定办理，不得录入本平台；如系误写，请改正后重新提交。",
    )
