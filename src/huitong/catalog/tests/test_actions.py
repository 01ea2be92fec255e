"""From draft to published entry: who acts, what is kept, what is refused (A3, A7-A12)."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from tests.cast import Cast

from huitong.catalog import actions, queries
from huitong.catalog.models import Entry, Item, LegalGround, Version
from huitong.catalog.rules import EntryState
from huitong.catalog.tests.marriage import COMPLETE, ITEMS, drafted, published, with_bureau
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours

pytestmark = pytest.mark.django_db


def state(entry: Entry) -> str:
    return Case.objects.get(pk=entry.case_id).state


def test_an_entry_goes_all_the_way(cast: Cast):
    entry = drafted(cast.civil_operator)
    assert state(entry) == EntryState.DRAFT
    actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    actions.pass_department(cast.civil_manager, entry.case, cleared=["state", "work"])
    actions.pass_bureau(cast.bureau_operator, entry.case)
    assert state(entry) == EntryState.TO_PUBLISH
    actions.publish(cast.civil_operator, entry.case)
    entry = Entry.objects.get(pk=entry.pk)
    assert (
        state(entry) == EntryState.PUBLISHED
        and entry.published.number == 1
        and entry.published.published_at
    )
    assert entry.code == f"101{cast.body('civil').number:03d}/000001"
    articles = list(
        LedgerEntry.objects.filter(case=entry.case_id)
        .order_by("seq")
        .values_list("verb", "article")
    )
    assert articles == [
        ("entry.draft", "A7"),
        ("entry.edit", "A7"),
        ("entry.submit", "A12"),
        ("entry.pass_department", "A12"),
        ("entry.pass_bureau", "A10"),
        ("entry.publish", "A10"),
    ]


def test_the_department_and_the_bureau_return_with_remarks_on_fields(cast: Cast):
    entry = drafted(cast.civil_operator)
    actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    with pytest.raises(Malformed) as wrong:
        actions.return_department(cast.civil_manager, entry.case, ground="unclear", reasons=" ")
    assert "reasons" in wrong.value.fields
    actions.return_department(
        cast.civil_manager,
        entry.case,
        ground="unclear",
        reasons="摘要请写明时间范围",
        remarks={"summary": "缺时间范围"},
    )
    entry = queries.entry_for(cast.civil_operator, entry.pk)
    assert [r.text for r in queries.open_remarks(entry.draft)["summary"]] == ["缺时间范围"]
    actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    assert not queries.open_remarks(queries.entry_for(cast.civil_operator, entry.pk).draft), (
        "a new round begins clean"
    )
    actions.pass_department(cast.civil_manager, entry.case, cleared=["state", "work"])
    with pytest.raises(Malformed) as wrong:
        actions.return_bureau(cast.bureau_operator, entry.case, ground="unclear", remarks={})
    assert wrong.value.fields["remarks"] and wrong.value.article == "A10"
    with pytest.raises(Malformed):
        actions.return_bureau(
            cast.bureau_operator, entry.case, ground="unclear", remarks={"colour": "红色"}
        )
    actions.return_bureau(
        cast.bureau_operator,
        entry.case,
        ground="unclear",
        remarks="items.登记日期： 请注明是结婚还是离婚登记\ncondition: 请写明依据",
    )
    entry = queries.entry_for(cast.civil_operator, entry.pk)
    assert (
        set(queries.open_remarks(entry.draft)) == {"items.登记日期", "condition"}
        and entry.draft.round == 2
    )
    assert len(queries.remarks_on(entry.draft)) == 3, "earlier rounds are kept"


def test_submission_names_every_missing_element_by_field(cast: Cast):
    entry = actions.draft(cast.civil_operator, name="婚姻登记信息")
    with pytest.raises(Malformed) as wrong:
        actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    assert {
        "system",
        "summary",
        "category",
        "format",
        "items",
        "share_class",
        "share_modes",
        "update_cycle",
        "data_cycle",
    } <= set(wrong.value.fields)
    assert not {"open_class", "open_mode", "publish_on"} & set(wrong.value.fields), (
        "to society nothing is open until somebody says so; the day of publication is filled in"
    )
    assert state(entry) == EntryState.DRAFT and wrong.value.article == "A10"


def test_not_shared_needs_a_ground_that_is_filed_with_the_bureau(cast: Cast):
    entry = drafted(
        cast.civil_operator, share_class="3", shapes=[], items=[i | {"mask": ""} for i in ITEMS]
    )
    with pytest.raises(Malformed) as wrong:
        actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    assert "grounds" in wrong.value.fields
    actions.add_ground(
        cast.civil_operator,
        entry.case,
        kind="law",
        document="《中华人民共和国个人信息保护法》",
        article="第二十八条",
        quotation="只有在具有特定的目的和充分的必要性，并采取严格保护措施的情形下，方可处理敏感个人信息。",
    )
    actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    ground = entry.draft.grounds.get()
    assert ground.filed_at is None and ground.document == "中华人民共和国个人信息保护法"
    actions.pass_department(cast.civil_manager, entry.case, cleared=["state", "work"])
    ground.refresh_from_db()
    assert ground.filed_at is not None, "filed when the bureau receives it"


def test_a_published_version_is_frozen_even_past_the_models(cast: Cast):
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    version, draft = entry.published, drafted(cast.civil_operator, "收养登记信息").draft
    assert version.content["items"][1]["mask"] == "name" and version.content["code"] == entry.code
    inside = {"version": version, "document": "民法典", "article": "第一条", "quotation": "原文"}
    for attempt in (
        lambda: Version.objects.filter(pk=version.pk).update(number=2),
        lambda: Version.objects.filter(pk=version.pk).update(share_class="1"),
        lambda: Version.objects.filter(pk=version.pk).update(number=None),
        lambda: Version.objects.filter(pk=version.pk)._raw_delete("default"),
        lambda: version.items.update(mask=""),
        lambda: version.items.update(version=draft),
        lambda: version.items.all().delete(),
        lambda: Item.objects.create(version=version, position=99, name="多出来的", type="C"),
        lambda: draft.items.update(version=version),
        lambda: LegalGround.objects.create(kind="law", **inside),
    ):
        with writing("test"), pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            attempt()
    for statement in (
        f"UPDATE catalog_entry SET current_id = {draft.pk} WHERE id = {draft.entry_id}",
        f"UPDATE catalog_entry SET current_id = {version.pk} WHERE id = {draft.entry_id}",
        "TRUNCATE catalog_version CASCADE",
        "TRUNCATE catalog_item",
        "TRUNCATE catalog_legalground",
    ):
        with (
            writing("test"),
            pytest.raises(DatabaseError, match="published"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement)
    with writing("test"):  # a draft is not
        assert draft.items.update(remark="可改") == len(ITEMS)


def test_dictionary_and_standard_come_with_the_entry_and_stay_with_each_version(cast: Cast):
    entry = queries.entry_of(
        with_bureau(
            cast.civil_operator,
            cast.civil_manager,
            standard="MZ/T 044",
            dictionary="性别：GB/T 2261.1",
        )
    )
    filed = queries.facts_of(queries.entry_for(cast.bureau_operator, entry.pk).text)
    assert (filed.standard, filed.dictionary) == ("MZ/T 044", "性别：GB/T 2261.1"), (
        "the bureau has it before it passes"
    )
    actions.pass_bureau(cast.bureau_operator, entry.case)
    actions.publish(cast.civil_operator, entry.case)
    reader = cast.housing_operator
    content = queries.versions_of(reader, queries.entry_for(reader, entry.pk))[0].content
    assert (content["standard"], content["dictionary"]) == ("MZ/T 044", "性别：GB/T 2261.1")
    item = content["items"][0]
    assert item["name"] == ITEMS[0]["name"] and {
        "column",
        "type",
        "length",
        "nullable",
        "is_key",
    } <= set(item)
    bare = drafted(cast.civil_operator, name="收养登记信息", standard="")
    assert "A9" in {
        finding.article
        for finding in queries.findings_of(queries.entry_for(cast.civil_operator, bare.pk).draft)
    }


def test_nobody_reviews_their_own_work(cast: Cast):
    """The bureau is provider itself: another person must review."""
    import dataclasses

    from huitong.kernel.actor import Post

    both = dataclasses.replace(cast.bureau_operator, posts=frozenset({Post.OPERATOR, Post.MANAGER}))
    entry = drafted(both)
    actions.submit(both, entry.case, cleared=["state", "work"])
    with pytest.raises(NotYours):
        actions.pass_department(both, entry.case, cleared=["state", "work"])
    actions.pass_department(cast.bureau_manager, entry.case, cleared=["state", "work"])
    with pytest.raises(NotYours):
        actions.pass_bureau(both, entry.case)


def test_strangers_and_wrong_states_are_refused(cast: Cast):
    entry = drafted(cast.civil_operator)
    with pytest.raises(NotVisible):
        actions.edit(cast.hr_operator, entry.case, summary="改一改别人的目录")
    with pytest.raises(NotYours):
        actions.edit(cast.civil_manager, entry.case, summary="负责人不改经办人的稿子")
    actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    with pytest.raises(AgainstRules):
        actions.edit(cast.civil_operator, entry.case, summary="审核中不得修改内容")
    with pytest.raises(NotVisible):
        actions.pass_bureau(cast.hr_operator, entry.case)


CLASSIFIED = "绝密工程人员名册"


@pytest.mark.parametrize(
    "given",
    [
        {"name": f"{CLASSIFIED}", "classified": True},
        {"name": f"涉密{CLASSIFIED}"},
        {"name": "人员名册", "summary": f"机密★20年 {CLASSIFIED}"},
        {"name": "人员名册", "items": [{"name": "姓名", "remark": f"(秘密){CLASSIFIED}"}]},
    ],
    ids=["declared", "name", "summary", "item"],
)
def test_classified_matter_is_refused_and_nothing_of_it_is_stored(cast: Cast, given):
    before = LedgerEntry.objects.count()
    with pytest.raises(AgainstRules) as refused:
        actions.draft(cast.civil_operator, **given)
    assert (
        refused.value.article == "A3"
        and CLASSIFIED not in str(refused.value)
        and "未保存" in refused.value.detail
    )
    assert (
        LedgerEntry.objects.count() == before
        and not Entry.objects.exists()
        and not Case.objects.filter(kind="entry").exists()
    )
    assert not everywhere(CLASSIFIED)


def test_classified_matter_slipped_into_an_edit_or_a_remark_is_refused_too(cast: Cast):
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    with pytest.raises(AgainstRules):
        actions.return_bureau(
            cast.bureau_operator,
            case,
            ground="badly_named",
            remarks={"name": f"涉密：{CLASSIFIED}"},
        )
    actions.return_bureau(
        cast.bureau_operator, case, ground="badly_named", remarks={"name": "请改名"}
    )
    for changes in (
        {"classified": True},
        {"remark": f"密级：秘密 {CLASSIFIED}"},
        {"items": [{"name": f"涉 密 {CLASSIFIED}"}]},
    ):
        with pytest.raises(AgainstRules):
            actions.edit(cast.civil_operator, case, **changes)
    assert not everywhere(CLASSIFIED)


def everywhere(text: str) -> list[str]:
    """Tables of this database in which the text stands, in whatever column."""
    tables = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND"
            " table_type = 'BASE TABLE'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{text}%"])
            if cursor.fetchone()[0]:
                tables.append(table)
    return tables


def test_the_search_of_the_whole_database_does_find_things(cast: Cast):
    actions.draft(cast.civil_operator, name="独一无二的资源名称")
    assert {"catalog_version", "kernel_case", "kernel_entry"} <= set(
        everywhere("独一无二的资源名称")
    )


def test_what_follows_from_a_choice(cast: Cast):
    entry = drafted(
        cast.civil_operator,
        shapes=["named_bodies", "masked"],
        named_bodies=[cast.body("housing").pk],
        category="209",
    )
    assert "209" in entry.draft.themes, "a theme category is a theme"
    with pytest.raises(Malformed) as wrong:
        actions.edit(cast.civil_operator, entry.case, named_bodies=[987654])
    assert "named_bodies" in wrong.value.fields
    entry = actions.edit(cast.civil_operator, entry.case, share_class="1")
    assert (
        entry.draft.shapes == [] and entry.draft.named_bodies == [] and entry.draft.condition == ""
    )
    with pytest.raises(NotVisible):
        actions.edit(cast.civil_operator, entry.case, system=987654)
    entry = actions.edit(
        cast.civil_operator,
        entry.case,
        shapes=["comparison"],
        named_bodies=[cast.body("housing").pk],
    )
    assert entry.draft.shapes == entry.draft.named_bodies == [], (
        "who shares unconditionally has no condition, by whichever door"
    )


def test_items_keep_what_the_scan_found(cast: Cast):
    entry = actions.draft(
        cast.civil_operator,
        name="婚姻登记信息",
        items=[
            {
                "name": "姓名",
                "column": "m_name",
                "column_type": "varchar(50)",
                "suggestion": {"kind": "name", "reason": "像姓名"},
            }
        ],
    )
    entry = actions.edit(
        cast.civil_operator,
        entry.case,
        items=[{"name": "男方姓名", "column": "m_name"}, {"name": "备注", "column": "memo"}],
    )
    first, second = entry.draft.items.all()
    assert (first.name, first.column_type, first.suggestion["kind"]) == (
        "男方姓名",
        "varchar(50)",
        "name",
    ) and first.mask == "blank"
    assert second.column_type == ""


def test_the_scope_of_an_entry_is_what_may_leave_at_most(cast: Cast):
    items = [*ITEMS[:-1], ITEMS[-1] | {"share_class": "3"}]
    entry = published(
        cast.civil_operator,
        cast.civil_manager,
        cast.bureau_operator,
        items=items,
        shapes=["masked", "partial_items"],
        control_parameters=[{"name": "matter", "title": "事项编码"}],
    )
    scope = queries.scope_of(entry.published)
    assert scope.items == ("登记编号", "男方姓名", "男方身份号码", "登记日期") and set(
        scope.masks
    ) == {"男方姓名", "男方身份号码"}
    assert [p.name for p in scope.control_parameters] == ["matter"]
    assert queries.admits(entry, cast.body("housing").pk) and COMPLETE["share_class"] == "2"
