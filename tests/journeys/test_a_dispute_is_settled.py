"""A refusal is disputed, consulted on and agreed; the application goes on and is granted; or
nothing is agreed, and the decree's levels follow: by page, API and command (A27)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.disputing import CLAIM, MINUTES, Disputing
from tests.journeys.doors import Api, Command, Door, Page
from tests.journeys.test_the_ledger_in_words import code_in, words_of
from tests.sharing import scan_png

from huitong.access import actions as access
from huitong.access.models import Application, Grant
from huitong.disputes import actions, queries
from huitong.disputes.models import Dispute
from huitong.disputes.rules import S
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.work import actions as work
from huitong.work.models import Draft

pytestmark = pytest.mark.django_db


class Pages(Page):
    """The pages of this story."""

    def do(self, who: str, verb: str, case: int | None = None, **given: Any) -> int:
        _, _, short = verb.partition(".")
        dispute = Dispute.objects.filter(case=case).first()
        url = f"/cases/{case}/{short}/"
        if short == "draft":
            url = f"/disputes/new/?about={given['about']}"
        elif short in ("edit", "amend"):
            url = f"/disputes/{dispute.pk if dispute else 0}/{short}/"
        for name in ("files", "minutes_file", "scan"):
            if name in given:
                given[f"{name}__kept"] = given.pop(name)
        return self._post(who, url, given)


@pytest.fixture(params=["page", "api", "cli"])
def door(
    request: pytest.FixtureRequest,
    disputing: Disputing,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Door:
    # the command starts no database of its own
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    return {
        "page": lambda: Pages(disputing.cast),
        "api": lambda: Api(disputing.cast),
        "cli": lambda: Command(disputing.cast, capsys),
    }[request.param]()


def paper(disputing: Disputing, who: str, name: str) -> int:
    upload = SimpleUploadedFile(name, scan_png())
    return work.attach(getattr(disputing.cast, who), upload=upload).pk


def state(dispute: Dispute) -> S:
    return S(Case.objects.get(pk=dispute.case_id).state)


def consulted(door: Door, disputing: Disputing, about: int) -> Dispute:
    """A dispute by this door, from its first word to the confirmed minutes."""
    given = CLAIM | {"subject": "result", "about": about}
    assert door.do("stranger_operator", "dispute.draft", **given) == 404
    assert door.do("housing_operator", "dispute.draft", **given) == 200, door.text
    dispute = Dispute.objects.latest("pk")
    case = dispute.case_id
    assert door.do("housing_operator", "dispute.draft", **given) == 409
    better = {k: v for k, v in given.items() if k != "about"} | {"wish": "同意提供三项信息。"}
    better["files"] = [paper(disputing, "housing_operator", "条例.png")]
    assert door.do("housing_operator", "dispute.edit", case, **better) == 200, door.text
    assert door.do("housing_operator", "dispute.submit", case) == 403
    assert door.do("housing_manager", "dispute.submit", case) == 200, door.text
    meeting = {k: str(v) for k, v in disputing.tomorrow.items()}
    assert door.do("civil_operator", "dispute.convene", case, **meeting) == 403
    assert door.do("bureau_operator", "dispute.convene", case, **meeting) == 200, door.text
    for who in ("civil_operator", "housing_operator", "bureau_operator"):
        view = {
            "words": f"{who[:5]} 认为可以提供其中三项。",
            "files": [paper(disputing, who, "附件.png")],
        }
        assert door.do(who, "dispute.present", case, **view) == 200, door.text
    view = {"words": "改为只提供姓名。"}
    assert door.do("civil_operator", "dispute.amend", case, **view) == 200, door.text
    assert state(dispute) is S.MEETING
    meeting["place"] = "线上会议"
    assert door.do("bureau_operator", "dispute.convene", case, **meeting) == 200, door.text
    with_day = disputing.tomorrow["on"]
    assert door.do("bureau_operator", "dispute.record", case, minutes=MINUTES) == 409
    disputing.on(with_day)
    assert door.do("bureau_operator", "dispute.record", case, minutes=MINUTES) == 200, door.text
    assert door.do("housing_manager", "dispute.confirm", case) == 200, door.text
    assert door.do("civil_manager", "dispute.confirm", case) == 200, door.text
    return Dispute.objects.get(pk=dispute.pk)


def test_from_a_refusal_through_a_consultation_to_a_grant(door: Door, disputing: Disputing) -> None:
    cast, sharing = disputing.cast, disputing.sharing
    refused = disputing.refused()
    page = cast.client("housing_operator").get(f"/cases/{refused.case_id}/").content.decode()
    assert f"/disputes/new/?about={refused.case_id}" in page
    page = cast.client("civil_operator").get(f"/cases/{refused.case_id}/").content.decode()
    assert "/disputes/new/" not in page, "nobody disputes what they decided themselves"
    dispute = consulted(door, disputing, refused.case_id)
    page = cast.client("civil_manager").get(f"/cases/{dispute.case_id}/").content.decode()
    for words in ("housi 认为", "burea 认为", "改为只提供姓名", MINUTES[:12], "附件.png"):
        assert words in page, words
    agreed = {"outcome": "agreed", "words": "同意提供三项信息，住建局重新申请。"}
    assert door.do("civil_manager", "dispute.conclude", dispute.case_id, **agreed) == 403
    done = door.do("bureau_manager", "dispute.conclude", dispute.case_id, **agreed)
    assert done == 200, door.text
    assert state(dispute) is S.AGREED and not Grant.objects.exists()

    client = cast.client("housing_operator")
    page = client.get(f"/cases/{refused.case_id}/").content.decode()
    assert f"/disputes/{dispute.pk}/go-on/" in page and agreed["words"] in page
    started = client.post(f"/disputes/{dispute.pk}/go-on/")
    draft = Draft.objects.get(kind="access.apply")
    assert started.url == draft.url
    assert draft.content["purpose"] == [refused.form.purpose]
    assert cast.client("civil_operator").post(f"/disputes/{dispute.pk}/go-on/").status_code == 403

    again = sharing.accepted(refused.mount)
    assert Dispute.objects.get(pk=dispute.pk).followed_by_id == again.case_id
    page = cast.client("civil_manager").get(f"/cases/{again.case_id}/").content.decode()
    assert "本申请依争议协商结果提出" in page and agreed["words"] in page
    access.grant(cast.civil_manager, Case.objects.get(pk=again.case_id))
    assert Grant.objects.get().application_id == again.pk
    assert Application.objects.get(pk=refused.pk).case.state == "refused", "it stays what it was"
    _every_entry_reads_in_words(disputing)


def _every_entry_reads_in_words(disputing: Disputing) -> None:
    auditor = disputing.cast.client("audit_admin")
    bad = {}
    for entry in Entry.objects.filter(verb__startswith="dispute.").order_by("seq"):
        text = auditor.get(f"/audit/{entry.pk}/").content.decode()
        if (wrong := code_in(words_of(text))) or "其他内容" in text:
            bad[entry.verb] = wrong or sorted({*entry.before, *entry.after})
    assert not bad


def test_what_fails_goes_up_the_decrees_levels(door: Door, disputing: Disputing) -> None:
    cast, refused = disputing.cast, disputing.refused()
    disputing.adopt_decree()
    dispute = consulted(door, disputing, refused.case_id)
    case = dispute.case_id
    failed = {"outcome": "failed", "words": "对条例第八条的理解不一致。"}
    assert door.do("bureau_manager", "dispute.conclude", case, **failed) == 200, door.text
    assert state(dispute) is S.WITH_AUTHORITY
    decided = {"ruling": "rejected", "words": "依据不足。"}
    assert door.do("bureau_manager", "dispute.decide", case, **decided) == 200, door.text
    no = {"objection": "条例第八条已列入该项职责。"}
    assert door.do("housing_manager", "dispute.answer", case, **no) == 200, door.text
    assert door.do("civil_manager", "dispute.answer", case) == 200, door.text
    assert state(dispute) is S.WITH_GOVERNMENT
    ruled = {"ruling": "upheld", "words": "同意提供。"}
    if door.name != "cli":  # the command does not begin without it
        assert door.do("bureau_operator", "dispute.rule", case, **ruled) == 422
    ruled["scan"] = paper(disputing, "bureau_operator", "政府决定.png")  # type: ignore[assignment]
    assert door.do("bureau_operator", "dispute.rule", case, **ruled) == 200, door.text
    assert state(dispute) is S.RULED
    page = cast.client("housing_operator").get(f"/cases/{case}/").content.decode()
    assert "政府决定.png" in page and "go-on" in page
    _every_entry_reads_in_words(disputing)


def test_a_step_of_the_other_law_is_refused_in_words(door: Door, disputing: Disputing) -> None:
    dispute = disputing.confirmed()
    given = {"ruling": "upheld", "words": "依条例应当提供。"}
    assert door.do("bureau_manager", "dispute.decide", dispute.case_id, **given) == 409
    assert "没有这一步骤" in door.text


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
def test_who_opens_its_pages_and_reads_its_files(
    disputing: Disputing, who: str, status: int
) -> None:
    file = paper(disputing, "housing_operator", "条例.png")
    dispute = disputing.drafted(files=[file])
    cast = disputing.cast
    client = cast.client(who)
    drafted = 200 if who == "housing_operator" else 404
    assert client.get(f"/cases/{dispute.case_id}/").status_code == drafted
    actions.submit(cast.housing_manager, disputing.case(dispute))
    assert client.get(f"/disputes/{dispute.pk}/", follow=True).status_code == status
    answer = client.get(f"/attachments/{file}/")
    assert answer.status_code == status and (status == 404 or b"".join(answer))
    machine = Api(cast)._client(who)
    assert machine.get(f"/api/disputes/{dispute.pk}").status_code == status
    listed = machine.get("/api/disputes").json()["items"]
    assert [row["id"] for row in listed] == ([dispute.pk] if status == 200 else [])
    # who has no tab of all is page those of their own body
    names = re.findall(r"ZY\d+", client.get("/disputes/?tab=all").content.decode())
    assert bool(names) == (who in ("bureau_operator", "housing_operator"))


def test_where_to_open_one_is_shown_to_who_names_nothing(disputing: Disputing) -> None:
    page = disputing.cast.client("housing_operator").get("/disputes/new/")
    assert page.status_code == 200 and "先打开有争议的事项" in page.content.decode()
    assert disputing.cast.client("housing_manager").get("/disputes/new/").status_code == 403


def test_a_case_page_costs_one_statement_more_for_its_disputes(
    disputing: Disputing, django_assert_num_queries: Any
) -> None:
    refused = disputing.refused()
    case = Case.objects.get(pk=refused.case_id)
    for _ in range(2):
        dispute = disputing.drafted(case)
        actions.withdraw(disputing.cast.housing_operator, disputing.case(dispute))
    with django_assert_num_queries(1):
        queries.case_panels(disputing.cast.housing_operator, case)
