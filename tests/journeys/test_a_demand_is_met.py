"""What the catalog does not have is demanded, sent on, promised, published and applied for; or put
off, filed and answered later; or withdrawn: by page, API and command (A24, A25)."""

from __future__ import annotations

import csv
import io
import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.demanding import Demanding
from tests.journeys.doors import Api, Command, Door, Page
from tests.journeys.test_the_ledger_in_words import every_entry_reads_in_words
from tests.sharing import Sharing

from huitong import reactions
from huitong.access.models import Application
from huitong.demands.models import Demand
from huitong.demands.rules import S
from huitong.kernel.case import Case
from huitong.kernel.workdays import today
from huitong.work.models import Draft, Notice

pytestmark = pytest.mark.django_db
WHY = "该数据由民政部门登记管理，不在本部门系统中。"


class Pages(Page):
    """The pages of this story."""

    def do(self, who: str, verb: str, case: int | None = None, **given: Any) -> int:
        _, _, short = verb.partition(".")
        demand = Demand.objects.filter(case=case).first()
        url = f"/cases/{case}/{short}/"
        if short == "draft":
            url = f"/demands/new/{uuid.uuid4()}/"
        elif short == "edit":
            url = f"/demands/{demand.pk if demand else 0}/edit/"
        elif short == "seal":
            url = f"/demands/{demand.pk if demand else 0}/scan/"
            given["scan__kept"] = given.pop("scan")
        if "items" in given:
            given["items"] = "\n".join(given["items"])
        return self._post(who, url, given)


@pytest.fixture(params=["page", "api", "cli"])
def door(
    request: pytest.FixtureRequest,
    demanding: Demanding,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Door:
    # the command starts no database of its own
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    return {
        "page": lambda: Pages(demanding.cast),
        "api": lambda: Api(demanding.cast),
        "cli": lambda: Command(demanding.cast, capsys),
    }[request.param]()


def react() -> None:
    """Let the worker tell everybody of what was done."""
    for job in ProcrastinateJob.objects.filter(task_name="huitong.react").order_by("pk"):
        reactions.react(**job.args)
    ProcrastinateJob.objects.filter(task_name="huitong.react").delete()


def submitted(door: Door, demanding: Demanding, addressed: str) -> Demand:
    """A demand of Housing by this door, from its first word to its submission."""
    assert door.do(
        "housing_operator", "demand.draft", **demanding.content(addressed=addressed)
    ) == (200), door.text
    demand = Demand.objects.latest("pk")
    case = demand.case_id
    assert door.do("housing_operator", "demand.print_form", case) == 200, door.text
    seal = {"scan": demanding.scan(demand), "archive_number": "ZJ-2026-031"}
    assert door.do("housing_operator", "demand.seal", case, **seal) == 200, door.text
    assert door.do("housing_operator", "demand.submit", case) == 403
    assert door.do("housing_manager", "demand.submit", case, opinion="属实") == 200, door.text
    return demand


def state(demand: Demand) -> S:
    return S(Case.objects.get(pk=demand.case_id).state)


def test_from_a_search_that_finds_nothing_to_an_application(
    door: Door, demanding: Demanding, sharing: Sharing
) -> None:
    """Demanded of the wrong body, which says so; sent on, promised, published and mounted,
    answered, applied for."""
    cast, client = demanding.cast, demanding.cast.client("housing_operator")
    empty = client.get("/catalog/", {"q": "婚姻登记信息"}).content.decode()
    link = "/demands/new/?q=%E5%A9%9A%E5%A7%BB%E7%99%BB%E8%AE%B0%E4%BF%A1%E6%81%AF"
    assert link in empty, "the empty page leads to a demand, with the words typed"
    assert "没有写着“婚姻登记信息”的目录" in client.get(link).content.decode()
    assert "/demands/new/" not in cast.client("audit_admin").get("/catalog/?q=x").content.decode()

    demand = submitted(door, demanding, "hr")
    case = demand.case_id
    assert state(demand) is S.WITH_BODY
    assert door.do("stranger_operator", "demand.not_ours", case, reasons=WHY) == 404
    assert door.do("bureau_operator", "demand.not_ours", case, reasons=WHY) == 403
    civil = cast.body("civil").pk
    no = {"reasons": WHY, "right_body": civil}
    assert door.do("hr_operator", "demand.not_ours", case, **no) == 200, door.text
    assert door.do("hr_operator", "demand.answer", case, entry=1) in (403, 409)
    react()
    titles = Notice.objects.filter(person=cast.person("bureau_operator").pk)
    assert "待办：需求申请：婚姻登记信息" in {n.title for n in titles}
    assert door.do("bureau_operator", "demand.assign", case, body=civil) == 200, door.text
    planned = (today() + timedelta(7)).isoformat()
    assert door.do("civil_operator", "demand.promise", case, planned_on=planned) == 200, door.text
    assert state(demand) is S.PROMISED

    entry = sharing.entry("marriage")
    assert door.do("civil_operator", "demand.answer", case, entry=entry.pk) == 409
    assert "挂接" in door.text
    mount = sharing.mount("marriage")
    assert door.do("civil_operator", "demand.answer", case, entry=entry.pk) == 200, door.text
    assert state(demand) is S.ANSWERED
    react()
    own = Notice.objects.filter(person=cast.person("housing_operator").pk, case=case)
    assert [n.title for n in own].count("需求申请已有目录答复：婚姻登记信息") == 1
    assert sum("已办结" in n.title for n in own) == 0, "nobody is told twice of one act"

    client = cast.client("housing_operator")  # another sign-in has ended the first
    page = client.get(f"/cases/{case}/").content.decode()
    assert "申请使用（接口）" in page
    begun = Api(cast)._client("housing_operator").get(f"/api/demands/{demand.pk}/application")
    assert [row["id"] for row in begun.json()["mounts"]] == [mount.pk]
    assert begun.json()["answers"]["purpose"] == demand.purpose
    other = Api(cast)._client("civil_operator").get(f"/api/demands/{demand.pk}/application")
    assert other.status_code == 403, "only who asked applies"
    started = client.post(f"/demands/{demand.pk}/apply/", {"mount": mount.pk})
    draft = Draft.objects.get(kind="access.apply")
    assert started.url == draft.url and draft.content["purpose"] == [demand.purpose]
    resources = client.get(draft.url).content.decode()
    assert "婚姻登记信息" in resources
    client.post(draft.url, {f"m{mount.pk}-items": ["男方姓名"], "mounts": mount.pk, "_mark": "1"})
    grounds = client.get(f"{draft.url}grounds/").content.decode()
    assert demand.purpose in grounds and demand.scenario in grounds
    assert not Application.objects.exists(), "the person hands it in, nobody else"
    every_entry_reads_in_words(demanding.cast, "demand.")


def test_an_obstacle_is_filed_and_answered_later(
    door: Door, demanding: Demanding, sharing: Sharing
) -> None:
    cast = demanding.cast
    demand = submitted(door, demanding, "civil")
    until = (today() + timedelta(45)).isoformat()
    later = {"reasons": "历史档案正在扫描录入，年底完成。", "until": until, "ground": ""}
    assert door.do("civil_operator", "demand.obstacle", demand.case_id, **later) == 422
    assert state(demand) is S.WITH_BODY
    later["ground"] = "not_digital"
    assert door.do("civil_operator", "demand.obstacle", demand.case_id, **later) == 200, door.text
    assert state(demand) is S.DEFERRED

    bureau = cast.client("bureau_operator")
    listed = bureau.get("/demands/", {"tab": "all", "filed": "yes", "format": "csv"})
    text = (b"".join(listed.streaming_content) if listed.streaming else listed.content).decode()
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert [(r["需要的数据"], r["环节"], r["答复部门"]) for r in rows] == [
        ("婚姻登记信息", "暂时无法发布", cast.body("civil").short_name)
    ]
    machine = Api(cast)._client("bureau_operator")
    api = machine.get("/api/demands", {"filed": True}).json()
    assert [row["id"] for row in api["items"]] == [demand.pk]
    whole = machine.get(f"/api/demands/{demand.pk}").json()
    assert [(a["kind"], a["on"]) for a in whole["answers"]] == [("deferred", until)]
    home = bureau.get("/").content.decode()
    assert "备案：暂时无法发布" in home

    entry = sharing.mount("marriage").entry
    assert door.do("civil_operator", "demand.answer", demand.case_id, entry=entry.pk) == 200
    assert state(demand) is S.ANSWERED


def test_it_is_withdrawn_and_who_had_it_hears_of_it(door: Door, demanding: Demanding) -> None:
    cast = demanding.cast
    demand = submitted(door, demanding, "civil")
    assert door.do("civil_operator", "demand.withdraw", demand.case_id) == 403
    why = {"reasons": "已通过其他途径取得。"}
    assert door.do("housing_operator", "demand.withdraw", demand.case_id, **why) == 200, door.text
    assert state(demand) is S.WITHDRAWN
    notices = Notice.objects.filter(person=cast.person("civil_operator").pk)
    assert "需求申请已撤回：婚姻登记信息" in {n.title for n in notices}
    planned = {"planned_on": today().isoformat()}
    assert door.do("civil_operator", "demand.promise", demand.case_id, **planned) == 409


# -- pages and lists -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who,status",
    [
        ("housing_operator", 200),
        ("civil_operator", 200),
        ("bureau_operator", 200),
        ("hr_operator", 404),
        ("stranger_manager", 404),
    ],
)
def test_who_opens_its_pages(demanding: Demanding, who: str, status: int) -> None:
    demand, client = demanding.submitted(), demanding.cast.client(who)
    for part in ("form.pdf", "scan/file/"):
        answer = client.get(f"/demands/{demand.pk}/{part}")
        assert answer.status_code == status, part
        assert status == 404 or b"".join(answer)
    assert client.get(f"/demands/{demand.pk}/", follow=True).status_code == status
    machine = Api(demanding.cast)._client(who)
    assert machine.get(f"/api/demands/{demand.pk}").status_code == status
    assert machine.get(f"/api/demands/{demand.pk}/form.pdf").status_code == status
    apply = client.post(f"/demands/{demand.pk}/apply/", {"mount": 1})
    assert apply.status_code == (404 if status == 404 or who == "housing_operator" else 403)


def test_a_draft_is_kept_gone_on_with_and_handed_in_once(demanding: Demanding) -> None:
    client: Client = demanding.cast.client("housing_operator")
    script = {"X-Autosave": str(demanding.cast.housing_operator.person)}
    url = f"/demands/new/{uuid.uuid4()}/"
    saved = client.post(url, {"title": "住房公积金"}, headers=script)
    assert saved.status_code == 200 and Draft.objects.get().title == "需求申请：住房公积金"
    assert "住房公积金" in client.get("/demands/drafts/").content.decode()
    assert "住房公积金" in client.get("/demands/new/").content.decode()
    page = client.post(url, {"title": "住房公积金", "_mark": "1"})
    assert page.status_code == 422 and not Demand.objects.exists()
    content = demanding.content() | {
        "items": "缴存单位\n缴存基数",
        "_mark": Draft.objects.get().turn,
    }
    for _ in range(2):
        done = client.post(url, content)
        demand = Demand.objects.get()
        assert done.status_code == 302 and done.url == f"/cases/{demand.case_id}/"
    assert not Draft.objects.exists() and demand.items == ["缴存单位", "缴存基数"]


def test_what_may_answer_already_is_shown_before_anything_is_written(
    demanding: Demanding, sharing: Sharing
) -> None:
    entry = sharing.mount("marriage").entry
    demanding.submitted(title="婚姻登记历史档案")
    client = demanding.cast.client("stranger_operator")
    page = client.get("/demands/new/", {"q": "婚姻登记"}).content.decode()
    assert entry.name in page and "婚姻登记历史档案" in page and "都不是，继续填写" in page
    machine = Api(demanding.cast)._client("stranger_operator")
    api = machine.get("/api/demands/matches", {"q": "婚姻登记"}).json()
    assert [e["id"] for e in api["entries"]] == [entry.pk]
    assert api["demands"][0]["case"] is None
    assert demanding.cast.client("housing_manager").get("/demands/new/").status_code == 403


def test_lists_by_tab_state_and_body(demanding: Demanding) -> None:
    cast, demand = demanding.cast, demanding.submitted()
    demanding.submitted(addressed="", title="不动产登记信息")
    civil = cast.body("civil").pk

    def titles(who: str, **query: Any) -> list[str]:
        answer = cast.client(who).get("/demands/", {"format": "json", **query})
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        rows = json.loads(text)
        return [row["需要的数据"] for row in (rows["items"] if isinstance(rows, dict) else rows)]

    assert titles("housing_operator") == ["不动产登记信息", demand.title]
    assert titles("civil_operator", tab="asked") == [demand.title]
    assert titles("civil_operator", tab="asked", state="owed") == [demand.title]
    assert titles("civil_operator", tab="asked", state="late") == []
    assert titles("civil_operator", tab="all") == [demand.title]
    assert titles("bureau_operator", state="to_assign") == ["不动产登记信息"]
    assert titles("bureau_operator", body=civil) == [demand.title]
    assert titles("bureau_operator", consumer=civil) == []
    assert titles("stranger_operator", tab="asked") == []

    def queries_of_the_list() -> int:
        client = cast.client("bureau_operator")
        client.get("/demands/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/demands/")
        return len(captured)

    two = queries_of_the_list()
    demanding.submitted(body="stranger")
    demanding.submitted(body="hr")
    assert queries_of_the_list() == two
