"""Suggestions of masks by what a column seems to hold: its content first, its name second, with the
reason (A8).

How well they do is measured on a labelled set with traps: `huitong.scope.tests.recognition`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from huitong.scope import contents
from huitong.scope.contents import Values
from huitong.scope.masks import Mask, named

ENOUGH = 0.8  # of the sampled values must look alike: real columns hold test rows and typing errors
#: from so many values on the content speaks against a name, where next to none looks as the name
#: promises; what is masked or encrypted already says nothing
MANY, NEXT_TO_NONE = 5, 0.2


@dataclass(frozen=True)
class Suggestion:
    """``kind``: one of `RECOGNISERS`; ``certain`` when the content itself shows it, not only the
    name."""

    kind: str
    reason: str
    certain: bool

    @property
    def recogniser(self) -> Recogniser:
        return BY_KIND[self.kind]

    @property
    def mask(self) -> Mask:
        return named(self.recogniser.mask)


@dataclass(frozen=True)
class Recogniser:
    """One kind of data: what its values look like, one by one and together, and the words of the
    names it goes by.

    ``value``: the check one value passes. ``together``: what all that pass must be beside it, to be
    believed without the name; None = without the name they are nothing. ``plausible``: what a value
    may look like when the name is believed. ``unless``: words that make it something else, an
    office's own for instance; ``aside``: the content is believed against them.
    """

    kind: str
    what: str
    words: re.Pattern[str]
    value: Callable[[str], bool]
    together: Callable[[Values], bool] | None
    plausible: Callable[[str], bool]
    mask: str = ""
    unless: re.Pattern[str] | None = None
    aside: bool = False
    manner: str = "按格式"
    #: whether it is something else when a word of `ABOUT` stands beside it
    about: bool = True
    #: of a person; else of a body, and public as a rule
    personal: bool = True


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


#: an office's or a company's own, public as a rule: 登记机关地址, 咨询电话
OFFICE = _words(
    r"单位|机构|机关|企业|公司|学校|医院|办公|注册|经营|服务|场所|窗口|网点|站点|咨询|投诉|值班|项目|工程|办理|受理"
    r"|热线|门店|商户|酒店|景区|工厂|仓库|政务"
)
#: what is said about a thing, not the thing: 证件类型, 手机型号, 是否绑定邮箱
ABOUT = _words(
    r"类型|类别|种类|型号|品牌|状态|是否|数量|个数|次数|人数|时长|长度|时间|日期|来源|标志|标识位|级别|等级|套餐|费用|话费|金额"
    r"|归属|格式|脱敏|分机|区号|图片|照片|有效期|有效性|验证|核验"
    r"|(^|_)((?<!blood_)type|status|state|flag|count|cnt|is|has|brand|model"
    r"|date|time|len|length|lx|lxdm|zt|sfyz|ext)($|_)"
)
#: numbers of things somebody ordered, printed or counted
SERIAL = _words(
    r"订单|单号|流水|序号|序列|发票|批次|运单|快递|凭证号|工单|编码|设备"
    r"|(^|_)(order|serial|seq|sn|invoice|trade|trans|waybill|batch"
    r"|lsh|ddh|ydh)"
)
#: papers that are no identity: 许可证件号
PERMIT = _words(
    r"许可|资质|执照|不动产|房产|权证|毕业|学位|资格|会员|工作证|出版|检定|合格|商品|发票|permit|licen[cs]e"
)

# Order matters: a bank card's digits may pass for other things, a citizen number passes for nothing
# else.
RECOGNISERS = (
    Recogniser(
        "citizen_number",
        "公民身份号码",
        _words(
            r"身份证|身份号码|身份证明号|证件号|学籍号|id_?card"
            r"|(^|_)(id|cert|certificate|identity)_?(no|num|number)($|_)"
            r"|sfzh|sfzjh|gmsfh|zjhm|(^|_)(sfz|zjh|xjh)($|_)|citizen"
        ),
        contents.is_citizen_number,
        contents.are_citizen_numbers,
        contents.is_like_citizen_number,
        mask="citizen_number",
        unless=PERMIT,
        aside=True,
        manner="含校验码",
    ),
    Recogniser(
        "credit_code",
        "统一社会信用代码",
        _words(r"信用代码|credit_?code|(^|_)uscc($|_)|xydm|(^|_)(usci|social_credit)"),
        contents.is_credit_code,
        lambda values: True,
        lambda v: re.fullmatch(r"[0-9A-Z]{17,18}", v.upper()) is not None,
        aside=True,
        manner="含校验码",
        personal=False,
    ),
    Recogniser(
        "bank_card",
        "银行卡号",
        _words(
            r"银行卡|银行账[号户]|开户账[号户]|收款账[号户]|发放账[号户]|卡号"
            r"|bank_?(card|acc)|card_?no|acct?_?no|(^|_)(yhkh|yhzh|khzh|skzh)($|_)"
        ),
        contents.is_bank_card,
        contents.are_scattered,
        lambda v: re.fullmatch(r"[\d -]{12,25}", v) is not None,
        mask="bank_card",
        unless=SERIAL,
        manner="含校验码",
    ),
    Recogniser(
        "mobile",
        "手机号码",
        _words(
            r"手机|移动电话|mobile|cell_?phone|(^|_)(sjh|sjhm|yddh)($|_)|phone|(^|_)(tel|lxdh|lxfs)"
            r"|电话|联系方式"
        ),
        contents.is_mobile,
        contents.are_mobiles,
        contents.is_mobile,
        mask="mobile",
        unless=OFFICE,
        aside=True,
    ),
    Recogniser(
        "phone",
        "联系电话",
        _words(r"电话|联系方式|座机|phone|telephone|(^|_)(tel|lxdh|lxfs|dh|zjdh|gddh)($|_)"),
        contents.is_phone,
        contents.are_phones,
        contents.is_like_phone,
        mask="phone",
        unless=OFFICE,
    ),
    Recogniser(
        "email",
        "电子邮箱",
        _words(r"邮箱|邮件地址|电子邮件|e-?mail|(^|_)(dzyx|yx|dzyj)($|_)"),
        contents.is_email,
        lambda values: True,
        lambda v: "@" in v,
        mask="email",
        unless=OFFICE,
        aside=True,
    ),
    Recogniser(
        "plate",
        "车牌号",
        _words(r"车牌|号牌号码|车号|plate_?(no|num)|licen[cs]e_plate|(^|_)(cph|cphm|hphm)($|_)"),
        contents.is_plate,
        lambda values: True,
        contents.is_plate,
        mask="plate",
    ),
    Recogniser(
        "passport",
        "护照、通行证号码",
        _words(
            r"护照|通行证|passport|(^|_)(hzhm|hzh|txzh|txzhm)($|_)|证件号|zjhm|(^|_)(id|cert)_(no|num)"
        ),
        contents.is_passport,
        None,
        contents.is_passport,
        mask="certificate",
        unless=PERMIT,
    ),
    Recogniser(
        "address",
        "住址",
        _words(
            r"住址|地址|住所|居住地|住宅|家庭所在|address|(^|_)(dz|zz|hjdz|jtzz|jzdz|lxdz|txdz|addr)($|_)"
        ),
        contents.is_address,
        lambda values: True,
        contents.is_like_address,
        mask="address",
        unless=OFFICE,
    ),
    Recogniser(
        "name",
        "自然人姓名",
        _words(
            r"姓名|(男方|女方|本人|当事人|申请人|联系人|法定代表人|法人代表|法人|户主|子女|父亲|母亲|配偶|监护人|经办人|负责人|承办人"
            r"|持证人|权利人|患者|驾驶人|被保险人|代理人|操作员|签发人)(的?(姓名|名称|名))?$"
            r"|person_?name|full_?name|real_?name"
            r"|(^|_)(xm|name_of_person|cust_name|contact_name)($|_)"
        ),
        contents.is_name,
        contents.are_names,
        contents.is_like_name,
        mask="name",
    ),
    Recogniser(
        "medical",
        "医疗健康信息",
        _words(
            r"诊断|病史|病历|病种|病情|病症|患病|疾病|症状|主诉|处方|用药|医嘱|手术|过敏|健康状[况态]|既往史|伤残|接种|免疫|"
            r"住院号|检验结果|检查结果|体检结[果论]|残疾|血型|传染|艾滋|精神障碍"
            r"|妊娠|孕产|diagnos|disease|illness|symptom|medical_record|blood_type|allerg"
            r"|(^|_)(zdjg|jbmc)($|_)"
        ),
        lambda v: False,
        None,
        contents.is_like_words,
        mask="blank",
        about=False,
        unless=_words(
            r"机构|医院|科室|医师|医生|天数|日期|时间|费用|金额|次数|数量|是否|统计|目录|标准|词典|字典"
            r"|编码表|药房|车间|防治|植物|动物|作物|农|病虫|兽|杀毒|病毒库"
            r"|用药指南|说明书|总数|例数|占比|率$"
        ),
    ),
)
BY_KIND = {one.kind: one for one in RECOGNISERS}


def recognise(
    name: str, comment: str = "", samples: Iterable[str | None] = ()
) -> Suggestion | None:
    """What a column seems to hold, of a person or of a body, or None."""
    values = contents.cleaned(samples)
    name = _apart(name)
    for one in RECOGNISERS:
        matching = [v for v in values if one.value(v)]
        speaks = _names(one, name, comment)
        if (
            values
            and len(matching) >= ENOUGH * len(values)
            and not (_unless(one, name, comment) and not one.aside)
            and (speaks or (one.together is not None and one.together(Values(matching))))
        ):
            return Suggestion(
                one.kind,
                f"抽样的 {len(values)} 个值中有 {len(matching)} 个像{one.what}（{one.manner}）",
                certain=True,
            )
    for one in RECOGNISERS:
        if (words := _names(one, name, comment)) and not _contradicts(one, values):
            return Suggestion(one.kind, f"字段{words}像{one.what}", certain=False)
    return None


def suggest(name: str, comment: str = "", samples: Iterable[str | None] = ()) -> Suggestion | None:
    """The mask a column of personal data seems to need, or None. A suggestion only: a person
    decides."""
    sign = recognise(name, comment, samples)
    return sign if sign is not None and sign.recogniser.personal else None


def _names(one: Recogniser, name: str, comment: str) -> str:
    """By which words it goes by such a name; empty when it does not."""
    if _unless(one, name, comment) or (one.about and ABOUT.search(comment or name)):
        return ""
    if one.words.search(comment):
        return f"说明“{comment}”"
    return f"名“{name}”" if one.words.search(name) else ""


def _unless(one: Recogniser, name: str, comment: str) -> bool:
    return one.unless is not None and one.unless.search(comment or name) is not None


def _contradicts(one: Recogniser, values: Sequence[str]) -> bool:
    readable = [v for v in values if not contents.is_hidden(v)]
    plausible = sum(one.plausible(v) for v in readable)
    return len(readable) >= MANY and plausible < NEXT_TO_NONE * len(readable)


def _apart(name: str) -> str:
    """``idCardNo`` → ``id_card_no``."""
    plain = unicodedata.normalize("NFKC", name)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain)
