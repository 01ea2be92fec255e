"""Content as it shows what a column holds: one value at a time, then all of them together.

A digit more or less makes an order number of a telephone number, so what carries a check digit is
computed, what carries none must be many different ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property

from huitong.scope import identifiers

FEW = 5  # values below which nothing is said of them together

#: what people type where they have nothing to say
NOTHING = frozenset(
    {
        "",
        "-",
        "--",
        "/",
        "\\",
        "无",
        "不详",
        "未知",
        "暂无",
        "空",
        "null",
        "none",
        "n/a",
        "0",
        "test",
        "测试",
    }
)


def cleaned(samples: Iterable[str | None]) -> list[str]:
    """The values that say something, in half-width characters."""
    values = (unicodedata.normalize("NFKC", v).strip() for v in samples if v)
    return [v for v in values if v.lower() not in NOTHING]


class Values:
    """Values that look alike, to be looked at together."""

    def __init__(self, values: Sequence[str]) -> None:
        self.all = list(values)
        self.distinct = list(dict.fromkeys(values))

    @property
    def few(self) -> bool:
        return len(self.distinct) < FEW

    @cached_property
    def numbers(self) -> list[int]:
        return sorted(int(digits) for v in self.distinct if (digits := re.sub(r"\D", "", v)))

    @property
    def dense(self) -> bool:
        """Whether they were counted: within a thousand times their number lie all of them. Values
        without digits were not."""
        if self.few or not self.numbers:
            return False
        return self.numbers[-1] - self.numbers[0] < 1000 * len(self.numbers)


def is_hidden(value: str) -> bool:
    """Whether it is masked, hashed or encrypted already."""
    return (
        "*" in value
        or re.fullmatch(r"[0-9a-fA-F]{32,}|[A-Za-z0-9+/_-]{24,}={0,2}", value) is not None
    )


def bare(value: str) -> str:
    """A number without what people put between its signs."""
    return re.sub(r"[\s\-—]", "", value)


# -- citizens, bodies, cards -----------------------------------------------------------------------


def is_citizen_number(value: str) -> bool:
    """Of 18 or, before 1999, 15 digits; a pupil's number is a G or L before it."""
    text = re.sub(r"^[GL](?=\d{17})", "", bare(value).upper())
    return identifiers.citizen_number_fault(text) is None or is_old(text)


def is_like_citizen_number(value: str) -> bool:
    """Whether it has the shape, check digit or not."""
    text = bare(value).upper()
    day = r"(18|19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])"
    return re.fullmatch(rf"[GL]?[1-9]\d{{5}}{day}\d{{3}}[\dX]", text) is not None or is_old(text)


def is_old(value: str) -> bool:
    return identifiers.old_citizen_number_fault(value) is None


def are_citizen_numbers(values: Values) -> bool:
    """Those of 15 digits carry no check digit: they are believed when people of all ages are among
    them, for a case number holds the day of the case in the same place."""
    old = [v for v in values.distinct if is_old(bare(v))]
    if len(old) < len(values.distinct):
        return True
    years = {v[6:8] for v in old}
    return len(old) >= FEW and len(years) >= len(old) / 2 and _span(years) >= 20


def _span(years: set[str]) -> int:
    return int(max(years)) - int(min(years))


def is_credit_code(value: str) -> bool:
    return identifiers.credit_code_fault(bare(value).upper()) is None


def is_bank_card(value: str) -> bool:
    return identifiers.issued_card_fault(bare(value)) is None


def are_scattered(values: Values) -> bool:
    """Not counted one after another, as numbers of orders are."""
    return not values.dense


# -- telephones ------------------------------------------------------------------------------------

LANDLINE = re.compile(r"\(?0(10|2\d|[3-9]\d{2})\)?[\s-]?[2-8]\d{6,7}([-转]\d{1,6})?", re.ASCII)
LOCAL = re.compile(r"[2-8]\d{6,7}([-转]\d{1,6})?", re.ASCII)


def is_mobile(value: str) -> bool:
    return identifiers.mobile_fault(_at_home(value)) is None


def _at_home(value: str) -> str:
    """A mobile number as it is dialled within the country."""
    return re.sub(r"^\+?86(?=1)", "", bare(value))


def are_mobiles(values: Values) -> bool:
    """Different in the seven digits an operator hands out as a whole, of more than two segments,
    and not counted."""
    if values.few:
        return True
    numbers = [_at_home(v) for v in values.distinct]
    blocks, segments = {n[:7] for n in numbers}, {n[:4] for n in numbers}
    return not values.dense and len(blocks) >= 0.4 * len(numbers) and len(segments) > 2


def is_phone(value: str) -> bool:
    """Of any sort: several persons' telephones are mobiles and landlines."""
    return bool(LANDLINE.fullmatch(value) or is_mobile(value) or LOCAL.fullmatch(value))


def are_phones(values: Values) -> bool:
    """Without a name, by their area codes."""
    whole = [v for v in values.distinct if LANDLINE.fullmatch(v) and not v.isdecimal()]
    mobile = [v for v in values.distinct if is_mobile(v)]
    return bool(whole) and len(whole) + len(mobile) >= 0.8 * len(values.distinct)


def is_like_phone(value: str) -> bool:
    return is_phone(value) or re.search(r"\d{7,}", bare(value)) is not None


# -- mail, cars, passports -------------------------------------------------------------------------

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
PLATE = re.compile(
    rf"[{PROVINCES}][A-HJ-NP-Z][·.\-]?([A-HJ-NP-Z0-9]{{5,6}}|[A-HJ-NP-Z0-9]{{4}}[挂学警港澳])"
)
PASSPORT = re.compile(r"[EGDSP]\d{8}|E[A-HJ-NP-Z]\d{7}|[CHMW]\d{8,10}|1[45]\d{7}", re.ASCII)


def is_email(value: str) -> bool:
    return re.fullmatch(r"[\w.+%-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}", value, re.ASCII) is not None


def is_plate(value: str) -> bool:
    return PLATE.fullmatch(re.sub(r"\s", "", value).upper()) is not None


def is_passport(value: str) -> bool:
    return PASSPORT.fullmatch(bare(value).upper()) is not None


# -- addresses and names ---------------------------------------------------------------------------

#: what an address names below a town, and how it ends
WITHIN = r"(路|街|道|巷|弄|里|村|社区|小区|花园|新村|公寓|苑|庄|镇|乡|组|大厦|广场|园)"
DOOR = r"(\d+|[一二三四五六七八九十]+)(号|室|栋|幢|组|单元|楼|座|弄|队)|\d+-\d+"
DOCUMENT = re.compile(r"第\d+号|[〔\[]\d{4}[〕\]]|[号字]文|公告|条例|办法")


def is_address(value: str) -> bool:
    return (
        len(value) >= 6
        and re.search(rf"[\u4e00-\u9fa5]{{2,}}{WITHIN}", value) is not None
        and re.search(DOOR, value) is not None
        and not DOCUMENT.search(value)
        and not re.search(r"工程|项目|标段|改造|有限公司", value)
    )


def is_like_address(value: str) -> bool:
    return re.search(rf"[省市区县]|{WITHIN}", value) is not None and "://" not in value


SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石"
    "金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔牛倪庞章季施葛殷樊岳翟颜柴洪尚"
    "安申洛齐路关耿梅庄温左柳甘祝包宁符阮华纪欧焦翁曲裴鲍童费缪卞茅瞿管成束储仇单凌邢闵"
)
DOUBLE = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "令狐",
    "慕容",
    "司徒",
    "夏侯",
)
#: characters given names end in more often than anything else that is as short
GIVEN = frozenset(
    "伟芳娜秀敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红建文辉力健世广志义兴良仁波宁贵福生龙元全胜学祥才发武新利清飞彬富顺信子"
    "昌成康星光天达安岩茂进林有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功松善厚庆民友裕河哲江浩亮政谦亨奇固之轮翰朗伯宏言若鸣朋"
    "斌梁栋维启克伦翔旭鹏泽晨辰士以家致树炎德行时泰盛雄琛钧冠策腾楠榕风航弘惠珠翠雅芝萍娥玲芬燕彩春菊勤珍贞莉莲环雪荣爱妹"
    "香月莺媛凤洁梅琳素云真蕾蓉瑞凡佳嘉琼荔锦黛青倩婷姣婉娴瑾颖露瑶怡婵雁蓓纨仪荷丹眉君琴蕊薇菁梦岚苑婕馨瑗琰韵融园艺咏卿聪"
    "澜纯毓悦昭冰爽琬茗羽希欣飘滢馥筠柔竹霭凝晓欢霄枫芸菲寒伊宜可姬舒影荔枝丽阳佩涵宇轩俊凯诗琪萱雨慧鑫峰海国东国华晴昊铭"
    "睿煜钰彤妍熙悦昕祺楚皓淑银根财宝山虎石水法贤忠孝廉仲叔季叶桃巧凌洲亚京毅威权锋恒卫斐骏骁麟焱煊"
)
#: what no name ends in: 金沙中学, 王府饭店, 陆洪村, 高血压, 白菜, 程序
NO_NAME = re.compile(
    r"(店|馆|厅|院|所|局|厂|站|村|镇|街|路|部|处|科|室|组|社|校|厦|楼|桥|区|县|市|省|乡|园|寺|庙|港|湖|河|公司|大学|中学"
    r"|小学|病|炎|症|癌|瘤|压|菜|瓜|果|豆|米|油|酒|茶|花|草|树|木|药|片|丸|膏|色|族|员|长|师|学|法|课|论|史|术|品|具|机|器"
    r"|车|船|费|款|金|率|量|额|证|号|码|卡|表|单|书|报|刊|业|类|型|级|式|性|性别|男|女|群|队|节|日|年|度|楼盘|府|城|湾|岛)$"
)


def is_name(value: str) -> bool:
    """Two to four Chinese characters with a surname, or a longer one with a dot between."""
    if re.fullmatch(r"[\u4e00-\u9fa5]{2,8}[·•][\u4e00-\u9fa5·•]{1,12}", value):
        return True
    if not re.fullmatch(r"[\u4e00-\u9fa5]{2,4}", value) or NO_NAME.search(value):
        return False
    return (value[0] in SURNAMES and len(value) < 4) or value[:2] in DOUBLE


def are_names(values: Values) -> bool:
    """Many different ones, most with a character given names are made of."""
    if values.few or len(values.distinct) < 0.5 * len(values.all):
        return False
    given = sum(v[-1] in GIVEN for v in values.distinct)
    return given >= 0.6 * len(values.distinct)


def is_like_name(value: str) -> bool:
    return re.fullmatch(r"[\u4e00-\u9fa5·•]{2,15}|[A-Za-z .,'-]{3,40}", value) is not None and not (
        re.search(r"公司|中心|委员会|银行|合作社|大学|中学|医院", value)
    )


def is_like_words(value: str) -> bool:
    """Words or a code of letters and digits, no bare number and no date."""
    return re.search(r"[\u4e00-\u9fa5A-Za-z]", value) is not None
