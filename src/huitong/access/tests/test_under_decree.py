"""An application under the State Council's decree: answered by the class of the resource, extended
once with consent, returned once with everything that is missing (政务数据共享条例)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.sharing import REFUSED, Sharing

from huitong.access import actions, jobs, queries
from huitong.access.models import Application, Form
from huitong.access.rules import APPLICATION_UNDER_DECREE, UNPROVIDED, S
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.doing import perform
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.kernel.watches import Watch
from huitong.kernel.workdays import Calendar, load_calendar, today
from huitong.organizations import actions as organizations
from huitong.work import jobs as work_jobs
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db
MORE_TIME = {"days": 5, "reasons": "需向省级主管部门核对数据口径。"}


def only(form: Form) -> Application:
    return Application.objects.select_related("case", "form").get(form=form)


def clock_of(application: Application, name: str) -> Clock:
    return Clock.objects.get(case=application.case_id, name=name)


# -- which law -------------------------------------------------------------------------------------


def test_a_case_keeps_the_law_it_was_opened_under(sharing: Sharing) -> None:
    cast = sharing.cast
    before = only(sharing.applied(sharing.mount()))
    adoption = organizations.adopt_law(
        cast.system_admin, law="national-2025", in_force=today(), basis="市政府通知"
    )
    after = only(sharing.applied(sharing.mount()))
    assert (before.case.law, after.case.law) == ("nantong-2020", "national-2025")
    with pytest.raises(AgainstRules, match="《实施细则》没有这一步骤"):
        perform(
            cast.bureau_operator,
            "application.return_for_completion",
            {"words": "缺材料"},
            case=before.case_id,
        )
    organizations.end_law(cast.system_admin, adoption=adoption.pk, until=today())
    assert only(sharing.form(sharing.mount())).case.law == "national-2025", "its last day"
    with pytest.raises(AgainstRules, match="已经停用"):
        organizations.end_law(cast.system_admin, adoption=adoption.pk, until=today())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"law": "nantong-2020"}, "law"),
        ({"law": "jiangsu-data-2025"}, "law"),
        ({"in_force": today() - timedelta(1)}, "in_force"),
    ],
)
def test_only_a_law_with_tables_is_adopted_and_not_for_the_past(
    sharing: Sharing, changes: dict[str, Any], field: str
) -> None:
    given = {"law": "national-2025", "in_force": today(), "basis": "市政府通知"} | changes
    with pytest.raises(Malformed) as wrong:
        organizations.adopt_law(sharing.cast.system_admin, **given)
    assert set(wrong.value.fields) == {field}


def test_a_law_is_adopted_once_and_by_the_administrator(decreed: Sharing) -> None:
    given = {"law": "national-2025", "in_force": today(), "basis": "市政府通知"}
    with pytest.raises(AgainstRules, match="已经采用"):
        organizations.adopt_law(decreed.cast.system_admin, **given)
    with pytest.raises(NotYours):
        organizations.adopt_law(decreed.cast.bureau_operator, **given)


# -- the answer ------------------------------------------------------------------------------------


def test_the_limit_of_the_answer_follows_from_the_class_of_the_resource(decreed: Sharing) -> None:
    calendar, day = load_calendar(), today()
    conditional = decreed.accepted(decreed.mount("marriage", "api"))
    unconditional = decreed.accepted(decreed.mount("division", "api"))
    assert conditional.case.due_on == calendar.after(day, 10).on
    assert unconditional.case.due_on == calendar.after(day, 1).on
    assert [c.name for c in Clock.objects.filter(case=conditional.case, stopped_on=None)] == [
        "answer_conditional"
    ]
    actions.grant(decreed.cast.civil_manager, conditional.case)
    actions.grant(decreed.cast.bureau_manager, unconditional.case)
    cited = Entry.objects.filter(verb="application.grant").values_list("article", flat=True)
    assert set(cited) == {"D"}


def test_the_applicant_reads_the_same_limits_beforehand_and_that_they_are_recalled(
    decreed: Sharing,
) -> None:
    mounts = [decreed.mount(name, "api") for name in ("division", "marriage")]
    route, other = queries.routes_of(mounts)
    assert (route["article"], route["decide_words"], route["recalled"]) == ("D", "1 个工作日", True)
    assert other["decide_words"] == "10 个工作日"
    page = decreed.cast.client("housing_operator").get(f"/catalog/{decreed.entry('marriage').pk}/")
    assert "天数待核实" in page.content.decode()


def test_an_answer_is_extended_once_with_consent_and_the_applicant_is_informed(
    decreed: Sharing,
) -> None:
    cast, calendar = decreed.cast, load_calendar()
    application = decreed.accepted(decreed.mount())
    first = application.case.due_on
    actions.ask_extension(cast.civil_manager, application.case, **MORE_TIME)
    waiting = decreed.case(application)
    assert (waiting.state, waiting.due_on) == (S.EXTENDING, first), "the limit runs on"
    with pytest.raises(NotYours):
        actions.consent(cast.civil_manager, waiting)
    actions.consent(cast.bureau_manager, waiting)
    extended = decreed.case(application)
    assert extended.state == S.WITH_PROVIDER
    assert extended.due_on == calendar.after(first, 5).on
    notice = Notice.objects.filter(title__contains="答复时限已延长")
    assert {n.person_id for n in notices_to(notice, cast, "housing")} and all(
        str(extended.due_on) in n.text and "5 个工作日" in n.text for n in notice
    )
    with pytest.raises(AgainstRules, match="不适用"):
        actions.ask_extension(cast.civil_manager, extended, **MORE_TIME)
    actions.grant(cast.civil_manager, extended)
    assert clock_of(application, "answer_conditional").on_time


def test_what_is_late_is_not_made_timely_by_an_extension(decreed: Sharing) -> None:
    """Applied for once the limit is over it would turn a late answer into one in time; applied
    for in time, the bureau's consent may come later."""
    cast, calendar = decreed.cast, load_calendar()
    late = decreed.accepted(decreed.mount())
    _past(late)
    case = decreed.case(late)
    page = f"/cases/{late.case_id}/ask_extension/"
    assert page not in cast.client("civil_manager").get(f"/cases/{case.pk}/").content.decode()
    with pytest.raises(AgainstRules, match="届满后不能再申请延长"):
        actions.ask_extension(cast.civil_manager, late.case, **MORE_TIME)
    actions.grant(cast.civil_manager, decreed.case(late))
    assert not clock_of(late, "answer_conditional").on_time
    in_time = decreed.accepted(decreed.mount("marriage", "file"))
    actions.ask_extension(cast.civil_manager, in_time.case, **MORE_TIME)
    _past(in_time)
    due = clock_of(in_time, "answer_conditional").due_on
    actions.consent(cast.bureau_manager, decreed.case(in_time))
    assert decreed.case(in_time).due_on == calendar.after(due, 5).on


def _past(application: Application) -> None:
    """The limit of its answer was over yesterday, as if it had been accepted then."""
    calendar, clock = load_calendar(), clock_of(application, "answer_conditional")
    day = today() - timedelta(8)
    while calendar.after(day, 10).on >= today():
        day -= timedelta(1)
    clock.started_on = day
    clock.aim(calendar)
    with writing("test"):
        clock.save()
        Case.objects.filter(pk=application.case_id).update(due_on=clock.due_on)


def notices_to(notices: Any, cast: Any, body: str) -> list[Notice]:
    people = {cast.person(f"{body}_operator").pk, cast.person(f"{body}_manager").pk}
    return [notice for notice in notices if notice.person_id in people]


def test_more_than_the_decree_lets_is_not_applied_for_and_a_refusal_leaves_the_limit(
    decreed: Sharing,
) -> None:
    cast, application = decreed.cast, decreed.accepted(decreed.mount())
    first = application.case.due_on
    with pytest.raises(Malformed, match="最多可延长 10 个工作日"):
        actions.ask_extension(cast.civil_manager, application.case, **MORE_TIME | {"days": 11})
    actions.ask_extension(cast.civil_manager, application.case, **MORE_TIME)
    case = decreed.case(application)
    actions.deny(cast.bureau_manager, case, reasons="数据口径已在目录中写明，无须核对。")
    case.refresh_from_db()
    assert (case.state, case.due_on) == (S.WITH_PROVIDER, first)
    with pytest.raises(AgainstRules):
        actions.ask_extension(cast.civil_manager, case, **MORE_TIME)


@pytest.mark.parametrize("decides", ["grant", "refuse"])
def test_who_waits_for_consent_may_decide_all_the_same(decreed: Sharing, decides: str) -> None:
    cast, application = decreed.cast, decreed.accepted(decreed.mount())
    actions.ask_extension(cast.civil_manager, application.case, **MORE_TIME)
    page = cast.client("civil_manager").get(reverse("access:decide", args=[application.pk]))
    assert page.status_code == 200
    with pytest.raises(NotYours):
        getattr(actions, decides)(
            cast.bureau_manager, decreed.case(application), **REFUSED if decides == "refuse" else {}
        )
    getattr(actions, decides)(
        cast.civil_manager, decreed.case(application), **REFUSED if decides == "refuse" else {}
    )
    case = decreed.case(application)
    assert not case.is_open or case.state == S.GRANTED
    assert not Clock.objects.filter(case=case, stopped_on=None).exists()
    with pytest.raises(AgainstRules):
        actions.consent(cast.bureau_manager, case)


# -- the limits ------------------------------------------------------------------------------------


def test_no_limit_of_the_decree_counts_a_rest_day() -> None:
    """From any day of a year, through any pause and extension, the last day is a working day, and
    between lie as many working days as the row says."""
    calendar: Calendar = Calendar()
    start = today().replace(month=1, day=1)
    for offset in range(0, 365, 3):
        clock = Clock(amount=10, unit="wd", started_on=start + timedelta(offset), pauses=[])
        clock.aim(calendar)
        stood = offset % 7
        clock.pause(clock.started_on)
        clock.resume(clock.started_on + timedelta(stood), calendar)
        clock.extend(5, "wd", calendar)
        assert calendar.is_working(clock.due_on)
        paused = calendar.between(clock.started_on, clock.started_on + timedelta(stood))
        assert calendar.between(clock.started_on, clock.due_on) == 10 + 5 + paused


def test_every_step_of_the_table_cites_the_decree_alone() -> None:
    assert {row.article for row in APPLICATION_UNDER_DECREE.steps} == {"D"}
    assert {rule.limit.law for rule in APPLICATION_UNDER_DECREE.clocks} == {"national-2025"}


# -- what was granted arrives ----------------------------------------------------------------------


def test_what_was_granted_is_provided_in_time_and_watched_until_its_first_delivery(
    decreed: Sharing,
) -> None:
    cast, calendar = decreed.cast, load_calendar()
    grant = decreed.granted(decreed.mount("marriage", "api"))
    watch = Watch.objects.get(kind=UNPROVIDED.kind)
    assert (watch.article, watch.body) == ("D", cast.body("civil").pk)
    assert watch.due_on == calendar.after(today(), 20).on
    page = cast.client("housing_operator").get(f"/grants/{grant.pk}/").content.decode()
    assert f"最迟 {watch.due_on}" in page and "天数待核实" in page
    jobs.watch_use()
    assert Watch.objects.get(kind=UNPROVIDED.kind).stopped_on is None
    for reference, status in (("r1", "refused"), ("r2", "delivered")):
        assert not queries.provisions_to_end(), "what was refused is no service"
        actions.report_delivery(
            cast.system,
            plane="gateway",
            reference=reference,
            grant=grant.pk,
            at=timezone.now(),
            status=status,
        )
    jobs.watch_use()
    watch.refresh_from_db()
    assert (watch.stopped_on, watch.on_time) == (today(), True)
    assert queries.provide_by(grant) is None and not queries.provisions_to_end()


def test_what_is_granted_for_later_is_provided_from_then(decreed: Sharing) -> None:
    begins = today() + timedelta(30)
    decreed.granted(decreed.mount("marriage", "api"), valid_from=begins)
    assert Watch.objects.get(kind=UNPROVIDED.kind).started_on == begins


def test_the_provider_is_warned_and_with_the_grant_the_watch_ends(decreed: Sharing) -> None:
    grant = decreed.granted(decreed.mount("marriage", "api"))
    watch = Watch.objects.get(kind=UNPROVIDED.kind)
    work_jobs.watch(watch.due_on + timedelta(1))
    notice = Notice.objects.filter(title__contains="尚未提供服务").first()
    assert notice is not None and notice.person_id == decreed.cast.civil_manager.person
    actions.give_back(decreed.cast.housing_operator, grant.case, reasons="不再需要。")
    jobs.watch_use()
    watch.refresh_from_db()
    assert watch.stopped_on == today()


def test_of_a_grant_under_the_first_law_nothing_of_the_kind_is_watched(sharing: Sharing) -> None:
    sharing.granted(sharing.mount("marriage", "api"))
    assert not Watch.objects.filter(kind=UNPROVIDED.kind).exists()


# -- doors -----------------------------------------------------------------------------------------


def test_the_api_returns_completes_and_extends(decreed: Sharing) -> None:
    cast, application = decreed.cast, only(decreed.applied(decreed.mount()))

    def post(who: str, verb: str, **given: Any) -> dict[str, Any]:
        token = organizations.create_token(getattr(cast, who), label="法规", days=1)["token"]
        answer = Client(headers={"Authorization": f"Bearer {token}"}).post(
            f"/api/cases/application/{application.case_id}/{verb}",
            json.dumps(given),
            content_type="application/json",
        )
        assert answer.status_code < 300, answer.content.decode()
        return dict(answer.json())

    post("bureau_operator", "return_for_completion", lacking=["legible"], words="第二页看不清")
    post("housing_operator", "complete", answer="已重新说明。")
    post("housing_manager", "submit")
    post("bureau_operator", "accept", **decreed.checks())
    post("civil_manager", "ask_extension", **MORE_TIME)
    post("bureau_manager", "consent")
    post("civil_manager", "grant")
    assert decreed.case(application).state == S.GRANTED
