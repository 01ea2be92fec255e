"""The evidence package of an application holds its grant, every delivery and every call under it
(A34)."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from tests.sharing import Sharing

from huitong.access import actions as access
from huitong.access import queries as access_queries
from huitong.access.models import Form
from huitong.audit import actions, queries
from huitong.audit.rules.note import Note
from huitong.audit.rules.offline import Zip, verify
from huitong.kernel import manifest
from huitong.planes.gateway import actions as gateway
from huitong.work import actions as work

pytestmark = pytest.mark.django_db(transaction=True)


def call(grant: int, number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"stream-{number}",
        "kind": "DownstreamEnd",
        "at": "2026-11-23T03:00:00+00:00",
        "client": "housing",
        "grant": str(grant),
        "method": "GET",
        "path": "/r/marriage",
        "status": 200,
        "bytes": 100,
        "ms": 4,
        "ip": "10.1.2.3",
    } | more


def test_the_papers_of_an_application_and_all_acts_on_its_form_are_taken_along(
    sharing: Sharing, tmp_path: Path
) -> None:
    """Everything liability turns on: who wrote the form, what was printed, the scan with its
    stamp, who looked at the data, the checklist."""
    cast = sharing.cast
    application = sharing.accepted(sharing.mount("division", "api"))
    access.simulate(cast.bureau_manager, application=application.pk)
    work.claim(cast.bureau_manager, case=application.case_id)
    grant = access.grant(cast.bureau_manager, application.case)
    form = Form.objects.select_related("scan", "printed").get(pk=application.form_id)
    actions.seal()
    for case in (application.case_id, grant.case_id):
        package = actions.evidence(cast.civil_manager, case=case, reasons="复议答辩")
        path = queries.package_file(cast.civil_manager, package.pk)[1]
        assert verify(Zip(path), [Note.parse(queries.latest().note)], queries.keys()).faults == []
        with zipfile.ZipFile(path) as archive:
            acts = [
                json.loads(line)["entry"]
                for line in archive.read("entries.jsonl").decode().splitlines()
            ]
            listed = {
                row["what"]: row
                for row in map(json.loads, archive.read("papers.jsonl").decode().splitlines())
            }
            held = {what: archive.read(row["file"]) for what, row in listed.items()}
        verbs = {entry["verb"] for entry in acts}
        assert {
            "access.begin_form",
            "access.print_form",
            "access.seal_form",
            "access.submit_form",
            "application.accept",
            "access.simulate",
            "application.grant",
            "grant.issue",
            "work.take_in",
            "work.claim",
        } <= verbs
        [accepted] = [entry for entry in acts if entry["verb"] == "application.accept"]
        assert set(accepted["after"]["facts"]["checked"]) == {"stamp", "legible", "duty", "content"}
        assert hashlib.sha256(held["scan"]).hexdigest() == form.scan.sha256 and held[
            "print"
        ] == access_queries.printed_matter(form)
        assert (
            json.loads(held["content"])["purpose"] == form.purpose
            and hashlib.sha256(held["content"]).hexdigest() == form.printed_hash
        )


def test_the_summary_does_not_call_a_grant_in_force_unfinished(sharing: Sharing) -> None:
    grant = sharing.granted()
    actions.seal()
    words = []
    for case in (grant.case_id, grant.application.case_id):
        package = actions.evidence(sharing.cast.civil_manager, case=case, reasons="复议答辩")
        path = queries.package_file(sharing.cast.civil_manager, package.pk)[1]
        with zipfile.ZipFile(path) as archive:
            pages = PdfReader(io.BytesIO(archive.read("summary.pdf"))).pages
            words.append("".join("".join(page.extract_text().split()) for page in pages))
    in_force, decided = words
    assert "办结时间生效中" in in_force and "未办结" not in in_force
    assert "生效中" not in decided and "未办结" not in decided


def test_a_paper_put_in_place_of_the_one_handed_in_is_found_without_the_platform(
    sharing: Sharing, tmp_path: Path
) -> None:
    """Signed by the platform itself, so that only the sealed entries can tell: with the
    stand-alone verifier."""
    application = sharing.accepted(sharing.mount("division", "api"))
    actions.seal()
    with pytest.MonkeyPatch.context() as patched:
        other = manifest.Evidence(
            attached=[lambda case: [("papers/" + "0" * 64 + ".pdf", [b"%PDF another paper"])]]
        )
        patched.setattr(
            manifest, "MANIFESTS", {"forger": manifest.Manifest("forger", evidence=other)}
        )
        package = actions.evidence(
            sharing.cast.civil_manager, case=application.case_id, reasons="复议答辩"
        )
    path = queries.package_file(sharing.cast.civil_manager, package.pk)[1]
    assert [
        (f.kind, f.where)
        for f in verify(Zip(path), [Note.parse(queries.latest().note)], queries.keys()).faults
    ] == [("file", "papers/" + "0" * 64 + ".pdf")]
    with zipfile.ZipFile(path) as archive:
        (tmp_path / "verify_huitong.py").write_bytes(archive.read("verify_huitong.py"))
    alone = subprocess.run(
        [sys.executable, "-I", str(tmp_path / "verify_huitong.py"), str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert alone.returncode == 1 and "不是办理时的那一份" in alone.stdout, (
        alone.stdout + alone.stderr
    )


def test_decisions_deliveries_and_calls_of_an_application_are_taken_along_and_proven(
    sharing: Sharing,
) -> None:
    grant = sharing.granted()
    other = sharing.granted(sharing.mount("division", "api"))
    now = datetime.now(UTC)
    access.report_delivery(
        sharing.cast.system, plane="files", reference="run-1", grant=grant.pk, at=now, bytes=5
    )
    access.report_delivery(
        sharing.cast.system, plane="files", reference="run-2", grant=other.pk, at=now, bytes=5
    )
    gateway.record_calls(
        sharing.cast.system,
        file="access.log",
        start=0,
        offset=99,
        lines=[
            call(grant.pk, 1),
            call(grant.pk, 2, status=403, details="rbac_access_denied"),
            call(other.pk, 3),
        ],
    )
    actions.seal()
    for case in (grant.application.case_id, grant.case_id):
        package = actions.evidence(sharing.cast.civil_manager, case=case, reasons="复议答辩")
        path = queries.package_file(sharing.cast.civil_manager, package.pk)[1]
        assert verify(Zip(path), [Note.parse(queries.latest().note)], queries.keys()).faults == []
        with zipfile.ZipFile(path) as archive:
            acts = [
                json.loads(line)["entry"]
                for line in archive.read("entries.jsonl").decode().splitlines()
            ]
            calls = [json.loads(line) for line in archive.read("calls.jsonl").decode().splitlines()]
        verbs = [entry["verb"] for entry in acts]
        assert {"application.grant", "grant.issue"} <= set(verbs)
        delivered = [
            entry["after"]["reference"]
            for entry in acts
            if entry["verb"] == "access.report_delivery"
        ]
        assert delivered == ["run-1", f"calls:access.log:99:{grant.pk}"]
        assert [(c["stream"], c["grant"]) for c in calls] == [
            ("stream-1", grant.pk),
            ("stream-2", grant.pk),
        ]
