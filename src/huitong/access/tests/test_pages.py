"""What pages and lists cost, and to whom they answer nothing (A28)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.sharing import Sharing

from huitong.access import actions
from huitong.access.models import Application, Grant
from huitong.access.rules import CALLS_PER_SECOND
from huitong.kernel import doing
from huitong.kernel.workdays import today

pytestmark = pytest.mark.django_db
#: queries of a list page, shell and sign-in included
BUDGET = 20
#: queries of a decision beside the act itself: who is signed in, the application, what the answer
#: may hold
AROUND = 10


@pytest.mark.parametrize(
    "url",
    [
        "/applications/",
        "/applications/?tab=asked",
        "/grants/",
        "/grants/?tab=given",
        "/mounts/",
        "/systems/",
    ],
)
def test_a_list_costs_the_same_however_long(
    sharing: Sharing, url: str, django_assert_max_num_queries
):
    for mount in (
        sharing.mount("marriage", "api"),
        sharing.mount("marriage", "table"),
        sharing.mount("division", "api"),
    ):
        sharing.granted(mount)
    assert Grant.objects.count() == 3
    client = sharing.cast.client(
        "civil_operator" if "tab=" in url or "mounts" in url else "housing_operator"
    )
    client.get(url)
    with django_assert_max_num_queries(BUDGET):
        page = client.get(url).content.decode()
    assert page.count("婚姻登记信息") >= 2 or "systems" in url


def test_what_is_not_ones_own_is_not_there(sharing: Sharing):
    grant = sharing.granted()
    application = Application.objects.get(grant=grant)
    issued = sharing.credential()
    stranger = sharing.cast.client("stranger_operator")
    for url in (
        f"/apply/{application.form_id}/",
        f"/decide/{application.pk}/",
        f"/grants/{grant.pk}/",
        f"/systems/{grant.system_id}/",
        f"/credentials/{issued['credential']}/rotate/",
        f"/cases/{application.case_id}/",
        f"/apply/{application.form_id}/scan/file/",
    ):
        assert stranger.get(url).status_code == 404, url
    bureau = sharing.cast.client("bureau_operator")
    for url in (
        f"/apply/{application.form_id}/scan/",
        f"/systems/{grant.system_id}/credentials/new/",
    ):
        assert bureau.get(url).status_code == 403, url
    assert sharing.cast.client("housing_manager").get("/apply/new/").status_code == 403, (
        "applying is the clerk's work"
    )
    assert sharing.cast.client("system_admin").get(f"/grants/{grant.pk}/").status_code == 404


def test_a_returned_form_is_corrected_on_pages(sharing: Sharing):
    cast, form = sharing.cast, sharing.form(sharing.mount("marriage", "api"))
    application = Application.objects.get(form=form)
    actions.print_form(cast.housing_operator, form=form.pk)
    actions.seal_form(
        cast.housing_operator, form=form.pk, scan=sharing.scan(form), archive_number="ZJ-2026-017"
    )
    actions.send_back(
        cast.housing_manager,
        application.case,
        ground="form_wrong",
        cites="使用目的",
        reasons="目的请写具体些",
    )
    clerk = cast.client("housing_operator")
    page = clerk.get(f"/apply/{form.pk}/edit/").content.decode()
    assert "核对公共租赁住房申请人婚姻状况" in page
    form.refresh_from_db()
    answers = {
        "duty": form.duty_id,
        "matter": form.matter_id,
        "system": form.system_id,
        "purpose": "核对 2026 年度公租房申请人婚姻状况",
        "period_from": str(form.period_from),
        "period_to": str(form.period_to),
        "contact": "沈佳",
        "phone": "0513-85215678",
    }
    assert (
        clerk.post(f"/apply/{form.pk}/edit/", answers | {"period_to": "2020-01-01"}).status_code
        == 422
    )
    assert clerk.post(f"/apply/{form.pk}/edit/", answers).status_code == 302
    url = f"/apply/{form.pk}/resources/{application.pk}/"
    assert "男方姓名" in clerk.get(url).content.decode()
    name = f"m{application.mount_id}-items"
    assert clerk.post(url, {name: []}).status_code == 422
    assert clerk.post(url, {name: ["男方姓名", "登记日期"]}).status_code == 302
    added = clerk.post(f"/apply/{form.pk}/add/", {"add_mount": sharing.mount("division", "api").pk})
    assert added.status_code == 302 and form.applications.count() == 2
    page = clerk.get(f"/apply/{form.pk}/").content.decode()
    assert "打印之后内容已修改" in page and "2026 年度" in page and "修改申请内容" in page
    application.refresh_from_db()
    assert application.scope["items"] == ["男方姓名", "登记日期"]
    assert cast.client("stranger_operator").get(url).status_code == 404


def test_the_home_page_tells_a_department_what_it_may_use_and_what_ends(
    sharing: Sharing, django_assert_max_num_queries
):
    sharing.granted(valid_to=today() + timedelta(10))
    client = sharing.cast.client("housing_operator")
    client.get("/")
    with django_assert_max_num_queries(24):
        page = client.get("/").content.decode()
    assert "可用的授权" in page and "即将到期" in page
    assert "可用的授权" not in sharing.cast.client("stranger_operator").get("/").content.decode(), (
        "nothing to tell"
    )


def test_each_label_of_the_deciding_page_belongs_to_one_field(sharing: Sharing):
    application = sharing.accepted(sharing.mount("marriage", "api"))
    client = sharing.cast.client("civil_manager")
    for page in (
        client.get(f"/decide/{application.pk}/"),
        client.post(f"/decide/{application.pk}/", {"_act": "refuse"}),
    ):
        ids = re.findall(r' id="([^"]+)"', page.content.decode())
        assert sorted(set(ids)) == sorted(ids), (
            "a grant in part and a refusal both ask for a ground"
        )
    assert 'href="#refuse_ground"' in page.content.decode()


def _decided(sharing: Sharing, sent: dict[str, str]) -> tuple[int, int]:
    """What a decision costs in queries: by the page, and how many of them are the act's own."""
    application = sharing.accepted(sharing.mount("marriage", "api"))
    client = sharing.cast.client("civil_manager")
    url = reverse("access:decide", args=[application.pk])
    if sent["_act"] == "grant":
        form = application.form
        sent |= {f"item_{n}": "on" for n in range(len(application.scope["items"]))}
        sent |= {
            "per_second": str(CALLS_PER_SECOND),
            "valid_from": str(max(today(), form.period_from)),
        }
        sent |= {"valid_to": str(form.period_to)}
        sent |= dict.fromkeys(("conditions.item", "conditions.op", "conditions.value"), "")
    client.get(url)
    inside: list[int] = []
    perform = doing.perform

    def counted(*arguments: Any, **more: Any) -> doing.Done:
        with CaptureQueriesContext(connection) as own:
            done = perform(*arguments, **more)
        inside.append(len(own))
        return done

    with pytest.MonkeyPatch.context() as patched, CaptureQueriesContext(connection) as statements:
        patched.setattr(doing, "perform", counted)
        answer = client.post(url, sent | {"_confirmed": "1"})
    assert answer.status_code == 302, answer.content.decode()
    return len(statements), sum(inside)


def test_a_decision_is_made_before_its_page_is_drawn(sharing: Sharing):
    """Whoever decides is sent on: neither the form, its scan, its standing nor the other answer's
    form is read for a page nobody sees."""
    no = {
        "_act": "refuse",
        "ground": "more_than_needed",
        "cites": "使用目的",
        "reasons": "所列用途不需要这些信息项。",
    }
    for sent in ({"_act": "grant"}, no):
        whole, act = _decided(sharing, sent)
        assert whole - act <= AROUND
