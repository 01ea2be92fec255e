"""Market Regulation (市场监管局): the enterprises of the invented city."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from huitong.cli.demo.people import TODAY, Person, day_between, dice_for, population, villages
from huitong.cli.demo.tables import INVENTED, Column, Table, office_hour
from huitong.scope.identifiers import credit_check, organization_check

ENTERPRISES = 4_200

TRADES = (
    ("C", "制造业", ("纺织科技", "船舶装备", "电子元件", "家纺", "精密机械", "新材料")),
    ("E", "建筑业", ("建设工程", "装饰工程", "市政工程")),
    ("F", "批发和零售业", ("商贸", "供应链管理", "超市")),
    ("G", "交通运输、仓储和邮政业", ("物流", "港口服务", "运输")),
    ("H", "住宿和餐饮业", ("餐饮管理", "酒店管理")),
    ("I", "信息传输、软件和信息技术服务业", ("软件", "信息技术", "网络科技")),
    ("A", "农、林、牧、渔业", ("农业发展", "水产养殖", "种植专业合作")),
    ("L", "租赁和商务服务业", ("人力资源", "企业管理咨询", "设备租赁")),
    ("O", "居民服务、修理和其他服务业", ("家政服务", "汽车维修")),
)
WORDS = "江海通汇濠崇紫琅瑞恒盛泰鼎诚信和润华丰源达旺兴隆宏远博创联合天启新锐嘉禾"
STATUSES = ("存续", "注销", "吊销")
AUTHORITIES = {
    "320612": "南通市通州区市场监督管理局",
    "320613": "南通市崇川区市场监督管理局",
    "320614": "南通市海门区市场监督管理局",
    "320623": "如东县市场监督管理局",
    "320671": "南通经济技术开发区市场监督管理局",
    "320681": "启东市市场监督管理局",
    "320682": "如皋市市场监督管理局",
    "320685": "海安市市场监督管理局",
}


@dataclass(frozen=True, slots=True)
class Enterprise:
    credit_code: str
    name: str
    kind: str
    owner: Person
    capital: int
    established: date
    status: str
    industry_code: str
    industry: str
    address: str
    division: str
    scope: str


@cache
def enterprises(seed: int) -> tuple[Enterprise, ...]:
    """The invented enterprises, each with a different name and code."""
    dice, people, places = dice_for("enterprises", seed), population(seed), villages()
    result: dict[str, Enterprise] = {}
    while len(result) < ENTERPRISES:
        letter, industry, trades = dice.choice(TRADES)
        trade, place, serial = dice.choice(trades), dice.choice(places), len(result) + 1
        name = f"南通{''.join(dice.sample(WORDS, 3))}{trade}有限公司"
        if name in result:
            continue
        # organization codes of our own: no register gives out any that begin with XY
        unit = f"XY{serial:06d}"
        body = f"91{place.county}{unit}{organization_check(unit)}"
        result[name] = Enterprise(
            credit_code=body + credit_check(body),
            name=name,
            kind=dice.choice(("有限责任公司", "有限责任公司（自然人独资）", "股份有限公司")),
            owner=dice.choice(people),
            capital=dice.choice((10, 50, 100, 200, 500, 1000, 3000, 10000)),
            established=day_between(dice, date(1998, 1, 5), TODAY - timedelta(days=200)),
            status=dice.choices(STATUSES, (88, 10, 2))[0],
            industry_code=letter,
            industry=industry,
            address=f"{place.place}{dice.randrange(1, 300)}号",
            division=place.county,
            scope=f"{trade}；技术服务、技术咨询",
        )
    return tuple(result.values())


def rows(seed: int) -> Iterator[tuple[Any, ...]]:
    dice = dice_for("enterprise rows", seed)
    for e in enterprises(seed):
        yield (
            e.credit_code,
            e.name,
            e.kind,
            e.owner.name,
            e.owner.citizen_number,
            e.capital,
            e.established,
            e.status,
            e.industry_code,
            e.industry,
            e.address,
            e.division,
            AUTHORITIES[e.division],
            e.scope,
            e.owner.mobile,
            office_hour(dice, day_between(dice, e.established, TODAY)),
        )


TABLES = (
    Table(
        "enterprise",
        f"企业登记信息（{INVENTED}）",
        (
            Column("credit_code", "char(18)", "统一社会信用代码"),
            Column("enterprise_name", "varchar(200)", "企业名称"),
            Column("enterprise_kind", "varchar(50)", "企业类型"),
            Column("legal_representative", "varchar(50)", "法定代表人"),
            Column("legal_representative_id_number", "char(18)", "法定代表人身份证号"),
            Column("registered_capital", "numeric(14,2)", "注册资本（万元）"),
            Column("established_on", "date", "成立日期"),
            Column("status", "varchar(10)", "登记状态"),
            Column("industry_code", "char(1)", "行业门类代码"),
            Column("industry", "varchar(50)", "行业门类"),
            Column("address", "varchar(200)", "住所"),
            Column("division_code", "char(6)", "住所区划代码"),
            Column("authority", "varchar(100)", "登记机关"),
            Column("business_scope", "text", "经营范围", nullable=True),
            Column("contact_mobile", "varchar(11)", "联系电话", nullable=True),
            Column("updated_at", "timestamptz", "更新时间"),
        ),
        rows,
        stamp="updated_at",
    ),
)
