"""What a consumer undertakes with a grant, and what goes along with the data (A30)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import unquote

import pytest
from django.test import Client
from tests.bringing import Bringing
from tests.sharing import Sharing

from huitong.access import actions, queries
from huitong.access.models import Form
from huitong.access.rules import headers_of, notice_of, undertakings
from huitong.access.rules.delivering import MOST_SCOPE
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db
USE, SAFETY = "不得转给", "使用期间的安全由申请单位负责"


def adopt(sharing: Sharing) -> None:
    organizations.adopt_law(
        sharing.cast.system_admin, law="national-2025", in_force=today(), basis="市政府通知"
    )


def test_each_text_is_a_dated_row_of_a_law_and_the_first_laws_goes_on() -> None:
    before, after = date(2025, 7, 31), date(2025, 8, 1)
    assert [row.article for row in undertakings((), after)] == ["A30"]
    assert [row.article for row in undertakings({"national-2025"}, after)] == ["A30", "D"]
    assert [row.article for row in undertakings({"national-2025"}, before)] == ["A30"]
    assert undertakings((), date(2020, 2, 18)) == ()


@pytest.mark.parametrize(("decree", "articles"), [(False, ["A30"]), (True, ["A30", "D"])])
def test_what_is_printed_is_undertaken_by_submitting_and_goes_with_the_grant(
    sharing: Sharing, decree: bool, articles: list[str]
) -> None:
    if decree:
        adopt(sharing)
    cast = sharing.cast
    sealed = sharing.sealed(sharing.mount())
    printed = sealed.printed_content["undertakings"]
    assert (SAFETY in "".join(printed)) == decree and sealed.undertaken == {}
    actions.submit_form(cast.housing_manager, form=sealed.pk)
    application = queries.form_applications(sealed)[0]
    actions.accept(cast.bureau_operator, application.case, **sharing.checks())
    grant = actions.grant(cast.civil_manager, application.case)
    undertaken = Form.objects.get(pk=sealed.pk).undertaken
    assert [text["text"] for text in undertaken["texts"]] == printed
    assert [text["article"] for text in undertaken["texts"]] == articles
    assert undertaken["by"] == f"市住建局 {cast.person('housing_manager').name}"
    assert undertaken["version"] == sealed.version
    submitted = Entry.objects.get(verb="application.submit", case=application.case_id)
    issued = Entry.objects.get(verb="grant.issue", case=grant.case_id)
    assert submitted.after["undertaken"] == issued.after["undertaken"] == undertaken
    for who in ("housing_operator", "civil_manager", "bureau_operator"):
        page = cast.client(who).get(f"/grants/{grant.pk}/").content.decode()
        assert "不用于其他目的" in page and (SAFETY in page) == decree
        assert f"随申请表第 {sealed.version} 版作出" in page
    token = organizations.create_token(cast.housing_operator, label="授权", days=1)["token"]
    answer = Client(headers={"Authorization": f"Bearer {token}"}).get(f"/api/grants/{grant.pk}")
    assert answer.json()["undertaken"] == undertaken


def test_a_text_that_was_not_on_the_paper_is_not_undertaken(sharing: Sharing) -> None:
    """A print of before the texts were data counts as long as it did."""
    adopt(sharing)
    sealed = sharing.sealed(sharing.mount())
    with writing("test"):
        content = {k: v for k, v in sealed.printed_content.items() if k != "undertakings"}
        sealed.printed_content = content
        sealed.save(update_fields=["printed_content"])
    without = queries.fingerprint_of(Form.objects.get(pk=sealed.pk))
    with writing("test"):
        Form.objects.filter(pk=sealed.pk).update(printed_hash=without, scanned_hash=without)
    form = actions.submit_form(sharing.cast.housing_manager, form=sealed.pk)
    assert [text["article"] for text in form.undertaken["texts"]] == ["A30"]


def test_what_is_stamped_once_is_undertaken_once(sharing: Sharing) -> None:
    """Two applications of one form submitted by two managers: the first has undertaken it."""
    cast = sharing.cast
    sealed = sharing.sealed(sharing.mount(), sharing.mount("division", "api"))
    first, second = (a.case for a in queries.form_applications(sealed))
    undertaken = actions.submit(cast.housing_manager, first).undertaken
    deputy = replace(cast.housing_manager, name="代理负责人")
    assert actions.submit(deputy, second).undertaken == undertaken
    entries = Entry.objects.filter(verb="application.submit")
    assert [entry.after["undertaken"] for entry in entries] == [undertaken, undertaken]


def test_nothing_was_undertaken_here_for_a_grant_that_is_brought_in(sharing: Sharing) -> None:
    bringing = Bringing(sharing)
    [grant] = bringing.confirmed(bringing.of_platform())
    page = sharing.cast.client("housing_operator").get(f"/grants/{grant.pk}/").content.decode()
    assert "以旧平台或纸质授权的约定为准" in page and "见盖章的申请表" not in page


# -- along with the data ---------------------------------------------------------------------------


def test_what_goes_along_is_ascii_short_and_says_purpose_scope_and_end(sharing: Sharing) -> None:
    grant = sharing.granted(items=["登记编号", "男方姓名"])
    [live] = queries.live_grants()
    headers = queries.delivery_headers(live)
    assert all(value.isascii() and "\n" not in value for value in headers.values())
    assert headers["X-Grant-Number"] == grant.case.number
    assert unquote(headers["X-Grant-Purpose"]) == grant.purpose
    assert unquote(headers["X-Grant-Matter"]) == grant.matter.code
    assert "登记编号、男方姓名" in unquote(headers["X-Grant-Scope"])
    assert headers["X-Grant-Until"].startswith(str(grant.valid_to + timedelta(days=1)))
    assert headers["Link"].endswith(f'/grants/{grant.pk}/>; rel="terms-of-service"')
    assert notice_of(live).startswith(f"婚姻登记信息。按授权 {grant.case.number} 共享")
    assert str(grant.valid_to) in notice_of(live)


def test_a_long_scope_is_read_on_the_grant_and_a_break_is_no_header(sharing: Sharing) -> None:
    sharing.granted()
    [live] = queries.live_grants()
    odd = replace(
        live, purpose="核对\r\nSet-Cookie: a=1", scope={"items": [f"项{n:040}" for n in range(60)]}
    )
    headers = headers_of(odd, "https://share.example/grants/1/")
    assert unquote(headers["X-Grant-Purpose"]) == "核对 Set-Cookie: a=1"
    assert len(headers["X-Grant-Scope"]) < MOST_SCOPE
    assert unquote(headers["X-Grant-Scope"]) == "范围较长，请在授权页面查看。"


def test_headers_stay_well_below_what_a_server_in_front_takes(sharing: Sharing) -> None:
    sharing.granted()
    [live] = queries.live_grants()
    scope = {"items": [f"项{n:03}" for n in range(60)]}
    for size in (110, 111, 112, 500):
        long = replace(live, purpose="核" * size, matter_code="事" * 40, scope=scope)
        headers = headers_of(long, "https://share.example.gov.cn/grants/1000000/")
        assert sum(len(f"{name}: {value}\r\n") for name, value in headers.items()) < 3500, size
    assert unquote(headers["X-Grant-Purpose"]) == "目的较长，请在授权页面查看。"
