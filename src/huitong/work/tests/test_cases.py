"""The four lists, claiming and handing over, copies; and that no page asks the database more
than it may."""

from __future__ import annotations

import csv
import io

import pytest
from django.apps import apps
from django.test import Client
from tests.toy import actions as toy

from huitong.kernel import doing
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import load_calendar
from huitong.organizations.queries import actor_for
from huitong.work import actions, queries
from huitong.work.queries import Tab
from huitong.work.tests import made

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(cast):
    """A second manager at Civil Affairs."""
    with writing("test"):
        person = apps.get_model("organizations", "Person").objects.create(
            username="second", name="钱二"
        )
        apps.get_model("organizations", "Posting").objects.create(
            person=person, body=cast.body("civil"), post="manager", valid_from="2020-01-01"
        )
    return actor_for(person)


def listed(actor, tab):
    return set(queries.tab_cases(actor, tab).values_list("pk", flat=True))


SEATS = [
    f"{body}_{post}"
    for body in ("housing", "civil", "bureau", "stranger")
    for post in ("operator", "manager")
]


def test_a_case_is_listed_where_the_table_says_and_nowhere_else(cast):
    draft, sent, lent = (
        made.room(cast, "甲甲", sent=False),
        made.room(cast, "乙乙"),
        made.room(cast, "丙丙"),
    )
    toy.lend(cast.civil_manager, lent)
    everything = {draft.pk, sent.pk, lent.pk}
    expected = {
        Tab.WAITING: {"housing_manager": {draft.pk}, "civil_manager": {sent.pk}},
        # the draft has not left the body: to its manager it waits for nobody else
        Tab.ELSEWHERE: {"housing_operator": {draft.pk, sent.pk}, "housing_manager": {sent.pk}},
        Tab.DONE: {
            "housing_operator": everything,
            "housing_manager": {sent.pk, lent.pk},
            "civil_manager": {lent.pk},
        },
        Tab.MINE: {"housing_operator": everything},
        Tab.CC: {},
        Tab.FOLLOWED: {},
    }
    actual = {
        tab: {seat: rows for seat in SEATS if (rows := listed(getattr(cast, seat), tab))}
        for tab in Tab
    }
    assert actual == expected


def test_who_takes_a_case_keeps_it_from_colleagues(cast, colleague):
    case = made.room(cast)
    actions.claim(cast.civil_manager, case=case.pk)
    assert (
        listed(cast.civil_manager, Tab.WAITING) == {case.pk}
        and listed(colleague, Tab.WAITING) == set()
    )
    with pytest.raises(AgainstRules, match="已由其他人员领办"):
        toy.lend(colleague, case)
    with pytest.raises(AgainstRules):
        actions.claim(colleague, case=case.pk)
    client = Client()
    client.force_login(apps.get_model("organizations", "Person").objects.get(pk=colleague.person))
    page = client.get(f"/cases/{case.pk}/").content.decode()
    assert (
        f"该事项已由{cast.civil_manager.name}领办" in page and f"/cases/{case.pk}/lend/" not in page
    )
    actions.give_back(cast.civil_manager, case=case.pk)
    assert f"/cases/{case.pk}/lend/" in client.get(f"/cases/{case.pk}/").content.decode()
    toy.lend(colleague, case)
    assert Case.objects.get(pk=case.pk).state == "lent"


def test_a_case_in_which_the_bureau_sits_on_two_sides_says_so(cast):
    own, other = made.room(cast, "本局使用", asker="bureau"), made.room(cast, "他局使用")
    assert queries.bureau_also(own) == ["使用部门"] and queries.bureau_also(other) == []
    remark = "同时是使用部门"
    assert remark in cast.client("bureau_manager").get(f"/cases/{own.pk}/").content.decode()
    assert remark not in cast.client("civil_manager").get(f"/cases/{other.pk}/").content.decode()


def test_claiming_is_refused_away_from_the_desk(cast):
    case = made.room(cast)
    with pytest.raises(NotYours):
        actions.claim(cast.housing_manager, case=case.pk)
    with pytest.raises(NotYours):
        actions.claim(cast.civil_operator, case=case.pk)
    with pytest.raises(NotVisible):
        actions.claim(cast.stranger_manager, case=case.pk)
    assert Case.objects.get(pk=case.pk).holder is None


def test_who_acted_in_one_seat_is_told_that_the_next_is_for_somebody_else(cast):
    with writing("test"):
        apps.get_model("organizations", "Posting").objects.create(
            person=cast.person("housing_operator"),
            body=cast.body("housing"),
            post="manager",
            valid_from="2020-01-01",
        )
    case = made.room(cast, sent=False)
    client = cast.client("housing_operator")
    page = client.get("/todo/").content.decode()
    assert "须由同岗位他人办理" in page and 'name="row"' not in page
    assert "领办</button>" not in client.get(f"/cases/{case.pk}/").content.decode()
    assert client.post("/do/work.claim/", {"case": case.pk}).status_code == 403
    assert client.get(f"/cases/{case.pk}/send/").status_code == 403


def test_a_deputy_of_whoever_drafted_is_told_that_a_third_person_has_to_submit(cast):
    manager, clerk = cast.person("housing_manager"), cast.person("housing_operator")
    with writing("test"):
        postings = apps.get_model("organizations", "Posting").objects
        postings.create(
            person=manager, body=cast.body("housing"), post="operator", valid_from="2020-01-01"
        )
        postings.create(
            person=clerk,
            body=cast.body("housing"),
            post="manager",
            valid_from="2020-01-01",
            valid_to="2099-01-01",
            deputy_of=manager,
        )
    given = {"lender": cast.body("civil").pk, "purpose": "协调会", "on": "2026-12-01"}
    case = doing.perform(actor_for(manager), "room.ask_room", given).case
    client, why = (
        cast.client("housing_operator"),
        f"您代理的{manager.name}已作为使用部门经办人经手该事项，",
    )
    assert f"{why}须由同岗位他人办理" in client.get("/todo/").content.decode()
    for answer, rest in (
        (client.get(f"/cases/{case.pk}/send/"), "“提交借用”须由另一人办理"),
        (client.post("/do/work.claim/", {"case": case.pk}), "不能领办本环节"),
    ):
        assert answer.status_code == 403 and why + rest in answer.content.decode()


def test_handing_over_goes_to_the_same_desk_and_is_told(cast, colleague):
    case = made.room(cast)
    actions.claim(cast.civil_manager, case=case.pk)
    with pytest.raises(Malformed) as refused:
        actions.hand_over(cast.civil_manager, case=case.pk, to=cast.housing_manager.person)
    assert "to" in refused.value.fields
    with pytest.raises(NotYours):
        actions.hand_over(cast.housing_manager, case=case.pk, to=colleague.person)
    actions.hand_over(cast.civil_manager, case=case.pk, to=colleague.person, words="我出差")
    assert listed(colleague, Tab.WAITING) == {case.pk}
    assert queries.unread_of(colleague).get().text == "我出差"
    assert Entry.objects.filter(verb="work.hand_over", after__holder=colleague.person).exists()


def test_a_copy_lets_a_person_read_and_nothing_more(cast):
    case = made.room(cast)
    reader = cast.person("civil_operator").pk
    with pytest.raises(Malformed):
        actions.copy_to(
            cast.housing_operator, case=case.pk, to=[cast.person("stranger_operator").pk]
        )
    actions.copy_to(cast.housing_operator, case=case.pk, to=[reader], words="供参阅")
    actions.copy_to(cast.housing_operator, case=case.pk, to=[reader])
    assert listed(cast.civil_operator, Tab.CC) == {case.pk}
    assert queries.unread_of(cast.civil_operator).count() == 1
    page = cast.client("civil_operator").get(f"/cases/{case.pk}/").content.decode()
    assert "同意借用" not in page.partition("审批流转记录")[0]


def test_lists_filter_sort_page_and_export(cast):
    cases = [made.room(cast, f"会议{n:02d}") for n in range(23)]
    with writing("test"):
        Case.objects.filter(pk=cases[0].pk).update(due_on="2026-01-05", title="=cmd()会议")
    client = cast.client("civil_manager")
    first, second = (
        client.get("/todo/").content.decode(),
        client.get("/todo/?page=2").content.decode(),
    )
    assert (
        "共 <b>23</b>" in first
        and first.count('name="row"') == 20
        and second.count('name="row"') == 3
    )
    assert "已超期" in first and "红牌" in first and first.index("=cmd()") < first.index("会议05")
    shorter = client.get("/todo/?page=9&sort=title")
    assert (shorter.status_code, shorter["Location"]) == (302, "/todo/?sort=title")
    late = client.get("/todo/?due=overdue").content.decode()
    assert late.count('name="row"') == 1
    assert client.get("/todo/?q=会议07").content.decode().count('name="row"') == 1
    assert (
        client.get(f"/todo/?body={cast.body('housing').pk}&kind=room")
        .content.decode()
        .count('name="row"')
        == 20
    )
    assert (
        client.get(f"/todo/?body={cast.body('stranger').pk}").content.decode().count('name="row"')
        == 0
    )
    down = client.get("/todo/?sort=-title").content.decode()
    assert down.index("会议22") < down.index("会议21")
    file = client.get("/todo/?format=csv&sort=title")
    rows = list(csv.reader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig"))))
    assert (
        len(rows) == 24
        and rows[0][:2] == ["编号", "标题"]
        and "'=cmd()会议" in {r[1] for r in rows}
    )


@pytest.mark.parametrize(
    "url",
    [
        "/todo/",
        "/todo/?tab=done",
        "/todo/?tab=mine",
        "/todo/?tab=cc",
        "/todo/?due=overdue&q=会",
        "/notices/",
    ],
)
def test_lists_stay_within_their_queries(cast, url, django_assert_max_num_queries):
    for n in range(5):
        made.room(cast, f"会议{n}")
    client = cast.client("civil_manager")
    client.get(url)
    with django_assert_max_num_queries(13):  # one of them: the person's own views of the list
        assert client.get(url).status_code == 200


def test_the_home_page_has_a_budget_for_the_panels_of_all_contexts(
    cast, django_assert_max_num_queries
):
    made.room(cast)
    client = cast.client("civil_manager")
    client.get("/")
    with django_assert_max_num_queries(26):  # here in a transaction, so that no answer is reused
        assert client.get("/").status_code == 200


def test_a_case_page_does_not_ask_more_for_a_longer_record(cast, django_assert_max_num_queries):
    case = made.room(cast)
    client = cast.client("civil_manager")
    client.get(f"/cases/{case.pk}/")
    for _ in range(10):
        actions.claim(cast.civil_manager, case=case.pk)
        actions.give_back(cast.civil_manager, case=case.pk)
    with django_assert_max_num_queries(19):  # one of them for its parts
        client.get(f"/cases/{case.pk}/")


def test_the_countdown_says_it_in_words(cast):
    case = made.room(cast)
    calendar = load_calendar()
    from datetime import date

    case.due_on = date(2026, 10, 9)
    assert queries.countdown(case, calendar, date(2026, 9, 30)).words == "剩 2 个工作日"
    assert queries.countdown(case, calendar, date(2026, 10, 9)).words == "剩 0 个工作日"
    assert queries.countdown(case, calendar, date(2026, 10, 10)).words == "已超期 1 个工作日"
    case.due_on = date(2026, 11, 20)
    assert queries.countdown(case, calendar, date(2026, 11, 22)).words == "已超期 1 个工作日"
    case.paused = True
    assert queries.countdown(case, calendar, date(2026, 11, 22)).words == "等待补正"
