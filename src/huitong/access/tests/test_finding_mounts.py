"""Choosing among all resources of the city: searched on the server, by rights, never listed."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cast import Cast
from tests.sharing import RISK, Sharing

from huitong.access import queries
from huitong.publishing import actions as publishing

pytestmark = pytest.mark.django_db
URL = "/choices/application.draft/mount/"


def found_by(sharing: Sharing, q: str, who: str = "housing_operator") -> list[dict[str, Any]]:
    answer = sharing.cast.client(who).get(URL, {"q": q})
    assert answer.status_code == 200
    rows: list[dict[str, Any]] = answer.json()["choices"]
    return rows


def test_a_resource_is_found_by_name_provider_pinyin_and_initials(sharing: Sharing) -> None:
    mount = sharing.mount("marriage", "api")
    sharing.mount("division", "api")
    for q in ("婚姻", "民政 婚姻", "婚姻 接口", "hydj", "hunyin", "《婚姻登记信息》", "hyDJxx"):
        assert [row["value"] for row in found_by(sharing, q)] == [str(mount.pk)], q
    assert len(found_by(sharing, "mzj")) == 2, "by its provider"
    for q in ("", "没有", "qqqq", "%", "'"):
        assert found_by(sharing, q) == [], q


def test_nobody_finds_what_they_may_not_apply_for(sharing: Sharing) -> None:
    """Neither one's own resources, nor those for named bodies, nor whoever may not apply."""
    named = [sharing.cast.body("hr").pk]
    sharing.entry("marriage", shapes=["named_bodies", "masked"], named_bodies=named)
    mount = sharing.mount("marriage", "api")
    assert [row["value"] for row in found_by(sharing, "婚姻", "hr_operator")] == [str(mount.pk)]
    assert queries.mount_names(sharing.cast.hr_operator, [mount.pk])
    for who in ("housing_operator", "civil_operator", "audit_admin"):
        assert found_by(sharing, "婚姻", who) == [] == found_by(sharing, "hydj", who)
        assert queries.mount_names(getattr(sharing.cast, who), [mount.pk]) == {}, who


def test_what_is_stopped_is_neither_found_nor_begun(sharing: Sharing) -> None:
    mount = sharing.mount("marriage", "api")
    publishing.suspend_delivery(sharing.cast.civil_operator, mount=mount.pk, **RISK)
    assert found_by(sharing, "婚姻") == []
    page = sharing.cast.client("housing_operator").get(f"/apply/new/?mount={mount.pk}")
    assert page.status_code == 409 and "恢复交付后再申请" in page.content.decode()


def test_only_what_is_searched_has_an_address(cast: Cast) -> None:
    client = cast.client("housing_operator")
    for path in ("application.draft/items", "no.verb/mount", "application.draft/__class__"):
        assert client.get(f"/choices/{path}/", {"q": "a"}).status_code == 404
    assert client.get(URL, {"q": "a", "case": "99999999"}).status_code == 404
    cast_free = type(client)()
    assert cast_free.get(URL, {"q": "a"}).status_code in (302, 401, 404)
