"""Who drafts, who publishes, what stays and what gives way (A4, A9, A12, A35)."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, transaction
from PIL import Image
from tests.cast import Cast

from huitong.documents import actions, queries
from huitong.documents.models import Document, DocumentVersion
from huitong.documents.rules import Audience, DocumentState, Standing
from huitong.documents.tests.issued import WORDS, act, by_bureau, drafted, issued, own_rules
from huitong.kernel import doing
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import today
from huitong.work.actions import attach

pytestmark = pytest.mark.django_db
S = DocumentState


def readable(actor: Any) -> set[int]:
    return set(queries.visible_to(actor).values_list("pk", flat=True))


def standing(document: Document, on: Any = None) -> Standing:
    """What the version is on a day that stands on it."""
    row = Document.objects.get(pk=document.pk)
    versions = list(row.versions.exclude(number=None).order_by("-number"))
    version = queries.version_held_of(versions, on or today())
    return queries.standings([version], on)[version.pk]


def holding(actor: Any, on: Any = None, **narrow: Any) -> list[Document]:
    return [version.document for version in queries.in_force(actor, on, **narrow)]


def test_one_drafts_and_another_publishes(cast: Cast) -> None:
    case = drafted(cast.bureau_operator)
    assert case.state == S.DRAFT and not readable(cast.civil_operator)
    with pytest.raises(NotVisible):
        act(cast.civil_operator, case, "submit")
    with pytest.raises(NotYours):
        act(cast.bureau_operator, case, "publish")
    act(cast.bureau_operator, case, "submit")
    with pytest.raises(Malformed):
        act(cast.bureau_manager, case, "send_back")
    act(cast.bureau_manager, case, "send_back", reasons="请补充适用范围")
    act(cast.bureau_operator, case, "edit", **WORDS | {"wording": "适用于各部门。"})
    document = issued(cast.bureau_operator, cast.bureau_manager, case)
    assert document.current is not None and document.current.number == 1
    assert document.current.in_force == today() and standing(document) == Standing.IN_FORCE
    assert document.current.articles == ["A4"] and readable(cast.civil_operator) == {document.pk}
    ledger = Entry.objects.filter(case=case.pk).order_by("seq").values_list("verb", "article")
    assert [verb.partition(".")[2] for verb, _ in ledger] == [
        "draft",
        "submit",
        "send_back",
        "edit",
        "submit",
        "publish",
    ]
    assert {article for _, article in ledger} == {"A4"}


@pytest.mark.parametrize(
    ("kind", "article"),
    [("code_rule", "A7"), ("interpretation", "A35"), ("circular", "A31"), ("minutes", "A4")],
)
def test_it_is_published_under_the_article_of_its_kind(cast: Cast, kind: str, article: str) -> None:
    document = by_bureau(cast, kind=kind, articles=["A22"])
    entry = Entry.objects.get(verb="city_document.publish", object_id=str(document.pk))
    assert (entry.article, document.current.articles) == (article, ["A22"])


def test_nobody_publishes_what_they_drafted(cast: Cast) -> None:
    """Somebody with both posts is still one person."""
    both = cast.bureau_operator.through()
    both = type(both)(**{**both.__dict__, "posts": both.posts | cast.bureau_manager.posts})
    case = drafted(both)
    act(both, case, "submit")
    with pytest.raises(NotYours):
        act(both, case, "publish")
    with pytest.raises(NotYours):
        act(both, case, "send_back", reasons="自己退回自己")
    act(cast.bureau_manager, case, "publish")


def test_only_the_bureau_makes_rules_for_the_city_and_interprets(cast: Cast) -> None:
    for kind in ("rules", "interpretation"):
        with pytest.raises(NotYours):
            drafted(cast.civil_operator, kind=kind, articles=["A22"])
        with pytest.raises(Malformed):
            doing.perform(cast.civil_operator, "body_document.draft", WORDS | {"kind": kind})
    with pytest.raises(Malformed):
        doing.perform(cast.bureau_operator, "city_document.draft", WORDS | {"kind": "own_rules"})
    with pytest.raises(Malformed) as wrong:
        act(
            cast.bureau_operator,
            drafted(cast.bureau_operator, kind="interpretation", articles=[]),
            "submit",
        )
    assert list(wrong.value.fields) == ["articles"], "what an interpretation interprets"
    with pytest.raises(Malformed) as wrong:
        drafted(cast.bureau_operator, articles=["A99"])
    assert list(wrong.value.fields) == ["articles"]


def test_a_department_makes_its_own_rules(cast: Cast) -> None:
    assert set(queries.departments_with_rules(cast.bureau_operator).filter(rules=None)) == {
        cast.body(name) for name in ("bureau", "civil", "hr", "housing", "finance", "stranger")
    }, "counties have rules of their own level (A6)"
    assert set(queries.departments_with_rules(cast.civil_operator)) == {cast.body("civil")}
    document = own_rules(cast, audience="own")
    assert document.current.articles == ["A12"] and document.body == cast.body("civil")
    bodies = queries.departments_with_rules(cast.bureau_operator)
    assert bodies.get(pk=document.body_id).rules == document.pk
    assert cast.body("hr") in bodies.filter(rules=None)
    act(cast.civil_manager, document.current.case, "repeal", reasons="内容已经过时，另行制定")
    assert bodies.get(pk=document.body_id).rules is None


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        ("bodies", {"civil_operator", "civil_manager", "hr_operator", "rudong_operator"}),
        ("named", {"civil_operator", "civil_manager"}),
        ("own", set()),
        (
            "everybody",
            {
                "civil_operator",
                "civil_manager",
                "hr_operator",
                "rudong_operator",
                "system_admin",
                "platform_operator",
            },
        ),
    ],
)
def test_it_is_read_by_those_it_is_published_to(
    cast: Cast, audience: str, readers: set[str]
) -> None:
    document = by_bureau(cast, audience=audience, bodies=[cast.body("civil").pk])
    for name in (
        "civil_operator",
        "civil_manager",
        "hr_operator",
        "rudong_operator",
        "system_admin",
        "platform_operator",
    ):
        actor = getattr(cast, name)
        assert (document.pk in readable(actor)) == (name in readers), name
        if name not in readers:
            with pytest.raises(NotVisible):
                queries.document_for(actor, document.pk)
            assert not queries.versions_of(actor, document)
            with pytest.raises(NotVisible):
                queries.version_for(actor, document.pk, document.current.pk)
    for actor in (cast.bureau_operator, cast.bureau_manager):
        assert document.pk in readable(actor)
    people = {cast.person(name).pk for name in readers}
    others = {cast.person(n).pk for n in ("hr_operator", "system_admin", "civil_operator")}
    recipients = set(queries.readers_of(queries.version_of(document.current.case)))
    assert people <= recipients and not recipients & (others - people)


def test_a_departments_own_rules_are_read_by_it_and_the_bureau(cast: Cast) -> None:
    document = own_rules(cast, audience="own")
    for actor, reads in (
        (cast.civil_operator, True),
        (cast.bureau_operator, True),
        (cast.hr_operator, False),
        (cast.audit_admin, False),
    ):
        assert (document.pk in readable(actor)) is reads


def test_what_is_published_is_frozen_even_past_the_models(cast: Cast) -> None:
    document = by_bureau(cast)
    version = document.current
    with pytest.raises(AgainstRules):
        act(cast.bureau_operator, version.case, "edit", **WORDS)
    draft = DocumentVersion.objects.get(case=drafted(cast.bureau_operator))
    rows = DocumentVersion.objects.filter(pk=version.pk)
    for attempt in (
        lambda: rows.update(wording="改过的正文"),
        lambda: rows.update(number=None),
        lambda: rows.update(until=today()),
        lambda: rows._raw_delete("default"),
    ):
        with writing("test"), pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            attempt()
    for statement in (
        f"UPDATE documents_document SET current_id = {draft.pk} WHERE id = {draft.document_id}",
        f"UPDATE documents_document SET current_id = {version.pk} WHERE id = {draft.document_id}",
        "TRUNCATE documents_documentversion CASCADE",
    ):
        with (
            writing("test"),
            pytest.raises(DatabaseError, match="published"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement)


def test_a_new_version_takes_the_place_of_the_old_one_on_its_day(cast: Cast) -> None:
    document, day = by_bureau(cast), today() + timedelta(30)
    first = document.current
    revise = doing.perform(
        cast.bureau_operator, "city_document.revise", {"document": document.pk}
    ).case
    with pytest.raises(AgainstRules, match="已有新版本在起草"):
        doing.perform(cast.bureau_operator, "city_document.revise", {"document": document.pk})
    draft = queries.version_of(revise)
    assert (draft.title, draft.wording, draft.in_force) == (first.title, first.wording, None)
    with pytest.raises(Malformed):
        act(cast.bureau_operator, revise, "edit", **WORDS | {"kind": "rules"})
    words = WORDS | {"wording": "新的正文", "in_force": day.isoformat()}
    act(cast.bureau_operator, revise, "edit", **words)
    issued(cast.bureau_operator, cast.bureau_manager, revise)
    document = Document.objects.get(pk=document.pk)
    assert [v.number for v in queries.versions_of(cast.civil_operator, document)] == [2, 1]
    assert Case.objects.get(pk=first.case_id).state == S.REPLACED
    assert standing(document) == Standing.IN_FORCE, "the first one still holds"
    for on in (today(), day - timedelta(1), day):
        assert holding(cast.civil_operator, on) == [document]
    with pytest.raises(AgainstRules):
        act(cast.bureau_manager, first.case, "repeal", reasons="废止旧版本")
    assert not holding(cast.civil_operator, today() - timedelta(1))


def test_a_document_replaces_others_and_they_stay_readable(cast: Cast) -> None:
    old, other = by_bureau(cast), own_rules(cast)
    with pytest.raises(Malformed) as wrong:
        drafted(cast.bureau_operator, replaces=[other.pk])
    assert list(wrong.value.fields) == ["replaces"], "another body's"
    new = by_bureau(cast, title="婚姻登记数据标准（2026版）", replaces=[old.pk])
    old = queries.document_for(cast.civil_operator, old.pk)
    assert old.successor == new and standing(old) == Standing.REPLACED
    assert "2026版" in old.ended_why
    assert Case.objects.get(pk=old.current.case_id).state == S.REPLACED
    assert holding(cast.civil_operator, document__kind="standard") == [new]
    with pytest.raises(AgainstRules, match="由其他文件替代"):
        doing.perform(cast.bureau_operator, "city_document.revise", {"document": old.pk})


def test_a_repeal_has_reasons_and_a_day(cast: Cast) -> None:
    document, later = by_bureau(cast), today() + timedelta(10)
    case = document.current.case
    with pytest.raises(NotYours):
        act(cast.bureau_operator, case, "repeal", reasons="经办人不能废止")
    with pytest.raises(Malformed):
        act(cast.bureau_manager, case, "repeal")
    with pytest.raises(Malformed) as wrong:
        act(
            cast.bureau_manager,
            case,
            "repeal",
            reasons="上级标准已发布",
            since=(today() - timedelta(1)).isoformat(),
        )
    assert list(wrong.value.fields) == ["since"]
    draft = doing.perform(
        cast.bureau_operator, "city_document.revise", {"document": document.pk}
    ).case
    act(cast.bureau_operator, draft, "submit")
    act(cast.bureau_manager, case, "repeal", reasons="上级标准已发布", since=later.isoformat())
    assert [standing(document, on) for on in (today(), later)] == [
        Standing.IN_FORCE,
        Standing.REPEALED,
    ]
    assert document.pk in readable(cast.civil_operator)
    with pytest.raises(AgainstRules, match="不能再有新版本"):
        act(cast.bureau_manager, draft, "publish")


def test_a_draft_given_up_leaves_the_document_as_it_was(cast: Cast) -> None:
    document = by_bureau(cast)
    for _ in range(2):  # and makes room for the next
        draft = doing.perform(
            cast.bureau_operator, "city_document.revise", {"document": document.pk}
        ).case
        act(cast.bureau_operator, draft, "discard")
    assert not queries.drafts_of_body(cast.bureau_operator)
    with pytest.raises(NotVisible):
        doing.perform(cast.civil_operator, "body_document.revise", {"document": document.pk})


def test_a_file_is_read_with_its_document(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    upload = ContentFile(b"%PDF-1.4 not a paper", name="standard.pdf")
    with pytest.raises(Malformed):  # looked at by its content
        attach(cast.bureau_operator, upload=upload)
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    upload = ContentFile(picture.getvalue(), name="标准.png")
    file = attach(cast.bureau_operator, upload=upload)
    with pytest.raises(Malformed):  # somebody else's
        drafted(cast.civil_operator, kind="own_rules", file=file.pk)
    document = by_bureau(cast, wording="", file=file.pk)
    assert document.current.file == file and len(document.current.sha256) == 64
    version = queries.version_for(cast.hr_operator, document.pk, document.current.pk)
    assert version.file == file


def test_search_by_words_kind_body_article_and_day(cast: Cast) -> None:
    standard = by_bureau(cast, articles=["A9", "D16"])
    rules = own_rules(cast)
    old = by_bureau(
        cast,
        kind="rules",
        title="考核办法",
        document_number="",
        wording="每年一次。",
        in_force="2020-02-19",
        until=today().isoformat(),
        audience=Audience.EVERYBODY,
    )

    def hits(**narrow: Any) -> set[int]:
        rows = queries.search(cast.civil_operator, **narrow)
        return set(rows.values_list("document", flat=True))

    assert hits() == {standard.pk, rules.pk, old.pk}
    assert hits(q="婚姻 标准") == hits(q="〔2026〕3号 日期") == {standard.pk}
    assert hits(q="姓名不加空格") >= {standard.pk} and hits(q="没有这样的词") == set()
    assert hits(kind="own_rules") == hits(body=cast.body("civil").pk) == {rules.pk}
    assert hits(article="D16") == {standard.pk} and hits(article="A12") == {rules.pk}
    assert hits(on=today() + timedelta(1)) == {standard.pk, rules.pk}
    assert hits(on=today() - timedelta(1)) == {old.pk}
    assert [v.document for v in queries.on_article(cast.civil_operator, "A9")] == [standard]


def test_a_body_that_is_followed_leaves_its_documents_to_the_heir(cast: Cast) -> None:
    rules = own_rules(cast)
    notice = by_bureau(cast, kind="notice", audience=Audience.NAMED, bodies=[cast.body("civil").pk])
    heir = cast.body("hr").pk
    for _ in range(2):
        actions.pass_on(cast.system, predecessors=[cast.body("civil").pk], heir=heir, on=today())
    assert Document.objects.get(pk=rules.pk).body_id == heir
    assert {rules.pk, notice.pk} <= readable(cast.hr_operator)
    assert notice.pk not in readable(cast.civil_operator)


def test_classified_text_is_refused_and_kept_nowhere(cast: Cast) -> None:
    with pytest.raises(AgainstRules):
        drafted(cast.bureau_operator, wording="机密★10年\n\n内容")
    assert not DocumentVersion.objects.exists()
