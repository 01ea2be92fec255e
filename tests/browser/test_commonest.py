"""What the commonest tasks of doubts and of unused grants cost, from where their work begins: in
clicks and fields, by mouse and by keyboard (A26, A29)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.browser.counting import Counter
from tests.disusing import unused
from tests.objecting import Objecting
from tests.sharing import Sharing

from huitong.access import jobs
from huitong.access.actions import give_notice
from huitong.access.rules import G
from huitong.kernel.case import Case
from huitong.objections.models import Objection
from huitong.objections.rules import S

Check = Callable[[Page], None]
Enter = Callable[[str], str]
Shot = Callable[[Page, str], None]
HANDS = ("mouse", "keyboard")


@pytest.mark.parametrize("hand", HANDS)
def test_a_doubt_is_raised_in_seven(
    hand: str, page: Page, enter: Enter, objecting: Objecting, shot: Shot
) -> None:
    """From the call that brought the wrong value, which fills in its number."""
    objecting.called()
    page.goto(f"{enter('housing_operator')}/calls/")
    count = Counter(page, keyboard=hand == "keyboard")
    shot(page, "calls")
    count.click("link", "提出疑义")
    shot(page, "raise")
    count.fill("疑义和依据", "申请人出示的结婚证与返回的登记日期不一致。")
    count.choose("信息项", "登记日期")
    count.fill("哪一条记录", "登记证字号 A0***7")
    count.fill("收到的值", "2020-01-08")
    count.click("button", "提出疑义")
    expect(page.get_by_text("待校核").first).to_be_visible()
    assert Objection.objects.get().case.state == S.WITH_PROVIDER
    assert count.total <= 7, count


@pytest.mark.parametrize("hand", HANDS)
def test_a_doubt_is_answered_in_four(
    hand: str, page: Page, enter: Enter, objecting: Objecting, shot: Shot
) -> None:
    """From the to-do list."""
    doubt = objecting.raised()
    page.goto(f"{enter('civil_operator')}/todo/")
    count = Counter(page, keyboard=hand == "keyboard")
    shot(page, "todo")
    count.click("link", "办理", within=page.get_by_role("row").filter(has_text="疑义"))
    shot(page, "case")
    count.fill("理由", "经核对登记档案，登记日期与原始登记表一致。")
    count.click("button", "核对无误")
    count.click("button", "确认核对无误")
    expect(page.get_by_text("已答复").first).to_be_visible()
    assert Objection.objects.get(pk=doubt.pk).case.state == S.ANSWERED
    assert count.total <= 4, count


@pytest.mark.parametrize("hand", HANDS)
def test_a_notice_of_disuse_is_answered_in_four(
    hand: str, page: Page, enter: Enter, sharing: Sharing, shot: Shot
) -> None:
    """From the to-do list."""
    grant = unused(sharing)
    jobs.watch_use()
    give_notice(sharing.cast.civil_manager, sharing.case(grant), reasons="四个月没有调用。")
    page.goto(f"{enter('housing_operator')}/todo/")
    count = Counter(page, keyboard=hand == "keyboard")
    shot(page, "todo")
    count.click("link", "办理", within=page.get_by_role("row").filter(has_text="授权"))
    shot(page, "case")
    count.fill("答复", "汛期才使用。")
    count.click("button", "答复拟收回")
    count.click("button", "确认答复拟收回")
    expect(page.get_by_text("拟收回，待提供部门决定").first).to_be_visible()
    assert Case.objects.get(pk=grant.case_id).state != G.NOTICED
    assert count.total <= 4, count
