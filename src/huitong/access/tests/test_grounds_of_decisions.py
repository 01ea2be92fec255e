"""A refusal, a part, a return, a stop and a taking back each rest on a ground that the other
side reads; what the platform granted, the platform takes back (A19, A21-A23, A26, A28)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.sharing import LESS, REFUSED, RISK, Sharing

from huitong.access import actions, queries
from huitong.access.models import Application, Grant
from huitong.access.rules import G
from huitong.kernel import doing
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db
NANTONG = {"op": "prefix", "item": "登记机关区划", "value": {"text": "3206"}}


def entry(verb: str) -> Entry:
    return Entry.objects.filter(verb=verb).latest("seq")


# -- refusals --------------------------------------------------------------------------------------


def test_a_refusal_says_ground_article_field_and_words_everywhere(sharing: Sharing) -> None:
    application = sharing.accepted(sharing.mount())
    for missing, field in (
        ({"ground": ""}, "ground"),
        ({"ground": "unused"}, "ground"),
        ({"cites": ""}, "cites"),
        ({"reasons": "......"}, "reasons"),
    ):
        with pytest.raises(Malformed) as wrong:
            actions.refuse(sharing.cast.civil_manager, application.case, **REFUSED | missing)
        assert field in wrong.value.fields
    actions.refuse(sharing.cast.civil_manager, application.case, **REFUSED)
    refusal = entry("application.refuse")
    assert refusal.reasons == "超出履职范围（第三条；涉及：使用目的）：" + REFUSED["reasons"]
    assert {"ground": "outside_duty", "cites": "使用目的"}.items() <= refusal.after[
        "given"
    ].items(), "as data too"
    assert Notice.objects.filter(
        person=sharing.cast.housing_manager.person, text=refusal.reasons
    ).exists()
    page = (
        sharing.cast.client("housing_operator")
        .get(f"/cases/{application.case_id}/")
        .content.decode()
    )
    assert "超出履职范围（第三条；涉及：使用目的）" in page


def test_the_api_names_the_codes_and_takes_them(sharing: Sharing) -> None:
    application = sharing.accepted(sharing.mount())
    client = Client(
        headers={
            "Authorization": (
                "Bearer"
                f" {organizations.create_token(sharing.cast.civil_manager, label='接口')['token']}"
            )
        }
    )
    codes = {
        row["code"]: row
        for row in client.get(f"/api/grounds/application.refuse?case={application.case_id}").json()
    }
    assert codes["outside_duty"] == {
        "code": "outside_duty",
        "label": "超出履职范围",
        "article": "A3",
        "names": "field",
    }
    assert client.get("/api/grounds/application.refuse?case=999999").status_code == 404
    schemas = client.get("/api/openapi.json").json()["components"]["schemas"]
    assert schemas["ApplicationRefuse"]["properties"]["ground"]["enum"] == list(codes)
    assert schemas["ApplicationGrant"]["properties"]["ground"]["enum"][0] == "", (
        "needed for a part only"
    )
    answer = client.post(
        f"/api/cases/application/{application.case_id}/refuse",
        REFUSED | {"ground": "x"},
        content_type="application/json",
    )
    assert answer.status_code == 422 and "outside_duty" in answer.json()["fields"]["ground"][0]
    assert (
        client.post(
            f"/api/cases/application/{application.case_id}/refuse",
            REFUSED,
            content_type="application/json",
        ).status_code
        == 200
    )


# -- a part ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (
            {"items": ["登记编号", "登记日期", "登记机关区划"]},
            "不提供男方姓名、男方身份号码、登记机关",
        ),
        ({"row_filter": NANTONG}, "限制数据行"),
        ({"masks": {"男方姓名": {"kind": "blank"}}}, "加严脱敏男方姓名"),
        ({"valid_to": today() + timedelta(30)}, "缩短期限"),
        ({"valid_from": today() + timedelta(3)}, "推迟起期"),
        ({"until": "12:00"}, "缩短期限"),
        ({"per_second": 5}, "限制调用频率或次数"),
        ({"per_day": 100}, "限制调用频率或次数"),
    ],
)
def test_less_than_was_asked_needs_a_ground_and_words(
    sharing: Sharing, decision: dict[str, Any], words: str
) -> None:
    application = sharing.accepted(sharing.mount())
    for given, fields in (
        ({}, {"ground", "reasons"}),
        ({"ground": LESS["ground"], "cites": "信息项"}, {"reasons"}),
        ({"reasons": LESS["reasons"]}, {"ground"}),
    ):
        with pytest.raises(Malformed) as wrong:
            actions.grant(sharing.cast.civil_manager, application.case, **decision, **given)
        assert set(wrong.value.fields) == fields and words in str(wrong.value)
    actions.grant(sharing.cast.civil_manager, application.case, **decision, **LESS)
    sealed = entry("application.grant")
    assert (
        sealed.after["partly"]
        and sealed.after["less"] == [words]
        and sealed.reasons.startswith("超出办理事项所需（第三十条；涉及：信息项）：")
    )
    notice = Notice.objects.get(
        person=sharing.cast.housing_manager.person, title__startswith="申请已获授权"
    )
    assert words in notice.text and sealed.reasons in notice.text


@pytest.mark.parametrize("waited", [0, 9])
def test_the_whole_of_what_was_asked_needs_no_reasons(sharing: Sharing, waited: int) -> None:
    """Nor does what is decided after the first day asked for: no decision reaches back."""
    period = {"period_from": today() - timedelta(waited)}
    application = sharing.accepted(sharing.mount(), answers=period)
    actions.grant(sharing.cast.civil_manager, application.case)
    assert (
        entry("application.grant").reasons == "" and entry("application.grant").after["less"] == []
    )


# -- who takes back what ---------------------------------------------------------------------------


def has_notice(person: Any, title: str) -> bool:
    return Notice.objects.filter(person=person.person, title__startswith=title).exists()


def test_the_provider_takes_back_what_it_gave_and_the_bureau_hears(sharing: Sharing) -> None:
    cast, grant = sharing.cast, sharing.granted()
    assert sharing.case(grant).facts["authority"] == "provider"
    for reasons in ("x", "......", "      "):
        with pytest.raises(Malformed):
            actions.revoke(cast.civil_manager, grant.case, **RISK | {"reasons": reasons})
    actions.suspend(cast.civil_manager, grant.case, **RISK)
    assert sharing.case(grant).state == G.SUSPENDED and has_notice(
        cast.bureau_manager, "授权已暂停"
    )
    actions.resume(cast.civil_manager, sharing.case(grant), reasons="情况已经核实")
    assert has_notice(cast.bureau_manager, "授权已恢复")
    actions.revoke(cast.civil_manager, sharing.case(grant), **RISK)
    assert (
        has_notice(cast.bureau_manager, "授权已收回")
        and has_notice(cast.housing_manager, "授权已收回")
        and entry("grant.revoke").article == "A28"
    )


def test_what_the_platform_gave_the_provider_may_only_stop_until_the_platform_decides(
    sharing: Sharing,
) -> None:
    cast, grant = sharing.cast, sharing.granted(sharing.mount("division", "api"))
    assert sharing.case(grant).facts["authority"] == "platform"
    assert "revoke" not in [
        row.verb for row, _ in doing.open_to(cast.civil_manager, sharing.case(grant))
    ], "no button"
    with pytest.raises(NotYours) as refused:
        actions.revoke(cast.civil_manager, grant.case, **RISK)
    assert refused.value.who == "大数据管理局负责人"
    actions.suspend(cast.civil_manager, grant.case, **RISK)
    held = sharing.case(grant)
    assert (
        held.state == G.HELD
        and queries.live_grants() == []
        and held.awaiting == [f"{cast.bureau_manager.body}:manager"]
    )
    assert has_notice(cast.bureau_manager, "授权已暂停") and has_notice(
        cast.housing_manager, "授权已暂停"
    )
    for act, given in ((actions.resume, {"reasons": "情况已经核实"}), (actions.revoke, RISK)):
        with pytest.raises(NotYours):
            act(cast.civil_manager, sharing.case(grant), **given)
    page = cast.client("civil_manager").get(f"/grants/{grant.pk}/").content.decode()
    assert "已暂停，待平台决定" in page and "收回授权" not in page and "恢复授权" not in page
    actions.resume(cast.bureau_manager, sharing.case(grant), reasons="经核实没有泄露")
    assert len(queries.live_grants()) == 1 and has_notice(cast.civil_manager, "授权已恢复")
    actions.suspend(cast.civil_manager, sharing.case(grant), **RISK)
    actions.revoke(
        cast.bureau_manager,
        sharing.case(grant),
        ground="duty_failed",
        reasons="使用部门没有落实日志审计。",
    )
    assert sharing.case(grant).state == G.REVOKED and has_notice(cast.civil_manager, "授权已收回")


@pytest.mark.parametrize("end", ["give_back", "expire"])
def test_a_held_grant_can_still_end(sharing: Sharing, end: str) -> None:
    grant = sharing.granted(sharing.mount("division", "api"))
    actions.suspend(sharing.cast.civil_manager, grant.case, **RISK)
    if end == "give_back":
        actions.give_back(sharing.cast.housing_operator, sharing.case(grant))
        assert sharing.case(grant).state == G.RETURNED
    else:
        with pytest.raises(AgainstRules):
            actions.expire(sharing.cast.system, sharing.case(grant))


def test_the_fact_of_who_granted_comes_to_older_grants(sharing: Sharing) -> None:
    from importlib import import_module

    from django.apps import apps

    from huitong.kernel.ledger import writing

    grant = sharing.granted(sharing.mount("division", "api"))
    with writing("test"):
        case = sharing.case(grant)
        del case.facts["authority"]
        case.save()
        with pytest.raises(NotYours):
            actions.revoke(sharing.cast.civil_manager, case, **RISK)
        import_module("huitong.access.migrations.0005_grant_authority").note_authority(apps, None)
    assert (
        sharing.case(grant).facts["authority"]
        == "platform"
        == Application.objects.get(grant=grant).case.facts["authority"]
    )
    assert Grant.objects.get(pk=grant.pk).ended_at is None
