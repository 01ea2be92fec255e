"""The evidence package of an application holds its grant, every delivery and every call under it (A34)."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.sharing import Sharing

from huitong.access import actions as access
from huitong.audit import actions, queries
from huitong.audit.rules.note import Note
from huitong.audit.rules.offline import Zip, verify
from huitong.planes.gateway import actions as gateway

pytestmark = pytest.mark.django_db(transaction=True)


def call(grant: int, number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"stream-{number}", "kind": "DownstreamEnd", "at": "2026-11-23T03:00:00+00:00", "client": "housing", "grant": str(grant),
            "method": "GET", "path": "/r/marriage", "status": 200, "bytes": 100, "ms": 4, "ip": "10.1.2.3"} | more


def test_decisions_deliveries_and_calls_of_an_application_are_taken_along_and_proven(sharing: Sharing) -> None:
    grant = sharing.granted()
    other = sharing.granted(sharing.mount("division", "api"))
    now = datetime.now(UTC)
    access.report_delivery(sharing.cast.system, plane="files", reference="run-1", grant=grant.pk, at=now, bytes=5)
    access.report_delivery(sharing.cast.system, plane="files", reference="run-2", grant=other.pk, at=now, bytes=5)
    gateway.record_calls(sharing.cast.system, file="access.log", start=0, offset=99,
                         lines=[call(grant.pk, 1), call(grant.pk, 2, status=403, details="rbac_access_denied"), call(other.pk, 3)])
    actions.seal()
    for case in (grant.application.case_id, grant.case_id):
        made = actions.evidence(sharing.cast.civil_manager, case=case, reasons="复议答辩")
        path = queries.package_file(sharing.cast.civil_manager, made.pk)[1]
        assert verify(Zip(path), [Note.parse(queries.latest().note)], queries.keys()).faults == []
        with zipfile.ZipFile(path) as archive:
            acts = [json.loads(line)["entry"] for line in archive.read("entries.jsonl").decode().splitlines()]
            calls = [json.loads(line) for line in archive.read("calls.jsonl").decode().splitlines()]
        verbs = [entry["verb"] for entry in acts]
        assert {"application.grant", "grant.issue"} <= set(verbs)
        delivered = [entry["after"]["reference"] for entry in acts if entry["verb"] == "access.report_delivery"]
        assert delivered == ["run-1", f"calls:access.log:99:{grant.pk}"]
        assert [(c["stream"], c["grant"]) for c in calls] == [("stream-1", grant.pk), ("stream-2", grant.pk)]
