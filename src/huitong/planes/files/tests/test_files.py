"""Files handed out under a grant: to whom, checked, recorded; refused to everybody else (A13,
A28, A30)."""

from __future__ import annotations

import base64
import subprocess
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.sharing import CLEARED, ITEMS, RISK, Sharing

from huitong.access import actions as access
from huitong.catalog import actions as catalog
from huitong.catalog.tests.marriage import republished
from huitong.kernel.actor import Post
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.workdays import today
from huitong.organizations.models import Posting
from huitong.planes.files.rules import how_to_check
from huitong.planes.files.tests.downloads import (
    CONTENT,
    SHA256,
    content_of,
    oauth,
    personal,
    reported,
)
from huitong.publishing import actions as publishing
from huitong.work import actions as work_actions
from huitong.work import queries as work
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["housing_operator", "housing_manager"])
def test_the_consumers_people_get_the_file_with_its_digest(
    sharing: Sharing, grant: Any, who: str
) -> None:
    answer = sharing.cast.client(who).get(f"/files/{grant.pk}/")
    assert answer.status_code == 200 and content_of(answer) == CONTENT
    assert (
        answer.headers["Repr-Digest"]
        == f"sha-256=:{base64.b64encode(bytes.fromhex(SHA256)).decode()}:"
    )
    assert (
        answer.headers["Content-Disposition"] == 'attachment; filename="data.png"'
        and answer.headers["Cache-Control"] == "no-store"
    )
    assert unquote(answer.headers["X-Grant-Purpose"]) == grant.purpose
    assert unquote(answer.headers["X-Grant-Scope"]) == "提供整个文件。"
    assert f"/grants/{grant.pk}/" in answer.headers["Link"]
    page = sharing.cast.client(who).get("/files/").content.decode()
    assert grant.purpose in page and grant.case.number in page and "整个文件" in page
    beginning, delivery = (
        Entry.objects.get(verb="files.begin"),
        Entry.objects.get(verb="files.download"),
    )
    assert (
        beginning.seq < delivery.seq
        and beginning.object_id == str(grant.pk)
        and "bytes" not in beginning.after
    )
    assert (
        delivery.person == sharing.cast.person(who).pk
        and delivery.after["sha256"] == SHA256
        and delivery.after["receiver"].startswith("市住建局 ")
    )
    assert reported(grant) == [("delivered", delivery.after["receiver"])]


def test_everybody_else_is_refused_and_it_is_recorded(sharing: Sharing, grant: Any) -> None:
    for who, status in (
        ("civil_operator", 403),
        ("bureau_manager", 403),
        ("stranger_operator", 404),
        ("hr_manager", 404),
        ("system_admin", 404),
    ):
        assert sharing.cast.client(who).get(f"/files/{grant.pk}/").status_code == status, who
    assert Client().get(f"/files/{grant.pk}/").status_code == 302
    refusals = Entry.objects.filter(verb="files.refuse")
    assert (
        refusals.count() == 5
        and refusals.first().article == "A28"
        and not Entry.objects.filter(verb="files.download").exists()
    )
    assert {entry.person for entry in refusals} == {
        sharing.cast.person(who).pk
        for who in (
            "civil_operator",
            "bureau_manager",
            "stranger_operator",
            "hr_manager",
            "system_admin",
        )
    }
    assert reported(grant) == [], "whoever likes would fill the list of a grant that is not theirs"
    assert sharing.cast.client("housing_operator").get("/files/999999/").status_code == 404


def test_a_strangers_system_fills_no_list_either(sharing: Sharing, grant: Any) -> None:
    other = catalog.register_system(
        sharing.cast.stranger_operator, name="体育场馆系统", protection_level="一级"
    )
    header = oauth(access.issue_credential(sharing.cast.stranger_operator, system=other.pk))
    assert [Client().get(f"/api/files/{grant.pk}", **header).status_code for _ in range(3)] == [
        404
    ] * 3
    refusals = Entry.objects.filter(verb="files.refuse")
    assert (
        reported(grant) == []
        and ["体育场馆系统" in entry.after["receiver"] for entry in refusals] == [True] * 3
    )


@pytest.mark.parametrize("verb", ["revoke", "suspend"])
def test_a_grant_that_ended_refuses_at_once(sharing: Sharing, grant: Any, verb: str) -> None:
    client, person = sharing.cast.client("housing_operator"), personal(sharing, "housing_operator")
    machine = oauth(sharing.credential())
    getattr(access, verb)(sharing.cast.civil_manager, sharing.case(grant), **RISK)
    assert client.get(f"/files/{grant.pk}/").status_code == 403
    for header in (person, machine):
        answer = Client().get(f"/api/files/{grant.pk}", **header)
        assert answer.status_code == 403 and answer.json()["article"] == "A30"
    assert [status for status, _ in reported(grant)] == ["refused"] * 3, (
        "the holder's own tries are facts of the grant"
    )
    assert (
        Entry.objects.filter(verb="files.refuse").count() == 3
        and "婚姻登记信息" not in client.get("/files/").content.decode()
    )


def test_a_person_and_the_grants_system_download_through_the_api(
    sharing: Sharing, grant: Any
) -> None:
    credential = sharing.credential()
    for header in (personal(sharing, "housing_operator"), oauth(credential)):
        answer = Client().get(f"/api/files/{grant.pk}", **header)
        assert (
            answer.status_code == 200
            and content_of(answer) == CONTENT
            and "Repr-Digest" in answer.headers
        )
    entry = Entry.objects.get(verb="files.download_by_machine")
    assert (
        credential["client_id"] in entry.after["receiver"]
        and entry.actor["deputy_for_name"] == entry.after["receiver"]
    )
    assert len(reported(grant)) == 2


def test_the_api_refuses_without_a_good_token(sharing: Sharing, grant: Any) -> None:
    credential = sharing.credential()
    good = oauth(credential)["HTTP_AUTHORIZATION"]
    head, body, signature = good.removeprefix("Bearer ").split(".")
    for wrong in (
        "",
        "Bearer x",
        f"Bearer {head}.{body}.{signature[:-4]}AAAA",
        f"Bearer {head}.{body}.",
        "Bearer eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0." + body + ".",
    ):
        assert (
            Client().get(f"/api/files/{grant.pk}", HTTP_AUTHORIZATION=wrong).status_code == 401
        ), wrong
    access.limit_networks(
        sharing.cast.housing_operator, credential=credential["credential"], networks=["10.9.8.0/24"]
    )
    assert Client().get(f"/api/files/{grant.pk}", HTTP_AUTHORIZATION=good).status_code == 403
    access.limit_networks(
        sharing.cast.housing_operator, credential=credential["credential"], networks=[]
    )
    access.revoke_credential(sharing.cast.housing_operator, credential=credential["credential"])
    assert Client().get(f"/api/files/{grant.pk}", HTTP_AUTHORIZATION=good).status_code == 403


def test_another_system_knows_nothing_of_it(sharing: Sharing, grant: Any) -> None:
    cast = sharing.cast
    other = catalog.register_system(
        cast.stranger_operator, name="体育场馆系统", protection_level="一级"
    )
    header = oauth(access.issue_credential(cast.stranger_operator, system=other.pk))
    assert Client().get(f"/api/files/{grant.pk}", **header).status_code == 404
    assert (
        Client().get(f"/api/files/{grant.pk}", **personal(sharing, "stranger_operator")).status_code
        == 404
    )


@pytest.mark.parametrize("harm", ["changed", "cut", "gone"])
def test_tampered_storage_is_detected_and_nothing_leaves(
    sharing: Sharing, grant: Any, harm: str
) -> None:
    path = work.path_of(work.attachment_for(sharing.cast.system, grant.mount.file_id))
    try:
        if harm == "gone":
            path.unlink()
        else:
            path.write_bytes(CONTENT[:-1] + (b"" if harm == "cut" else b"!"))
        answer = sharing.cast.client("housing_operator").get(f"/files/{grant.pk}/")
        assert (
            answer.status_code == 503
            and "校验值不符" in answer.content.decode()
            and CONTENT[:8] not in answer.content
        )
        api = Client().get(f"/api/files/{grant.pk}", **personal(sharing, "housing_operator"))
        assert api.status_code == 503 and api.json()["code"] == "file_damaged"
    finally:
        path.write_bytes(CONTENT)
    assert (
        not Entry.objects.filter(verb="files.download").exists()
        and Entry.objects.filter(verb="files.refuse").count() == 2
    )


def test_a_damaged_file_is_told_once_and_healed_by_uploading_it_again(
    sharing: Sharing, grant: Any
) -> None:
    path, cast = (
        work.path_of(work.attachment_for(sharing.cast.system, grant.mount.file_id)),
        sharing.cast,
    )
    path.write_bytes(CONTENT[:-1])
    client = cast.client("housing_operator")
    assert [client.get(f"/files/{grant.pk}/").status_code for _ in range(3)] == [503] * 3
    for who in (cast.platform_operator, cast.civil_operator):
        notices = [n for n in work.unread_of(who) if n.title.startswith("共享文件已损坏")]
        assert len(notices) == 1 and SHA256 in notices[0].text
    assert (notices[0].url, cast.client("civil_operator").get(notices[0].url).status_code) == (
        f"/grants/{grant.pk}/",
        200,
    )
    assert not [n for n in work.unread_of(cast.housing_operator) if "损坏" in n.title]
    work_actions.attach(cast.civil_operator, upload=SimpleUploadedFile("data.png", CONTENT))
    assert content_of(client.get(f"/files/{grant.pk}/")) == CONTENT


def test_an_operator_who_is_of_the_provider_too_gets_the_link(sharing: Sharing, grant: Any) -> None:
    """A small city: who runs the platform helps out at Civil Affairs."""
    cast = sharing.cast
    both = cast.person("platform_operator").pk
    with writing("test"):
        Posting.objects.create(
            person_id=both, body=cast.body("civil"), post=Post.OPERATOR, valid_from=today()
        )
    path = work.path_of(work.attachment_for(cast.system, grant.mount.file_id))
    path.write_bytes(CONTENT[:-1])
    try:
        assert cast.client("housing_operator").get(f"/files/{grant.pk}/").status_code == 503
    finally:
        path.write_bytes(CONTENT)
    notice = Notice.objects.get(person=both, title__startswith="共享文件已损坏")
    assert notice.url == f"/grants/{grant.pk}/"


def test_no_generic_door_records_a_download(sharing: Sharing, grant: Any) -> None:
    """`files.download` by /api/do/ with any range once recorded gigabytes that never left."""
    body = {"grant": grant.pk, "start": 0, "end": 10**12}
    for verb in ("begin", "download", "download_by_machine", "refuse"):
        answer = Client().post(
            f"/api/do/files.{verb}",
            body,
            content_type="application/json",
            **personal(sharing, "housing_operator"),
        )
        assert answer.status_code in (404, 405), verb
        assert (
            sharing.cast.client("housing_operator").post(f"/do/files.{verb}/", body).status_code
            == 404
        )
    assert reported(grant) == []


def test_a_table_is_no_file(sharing: Sharing) -> None:
    grant = sharing.granted(sharing.mount("marriage", "table"))
    assert sharing.cast.client("housing_operator").get(f"/files/{grant.pk}/").status_code == 404


def test_the_page_shows_the_checksum_and_how_to_check(sharing: Sharing, grant: Any) -> None:
    client = sharing.cast.client("housing_manager")
    client.get("/files/")
    with CaptureQueriesContext(connection) as captured:
        page = client.get("/files/").content.decode()
    assert (
        len(captured) <= 12
        and SHA256 in page
        and "certutil -hashfile" in page
        and f"/files/{grant.pk}/" in page
    )
    assert SHA256 not in sharing.cast.client("civil_manager").get("/files/").content.decode()


def test_the_command_on_the_page_works(tmp_path: Any) -> None:
    name = "婚姻 '登记'.png"
    (tmp_path / name).write_bytes(CONTENT)
    command = how_to_check(name, SHA256)[1]["code"]
    assert subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True).returncode == 0
    (tmp_path / name).write_bytes(CONTENT + b"!")
    assert subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True).returncode != 0


def test_a_chinese_name_travels_in_utf_8(sharing: Sharing) -> None:
    attachment = work_actions.attach(
        sharing.cast.civil_operator, upload=SimpleUploadedFile("婚姻登记 2026.png", CONTENT)
    )
    mount = publishing.mount_file(
        sharing.cast.civil_operator,
        entry=sharing.entry().pk,
        file=attachment.pk,
        responsible="周建国",
        processed=True,
        cleared=CLEARED,
    )
    publishing.confirm_change(sharing.cast.civil_manager, mount=mount.pk, cleared=CLEARED)
    grant = sharing.granted(mount)
    answer = sharing.cast.client("housing_operator").get(f"/files/{grant.pk}/")
    assert (
        answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%E5%A9%9A")
        and content_of(answer) == CONTENT
    )


def test_a_file_made_for_a_version_that_allowed_more_stays(sharing: Sharing, grant: Any) -> None:
    """It leaves whole: what the entry hides now is still in it, until it is made ready anew."""
    cast, client = sharing.cast, sharing.cast.client("housing_operator")
    hands = (cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    republished(*hands, sharing.entry(), remark="每月更新。")
    assert content_of(client.get(f"/files/{grant.pk}/")) == CONTENT, "nothing was narrowed"
    items = [r | ({"mask": "name"} if r["name"] == "登记机关" else {}) for r in ITEMS["marriage"]]
    republished(*hands, sharing.entry(), items=items)
    refused = client.get(f"/files/{grant.pk}/")
    assert refused.status_code == 409 and "第 3 版" in refused.content.decode()
    file = work_actions.attach(
        cast.civil_operator, upload=SimpleUploadedFile("data.png", CONTENT)
    ).pk
    publishing.remount(
        cast.civil_operator, mount=grant.mount_id, file=file, processed=True, cleared=CLEARED
    )
    assert client.get(f"/files/{grant.pk}/").status_code == 409, "its manager has not confirmed it"
    publishing.confirm_change(cast.civil_manager, mount=grant.mount_id, cleared=CLEARED)
    assert content_of(client.get(f"/files/{grant.pk}/")) == CONTENT
