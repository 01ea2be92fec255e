"""Entering for a department (代录): who of the bureau does so, why, and where it is marked (A7).

The duty stays the department's: what the bureau typed is its draft, which it confirms, submits and
reviews as its own (A8, A10).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

#: a reason that says something
SHORTEST = 4

Reasons = Annotated[
    str,
    Field(
        title="代录原因",
        description="为什么由大数据管理局代为录入，如部门来文请求、部门没有熟悉平台的人员。",
        min_length=SHORTEST,
        max_length=500,
    ),
]
#: where it is asked for only of who enters for another body
SomeReasons = Annotated[
    str,
    Field(
        title="代录原因",
        description="为其他部门代录的，写明为什么由大数据管理局录入。",
        max_length=500,
    ),
]
Request = Annotated[
    str,
    Field(
        title="部门的请求",
        description="来文文号，或由谁在何时提出；部门没有提出的，不填。",
        max_length=200,
    ),
]


@dataclass(frozen=True)
class Entering:
    """Who enters in a department's place, and why: kept with the case."""

    body: int
    body_name: str
    by: str
    reasons: str
    request: str = ""

    def as_record(self) -> dict[str, Any]:
        """As the facts of the case keep it."""
        return {
            "body_name": self.body_name,
            "by": self.by,
            "reasons": self.reasons,
            "request": self.request,
        }
