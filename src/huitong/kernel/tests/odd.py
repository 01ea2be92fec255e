"""Of what tests of tables nobody has written yet are made: states, people, a table of few steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.procedure import End, Procedure, State, state

OP, MGR = Post.OPERATOR, Post.MANAGER
BUREAU_BODY, OWNER, FIRST, SECOND = 1, 2, 3, 4
Verbs = dict[str, Any]
Make = Callable[..., Verbs]


class S(State):
    A = state("a", "甲")
    B = state("b", "乙")
    J = state("j", "会签")
    K = state("k", "再会签")
    Z = state("z", "办毕", end=End.COMPLETED)


def person(number: int, body: int, *posts: Post) -> Actor:
    return Actor(number, f"{number}", body, f"{body}", frozenset(posts or (OP,)), BUREAU_BODY)


def table(kind: str, *steps: Any, **more: Any) -> Procedure:
    return Procedure(f"odd_{kind}", "试", "nantong-2020", date(2020, 2, 19), steps, **more)


def running(case: Case) -> list[Clock]:
    return list(Clock.objects.filter(case=case, stopped_on=None).order_by("pk"))
