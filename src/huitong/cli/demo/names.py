"""Invented names of people."""

from __future__ import annotations

FAMILY, GIVEN_NAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许",
    "敏静伟芳磊洋艳勇军杰娟涛明超秀英霞平刚桂",
)


def person_name(n: int) -> str:
    """One of the four hundred; no two numbers below have the same."""
    turn, family = divmod(n, len(FAMILY))
    return FAMILY[family] + GIVEN_NAMES[(7 * n + turn) % len(GIVEN_NAMES)]
