"""Bodies, their succession, hand-over of work, task forces, duties (A2, A3, A5, A6)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.cast import Cast

from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case, Clock
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import actions, queries
from huitong.organizations.models import Body, Matter, Person, Posting, Succession
from huitong.organizations.rules import SuccessionKind, check_credit_code

DOCUMENT = "通委办〔2026〕1号"


def plant_case(cast: Cast, provider: str = "civil", holder: str = "", closed: bool = False) -> Case:
    """A running matter that waits at the provider's manager."""
    from django.utils import timezone

    body = cast.body(provider).pk
    with writing("test"):
        case = Case(
            kind="t",
            law="nantong-2020",
            state="waiting",
            awaiting=[] if closed else [f"{body}:manager"],
            closed_at=timezone.now() if closed else None,
            holder=cast.person(holder).pk if holder else None,
        )
        case.between(consumer=cast.body("housing").pk, provider=body, bureau=cast.body("bureau").pk)
        case.save()
        if not closed:
            Clock.objects.create(
                case=case,
                state="waiting",
                article="A22",
                party="provider",
                post="manager",
                body=body,
                amount=10,
                unit="wd",
                started_on=today(),
                half_on=today(),
                warn_on=today(),
                due_on=today() + timedelta(14),
            )
    return case


# -- codes and registration ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    ["11320600XN000008X0", "11320600XN00000200", " 11320600xn000008x0 ", "N2320600XN00000008"],
)
def test_right_credit_codes(code: str) -> None:
    # letters in front are right too: compute the check character for this one
    if code.startswith("N"):
        code = next(
            code[:17] + c for c in "0123456789ABCDEFGHJKLMNPQRTUWXY" if _right(code[:17] + c)
        )
    assert check_credit_code(code) == code.strip().upper()


def _right(code: str) -> bool:
    try:
        return bool(check_credit_code(code))
    except Malformed:
        return False


@pytest.mark.parametrize(
    ("code", "said"),
    [("11320600XN000008X1", "校验码"), ("1132060", "18 位"), ("11320600XN00000I00", "只含数字")],
)
def test_wrong_credit_codes_say_why(code: str, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        check_credit_code(code)


def test_a_body_is_registered_once_and_its_code_is_checked(cast: Cast) -> None:
    given = {
        "name": "南通市测试局",
        "short_name": "市测试局",
        "kind": "department",
        "division_code": "320600",
    }
    with pytest.raises(Malformed, match="校验码"):
        actions.add_body(cast.system_admin, credit_code="11320600XN000008X1", **given)
    with pytest.raises(Malformed) as why:
        actions.add_body(cast.system_admin, credit_code="11320600XN000008X0", **given)
    assert (
        "市民政局" in why.value.fields["credit_code"][0]
        or "民政" in why.value.fields["credit_code"][0]
    )
    body = actions.add_body(cast.system_admin, credit_code="11320600XN00002662", **given)
    entry = Entry.objects.get(verb="organizations.add_body")
    assert (entry.object_type, entry.object_id, entry.article) == (
        "organizations.body",
        str(body.pk),
        "A2",
    )
    with pytest.raises(Malformed):
        actions.edit_body(
            cast.system_admin,
            body=body.pk,
            short_name="x" * 2,
            kind="department",
            credit_code="11320600XN00002662",
            division_code="320600",
            parent=body.pk,
        )


def test_only_registered_divisions_in_force_once_there_is_a_register(cast: Cast) -> None:
    from huitong.organizations.rules import Sheet

    actions.import_divisions(
        cast.system_admin,
        sheet=Sheet(
            [
                {"代码": "320600", "名称": "南通市", "级别": "city"},
                {
                    "代码": "320602",
                    "名称": "崇川区",
                    "级别": "county",
                    "上级代码": "320600",
                    "失效日期": "2020-07-02",
                    "承接代码": "320600",
                },
            ]
        ),
    )
    given = {
        "name": "南通市测试局",
        "short_name": "市测试局",
        "kind": "department",
        "credit_code": "11320600XN00002662",
    }
    with pytest.raises(Malformed, match="没有代码"):
        actions.add_body(cast.system_admin, division_code="999999", **given)
    with pytest.raises(Malformed, match="停用"):
        actions.add_body(cast.system_admin, division_code="320602", **given)
    assert (
        actions.add_body(cast.system_admin, division_code="320600", **given).division_code
        == "320600"
    )


# -- succession ------------------------------------------------------------------------------------


def test_a_renamed_body_goes_on_with_its_cases_people_and_duties(cast: Cast) -> None:
    case, closed = plant_case(cast, holder="civil_manager"), plant_case(cast, closed=True)
    old = cast.body("civil")
    token = actions.create_token(cast.civil_operator, label="脚本")["token"]
    new = actions.rename_body(
        cast.system_admin,
        body=old.pk,
        name="南通市民政和社会事务局",
        short_name="市民政社会局",
        on=today(),
        document=DOCUMENT,
    )
    case.refresh_from_db()
    assert case.parties["provider"] == new.pk and case.bodies == sorted(
        [cast.body("housing").pk, new.pk, cast.body("bureau").pk]
    )
    assert case.awaiting == [f"{new.pk}:manager"] and case.holder == cast.person("civil_manager").pk
    assert Clock.objects.get(case=case).body == new.pk
    actor = queries.actor_for(cast.person("civil_manager"))
    assert (actor.body, actor.posts) == (new.pk, {Post.MANAGER})
    assert Case.objects.waiting_for(actor).get() == case
    assert Case.objects.visible_to(actor).filter(pk=closed.pk).exists(), (
        "the archive is the heir's too"
    )
    closed.refresh_from_db()
    assert closed.parties["provider"] == old.pk, "what was decided stays under the old name"
    assert queries.successor_of(old.pk) == new.pk and queries.lineage(new.pk) == [new.pk, old.pk]
    assert cast.duty("civil").__class__.objects.get(pk=cast.duty("civil").pk).body_id == new.pk
    assert new.task_force.office == "办公室" and new.credit_code == old.credit_code
    assert queries.actor_by_token(token) is None, "tokens are for one body and end with it"
    entries = list(
        Entry.objects.filter(
            verb__in=("organizations.rename_body", "organizations.succeed")
        ).order_by("seq")
    )
    assert [e.verb for e in entries] == ["organizations.succeed", "organizations.rename_body"]
    assert (
        entries[0].after["heir"] == new.pk
        and entries[0].after["predecessors"] == [old.pk]
        and entries[0].after["cases"] == 1
    )


def test_merged_bodies_pass_everything_to_the_one(cast: Cast) -> None:
    first, second, other = (
        plant_case(cast, "civil"),
        plant_case(cast, "hr"),
        plant_case(cast, "finance"),
    )
    heir = cast.body("housing")
    actions.succeed(
        cast.system_admin,
        kind=SuccessionKind.MERGE,
        predecessors=[cast.body("civil").pk, cast.body("hr").pk],
        successors=[heir.pk],
        on=today(),
        document=DOCUMENT,
    )
    for case in (first, second):
        case.refresh_from_db()
        assert case.parties["provider"] == heir.pk and case.awaiting == [f"{heir.pk}:manager"]
    other.refresh_from_db()
    assert other.parties["provider"] == cast.body("finance").pk
    assert {p.username for p in queries.managers_of(heir.pk)} == {
        "housing_manager",
        "civil_manager",
        "hr_manager",
    }
    assert set(queries.matters_of(heir.pk).values_list("code", flat=True)) == {
        "ZJ-001",
        "MZ-001",
        "RS-001",
    }
    assert not queries.visible_to(cast.system_admin).filter(pk=cast.body("civil").pk).exists()


def test_a_post_held_in_the_heir_long_ago_does_not_stand_in_the_way(cast: Cast) -> None:
    with writing("test"):
        Posting.objects.create(
            person=cast.person("civil_manager"),
            body=cast.body("housing"),
            post=Post.MANAGER,
            valid_from=today() - timedelta(700),
            valid_to=today() - timedelta(400),
        )
    actions.succeed(
        cast.system_admin,
        kind=SuccessionKind.MERGE,
        predecessors=[cast.body("civil").pk],
        successors=[cast.body("housing").pk],
        on=today(),
        document=DOCUMENT,
    )
    assert "civil_manager" in {p.username for p in queries.managers_of(cast.body("housing").pk)}


def test_a_split_body_has_one_heir_and_duties_are_transferred(cast: Cast) -> None:
    case, old = plant_case(cast), cast.body("civil")
    parts = [
        actions.add_body(
            cast.system_admin,
            name=f"南通市民政{n}局",
            short_name=f"市民政{n}局",
            kind="department",
            credit_code=code,
            division_code="320600",
            valid_from=today(),
        ).pk
        for n, code in (("一", "11320600XN00002662"), ("二", "11320600XN0000274W"))
    ]
    with pytest.raises(Malformed, match="数目"):
        actions.succeed(
            cast.system_admin,
            kind=SuccessionKind.SPLIT,
            predecessors=[old.pk],
            successors=parts[:1],
            on=today(),
            document=DOCUMENT,
        )
    actions.succeed(
        cast.system_admin,
        kind=SuccessionKind.SPLIT,
        predecessors=[old.pk],
        successors=parts,
        heir=parts[1],
        on=today(),
        document=DOCUMENT,
    )
    case.refresh_from_db()
    assert case.parties["provider"] == parts[1] == queries.successor_of(old.pk)
    assert dict(Succession.objects.filter(predecessor=old).values_list("successor", "heir")) == {
        parts[0]: False,
        parts[1]: True,
    }
    actions.transfer_duty(
        cast.system_admin, duty=cast.duty("civil").pk, body=parts[0], document=DOCUMENT
    )
    assert queries.matters_of(parts[0]).get() == cast.matter("civil")
    with pytest.raises(AgainstRules):
        actions.succeed(
            cast.system_admin,
            kind=SuccessionKind.RENAME,
            predecessors=[old.pk],
            successors=parts[:1],
            on=today(),
            document=DOCUMENT,
        )


def test_the_bureau_itself_may_be_renamed(cast: Cast) -> None:
    case = plant_case(cast)
    new = actions.rename_body(
        cast.system_admin,
        body=cast.body("bureau").pk,
        name="南通市数据局",
        short_name="市数据局",
        on=today(),
        document=DOCUMENT,
    )
    assert queries.bureau() == new and queries.actor_for(cast.person("bureau_operator")).bureau
    case.refresh_from_db()
    assert case.parties["bureau"] == new.pk
    assert Case.objects.visible_to(queries.actor_for(cast.person("bureau_operator"))).exists()


def test_succession_is_refused_before_its_day_and_into_itself(cast: Cast) -> None:
    given = {
        "body": cast.body("civil").pk,
        "name": "南通市新局",
        "short_name": "市新局",
        "document": DOCUMENT,
    }
    with pytest.raises(Malformed, match="生效之日"):
        actions.rename_body(cast.system_admin, on=today() + timedelta(1), **given)
    with pytest.raises(Malformed, match="设立日期"):
        actions.rename_body(cast.system_admin, on=date(2020, 2, 19), **given)
    with pytest.raises(Malformed, match="不能同时"):
        actions.succeed(
            cast.system_admin,
            kind=SuccessionKind.MERGE,
            predecessors=[cast.body("civil").pk, cast.body("hr").pk],
            successors=[cast.body("hr").pk],
            on=today(),
            document=DOCUMENT,
        )
    assert Body.objects.get(pk=cast.body("civil").pk).valid_to is None


def test_a_body_with_running_matters_or_units_is_not_simply_ended(cast: Cast) -> None:
    plant_case(cast)
    with pytest.raises(AgainstRules, match="1 件在办事项") as why:
        actions.end_body(
            cast.system_admin, body=cast.body("civil").pk, on=today(), document=DOCUMENT
        )
    assert "承继" in why.value.remedy
    actions.end_body(
        cast.system_admin, body=cast.body("stranger").pk, on=today(), document=DOCUMENT
    )
    assert queries.actor_for(cast.person("stranger_operator")).body is None


# -- leaving ---------------------------------------------------------------------------------------


def second_manager(cast: Cast, username: str = "second") -> int:
    pk = actions.add_person(cast.system_admin, username=username, name="第二人")["person"]
    actions.appoint(cast.security_admin, person=pk, body=cast.body("civil").pk, post=Post.MANAGER)
    return int(pk)


def test_leaving_passes_on_what_was_in_hand_as_the_preview_said(cast: Cast) -> None:
    to, leaver = second_manager(cast), cast.person("civil_manager")
    held, free = plant_case(cast, holder="civil_manager"), plant_case(cast)
    token = actions.create_token(cast.civil_manager, label="脚本")["token"]
    actions.deputize(
        cast.civil_manager,
        deputy=cast.civil_operator.person,
        post=Post.MANAGER,
        valid_to=today() + timedelta(5),
    )
    plan = queries.hand_over_preview(leaver.pk, cast.body("civil").pk, to)
    assert [c.pk for c in plan.passed] == [held.pk] and plan.returned == () and plan.vacant == ()
    assert len(plan.postings) == len(plan.lent) == len(plan.tokens) == 1
    actions.hand_over(
        cast.security_admin, person=leaver.pk, body=cast.body("civil").pk, to=to, reasons="退休"
    )
    held.refresh_from_db()
    free.refresh_from_db()
    assert held.holder == to and free.holder is None
    assert queries.actor_by_token(token) is None and queries.actor_for(leaver).posts == frozenset()
    assert queries.actor_for(cast.person("civil_operator")).posts == {Post.OPERATOR}
    entry = Entry.objects.get(verb="organizations.hand_over")
    assert entry.after["passed"] == [held.pk] and entry.reasons == "退休"


def test_without_a_successor_work_goes_back_to_its_desk_and_the_vacancy_shows(cast: Cast) -> None:
    held = plant_case(cast, holder="civil_manager")
    plan = queries.hand_over_preview(cast.person("civil_manager").pk, cast.body("civil").pk, None)
    assert plan.vacant == (Post.MANAGER,) and [c.pk for c in plan.returned] == [held.pk]
    actions.hand_over(
        cast.security_admin,
        person=cast.person("civil_manager").pk,
        body=cast.body("civil").pk,
        reasons="调离",
    )
    held.refresh_from_db()
    assert held.holder is None and held.awaiting == [f"{cast.body('civil').pk}:manager"]


def test_posts_pass_on_by_the_security_administrator_only(cast: Cast) -> None:
    to = actions.add_person(cast.system_admin, username="second", name="第二人")["person"]
    held = plant_case(cast, holder="civil_manager")
    given = {
        "person": cast.civil_manager.person,
        "body": cast.body("civil").pk,
        "to": to,
        "reasons": "轮岗",
        "pass_posts": True,
    }
    with pytest.raises(NotVisible):
        actions.hand_over(cast.housing_manager, **given)
    with pytest.raises(NotYours, match="岗位转移"):
        actions.hand_over(
            queries.actor_for(Person.objects.get(pk=second_manager(cast, "third"))), **given
        )
    actions.hand_over(cast.security_admin, **given)
    held.refresh_from_db()
    assert held.holder == to and to in [p.pk for p in queries.managers_of(cast.body("civil").pk)]
    with pytest.raises(AgainstRules, match="互斥"):
        actions.hand_over(
            cast.security_admin,
            person=cast.civil_operator.person,
            body=cast.body("civil").pk,
            to=cast.audit_admin.person,
            reasons="轮岗",
            pass_posts=True,
        )


def test_a_manager_hands_over_for_the_own_body_not_for_oneself(cast: Cast) -> None:
    given = {"person": cast.civil_operator.person, "body": cast.body("civil").pk, "reasons": "调离"}
    with pytest.raises(AgainstRules, match="为自己"):
        actions.hand_over(
            cast.civil_manager,
            person=cast.civil_manager.person,
            body=cast.body("civil").pk,
            reasons="调离",
        )
    actions.hand_over(cast.civil_manager, **given)
    assert not Posting.objects.filter(person=cast.civil_operator.person, valid_to=None).exists()


# -- task forces, duties ---------------------------------------------------------------------------


def test_a_missing_task_force_is_a_warning_until_it_is_named(cast: Cast) -> None:
    assert [b.short_name for b in queries.missing_task_forces()] == ["市体育局"]
    given = {
        "leader": "分管副局长",
        "office": "综合处",
        "technical_unit": "市大数据中心",
        "members": [{"name": "王工", "role": "数据专员"}],
    }
    with pytest.raises(NotYours):
        actions.set_task_force(cast.civil_manager, body=cast.body("stranger").pk, **given)
    actions.set_task_force(cast.stranger_manager, body=cast.body("stranger").pk, **given)
    assert not queries.missing_task_forces().exists()
    actions.set_task_force(
        cast.stranger_manager, body=cast.body("stranger").pk, **given | {"members": []}
    )
    assert not Body.objects.get(pk=cast.body("stranger").pk).task_force.members.exists()


def test_a_body_manages_its_subordinate_units(cast: Cast) -> None:
    unit = actions.add_body(
        cast.system_admin,
        name="南通市婚姻登记中心",
        short_name="市婚登中心",
        kind="institution",
        credit_code="12320600XN0000477E",
        division_code="320600",
        parent=cast.body("civil").pk,
    )
    assert queries.subordinates(cast.body("civil").pk) == [unit]
    actions.set_task_force(
        cast.civil_manager, body=unit.pk, leader="主任", office="登记处", technical_unit="信息中心"
    )
    assert unit not in queries.missing_task_forces()


def test_duties_are_kept_by_the_body_or_the_bureau(cast: Cast) -> None:
    with pytest.raises(NotYours, match="本部门"):
        actions.add_duty(cast.housing_manager, body=cast.body("civil").pk, text="管别人的事")
    duty = actions.add_duty(
        cast.housing_manager,
        body=cast.body("housing").pk,
        text="负责房屋租赁管理",
        source="三定规定",
    )
    matter = actions.add_matter(
        cast.housing_manager, duty=duty.pk, code="ZJ-100", name="房屋租赁登记备案"
    )
    assert matter in queries.matters_of(cast.body("housing").pk)
    with pytest.raises(Malformed):
        actions.add_matter(cast.bureau_operator, duty=duty.pk, code="ZJ-100", name="重复")
    actions.end_duty(cast.bureau_operator, duty=duty.pk, on=today(), document=DOCUMENT)
    assert matter not in queries.matters_of(cast.body("housing").pk)
    assert Matter.objects.get(pk=matter.pk).valid_to == today() - timedelta(1)


def test_everybody_signed_in_finds_a_body(cast: Cast) -> None:
    assert [b.short_name for b in queries.search(cast.stranger_operator, "民政")] == ["市民政局"]
    assert queries.search(cast.stranger_operator, division="3206").count() == 7
    assert not queries.search(Actor(person=0, name="访客"), "民政").exists()


def test_a_duty_that_ends_soon_is_shown_with_its_matters_until_then(cast: Cast) -> None:
    duty, last = cast.duty("civil"), today() + timedelta(29)
    with pytest.raises(Malformed, match="不能早于"):
        actions.end_duty(
            cast.bureau_operator, duty=duty.pk, on=duty.valid_from - timedelta(1), document=DOCUMENT
        )
    actions.end_duty(
        cast.bureau_operator, duty=duty.pk, on=today() + timedelta(30), document=DOCUMENT
    )
    for page in ("/sys/duties/?q=婚姻", f"/orgs/{cast.body('civil').pk}/"):
        assert "MZ-001" in cast.client("civil_manager").get(page).content.decode()
    assert f"至 {last}" in cast.client("civil_manager").get("/sys/duties/?q=婚姻").content.decode()
