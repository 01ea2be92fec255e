"""Pages inside the rooms of use, looked at by who decides there: a doubt as it is verified and
answered, a table of older grants as it is checked and confirmed, an application as it is returned,
completed, accepted and decided (A19-A23, A29)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.bringing import Bringing, workbook
from tests.browser.test_new_rooms import looker
from tests.objecting import DONE, Objecting
from tests.sharing import Sharing

from huitong.access import actions
from huitong.access.models import Application
from huitong.kernel.workdays import today
from huitong.objections import actions as objections

Check = Callable[[Page], None]
Enter = Callable[[str], str]
Shot = Callable[[Page, str], None]


def test_a_doubt_is_verified_answered_and_evaluated(
    page: Page, enter: Enter, objecting: Objecting, assert_a11y: Check, shot: Shot
) -> None:
    look = looker(page, assert_a11y, shot)
    doubt = objecting.raised()
    case = f"/cases/{doubt.case_id}/"
    site = enter("civil_operator")
    page.goto(site + case)
    look("doubt-received")
    page.goto(f"{site}/objections/{doubt.pk}/values/")
    look("values-ask")
    page.get_by_role("button", name="查看").first.click()
    expect(page.get_by_role("main")).to_contain_text("2020-08-01")
    look("values")
    for verb in ("admit", "uphold", "not_ours"):
        page.goto(f"{site}{case}{verb}/")
        look(f"doubt-{verb}")
    objecting.admitted(doubt)
    page.goto(f"{site}{case}correct/")
    look("doubt-correct")
    done = {"corrected_on": today(), "correction": DONE}
    objections.correct(objecting.cast.civil_operator, objecting.case(doubt), **done)
    site = enter("civil_manager")
    page.goto(f"{site}{case}confirm/")
    look("doubt-confirm")
    objections.confirm(objecting.cast.civil_manager, objecting.case(doubt))
    site = enter("housing_operator")
    page.goto(site + case)
    look("doubt-answered")
    page.goto(f"{site}{case}evaluate/")
    look("doubt-evaluate")


@pytest.mark.answers(422)
def test_older_grants_are_checked_corrected_and_confirmed(
    page: Page, enter: Enter, sharing: Sharing, assert_a11y: Check, shot: Shot
) -> None:
    look, bringing = looker(page, assert_a11y, shot), Bringing(sharing)
    wrong = bringing.of_provider(使用部门="市住房局", 有效期至="明年底")
    site = enter("bureau_operator")
    page.goto(f"{site}/grants/intake/")
    page.get_by_role("textbox", name="来源").fill("旧交换平台")
    file = workbook(bringing.of_platform(), wrong)
    page.locator("input[type=file]").first.set_input_files(
        {"name": "补录.xlsx", "mimeType": "application/octet-stream", "buffer": file}
    )
    look("intake-filled")
    page.get_by_role("button", name="检查").first.click()
    look("intake-faults")
    [grant] = bringing.confirmed(bringing.of_provider())
    intake = bringing.prepared(bringing.of_platform())
    page.goto(f"{site}/grants/intake/")
    look("intakes")
    site = enter("bureau_manager")
    page.goto(f"{site}/cases/{intake.case_id}/")
    look("intake-case")
    page.goto(f"{site}/grants/intake/{intake.pk}/")
    look("intake-rows")
    page.goto(f"{site}/cases/{intake.case_id}/confirm/")
    look("intake-confirm")
    site = enter("civil_manager")
    page.goto(f"{site}/cases/{grant.case_id}/")
    look("intake-to-agree")
    page.goto(f"{site}/grants/{grant.pk}/")
    look("intake-grant")


def test_what_is_incomplete_is_returned_completed_accepted_and_decided(
    page: Page, enter: Enter, decreed: Sharing, assert_a11y: Check, shot: Shot
) -> None:
    look = looker(page, assert_a11y, shot)
    form = decreed.applied(decreed.mount("marriage", "api"))
    application = Application.objects.select_related("case").get(form=form)
    case = f"/cases/{application.case_id}/"
    site = enter("bureau_operator")
    page.goto(f"{site}/accept/{application.pk}/")
    look("accept-personal")
    page.goto(f"{site}{case}return_for_completion/")
    look("return")
    lacking = {"lacking": ["stamp"], "words": "使用场景没有写到环节"}
    actions.return_for_completion(decreed.cast.bureau_operator, application.case, **lacking)
    site = enter("housing_operator")
    page.goto(site + case)
    look("to-complete")
    page.goto(f"{site}{case}complete/")
    look("complete")
    actions.complete(decreed.cast.housing_operator, decreed.case(application), answer="已补正。")
    actions.submit_form(decreed.cast.housing_manager, form=form.pk)
    actions.accept(decreed.cast.bureau_operator, decreed.case(application), **decreed.checks())
    site = enter("civil_operator")
    page.goto(f"{site}/decide/{application.pk}/")
    heads = page.locator(".compare-table thead th")
    expect(heads).to_have_text(["信息项、范围", "目录规定", "申请", "比较"])
    look("decide-reading")
    enter("civil_manager")
    page.goto(f"{site}/decide/{application.pk}/")
    look("decide-personal")
