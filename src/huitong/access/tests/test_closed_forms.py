"""A submitted form is closed: nothing passes on the stamp of another application (A20, A22,
A30); who wrote it decides nothing (A12, A17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.cast import Cast
from tests.sharing import BACK, REFUSED, Sharing

from huitong.access import actions, queries
from huitong.access.models import Application, Form
from huitong.access.rules import S
from huitong.catalog import actions as catalog
from huitong.kernel.actor import Actor, Lent, Post
from huitong.kernel.case import Case
from huitong.kernel.doing import open_to, perform
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, NotYours
from huitong.kernel.workdays import today
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db


def only(form: Form) -> Application:
    return Application.objects.select_related("case").get(form=form)


def ways_in(sharing: Sharing, form: Form) -> dict[str, dict[str, Any]]:
    """Every verb by which the content or the seal of a form could change."""
    return {
        "access.revise": {"form": form.pk, "purpose": "改作内部研究参考之用"},
        "access.revise_resource": {
            "application": form.applications.first().pk,
            "items": ["区划名称"],
        },
        "application.draft": {"form": form.pk, "mount": sharing.mount("marriage", "api").pk},
        "access.print_form": {"form": form.pk},
        "access.seal_form": {
            "form": form.pk,
            "scan": form.scan_id or sharing.scan(),
            "archive_number": "ZJ-2026-018",
        },
    }


@pytest.mark.parametrize("ending", ["nothing yet", "withdrawn", "declined"])
def test_a_submitted_form_is_closed_whatever_became_of_it(sharing: Sharing, ending: str) -> None:
    """The attack of the issue: submitted, withdrawn, rewritten, another resource put on it,
    sealed with the old scan, granted."""
    form = sharing.applied(sharing.mount("division", "api"))
    case = only(form).case
    if ending == "withdrawn":
        actions.withdraw(sharing.cast.housing_operator, case)
    if ending == "declined":
        actions.decline(
            sharing.cast.bureau_operator,
            case,
            ground="papers_incomplete",
            cites="盖章扫描件",
            reasons="盖章不清楚，请重新盖章后申请",
        )
    before = Form.objects.values().get(pk=form.pk)
    for verb, given in ways_in(sharing, form).items():
        with pytest.raises(AgainstRules) as refused:
            perform(sharing.cast.housing_operator, verb, given)
        assert refused.value.article == "A20" and refused.value.remedy, verb
    assert (
        Form.objects.values().get(pk=form.pk) == before
        and Application.objects.filter(form=form).count() == 1
    )


def test_one_sent_back_from_a_form_already_submitted_cannot_be_changed_but_given_up(
    sharing: Sharing,
) -> None:
    clerk, manager = sharing.cast.housing_operator, sharing.cast.housing_manager
    form = sharing.form(sharing.mount("marriage", "api"), sharing.mount("division", "api"))
    actions.print_form(clerk, form=form.pk)
    actions.seal_form(clerk, form=form.pk, scan=sharing.scan(form), archive_number="ZJ-2026-017")
    first, second = (a.case for a in queries.form_applications(form))
    actions.submit(manager, first)
    actions.send_back(manager, second, **BACK)
    for act in (
        lambda: actions.seal(clerk, second, scan=sharing.scan(form), archive_number="ZJ-2026-017"),
        lambda: actions.revise_resource(
            clerk, application=form.applications.last().pk, items=["区划名称"]
        ),
    ):
        with pytest.raises(AgainstRules):
            act()
    assert actions.withdraw(clerk, second) and Case.objects.get(pk=first.pk).state == S.SUBMITTED
    assert actions.accept(sharing.cast.bureau_operator, first, **sharing.checks())


def test_what_was_sent_back_unsubmitted_is_printed_and_scanned_anew_after_a_change(
    sharing: Sharing,
) -> None:
    clerk = sharing.cast.housing_operator
    form = sharing.form(sharing.mount("division", "api"))
    actions.print_form(clerk, form=form.pk)
    old = sharing.scan(form)
    actions.seal_form(clerk, form=form.pk, scan=old, archive_number="ZJ-2026-017")
    actions.send_back(sharing.cast.housing_manager, only(form).case, **BACK)
    actions.revise(clerk, form=form.pk, purpose="核对公共租赁住房申请人户籍所在区划")
    paper = Form.objects.get(pk=form.pk)
    assert (paper.printed_hash, paper.scanned_hash, paper.scan_id) == ("", "", None)
    actions.revise(clerk, form=form.pk, purpose=form.purpose)
    with pytest.raises(AgainstRules) as refused:
        actions.seal_form(clerk, form=form.pk, scan=old, archive_number="ZJ-2026-017")
    assert "作废" in refused.value.detail, "changed there and back again is another print"
    assert actions.print_form(clerk, form=form.pk).version == 2


def test_what_was_withdrawn_after_sealing_leaves_the_paper_when_it_is_printed_anew(
    sharing: Sharing,
) -> None:
    clerk, manager = sharing.cast.housing_operator, sharing.cast.housing_manager
    form = sharing.form(sharing.mount("marriage", "api"), sharing.mount("division", "api"))
    actions.print_form(clerk, form=form.pk)
    actions.seal_form(clerk, form=form.pk, scan=sharing.scan(form), archive_number="ZJ-2026-017")
    first, second = (a.case for a in queries.form_applications(form))
    actions.send_back(manager, first, **BACK)
    actions.withdraw(clerk, second)
    assert [r["name"] for r in queries.content_of(Form.objects.get(pk=form.pk))["resources"]] == [
        "婚姻登记信息"
    ]
    with pytest.raises(AgainstRules):
        actions.seal(clerk, first, scan=sharing.scan(form), archive_number="ZJ-2026-017")


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": "改作内部研究参考之用"},
        {"period_to": today() + timedelta(3000)},
        {"contact": "别人"},
    ],
)
def test_neither_acceptance_nor_grant_passes_what_differs_from_the_stamped_print(
    sharing: Sharing, change: dict[str, Any]
) -> None:
    """Behind every verb: rows changed past the actions are noticed by those who decide."""
    form = sharing.applied(sharing.mount("division", "api"))
    was = Form.objects.values(*change).get(pk=form.pk)

    def put(**values: Any) -> None:
        with writing("test"):
            Form.objects.filter(pk=form.pk).update(**values)

    put(**change)
    with pytest.raises(AgainstRules) as refused:
        actions.accept(sharing.cast.bureau_operator, only(form).case, **sharing.checks())
    assert "盖章" in refused.value.detail
    put(**was)
    actions.accept(sharing.cast.bureau_operator, only(form).case, **sharing.checks())
    rows = Application.objects.filter(form=form)
    for other in (
        {"frequency": "每秒一千次"},
        {"target_table": "elsewhere"},
        {"scope": only(form).scope | {"items": ["区划名称"]}},
    ):
        was = rows.values(*other).get()
        with writing("test"):
            rows.update(**other)
        with pytest.raises(AgainstRules) as refused:
            actions.grant(sharing.cast.bureau_manager, only(form).case)
        assert refused.value.article == "A20"
        with writing("test"):
            rows.update(**was)
    assert actions.refuse(sharing.cast.bureau_manager, only(form).case, **REFUSED)


def test_a_new_name_of_what_a_form_speaks_of_stops_nothing_once_it_is_submitted(
    sharing: Sharing,
) -> None:
    form = sharing.applied(sharing.mount("division", "api"))
    with writing("test"):
        type(sharing.system()).objects.filter(pk=form.system_id).update(name="住房保障业务系统")
    actions.accept(sharing.cast.bureau_operator, only(form).case, **sharing.checks())
    assert actions.grant(sharing.cast.bureau_manager, only(form).case).pk


# -- whose hand it is (A12, A17) -------------------------------------------------------------------


class AtTheBureau:
    """The bureau applies for itself: three clerks and two managers of one body, any of whom
    could be any party."""

    def __init__(self, sharing: Sharing) -> None:
        cast = self.cast = sharing.cast
        self.sharing = sharing
        self.writer = cast.bureau_operator
        self.sealer = replace(
            cast.bureau_operator, person=cast.person("platform_operator").pk, name="盖章的经办人"
        )
        self.reviewer = replace(
            cast.bureau_operator, person=cast.person("audit_admin").pk, name="受理的经办人"
        )
        self.system = catalog.register_system(self.writer, name="城市运行监测")

    def answers(self) -> dict[str, Any]:
        return self.sharing.answers(
            duty=self.cast.duty("bureau").pk,
            matter=self.cast.matter("bureau").pk,
            system=self.system.pk,
        )

    def submitted(self, wrote: Any, also: Actor) -> Case:
        """A case on whose form the writer did but one thing; somebody else all the rest."""
        mount = self.sharing.mount("division", "api")
        form = actions.begin_form(self.writer if wrote == "begin_form" else also, **self.answers())
        application = actions.draft(also, form=form.pk, mount=mount.pk)
        if wrote == "draft":
            other = actions.draft(
                self.writer, form=form.pk, mount=self.sharing.mount("marriage", "api").pk
            )
            actions.withdraw(also, other.case)
        if wrote == "revise":
            actions.revise(self.writer, form=form.pk, scenario="窗口逐件核对")
        if wrote == "revise_resource":
            actions.revise_resource(self.writer, application=application.pk, items=["区划名称"])
        actions.print_form(self.writer if wrote == "print_form" else also, form=form.pk)
        sealing = self.writer if wrote == "seal_form" else also
        actions.seal_form(
            sealing,
            form=form.pk,
            scan=self.sharing.scan(form, by=sealing),
            archive_number="DSJ-2026-1",
        )
        actions.submit_form(self.cast.bureau_manager, form=form.pk)
        return Case.objects.get(pk=application.case_id)


@pytest.mark.parametrize(
    "wrote", ["begin_form", "draft", "revise", "revise_resource", "print_form", "seal_form"]
)
def test_who_wrote_a_form_neither_accepts_nor_grants_what_it_asks(
    sharing: Sharing, wrote: str
) -> None:
    """Acts on the form count in every case of it: at the bureau the writer of a form granted it."""
    bureau = AtTheBureau(sharing)
    case = bureau.submitted(wrote, also=bureau.sealer)
    with pytest.raises(NotYours) as refused:
        actions.accept(bureau.writer, case, **sharing.checks())
    assert refused.value.article == "A12" and not [
        row for row, _ in open_to(bureau.writer, case) if row.verb == "accept"
    ]
    assert actions.accept(bureau.reviewer, case, **sharing.checks())
    promoted = replace(bureau.writer, posts=frozenset({Post.OPERATOR, Post.MANAGER}))
    with pytest.raises(NotYours):
        actions.grant(promoted, Case.objects.get(pk=case.pk))
    with pytest.raises(NotYours):
        actions.simulate(promoted, application=Application.objects.get(case=case).pk)


def test_a_deputys_writing_is_the_hand_of_whom_they_represent(sharing: Sharing) -> None:
    bureau = AtTheBureau(sharing)
    whom = bureau.cast.person("finance_operator").pk
    deputy = replace(bureau.sealer, lent=(Lent(Post.OPERATOR, whom, "被代理人"),))
    form = actions.begin_form(deputy, **bureau.answers())
    application = actions.draft(
        bureau.writer, form=form.pk, mount=sharing.mount("division", "api").pk
    )
    assert set(Case.objects.get(pk=application.case_id).hands) == {
        str(p) for p in (deputy.person, whom, bureau.writer.person)
    }


def test_who_looked_at_the_data_before_the_decision_has_a_hand_in_it(
    sharing: Sharing, cast: Cast
) -> None:
    application = sharing.accepted(sharing.mount("division", "api"))
    actions.simulate(cast.bureau_manager, application=application.pk)
    assert (
        Case.objects.get(pk=application.case_id).hands[str(cast.bureau_manager.person)]
        == "bureau:manager"
    )
    assert actions.grant(cast.bureau_manager, Case.objects.get(pk=application.case_id))


# -- who hears of a withdrawal (A19) ---------------------------------------------------------------


@pytest.mark.parametrize(
    "table,accepted,people",
    [
        ("marriage", True, ["civil_operator", "civil_manager"]),
        ("marriage", False, ["bureau_operator", "bureau_manager"]),
        ("division", True, ["bureau_operator", "bureau_manager"]),
    ],
)
def test_whoever_is_deciding_hears_that_it_was_withdrawn(
    sharing: Sharing, table: str, accepted: bool, people: list[str]
) -> None:
    cast, mount = sharing.cast, sharing.mount(table, "api")
    case = sharing.accepted(mount).case if accepted else only(sharing.applied(mount)).case
    actions.withdraw(cast.housing_operator, case, reasons="已由其他渠道取得")
    notices = Notice.objects.filter(title__startswith="申请已撤回")
    assert {n.person_id for n in notices} == {cast.person(p).pk for p in people}
    assert all("已由其他渠道取得" in n.text and n.case_id == case.pk for n in notices)


def test_giving_up_a_draft_is_nobodys_news(sharing: Sharing) -> None:
    form = sharing.form(sharing.mount("division", "api"))
    actions.withdraw(sharing.cast.housing_operator, only(form).case)
    assert (
        not Notice.objects.filter(title__startswith="申请已撤回").exists()
        and Entry.objects.filter(verb="application.withdraw").exists()
    )
