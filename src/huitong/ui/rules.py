"""Words of the interface as data: display choices and what each error page says; what may be read
out of an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from unicodedata import category

#: font scales of the accessibility toolbar, as class names of ui/css/gov.css
SCALES = ("fs-100", "fs-125", "fs-150")

#: characters nobody sees: joiners, marks of direction and byte order (Unicode Cf), variation
#: selectors
INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef]"
)
#: punctuation that stands around and between names: quotation marks, book title marks, brackets,
#: ends of sentences
PUNCTUATION = "。．、，,；;：:！!？?…·“”‘’\"'《》〈〉「」『』【】〔〕（）()[]"


def visible(text: str) -> str:
    """The text without characters nobody sees, which come along when it is copied."""
    return INVISIBLE.sub("", text)


def file_name(path: str) -> str:
    """What a file is called: the last part of a path, without what nobody sees; a mark of
    direction makes ``表[U+202E]fdp.zip`` look like a PDF."""
    name = visible(path.replace("\\", "/").rpartition("/")[2])
    return "".join(sign for sign in name if category(sign) not in ("Cc", "Zl", "Zp")).strip()


def question(text: str) -> str:
    """Return the words of a search without what only stands around them: ``《民政局》。`` is ``民政局``."""
    return visible(text).strip().strip(PUNCTUATION + " \u3000")


def is_key(text: str) -> bool:
    """Whether a text out of an address or a form may be the key of a row: digits, not what
    merely looks like one (², １), as many as any bigint has. Only then may it become a number."""
    return len(text) <= 18 and text.isascii() and text.isdecimal()


@dataclass(frozen=True)
class Explained:
    """An error as a clerk needs it: what happened, why, who acts, what next."""

    status: int
    title: str
    cause: str
    who: str
    remedy: str
    code: str = ""
    article: str = ""
    fields: Mapping[str, list[str]] | None = None

    def with_facts(self, body: Mapping[str, Any]) -> Explained:
        """The general words, replaced by what the refusal itself says."""
        facts = {
            "cause": body.get("detail"),
            **{k: body.get(k) for k in ("code", "article", "who", "remedy", "fields")},
        }
        return replace(self, **{k: v for k, v in facts.items() if v})


ERRORS: Mapping[int, Explained] = {
    e.status: e
    for e in (
        Explained(
            400,
            "请求无法识别",
            "浏览器送来的内容不完整或格式不对。",
            "您本人",
            "请返回上一页刷新后重试。",
        ),
        Explained(
            401,
            "请先登录",
            "您尚未登录，或长时间没有操作，平台已自动退出。",
            "您本人",
            "请重新登录；退出前未提交的内容可在原页面恢复。",
        ),
        Explained(
            403,
            "您没有办理权限",
            "这一步不由您的岗位或部门办理。",
            "本部门负责人",
            "如确需办理，请联系安全管理员核对您的岗位。",
        ),
        Explained(
            404,
            "页面不存在",
            "地址有误，内容已被移动，或您无权查看。",
            "您本人",
            "请核对编号，或从菜单、目录检索重新进入。",
        ),
        Explained(
            405, "不支持这样访问", "这个地址不能这样打开。", "您本人", "请从页面上的按钮进入。"
        ),
        Explained(
            409,
            "现在不能这样办理",
            "按照办理规则，事项当前所处环节不允许这一操作；可能已有他人办理。",
            "当前环节承办人",
            "请刷新页面查看最新状态后再办理。",
        ),
        Explained(
            413, "文件过大", "上传的内容超过了允许的大小。", "您本人", "请压缩或分开后重新上传。"
        ),
        Explained(
            422,
            "填写的内容有误",
            "有必填内容没有填写，或填写不符合要求。",
            "您本人",
            "请按提示修改后重新提交，已填内容不会丢失。",
        ),
        Explained(
            429, "操作过于频繁", "短时间内请求次数超过了限制。", "您本人", "请稍等几分钟后再试。"
        ),
        Explained(
            500,
            "平台出现故障",
            "平台内部出错，您刚才的操作没有生效。",
            "平台运维员",
            "请稍后重试；如仍出现，请把下面的编号告诉技术支持。",
        ),
        Explained(
            503, "服务暂时不可用", "平台正在维护或某个部件没有启动。", "平台运维员", "请稍后重试。"
        ),
    )
}


#: what a spreadsheet takes a cell for a formula by; it reads the full-width forms too
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def cell(value: Any) -> str:
    """A cell of a CSV file: what others wrote must not run as a formula in the reader's
    spreadsheet (CSV injection)."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(FORMULA) else text


def explained(body: Mapping[str, Any]) -> Explained:
    """The words of an error page for a problem body (status, code, detail, article, who, remedy,
    fields)."""
    status = int(body["status"])
    return (ERRORS.get(status) or ERRORS[400 if status < 500 else 500]).with_facts(body)
