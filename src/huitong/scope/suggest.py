"""Suggestions of masks by what a column seems to hold: its content first, its name second, with the
reason (A8)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from huitong.scope import identifiers
from huitong.scope.masks import Mask, named

ENOUGH = 0.8  # of the sampled values must look alike: real columns hold test rows and typing errors


@dataclass(frozen=True)
class Suggestion:
    """``kind`` names a mask of `masks.NAMED`; ``certain`` when the content itself shows it, not
    only the name."""

    kind: str
    reason: str
    certain: bool

    @property
    def mask(self) -> Mask:
        return named(self.kind)


@dataclass(frozen=True)
class Recogniser:
    """One kind of personal data: words in a column's name or comment, and the check its values
    pass."""

    kind: str
    what: str
    words: re.Pattern[str]
    value: Callable[[str], bool] | None
    #: words that make a name speak of an office or a company instead of a person; content is
    #: believed against them
    unless: re.Pattern[str] | None = None


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


SURNAMES = set(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔"
    "谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)

#: an office's or a company's own, public as a rule: 登记机关地址, 咨询电话
OFFICE = _words(
    r"单位|机构|机关|企业|公司|学校|医院|办公|注册|经营|服务|场所|窗口|网点|站点|咨询|投诉|值班|项目|工程"
)
# Order matters: a bank card's digits may pass for other things, a citizen number passes for nothing
# else.
RECOGNISERS = (
    Recogniser(
        "citizen_number",
        "公民身份号码",
        _words(r"身份证|身份号码|证件号|id_?card|(^|_)(id_?no|sfzh?|gmsfhm|zjhm)($|_)|citizen"),
        lambda v: identifiers.citizen_number_fault(v.upper()) is None,
    ),
    Recogniser(
        "bank_card",
        "银行卡号",
        _words(r"银行卡|银行账号|卡号|bank_?(card|account)|(^|_)(yhkh|yhzh)($|_)"),
        lambda v: identifiers.bank_card_fault(v) is None,
    ),
    Recogniser(
        "mobile",
        "手机号码",
        _words(r"手机|电话|联系方式|mobile|phone|(^|_)(tel|sjh|sjhm|lxdh)($|_)"),
        lambda v: identifiers.mobile_fault(v) is None,
        OFFICE,
    ),
    Recogniser(
        "email",
        "电子邮箱",
        _words(r"邮箱|邮件地址|e-?mail|(^|_)(dzyx|yx)($|_)"),
        lambda v: re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", v) is not None,
        OFFICE,
    ),
    Recogniser(
        "address",
        "住址",
        _words(r"住址|地址|住所|address|(^|_)(dz|zz|hjdz|jtzz|addr)($|_)"),
        lambda v: re.match(r".{1,20}[省市区县].*([路街道巷村镇].*\d|\d+[号室栋幢])", v) is not None,
        OFFICE,
    ),
    Recogniser(
        "name",
        "自然人姓名",
        _words(
            r"姓名|(男方|女方|本人|当事人|联系人|法定代表人|法人|户主|子女|父亲|母亲)(名称|名)?$"
            r"|person_?name|full_?name|(^|_)(xm|name_of_person)($|_)"
        ),
        lambda v: re.fullmatch(r"[一-龥]{2,4}", v) is not None and v[0] in SURNAMES,
    ),
)


def suggest(name: str, comment: str = "", samples: Iterable[str | None] = ()) -> Suggestion | None:
    """The mask a column seems to need, or None. A suggestion only: a person decides."""
    values = [v.strip() for v in samples if v and v.strip()]
    for recogniser in RECOGNISERS:
        matching = [v for v in values if recogniser.value and recogniser.value(v)]
        # two characters are soon a surname
        clear = recogniser.kind != "name" or len(values) >= 5 or _named(recogniser, name, comment)
        if values and clear and len(matching) >= ENOUGH * len(values):
            manner = "含校验码" if recogniser.kind in ("citizen_number", "bank_card") else "按格式"
            return Suggestion(
                recogniser.kind,
                f"抽样的 {len(values)} 个值中有 {len(matching)} 个像{recogniser.what}（{manner}）",
                certain=True,
            )
    for recogniser in RECOGNISERS:
        if words := _named(recogniser, name, comment):
            return Suggestion(recogniser.kind, f"字段{words}像{recogniser.what}", certain=False)
    return None


def _named(recogniser: Recogniser, name: str, comment: str) -> str:
    if recogniser.unless is not None and recogniser.unless.search(comment):
        return ""
    if recogniser.words.search(comment):
        return f"说明“{comment}”"
    return f"名“{name}”" if recogniser.words.search(name) else ""
