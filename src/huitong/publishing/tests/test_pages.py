"""The pages of mounts: forms that hold what is there, offered to whom they are for."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.sharing import Sharing, scan_png

from huitong.kernel import doing
from huitong.publishing.models import Mount


def test_a_change_holds_what_is_there_and_asks_only_what_this_way_of_mounting_has(sharing: Sharing):
    mount = sharing.mount("marriage")
    client = sharing.cast.client("civil_operator")
    page = client.get(f"/mounts/{mount.pk}/remount/").content.decode()
    assert (
        f'value="{mount.table}"' in page
        and mount.database.name in page
        and 'type="file"' not in page
        and "不选" not in page
    )
    tend = client.get(f"/mounts/{mount.pk}/tend/").content.decode()
    assert f'value="{mount.responsible}"' in tend
    answer = client.post(
        f"/mounts/{mount.pk}/tend/",
        {"authorization": "delegated", "responsible": "值班员", "update_method": ""},
    )
    assert answer.status_code == 302
    mount.refresh_from_db()
    assert (mount.authorization, mount.responsible) == ("direct", "值班员"), (
        "leaving the decision to the platform takes the manager"
    )
    assert "整体授权给平台" in client.get(f"/mounts/{mount.pk}/").content.decode()
    assert client.get(f"/mounts/{mount.pk}/confirm_change/").status_code == 404
    chief = sharing.cast.client("civil_manager")
    assert "授权方式改为" in chief.get(f"/mounts/{mount.pk}/confirm_change/").content.decode()
    assert chief.post(f"/mounts/{mount.pk}/confirm_change/", {"_confirmed": "1"}).status_code == 302
    mount.refresh_from_db()
    assert mount.authorization == "delegated"


def test_a_file_mount_is_changed_by_another_file(sharing: Sharing):
    mount = sharing.mount("marriage", "file")
    client = sharing.cast.client("civil_operator")
    page = client.get(f"/mounts/{mount.pk}/remount/").content.decode()
    assert 'type="file"' in page and "XLSX" in page and 'name="table"' not in page
    upload = SimpleUploadedFile("新数据.png", scan_png(), "image/png")
    assert client.post(f"/mounts/{mount.pk}/remount/", {"file": upload}).status_code == 422, (
        "what is hidden must be declared taken out"
    )
    upload.seek(0)
    assert (
        client.post(
            f"/mounts/{mount.pk}/remount/",
            {"file": upload, "processed": "on", "cleared": ["state", "work"]},
        ).status_code
        == 302
    )
    assert Mount.objects.get(pk=mount.pk).file.name == "data.png", (
        "the old one is handed out until the manager has confirmed"
    )
    chief = sharing.cast.client("civil_manager")
    waiting = chief.get(f"/mounts/{mount.pk}/proposed/")
    assert waiting.getvalue() == scan_png(), "nobody confirms what cannot be read"
    assert (
        sharing.cast.client("housing_manager").get(f"/mounts/{mount.pk}/proposed/").status_code
        == 403
    )
    assert chief.post(f"/mounts/{mount.pk}/confirm_change/", {}).status_code == 422, (
        "the secrecy review is the manager's too"
    )
    assert (
        chief.post(
            f"/mounts/{mount.pk}/confirm_change/", {"cleared": ["state", "work"], "_confirmed": "1"}
        ).status_code
        == 302
    )
    assert Mount.objects.get(pk=mount.pk).file.name == "新数据.png"
    assert "保密审查：负责人确认" in chief.get(f"/mounts/{mount.pk}/").content.decode()


def test_stopping_asks_for_reasons_and_going_on_is_the_managers(sharing: Sharing):
    mount = sharing.mount("marriage")
    clerk, chief = sharing.cast.client("civil_operator"), sharing.cast.client("civil_manager")
    assert clerk.post(f"/mounts/{mount.pk}/suspend_delivery/", {"reasons": ""}).status_code == 422
    assert (
        clerk.post(
            f"/mounts/{mount.pk}/suspend_delivery/",
            {"ground": "wrong_data", "reasons": "发现部分数据错误", "_confirmed": "1"},
        ).status_code
        == 302
    )
    assert Mount.objects.get(pk=mount.pk).state == "suspended"
    assert clerk.get(f"/mounts/{mount.pk}/resume_delivery/").status_code == 404
    assert clerk.get(f"/mounts/{mount.pk}/suspend_delivery/").status_code == 404, (
        "it is stopped already"
    )
    assert "已暂停向所有使用部门交付" in clerk.get(f"/mounts/{mount.pk}/").content.decode()
    assert "恢复交付" in chief.get(f"/mounts/{mount.pk}/").content.decode()
    assert chief.get(f"/mounts/{mount.pk}/tend/").status_code == 404, "clerks tend"
    assert (
        chief.post(
            f"/mounts/{mount.pk}/resume_delivery/", {"reasons": "数据已更正", "_confirmed": "1"}
        ).status_code
        == 302
    )
    assert (
        sharing.cast.client("housing_operator").get(f"/mounts/{mount.pk}/tend/").status_code == 403
    )
    assert clerk.get(f"/mounts/{mount.pk}/elsewhere/").status_code == 404


def test_key_columns_are_typed_on_one_line(sharing: Sharing):
    entry = sharing.entry("marriage")
    client = sharing.cast.client("civil_operator")
    data = {
        "database": sharing.database().pk,
        "authorization": "direct",
        "responsible": "孙秀",
        "key": "reg_no，reg_date",
    }
    url = f"/mounts/new/{entry.pk}/api/"
    assert '<input type="text" name="key"' in client.get(url).content.decode()
    assert client.post(url, data).status_code == 302
    assert Mount.objects.get(entry=entry).key == ["reg_no", "reg_date"]


@pytest.mark.parametrize(
    ("table", "words"), [("division", "不必选择授权方式"), ("marriage", "由提供部门审核")]
)
def test_who_will_decide_is_said_before_choosing(sharing: Sharing, table: str, words: str):
    entry = sharing.entry(table)
    assert (
        words
        in sharing.cast.client("civil_operator")
        .get(f"/mounts/new/{entry.pk}/api/")
        .content.decode()
    )


def test_a_consumer_comes_from_the_entry_not_from_own_mounts(sharing: Sharing):
    mount = sharing.mount("marriage")
    page = sharing.cast.client("housing_operator").get(f"/mounts/{mount.pk}/").content.decode()
    assert (
        f'<a href="/catalog/{mount.entry_id}/">' in page
        and "主键列" not in page
        and f"/mounts/{mount.pk}/tend/" not in page
    )


@pytest.mark.parametrize("mode", ["api", "table", "file"])
def test_the_page_of_mounting_asks_everything_its_verb_wants(sharing: Sharing, mode: str):
    client = sharing.cast.client("civil_operator")
    names = set(doing.VERBS[f"publishing.mount_{mode}"].given.model_fields) - {"entry"}
    for table, idle in (("marriage", set()), ("division", {"authorization"})):
        page = client.get(f"/mounts/new/{sharing.entry(table).pk}/{mode}/").content.decode()
        assert {name for name in names if f'name="{name}"' not in page} == idle, (
            "whoever is chosen, the platform decides on what is unconditional: not asked"
        )
