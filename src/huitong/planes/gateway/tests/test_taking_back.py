"""A grant is shown as taken back once the gateway has confirmed it, and not before (A26, A28)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sharing import RISK

from huitong.access import actions
from huitong.access import queries as access
from huitong.access.models import Serving
from huitong.kernel.ledger import Entry as Act
from huitong.planes.gateway import reconcile as gateway
from huitong.planes.gateway.compile import compile, grants_in, version_of
from huitong.planes.gateway.engine import admin
from huitong.planes.gateway.engine.process import folder
from huitong.planes.gateway.reconcile import apis_of, reconcile
from huitong.planes.gateway.tests.scene import Scene


@pytest.mark.parametrize("fails", ["_facts", "_gateway"])
def test_closing_does_not_wait_for_opening(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, fails: str
):
    """Even what nobody foresaw, a full disk or a lost key, comes after what was taken away."""

    def broken(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(gateway, fails, broken)
    actions.revoke(
        scene.sharing.cast.bureau_manager,
        scene.sharing.case(scene.revoked),
        ground="duty_failed",
        reasons="使用部门没有落实日志审计。",
    )
    with pytest.raises(OSError, match="no space"):
        reconcile()
    assert (scene.call(scene.revoked), scene.call(scene.unaffected)) == (403, 200)
    assert Serving.objects.get(grant=scene.revoked.pk).stopped_at


def test_routes_envoy_refuses_do_not_stand_in_the_way_of_the_next_closing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    """Envoy takes all routes of a file or none. One we did not foresee is taken out again, and
    the doctor says so."""

    def spoilt(apis: Any, place: Any) -> dict[str, str]:
        compiled = compile(apis, place)
        body = compiled["routes.json"].replace('"prefix_match_map"', '"no_such_map"')
        return compiled | {"routes.json": body.replace(version_of(body), "0123456789abcdef")}

    with monkeypatch.context() as patched:
        patched.setattr(gateway, "compile", spoilt)
        with pytest.raises(RuntimeError, match="refused"):
            reconcile()
    actions.revoke(
        scene.sharing.cast.bureau_manager,
        scene.sharing.case(scene.revoked),
        ground="duty_failed",
        reasons="使用部门没有落实日志审计。",
    )
    reconcile()
    assert (scene.call(scene.revoked), scene.call(scene.unaffected)) == (403, 200)


def test_a_grant_is_being_taken_back_until_the_gateway_has_confirmed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    """By the pages of grant, case and mount, the list, the doctor and the ledger."""
    cast, pk = scene.sharing.cast, scene.revoked.pk
    provider, consumer = cast.client("civil_manager"), cast.client("housing_operator")
    pages = [
        (consumer, f"/grants/{pk}/"),
        (consumer, "/grants/"),
        (consumer, f"/cases/{scene.revoked.case_id}/"),
        (provider, f"/mounts/{scene.revoked.mount_id}/"),
        (provider, "/grants/?tab=given"),
    ]

    def signs() -> list[bool]:
        return ["收回中" in client.get(url).content.decode() for client, url in pages]

    assert not any(signs())
    actions.revoke(
        cast.bureau_manager,
        scene.sharing.case(scene.revoked),
        ground="duty_failed",
        reasons="使用部门没有落实日志审计。",
    )
    assert all(signs())
    with monkeypatch.context() as patched:  # the files are written, and Envoy does not answer
        patched.setattr(admin, "route_state", lambda place: None)
        reconcile()
        assert all(signs()), "written is not confirmed"
    reconcile()
    assert not any(signs())
    assert "确认停止提供数据" in consumer.get(f"/grants/{pk}/").content.decode()
    act = Act.objects.filter(verb="access.report_stopped").latest("seq")
    assert act.article == "A28" and scene.revoked.pk in act.after["grants"]


def test_a_suspended_mount_is_taken_back_and_served_again(scene: Scene):
    from huitong.publishing import actions as publishing

    publishing.suspend_delivery(
        scene.sharing.cast.civil_manager, mount=scene.unaffected.mount_id, **RISK
    )
    assert (
        "收回中"
        in scene.sharing.cast.client("civil_manager")
        .get(f"/mounts/{scene.unaffected.mount_id}/")
        .content.decode()
    )
    reconcile()
    assert (
        scene.call(scene.unaffected) == 403
        and Serving.objects.get(grant=scene.unaffected.pk).stopped_at
    )
    publishing.resume_delivery(
        scene.sharing.cast.civil_manager,
        mount=scene.unaffected.mount_id,
        reasons="核对完毕，恢复交付",
    )
    reconcile()
    assert (
        scene.until(200, scene.unaffected) == 200
        and Serving.objects.get(grant=scene.unaffected.pk).stopped_at is None
    )


def test_one_address_under_two_mounts_is_neither_s(scene: Scene):
    """No constraint of the database can be broken here, so the facts are."""
    from dataclasses import replace

    live = access.live_grants()
    code = {grant.grant: grant.entry_code for grant in live}[scene.unaffected.pk]
    problems: list[Any] = []
    apis, usable = apis_of(
        [replace(g, entry_code=code) if g.grant == scene.broken.pk else g for g in live],
        (),
        problems,
    )
    assert (
        [g.grant for g in usable] == [scene.revoked.pk]
        and len(apis) == 1
        and code in str(problems[0])
    )


def test_what_is_in_place_is_read_off_the_file(scene: Scene):
    text = (folder(gateway.settings.DATA) / "conf/routes.json").read_text()
    assert (
        grants_in(text) == {scene.revoked.pk, scene.unaffected.pk, scene.broken.pk}
        and len(version_of(text)) == 16
    )
    for other in (
        "",
        "{}",
        "[]",
        '{"resources": []}',
        '{"resources": [{"virtual_hosts": [{}]}]}',
        "null",
    ):
        assert grants_in(other) == set()
