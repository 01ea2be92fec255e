"""What is incomplete is returned once with everything that is missing, completed and accepted
(政务数据共享条例)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.sharing import BACK, REFUSED, Sharing, scan_png

from huitong.access import actions
from huitong.access.models import Application, Form
from huitong.access.rules import S
from huitong.kernel.clocks import Clock
from huitong.kernel.grounds import grounds_for
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.work import actions as work
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db
LIST = {"lacking": ["stamp"], "words": "使用场景没有写到环节\n缺少系统安全措施说明"}


def only(form: Form) -> Application:
    return Application.objects.select_related("case", "form").get(form=form)


def returned(sharing: Sharing, *mounts: Any, **given: Any) -> Application:
    """An application that has been returned for completion."""
    application = only(sharing.applied(*(mounts or (sharing.mount(),))))
    actions.return_for_completion(sharing.cast.bureau_operator, application.case, **(LIST | given))
    return only(application.form)


def clock_of(application: Application, name: str) -> Clock:
    return Clock.objects.get(case=application.case_id, name=name)


def test_what_is_incomplete_is_listed_whole_completed_and_accepted(decreed: Sharing) -> None:
    """The form is unchanged: a supplement and words are enough, nothing is stamped anew."""
    cast = decreed.cast
    application = returned(decreed)
    case = application.case
    assert case.state == S.TO_COMPLETE and case.paused
    assert case.facts["lacking"] == [
        "不符合：盖章件上有申请单位公章，单位名称与申请单位一致",
        "使用场景没有写到环节",
        "缺少系统安全措施说明",
    ]
    [notice] = {n.text for n in Notice.objects.filter(title__contains="申请须补正")}
    assert notice.splitlines() == case.facts["lacking"]
    paper = work.attach(
        cast.housing_operator, upload=SimpleUploadedFile("安全措施.png", scan_png())
    )
    actions.complete(cast.housing_operator, case, answer="已补充安全措施说明。", paper=paper.pk)
    actions.submit_form(cast.housing_manager, form=application.form_id)
    case.refresh_from_db()
    assert (case.state, case.paused) == (S.SUBMITTED, False)
    assert decreed.case(application).facts["completed"] == "已补充安全措施说明。"
    actions.accept(cast.bureau_operator, case, **decreed.checks())
    assert decreed.case(application).state == S.WITH_PROVIDER
    clock = clock_of(application, "acceptance")
    assert clock.pauses == [[today().isoformat(), today().isoformat()]]


def test_a_form_that_is_changed_to_complete_it_is_stamped_anew(decreed: Sharing) -> None:
    cast, application = decreed.cast, returned(decreed)
    form = application.form_id
    actions.revise(cast.housing_operator, form=form, scenario="受理窗口逐件核对申请人婚姻状况")
    with pytest.raises(AgainstRules, match="须重新盖章"):
        actions.complete(cast.housing_operator, application.case, answer="已修改使用场景。")
    actions.print_form(cast.housing_operator, form=form)
    paper = Form.objects.get(pk=form)
    assert paper.version == 2
    actions.seal_form(
        cast.housing_operator, form=form, scan=decreed.scan(paper), archive_number="ZJ-2026-018"
    )
    actions.submit_form(cast.housing_manager, form=form)
    actions.accept(cast.bureau_operator, decreed.case(application), **decreed.checks())
    assert decreed.case(application).state == S.WITH_PROVIDER
    paper.refresh_from_db()
    assert paper.submitted_at is not None


def test_it_is_returned_once_only(decreed: Sharing) -> None:
    cast, application = decreed.cast, returned(decreed)
    actions.complete(cast.housing_operator, application.case, answer="已补正。")
    actions.submit_form(cast.housing_manager, form=application.form_id)
    with pytest.raises(AgainstRules, match="不适用“退回补正”"):
        actions.return_for_completion(cast.bureau_operator, decreed.case(application), **LIST)


def test_nor_is_another_application_of_a_form_that_was_returned(decreed: Sharing) -> None:
    cast, application = decreed.cast, returned(decreed)
    form = application.form_id
    actions.draft(cast.housing_operator, form=form, mount=decreed.mount("division", "api").pk)
    actions.print_form(cast.housing_operator, form=form)
    actions.seal_form(
        cast.housing_operator,
        form=form,
        scan=decreed.scan(application.form),
        archive_number="ZJ-2026-019",
    )
    actions.submit_form(cast.housing_manager, form=form)
    another = Application.objects.exclude(pk=application.pk).get(form=form)
    with pytest.raises(AgainstRules, match="不适用“退回补正”"):
        actions.return_for_completion(cast.bureau_operator, another.case, **LIST)


def test_a_list_that_names_nothing_or_something_else_is_none(decreed: Sharing) -> None:
    application = only(decreed.applied(decreed.mount()))
    for wrong in ({"lacking": [], "words": " \n"}, {"lacking": ["nothing"], "words": ""}):
        with pytest.raises(Malformed) as fault:
            actions.return_for_completion(decreed.cast.bureau_operator, application.case, **wrong)
        assert set(fault.value.fields) == {"lacking"}


def test_incompleteness_is_no_ground_to_refuse(decreed: Sharing) -> None:
    cast, application = decreed.cast, only(decreed.applied(decreed.mount()))
    offered = {row.code for row in grounds_for("application.decline", law="national-2025")}
    assert offered == {"outside_duty", "not_in_share_scope", "other"}
    for ground in ("papers_incomplete", "form_wrong", "basis_missing"):
        with pytest.raises(Malformed, match="不是现行的理由类别"):
            actions.decline(cast.bureau_operator, application.case, **REFUSED | {"ground": ground})
    actions.decline(cast.bureau_operator, application.case, **REFUSED)
    assert decreed.case(application).state == S.DECLINED


def test_of_a_form_with_an_accepted_application_only_papers_are_completed(decreed: Sharing) -> None:
    """What one application was accepted on is not changed for another."""
    cast = decreed.cast
    form = decreed.applied(decreed.mount("marriage", "api"), decreed.mount("division", "api"))
    one, other = Application.objects.filter(form=form).order_by("pk")
    actions.accept(cast.bureau_operator, one.case, **decreed.checks())
    actions.return_for_completion(cast.bureau_operator, other.case, **LIST)
    with pytest.raises(AgainstRules, match="已经提交"):
        actions.revise(cast.housing_operator, form=form.pk, scenario="另写的使用场景")
    with pytest.raises(AgainstRules, match="已经提交") as refused:
        actions.seal_form(
            cast.housing_operator, form=form.pk, scan=decreed.scan(form), archive_number="X-1"
        )
    assert "补正后送审" in refused.value.remedy
    actions.complete(cast.housing_operator, decreed.case(other), answer="已补充说明。")
    actions.submit(cast.housing_manager, decreed.case(other))
    actions.accept(cast.bureau_operator, decreed.case(other), **decreed.checks())
    actions.grant(cast.civil_manager, decreed.case(one))


def test_two_applications_of_a_form_returned_one_after_the_other_reopen_it(
    decreed: Sharing,
) -> None:
    cast = decreed.cast
    form = decreed.applied(decreed.mount("marriage", "api"), decreed.mount("division", "api"))
    one, other = Application.objects.filter(form=form).order_by("pk")
    actions.return_for_completion(cast.bureau_operator, one.case, **LIST)
    with pytest.raises(AgainstRules):
        actions.revise(cast.housing_operator, form=form.pk, scenario="另写的使用场景")
    actions.return_for_completion(cast.bureau_operator, other.case, **LIST)
    actions.revise(cast.housing_operator, form=form.pk, scenario="另写的使用场景")
    assert Form.objects.get(pk=form.pk).submitted_at is None


def test_an_application_that_was_withdrawn_keeps_no_form_closed(decreed: Sharing) -> None:
    cast = decreed.cast
    form = decreed.applied(decreed.mount("marriage", "api"), decreed.mount("division", "api"))
    one, other = Application.objects.filter(form=form).order_by("pk")
    actions.withdraw(cast.housing_operator, other.case)
    actions.return_for_completion(cast.bureau_operator, one.case, **LIST)
    assert Form.objects.get(pk=form.pk).submitted_at is None


def test_a_completion_the_manager_sends_back_is_completed_again(decreed: Sharing) -> None:
    cast, application = decreed.cast, returned(decreed)
    actions.complete(cast.housing_operator, application.case, answer="已补正。")
    actions.send_back(cast.housing_manager, decreed.case(application), **BACK)
    case = decreed.case(application)
    assert case.state == S.TO_COMPLETE
    actions.withdraw(cast.housing_operator, case)
    assert decreed.case(application).state == S.WITHDRAWN


def test_pages_lead_through_return_and_completion(decreed: Sharing) -> None:
    cast, application = decreed.cast, only(decreed.applied(decreed.mount()))
    bureau, clerk = cast.client("bureau_operator"), cast.client("housing_operator")
    accepting = bureau.get(f"/accept/{application.pk}/").content.decode()
    step = f"/cases/{application.case_id}/return_for_completion/"
    assert step in accepting
    form_page = bureau.get(step).content.decode()
    assert "不符合：盖章件上有申请单位公章" in form_page and "一次写全" in form_page
    given = {"lacking": ["legible"], "words": "第二页看不清"}
    confirming = bureau.post(step, given)
    assert "只告知这一次" in confirming.content.decode()
    assert bureau.post(step, given | {"_confirmed": "1"}).status_code in (200, 302)
    page = clerk.get(f"/cases/{application.case_id}/").content.decode()
    assert "时限天数待核实" not in page, "the limit stands"
    assert "须补正的内容（一次性告知）" in page and "第二页看不清" in page
    assert f"/apply/{application.form_id}/" in page
    form = clerk.get(f"/apply/{application.form_id}/").content.decode()
    assert "上传盖章件" in form or "生成打印件" in form
