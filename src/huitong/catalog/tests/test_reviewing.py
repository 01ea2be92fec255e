"""Review as a reviewer sees it: what it said before beside what it says, a checklist kept with the
round, several passed in one go (A10, A12)."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from tests.cast import Cast

from huitong.catalog import actions, queries
from huitong.catalog.models import Round, Version
from huitong.catalog.queries import comparing, reviewing
from huitong.catalog.rules import Reviewer, checklist
from huitong.catalog.tests.marriage import drafted, published, second_draft, with_bureau
from huitong.catalog.views.passing import acts as bulk_acts
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import Malformed
from huitong.kernel.workdays import today

pytestmark = pytest.mark.django_db
CLEARED = ["state", "work"]
BOTH = {who: [row.key for row in checklist(who, today())] for who in Reviewer}
BUREAU, DEPARTMENT = BOTH[Reviewer.BUREAU], BOTH[Reviewer.DEPARTMENT]


def plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def row_of(page: str, label: str) -> str:
    """The row of the review page that begins with this label, with its mark-up."""
    form = page[page.index('<form method="post" novalidate') :]
    rows: list[str] = re.findall(r"<tr.*?</tr>", form, re.S)
    return next(row for row in rows if re.search(rf'<th scope="row">{label}', row))


# -- the checklist ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ticked", [[], BUREAU[1:], [*BUREAU, "nonsense"]])
def test_used_at_all_the_checklist_is_ticked_whole_to_pass(cast: Cast, ticked: list[str]) -> None:
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    with pytest.raises(Malformed) as refused:
        actions.pass_bureau(cast.bureau_operator, case, checked=ticked)
    assert {field.partition(".")[0] for field in refused.value.fields} == {"checked"}
    form = {"decision": "pass", "checked": [key for key in ticked if key in BUREAU]}
    answer = cast.client("bureau_operator").post(f"/review/{case.pk}/", form)
    if "nonsense" not in ticked:
        assert answer.status_code == 422 and "请核对后勾选" in answer.content.decode()
    assert Case.objects.get(pk=case.pk).state == "with_bureau"


def test_what_was_ticked_is_kept_with_the_round_and_read_by_both(cast: Cast) -> None:
    entry = drafted(cast.civil_operator)
    actions.submit(cast.civil_operator, entry.case, cleared=CLEARED)
    actions.return_department(
        cast.civil_manager,
        entry.case,
        ground="incomplete",
        reasons="摘要没有写明时间范围，请补充。",
        checked=DEPARTMENT[:1],
    )
    actions.edit(cast.civil_operator, entry.case, summary="1987 年以来结婚、离婚登记信息。")
    actions.submit(cast.civil_operator, entry.case, cleared=CLEARED)
    actions.pass_department(cast.civil_manager, entry.case, cleared=CLEARED, checked=DEPARTMENT)
    actions.pass_bureau(cast.bureau_operator, entry.case, checked=BUREAU)
    reviews = reviewing.reviews_of(Case.objects.get(pk=entry.case_id))
    assert [(r.round, r.reviewer, r.passed, len(r.ticked)) for r in reviews] == [
        (1, Reviewer.DEPARTMENT, False, 1),
        (2, Reviewer.DEPARTMENT, True, len(DEPARTMENT)),
        (2, Reviewer.BUREAU, True, len(BUREAU)),
    ]
    assert len(reviews[0].unticked) == len(DEPARTMENT) - 1
    for who in ("civil_operator", "bureau_operator"):
        page = cast.client(who).get(f"/cases/{entry.case_id}/").content.decode()
        assert "历次审核" in page and "未勾选：" in page and reviews[1].by in page


def test_a_review_before_there_was_a_checklist_says_so(cast: Cast) -> None:
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    page = cast.client("bureau_operator").get(f"/review/{case.pk}/").content.decode()
    assert "未使用核对清单" in page and "审核核对" in page


# -- side by side ----------------------------------------------------------------------------------


def test_what_was_returned_stands_beside_what_came_back(cast: Cast) -> None:
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    old = queries.facts_of(queries.version_of(case))
    actions.return_bureau(
        cast.bureau_operator, case, ground="unclear", remarks={"summary": "请写明时间范围"}
    )
    items = [item.model_dump(mode="json") for item in old.items]
    items[0] |= {"remark": "唯一"}
    new = "1987 年以来结婚、离婚登记信息。"
    actions.edit(cast.civil_operator, case, summary=new, items=items[:-1])
    actions.submit(cast.civil_operator, case, cleared=CLEARED)
    page = cast.client("civil_manager").get(f"/review/{case.pk}/").content.decode()
    assert "逐项对照：第 1 次提交" in page
    row = plain(row_of(page, "资源摘要"))
    assert row.index(old.summary) < row.index(new) and "有改动" in row
    assert "有改动" not in row_of(page, "资源分类")
    assert "原：说明：（无）" in plain(row_of(page, old.items[0].name))
    assert f"本次删去的信息项：{old.items[-1].name}" in page
    kept_as_returned = Round.objects.get(version__case=case)
    assert comparing.facts_read(kept_as_returned.content) == old
    assert comparing.facts_read(kept_as_returned.content | {"former_element": 1}) == old
    assert comparing.facts_read({"items": 7}) is None


def test_an_update_stands_beside_what_is_published_and_the_reviewer_chooses(cast: Cast) -> None:
    hands = (cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    entry = published(*hands)
    case = second_draft(cast.civil_operator, entry)
    texts = ["用于住房保障资格复核。", "用于公积金提取审核。"]
    for text in texts:
        actions.edit(cast.civil_operator, case, condition=text)
        actions.submit(cast.civil_operator, case, cleared=CLEARED)
        if text == texts[0]:
            actions.return_department(
                cast.civil_manager, case, ground="unclear", reasons="请写明用于哪一类事项的审核。"
            )
    client = cast.client("civil_manager")
    for against, before in (("round", texts[0]), ("published", entry.published.condition)):
        page = client.get(f"/review/{case.pk}/?against={against}").content.decode()
        row = plain(row_of(page, "共享条件说明"))
        assert row.index(before) < row.index(texts[1])
    assert client.get(f"/review/{case.pk}/?against=nonsense").status_code == 200


def test_that_a_ground_was_filed_meanwhile_answers_no_remark(cast: Cast) -> None:
    entry = drafted(cast.civil_operator, share_class="3")
    words = {"document": "民法典", "article": "第一条", "quotation": "应当尊重其意愿，不得泄露。"}
    actions.add_ground(cast.civil_operator, entry.case, kind="law", **words)
    actions.submit(cast.civil_operator, entry.case, cleared=CLEARED)
    remarks = {"grounds": "请引用第一千一百一十条", "summary": "请写明起始年份"}
    actions.return_department(
        cast.civil_manager,
        entry.case,
        ground="unclear",
        reasons="请按各项意见修改。",
        remarks=remarks,
    )
    actions.edit(cast.civil_operator, entry.case, summary="全市收养登记信息，1999 年至今。")
    actions.submit(cast.civil_operator, entry.case, cleared=CLEARED)
    actions.pass_department(cast.civil_manager, entry.case, cleared=CLEARED)
    version = queries.version_of(entry.case)
    assert comparing.unanswered(version, queries.facts_of(version)) == ["grounds"]


# -- several in one go -----------------------------------------------------------------------------


def bulk(client: Client, act: str, cases: list[Case], **answers: Any) -> tuple[str, str]:
    """The page that shows what was chosen, and that of the outcomes."""
    chosen = client.post("/todo/", {"bulk": act, "row": [str(case.pk) for case in cases]})
    page = chosen.content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(rows|once)" value="([^"]*)"', page))
    sent = {"bulk": act, "confirm": "1", "looked": "on", **hidden, **answers}
    return page, client.post("/todo/", sent).content.decode()


def test_several_are_passed_each_with_its_own_record_and_code(cast: Cast) -> None:
    """Two in order, one whose checks find an error now, one that came back without an answer."""
    names = ["婚姻登记信息", "收养登记信息", "社会组织登记信息", "殡葬服务信息"]
    cases = []
    for name in names:
        entry = drafted(cast.civil_operator, name)
        actions.submit(cast.civil_operator, entry.case, cleared=CLEARED)
        cases.append(entry.case)
    manager = cast.client("civil_manager")
    page, outcome = bulk(manager, "pass_department", cases, cleared=CLEARED)
    assert "打开审核页面" in page and all(name in page for name in names)
    assert {Case.objects.get(pk=case.pk).state for case in cases} == {"with_bureau"}, outcome
    unanswered, faulty = cases[2:]
    remark = {"summary": "请写明时间范围"}
    actions.return_bureau(cast.bureau_operator, unanswered, ground="unclear", remarks=remark)
    actions.edit(cast.civil_operator, unanswered, condition="用于公积金提取审核。")
    actions.submit(cast.civil_operator, unanswered, cleared=CLEARED)
    actions.pass_department(cast.civil_manager, unanswered, cleared=CLEARED)
    with writing("test"):  # what was in order when it was submitted, and is not any more
        Version.objects.filter(case=faulty).update(origin="")
    bureau = cast.client("bureau_operator")
    page, outcome = bulk(bureau, "pass_bureau", cases)
    assert "检查有错误" in page and "对“资源摘要”的意见，没有相应修改" in page
    states = [Case.objects.get(pk=case.pk).state for case in cases]
    assert states == ["to_publish", "to_publish", "with_bureau", "with_bureau"], outcome
    codes = [queries.entry_of(case).code for case in cases[:2]]
    assert len(set(codes)) == 2 and all(codes)
    assert reviewing.reviews_of(Case.objects.get(pk=cases[0].pk))[-1].ticked


def test_who_does_not_review_is_not_offered_to(cast: Cast) -> None:
    with_bureau(cast.civil_operator, cast.civil_manager)
    for who, acts in (
        ("bureau_operator", ["pass_bureau"]),
        ("civil_manager", ["pass_department"]),
        ("civil_operator", []),
        ("hr_operator", []),
    ):
        page = cast.client(who).post("/todo/", {"bulk": "pass_bureau", "row": ["1"]})
        offered = page.status_code != 302
        assert offered is ("pass_bureau" in acts), who


def test_whoever_passes_several_sees_what_the_checks_doubt_of_each(cast: Cast) -> None:
    """Doubles at other bodies too, and of the same department's update what differs; how many are
    taken at once is bounded."""
    published(cast.hr_operator, cast.hr_manager, cast.bureau_operator)
    cases = [
        with_bureau(cast.civil_operator, cast.civil_manager, "南通市婚姻登记数据", industry=""),
        with_bureau(cast.civil_operator, cast.civil_manager, "社会组织登记信息"),
    ]
    page, outcome = bulk(cast.client("bureau_operator"), "pass_bureau", cases)
    assert "检查提示" in page and "与市人社局的“婚姻登记信息”相似" in page
    assert {Case.objects.get(pk=case.pk).state for case in cases} == {"to_publish"}, outcome
    [act] = bulk_acts(cast.bureau_operator)
    assert act.most <= 50
