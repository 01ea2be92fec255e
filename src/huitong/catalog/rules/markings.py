"""Classified matter stays out (A3): how its marking is recognized.

The marking is 密级★保密期限 (保守国家秘密法 第十四条: 绝密, 机密, 秘密; 国家秘密载体 carry it on the first page). Text is compared
without spaces and with full-width forms folded, so that ``涉 密`` and ``秘密☆１０年`` do not slip through.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from huitong.kernel.procedure import AgainstRules

LEVELS = "绝密|机密|秘密"
#: words before a marking that turn it into its denial: 非涉密, 不含涉密内容, 不涉及国家秘密
DENIED = r"(?<![非不未无免去脱])(?<!不含)(?<!未含)(?<!不是)(?<!不属于)(?<!不涉及)(?<!不包含)(?<!不包括)(?<!除)(?<!剔除)(?<!没有)"
MARKINGS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("密级标志", re.compile(rf"(?:{LEVELS})[★☆*]")),
    ("密级", re.compile(rf"{DENIED}(?:{LEVELS})级")),
    ("密级", re.compile(rf"密级[::为是]?(?:{LEVELS})")),
    ("密级", re.compile(rf"[\[(【〔《](?:{LEVELS})[\])】〕》]")),
    ("密级", re.compile(rf"^(?:{LEVELS})(?:$|[::,、_\-—])")),
    ("密级", re.compile(rf"{DENIED}(?<!商业)(?:{LEVELS})(?:文件|资料|档案|载体|事项|数据|信息)")),
    ("“国家秘密”字样", re.compile(rf"{DENIED}国家秘密(?!法)")),
    ("“涉密”字样", re.compile(rf"{DENIED}涉密")),
)


def marking_in(text: str) -> str:
    """What marks this text as classified, or nothing."""
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return next((said for said, pattern in MARKINGS if pattern.search(folded)), "")


def refuse_classified(declared: bool, texts: Iterable[str]) -> None:
    """Raises `AgainstRules` (A3) without repeating the text: what is refused is kept nowhere, not even in a message."""
    found = "已声明为涉密" if declared else next((said for text in texts if text and (said := marking_in(text))), "")
    if found:
        raise AgainstRules(
            f"平台只登记非涉密数据：所填内容{'' if declared else '含'}{found}，已拒绝且未保存任何内容。", article="A3", who="本部门保密机构",
            remedy="涉密信息资源按保密管理规定办理，不得录入本平台；如系误写，请改正名称、摘要或备注后重新提交。")
