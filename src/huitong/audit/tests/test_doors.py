"""The ledger through its doors: who sees what, exports, evidence, the public checkpoint."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader
from tests.cast import Cast

from huitong.audit import actions, queries
from huitong.audit.rules.note import Note
from huitong.audit.rules.offline import Zip, verify
from huitong.audit.tests.toy import CITIZEN
from huitong.kernel import ledger, manifest
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours
from huitong.organizations import actions as organizations
from huitong.organizations import queries as people
from huitong.organizations.models import Posting

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_sees_their_own_and_the_audit_administrator_all(
    cast: Cast, acts: dict[str, Entry]
) -> None:
    def verbs_for(who: str) -> set[str]:
        visible = set(queries.entries_visible_to(getattr(cast, who)).values_list("pk", flat=True))
        return {name for name, entry in acts.items() if entry.pk in visible}

    assert verbs_for("audit_admin") == {"submit", "grant", "other"}
    assert verbs_for("housing_manager") == verbs_for("civil_operator") == {"submit", "grant"}
    assert verbs_for("stranger_operator") == {"other"}
    assert (
        verbs_for("stranger_manager")
        == verbs_for("system_admin")
        == verbs_for("security_admin")
        == set()
    )
    with pytest.raises(NotVisible):
        queries.entry_visible_to(cast.stranger_manager, acts["other"].pk)


def test_the_list_filters_and_masks(cast: Cast, acts: dict[str, Entry]) -> None:
    page = cast.client("audit_admin")
    text = page.get("/audit/").content.decode()
    assert text.count("查看<span") == 3
    assert CITIZEN not in text
    assert "320602********1234" in text
    person = cast.person("housing_operator")
    assert person.name in text, "the auditor may know who acted"
    number = Case.objects.get(pk=acts["submit"].case).number
    for query, count in (
        ({"who": person.name}, 1),
        ({"article": "A22"}, 1),
        ({"body": cast.body("housing").pk}, 1),
        ({"case": acts["submit"].case}, 2),
        ({"case": number}, 2),
        ({"case": "SQ-nobody"}, 0),
        ({"object_type": "kernel.case"}, 2),
        ({"since": "2026-01-01"}, 3),
        ({"until": "2026-01-01"}, 0),
    ):
        assert page.get("/audit/", query).content.decode().count("查看<span") == count, query
    assert page.get("/audit/", {"since": "gestern"}).status_code == 422


def test_nobody_asks_by_a_name_they_may_not_read(cast: Cast, acts: dict[str, Entry]) -> None:
    """A party of the case sees 郑** of the other body: a guess of the whole name tells nothing."""
    for entry in (acts["submit"], acts["grant"]):
        name = entry.actor["name"]
        for who in ("audit_admin", "housing_manager", "civil_manager"):
            reader: Actor = getattr(cast, who)
            by_name = queries.search(reader, who=name).filter(pk=entry.pk).exists()
            assert by_name is queries.reads_names(reader, entry), (who, name)
        assert queries.entries_visible_to(cast.civil_manager).filter(pk=entry.pk).exists()


def test_the_list_and_its_file_name_a_case_by_its_number(
    cast: Cast, acts: dict[str, Entry]
) -> None:
    """It is what the filter and the page of the entry know it by; asked for once a page."""
    number = Case.objects.get(pk=acts["submit"].case).number
    page = cast.client("audit_admin")
    with CaptureQueriesContext(connection) as statements:
        html = page.get("/audit/?cols=case").content.decode()
    assert f'<td data-label="事项编号">{number}</td>' in html
    assert sum('"kernel_case"."number"' in q["sql"].partition(" FROM ")[0] for q in statements) == 1
    table = json.loads(b"".join(page.get("/audit/?cols=case&format=json").streaming_content))
    numbers = {acts["submit"].pk: number, acts["grant"].pk: number, acts["other"].pk: ""}
    assert numbers.items() <= {row["序号"]: row["事项编号"] for row in table}.items()


def test_what_people_did_is_told_from_what_the_platform_did_by_itself(
    cast: Cast, acts: dict[str, Entry]
) -> None:
    with writing("test"):
        by_itself = ledger.append(Actor.system(), "demo.act", "A28")
    assert {e.pk for e in queries.search(cast.audit_admin, people=True)} == {
        entry.pk for entry in acts.values()
    }
    assert [e.pk for e in queries.search(cast.audit_admin, people=False)] == [by_itself.pk]
    page = cast.client("audit_admin")
    for choice, count in (("", 3), ("yes", 3), ("no", 1), ("all", 4)):
        assert (
            page.get("/audit/", {"people": choice}).content.decode().count("查看<span") == count
        ), choice


def test_the_list_is_paged_by_key(cast: Cast) -> None:
    with writing("test"):
        for _ in range(60):
            ledger.append(cast.audit_admin, "demo.act", "A28")
    page = cast.client("audit_admin")
    first = page.get("/audit/")
    assert first.content.decode().count("查看<span") == 50
    assert (
        page.get("/audit/" + first.context["list"].later).content.decode().count("查看<span") == 10
    )


def test_an_entry_is_shown_with_its_change_and_its_proof(
    cast: Cast, acts: dict[str, Entry]
) -> None:
    url = f"/audit/{acts['submit'].pk}/"
    text = cast.client("audit_admin").get(url).content.decode()
    for words in (
        "与封存一致",
        "草稿",
        "已提交",
        CITIZEN,
        queries.proof_of(acts["submit"]).hash.hex(),
    ):
        assert words in text
    assert CITIZEN not in cast.client("civil_operator").get(url).content.decode()
    assert cast.client("stranger_operator").get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_only_the_audit_administrator_exports_and_says_why(
    cast: Cast, acts: dict[str, Entry], tmp_path: Path
) -> None:
    page = cast.client("audit_admin")
    assert page.get("/audit/export/").status_code == 200
    assert page.post("/audit/export/", {"reasons": ""}).status_code == 422
    answer = page.post("/audit/export/", {"reasons": "年度检查"}, follow=True)
    assert "导出完成" in answer.content.decode()
    file = page.get(f"/audit/packages/{answer.context['package'].pk}/file/")
    (tmp_path / "export.zip").write_bytes(b"".join(file.streaming_content))
    report = verify(
        Zip(tmp_path / "export.zip"), [Note.parse(queries.latest().note)], queries.keys()
    )
    assert (report.faults, report.entries) == ([], 3)
    entry = Entry.objects.get(verb="audit.export")
    assert (entry.reasons, entry.after["digest"]) == ("年度检查", answer.context["package"].digest)
    for who in ("bureau_manager", "system_admin", "housing_manager"):
        assert cast.client(who).get("/audit/export/").status_code == 403
        with pytest.raises(NotYours):
            actions.export(getattr(cast, who), reasons="好奇")
        assert (
            cast.client(who).get(f"/audit/packages/{answer.context['package'].pk}/").status_code
            == 404
        )
    with pytest.raises(AgainstRules):
        actions.export(cast.audit_admin, first=99, reasons="检查")


def test_what_another_seals_while_an_export_is_written_is_left_to_the_next(
    cast: Cast, acts: dict[str, Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkpoint made meanwhile would prove entries that are not in it, as if they were cut."""
    lines, at_work, written = queries.lines, Event(), Event()
    actions.seal()
    with writing("test"):
        ledger.append(cast.system_admin, "demo.act", "A28")

    def another() -> None:
        with transaction.atomic():
            assert actions.seal() is not None
            at_work.set()
            written.wait(30)
        connection.close()

    def sealed_meanwhile(first: int, end: int) -> Any:
        yield from lines(first, end)
        written.set()
        sealer.join(30)

    sealer = Thread(target=another)
    sealer.start()
    assert at_work.wait(30)
    monkeypatch.setattr("huitong.audit.actions.exporting.queries.lines", sealed_meanwhile)
    package = actions.export(cast.audit_admin, reasons="年度检查")
    assert (package.size, queries.latest().size) == (3, 4)
    path = queries.package_file(cast.audit_admin, package.pk)[1]
    report = verify(Zip(path), [Note.parse(queries.latest(package.size).note)], queries.keys())
    assert (report.faults, report.entries) == ([], 3)


def test_a_party_takes_the_evidence_of_its_case_along(cast: Cast, acts: dict[str, Entry]) -> None:
    case = acts["submit"].case
    page = cast.client("civil_manager")
    answer = page.post(f"/audit/cases/{case}/evidence/", {"reasons": "复议答辩"}, follow=True)
    package, path = queries.package_file(cast.civil_manager, answer.context["package"].pk)
    report = verify(Zip(path), [Note.parse(queries.latest().note)], queries.keys())
    assert (report.faults, report.entries, package.case) == ([], 2, case)
    with zipfile.ZipFile(path) as archive:
        assert archive.read("summary.pdf").startswith(b"%PDF")
        assert b"def verify(" in archive.read("verify_huitong.py")
        assert "复议答辩" in archive.read("MANIFEST.txt").decode()
        lines = [json.loads(line) for line in archive.read("entries.jsonl").decode().splitlines()]
    assert [line["entry"]["verb"] for line in lines] == ["toy.submit", "toy.grant"]
    assert Entry.objects.get(verb="audit.evidence").article == "A34"
    assert cast.client("stranger_manager").get(f"/audit/cases/{case}/evidence/").status_code == 404
    clerk = cast.client("civil_operator")
    assert clerk.get(f"/audit/cases/{case}/evidence/").status_code == 403, (
        "said before a reason is written"
    )
    entry_page = f"/audit/{acts['submit'].pk}/"
    assert (
        "导出事项证据包" in page.get(entry_page).content.decode(),
        "导出事项证据包" in clerk.get(entry_page).content.decode(),
    ) == (True, False)
    with pytest.raises(NotVisible):
        actions.evidence(cast.stranger_manager, case=case, reasons="好奇")


@pytest.mark.parametrize("typed", ["同意😀☑", "李\U00031350", "\u202e不同意", "\ue863\x07\uffff"])
def test_no_character_in_an_opinion_makes_evidence_impossible(
    cast: Cast, acts: dict[str, Entry], typed: str
) -> None:
    """One that the faces lack once closed the evidence of its case for ever. In the reason for
    the export as well."""
    case = Case.objects.get(pk=acts["submit"].case)
    with writing("test"):
        ledger.append(
            cast.civil_manager,
            "toy.grant",
            "A22",
            kind="toy",
            case=case.pk,
            obj=case,
            reasons=typed,
        )
    actions.seal()
    package = actions.evidence(cast.civil_manager, case=case.pk, reasons=f"复议{typed}")
    path = queries.package_file(cast.civil_manager, package.pk)[1]
    report = verify(Zip(path), [Note.parse(queries.latest().note)], queries.keys())
    assert (report.faults, report.entries) == ([], 3)
    with zipfile.ZipFile(path) as archive:
        assert (
            typed
            in json.loads(archive.read("entries.jsonl").decode().splitlines()[-1])["entry"][
                "reasons"
            ]
        )
        text = "".join(
            "".join(page.extract_text().split())
            for page in PdfReader(io.BytesIO(archive.read("summary.pdf"))).pages
        )
    assert "理由：" in text and (typed[-1] in text or f"〔U+{ord(typed[-1]):04X}〕" in text)


def test_what_a_higher_context_says_belongs_to_the_case_joins_its_evidence(
    cast: Cast, acts: dict[str, Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing("test"):
        ledger.append(cast.system, "access.delivered", "A30", obj=cast.body("finance"))
    actions.seal()
    case, pair = Case.objects.get(), ("organizations.body", str(cast.body("finance").pk))
    assert [e.verb for e in queries.evidence_of(cast.civil_manager, case, queries.latest())[1]] == [
        "toy.submit",
        "toy.grant",
    ]
    related = manifest.Evidence(related=[lambda of: [pair] if of == case else []])
    higher = manifest.Manifest("higher", evidence=related)
    monkeypatch.setitem(manifest.MANIFESTS, "higher", higher)
    assert [e.verb for e in queries.evidence_of(cast.civil_manager, case, queries.latest())[1]][
        -1
    ] == "access.delivered"


def test_the_generated_form_leads_to_the_file_too(cast: Cast, acts: dict[str, Entry]) -> None:
    answer = cast.client("housing_manager").post(
        "/do/audit.evidence/", {"case": acts["submit"].case, "reasons": "复议答辩"}, follow=True
    )
    assert "导出完成" in answer.content.decode()


def test_old_files_are_swept_but_stay_on_record(cast: Cast, acts: dict[str, Entry]) -> None:
    package = actions.export(cast.audit_admin, reasons="检查")
    assert actions.sweep(days=7) == 0
    assert actions.sweep(days=-1) >= 1
    with pytest.raises(NotVisible):
        queries.package_file(cast.audit_admin, package.pk)
    assert queries.packages_visible_to(cast.audit_admin).count() == 1


def test_who_left_reads_neither_package_nor_what_they_did_there(
    cast: Cast, acts: dict[str, Entry]
) -> None:
    """A package and one's own entries show what the body had, and stayed readable in every later
    post."""
    case = acts["submit"].case
    package = actions.evidence(cast.civil_manager, case=case, reasons="复议答辩")
    own = Entry.objects.get(verb="audit.evidence")
    page = cast.client("civil_manager")
    addresses = [
        f"/audit/packages/{package.pk}/",
        f"/audit/packages/{package.pk}/file/",
        f"/audit/{own.pk}/",
        f"/audit/{acts['grant'].pk}/",
    ]

    def answers() -> list[int]:
        responses = [page.get(address) for address in addresses]
        for answer in responses:
            answer.close()
        return [answer.status_code for answer in responses]

    assert answers() == [200] * 4
    posting = Posting.objects.get(person=cast.person("civil_manager"))
    organizations.dismiss(cast.security_admin, posting=posting.pk, reasons="调离")
    organizations.appoint(
        cast.security_admin,
        person=posting.person_id,
        body=cast.body("stranger").pk,
        post=Post.MANAGER,
    )
    assert answers() == [404] * 4
    entries = queries.search(people.actor_for(cast.person("civil_manager")))
    assert not entries.filter(body=posting.body_id).exists()
