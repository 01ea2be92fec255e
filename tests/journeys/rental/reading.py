"""What each party then reads, by API and page."""

from __future__ import annotations

from tests.journeys.rental import api, opened
from tests.sharing import Sharing

from huitong.access.models import Application, Grant


def read_by_api(sharing: Sharing, granted: Grant, refused: Application) -> None:
    housing, stranger = api(sharing, "housing_operator"), api(sharing, "stranger_operator")
    grant = housing(f"/grants/{granted.pk}")
    assert (
        grant["scope"]["items"] == ["男方姓名", "登记日期", "登记机关区划"]
        and grant["state"] == "active"
    )
    assert any("3206" in words for words in grant["words"]) and grant["per_day"] == 500
    assert {g["id"] for g in housing("/grants")["items"]} == {g.pk for g in Grant.objects.all()}
    assert housing("/forms")["count"] == 2
    application = housing(f"/applications/{refused.pk}")
    assert application["state"] == "refused" and application["form"] == refused.form_id
    assert housing(f"/forms/{refused.form_id}")["applications"][0]["id"] == refused.pk
    assert len(housing("/systems")["items"]) == 1
    assert set(housing(f"/systems/{granted.system_id}/credentials")[0]) == {
        "id",
        "client_id",
        "label",
        "networks",
        "expires_at",
        "revoked_at",
        "last_used_on",
    }
    assert (
        housing("/mounts")["count"] == 2
        and housing(f"/mounts/{granted.mount_id}")["source"] is None
    )
    assert housing(f"/grants/{granted.pk}/deliveries") == {"items": [], "count": 0}
    for url in (
        f"/grants/{granted.pk}",
        f"/applications/{refused.pk}",
        f"/forms/{refused.form_id}",
        f"/systems/{granted.system_id}/credentials",
    ):
        assert stranger(url, status=404)["code"] == "not_visible"
    assert stranger("/grants")["count"] == 0


def pages(sharing: Sharing, granted: Grant) -> None:
    """Every other page opens for those whom it concerns."""
    for who in (
        "housing_operator",
        "housing_manager",
        "civil_operator",
        "civil_manager",
        "bureau_operator",
        "bureau_manager",
        "stranger_operator",
    ):
        client = sharing.cast.client(who)
        for url in (
            "/mounts/",
            "/applications/",
            "/applications/?tab=asked",
            "/grants/",
            "/grants/?tab=given",
            "/systems/",
        ):
            opened(client, url)
    assert "本部门授出的" in opened(sharing.cast.client("civil_operator"), "/grants/?tab=given")
    assert sharing.cast.client("stranger_operator").get(f"/grants/{granted.pk}/").status_code == 404
    assert opened(sharing.cast.client("civil_manager"), f"/cases/{granted.case_id}/")
