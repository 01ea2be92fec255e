"""Acts of a toy procedure in the ledger, for the tests of its doors."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cast import Cast

from huitong.audit import actions
from huitong.audit.rules.export import ZipTarget
from huitong.audit.rules.script import NAME, script
from huitong.audit.tests.exports import HONEST, PLATFORM
from huitong.audit.tests.toy import CITIZEN, TOY
from huitong.kernel import ledger
from huitong.kernel.case import Case
from huitong.kernel.doing import PROCEDURES
from huitong.kernel.ledger import Entry, writing
from huitong.organizations import actions as organizations


@pytest.fixture
def toy_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROCEDURES, "toy", {"nantong-2020": TOY})


@pytest.fixture
def acts(cast: Cast, toy_table: None) -> dict[str, Entry]:
    """A case between Housing and Civil Affairs, an act of the Stranger beside it; sealed."""
    with writing("test"):
        case = Case.objects.create(
            kind="toy",
            law="nantong-2020",
            title="申请婚姻登记信息",
            state="submitted",
            number="T1",
            parties={"consumer": cast.body("housing").pk, "provider": cast.body("civil").pk},
            bodies=[cast.body("housing").pk, cast.body("civil").pk],
        )
        entries = {
            "submit": ledger.append(
                cast.housing_operator,
                "toy.submit",
                "A20",
                kind="toy",
                case=case.pk,
                obj=case,
                before={"state": "draft"},
                after={"state": "submitted"},
                reasons=f"核对 {CITIZEN}",
            ),
            "grant": ledger.append(
                cast.civil_manager, "toy.grant", "A22", kind="toy", case=case.pk, obj=case
            ),
            "other": ledger.append(cast.stranger_operator, "demo.other", "A28"),
        }
    actions.seal()
    return entries


@pytest.fixture
def token(cast: Cast) -> Callable[[str], str]:
    return lambda who: organizations.create_token(getattr(cast, who), label="核验")["token"]


@pytest.fixture
def export_folder(tmp_path: Path) -> Path:
    """A folder with an export as folder and as zip, the checkpoints that left, the key, and the
    script."""
    with zipfile.ZipFile(tmp_path / "export.zip", "x") as archive:
        HONEST.export(target=ZipTarget(archive))
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        archive.extractall(tmp_path / "export")
    (tmp_path / "outside.checkpoints").write_text("\n".join(map(str, HONEST.notes)))
    (tmp_path / "key.txt").write_text(f"{PLATFORM.key}\n")
    (tmp_path / NAME).write_text(script())
    return tmp_path
