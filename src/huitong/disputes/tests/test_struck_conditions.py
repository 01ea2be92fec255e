"""A sharing condition the bureau struck, disputed by its provider: the bureau is the other side,
and what comes of it, it does itself (A27; the decree)."""

from __future__ import annotations

import pytest
from tests.disputing import CLAIM, Disputing

from huitong.catalog import actions as catalog
from huitong.catalog.rules import stated
from huitong.disputes import actions
from huitong.kernel.case import Case
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.workdays import today
from huitong.objections import actions as objections
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db


def struck(disputing: Disputing) -> tuple[Case, str]:
    """The case of a published entry with a condition struck, and the condition."""
    cast = disputing.cast
    organizations.adopt_law(
        cast.system_admin, law="national-2025", in_force=today(), basis="市政府办公室通知"
    )
    entry = disputing.sharing.entry()
    case = Case.objects.get(pk=entry.draft.case_id)
    with pytest.raises(AgainstRules, match="没有本部门可以提出争议的结果"):
        actions.draft(cast.civil_operator, about=case.pk, **CLAIM)
    term = stated(entry.published)[1].key
    catalog.strike_condition(
        cast.bureau_operator, case=case.pk, term=term, reasons="依据与条件无关。"
    )
    return case, term


def test_its_provider_disputes_it_from_the_page_of_its_case(disputing: Disputing) -> None:
    cast, (case, term) = disputing.cast, struck(disputing)
    page = cast.client("civil_operator").get(f"/cases/{case.pk}/").content.decode()
    assert f"/disputes/new/?about={case.pk}" in page
    assert "about=" not in cast.client("bureau_operator").get(f"/cases/{case.pk}/").content.decode()
    dispute = actions.draft(cast.civil_operator, about=case.pk, **CLAIM)
    actions.submit(cast.civil_manager, disputing.case(dispute))
    assert (dispute.side, dispute.respondent_id) == ("provider", cast.body("bureau").pk)
    catalog.restore_condition(
        cast.bureau_manager, case=case.pk, term=term, reasons="依据成立，恢复。"
    )
    actions.withdraw(cast.civil_operator, disputing.case(dispute), reasons="条件已恢复。")
    with pytest.raises(AgainstRules, match="没有本部门可以提出争议的结果"):
        actions.draft(cast.civil_operator, about=case.pk, **CLAIM)


def test_whom_a_condition_leaves_out_disputes_it_by_way_of_a_doubt(disputing: Disputing) -> None:
    """A body that may not even apply has no decision to dispute: it doubts what the catalog says,
    and disputes the answer with the provider (A27 names 共享条件 first)."""
    cast = disputing.cast
    entry = disputing.sharing.entry(
        name="婚姻登记信息（专供）",
        shapes=["masked", "named_bodies"],
        named_bodies=[cast.body("hr").pk],
    )
    with pytest.raises(AgainstRules, match="只提供给目录指定的部门") as refused:
        disputing.sharing.form(disputing.sharing.mount())
    assert "疑义" in refused.value.remedy and "争议协商" in refused.value.remedy
    doubt = objections.report(
        cast.housing_operator,
        kind="catalog",
        words="住房保障审核同样需要，不应排除本部门。",
        entry=entry.pk,
    )
    case = Case.objects.get(pk=doubt.case_id)
    objections.uphold(cast.civil_operator, case, reasons="依据规定只提供给人社部门。")
    objections.evaluate(
        cast.housing_operator, disputing.case(doubt), satisfied="no", evaluation="仍不同意。"
    )
    dispute = actions.draft(cast.housing_operator, about=case.pk, **CLAIM)
    assert (dispute.side, dispute.respondent_id) == ("consumer", cast.body("civil").pk)
