"""Who follows a case hears of each step, until they may read it no longer."""

from __future__ import annotations

import pytest
from tests.cast import Cast
from tests.toy import actions as toy

from huitong.kernel.ledger import writing
from huitong.kernel.procedure import NotVisible
from huitong.organizations.models import Posting
from huitong.work import actions, jobs, queries
from huitong.work.models import Follow
from huitong.work.queries import Tab
from huitong.work.rules import NoticeKind
from huitong.work.tests import made
from huitong.work.tests.inbox import pending, react

pytestmark = pytest.mark.django_db


def followed(actor) -> list[int]:
    return list(queries.tab_cases(actor, Tab.FOLLOWED).values_list("pk", flat=True))


def test_each_step_is_told_to_who_follows_and_not_twice_to_who_is_told_anyway(cast: Cast) -> None:
    case = made.room(cast, sent=False)
    for who in (cast.housing_operator, cast.housing_manager):
        actions.follow(who, case=case.pk)
    actions.follow(cast.housing_operator, case=case.pk)
    assert Follow.objects.count() == 2
    toy.send(cast.housing_manager, case)
    react()
    (notice,) = pending(cast.housing_operator, NoticeKind.FOLLOWED)
    assert "提交借用" in notice.text and "待答复" in notice.text
    assert pending(cast.housing_manager, NoticeKind.FOLLOWED) == []  # their own act
    actions.follow(cast.civil_manager, case=case.pk)
    case.refresh_from_db()
    toy.lend(cast.civil_manager, case)
    react()
    # who began it hears of the end as its opener
    assert len(pending(cast.housing_operator, NoticeKind.FOLLOWED)) == 1
    assert len(pending(cast.housing_operator, NoticeKind.RESULT)) == 1
    assert len(pending(cast.housing_manager, NoticeKind.FOLLOWED)) == 1


def test_told_late_a_follower_hears_what_the_step_came_to(cast: Cast) -> None:
    """Half a minute later the case is decided already: each step is told with its own result, the
    first to its opener too, who hears of the end as such."""
    case = made.room(cast, sent=False)
    actions.follow(cast.housing_operator, case=case.pk)
    toy.send(cast.housing_manager, case)
    actions.follow(cast.bureau_operator, case=case.pk)
    case.refresh_from_db()
    toy.lend(cast.civil_manager, case)
    react()
    texts = [n.text for n in pending(cast.bureau_operator, NoticeKind.FOLLOWED)]
    assert len(texts) == 2
    for step, state in (("提交借用", "待答复"), ("同意借用", "已同意")):
        assert any(f"“{step}”，现为“{state}”" in text for text in texts), texts
    (sent,) = pending(cast.housing_operator, NoticeKind.FOLLOWED)
    assert "提交借用" in sent.text


def test_followed_cases_are_a_list_of_the_workbench(cast: Cast) -> None:
    case = made.room(cast)
    client = cast.client("bureau_operator")
    text = client.get(f"/cases/{case.pk}/").content.decode()
    assert ">关注</button>" in text
    back = client.post(
        "/do/work.follow/", {"case": case.pk, "next": f"/cases/{case.pk}/"}, follow=True
    ).content.decode()
    assert "取消关注" in back and followed(cast.bureau_operator) == [case.pk]
    assert "协调会" in client.get("/todo/?tab=followed").content.decode()
    client.post("/do/work.unfollow/", {"case": case.pk, "next": f"/cases/{case.pk}/"})
    assert followed(cast.bureau_operator) == []


def test_one_follows_only_what_one_may_read(cast: Cast) -> None:
    case = made.room(cast)
    with pytest.raises(NotVisible):
        actions.follow(cast.stranger_operator, case=case.pk)


def test_following_ends_with_the_right_to_read(cast: Cast) -> None:
    case = made.room(cast)
    actions.follow(cast.civil_operator, case=case.pk)
    actions.follow(cast.bureau_manager, case=case.pk)
    actions.copy_to(cast.civil_manager, case=case.pk, to=[cast.person("civil_operator").pk])
    with writing("test"):
        Posting.objects.filter(person=cast.civil_operator.person).update(body=cast.body("stranger"))
    assert followed(cast.civil_operator) == [case.pk]  # an actor made before; the rest asks anew
    assert queries.followers_of(case) == [cast.bureau_manager.person]
    toy.lend(cast.civil_manager, case)
    react()
    assert len(pending(cast.bureau_manager, NoticeKind.FOLLOWED)) == 1
    jobs.watch_clocks(0)
    assert [f.person_id for f in Follow.objects.all()] == [cast.bureau_manager.person]


def test_a_copy_is_a_right_to_follow_as_long_as_it_lasts(cast: Cast) -> None:
    case = made.room(cast)
    actions.copy_to(cast.civil_manager, case=case.pk, to=[cast.person("civil_operator").pk])
    actions.follow(cast.civil_operator, case=case.pk)
    assert queries.followers_of(case) == [cast.civil_operator.person]
