"""Demands for tests: Housing needs what Civil Affairs has (``sharing``), in one call each.

``demanding.drafted()`` · ``sealed()`` · ``submitted(addressed="civil")`` · ``at(demand)`` → its
state now.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.cast import Cast

from huitong.cli.demo.stamping import QUICK, stamped
from huitong.demands import actions, queries
from huitong.demands.models import Demand
from huitong.demands.rules import S
from huitong.kernel.case import Case
from huitong.work import actions as work

NEEDED: dict[str, Any] = {
    "title": "婚姻登记信息",
    "items": ["男方姓名", "女方姓名", "登记日期"],
    "purpose": "核对公共租赁住房申请人婚姻状况",
    "scenario": "受理窗口逐件核对",
    "contact": "沈佳",
    "phone": "0513-85215678",
}


class Demanding:
    """See the module's docstring."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    def content(
        self, body: str = "housing", addressed: str = "civil", **changes: Any
    ) -> dict[str, Any]:
        """What a demand of this body says; ``addressed`` are bodies, apart by spaces."""
        about = {"duty": self.cast.duty(body).pk, "matter": self.cast.matter(body).pk}
        about["addressed"] = [self.cast.body(name).pk for name in addressed.split()]
        return NEEDED | about | changes

    def drafted(self, body: str = "housing", **changes: Any) -> Demand:
        clerk = getattr(self.cast, f"{body}_operator")
        return actions.draft(clerk, **self.content(body, **changes))

    def scan(self, demand: Demand, body: str = "housing", **how: Any) -> int:
        """The demand as last printed, stamped and scanned, uploaded by its operator."""
        print_ = queries.printed_matter(queries.demand_of(self.case(demand)))
        content = stamped(print_, **{"dots": QUICK, "kind": "jpeg"} | how)
        clerk = getattr(self.cast, f"{body}_operator")
        return work.attach(clerk, upload=SimpleUploadedFile("盖章件.jpeg", content)).pk

    def sealed(self, body: str = "housing", **changes: Any) -> Demand:
        demand, clerk = self.drafted(body, **changes), getattr(self.cast, f"{body}_operator")
        actions.print_form(clerk, self.case(demand))
        scan = self.scan(demand, body)
        actions.seal(clerk, self.case(demand), scan=scan, archive_number="ZJ-2026-031")
        return demand

    def submitted(self, body: str = "housing", **changes: Any) -> Demand:
        demand = self.sealed(body, **changes)
        return actions.submit(getattr(self.cast, f"{body}_manager"), self.case(demand))

    @staticmethod
    def case(demand: Demand) -> Case:
        return Case.objects.get(pk=demand.case_id)

    def at(self, demand: Demand) -> S:
        return S(self.case(demand).state)


@pytest.fixture
def demanding(cast: Cast) -> Demanding:
    return Demanding(cast)
