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
