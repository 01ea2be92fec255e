"""One object that cannot be used harms nobody but itself: with a real Envoy, a grant taken back is
refused and the others are served, whatever else is broken (A26, A28, A30)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from tests.thawing import thawed

from huitong.access import queries as access
from huitong.access.models import Credential, Grant, Serving
from huitong.catalog.models import Database, Entry
from huitong.kernel.ledger import writing
from huitong.organizations.models import Body
from huitong.planes.gateway.reconcile import faults, reconcile
from huitong.planes.gateway.tests.scene import Scene, changed
from huitong.publishing.models import Mount


def another_source(grant: Grant, secret: str) -> None:
    """The mount lies in a database of its own, whose password cannot be read."""
    with writing("test"):
        row = Database.objects.get(pk=grant.mount.database_id)
        row.pk, row.name, row.secret = None, "另一前置库", secret
        row._state.adding = True
        row.save()
        Mount.objects.filter(pk=grant.mount_id).update(database=row)


def infinite(column: str, value: str) -> Callable[[Grant], None]:
    def act(grant: Grant) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE access_grant SET {column} = %s WHERE id = %s", [value, grant.pk]
            )

    return act


def scoped(scope: Any) -> Callable[[Grant], None]:
    return lambda grant: changed(Grant, grant.pk, scope=scope)


def of_item(**values: Any) -> Callable[[Grant], None]:
    def act(grant: Grant) -> None:
        with thawed():
            rows = grant.mount.published.items.filter(name="登记编号")
            rows.update(**values) if values else rows.delete()

    return act


def second_credential(**values: Any) -> Callable[[Grant], None]:
    def act(grant: Grant) -> None:
        last = Credential.objects.filter(system=grant.system_id).latest("pk")
        with writing("test"):
            Credential.objects.create(
                system_id=grant.system_id, digest="0" * 64, expires_at=last.expires_at, **values
            )

    return act


#: what is broken → how, what its own caller is then answered, and what the doctor's finding names
BROKEN: dict[str, tuple[Callable[[Grant], None], int, str]] = {
    "password under another key": (
        lambda g: another_source(g, "v1.00000000.AAAA"),
        503,
        "密码已无法解密",
    ),
    "password damaged": (lambda g: another_source(g, "nonsense"), 503, "婚姻登记信息"),
    "no password": (lambda g: another_source(g, ""), 503, "密码已无法解密"),
    "scope no object": (scoped([]), 403, "登记的内容无法读取"),
    "scope null": (scoped({"items": None}), 403, "items"),
    "unknown filter": (
        scoped({"items": ["登记编号"], "row_filter": {"op": "sql", "text": "1=1"}}),
        403,
        "row_filter",
    ),
    "unknown mask": (
        scoped({"items": ["登记编号"], "masks": {"登记编号": {"kind": "?"}}}),
        403,
        "masks",
    ),
    "item removed": (of_item(), 200, ""),  # without it (test_another_version_narrows)
    "item of no type": (of_item(type="?"), 403, ""),
    "columns no object": (
        lambda g: changed(Mount, g.mount_id, columns=[]),
        403,
        "登记的内容无法读取",
    ),
    "no code": (
        lambda g: changed(Entry, g.mount.entry_id, code=None),
        0,
        "没有可作为接口地址的编码",
    ),
    "code no address": (
        lambda g: changed(Entry, g.mount.entry_id, code='a b"/{}*'),
        0,
        "没有可作为接口地址的编码",
    ),
    "ends never": (infinite("valid_to", "infinity"), 403, "登记的内容无法读取"),
    "ends beyond the calendar": (infinite("valid_to", "9999-12-31"), 403, "OverflowError"),
    "begins before time": (infinite("valid_from", "-infinity"), 403, "登记的内容无法读取"),
    "network of a credential": (
        second_credential(client_id="ht-odd", networks=["300.1.1.1/99"]),
        200,
        "凭证 ht-odd",
    ),
    "words in a network": (
        second_credential(client_id="ht-odd", networks=["办公网"]),
        200,
        "办公网",
    ),
    "odd client": (second_credential(client_id='"\\\u202e{%x%}', networks=[]), 200, ""),
    "body gone": (
        lambda g: changed(Body, g.consumer_id, valid_to="2020-02-20", short_name=""),
        200,
        "",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_harms_itself_alone(scene: Scene, what: str):
    act, own, names = BROKEN[what]
    act(scene.broken)
    scene.take_back(scene.revoked)
    reconcile()
    assert scene.call(scene.revoked) == 403, (
        "taken back, whatever else is broken, before reconcile has ended"
    )
    assert scene.call(scene.unaffected) == 200
    assert not own or scene.until(own, scene.broken) == own
    assert not names or any(names in str(fault) for fault in faults()), faults()
    assert (
        Serving.objects.get(grant=scene.revoked.pk).stopped_at
        and not Serving.objects.get(grant=scene.unaffected.pk).stopped_at
    )


@pytest.mark.parametrize("mode", ["file", "table"])
def test_what_is_broken_in_another_plane_does_not_matter(scene: Scene, mode: str):
    scene.sharing._mounts.pop(("division", mode), None)
    other = scene.sharing.granted(scene.sharing.mount("division", mode))
    changed(Grant, other.pk, scope={"items": 7})
    changed(Database, scene.sharing.target_database().pk, secret="nonsense")
    scene.take_back(scene.revoked)
    reconcile()
    assert (scene.call(scene.revoked), scene.call(scene.unaffected), scene.call(scene.broken)) == (
        403,
        200,
        200,
    )
    assert [live.grant for live in access.live_grants()] == [scene.unaffected.pk, scene.broken.pk]
