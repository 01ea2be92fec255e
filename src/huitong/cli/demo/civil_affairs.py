"""Civil Affairs (民政局): marriages, divisions, adoptions, and an archive that may never be
registered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from huitong.cli.demo.people import (
    TODAY,
    Person,
    day_between,
    dice_for,
    national_divisions,
    person_name,
    population,
)
from huitong.cli.demo.tables import INVENTED, Column, Table, office_hour

COUPLES = 8_600
ADOPTIONS = 300
ARCHIVES = 40

#: registrar, division code, first day and first day no longer: codes change, registrations keep the
#: code of their day
REGISTRARS = (
    ("南通市崇川区民政局", "320602", None, date(2020, 7, 3)),
    ("南通市港闸区民政局", "320611", None, date(2020, 7, 3)),
    ("南通市崇川区民政局", "320613", date(2020, 7, 3), None),
    ("南通市通州区民政局", "320612", None, None),
    ("海门市民政局", "320684", None, date(2020, 7, 3)),
    ("南通市海门区民政局", "320614", date(2020, 7, 3), None),
    ("如东县民政局", "320623", None, None),
    ("启东市民政局", "320681", None, None),
    ("如皋市民政局", "320682", None, None),
    ("海安县民政局", "320621", None, date(2018, 5, 14)),
    ("海安市民政局", "320685", date(2018, 5, 14), None),
)
#: marriages of Nantong's people registered in other cities: what a row filter "Nantong only" has to
#: keep back
OUTSIDE = (
    ("苏州市民政局", "320500"),
    ("盐城市民政局", "320900"),
    ("泰州市民政局", "321200"),
    ("无锡市民政局", "320200"),
)
LEVELS = {
    "province": "省级",
    "city": "地级",
    "county": "县级",
    "zone": "开发区",
    "township": "乡级",
    "village": "村级",
}
SHARE_OUTSIDE = 0.14
SHARE_DIVORCED = 0.16


def _registrar(dice: Random, day: date) -> tuple[str, str]:
    if dice.random() < SHARE_OUTSIDE:
        return dice.choice(OUTSIDE)
    open_then = [
        (n, c)
        for n, c, first, end in REGISTRARS
        if (first is None or first <= day) and (end is None or day < end)
    ]
    return dice.choice(open_then)


def _of_age(husband: Person, wife: Person) -> date:
    """The first day on which these two may marry: he at 22, she at 20 (民法典 1047)."""
    return max(
        date(husband.born.year + 22, 12, 31), date(wife.born.year + 20, 12, 31), date(1981, 1, 1)
    )


def marriages(seed: int) -> Iterator[tuple[Any, ...]]:
    """One row per registration: each couple's marriage, and the divorce of some."""
    dice = dice_for("marriages", seed)
    people = sorted(population(seed), key=lambda p: p.born)
    men = [p for p in people if not p.female]
    women = [p for p in people if p.female]
    serial = 0

    def registered(
        kind: str, letter: str, day: date, status: str, pair: tuple[Person, Person]
    ) -> tuple[Any, ...]:
        nonlocal serial
        serial += 1
        office, code = _registrar(dice, day)
        husband, wife = pair
        changed = office_hour(dice, min(day + timedelta(days=dice.randrange(3)), TODAY))
        return (
            f"{letter}{code}-{day.year}-{serial:06d}",
            husband.name,
            husband.citizen_number,
            wife.name,
            wife.citizen_number,
            day,
            kind,
            office + "婚姻登记处",
            code,
            status,
            dice.choice(pair).mobile,
            changed,
        )

    # both lists run from old to young, so partners are of an age; then in no order, as people come
    couples = list(zip(men, women, strict=True))
    for pair in dice.sample(couples, COUPLES):
        first = _of_age(*pair)
        day = day_between(dice, first, min(first + timedelta(days=4_000), TODAY))
        divorced = dice.random() < SHARE_DIVORCED and day + timedelta(days=400) < TODAY
        yield registered("结婚登记", "J", day, "已解除" if divorced else "有效", pair)
        if divorced:
            yield registered(
                "离婚登记", "L", day_between(dice, day + timedelta(days=365), TODAY), "已解除", pair
            )


def divisions(seed: int) -> Iterator[tuple[Any, ...]]:
    """The real divisions: nothing here is invented, and no seed changes it."""
    for row in national_divisions():
        yield row["code"], row["name"], LEVELS[row["level"]], row["parent_code"] or None


def adoptions(seed: int) -> Iterator[tuple[Any, ...]]:
    dice = dice_for("adoptions", seed)
    grown = [p for p in population(seed) if p.born.year < 1990]
    for serial, adopter in enumerate(dice.sample(grown, ADOPTIONS), 1):
        day = day_between(dice, date(2021, 1, 4), TODAY)
        child_born = day_between(dice, day - timedelta(days=3_000), day - timedelta(days=90))
        office, code = _registrar(dice, day)
        yield (
            f"S{code}-{day.year}-{serial:05d}",
            adopter.name,
            adopter.citizen_number,
            person_name(dice, dice.random() < 0.5),
            child_born,
            day,
            office,
            office_hour(dice, day),
        )


def archives(seed: int) -> Iterator[tuple[Any, ...]]:
    dice = dice_for("archives", seed)
    for serial in range(1, ARCHIVES + 1):
        day = day_between(dice, date(2015, 1, 5), TODAY)
        yield (
            f"DA-{day.year}-{serial:04d}",
            f"演示用虚构卷宗第{serial}号",
            dice.choice(("秘密", "机密")),
            day,
            "机要室",
            office_hour(dice, day),
        )


TABLES = (
    Table(
        "marriage_registration",
        f"婚姻登记信息（{INVENTED}）",
        (
            Column("registration_no", "varchar(24)", "登记号"),
            Column("male_name", "varchar(50)", "男方姓名"),
            Column("male_id_number", "char(18)", "男方身份证号"),
            Column("female_name", "varchar(50)", "女方姓名"),
            Column("female_id_number", "char(18)", "女方身份证号"),
            Column("registered_on", "date", "登记日期"),
            Column("registration_kind", "varchar(20)", "登记类型"),
            Column("registrar", "varchar(100)", "登记机关"),
            Column("registrar_division", "char(6)", "登记机关区划代码"),
            Column("marital_status", "varchar(10)", "婚姻状态"),
            Column("mobile", "varchar(11)", "手机号", nullable=True),
            Column("updated_at", "timestamptz", "更新时间"),
        ),
        marriages,
        stamp="updated_at",
    ),
    Table(
        "administrative_division",
        "行政区划代码（公开的真实数据，截至2023-06-30，供演示使用）",
        (
            Column("division_code", "varchar(12)", "区划代码"),
            Column("division_name", "varchar(100)", "名称"),
            Column("division_level", "varchar(20)", "级别"),
            Column("parent_code", "varchar(12)", "上级代码", nullable=True),
        ),
        divisions,
    ),
    Table(
        "adoption_registration",
        f"收养登记信息（{INVENTED}）",
        (
            Column("registration_no", "varchar(24)", "登记号"),
            Column("adopter_name", "varchar(50)", "收养人姓名"),
            Column("adopter_id_number", "char(18)", "收养人身份证号"),
            Column("child_name", "varchar(50)", "被收养人姓名"),
            Column("child_born_on", "date", "被收养人出生日期"),
            Column("registered_on", "date", "登记日期"),
            Column("registrar", "varchar(100)", "登记机关"),
            Column("updated_at", "timestamptz", "更新时间"),
        ),
        adoptions,
        stamp="updated_at",
    ),
    Table(
        "dept_secret_archive",
        f"涉密档案登记簿（{INVENTED}，用于演示平台拒绝登记涉密资源）",
        (
            Column("archive_no", "varchar(20)", "档案编号"),
            Column("title", "varchar(100)", "案卷题名"),
            Column("secrecy_level", "varchar(10)", "密级"),
            Column("drawn_up_on", "date", "形成日期"),
            Column("keeper", "varchar(50)", "保管部门"),
            Column("updated_at", "timestamptz", "更新时间"),
        ),
        archives,
        stamp="updated_at",
    ),
)
