"""The laws side by side, read from the tables that run (A36)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huitong.kernel import doing
from huitong.kernel.addresses import reverse
from huitong.kernel.adoption import adopted
from huitong.kernel.laws import LAWS
from huitong.kernel.procedure import LimitRef
from huitong.kernel.procedure.differences import Beside, limits_beside, pairs, steps_beside
from huitong.kernel.requests import Request
from huitong.kernel.workdays import limits_in_force, today
from huitong.ui.comparing import Line, line


@require_safe
def laws_page(request: Request) -> HttpResponse:
    """Each kind of case that runs under several laws: steps, seats and limits side by side."""
    rows, laws = limits_in_force(today()), adopted(today())

    def words(ref: LimitRef) -> str:
        row = rows.get((ref.law, ref.article, ref.name))
        return f"{row.words}{'' if row.verified else '，待核实'}" if row else "未设时限"

    context = {
        "pairs": [
            {
                "id": f"{second.kind}-{second.law}",
                "label": second.label,
                "columns": [LAWS[first.law].short, LAWS[second.law].short],
                "steps": _lines(steps_beside(first, second)),
                "limits": _lines(limits_beside(first, second, words)),
            }
            for first, second in pairs(doing.PROCEDURES)
        ],
        "in_use": "、".join(f"《{LAWS[code].short}》" for code in LAWS if code in laws),
        "crumbs": [("帮助", reverse("portal:help")), ("各规则对照", "")],
    }
    return render(request, "portal/laws.html", context)


def _lines(rows: list[Beside]) -> list[Line]:
    return [line(row.label, row.first, row.second) for row in rows]
