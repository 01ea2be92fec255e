"""Values nobody is known by, though they look so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from huitong.scope import identifiers as ids
from huitong.scope.tests.recognition.inventing import (
    ILLS,
    ROADS,
    Maker,
    address,
    division,
    landline,
    mobile,
    words,
)


def counted(start: int, step: int = 1) -> Callable[[Random], Maker]:
    def begin(r: Random) -> Maker:
        at = [start + r.randrange(10**6)]

        def following(r: Random) -> str:
            at[0] += r.randrange(1, step + 1)
            return str(at[0])

        return following

    return begin


def each(maker: Maker) -> Callable[[Random], Maker]:
    return lambda r: maker


def luhn(prefix: str, length: int) -> Maker:
    def order(r: Random) -> str:
        body = prefix + "".join(r.choice("0123456789") for _ in range(length - 1 - len(prefix)))
        return body + ids.luhn_check(body)

    return order


def of(text: str) -> Callable[[Random], Maker]:
    return each(lambda r: r.choice(words(text)))


def day(r: Random) -> date:
    return date(2015, 1, 1) + timedelta(r.randrange(4000))


def browser(r: Random) -> str:
    return r.choice(
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            f" Chrome/{r.randrange(90, 130)}.0.{r.randrange(9999)}.99 Safari/537.36",
            f"Mozilla/5.0 (iPhone; CPU iPhone OS {r.randrange(12, 18)}_1 like Mac OS X)",
            f"okhttp/4.{r.randrange(12)}.0",
            f"Dalvik/2.1.0 (Linux; U; Android {r.randrange(8, 14)}; V2049A Build/RP1A.200720.012)",
        )
    )


def long_serial(r: Random) -> str:
    return f"{division(r)}{day(r):%Y%m%d}{r.randrange(10**4):04d}"


def short_serial(r: Random) -> str:
    return f"320613{day(r):%y%m%d}{r.randrange(1000):03d}"


def snowflake(r: Random) -> str:
    return str(r.randrange(10**17, 10**18))


def teacher(r: Random) -> str:
    return (
        f"13206{r.choice('13')}{r.randrange(10**5):05d}"
        if r.random() < 0.5
        else f"T2019{r.randrange(10**4):04d}"
    )


def same_teacher(r: Random) -> str:
    return f"1320613{r.randrange(10**4):04d}"


def hotel(r: Random) -> str:
    return r.choice(
        words(
            "金陵饭店 王府酒店 高峰旅馆 江海宾馆 白云宾馆 汪家客栈 陆家民宿 段家大院 方圆酒店 安泰旅社 龙王庙站 林荫公寓 史家饭店 万豪酒店 程家小院"
        )
    )


def company(r: Random) -> str:
    called = r.choice(words("恒泰 金陵 万通 江海 宏达 润邦"))
    return f"南通{called}{r.choice(words('纺织 船舶 建设 食品 物流'))}有限公司"


OFFICES = words("民政局 人民法院 市场监督管理局 不动产登记中心 教育体育局")


def office(r: Random) -> str:
    return f"南通市{r.choice(('崇川区', '通州区', ''))}{r.choice(OFFICES)}"


def document(r: Random) -> str:
    return r.choice(
        (
            f"南通市人民政府令第{r.randrange(1, 40)}号",
            f"通政规〔{r.randrange(2010, 2026)}〕{r.randrange(1, 30)}号",
            f"南通市崇川区人民政府公告第{r.randrange(9)}号",
        )
    )


def project(r: Random) -> str:
    place = f"{r.choice(('崇川区', '通州区'))}{r.choice(ROADS)}路"
    return f"{place}{r.choice(('改造', '绿化', '管网'))}工程{r.randrange(1, 9)}号标段"


def masked(r: Random) -> str:
    return f"{mobile(r)[:3]}****{r.randrange(10**4):04d}"


def token(r: Random) -> str:
    return f"{r.randrange(16**40):040x}"


def coordinates(r: Random) -> str:
    return f"{120 + r.random():.6f}"


def code_of_ills(r: Random) -> str:
    return f"{r.choice('ABCDEIJKM')}{r.randrange(100):02d}.{r.randrange(10)}"


def vin(r: Random) -> str:
    return "".join(r.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789") for _ in range(17))


def barcode(r: Random) -> str:
    return f"69{r.randrange(10**11):011d}"


#: trap → what begins such a column
TRAPS: dict[str, Callable[[Random], Maker]] = {
    "years": each(lambda r: str(r.randrange(1950, 2026))),
    "days as numbers": each(lambda r: f"{day(r):%Y%m%d}"),
    "timestamps": counted(1_600_000_000_000, 9**9),
    "seconds": counted(1_500_000_000, 10**6),
    "orders by Luhn": each(luhn("2023", 16)),
    "orders like cards": each(luhn("6217", 19)),
    "orders counted": counted(6_217_000_012_340_000_000, 9),
    "numbers counted like mobiles": counted(15_800_000_000, 7),
    "teachers like mobiles": each(same_teacher),
    "teachers": each(teacher),
    "long serials": each(long_serial),
    "short serials": each(short_serial),
    "random long": each(snowflake),
    "permits": each(lambda r: f"JY{r.randrange(10**13):013d}"),
    "browsers": each(browser),
    "phone extensions": each(lambda r: str(r.randrange(8000, 8999))),
    "offices' phones": each(landline),
    "area codes": each(lambda r: r.choice(("0513", "025", "021"))),
    "about phones": of("华为Mate60 iPhone15 小米14 荣耀X50 OPPO-A2"),
    "kinds of papers": of("居民身份证 护照 军官证 港澳居民来往内地通行证"),
    "yes or no": of("0 1 是 否"),
    "amounts": each(lambda r: f"{r.random() * 10 ** r.randrange(2, 9):.2f}"),
    "whole amounts": each(lambda r: str(r.randrange(10**4, 10**12))),
    "versions": each(lambda r: f"{r.randrange(9)}.{r.randrange(20)}.{r.randrange(99)}"),
    "packages": each(lambda r: f"lodash@4.{r.randrange(30)}.{r.randrange(99)}"),
    "IP addresses": each(lambda r: f"10.{r.randrange(256)}.{r.randrange(256)}.{r.randrange(256)}"),
    "web addresses": each(lambda r: f"https://www.example{r.randrange(99)}.cn/a/{r.randrange(99)}"),
    "hotels": each(hotel),
    "companies": each(company),
    "offices": each(office),
    "companies' addresses": each(address),
    "documents": each(document),
    "projects": each(project),
    "places": of("江苏 海门 如皋 启东 金坛 江阴 余杭 高邮 常熟 安吉 陆港 白蒲 石港 金沙 唐闸"),
    "subjects": of(
        "高等数学 程序设计 古代汉语 金融学 石油化工 安全工程 康复治疗 汤剂学 万用表 温度计 毛纺织"
    ),
    "peoples": of("汉族 回族 满族 苗族 白族 黎族"),
    "crops": of("白菜 黄瓜 马铃薯 金桔 石榴 胡萝卜 高粱 花生 谭木匠 江米 麦冬 温莪术 秦艽 龙眼"),
    "masked already": each(masked),
    "digests": each(token),
    "coordinates": each(coordinates),
    "lists of illnesses": each(lambda r: r.choice(ILLS)),
    "codes": each(code_of_ills),
    "hospitals": of("南通市第一人民医院 通大附院 崇川区妇幼保健院 观音山卫生院"),
    "pests": of("稻瘟病 纹枯病 赤霉病 白粉病 蚜虫"),
    "vehicle numbers": each(vin),
    "bar codes": each(barcode),
    "cards of others": each(lambda r: f"{r.randrange(10**8):08d}"),
    "divisions": each(division),
    "sentences": of("材料齐全 请补正后再报 同意 已电话通知申请人 无异议 按规定办理 已核实"),
    "genders": of("男 女 未说明"),
}
