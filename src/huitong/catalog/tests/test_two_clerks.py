"""Two clerks at one draft, two reviewers at one entry: what either wrote is never lost unseen
(A10, A12)."""

from __future__ import annotations

import dataclasses
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from tests.cast import Cast

from huitong.catalog import actions, queries
from huitong.catalog.models import Entry
from huitong.catalog.rules import Overtaken
from huitong.catalog.tests.marriage import ITEMS, drafted, published, second_draft, with_bureau
from huitong.catalog.tests.test_grid import START, grid
from huitong.kernel.actor import Actor
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db

UPDATING = {
    "update_cycle": "2",
    "data_cycle": "2",
    "contact_office": "婚姻管理处",
    "contact_name": "",
    "contact_phone": "0513-85512345",
    "remark": "",
}


def revision(page: str) -> str:
    return re.findall(r'name="revision" value="(\d+)"', page)[0]


def colleague(cast: Cast) -> Actor:
    """Another operator of Civil Affairs."""
    return dataclasses.replace(
        cast.civil_operator, person=cast.person("hr_operator").pk, name="周敏"
    )


def test_what_two_clerks_write_into_one_section_is_lost_to_neither(cast: Cast):
    entry, client = drafted(cast.civil_operator), cast.client("civil_operator")
    before = revision(client.get(f"/compile/{entry.pk}/updating/").content.decode())
    actions.edit(colleague(cast), entry.case, contact_name="周敏", remark="每月五日更新。")
    typed = UPDATING | {
        "remark": "节假日顺延。",
        "contact_phone": "0513-1",
        "revision": before,
        "back": "1",
    }
    answer = client.post(f"/compile/{entry.pk}/updating/", typed)
    page = answer.content.decode()
    assert answer.status_code == 409 and "周敏" in page and "没有保存" in page
    assert "现在的内容：每月五日更新。" in page and "节假日顺延。" in page and "0513-1" in page, (
        "both can be read"
    )
    entry.refresh_from_db()
    assert entry.draft.remark == "每月五日更新。"
    assert (
        client.post(
            f"/compile/{entry.pk}/updating/", typed | {"revision": revision(page)}
        ).status_code
        == 302
    ), "said again, on seeing both"
    entry.refresh_from_db()
    assert (entry.draft.remark, entry.draft.contact_phone) == ("节假日顺延。", "0513-1")


def test_clerks_at_different_sections_and_one_clerk_alone_are_not_stopped(cast: Cast):
    entry, client = drafted(cast.civil_operator), cast.client("civil_operator")
    before = revision(client.get(f"/compile/{entry.pk}/updating/").content.decode())
    actions.edit(colleague(cast), entry.case, standard="GB/T 1", items=ITEMS[:2])
    for remark in ("第一次", "第二次"):  # the second from the page the browser still has
        assert (
            client.post(
                f"/compile/{entry.pk}/updating/",
                UPDATING | {"remark": remark, "revision": before, "back": "1"},
            ).status_code
            == 302
        )
    entry.refresh_from_db()
    assert (entry.draft.remark, entry.draft.standard) == ("第二次", "GB/T 1")


def test_the_grid_says_which_items_differ_and_applies_suggestions_by_column(cast: Cast):
    suggestion = {"kind": "name", "mask": "name", "label": "姓名", "level": "3", "reason": "像姓名"}
    entry = actions.draft(
        cast.civil_operator,
        name="婚姻登记信息",
        items=[
            {"name": "编号", "column": "no"},
            {"name": "男方姓名", "column": "m", "suggestion": suggestion},
        ],
    )
    client = cast.client("civil_operator")
    before = revision(client.get(f"/compile/{entry.pk}/items/").content.decode())
    actions.edit(
        colleague(cast),
        entry.case,
        items=[
            {"name": "男方姓名", "column": "m", "remark": "登记时的姓名"},
            {"name": "女方姓名", "column": "w"},
        ],
    )
    rows = [START | {"name": "编号", "column": "no"}, START | {"name": "男方姓名", "column": "m"}]
    answer = client.post(f"/compile/{entry.pk}/items/", grid(rows, revision=before, stay="1"))
    page = answer.content.decode()
    assert answer.status_code == 409 and [i.name for i in entry.draft.items.all()] == [
        "男方姓名",
        "女方姓名",
    ]
    for message in ("现在有而您没有的：女方姓名", "您有而现在没有的：编号", "内容不同的：男方姓名"):
        assert message in page
    settled = grid(rows, revision=revision(page), settle="adopt_all")
    client.post(f"/compile/{entry.pk}/items/", settled)
    assert list(entry.draft.items.values_list("name", "mask")) == [
        ("编号", "blank"),
        ("男方姓名", "name"),
    ], "by its column, not by its place"


def test_what_was_typed_while_a_colleague_submitted_is_still_there(cast: Cast):
    entry, client = drafted(cast.civil_operator), cast.client("civil_operator")
    actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    answer = client.post(
        f"/compile/{entry.pk}/updating/", UPDATING | {"remark": "来不及保存的内容"}
    )
    assert (
        answer.status_code == 409
        and "来不及保存的内容" in answer.content.decode()
        and "没有保存" in answer.content.decode()
    )
    assert cast.client("civil_manager").post(
        f"/compile/{entry.pk}/updating/", UPDATING
    ).status_code in (403, 409)


def test_by_the_api_a_revision_keeps_others_edits_too(cast: Cast):
    entry = drafted(cast.civil_operator)
    token = organizations.create_token(cast.civil_operator, label="脚本", days=1)["token"]
    before = (
        Client(headers={"Authorization": f"Bearer {token}"})
        .get(f"/api/catalog/entries/{entry.pk}")
        .json()["revision"]
    )
    assert (
        before == cast.client("civil_operator").get(f"/catalog/{entry.pk}.json").json()["revision"]
    )
    actions.edit(colleague(cast), entry.case, summary="同事刚刚写的摘要内容。")
    with pytest.raises(Overtaken) as refused:
        actions.edit(
            cast.civil_operator, entry.case, summary="我的摘要内容写在这里。", revision=before
        )
    assert refused.value.status == 409 and "周敏" in refused.value.detail
    actions.edit(cast.civil_operator, entry.case, remark="不相干的要素", revision=before)
    assert Entry.objects.get(pk=entry.pk).draft.summary == "同事刚刚写的摘要内容。"


def test_what_is_read_and_the_revision_sent_back_belong_together(cast: Cast) -> None:
    """A colleague saves just after the entry was read, before anything else is asked of it."""
    entry = drafted(cast.civil_operator)
    still = [lambda: actions.edit(colleague(cast), entry.case, remark="刚刚写的")]

    def overtaken(execute: Any, sql: str, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        if still and 'FROM "catalog_entry"' in sql:
            still.pop()()
        return answer

    with connection.execute_wrapper(overtaken):
        read = queries.whole(queries.entry_for(cast.civil_operator, entry.pk))
    assert not still and read["remark"] == "", "as it was"
    with pytest.raises(Overtaken):
        actions.edit(cast.civil_operator, entry.case, remark="我写的", revision=read["revision"])


def test_of_a_published_entry_the_revision_is_that_of_what_is_read(cast: Cast) -> None:
    """With another draft of it on its way: the draft's acts show to nobody, and who read what is
    published does not write over them."""
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    case = second_draft(cast.civil_operator, entry)
    before = queries.whole(queries.entry_for(cast.hr_operator, entry.pk))
    actions.edit(colleague(cast), case, summary="同事刚刚写的摘要内容。")
    assert queries.whole(queries.entry_for(cast.hr_operator, entry.pk)) == before
    read = queries.whole(queries.entry_for(cast.civil_operator, entry.pk))["revision"]
    with pytest.raises(Overtaken):
        actions.edit(cast.civil_operator, case, summary="我的摘要内容写在这里。", revision=read)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_the_same_moment_one_is_told(cast: Cast) -> None:
    entry = drafted(cast.civil_operator)
    before, ready = queries.entry_for(cast.civil_operator, entry.pk).revision, Barrier(2)

    def save(who: Actor) -> str:
        try:
            ready.wait(30)
            actions.edit(who, entry.case, remark=f"{who.name}写的", revision=before)
        except Overtaken as told:
            return told.detail
        finally:
            connections.close_all()
        return ""

    both: list[Any] = [cast.civil_operator, colleague(cast)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(save, both))
    first, second = both if answers[1] else both[::-1]
    assert sorted(map(bool, answers)) == [False, True] and first.name in "".join(answers)
    assert (
        Entry.objects.get(pk=entry.pk).draft.remark == f"{first.name}写的" != f"{second.name}写的"
    )


def test_remarks_written_while_a_colleague_decided_are_still_there(cast: Cast):
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    actions.pass_bureau(cast.bureau_operator, case)
    answer = cast.client("bureau_operator").post(
        f"/review/{case.pk}/",
        {
            "decision": "return",
            "ground": "unclear",
            "remark.summary": "写好些",
            "reasons": "总的意见：请写明时间范围",
        },
    )
    page = answer.content.decode()
    assert (
        answer.status_code == 409 and "写好些" in page and "总的意见" in page and "没有办成" in page
    )
