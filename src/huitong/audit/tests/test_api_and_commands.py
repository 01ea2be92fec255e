"""The ledger by API and by command: the same rights, the same proofs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.cast import Cast

from huitong.audit import queries
from huitong.audit.tests.toy import CITIZEN
from huitong.kernel.ledger import Entry

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_api_lists_proves_and_hands_out(
    cast: Cast, acts: dict[str, Entry], token: Callable[[str], str]
) -> None:
    def ask(who: str, path: str, **query: object) -> Any:
        return Client().get(
            f"/api/audit/{path}", query, headers={"Authorization": f"Bearer {tokens[who]}"}
        )

    tokens = {who: token(who) for who in ("civil_manager", "stranger_manager")}
    answer = ask("civil_manager", "entries", case=acts["submit"].case, limit=1).json()
    assert (answer["items"][0]["seq"], answer["items"][0]["actor"]["name"][1:]) == (
        acts["grant"].pk,
        "负责人",
    )
    older = ask(
        "civil_manager", "entries", case=acts["submit"].case, limit=1, before=answer["next"]
    ).json()
    assert (older["items"][0]["seq"], older["next"]) == (acts["submit"].pk, None)
    assert CITIZEN not in older["items"][0]["reasons"]
    whole = ask("civil_manager", f"entries/{acts['submit'].pk}").json()
    assert whole["proof"]["holds"] is True
    assert CITIZEN not in whole["entry"]["reasons"]
    assert ask("stranger_manager", f"entries/{acts['submit'].pk}").status_code == 404
    package = (
        Client()
        .post(
            "/api/do/audit.evidence",
            {"case": acts["submit"].case, "reasons": "复议答辩"},
            "application/json",
            headers={"Authorization": f"Bearer {tokens['civil_manager']}"},
        )
        .json()
    )
    assert package["object"] == "audit.package"
    assert b"".join(
        ask("civil_manager", f"packages/{package['object_id']}").streaming_content
    ).startswith(b"PK")
    assert ask("stranger_manager", f"packages/{package['object_id']}").status_code == 404


def test_the_commands_seal_export_and_verify(
    live_db: Any, cast: Cast, acts: dict[str, Entry], token: Callable[[str], str], tmp_path: Path
) -> None:
    """As processes of their own, on the same database as the runtime role."""
    token("civil_manager")

    def run(*words: str, **more: str) -> tuple[int, str]:
        environment = (
            live_db.environment | {"HUITONG_CHECKPOINT_DIRS": str(tmp_path / "share")} | more
        )
        result = subprocess.run(
            [sys.executable, "-m", "huitong.cli", *words],
            env=environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return result.returncode, result.stdout + result.stderr

    assert run("audit", "seal") == (0, "sealed up to 4\n")  # the three, and the token's own entry
    (tmp_path / "key").write_text(f"{queries.signer().key}\n")
    export = str(tmp_path / "ledger.zip")
    code, output = run("audit", "export", export, "--reasons", "年度检查", "--as", "audit_admin")
    assert (code, "SHA-256" in output) == (0, True), output
    outside = str(next((tmp_path / "share").iterdir()))
    code, output = run("verify", export, "--key", str(tmp_path / "key"), "--checkpoint", outside)
    assert (code, "未发现改动" in output) == (0, True), output
    assert Entry.objects.get(verb="audit.export").actor["name"] == cast.person("audit_admin").name
