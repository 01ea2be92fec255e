"""An entry under the State Council's decree: reviewed and published by the authority (D16)."""

from __future__ import annotations

import pytest
from tests.sharing import CLEARED, Sharing

from huitong.catalog import actions as catalog
from huitong.catalog.models import Entry
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.procedure import NotYours
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db


def test_the_authority_publishes_what_it_has_reviewed(sharing: Sharing) -> None:
    cast = sharing.cast
    organizations.adopt_law(
        cast.system_admin, law="national-2025", in_force=today(), basis="市政府办公室通知"
    )
    entry = sharing.entry("marriage", submitted=False)
    case = Case.objects.get(pk=entry.case.pk)
    assert case.law == "national-2025"
    catalog.submit(cast.civil_operator, case, cleared=CLEARED)
    catalog.pass_department(cast.civil_manager, case, cleared=CLEARED)
    catalog.return_bureau(
        cast.bureau_operator, case, ground="unclear", remarks={"summary": "请写明时间范围"}
    )
    catalog.submit(cast.civil_operator, case, cleared=CLEARED)
    catalog.pass_department(cast.civil_manager, case, cleared=CLEARED)
    catalog.pass_bureau(cast.bureau_operator, case)
    case.refresh_from_db()
    assert case in Case.objects.waiting_for(cast.bureau_manager)
    with pytest.raises(NotYours, match="大数据管理局负责人"):
        catalog.publish(cast.civil_operator, case)
    page = cast.client("bureau_manager").get(f"/cases/{case.pk}/")
    assert page.status_code == 200 and "发布" in page.content.decode()
    assert (
        "/publish/"
        not in cast.client("civil_operator").get(f"/compile/{entry.pk}/").content.decode()
    )
    step = f"/cases/{case.pk}/publish/"
    manager = cast.client("bureau_manager")
    assert "各部门立即可以检索" in manager.post(step).content.decode(), "confirmed first"
    catalog.publish(cast.bureau_manager, case)
    assert Entry.objects.get(pk=entry.pk).is_published
    assert LedgerEntry.objects.get(verb="entry.publish").article == "D16"
    assert manager.get(f"/catalog/{entry.pk}/").status_code == 200
