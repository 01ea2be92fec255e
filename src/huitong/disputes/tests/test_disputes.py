"""The way of a dispute (A27): opened, convened, stated, minuted, confirmed, concluded; and what its
outcome does, and does not do, to the case disputed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.demanding import Demanding
from tests.disputing import CLAIM, MINUTES, Disputing
from tests.sharing import REFUSED, RISK, scan_png

from huitong.access import actions as access
from huitong.access.models import Application, Grant
from huitong.access.rules import G
from huitong.demands import actions as demands
from huitong.disputes import actions, queries
from huitong.disputes.models import Dispute, View
from huitong.disputes.rules import Outcome, Ruling, S
from huitong.kernel.actor import Post
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations
from huitong.organizations import queries as people
from huitong.work import actions as work
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db


def titles(disputing: Disputing, who: str) -> list[str]:
    rows = Notice.objects.filter(person=getattr(disputing.cast, who).person)
    return [row.title for row in rows.order_by("pk")]


# -- opened ----------------------------------------------------------------------------------------


def test_two_people_open_it_and_the_disputed_case_stays_as_it_is(disputing: Disputing) -> None:
    cast, application = disputing.cast, disputing.refused()
    before = Case.objects.filter(pk=application.case_id).values().get()
    dispute = disputing.drafted(application.case)
    case = disputing.case(dispute)
    assert case.number.startswith("ZY") and disputing.at(dispute) is S.DRAFT
    with pytest.raises(NotYours):
        actions.submit(cast.housing_operator, case)
    with pytest.raises(NotVisible):
        actions.submit(cast.civil_manager, case)
    actions.submit(cast.housing_manager, case)
    assert disputing.at(dispute) is S.SUBMITTED
    assert disputing.case(dispute).awaiting == [f"{cast.body('bureau').pk}:operator"]
    assert any(t.startswith("收到争议") for t in titles(disputing, "civil_operator"))
    assert Case.objects.filter(pk=application.case_id).values().get() == before


def test_only_a_party_opens_one_and_only_one_runs(disputing: Disputing) -> None:
    cast, application = disputing.cast, disputing.refused()
    for who, refusal in (
        ("stranger_operator", NotVisible),
        ("bureau_operator", NotYours),
        ("civil_operator", AgainstRules),
        ("housing_manager", NotYours),
    ):
        with pytest.raises(refusal):
            actions.draft(getattr(cast, who), about=application.case_id, **CLAIM)
    dispute = disputing.drafted(application.case)
    with pytest.raises(AgainstRules, match="不能重复"):
        disputing.drafted(application.case)
    actions.withdraw(cast.housing_operator, disputing.case(dispute))
    assert disputing.drafted(application.case).pk != dispute.pk


def test_what_is_not_decided_cannot_be_disputed(disputing: Disputing) -> None:
    pending = disputing.sharing.accepted(disputing.sharing.mount("marriage"))
    with pytest.raises(AgainstRules, match="没有本部门可以提出争议的结果"):
        disputing.drafted(pending.case)


def test_a_withdrawn_dispute_is_told_once_it_has_left_its_body(disputing: Disputing) -> None:
    cast, dispute = disputing.cast, disputing.submitted()
    actions.withdraw(cast.housing_operator, disputing.case(dispute), reasons="已自行沟通。")
    assert disputing.at(dispute) is S.WITHDRAWN
    assert any(t.startswith("争议已撤回") for t in titles(disputing, "civil_operator"))


# -- convened and stated ---------------------------------------------------------------------------


def test_the_days_of_a_dispute_are_the_citys_own(disputing: Disputing) -> None:
    dispute = disputing.submitted()
    clocks = {c.name: c for c in Clock.objects.filter(case=dispute.case_id, stopped_on=None)}
    assert {name: (c.article, c.amount) for name, c in clocks.items()} == {
        "convene": ("C", 5),
        "outcome": ("C", 20),
    }
    assert clocks["outcome"].post == "manager"


def test_the_meeting_is_to_come_and_within_the_limit(disputing: Disputing) -> None:
    cast, dispute = disputing.cast, disputing.submitted()
    for days in (-1, 60):
        with pytest.raises(Malformed) as wrong:
            actions.convene(
                cast.bureau_operator,
                disputing.case(dispute),
                **disputing.tomorrow | {"on": today() + timedelta(days)},
            )
        assert "on" in wrong.value.fields
    actions.convene(cast.bureau_operator, disputing.case(dispute), **disputing.tomorrow)
    for who in ("housing_operator", "civil_manager"):
        assert any(t.startswith("通知协商") for t in titles(disputing, who))


def test_the_three_state_in_any_order_with_files_and_put_it_better(disputing: Disputing) -> None:
    cast, dispute = disputing.cast, disputing.convened()
    file = work.attach(
        cast.civil_operator, upload=SimpleUploadedFile("会议记录.png", scan_png())
    ).pk
    actions.present(cast.civil_operator, disputing.case(dispute), words="条例未列入", files=[file])
    with pytest.raises(AgainstRules, match="不必再次办理"):
        actions.present(cast.civil_operator, disputing.case(dispute), words="再说一次")
    with pytest.raises(AgainstRules, match="还没有陈述意见"):
        actions.amend(cast.housing_operator, disputing.case(dispute), words="先改后说")
    assert file in queries.files_named(cast.housing_operator, [file])
    assert file not in queries.files_named(cast.stranger_operator, [file])
    actions.present(cast.bureau_operator, disputing.case(dispute), words="依第八条可以提供")
    assert disputing.at(dispute) is S.STATING
    actions.present(cast.housing_operator, disputing.case(dispute), words="办理公租房须核对")
    assert disputing.at(dispute) is S.MEETING
    actions.amend(cast.civil_operator, disputing.case(dispute), words="同意提供三项")
    view = View.objects.get(dispute=dispute, body=cast.body("civil"))
    assert (view.words, view.files) == ("同意提供三项", [])
    disputing.on(today() + timedelta(1))
    with pytest.raises(AgainstRules, match="协商已经开始"):
        actions.amend(cast.civil_operator, disputing.case(dispute), words="会后再改")


def test_a_meeting_is_moved_and_nobody_states_anew(disputing: Disputing) -> None:
    cast, dispute = disputing.cast, disputing.stated()
    actions.convene(
        cast.bureau_operator,
        disputing.case(dispute),
        **disputing.tomorrow | {"on": today() + timedelta(2)},
    )
    assert disputing.at(dispute) is S.MEETING
    assert any(t.startswith("协商改期") for t in titles(disputing, "civil_operator"))
    disputing.on(today() + timedelta(1))
    with pytest.raises(AgainstRules, match="日子还没有到"):
        actions.record(cast.bureau_operator, disputing.case(dispute), minutes=MINUTES)


def test_who_does_not_state_holds_nobody_up(disputing: Disputing) -> None:
    dispute = disputing.convened()
    actions.present(disputing.cast.housing_operator, disputing.case(dispute), words="须核对")
    disputing.lapsed(dispute, "present")
    assert disputing.at(dispute) is S.MEETING


# -- minutes and outcome ---------------------------------------------------------------------------


def test_silence_and_objections_are_no_agreement(disputing: Disputing) -> None:
    cast, dispute = disputing.cast, disputing.confirmed(objection="没有谈到登记机关。")
    agreed = {"outcome": Outcome.AGREED, "words": "同意提供。"}
    with pytest.raises(Malformed, match="修改纪要"):
        actions.conclude(cast.bureau_manager, disputing.case(dispute), **agreed)
    actions.record(cast.bureau_operator, disputing.case(dispute), minutes=MINUTES + "含登记机关。")
    actions.confirm(cast.housing_manager, disputing.case(dispute))
    disputing.lapsed(dispute, "confirm")
    assert disputing.at(dispute) is S.CONCLUDING
    with pytest.raises(Malformed, match="没有都确认"):
        actions.conclude(cast.bureau_manager, disputing.case(dispute), **agreed)
    actions.record(cast.bureau_operator, disputing.case(dispute), minutes=MINUTES)
    actions.confirm(cast.housing_manager, disputing.case(dispute))
    actions.confirm(cast.civil_manager, disputing.case(dispute))
    actions.conclude(cast.bureau_manager, disputing.case(dispute), **agreed)
    assert disputing.at(dispute) is S.AGREED


def test_a_failed_consultation_is_recorded_told_and_opens_nothing(disputing: Disputing) -> None:
    dispute = disputing.concluded("failed")
    assert disputing.at(dispute) is S.FAILED
    for who in ("housing_operator", "civil_manager"):
        assert any(t.startswith("争议协商结果") for t in titles(disputing, who))
    facts = queries.dispute_facts(disputing.cast.housing_operator, disputing.case(dispute)).facts
    assert facts["way"] == ""


def test_who_decided_the_disputed_case_does_not_conclude_on_it(disputing: Disputing) -> None:
    """The platform itself refused: another manager of the bureau concludes (A12)."""
    cast, sharing = disputing.cast, disputing.sharing
    application = sharing.accepted(sharing.mount("division", "api"))
    access.refuse(cast.bureau_manager, application.case, **REFUSED)
    dispute = disputing.confirmed(application.case)
    with pytest.raises(NotYours, match="经手过被争议的事项"):
        actions.conclude(
            cast.bureau_manager, disputing.case(dispute), outcome=Outcome.FAILED, words="没有谈成。"
        )
    cast.colleague("bureau_operator", "second_clerk")
    clerk = cast.person("second_clerk")
    organizations.deputize(
        cast.bureau_manager, deputy=clerk.pk, post=Post.MANAGER, valid_to=today() + timedelta(5)
    )
    deputy, case = people.actor_for(clerk, cast.body("bureau").pk), disputing.case(dispute)
    with pytest.raises(NotYours, match="您代理的人员经手过"):
        actions.conclude(deputy, case, outcome=Outcome.FAILED, words="没有谈成。")
    other = cast.colleague("bureau_manager", "second_manager")
    actions.conclude(other, case, outcome=Outcome.FAILED, words="没有谈成。")


# -- what an outcome does --------------------------------------------------------------------------


def test_an_agreement_grants_nothing_and_the_next_application_goes_on_from_it(
    disputing: Disputing,
) -> None:
    cast, dispute = disputing.cast, disputing.concluded()
    assert not Grant.objects.exists()
    facts = queries.dispute_facts(cast.housing_operator, disputing.case(dispute)).facts
    assert (
        facts["way"]
        and not queries.dispute_facts(cast.civil_operator, disputing.case(dispute)).facts["way"]
    )
    next_ = disputing.sharing.accepted(disputing.sharing.mount("marriage"))
    dispute.refresh_from_db()
    assert dispute.followed_by_id == next_.case_id
    [panel] = queries.case_panels(cast.civil_manager, Case.objects.get(pk=next_.case_id))
    assert panel.facts["rows"][0]["origin"]
    facts = queries.dispute_facts(cast.housing_operator, disputing.case(dispute)).facts
    assert facts["way"] == "", "one way, used once"
    other = disputing.sharing.accepted(disputing.sharing.mount("marriage"))
    dispute.refresh_from_db()
    assert dispute.followed_by_id != other.case_id


def test_a_suspended_grant_is_the_duty_of_who_resumes_it(disputing: Disputing) -> None:
    cast = disputing.cast
    grant = disputing.sharing.granted()
    access.suspend(cast.civil_manager, grant.case, **RISK)
    dispute = disputing.concluded(about=Case.objects.get(pk=grant.case_id))
    assert Case.objects.get(pk=grant.case_id).state == G.SUSPENDED, "never by the outcome alone"
    assert any(t.startswith("按争议协商结果办理") for t in titles(disputing, "civil_manager"))
    facts = queries.dispute_facts(cast.housing_operator, disputing.case(dispute)).facts
    assert facts["way"] == "", "it is resumed, not asked for again"
    access.resume(
        cast.civil_manager, Case.objects.get(pk=grant.case_id), reasons="按协商结果恢复。"
    )


def test_a_demand_that_was_not_theirs_goes_back_to_the_bureau_with_the_outcome(
    disputing: Disputing, demanding: Demanding
) -> None:
    cast, demand = disputing.cast, demanding.submitted()
    demands.not_ours(cast.civil_operator, demanding.case(demand), reasons="不在本部门系统中。")
    disputing.concluded(about=demanding.case(demand))
    assert any(t.startswith("按争议协商结果办理") for t in titles(disputing, "bureau_operator"))
    demands.assign(
        cast.bureau_operator,
        demanding.case(demand),
        body=cast.body("civil").pk,
        words="按协商结果，由民政局答复。",
    )


# -- the decree's levels ---------------------------------------------------------------------------


@pytest.fixture
def failed(disputing: Disputing) -> Dispute:
    """A consultation that came to nothing, opened under the decree, though the application was
    not."""
    refused = disputing.refused()
    disputing.adopt_decree()
    return disputing.concluded("failed", refused.case)


def test_the_authority_decides_and_both_take_it(disputing: Disputing, failed: Dispute) -> None:
    cast, dispute = disputing.cast, failed
    assert disputing.at(dispute) is S.WITH_AUTHORITY
    ruling = {"ruling": Ruling.UPHELD, "words": "依条例应当提供。"}
    with pytest.raises(NotYours):
        actions.decide(cast.civil_manager, disputing.case(dispute), **ruling)
    actions.decide(cast.bureau_manager, disputing.case(dispute), **ruling)
    actions.answer(cast.civil_manager, disputing.case(dispute))
    assert disputing.at(dispute) is S.ANSWERING
    actions.answer(cast.housing_manager, disputing.case(dispute))
    assert disputing.at(dispute) is S.SETTLED
    facts = queries.dispute_facts(cast.housing_operator, disputing.case(dispute)).facts
    assert facts["way"]


def test_who_does_not_take_it_has_it_go_to_the_government(
    disputing: Disputing, failed: Dispute
) -> None:
    cast, dispute = disputing.cast, failed
    actions.decide(
        cast.bureau_manager, disputing.case(dispute), ruling=Ruling.REJECTED, words="依据不足。"
    )
    actions.answer(cast.housing_manager, disputing.case(dispute), objection="条例第八条已列入。")
    disputing.lapsed(dispute, "answer")
    assert disputing.at(dispute) is S.WITH_GOVERNMENT, (
        "an objection stands though the other is silent"
    )
    given = {"ruling": Ruling.PARTLY, "words": "提供姓名和登记日期。"}
    with pytest.raises(Malformed):
        actions.rule(cast.bureau_operator, disputing.case(dispute), **given)
    paper = work.attach(cast.bureau_operator, upload=SimpleUploadedFile("决定.png", scan_png())).pk
    actions.rule(cast.bureau_operator, disputing.case(dispute), scan=paper, **given)
    dispute = Dispute.objects.get(pk=dispute.pk)
    assert disputing.at(dispute) is S.RULED and dispute.decision_id == paper
    facts = queries.dispute_facts(cast.housing_operator, disputing.case(dispute)).facts
    assert facts["way"]


def test_a_dispute_keeps_the_law_it_was_opened_under(disputing: Disputing) -> None:
    dispute = disputing.confirmed()
    disputing.adopt_decree()
    actions.conclude(
        disputing.cast.bureau_manager,
        disputing.case(dispute),
        outcome=Outcome.FAILED,
        words="没有谈成。",
    )
    assert disputing.at(dispute) is S.FAILED
    with pytest.raises(AgainstRules, match="没有这一步骤"):
        actions.decide(
            disputing.cast.bureau_manager,
            disputing.case(dispute),
            ruling=Ruling.UPHELD,
            words="依条例应当提供。",
        )


# -- who sees it, who goes on with it --------------------------------------------------------------

EVERYBODY = (
    "housing_operator",
    "housing_manager",
    "civil_operator",
    "civil_manager",
    "bureau_operator",
    "bureau_manager",
    "hr_operator",
    "stranger_manager",
    "system_admin",
    "audit_admin",
)


def seen_by(disputing: Disputing, dispute: Dispute) -> set[str]:
    return {
        who
        for who in EVERYBODY
        if queries.visible_to(getattr(disputing.cast, who)).filter(pk=dispute.pk).exists()
    }


def test_the_three_see_it_and_nobody_else(disputing: Disputing) -> None:
    dispute = disputing.drafted()
    own = {"housing_operator", "housing_manager"}
    assert seen_by(disputing, dispute) == own
    actions.submit(disputing.cast.housing_manager, disputing.case(dispute))
    three = own | {"civil_operator", "civil_manager", "bureau_operator", "bureau_manager"}
    assert seen_by(disputing, dispute) == three
    related = set(queries.disputed_in(disputing.case(dispute)))
    assert ("kernel.case", str(dispute.about_id)) in related


def test_an_heir_goes_on_with_the_disputes_of_its_predecessor(disputing: Disputing) -> None:
    cast, dispute = disputing.cast, disputing.stated()
    civil, hr = cast.body("civil").pk, cast.body("hr").pk
    organizations.succeed(
        cast.system_admin,
        kind="merge",
        predecessors=[civil],
        successors=[hr],
        on=today(),
        document="通政发〔2026〕9号",
    )
    for _ in range(2):
        actions.pass_on(cast.system, predecessors=[civil], heir=hr, on=today())
    first, again = Entry.objects.filter(verb="disputes.pass_on").order_by("seq")
    assert first.after["cases"] == [dispute.case_id] and again.after["cases"] == []
    dispute.refresh_from_db()
    assert dispute.respondent_id == hr
    assert View.objects.filter(dispute=dispute, body=hr).count() == 1
    assert disputing.case(dispute).body_of("respondent") == hr


def test_an_application_of_another_resource_goes_on_from_nothing(disputing: Disputing) -> None:
    dispute = disputing.concluded()
    disputing.sharing.accepted(disputing.sharing.mount("division"))
    dispute.refresh_from_db()
    assert dispute.followed_by_id is None
    assert Application.objects.count() == 2
