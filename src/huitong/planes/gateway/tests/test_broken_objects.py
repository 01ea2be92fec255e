"""One object that cannot be used harms nobody but itself: with a real Envoy, a grant taken back
is refused and the others are served, whatever else is broken; and nobody is shown a revocation
as done before the gateway has confirmed it (A26, A28, A30)."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import copied_database
from django.db import connection, transaction
from django.test import Client, override_settings
from tests.cast import Cast
from tests.sharing import RISK, Sharing

from huitong.access import actions
from huitong.access import queries as access
from huitong.access.models import Credential, Grant, Serving
from huitong.catalog.models import Database, Entry
from huitong.kernel.ledger import Entry as Act
from huitong.kernel.ledger import writing
from huitong.organizations.models import Body
from huitong.planes.gateway import reconcile as gateway
from huitong.planes.gateway.compile import compile, grants_in, version_of
from huitong.planes.gateway.engine import admin
from huitong.planes.gateway.engine.process import bootstrap, folder
from huitong.planes.gateway.reconcile import apis_of, faults, reconcile
from huitong.publishing.models import Mount


@dataclass
class Running:
    """A gateway and a shaping service on a data folder of their own."""

    data: Path
    port: int

    @property
    def place(self) -> Path:
        return folder(self.data)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    data = Path(tempfile.mkdtemp(prefix="gw"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = folder(data)
    shaping = subprocess.Popen(
        [
            sys.executable,
            "-c",
            (
                "from pathlib import Path; from huitong.planes.gateway.engine.serve import serve;"
                f" serve(Path({str(place / 'shaping.json')!r}),"
                f" Path({str(place / 'shaping.sock')!r}), 4)"
            ),
        ],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])},
    )
    envoy = subprocess.Popen(bootstrap(data))
    yield Running(data, port)
    for process in (envoy, shaping):
        process.terminate()
        process.wait(10)
    shutil.rmtree(data)


@dataclass
class Scene:
    """Three grants of one consumer under three addresses: one will be taken back, one goes on,
    of one something is broken."""

    sharing: Sharing
    port: int
    revoked: Grant
    kept: Grant
    broken: Grant
    token: str = ""

    def call(self, grant: Grant) -> int:
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False) as client:
            return client.get(
                f"/apis/{grant.mount.entry.code}?limit=1",
                headers={"Authorization": f"Bearer {self.token}"},
            ).status_code

    def until(self, status: int, grant: Grant) -> int:
        """The status a call comes to be answered with, waited for."""
        end = time.monotonic() + 15
        while True:
            try:
                if (last := self.call(grant)) == status or time.monotonic() > end:
                    return last
            except httpx.TransportError:
                if time.monotonic() > end:
                    raise
            time.sleep(0.02)


@pytest.fixture(scope="module")
def granted(
    running: Running,
    django_db_setup: None,
    django_db_blocker: Any,
    embedded_postgres: Any,
    departments_server: Any,
) -> Iterator[Scene]:
    """The grants are decided once, in a database of this module's own; each test takes back what
    it changes."""
    source, target = departments_server
    told = override_settings(
        DATA=running.data,
        OAUTH_KEYS=running.data / "oauth",
        GATEWAY_LISTEN=f"127.0.0.1:{running.port}",
        ALLOWED_NETWORKS=[f"127.0.0.1:{source['port']}"],
    )
    with django_db_blocker.unblock(), copied_database(embedded_postgres), told:
        with writing("cast"):
            sharing = Sharing(Cast(), source, target)
        kept, broken = (
            sharing.granted(sharing.mount("division")),
            sharing.granted(sharing.mount("marriage")),
        )
        sharing.entry("division", name="行政区划名称")
        sharing._mounts.pop(("division", "api"))
        made = Scene(
            sharing, running.port, sharing.granted(sharing.mount("division")), kept, broken
        )
        own = sharing.credential()
        basic = base64.b64encode(f"{own['client_id']}:{own['client_secret']}".encode()).decode()
        answer = Client().post(
            "/oauth/token",
            "grant_type=client_credentials",
            content_type="application/x-www-form-urlencoded",
            headers={"Authorization": f"Basic {basic}"},
        )
        made.token = answer.json()["access_token"]
        yield made


@pytest.fixture
def scene(granted: Scene) -> Iterator[Scene]:
    with transaction.atomic():
        reconcile()
        assert [
            granted.until(200, grant) for grant in (granted.revoked, granted.kept, granted.broken)
        ] == [200] * 3
        yield granted
        transaction.set_rollback(True)


def changed(model: type[Any], pk: int, **values: Any) -> None:
    with writing("test"):
        model.objects.filter(pk=pk).update(**values)


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
        with writing("test"):
            rows = grant.mount.entry.items.filter(name="登记编号")
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
        "口令已无法解密",
    ),
    "password damaged": (lambda g: another_source(g, "nonsense"), 503, "婚姻登记信息"),
    "no password": (lambda g: another_source(g, ""), 503, "口令已无法解密"),
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
    "item removed": (of_item(), 403, "信息项已不在目录中：登记编号"),
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
    actions.revoke(
        scene.sharing.cast.bureau_manager,
        scene.sharing.case(scene.revoked),
        ground="duty_failed",
        reasons="使用部门没有落实日志审计。",
    )
    reconcile()
    assert scene.call(scene.revoked) == 403, (
        "taken back, whatever else is broken, before reconcile has ended"
    )
    assert scene.call(scene.kept) == 200
    assert not own or scene.until(own, scene.broken) == own
    assert not names or any(names in str(fault) for fault in faults()), faults()
    assert (
        Serving.objects.get(grant=scene.revoked.pk).stopped_at
        and not Serving.objects.get(grant=scene.kept.pk).stopped_at
    )


@pytest.mark.parametrize("mode", ["file", "table"])
def test_what_is_broken_in_another_plane_does_not_matter(scene: Scene, mode: str):
    scene.sharing._mounts.pop(("division", mode), None)
    other = scene.sharing.granted(scene.sharing.mount("division", mode))
    changed(Grant, other.pk, scope={"items": 7})
    changed(Database, scene.sharing.target_database().pk, secret="nonsense")
    actions.revoke(
        scene.sharing.cast.bureau_manager,
        scene.sharing.case(scene.revoked),
        ground="duty_failed",
        reasons="使用部门没有落实日志审计。",
    )
    reconcile()
    assert (scene.call(scene.revoked), scene.call(scene.kept), scene.call(scene.broken)) == (
        403,
        200,
        200,
    )
    assert [live.grant for live in access.live_grants()] == [scene.kept.pk, scene.broken.pk]


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
    assert (scene.call(scene.revoked), scene.call(scene.kept)) == (403, 200)
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
    assert (scene.call(scene.revoked), scene.call(scene.kept)) == (403, 200)


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

    def shown() -> list[bool]:
        return ["收回中" in client.get(url).content.decode() for client, url in pages]

    assert not any(shown())
    actions.revoke(
        cast.bureau_manager,
        scene.sharing.case(scene.revoked),
        ground="duty_failed",
        reasons="使用部门没有落实日志审计。",
    )
    assert all(shown())
    with monkeypatch.context() as patched:  # the files are written, and Envoy does not answer
        patched.setattr(admin, "standing", lambda place: None)
        reconcile()
        assert all(shown()), "written is not confirmed"
    reconcile()
    assert not any(shown())
    assert "确认停止提供数据" in consumer.get(f"/grants/{pk}/").content.decode()
    told = Act.objects.filter(verb="access.report_stopped").latest("seq")
    assert told.article == "A28" and scene.revoked.pk in told.after["grants"]


def test_a_suspended_mount_is_taken_back_and_served_again(scene: Scene):
    from huitong.publishing import actions as publishing

    publishing.suspend_delivery(scene.sharing.cast.civil_manager, mount=scene.kept.mount_id, **RISK)
    assert (
        "收回中"
        in scene.sharing.cast.client("civil_manager")
        .get(f"/mounts/{scene.kept.mount_id}/")
        .content.decode()
    )
    reconcile()
    assert scene.call(scene.kept) == 403 and Serving.objects.get(grant=scene.kept.pk).stopped_at
    publishing.resume_delivery(
        scene.sharing.cast.civil_manager, mount=scene.kept.mount_id, reasons="核对完毕，恢复交付"
    )
    reconcile()
    assert (
        scene.until(200, scene.kept) == 200
        and Serving.objects.get(grant=scene.kept.pk).stopped_at is None
    )


def test_one_address_under_two_mounts_is_neither_s(scene: Scene):
    """No constraint of the database can be broken here, so the facts are."""
    from dataclasses import replace

    live = access.live_grants()
    code = {grant.grant: grant.entry_code for grant in live}[scene.kept.pk]
    found: list[Any] = []
    apis, usable = apis_of(
        [replace(g, entry_code=code) if g.grant == scene.broken.pk else g for g in live], (), found
    )
    assert (
        [g.grant for g in usable] == [scene.revoked.pk] and len(apis) == 1 and code in str(found[0])
    )


def test_what_is_in_place_is_read_off_the_file(scene: Scene):
    text = (folder(gateway.settings.DATA) / "conf/routes.json").read_text()
    assert (
        grants_in(text) == {scene.revoked.pk, scene.kept.pk, scene.broken.pk}
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
