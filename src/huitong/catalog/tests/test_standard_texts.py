"""A data standard carries its text as it was issued: checked by its content, for everybody who
reads the standards, by page and API (A9)."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from tests.cast import Cast

from huitong.catalog import actions, queries
from huitong.catalog.models import CodeList, Standard
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.procedure import Malformed
from huitong.organizations.actions import create_token
from huitong.work.actions import attach

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 1)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA = settings.MEDIA_ROOT = tmp_path


def paper(side: int = 8) -> bytes:
    """A PDF that can be opened."""
    stream = io.BytesIO()
    Image.new("RGB", (side, side)).save(stream, "PDF")
    return stream.getvalue()


PDF = paper()


def filed(cast: Cast, content: bytes = PDF, name: str = "婚姻登记.pdf") -> Standard:
    file = attach(cast.civil_operator, upload=SimpleUploadedFile(name, content))
    return actions.register_standard(
        cast.civil_operator,
        number="DB3206/T 1001-2026",
        name="婚姻登记数据规范",
        kind="local",
        in_force=DAY,
        file=file.pk,
    )


def test_everybody_who_reads_the_standards_reads_it_by_page_and_api(cast: Cast) -> None:
    row = filed(cast)
    for who in ("civil_manager", "hr_operator", "bureau_manager"):
        client = cast.client(who)
        page = client.get("/catalog/standards/?q=DB3206/T 1001").content.decode()
        assert f"/catalog/standards/{row.pk}/text/" in page
        answer = client.get(f"/catalog/standards/{row.pk}/text/")
        assert b"".join(answer.streaming_content) == PDF
        token = create_token(getattr(cast, who), label="标准", days=1)["token"]
        api = Client(headers={"Authorization": f"Bearer {token}"})
        [listed] = [
            one
            for one in api.get("/api/catalog/standards?limit=100").json()["items"]
            if one["id"] == row.pk
        ]
        assert listed["has_text"] is True
        answer = api.get(f"/api/catalog/standards/{row.pk}/text")
        assert b"".join(answer.streaming_content) == PDF
    assert Client().get(f"/catalog/standards/{row.pk}/text/").status_code == 302
    assert cast.client("audit_admin").get(f"/catalog/standards/{row.pk}/text/").status_code == 403


def test_one_without_a_text_has_none_to_read(cast: Cast) -> None:
    row = Standard.objects.filter(file=None)[0]
    client = cast.client("hr_operator")
    assert client.get(f"/catalog/standards/{row.pk}/text/").status_code == 404
    page = client.get("/catalog/standards/").content.decode()
    assert f"/catalog/standards/{row.pk}/text/" not in page


def test_a_correction_keeps_the_text_unless_another_is_given(cast: Cast) -> None:
    row = filed(cast)
    first, fields = row.file_id, {"name": "婚姻登记数据规范（修订）", "in_force": DAY}
    actions.change_standard(cast.civil_operator, standard=row.pk, **fields)
    row.refresh_from_db()
    assert row.file_id == first
    other = attach(cast.civil_operator, upload=SimpleUploadedFile("修订.pdf", paper(9)))
    actions.change_standard(cast.civil_operator, standard=row.pk, file=other.pk, **fields)
    row.refresh_from_db()
    assert row.file_id == other.pk
    entry = LedgerEntry.objects.filter(verb="catalog.change_standard").latest("seq")
    assert (entry.before["file"], entry.after["file"]) == (first, other.pk)


def test_what_is_no_document_and_what_is_anothers_is_refused(cast: Cast) -> None:
    with pytest.raises(Malformed):
        attach(cast.civil_operator, upload=SimpleUploadedFile("标准.pdf", b"MZ\x90\x00 not a PDF"))
    alien = attach(cast.hr_operator, upload=SimpleUploadedFile("社保.pdf", PDF))
    with pytest.raises(Malformed):
        actions.register_standard(
            cast.civil_operator,
            number="DB3206/T 1002-2026",
            name="借来的文本",
            kind="local",
            in_force=DAY,
            file=alien.pk,
        )
    assert not Standard.objects.filter(number="DB3206/T 1002-2026").exists()


def test_only_who_catalogs_or_uses_data_reads_who_filed_what(cast: Cast):
    row, codes = filed(cast), CodeList.objects.first()
    for actor in (cast.hr_operator, cast.rudong_operator, cast.bureau_manager, cast.system):
        assert row in queries.standards(actor) and codes in queries.code_lists(actor)
    for actor in (cast.audit_admin, cast.system_admin, cast.platform_operator):
        assert not queries.standards(actor) and not queries.code_lists(actor)
