"""Invented names of people."""

from __future__ import annotations

FAMILY, GIVEN_NAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许",
    "敏静伟芳磊洋艳勇军杰娟涛明超秀英霞平刚桂",
)


def person_name(n: int) -> str:
    return FAMILY[n % len(FAMILY)] + GIVEN_NAMES[(7 * n) % len(GIVEN_NAMES)]
