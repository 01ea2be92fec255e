"""Documents as clerks and managers make them, for tests."""

from __future__ import annotations

from typing import Any

from tests.cast import Cast

from huitong.documents.models import Document
from huitong.documents.rules import KINDS, Issuer
from huitong.kernel import doing
from huitong.kernel.case import Case

WORDS = {
    "kind": "standard",
    "title": "婚姻登记数据标准",
    "document_number": "通数据〔2026〕3号",
    "wording": "第一条 日期写作年月日。\n\n第二条 姓名不加空格。",
}


def act(actor: Any, case: Case | int, verb: str, **given: Any) -> Any:
    """A step, by name, of whichever table the case runs under."""
    row = Case.objects.get(pk=case if isinstance(case, int) else case.pk)
    return doing.perform(actor, f"{row.kind}.{verb}", given, case=row.pk).result


def drafted(actor: Any, **given: Any) -> Case:
    words = WORDS | given
    kind = "body_document" if KINDS[words["kind"]].issuer is Issuer.BODY else "city_document"
    done = doing.perform(actor, f"{kind}.draft", words)
    assert done.case is not None
    return done.case


def published(operator: Any, manager: Any, **given: Any) -> Document:
    """A document drafted by one and published by the other."""
    return issued(operator, manager, drafted(operator, **given))


def issued(operator: Any, manager: Any, case: Case) -> Document:
    act(operator, case, "submit")
    act(manager, case, "publish")
    return Document.objects.get(versions__case=case)


def by_bureau(cast: Cast, **given: Any) -> Document:
    return published(cast.bureau_operator, cast.bureau_manager, **given)


def own_rules(cast: Cast, body: str = "civil", **given: Any) -> Document:
    clerk, manager = getattr(cast, f"{body}_operator"), getattr(cast, f"{body}_manager")
    words = {"kind": "own_rules", "title": "目录管理办法", "document_number": ""} | given
    return published(clerk, manager, **words)
