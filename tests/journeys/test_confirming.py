"""What will come of a weighty act is shown before it is done, and then comes of it (A19)."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import Cast
from tests.sharing import CLEARED, Sharing
from tests.toy import actions as toy

from huitong import reactions
from huitong.access.models import Application
from huitong.catalog import actions as catalog
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry
from huitong.organizations import queries as organizations
from huitong.work.models import Notice
from huitong.work.tests import made

pytestmark = pytest.mark.django_db
DIALOG = {"HTTP_X_CONFIRM": "1"}


def rows_of(answer: Any) -> dict[str, str]:
    """The summary, label by label."""
    text = answer.content.decode()
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text, re.S)
    return {label: html.unescape(re.sub(r"<[^>]+>", "\n", words)) for label, words in pairs}


def entries() -> int:
    return Entry.objects.count()


def test_the_dialog_says_what_then_happens(cast: Cast):
    case = made.room(cast, sent=False)
    manager = cast.client("housing_manager")
    before = entries()
    answer = manager.post(f"/cases/{case.pk}/send/", {}, **DIALOG)
    assert answer.status_code == 200 and answer["X-Confirm"] == "asked" and entries() == before
    rows = rows_of(answer)
    assert manager.post(f"/cases/{case.pk}/send/", {"_confirmed": "1"}).status_code == 302
    case.refresh_from_db()
    clock = Clock.objects.get(case=case)
    assert rows["办理人"] == f"{cast.housing_manager.name}（市住建局负责人）"
    assert rows["结果"] == "由“草稿”变为“待答复”" and case.state == "asked"
    assert rows["接下来"] == (
        f"由市民政局负责人办理；答复时限 10 个工作日，最迟 {clock.due_on:%Y-%m-%d}"
    )
    assert rows["将告知"] == "市民政局负责人"
    assert "内容不能再修改" in rows["不能再改"]


def test_those_are_told_who_the_summary_names(cast: Cast, sharing: Sharing):
    """A refusal by the provider: the summary names the consumer and whoever began it; nobody else
    is told."""
    application = sharing.accepted(sharing.mount("marriage", "api"))
    given = {"_act": "refuse", "ground": "outside_duty", "cites": "使用目的"}
    given |= {"reasons": "申请用途与所列职责不符，请补充依据。"}
    client = cast.client("civil_manager")
    rows = rows_of(client.post(f"/decide/{application.pk}/", given, **DIALOG))
    last = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    assert client.post(f"/decide/{application.pk}/", given | {"_confirmed": "1"}).status_code == 302
    for job in ProcrastinateJob.objects.filter(task_name="huitong.react").order_by("pk"):
        reactions.react(**job.args)
    people = set(
        Notice.objects.filter(pk__gt=last, case=application.case).values_list("person", flat=True)
    )
    case = Case.objects.get(pk=application.case_id)
    own = {b for _, b in organizations.business_seats(people, case.bodies)}
    assert own == {cast.body("housing").pk}
    opener = organizations.people_names([case.opened_by])[case.opened_by]
    assert rows["将告知"] == f"{opener}、市住建局"
    assert "结论不能更改" in rows["影响"] and "办结" in rows["不能再改"]


def test_what_stands_against_it_is_said_before_the_question(cast: Cast, sharing: Sharing):
    """Boxes of the acceptance not ticked, a part without its ground: faults, no question."""
    application = Application.objects.get(form=sharing.applied(sharing.mount("marriage", "api")))
    half = cast.client("bureau_operator").post(
        f"/accept/{application.pk}/", {"checked": ["stamp"]}, **DIALOG
    )
    assert half.status_code == 422 and "X-Confirm" not in half
    assert "请核对后勾选" in half.content.decode()


def test_what_needs_no_question_does_nothing_when_it_is_only_asked(cast: Cast):
    """The script asks of a step that is not confirmed: nothing is done, the plain form goes on."""
    case = made.room(cast)
    before = entries()
    answer = cast.client("civil_manager").post("/do/work.claim/", {"case": case.pk}, **DIALOG)
    assert answer.status_code == 204 and entries() == before


def test_going_back_keeps_what_was_typed(cast: Cast, sharing: Sharing):
    """Without JavaScript: 返回修改 of the summary brings the form back as it was filled in."""
    case = made.room(cast)
    manager = cast.client("civil_manager")
    typed = {"reasons": "当日已有安排，请改期。"}
    answer = manager.post(f"/cases/{case.pk}/refuse/", typed)
    assert "返回修改" in answer.content.decode()
    back = manager.post(f"/cases/{case.pk}/refuse/", typed | {"_back": "1"})
    assert back.status_code == 200 and "当日已有安排，请改期。</textarea>" in back.content.decode()
    application = sharing.accepted(sharing.mount("marriage", "api"))
    form = {"_act": "grant", "item_0": "on", "opinion": "同意提供。", "per_second": "7"}
    form |= {"conditions.item": "登记机关", "conditions.op": "等于", "conditions.value": "南通"}
    form |= {"valid_from": str(application.form.period_from)}
    form |= {"valid_to": str(application.form.period_to), "_back": "1"}
    page = manager.post(f"/decide/{application.pk}/", form).content.decode()
    assert "同意提供。</textarea>" in page and 'value="7"' in page
    assert all(f'value="{cell}"' in page for cell in ("登记机关", "等于", "南通"))
    assert not re.search(r'name="item_1"[^>]* checked', page), "what was unticked stays so"
    entry = sharing.entry("division", submitted=False)
    catalog.submit(cast.civil_operator, entry.case, cleared=CLEARED)
    review = manager.post(
        f"/review/{entry.case_id}/", {"decision": "pass", "reasons": "写得好。", "_back": "1"}
    )
    assert review.status_code == 200 and "写得好。</textarea>" in review.content.decode()


def test_a_rehearsal_leaves_no_trace(cast: Cast, sharing: Sharing):
    """Neither a job nor a notice nor a number: a code of the catalog is given once."""
    entry = sharing.entry("division", submitted=False)
    catalog.submit(cast.civil_operator, entry.case, cleared=CLEARED)
    catalog.pass_department(cast.civil_manager, entry.case, cleared=CLEARED)
    jobs, notices = ProcrastinateJob.objects.count(), Notice.objects.count()
    bureau = cast.client("bureau_operator")
    for _ in range(3):
        passing = {
            "decision": "pass",
            "checked": ["complete", "consistent", "understandable", "standards"],
        }
        assert bureau.post(f"/review/{entry.case_id}/", passing, **DIALOG)["X-Confirm"]
    assert (ProcrastinateJob.objects.count(), Notice.objects.count()) == (jobs, notices)
    catalog.pass_bureau(cast.bureau_operator, entry.case)
    entry.refresh_from_db()
    assert entry.code.endswith("/000001")


def test_who_may_not_is_refused_before_anything_is_shown(cast: Cast):
    case = made.room(cast)
    toy.lend(cast.civil_manager, case)
    for who, status in (("civil_operator", 403), ("stranger_manager", 404), ("civil_manager", 409)):
        page, given = cast.client(who), {"reasons": "不行，当日有会。"}
        answer = page.post(f"/cases/{case.pk}/refuse/", given, **DIALOG)
        assert "X-Confirm" not in answer
        assert page.post(f"/cases/{case.pk}/refuse/", given).status_code == status
