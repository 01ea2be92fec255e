"""A wrong value received by Housing is corrected at its source; a right one is upheld, doubted once
more, sent to another body: by page, API and command (A29)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.journeys.doors import Api, Command, Door, Page
from tests.journeys.test_the_ledger_in_words import code_in, words_of
from tests.objecting import DONE, RIGHT, WRONG, Objecting
from tests.sharing import scan_png

from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.kernel.workdays import today
from huitong.objections.models import Objection
from huitong.objections.rules import S
from huitong.work import actions as work

pytestmark = pytest.mark.django_db


class Pages(Page):
    """The pages of this story."""

    def do(self, who: str, verb: str, case: int | None = None, **given: Any) -> int:
        _, _, short = verb.partition(".")
        url = f"/cases/{case}/{short}/"
        if short == "report":
            about = {n: given[n] for n in ("entry", "mount", "grant", "again") if n in given}
            url = "/objections/new/?" + "&".join(f"{n}={v}" for n, v in about.items())
        if short == "look":
            url = f"/objections/{given.pop('objection')}/values/"
        if "files" in given:
            given["files__kept"] = given.pop("files")
        return self._post(who, url, given)


@pytest.fixture(params=["page", "api", "cli"])
def door(
    request: pytest.FixtureRequest,
    objecting: Objecting,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Door:
    # the command starts no database of its own
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    return {
        "page": lambda: Pages(objecting.cast),
        "api": lambda: Api(objecting.cast),
        "cli": lambda: Command(objecting.cast, capsys),
    }[request.param]()


def state(objection: Objection) -> S:
    return S(Case.objects.get(pk=objection.case_id).state)


def raised(door: Door, objecting: Objecting, **more: Any) -> Objection:
    given = {name: str(value) for name, value in WRONG.items()} | objecting.called() | more
    assert door.do("housing_operator", "objection.report", **given) == 200, door.text
    return Objection.objects.latest("pk")


def _every_entry_reads_in_words(objecting: Objecting) -> None:
    auditor = objecting.cast.client("audit_admin")
    bad = {}
    for entry in Entry.objects.filter(verb__startswith="objection").order_by("seq"):
        text = auditor.get(f"/audit/{entry.pk}/").content.decode()
        if (wrong := code_in(words_of(text))) or "其他内容" in text:
            bad[entry.verb] = wrong or sorted({*entry.before, *entry.after})
    assert not bad


def test_a_wrong_value_is_corrected_at_the_source(door: Door, objecting: Objecting) -> None:
    cast, about = objecting.cast, objecting.called()
    grant = objecting.grant()
    for page in (f"/cases/{grant.case_id}/", f"/grants/{grant.pk}/", "/calls/"):
        text = cast.client("housing_operator").get(page).content.decode()
        assert "/objections/new/?" in text and "提出疑义" in text, page
        assert "/objections/new/" not in cast.client("civil_operator").get(page).content.decode()
    given = {name: str(value) for name, value in WRONG.items()} | about
    assert door.do("stranger_operator", "objection.report", **given) == 404
    assert door.do("civil_operator", "objection.report", **given) == 403
    proof = SimpleUploadedFile("结婚证.png", scan_png())
    file = work.attach(cast.housing_operator, upload=proof).pk
    objection = raised(door, objecting, files=[file])
    case = objection.case_id
    assert objection.files == [file] and state(objection) is S.WITH_PROVIDER

    page = cast.client("civil_operator").get(f"/cases/{case}/").content.decode()
    for words in (WRONG["words"], WRONG["locator"], about["delivery"], "结婚证.png"):
        assert words in page, words
    assert WRONG["held"] not in page and WRONG["believed"] not in page
    entry = cast.client("civil_operator").get(f"/catalog/{objection.entry_id}/").content.decode()
    assert f"/cases/{case}/" in entry and "待校核" in entry
    assert door.do("civil_operator", "objections.look", objection=objection.pk) == 200, door.text
    assert WRONG["believed"] in door.text
    assert door.do("bureau_operator", "objections.look", objection=objection.pk) == 403

    day = today().isoformat()
    assert door.do("bureau_operator", "objection.admit", case, planned_on=day) == 403
    assert door.do("civil_operator", "objection.admit", case, planned_on=day) == 200, door.text
    done = {"corrected_on": day, "correction": DONE}
    assert door.do("civil_operator", "objection.correct", case, **done) == 200, door.text
    assert door.do("civil_operator", "objection.confirm", case) == 403
    for who, reads in (("civil_manager", True), ("housing_operator", False)):
        page = cast.client(who).get(f"/cases/{case}/").content.decode()
        assert (f"已于 {day} 更正" in page) is reads, "nobody reads as done what nobody confirmed"
        row = Api(cast)._client(who).get(f"/api/objections/{objection.pk}").json()
        assert (row["corrected_on"], row["correction"]) == ((day, DONE) if reads else (None, ""))
    back = {"reasons": "扫描件也要一并更正。"}
    assert door.do("civil_manager", "objection.send_back", case, **back) == 200, door.text
    objection.refresh_from_db()
    assert (objection.corrected_on, objection.correction) == (None, "")
    assert door.do("civil_operator", "objection.correct", case, **done) == 200, door.text
    assert door.do("civil_manager", "objection.confirm", case) == 200, door.text
    assert state(objection) is S.ANSWERED
    page = cast.client("housing_operator").get(f"/cases/{case}/").content.decode()
    assert "确有错误" in page and DONE in page
    assert door.do("housing_operator", "objection.evaluate", case, satisfied="yes") == 200, (
        door.text
    )
    assert state(objection) is S.CORRECTED
    _every_entry_reads_in_words(objecting)


def test_a_right_value_is_upheld_and_doubted_once_more(door: Door, objecting: Objecting) -> None:
    cast, first = objecting.cast, raised(door, objecting)
    case, hr = first.case_id, cast.body("hr").pk
    why = {"reasons": RIGHT}
    assert door.do("civil_operator", "objection.uphold", case, **why) == 200, door.text
    why_not = {"evaluation": "与证件原件不同。"}
    if door.name == "cli":  # its parser refuses
        with pytest.raises(SystemExit):
            door.do("housing_operator", "objection.evaluate", case, **why_not)
    else:
        assert door.do("housing_operator", "objection.evaluate", case, **why_not) == 422
    assert state(first) is S.ANSWERED, "satisfied or not is said, never taken for granted"
    no = why_not | {"satisfied": "no"}
    assert door.do("housing_operator", "objection.evaluate", case, **no) == 200, door.text
    assert state(first) is S.UPHELD
    page = cast.client("housing_operator").get(f"/cases/{case}/").content.decode()
    assert "评价：不满意" in page and f"/objections/new/?again={first.pk}" in page
    row = Api(cast)._client("housing_operator").get(f"/api/objections/{first.pk}").json()
    assert row["satisfied"] == "no"
    second = raised(door, objecting, again=first.pk)
    assert second.again_of_id == first.pk
    case = second.case_id
    sent = {"reasons": "该项由人社局登记。", "right_body": hr}
    assert door.do("civil_operator", "objection.not_ours", case, **sent) == 200, door.text
    assert door.do("bureau_operator", "objection.assign", case, body=hr) == 200, door.text
    assert door.do("hr_operator", "objection.uphold", case, **why) == 200, door.text
    assert door.do("housing_operator", "objection.withdraw", case) == 409
    about_content = dict.fromkeys(("item", "locator", "held", "believed", "delivery"), "")
    third = raised(door, objecting, kind="use", **about_content)
    assert door.do("housing_operator", "objection.withdraw", third.case_id) == 200, door.text
    assert state(third) is S.WITHDRAWN
    _every_entry_reads_in_words(objecting)


@pytest.mark.parametrize(
    "who,status",
    [
        ("housing_operator", 200),
        ("civil_manager", 200),
        ("bureau_operator", 200),
        ("hr_operator", 404),
        ("stranger_manager", 404),
    ],
)
def test_who_opens_its_pages_and_finds_it_in_lists(
    objecting: Objecting, who: str, status: int
) -> None:
    objection, cast = objecting.raised(), objecting.cast
    client = cast.client(who)
    assert client.get(f"/objections/{objection.pk}/", follow=True).status_code == status
    values = 403 if who == "bureau_operator" else status
    assert client.get(f"/objections/{objection.pk}/values/").status_code == values
    machine = Api(cast)._client(who)
    assert machine.get(f"/api/objections/{objection.pk}").status_code == status
    listed = machine.get("/api/objections").json()["items"]
    assert [row["id"] for row in listed] == ([objection.pk] if status == 200 else [])
    assert WRONG["held"] not in json.dumps(listed)
    tabs = ["mine", "asked", "all"]
    pages = [client.get(f"/objections/?tab={tab}").content.decode() for tab in tabs]
    assert any("YY2" in page for page in pages) == (status == 200)
    for tab in tabs:
        sheet = client.get(f"/objections/?tab={tab}&format=csv&kind=content&state=open")
        assert sheet.status_code == 200


def test_where_to_raise_one_is_shown_to_who_names_nothing(objecting: Objecting) -> None:
    client = objecting.cast.client("housing_operator")
    page = client.get("/objections/new/")
    assert page.status_code == 200 and "先打开有疑义的内容" in page.content.decode()
    assert client.get("/objections/new/?entry=999999").status_code == 404
    assert client.get("/objections/new/?grant=x&entry=-1").status_code == 200
    assert objecting.cast.client("housing_manager").get("/objections/new/").status_code == 403


def test_reading_the_page_to_raise_it_again_locks_nothing(objecting: Objecting) -> None:
    """Outside of an act there is no transaction to hold a lock: the page would fail."""
    first, client = objecting.dissatisfied(), objecting.cast.client("housing_operator")
    with CaptureQueriesContext(connection) as run:
        page = client.get(f"/objections/new/?again={first.pk}")
    assert page.status_code == 200 and "只能再提一次" in page.content.decode()
    assert not [query["sql"] for query in run if "FOR UPDATE" in query["sql"]]


def test_values_typed_are_in_no_cache_and_no_copy(objecting: Objecting) -> None:
    client, about = objecting.cast.client("housing_operator"), objecting.called()
    given = {"grant": about["grant"], "kind": "content", "held": "2020-01-08"}
    page = client.post("/objections/new/", given)
    assert page.status_code == 422 and "no-store" in page.headers["Cache-Control"]
    fields = page.context["form"].fields
    assert all("data-unkept" in fields[name].widget.attrs for name in ("held", "believed"))
