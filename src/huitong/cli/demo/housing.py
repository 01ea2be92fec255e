"""Housing (住建局): applicants for public rental housing. The consumer of the story has data of its
own too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from huitong.cli.demo.people import TODAY, day_between, dice_for, population
from huitong.cli.demo.tables import INVENTED, Column, Table, office_hour

APPLICATIONS = 1_500


def applications(seed: int) -> Iterator[tuple[Any, ...]]:
    dice = dice_for("housing", seed)
    for serial, person in enumerate(dice.sample(population(seed), APPLICATIONS), 1):
        day = day_between(dice, date(2024, 1, 2), TODAY)
        yield (
            f"GZF{day.year}{serial:06d}",
            person.name,
            person.citizen_number,
            dice.choice(("未婚", "已婚", "离异", "丧偶")),
            dice.randrange(1, 6),
            dice.randrange(900, 6_000),
            person.address,
            day,
            dice.choice(("受理", "核查中", "已通过", "未通过")),
            person.mobile,
            office_hour(dice, day),
        )


TABLES = (
    Table(
        "public_rental_application",
        f"公租房申请信息（{INVENTED}）",
        (
            Column("application_no", "varchar(20)", "申请编号"),
            Column("applicant_name", "varchar(50)", "申请人姓名"),
            Column("applicant_id_number", "char(18)", "申请人身份证号"),
            Column("declared_marital_status", "varchar(10)", "申报婚姻状况"),
            Column("household_size", "integer", "家庭人口数"),
            Column("monthly_income", "numeric(10,2)", "家庭月人均收入（元）"),
            Column("address", "varchar(200)", "现住址"),
            Column("applied_on", "date", "申请日期"),
            Column("status", "varchar(10)", "办理状态"),
            Column("mobile", "varchar(11)", "手机号", nullable=True),
            Column("updated_at", "timestamptz", "更新时间"),
        ),
        applications,
        stamp="updated_at",
    ),
)
