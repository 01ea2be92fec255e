"""What becomes of an application: decided by whom A18 says, in full, in part or not at all, and a
grant comes from nothing else (A18, A21-A23)."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.sharing import LESS, REFUSED, Sharing

import huitong
from huitong.access import actions, queries
from huitong.access.actions.granting import Decision, issue
from huitong.access.models import Application, Form, Grant
from huitong.access.rules import S
from huitong.catalog import actions as catalog
from huitong.kernel.case import Case
from huitong.kernel.doing import perform
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import load_calendar, today
from huitong.publishing import actions as publishing
from huitong.scope import from_json
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db
SOURCES = Path(huitong.__file__).parent
NANTONG = {"op": "prefix", "item": "登记机关区划", "value": {"text": "3206"}}


def only(form: Form) -> Application:
    return Application.objects.select_related("case").get(form=form)


def test_the_platform_decides_and_the_provider_is_told(sharing: Sharing):
    cast = sharing.cast
    application = sharing.accepted(sharing.mount("division", "api"))
    assert (
        application.case.state == S.WITH_PLATFORM
        and application.case.due_on == load_calendar().after(today(), 2).on
    )
    with pytest.raises(NotYours):
        actions.grant(cast.civil_manager, application.case)
    grant = actions.grant(cast.bureau_manager, application.case)
    notices = Notice.objects.filter(title__contains="平台已授权使用")
    assert {n.person_id for n in notices} == {cast.civil_operator.person, cast.civil_manager.person}
    assert Entry.objects.get(
        verb="application.grant"
    ).article == "A23" and grant.case.number.startswith("SH")


def test_the_provider_grants_in_part_after_a_simulation(sharing: Sharing):
    cast, application = sharing.cast, sharing.accepted(sharing.mount("marriage", "api"))
    assert (
        application.case.state == S.WITH_PROVIDER
        and application.case.due_on == load_calendar().after(today(), 10).on
    )
    part = {
        "items": ["男方姓名", "登记日期", "登记机关区划"],
        "row_filter": NANTONG,
        "masks": {"男方姓名": "blank"},
    }
    sample = actions.simulate(cast.civil_manager, application=application.pk, **part)
    assert (
        sample["columns"] == ["男方姓名", "登记日期", "登记机关区划"] and len(sample["rows"]) == 10
    )
    assert {row[0] for row in sample["rows"]} == {None} and {row[2] for row in sample["rows"]} == {
        "320623"
    }
    entry = Entry.objects.get(verb="access.simulate")
    assert entry.after["rows_seen"] == 10 and "2020-" not in str(entry.as_dict()["after"])
    grant = actions.grant(
        cast.civil_manager,
        application.case,
        per_day=500,
        valid_to=today() + timedelta(90),
        **LESS | part,
    )
    scope = from_json(grant.scope)
    assert (
        scope.items == tuple(part["items"])
        and scope.masks["男方姓名"].kind == "blank"
        and (grant.per_second, grant.per_day) == (20, 500)
    )
    case = sharing.case(application)
    assert case.facts["partly"] and case.facts["grant"] == grant.pk and case.state == S.GRANTED
    text = Notice.objects.get(
        title__contains="申请已获授权", person=cast.housing_manager.person
    ).text
    assert "部分同意" in text and "登记机关区划以“3206”开头" in text


def test_a_token_joins_without_telling_and_differs_between_consumers(sharing: Sharing):
    application = sharing.accepted(sharing.mount("marriage", "api"))
    part = {
        "items": ["登记机关"],
        "masks": {"登记机关": {"kind": "token", "algorithm": "sm3", "key": "default"}},
    }
    rows = actions.simulate(sharing.cast.civil_manager, application=application.pk, **part)["rows"]
    assert len({row[0] for row in rows}) == 2 and all(len(row[0]) == 64 for row in rows), (
        "ten rows of two offices"
    )
    grant = actions.grant(sharing.cast.civil_manager, application.case, **LESS | part)
    [live] = queries.live_grants()
    assert (
        queries.token_keys(live)
        == queries.keys_for(grant.consumer_id, ["default"])
        != queries.keys_for(10**6, ["default"])
    )


def test_a_simulation_is_for_the_deciding_seat_alone(sharing: Sharing):
    cast, application = sharing.cast, sharing.accepted(sharing.mount("marriage", "api"))
    for actor in (cast.civil_operator, cast.bureau_manager, cast.housing_manager):
        with pytest.raises(NotYours):
            actions.simulate(actor, application=application.pk, items=["没有这一项"])
    with pytest.raises(NotVisible):
        actions.simulate(cast.stranger_manager, application=application.pk)
    actions.grant(cast.civil_manager, application.case)
    with pytest.raises(NotYours):
        actions.simulate(cast.civil_manager, application=application.pk)


@pytest.mark.parametrize(
    "wider,field",
    [
        ({"items": ["男方姓名", "登记机关"]}, "items"),
        ({"items": []}, "items"),
        ({"masks": {"男方姓名": {"kind": "partial", "first": 2, "last": 1}}}, "masks"),
        ({"masks": {"登记机关": "blank"}}, "masks"),
        ({"masks": {"男方姓名": {"kind": "token", "algorithm": "sm3", "key": "k"}}}, "masks"),
        ({"row_filter": {"op": "eq", "item": "没有", "value": {"text": "x"}}}, "row_filter"),
        ({"valid_to": today() + timedelta(400)}, "valid_to"),
        ({"valid_from": today() - timedelta(1)}, "valid_from"),
        ({"valid_from": today() + timedelta(9), "valid_to": today() + timedelta(8)}, "valid_to"),
        ({"per_second": 0}, "per_second"),
    ],
)
def test_never_more_than_was_asked(sharing: Sharing, wider, field):
    application = sharing.accepted(sharing.mount("marriage", "api"), items=["男方姓名", "登记日期"])
    with pytest.raises(Malformed) as wrong:
        actions.grant(sharing.cast.civil_manager, application.case, **wider)
    assert field in wrong.value.fields and sharing.case(application).state == S.WITH_PROVIDER


def test_a_file_is_granted_whole_or_not_at_all(sharing: Sharing):
    application = sharing.accepted(sharing.mount("division", "file"))
    with pytest.raises(Malformed) as wrong:
        actions.grant(sharing.cast.bureau_manager, application.case, items=["区划代码"])
    assert wrong.value.article == "A13"
    with pytest.raises(AgainstRules):
        actions.simulate(sharing.cast.bureau_manager, application=application.pk)
    assert actions.grant(sharing.cast.bureau_manager, application.case).mount.mode == "file"


def test_a_refusal_names_specific_reasons(sharing: Sharing):
    cast, application = sharing.cast, sharing.accepted(sharing.mount("marriage", "api"))
    for reasons in ("", "不同意"):
        with pytest.raises(Malformed) as wrong:
            actions.refuse(cast.civil_manager, application.case, **REFUSED | {"reasons": reasons})
        assert "reasons" in wrong.value.fields
    actions.refuse(cast.civil_manager, application.case, **REFUSED)
    assert sharing.case(application).state == S.REFUSED
    assert Notice.objects.filter(
        title__contains="不予授权", person=cast.housing_manager.person
    ).exists()
    assert queries.live_grants() == []


def test_the_bureau_declines_what_is_not_in_order(sharing: Sharing):
    form = sharing.applied(sharing.mount("division", "api"))
    actions.decline(
        sharing.cast.bureau_operator,
        only(form).case,
        ground="papers_incomplete",
        cites="盖章扫描件",
        reasons="扫描件没有加盖公章,请重新盖章上传。",
    )
    entry = Entry.objects.get(verb="application.decline")
    assert only(form).case.state == S.DECLINED and entry.article == "A21" and entry.reasons


def decision_on(application: Application) -> dict[str, Any]:
    """What a forger would write."""
    return {
        "application": application.pk,
        "scope": application.scope,
        "per_second": 1000,
        "per_day": None,
        "valid_from": today(),
        "valid_to": today(),
        "until": None,
    }


def test_no_request_can_give_a_decision(sharing: Sharing):
    """What comes through a door is text, numbers, lists and objects: a decision is none of them."""
    application = sharing.accepted(sharing.mount("marriage", "api"))
    forged = decision_on(application)
    for given in (forged, json.dumps(forged, default=str), application.pk, [forged], None):
        with pytest.raises(Malformed):
            perform(sharing.cast.civil_manager, "grant.issue", {"decision": given})
    with pytest.raises(Malformed):
        perform(sharing.cast.civil_manager, "grant.issue", forged)
    assert not Grant.objects.exists() and not Case.objects.filter(kind="grant").exists()


def test_only_who_decides_brings_a_grant_into_being_while_it_is_to_be_decided(sharing: Sharing):
    """Even code of ours that makes a decision of its own: not by another, not before, not after."""
    mount, cast = sharing.mount("marriage", "api"), sharing.cast
    early = only(sharing.applied(mount))
    with pytest.raises(AgainstRules):
        issue(cast.civil_manager, decision=Decision(**decision_on(early)))
    application = sharing.accepted(sharing.mount("division", "api"))
    decision = Decision(**decision_on(application))
    # of the right post in another body; of the right body in another post
    for other, refusal in {
        cast.civil_manager: AgainstRules,
        cast.housing_manager: AgainstRules,
        cast.bureau_operator: NotYours,
    }.items():
        with pytest.raises(refusal):
            issue(other, decision=decision)
    assert not Grant.objects.exists()
    actions.grant(cast.bureau_manager, application.case)
    with pytest.raises(AgainstRules):
        issue(cast.bureau_manager, decision=decision)
    assert Grant.objects.count() == 1


def test_nothing_but_the_deciding_makes_a_decision():
    makers = [
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*.py")
        if "tests" not in path.parts and re.search(r"\bDecision\(", path.read_text("utf-8"))
    ]
    assert sorted(makers) == ["access/actions/deciding.py", "access/actions/granting.py"], (
        "the second is its class; a third would be another birth of grants"
    )


def test_the_choice_of_delegation_is_read_when_submitted(sharing: Sharing):
    mount = sharing.mount("marriage", "api")
    form = sharing.form(mount)
    assert only(form).case.facts["authority"] == "provider"
    publishing.tend(sharing.cast.civil_operator, mount=mount.pk, authorization="delegated")
    publishing.confirm_change(sharing.cast.civil_manager, mount=mount.pk)
    actions.print_form(sharing.cast.housing_operator, form=form.pk)
    actions.seal_form(
        sharing.cast.housing_operator,
        form=form.pk,
        scan=sharing.scan(form),
        archive_number="ZJ-2026-017",
    )
    actions.submit_form(sharing.cast.housing_manager, form=form.pk)
    actions.accept(sharing.cast.bureau_operator, only(form).case, **sharing.checks())
    assert only(form).case.state == S.WITH_PLATFORM


def test_the_bureau_as_consumer_is_flagged_and_served_by_other_people(sharing: Sharing):
    cast, mount = sharing.cast, sharing.mount("division", "api")
    system = catalog.register_system(cast.bureau_operator, name="城市运行监测")
    about = sharing.answers(
        duty=cast.duty("bureau").pk, matter=cast.matter("bureau").pk, system=system.pk
    )
    form = actions.apply(cast.bureau_operator, resources=[{"mount": mount.pk}], **about)
    assert only(form).case.facts["bureau_is_party"]
    actions.print_form(cast.bureau_operator, form=form.pk)
    actions.seal_form(
        cast.bureau_operator,
        form=form.pk,
        scan=sharing.scan(form, by=cast.bureau_operator),
        archive_number="DSJ-2026-1",
    )
    actions.submit_form(cast.bureau_manager, form=form.pk)
    with pytest.raises(NotYours) as refused:
        actions.accept(cast.bureau_operator, only(form).case, **sharing.checks())
    assert refused.value.article == "A12"
