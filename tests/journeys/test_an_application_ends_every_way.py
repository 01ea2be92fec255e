"""An application is declined, refused, granted in part, suspended, expired and asked for again; and
under the decree completed, extended and granted: each by page, API and command, under both laws
(A19-A23, A26; 政务数据共享条例)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.journeys.doors import Api, Command, Door, Page
from tests.sharing import LESS, REFUSED, RISK, Sharing

from huitong.access import jobs, queries
from huitong.access.models import Application, Grant
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.workdays import load_calendar, today
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db
ITEMS = ["男方姓名", "登记日期"]
PLATFORM = REFUSED | {"reasons": "该系统尚未定级备案，暂不能使用平台资源。"}
MORE_TIME = {"days": 5, "reasons": "需向省级主管部门核对数据口径。"}


class Pages(Page):
    """The pages of this story: acceptance, decision and renewal have pages of their own."""

    def do(self, who: str, verb: str, case: int | None = None, **given: Any) -> int:
        sent = {name: "on" if value is True else value for name, value in given.items()}
        step = verb.partition(".")[2]
        if verb == "access.renew":
            url = f"/grants/{sent.pop('grant')}/renew/"
            form = self._client(who).get(url).context["form"]
            return self._post(
                who, url, {name: form.initial.get(name, "") for name in form.fields} | sent
            )
        if verb == "access.submit_form":
            return self._post(who, f"/apply/{sent['form']}/submit/", {})
        if step == "accept":
            return self._post(who, f"/accept/{self._application(case).pk}/", sent)
        if step == "refuse":
            url = f"/decide/{self._application(case).pk}/"
            return self._post(who, url, sent | {"_act": "refuse"})
        if step == "grant":
            return self._decide(who, self._application(case), sent)
        return self._post(who, f"/cases/{case}/{step}/", sent)

    def _application(self, case: int | None) -> Application:
        return Application.objects.get(case=case)

    def _decide(self, who: str, application: Application, given: dict[str, Any]) -> int:
        """Fill in the page of the decision as it is drawn, with fewer items ticked."""
        url = f"/decide/{application.pk}/"
        scope = self._client(who).get(url).context["scope"]
        items = given.pop("items", None)
        fields = {
            name: scope.initial.get(name, field.initial)
            for name, field in scope.fields.items()
            if not name.startswith(("item_", "conditions", "mask_"))
        }
        for n, item in enumerate(scope.requested.items):
            fields |= {f"item_{n}": "on"} if items is None or item in items else {}
        fields |= {"conditions.item": "", "conditions.op": "等于", "conditions.value": ""}
        return self._post(who, url, fields | given | {"_act": "grant"})


@pytest.fixture(params=["nantong-2020", "national-2025"])
def under(request: pytest.FixtureRequest) -> Iterator[Sharing]:
    """A city that shares data under one of the laws."""
    name = "decreed" if request.param == "national-2025" else "sharing"
    yield request.getfixturevalue(name)


@pytest.fixture(params=["page", "api", "cli"])
def door(
    request: pytest.FixtureRequest,
    under: Sharing,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Door:
    # the command starts no database of its own
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    return {
        "page": lambda: Pages(under.cast),
        "api": lambda: Api(under.cast),
        "cli": lambda: Command(under.cast, capsys),
    }[request.param]()


def submitted(sharing: Sharing, table: str = "marriage") -> int:
    """An application that waits for its acceptance; its case."""
    form = sharing.applied(sharing.mount(table, "api"))
    return int(Application.objects.get(form=form).case_id)


def state(case: int) -> str:
    return Case.objects.get(pk=case).state


def live() -> dict[int, list[str]]:
    """What every plane is told of: items by grant."""
    return {grant.grant: list(grant.scope["items"]) for grant in queries.live_grants()}


def informed(sharing: Sharing, case: int, words: str) -> bool:
    """Whether the applicant was told so, and reads it on the page of the case."""
    clerk = sharing.cast.person("housing_operator")
    notices = Notice.objects.filter(person=clerk, case=case)
    page = sharing.cast.client("housing_operator").get(f"/cases/{case}/").content.decode()
    return notices.exists() and words in page


def test_declined_and_refused_with_reasons_the_applicant_reads(under: Sharing, door: Door) -> None:
    case = submitted(under)
    assert door.do("civil_operator", "application.decline", case, **REFUSED) == 403
    assert door.do("bureau_operator", "application.decline", case, **REFUSED) == 200
    assert state(case) == "declined" and informed(under, case, REFUSED["reasons"])
    assert door.do("bureau_operator", "application.accept", case, **under.checks()) >= 400

    case = submitted(under)
    assert door.do("bureau_operator", "application.accept", case, **under.checks()) == 200
    assert door.do("bureau_manager", "application.refuse", case, **REFUSED) >= 400
    assert (
        door.do("civil_manager", "application.refuse", case, **REFUSED | {"reasons": "不行"}) == 422
    )
    assert door.do("civil_manager", "application.refuse", case, **REFUSED) == 200
    assert state(case) == "refused" and informed(under, case, REFUSED["reasons"])

    case = submitted(under, "division")
    assert door.do("bureau_operator", "application.accept", case, **under.checks()) == 200
    assert door.do("civil_manager", "application.refuse", case, **PLATFORM) >= 400
    assert door.do("bureau_manager", "application.refuse", case, **PLATFORM) == 200
    assert state(case) == "refused" and informed(under, case, PLATFORM["reasons"])
    assert live() == {}


def test_granted_in_part_stopped_resumed_expired_and_applied_for_again(
    under: Sharing, door: Door
) -> None:
    case = submitted(under)
    assert door.do("bureau_operator", "application.accept", case, **under.checks()) == 200
    assert door.do("civil_manager", "application.grant", case, items=ITEMS) == 422, "less, unsaid"
    assert door.do("civil_manager", "application.grant", case, items=ITEMS, **LESS) == 200
    grant = Grant.objects.get(application__case=case)
    assert live() == {grant.pk: ITEMS} and state(case) == "granted"
    assert informed(under, case, LESS["reasons"])

    assert door.do("housing_operator", "grant.suspend", grant.case_id, **RISK) == 403
    assert door.do("civil_manager", "grant.suspend", grant.case_id, **RISK) == 200
    assert live() == {}
    reasons = "已核实并排除风险。"
    assert door.do("civil_manager", "grant.resume", grant.case_id, reasons=reasons) == 200
    assert live() == {grant.pk: ITEMS}

    with writing("test"):
        past = {"valid_from": today() - timedelta(90), "valid_to": today() - timedelta(1)}
        Grant.objects.filter(pk=grant.pk).update(**past)
    assert live() == {}, "past its end before the platform has ended it"
    jobs.expire()
    assert state(grant.case_id) == "expired"
    assert door.do("civil_manager", "grant.resume", grant.case_id, reasons=reasons) >= 400
    assert door.do("housing_operator", "access.renew", grant=grant.pk) == 200
    again = Application.objects.select_related("case").get(renews=grant)
    assert again.case.state == "draft" and again.scope["items"] == ITEMS and live() == {}


def test_returned_completed_extended_and_granted_under_the_decree_alone(
    under: Sharing, door: Door
) -> None:
    case = submitted(under)
    lacking = {"lacking": ["legible"], "words": "第二页看不清"}
    returned = door.do("bureau_operator", "application.return_for_completion", case, **lacking)
    if Case.objects.get(pk=case).law == "nantong-2020":
        assert returned >= 400 and state(case) == "submitted", "the 2020 rules know no such step"
        return
    assert returned == 200 and Case.objects.get(pk=case).paused
    assert informed(under, case, "第二页看不清")
    answer = {"answer": "第二页已重新扫描。"}
    assert door.do("housing_operator", "application.complete", case, **answer) == 200
    form = Application.objects.get(case=case).form_id
    assert door.do("housing_manager", "access.submit_form", form=form) == 200
    again = door.do("bureau_operator", "application.return_for_completion", case, **lacking)
    assert again >= 400 and state(case) == "submitted", "told once, everything at once"
    incomplete = REFUSED | {"ground": "form_wrong"}
    assert door.do("bureau_operator", "application.decline", case, **incomplete) == 422
    assert door.do("bureau_operator", "application.accept", case, **under.checks()) == 200

    first = Case.objects.get(pk=case).due_on
    assert first == load_calendar().after(today(), 10).on
    assert door.do("civil_manager", "application.ask_extension", case, **MORE_TIME) == 200
    assert door.do("civil_manager", "application.consent", case) >= 400
    assert door.do("bureau_manager", "application.consent", case) == 200
    assert Case.objects.get(pk=case).due_on == load_calendar().after(first, 5).on
    assert door.do("civil_manager", "application.ask_extension", case, **MORE_TIME) >= 400
    assert door.do("civil_manager", "application.grant", case) == 200
    [grant] = Grant.objects.all()
    assert live().keys() == {grant.pk}
    cited = Entry.objects.filter(verb__startswith="application.", law="national-2025")
    assert set(cited.values_list("article", flat=True)) == {"D"}
