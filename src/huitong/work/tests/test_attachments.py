"""A file is its uploader's until it is handed in; then the parties of the case may read it, and
nobody else."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import Malformed
from huitong.work import actions, queries
from huitong.work.models import Attachment
from huitong.work.tests import made

pytestmark = pytest.mark.django_db


def scan(name: str = "公函.pdf", content: bytes | None = None) -> SimpleUploadedFile:
    # what the browser claims counts for nothing
    return SimpleUploadedFile(name, content or made.pdf(2), "text/html")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_a_file_lies_under_its_hash_and_is_recorded(cast, tmp_path):
    letter = actions.attach(cast.housing_operator, upload=scan("../../etc/公函.pdf"))
    path = queries.path_of(letter)
    assert (
        letter.name == "公函.pdf" and letter.pages == 2 and letter.media_type == "application/pdf"
    )
    assert (
        path.is_relative_to(tmp_path)
        and path.name == letter.sha256
        and path.stat().st_mode & 0o777 == 0o600
    )
    assert not list((tmp_path / "incoming").iterdir())
    entry = Entry.objects.get(verb="work.take_in")
    assert entry.after["sha256"] == letter.sha256


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("..\\..\\公函.pdf", "公函.pdf"),
        ("公函\r\nX-Evil: 1.pdf", "公函X-Evil: 1.pdf"),
        ("公函\u2028\x1b[31m\u200b.pdf", "公函[31m.pdf"),
        ("公函\u202etxt.pdf", "公函txt.pdf"),  # turned around it reads 公函fdp.txt
    ],
)
def test_a_name_shows_what_kind_of_file_it_is(cast, sent: str, name: str):
    """No path, no character nobody sees, none that turns the rest around, in no list, no header
    and not in the ledger."""
    upload = scan()
    upload._name = sent  # a browser sends any
    letter = actions.attach(cast.housing_operator, upload=upload)
    assert letter.name == Entry.objects.get(verb="work.take_in").after["name"] == name


def test_the_same_file_is_taken_in_once(cast):
    one, two = (actions.attach(cast.housing_operator, upload=scan()) for _ in range(2))
    other = actions.attach(cast.civil_operator, upload=scan())
    assert one.pk == two.pk != other.pk and queries.path_of(one) == queries.path_of(other)


def test_hostile_content_leaves_nothing_behind(cast, tmp_path):
    with pytest.raises(Malformed):
        actions.attach(cast.housing_operator, upload=scan(content=b"<html></html>"))
    assert not Attachment.objects.exists() and not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_a_file_too_big_is_refused_before_it_is_read(cast, settings):
    settings.ATTACHMENT_MAX_BYTES = 100
    with pytest.raises(Malformed, match="文件过大"):
        actions.attach(cast.housing_operator, upload=scan())


def test_parties_of_the_case_read_it_strangers_do_not(cast):
    letter = actions.attach(cast.housing_operator, upload=scan())
    url = f"/attachments/{letter.pk}/"
    assert b"".join(cast.client("housing_operator").get(url).streaming_content).startswith(b"%PDF-")
    assert cast.client("civil_manager").get(url).status_code == 404
    case = made.room(cast, letter=letter.pk, seats=min(letter.pk, 300))
    given = cast.client("civil_manager").get(url)
    assert b"".join(given.streaming_content).startswith(b"%PDF-")
    assert (
        given.headers["X-Content-Type-Options"] == "nosniff"
        and "sandbox" in given.headers["Content-Security-Policy"]
    )
    assert (
        given.headers["Content-Disposition"].startswith("attachment")
        and given.headers["Content-Type"] == "application/pdf"
    )
    assert cast.client("stranger_manager").get(url).status_code == 404
    record = queries.timeline(cast.housing_operator, case, {}).lines
    assert [[name for name, _ in line["files"]] for line in record if "files" in line] == [
        ["公函.pdf"],
        [],
    ]
    assert "公函.pdf" in cast.client("civil_manager").get(f"/cases/{case.pk}/").content.decode()


def test_nobody_hands_in_a_file_that_is_not_theirs(cast):
    letter = actions.attach(cast.stranger_operator, upload=scan())
    with pytest.raises(Malformed) as refused:
        made.room(cast, letter=letter.pk)
    assert "letter" in refused.value.fields
    with pytest.raises(Malformed):
        made.room(cast, letter=10_000)


def test_an_upload_survives_an_error_elsewhere_in_the_form(cast):
    clerk = cast.client("housing_operator")
    url = "/cases/open/room/ask_room/"
    sent = {
        "lender": cast.body("civil").pk,
        "purpose": "会",
        "on": "2026-12-01",
        "seats": "10",
        "size": "small",
        "half": "上午",
    }
    wrong = clerk.post(url, sent | {"letter": scan()})
    letter = Attachment.objects.get()
    html = wrong.content.decode()
    assert (
        wrong.status_code == 422
        and f'name="letter__kept" value="{letter.pk}"' in html
        and "公函.pdf" in html
    )
    assert (
        clerk.post(url, sent | {"purpose": "协调会", "letter__kept": letter.pk}).status_code == 302
    )
    assert queries.attachments_visible_to(cast.housing_manager).get() == letter


def test_hostile_content_is_refused_beside_its_field(cast):
    sent = {
        "lender": cast.body("civil").pk,
        "purpose": "协调会",
        "on": "2026-12-01",
        "letter": scan(content=b"<html></html>"),
    }
    wrong = cast.client("housing_operator").post("/cases/open/room/ask_room/", sent)
    assert wrong.status_code == 422 and "内容与扩展名不符" in wrong.content.decode()
