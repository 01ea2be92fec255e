"""How the ledger stands: the status page, and the checkpoint that anybody may fetch."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from tests.cast import Cast

from huitong.audit import actions, queries
from huitong.audit.models import Inspection
from huitong.audit.rules.note import Note
from huitong.kernel import ledger
from huitong.kernel.ledger import Entry, writing

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_status_page_says_how_it_stands(cast: Cast, acts: dict[str, Entry]) -> None:
    page = cast.client("audit_admin")
    assert "尚未设置外部存放处" in page.get("/audit/status/").content.decode()
    actions.inspect()
    assert "未发现改动" in page.get("/audit/status/").content.decode()
    for _ in range(2):
        assert "已安排完整核验" in page.post("/audit/check/", follow=True).content.decode()
    assert cast.client("bureau_manager").get("/audit/status/").status_code == 403


def test_the_status_page_tells_what_should_worry(cast: Cast, acts: dict[str, Entry]) -> None:
    def inspected(days_ago: float, *faults: dict[str, Any]) -> str:
        with writing("test"):
            Inspection.objects.create(
                at=timezone.now() - timedelta(days_ago),
                seconds=1,
                entries=3,
                size=3,
                compared=0,
                faults=list(faults),
            )
        return cast.client("audit_admin").get("/audit/status/").content.decode()

    assert "多日未完整核验" in inspected(3)
    assert "核验发现 1 处问题" in inspected(1, {"kind": "changed", "leaf": 2})
    later = inspected(0.5)
    assert (
        "台账完整" in later
        and "此前的核验发现过问题" in later
        and "没有外存的检查点可比对" in later
    )
    assert "核验发现 1 处问题" in (
        inspected(-400) and inspected(0.1, {"kind": "tail", "size": 2})
    ), "one dated ahead hides no later one"
    with writing("test"):
        old = ledger.append(cast.audit_admin, "demo.act", "A28")
    assert "封存没有跟上" not in inspected(0)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_entry DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE kernel_entry SET at = at - interval '3 minutes' WHERE seq = %s", [old.pk]
        )
    assert "封存没有跟上" in inspected(0)


def test_anybody_may_fetch_the_checkpoint(cast: Cast) -> None:
    public = Client()
    assert (missing := public.get("/checkpoint")).status_code == 404
    assert missing.headers["Content-Type"].startswith("text/plain")
    with writing("test"):
        ledger.append(cast.audit_admin, "demo.act", "A28")
    actions.seal()
    with writing("test"):
        ledger.append(cast.audit_admin, "demo.act", "A28")
    actions.seal()
    assert Note.parse(public.get("/checkpoint").content.decode()).signers(queries.keys())
    assert public.get("/checkpoint/keys").content.decode().strip() == str(queries.signer().key)
    proof = public.get("/checkpoint/consistency", {"old": 1, "size": 2}).json()
    assert (proof["old"], len(proof["proof"])) == (1, 1)
    assert public.get("/checkpoint/consistency", {"old": 1, "size": 9}).status_code == 409
    assert public.get("/checkpoint/consistency", {"old": "x"}).status_code == 422
    assert (
        public.post("/checkpoint", b"no checkpoint", content_type="text/plain").status_code == 422
    )
    assert public.post("/checkpoint", b"x" * 30_000, content_type="text/plain").status_code == 422
