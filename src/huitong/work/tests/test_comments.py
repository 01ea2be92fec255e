"""Words between the parties of a case: recorded, told, outside of every decision; seen by the
parties and the bureau alone."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.cast import Cast
from tests.toy import actions as toy

from huitong.kernel import doing
from huitong.kernel.case import Case, entries_of
from huitong.kernel.ledger import Entry
from huitong.kernel.manifest import EventKind
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.organizations import actions as organizations
from huitong.work import actions, queries
from huitong.work.models import Comment, Notice
from huitong.work.rules import NoticeKind
from huitong.work.tests import made
from huitong.work.tests.inbox import outcomes, pending

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast: Cast) -> Case:
    result: Case = made.room(cast)
    return result


def page(cast: Cast, who: str, case: Case, query: str = "") -> str:
    answer = cast.client(who).get(f"/cases/{case.pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_question_is_recorded_told_and_ends_with_its_answer(cast: Cast, case: Case) -> None:
    question = actions.comment(
        cast.housing_operator, case=case.pk, text="会议室能坐多少人？", to=[cast.body("civil").pk]
    )
    entry = Entry.objects.get(verb="work.comment")
    assert entry.after["text"] == "会议室能坐多少人？" and entry.object_id == str(question.pk)
    assert len(pending(cast.civil_operator, NoticeKind.COMMENT)) == 1
    assert pending(cast.bureau_operator, NoticeKind.COMMENT) == []  # not asked
    text = page(cast, "civil_manager", case)
    assert "询问市民政局" in text and "会议室能坐多少人？" in text
    answer = actions.answer_comment(cast.civil_manager, comment=question.pk, text="三十人。")
    assert answer.answers_id == question.pk
    assert outcomes(cast.civil_operator, NoticeKind.COMMENT) == [
        f"已由{cast.civil_manager.name}答复"
    ]
    (notice,) = pending(cast.housing_operator, NoticeKind.COMMENT)
    assert notice.text == "三十人。" and notice.url == answer.get_absolute_url()
    assert "三十人。" in page(cast, "housing_manager", case, "?kind=comment")


def test_a_word_to_nobody_in_particular_reaches_the_other_parties(cast: Cast, case: Case) -> None:
    actions.comment(cast.civil_operator, case=case.pk, text="请尽早告知人数。")
    assert len(pending(cast.housing_operator, NoticeKind.COMMENT)) == 1
    assert len(pending(cast.bureau_operator, NoticeKind.COMMENT)) == 1
    assert pending(cast.civil_manager, NoticeKind.COMMENT) == []


def test_it_stands_for_no_step_and_no_opinion(cast: Cast, case: Case) -> None:
    before = (case.state, case.awaiting, case.hands)
    actions.comment(cast.civil_operator, case=case.pk, text="同意借用。")
    case.refresh_from_db()
    assert (case.state, case.awaiting, case.hands) == before
    assert not Entry.objects.filter(case=case.pk, verb="work.comment").exists()
    steps = page(cast, "civil_manager", case, "?kind=step")
    assert "同意借用。" not in steps
    with pytest.raises(Malformed):  # a refusal states its own reasons
        toy.refuse(cast.civil_manager, case, reasons="")


@pytest.mark.parametrize("who", ["stranger_operator", "stranger_manager", "rudong_manager"])
def test_a_stranger_neither_reads_nor_writes(cast: Cast, case: Case, who: str) -> None:
    message = actions.comment(cast.housing_operator, case=case.pk, text="会议室能坐多少人？")
    actor = getattr(cast, who)
    for attempt in (
        lambda: actions.comment(actor, case=case.pk, text="我也想问"),
        lambda: actions.answer_comment(actor, comment=message.pk, text="我来答"),
        lambda: actions.withdraw_comment(actor, comment=message.pk),
    ):
        with pytest.raises(NotVisible):
            attempt()
    assert list(queries.comments_of(actor, case)) == []
    assert cast.client(who).get(f"/api/cases/{case.pk}/comments").status_code in (401, 404)


def test_who_has_a_copy_reads_the_case_and_none_of_its_talk(cast: Cast, case: Case) -> None:
    """A copy is for information: what the parties say to each other is not in it."""
    actions.comment(cast.housing_operator, case=case.pk, text="会议室能坐多少人？")
    from huitong.kernel.ledger import writing
    from huitong.work.models import Copy

    with writing("test"):
        Copy.objects.create(
            case=case, person_id=cast.stranger_operator.person, body=cast.stranger_operator.body
        )
    text = page(cast, "stranger_operator", case)
    assert "会议室能坐多少人" not in text and "与各方交流" not in text
    with pytest.raises(NotYours):
        actions.comment(cast.stranger_operator, case=case.pk, text="我也想问")


def test_one_speaks_only_of_what_the_others_can_see(cast: Cast) -> None:
    draft = made.room(cast, sent=False)
    with pytest.raises(AgainstRules):
        actions.comment(cast.housing_operator, case=draft.pk, text="请看一下")
    assert "与各方交流" not in page(cast, "housing_operator", draft)
    with pytest.raises(NotVisible):
        actions.comment(cast.civil_operator, case=draft.pk, text="请看一下")


def test_only_a_party_is_asked(cast: Cast, case: Case) -> None:
    with pytest.raises(Malformed):
        actions.comment(
            cast.housing_operator, case=case.pk, text="请问", to=[cast.body("stranger").pk]
        )


def test_what_is_marked_as_classified_is_refused_and_kept_nowhere(cast: Cast, case: Case) -> None:
    with pytest.raises(AgainstRules):
        actions.comment(cast.housing_operator, case=case.pk, text="附机密★20年文件要点")
    assert not Comment.objects.exists() and not Notice.objects.filter(kind="comment").exists()


def test_ones_own_word_is_withdrawn_struck_out_and_kept(cast: Cast, case: Case) -> None:
    message = actions.comment(cast.housing_operator, case=case.pk, text="人数写错了，是二十人。")
    with pytest.raises(NotYours):
        actions.withdraw_comment(cast.housing_manager, comment=message.pk)
    actions.withdraw_comment(cast.housing_operator, comment=message.pk)
    assert pending(cast.civil_operator, NoticeKind.COMMENT) == []
    assert outcomes(cast.civil_operator, NoticeKind.COMMENT) == ["已由本人撤回"]
    text = page(cast, "civil_operator", case)
    assert "<s>人数写错了，是二十人。</s>" in text and "已撤回" in text
    assert Entry.objects.filter(verb="work.comment", after__text__icontains="二十人").exists()
    with pytest.raises(AgainstRules):
        actions.withdraw_comment(cast.housing_operator, comment=message.pk)
    with pytest.raises(AgainstRules):
        actions.answer_comment(cast.civil_operator, comment=message.pk, text="好的。")


def test_it_is_evidence_of_the_case_and_stands_in_its_record_once(cast: Cast, case: Case) -> None:
    """Each word, answer and withdrawal is an act of the case: for its evidence and the API. On the
    page the words stand once, as what was said."""
    question = actions.comment(
        cast.housing_operator, case=case.pk, text="会议室能坐多少人？", to=[cast.body("civil").pk]
    )
    actions.answer_comment(cast.civil_operator, comment=question.pk, text="三十人。")
    actions.withdraw_comment(cast.housing_operator, comment=question.pk)
    verbs = ["work.comment", "work.answer_comment", "work.withdraw_comment"]
    assert [e.verb for e in entries_of(case.pk)][-3:] == verbs
    token = organizations.create_token(cast.civil_manager, label="核对", days=1)["token"]
    client = Client(headers={"Authorization": f"Bearer {token}"})
    answer = client.get(f"/api/cases/{case.pk}/entries").json()
    listed = [row["verb"] for row in answer["items"]]
    assert [verb for verb in listed if verb in verbs] == verbs
    for kind in (None, EventKind.COMMENT):
        record = queries.timeline(cast.civil_manager, case, {}, kind=kind)
        assert [line.get("opinion") for line in record.lines].count("会议室能坐多少人？") == 1
        assert len([line for line in record.lines if line.get("kind") == EventKind.COMMENT]) == 2
    acts = queries.timeline(cast.civil_manager, case, {}, kind=EventKind.ACT)
    assert not {line["verb"] for line in acts.lines} & set(verbs)


def test_page_api_and_command_have_it_by_themselves(cast: Cast, case: Case) -> None:
    client = cast.client("civil_operator")
    done = client.post(
        "/do/work.comment/",
        {"case": case.pk, "text": "请尽早告知人数。", "to": cast.body("housing").pk},
    )
    message = Comment.objects.get()
    assert done.status_code == 302 and done.url == message.get_absolute_url()
    assert message.to == [cast.body("housing").pk]
    wrong = client.post("/do/work.comment/", {"case": case.pk, "text": ""})
    assert wrong.status_code == 422
    assert doing.VERBS["work.answer_comment"].offered and doing.VERBS["work.follow"].offered
