"""A grant is shown as taken back once the gateway has confirmed it, and not before (A26, A28)."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.sharing import RISK

from huitong.access import queries as access
from huitong.access.models import Grant, Serving
from huitong.kernel.ledger import Entry as Act
from huitong.kernel.ledger import writing
from huitong.planes.gateway import reconcile as gateway
from huitong.planes.gateway.compile import Api, api_item, ends_item, ends_of
from huitong.planes.gateway.engine.envoy.wire import decode, encode
from huitong.planes.gateway.engine.process import folder
from huitong.planes.gateway.engine.store import Item, Store
from huitong.planes.gateway.reconcile import apis_of, faults, reconcile
from huitong.planes.gateway.tests.scene import Scene


@pytest.mark.parametrize("fails", ["_grant_facts", "_gateway"])
def test_closing_does_not_wait_for_opening(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, fails: str
):
    """Even what nobody foresaw, a full disk or a lost key, comes after what was taken away."""

    def broken(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(gateway, fails, broken)
    scene.take_back(scene.revoked)
    with pytest.raises(OSError, match="no space"):
        reconcile()
    assert (scene.call(scene.revoked), scene.call(scene.unaffected)) == (403, 200)
    assert Serving.objects.get(grant=scene.revoked.pk).stopped_at


def test_what_a_gateway_refuses_stands_in_nobody_s_way(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    """One API of a shape the definitions allow and Envoy does not: it stays as it was, the
    others are served, the doctor says so, and it can still be taken back."""
    paths = {f"/apis/{g.mount.entry.code}" for g in (scene.broken, scene.revoked)}

    def spoilt(api: Api) -> Item:
        item = api_item(api)
        if item.name not in paths:
            return item
        value = decode("scope", item.body)
        value["route_configuration"]["virtual_hosts"][0]["routes"][0]["match"] = {}
        return replace(item, body=encode("scope", value))

    with monkeypatch.context() as patched:
        patched.setattr(gateway, "api_item", spoilt)
        with writing("test"):
            Grant.objects.update(per_second=77)
        reconcile()
        assert [scene.call(g) for g in (scene.revoked, scene.unaffected, scene.broken)] == [200] * 3
        named = [str(fault) for fault in faults()]
        assert all(any(path in text for text in named) for path in paths), named
        scene.take_back(scene.revoked)
        reconcile()
    assert (scene.call(scene.revoked), scene.call(scene.unaffected)) == (403, 200)
    with writing("test"):
        Grant.objects.update(per_second=78)
    reconcile()
    assert not [fault for fault in faults() if "网关" in str(fault)]
    assert scene.call(scene.broken) == 200


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
    scene.take_back(scene.revoked)
    assert all(signs())
    with monkeypatch.context() as patched:  # everything is written, and no gateway answers
        patched.setattr(Store, "nodes", lambda store: {})
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


def test_a_closing_a_gateway_refused_is_not_taken_for_done(scene: Scene):
    """A run that died after it had written what Envoy then refused: Envoy goes on serving what
    the store no longer has."""
    code, mount = scene.revoked.mount.entry.code, scene.revoked.mount_id
    empty = Api(code, mount)
    value = decode("scope", api_item(empty).body)
    value["route_configuration"]["virtual_hosts"][0]["routes"][0]["match"] = {}
    spoilt = replace(api_item(empty), body=encode("scope", value))
    with closing(Store(folder(gateway.settings.DATA))) as store:
        serial = store.write([spoilt])
        while store.nodes()["gateway"].serial < serial:
            time.sleep(0.01)
    scene.take_back(scene.revoked)
    assert scene.call(scene.revoked) == 200, "Envoy has what it had"
    reconcile({mount})
    assert scene.call(scene.revoked) == 403
    assert Serving.objects.get(grant=scene.revoked.pk).stopped_at


def test_an_end_is_kept_until_every_mount_has_been_looked_at(scene: Scene):
    """Else a grant that ended at midnight would be open from the first look after it until the
    look at its own mount."""
    past = timezone.now() - timedelta(hours=1)
    with closing(Store(folder(gateway.settings.DATA))) as store:
        store.write([ends_item([past], timezone.now() + timedelta(3))])
        reconcile({scene.unaffected.mount_id})
        horizon, ends = ends_of(store.made_of("filter")["ends"])
        assert past in ends and horizon < timezone.now() + timedelta(4)
        reconcile()
        horizon, ends = ends_of(store.made_of("filter")["ends"])
        assert past not in ends and horizon > timezone.now() + timedelta(29)


def test_all_grants_are_looked_at_share_by_share(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gateway, "SHARE", 1)
    grants = (scene.revoked, scene.unaffected, scene.broken)
    with closing(Store(folder(gateway.settings.DATA))) as store:
        store.write((), [("scope", f"/apis/{g.mount.entry.code}") for g in grants])
    assert [scene.until(403, g) for g in grants] == [403] * 3
    reconcile()
    assert [scene.call(g) for g in grants] == [200] * 3


def test_a_share_that_fails_keeps_no_other_open(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gateway, "SHARE", 1)
    facts_of = gateway._grant_facts

    def broken(live: Any) -> Any:
        if live.grant == scene.broken.pk:
            raise OSError("no space left on device")
        return facts_of(live)

    monkeypatch.setattr(gateway, "_grant_facts", broken)
    for grant in (scene.revoked, scene.unaffected):
        scene.take_back(grant)
    with pytest.raises(OSError, match="no space"):
        reconcile()
    assert [scene.call(g) for g in (scene.revoked, scene.unaffected)] == [403, 403]


def test_an_act_opens_and_closes_its_own_mounts_alone(scene: Scene):
    """Others are not even looked at: what is wrong with them stays until the next look at all."""
    grants = (scene.revoked, scene.unaffected)
    with closing(Store(folder(gateway.settings.DATA))) as store:
        store.write((), [("scope", f"/apis/{g.mount.entry.code}") for g in grants])
    reconcile({scene.unaffected.mount_id})
    assert [scene.until(status, g) for status, g in zip((403, 200), grants, strict=True)] == [
        403,
        200,
    ]
    scene.take_back(scene.unaffected)
    reconcile({scene.unaffected.mount_id})
    assert scene.call(scene.unaffected) == 403
    assert Serving.objects.get(grant=scene.unaffected.pk).stopped_at
    reconcile()
    assert scene.call(scene.revoked) == 200


def test_what_is_in_place_is_read_off_the_store(scene: Scene):
    marks = Store(folder(gateway.settings.DATA)).made_of("scope").values()
    served = {grant.id for text in marks for grant in Api.of(text).grants}
    assert served == {scene.revoked.pk, scene.unaffected.pk, scene.broken.pk}
