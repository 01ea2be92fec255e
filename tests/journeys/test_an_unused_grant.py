"""A grant nobody uses is listed, its consumer told and heard, and it is taken back or left running;
at its end it is applied for again: by page, API and command (A26)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.journeys.doors import Api, Command, Door, Page
from tests.journeys.test_the_ledger_in_words import code_in, words_of
from tests.sharing import Sharing

from huitong.access import actions, jobs, queries
from huitong.access.models import Application, Form, Grant
from huitong.access.rules import G
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.workdays import today

pytestmark = pytest.mark.django_db
NOTICE = "授权以来没有调用过，请说明是否仍需使用。"
DECIDED = "经核实属于汛期使用，予以保留。"


class Pages(Page):
    """The pages of this story: a step is confirmed, applying again has a page of its own."""

    def do(self, who: str, verb: str, case: int | None = None, **given: Any) -> int:
        if verb == "access.renew":
            url = f"/grants/{given.pop('grant')}/renew/"
            form = self._client(who).get(url).context["form"]
            given = {name: form.initial.get(name, "") for name in form.fields} | given
            return self._post(who, url, given)
        given = {k: "on" if v is True else v for k, v in given.items()}
        return self._post(who, f"/cases/{case}/{verb.partition('.')[2]}/", given)


@pytest.fixture(params=["page", "api", "cli"])
def door(
    request: pytest.FixtureRequest,
    sharing: Sharing,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Door:
    # the command starts no database of its own
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    return {
        "page": lambda: Pages(sharing.cast),
        "api": lambda: Api(sharing.cast),
        "cli": lambda: Command(sharing.cast, capsys),
    }[request.param]()


def aged(grant: Grant, days: int = 120) -> int:
    """A grant of so many days ago; its case."""
    with writing("test"):
        Grant.objects.filter(pk=grant.pk).update(valid_from=today() - timedelta(days))
        Case.objects.filter(pk=grant.case_id).update(entered_at=timezone.now() - timedelta(days))
    jobs.watch_use()
    return int(grant.case_id)


def listed(sharing: Sharing, who: str, **query: str) -> dict[str, Any]:
    """The list as a file, by the number of each grant."""
    answer = sharing.cast.client(who).get("/grants/unused/", {"format": "json"} | query)
    assert answer.status_code == 200
    rows = json.loads(b"".join(answer))
    return {row["编号"]: row for row in rows}


def live() -> set[int]:
    return {grant.grant for grant in queries.live_grants()}


def test_told_heard_left_running_then_taken_back_and_applied_for_again(
    sharing: Sharing, door: Door
) -> None:
    grant = sharing.granted(sharing.mount("marriage", "api"))
    case, number = aged(grant), Grant.objects.get(pk=grant.pk).case.number
    row = listed(sharing, "civil_operator")[number]
    assert (row["未使用天数"], row["最近一次交付"], row["环节"]) == (120, None, "有效")
    assert listed(sharing, "bureau_operator").keys() == {number}
    assert listed(sharing, "housing_operator") == {}, "who provides nothing has none"

    # told, heard, left running
    assert door.do("civil_operator", "grant.give_notice", case, reasons=NOTICE) == 403
    assert door.do("civil_manager", "grant.give_notice", case, reasons=NOTICE) == 200
    assert listed(sharing, "civil_operator", show="noticed").keys() == {number}
    season = {"circumstance": "seasonal", "months": [6, 7, 8]}
    answer = {"reasons": "汛期才使用，其余月份没有业务。"} | season
    assert door.do("housing_operator", "grant.answer_notice", case, **answer) == 200
    row = listed(sharing, "bureau_operator", show="settling")[number]
    assert "汛期" in row["使用部门的答复"] and "没有任何交付" in row["告知的证据"]
    assert live() == {grant.pk}
    decision = {"reasons": DECIDED, "adopt": True}
    assert door.do("civil_manager", "grant.keep_running", case, **decision) == 200
    grant.refresh_from_db()
    assert grant.special == "季节性应用（每年 6、7、8 月使用）" and live() == {grant.pk}
    assert listed(sharing, "bureau_operator").keys() == set()
    assert listed(sharing, "bureau_operator", show="excepted").keys() == {number}

    # told, heard, taken back: what the platform gave, by the bureau
    other = sharing.granted(sharing.mount("division", "api"))
    case = aged(other)
    assert door.do("civil_manager", "grant.give_notice", case, reasons=NOTICE) == 403
    assert door.do("bureau_manager", "grant.give_notice", case, reasons=NOTICE) == 200
    assert door.do("housing_operator", "grant.answer_notice", case, reasons="不再需要。") == 200
    assert live() == {grant.pk, other.pk}
    assert door.do("bureau_manager", "grant.reclaim", case, reasons="使用部门不再需要。") == 200
    assert live() == {grant.pk} and sharing.case(other).state == G.REVOKED

    # at its end applied for again
    with writing("test"):
        Grant.objects.filter(pk=grant.pk).update(valid_to=today() + timedelta(20))
    assert door.do("housing_operator", "access.renew", grant=grant.pk) == 200
    again = Application.objects.select_related("form", "case").get(renews=grant)
    assert again.case.state == "draft" and again.form.circumstance == "seasonal"
    assert again.form.period_from == today() + timedelta(21)
    assert Form.objects.count() == 3

    # and read by people
    auditor = sharing.cast.client("audit_admin")
    for entry in Entry.objects.filter(verb__in=VERBS).order_by("seq"):
        text = words_of(auditor.get(f"/audit/{entry.pk}/").content.decode())
        assert not code_in(text) and "其他内容" not in text, (entry.verb, code_in(text))


VERBS = (
    "grant.give_notice",
    "grant.answer_notice",
    "grant.keep_running",
    "grant.reclaim",
    "access.renew",
    "access.apply",
)


def test_the_list_costs_the_same_however_many(
    sharing: Sharing, django_assert_max_num_queries: Any
) -> None:
    for table in ("marriage", "division"):
        aged(sharing.granted(sharing.mount(table, "api")))
    client = sharing.cast.client("bureau_manager")
    page = client.get("/grants/unused/").content.decode()
    assert page.count("从未") == 2 and "长期未使用" in page
    with django_assert_max_num_queries(12):
        client.get("/grants/unused/")


def test_the_api_lists_them_with_the_evidence(sharing: Sharing) -> None:
    grant = sharing.granted(sharing.mount("marriage", "api"))
    aged(grant)
    api = Api(sharing.cast)
    for who, expected in (("civil_operator", [grant.pk]), ("hr_operator", [])):
        answer = api._client(who).get("/api/unused-grants").json()
        assert [row["id"] for row in answer["items"]] == expected
    row = api._client("civil_operator").get("/api/unused-grants?show=over").json()["items"][0]
    assert row["used_at"] is None and row["counted"] == str(today() - timedelta(120))
    assert row["due_on"] < str(today())
    assert api._client("civil_operator").get("/api/unused-grants?show=x").status_code == 422


def test_what_was_used_since_the_last_look_is_listed_no_more(sharing: Sharing) -> None:
    grant = sharing.granted(sharing.mount("marriage", "api"))
    aged(grant)
    assert len(listed(sharing, "civil_operator")) == 1
    actions.report_delivery(
        sharing.cast.system, plane="files", reference="1", grant=grant.pk, at=timezone.now()
    )
    assert listed(sharing, "civil_operator") == {}
