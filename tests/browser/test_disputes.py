"""A dispute from the door on the refused application to its outcome, by people at their pages, at
the width of a desk and of a phone (A27)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.disputing import Disputing
from tests.sharing import Sharing

from huitong.disputes import actions
from huitong.disputes.models import Dispute
from huitong.disputes.rules import Outcome

Check = Callable[[Page], None]
Enter = Callable[[str], str]
Shot = Callable[[Page, str], None]


@pytest.mark.slow
def test_a_dispute_from_the_door_to_its_outcome(
    page: Page, enter: Enter, sharing: Sharing, assert_a11y: Check, shot: Shot
) -> None:
    def look(name: str) -> None:
        for width in (390, 1366):
            page.set_viewport_size({"width": width, "height": 800})
            shot(page, f"disputes-{name}-{width}")
            assert_a11y(page)

    with pytest.MonkeyPatch.context() as clock:  # they meet tomorrow; pages are looked at today
        refused = Disputing(sharing, clock).refused()
        site = enter("housing_operator")
        page.goto(f"{site}/cases/{refused.case_id}/")
        look("door")
        page.get_by_role("link", name="提出争议协商").click()
        page.get_by_text("授权结果", exact=True).click()
        page.get_by_label("分歧和理由").fill("不予授权的理由与条例第八条不符。")
        page.get_by_label("请求").fill("同意提供姓名和登记日期。")
        look("write")
        page.get_by_role("button", name="保存并送负责人").click()
        expect(page.get_by_text("待本部门负责人提交").first).to_be_visible()
        look("written")
        dispute = Dispute.objects.get()

        enter("housing_manager")
        page.goto(f"{site}{dispute.get_absolute_url()}")
        page.get_by_role("button", name="提交争议").click()
        page.get_by_role("button", name="确认提交争议").click()
        expect(page.get_by_text("待召集协商").first).to_be_visible()

        disputing, cast = Disputing(sharing, clock), sharing.cast
        actions.convene(cast.bureau_operator, disputing.case(dispute), **disputing.tomorrow)
        for body in ("housing", "bureau", "civil"):
            clerk = getattr(cast, f"{body}_operator")
            actions.present(clerk, disputing.case(dispute), words="三项信息可以提供。")
        enter("civil_operator")
        page.goto(f"{site}{dispute.get_absolute_url()}")
        expect(page.get_by_role("heading", name="三方意见")).to_be_visible()
        look("views")
        page.get_by_role("link", name="修改意见").click()
        expect(page.get_by_label("意见")).to_have_value("三项信息可以提供。")
        look("amend")
        page.goto(f"{site}/disputes/?tab=faced")
        look("list")
    with pytest.MonkeyPatch.context() as clock:
        disputing = Disputing(sharing, clock)
        disputing.on(disputing.tomorrow["on"])
        actions.record(
            cast.bureau_operator, disputing.case(dispute), minutes="三方到会，一致同意。"
        )
        for who in ("housing_manager", "civil_manager"):
            actions.confirm(getattr(cast, who), disputing.case(dispute))
        agreed = {"outcome": Outcome.AGREED, "words": "同意提供三项信息，住建局重新申请。"}
        actions.conclude(cast.bureau_manager, disputing.case(dispute), **agreed)
    enter("housing_operator")
    page.goto(f"{site}{dispute.get_absolute_url()}")
    look("agreed")
    page.goto(f"{site}/cases/{refused.case_id}/")
    look("panel")
    page.get_by_role("button", name="按结果重新申请").click()
    expect(page.get_by_role("heading", name="婚姻登记信息")).to_be_visible()
