"""Values of columns, invented: what people, bodies and cars have. Check digits are right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from huitong.scope import identifiers as ids

Maker = Callable[[Random], str]


def words(text: str) -> list[str]:
    return text.split()


# -- people ----------------------------------------------------------------------------------------

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪"
    "石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万钱严戴季施葛耿冒缪储瞿"
)
GIVEN = words(
    "建国 志强 秀英 桂兰 玉梅 海燕 小军 晓东 文博 雨桐 子涵 梓轩 佳怡 国华 春花 德明 永康 美玲 淑芬 俊杰 浩然 思远 雅琴 红霞 金龙 "
    "立新 少华 卫东 爱民 振华 伟 芳 敏 静 磊 强 丽 军 勇 艳 杰 娟 涛 明 超 霞 平 刚 鑫 波 辉 鹏 宁 琳 洁 慧 欣 亮 斌 峰 "
    "传宝 广生 克勤 素珍 月娥 兆祥 其昌 宗元 炳坤 汉章 一鸣 可馨 诗雨 嘉豪 沐阳 若曦 语嫣 景行"
)
MINORITY = ("买买提·艾力", "阿依古丽·吐尔逊", "尼玛·次仁", "欧阳明", "上官婉儿", "诸葛俊")


def name(r: Random) -> str:
    return r.choice(MINORITY) if r.random() < 0.03 else r.choice(SURNAMES) + r.choice(GIVEN)


def born(r: Random) -> date:
    return date(1938, 1, 1) + timedelta(r.randrange(80 * 365))


def division(r: Random) -> str:
    return r.choice(
        ("320602", "320613", "320621", "320623", "320681", "320682", "341225", "513021")
    )


def citizen(r: Random) -> str:
    return ids.make_citizen_number(r, division=division(r), born=born(r))


def citizen_small(r: Random) -> str:
    return citizen(r).lower()


def old_citizen(r: Random) -> str:
    day = date(1925, 1, 1) + timedelta(r.randrange(65 * 365))
    return f"{division(r)}{day:%y%m%d}{r.randrange(1000):03d}"


def citizens_of_old(r: Random) -> str:
    return old_citizen(r) if r.random() < 0.4 else citizen(r)


def pupil(r: Random) -> str:
    return "G" + ids.make_citizen_number(
        r, division=division(r), born=date(2008, 1, 1) + timedelta(r.randrange(4000))
    )


def mobile(r: Random) -> str:
    return f"1{r.choice(words('38 39 51 52 80 86 89 33 77 99 54'))}{r.randrange(10**8):08d}"


def spaced_mobile(r: Random) -> str:
    text = mobile(r)
    return f"{text[:3]} {text[3:7]} {text[7:]}" if r.random() < 0.5 else f"+86{text}"


def landline(r: Random) -> str:
    area = r.choice(("0513", "025", "021", "0510"))
    rest = f"{r.choice('5868')}{r.randrange(10**7):07d}"
    return f"{area}-{rest}" + (f"-{r.randrange(100, 9999)}" if r.random() < 0.15 else "")


def any_phone(r: Random) -> str:
    return mobile(r) if r.random() < 0.5 else landline(r)


def card(r: Random) -> str:
    issuer, length = r.choice(
        (
            ("621700", 19),
            ("622848", 19),
            ("622202", 19),
            ("621661", 19),
            ("955880", 19),
            ("622588", 16),
            ("436742", 16),
        )
    )
    body = issuer + "".join(r.choice("0123456789") for _ in range(length - 1 - len(issuer)))
    return body + ids.luhn_check(body)


def spaced_card(r: Random) -> str:
    text = card(r)
    return " ".join(text[n : n + 4] for n in range(0, len(text), 4))


def credit(r: Random) -> str:
    return ids.make_credit_code(
        r, kind=r.choice(("91", "91", "92", "12", "11", "52")), division=division(r)
    )


def email(r: Random) -> str:
    user = r.choice(
        (
            f"{r.randrange(10**5, 10**9)}",
            r.choice(("zhang.wei", "li_na", "wangfang", "chenjie", "hello")) + str(r.randrange(99)),
        )
    )
    host = r.choice(("qq.com", "163.com", "126.com", "sina.cn", "nantong.gov.cn", "ntu.edu.cn"))
    return f"{user}@{host}"


ROADS = words("人民 青年 工农 濠东 濠西 跃龙 世纪 桃园 钟秀 外环 江海 长江 通甲 永兴 城山")
TOWNS = words("金沙镇 平潮镇 石港镇 二甲镇 先锋街道 刘桥镇 兴仁镇 川姜镇")
VILLAGES = words("陆洪闸村 三余村 新坝村 乐观村 花园村 大石桥村")


def address(r: Random) -> str:
    city = r.choice(("江苏省南通市", "南通市", ""))
    if r.random() < 0.5:
        return (
            f"{city}{r.choice(('崇川区', '海门区', '通州区'))}{r.choice(ROADS)}{r.choice('东西中')}路"
            f"{r.randrange(1, 400)}号"
            + r.choice(
                (
                    "",
                    f"{r.randrange(1, 30)}幢{r.randrange(101, 2000)}室",
                    f"濠景苑{r.randrange(1, 30)}-{r.randrange(101, 999)}",
                )
            )
        )
    place = f"{city}通州区{r.choice(TOWNS)}{r.choice(VILLAGES)}"
    return f"{place}{r.randrange(1, 40)}组{r.randrange(1, 90)}号"


def plate(r: Random) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
    head = r.choice(("苏F", "苏F", "苏F", "苏A", "沪C", "皖K"))
    if r.random() < 0.25:
        return f"{head}{r.choice('DF')}{r.randrange(10**5):05d}"
    return f"{head}{r.choice(('', '', '·'))}{''.join(r.choice(letters) for _ in range(5))}"


def passport(r: Random) -> str:
    return r.choice(
        (
            f"E{r.randrange(10**8):08d}",
            f"E{r.choice('ABCDEFGHJ')}{r.randrange(10**7):07d}",
            f"G{r.randrange(10**8):08d}",
            f"C{r.randrange(10**8):08d}",
        )
    )


ILLS = words(
    "高血压病3级 2型糖尿病 慢性支气管炎 腰椎间盘突出症 冠状动脉粥样硬化性心脏病 肺结核 急性阑尾炎 焦虑障碍 白内障 骨质疏松 乙型病毒性肝炎 肺癌 脑梗死"
)


def illness(r: Random) -> str:
    return r.choice(ILLS) + r.choice(("", "", "（待查）", "术后", "；高脂血症"))


def finding(r: Random) -> str:
    return r.choice(
        (
            "青霉素过敏",
            "头孢类过敏",
            "视力四级",
            "肢体二级",
            "听力一级",
            "精神三级",
            "孕12周",
            "既往有哮喘史",
            "HBsAg阳性",
            "血压 150/95",
        )
    )


def blood(r: Random) -> str:
    return r.choice(("A型", "B型", "O型", "AB型", "O型 RH阴性"))
