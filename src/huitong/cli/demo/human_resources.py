"""Human Resources (人社局): insured people and their invented employers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from huitong.cli.demo.market import enterprises
from huitong.cli.demo.people import TODAY, day_between, dice_for, population
from huitong.cli.demo.tables import INVENTED, Column, Table, office_hour

INSURED = 9_500
KINDS = ("企业职工基本养老保险", "失业保险", "工伤保险", "城乡居民基本养老保险")
STATUSES = ("正常参保", "暂停参保", "终止参保")


def insured(seed: int) -> Iterator[tuple[Any, ...]]:
    dice, employers = dice_for("insured", seed), enterprises(seed)
    for serial, person in enumerate(dice.sample(population(seed), INSURED), 1):
        kind = dice.choices(KINDS, (70, 5, 5, 20))[0]
        # residents are insured without an employer
        employer = None if kind == KINDS[-1] else dice.choice(employers)
        first = day_between(dice, max(date(person.born.year + 20, 1, 1), date(1998, 1, 1)), TODAY)
        months = dice.randrange((TODAY.year - first.year) * 12 + 1)
        status = dice.choices(STATUSES, (85, 10, 5))[0]
        last = TODAY if status == STATUSES[0] else date(first.year + months // 12, first.month, 1)
        yield (
            f"3206{serial:08d}",
            person.name,
            person.citizen_number,
            employer.name if employer else None,
            employer.credit_code if employer else None,
            kind,
            dice.randrange(4_879, 24_397),
            status,
            first,
            f"{last:%Y%m}",
            months,
            employer.division if employer else person.division,
            person.mobile,
            office_hour(dice, day_between(dice, first, TODAY)),
        )


TABLES = (
    Table(
        "social_insurance",
        f"社会保险参保信息（{INVENTED}）",
        (
            Column("personal_no", "varchar(12)", "个人编号"),
            Column("person_name", "varchar(50)", "姓名"),
            Column("id_number", "char(18)", "身份证号"),
            Column("employer_name", "varchar(200)", "参保单位名称", nullable=True),
            Column("employer_credit_code", "char(18)", "参保单位统一社会信用代码", nullable=True),
            Column("insurance_kind", "varchar(30)", "险种"),
            Column("contribution_base", "numeric(10,2)", "月缴费基数（元）"),
            Column("insured_status", "varchar(10)", "参保状态"),
            Column("first_insured_on", "date", "首次参保日期"),
            Column("paid_until", "char(6)", "缴费至年月"),
            Column("months_paid", "integer", "累计缴费月数"),
            Column("division_code", "char(6)", "参保地区划代码"),
            Column("mobile", "varchar(11)", "手机号", nullable=True),
            Column("updated_at", "timestamptz", "更新时间"),
        ),
        insured,
        stamp="updated_at",
    ),
)
