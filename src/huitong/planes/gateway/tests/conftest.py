"""A provider's database whose tables a test makes, and a shaping service in front of it."""

from __future__ import annotations

import base64
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from conftest import copied_database
from django.db import transaction
from django.test import Client, override_settings
from joserfc.jwk import ECKey
from tests.cast import Cast
from tests.sharing import Sharing

from huitong.kernel.ledger import writing
from huitong.planes.gateway.engine.process import bootstrap, folder
from huitong.planes.gateway.reconcile import reconcile
from huitong.planes.gateway.tests.door import COLUMNS, SCOPE, Door, gateway_at, usual
from huitong.planes.gateway.tests.scene import Running, Scene
from huitong.planes.gateway.tests.serving import Serving, put_facts, started


@pytest.fixture(scope="module")
def provider(embedded_postgres) -> Iterator[psycopg.Connection]:
    """Its owner's connection; the time zone is the one our own sessions have."""
    with psycopg.connect(embedded_postgres.superuser_url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS provider WITH (FORCE)")
        server.execute("CREATE DATABASE provider")
    with psycopg.connect(
        embedded_postgres.superuser_url,
        dbname="provider",
        autocommit=True,
        options="-c TimeZone=Asia/Shanghai",
    ) as connection:
        yield connection


@pytest.fixture
def serving(provider: psycopg.Connection, embedded_postgres, tmp_path: Path) -> Iterator[Serving]:
    running = Serving(embedded_postgres.superuser_url.rsplit("/", 1)[0] + "/provider", tmp_path)
    yield running
    running.close()


@pytest.fixture(scope="module")
def source(embedded_postgres) -> str:
    with psycopg.connect(embedded_postgres.superuser_url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS gateway_source WITH (FORCE)")
        server.execute("CREATE DATABASE gateway_source")
    url = embedded_postgres.superuser_url.rsplit("/", 1)[0] + "/gateway_source"
    with psycopg.connect(url) as db:
        db.execute(
            "CREATE TABLE people (id bigint PRIMARY KEY, name text, secret text, region text)"
        )
        db.execute(
            "INSERT INTO people"
            " SELECT n, '张三丰' || n, 'top', CASE WHEN n % 2 = 0 THEN '320613' ELSE '310101' END"
            " FROM generate_series(1, 500) n"
        )
    return url


@pytest.fixture(scope="module")
def door(source: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    place = folder(Path(tempfile.mkdtemp(prefix="gw")))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    key = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
    gateway = gateway_at(place, port, key)
    running_door = Door(place, port, key, gateway)
    parts = psycopg.conninfo.conninfo_to_dict(source)
    address = {
        "host": parts["host"],
        "port": int(parts["port"]),
        "database": parts["dbname"],
        "user": parts["user"],
        "password": parts["password"],
        "tls": "disable",
    }
    careful = {
        "items": ["编号"],
        "control_parameters": [
            {"name": "x-matter-code", "title": "事项编码", "choices": ["ZJ-001", "婚姻登记"]},
            {"name": "operator_id", "title": "经办人身份证号", "required": False},
            {"name": "desk", "title": "窗口", "required": False},
        ],
    }
    scopes = {7: SCOPE, 8: SCOPE, 9: SCOPE, 99: careful, 100: {"items": "not a scope"}}
    put_facts(
        running_door.store,
        [f"127.0.0.1:{parts['port']}"],
        [{"id": 5, "address": address, "schema": "public", "table": "people"}],
        [
            {
                "id": n,
                "mount": 5,
                "scope": scope,
                "columns": COLUMNS,
                "key": ["id"],
                "headers": {"X-Grant-Number": f"SH{n}", "X-Grant-Purpose": "%E6%A0%B8"},
            }
            for n, scope in scopes.items()
        ],
        proof=gateway.proof,
    )
    beside = started(place)
    envoy = subprocess.Popen(
        [
            *bootstrap(place.parent)[:1],
            "-c",
            str(place / "bootstrap.json"),
            "-l",
            "error",
            "--concurrency",
            "1",
            "--file-flush-interval-msec",
            "50",
            "--disable-hot-restart",
        ]
    )
    running_door.put(gateway, *usual())
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            if (place / "shaping.sock").exists() and running_door.call(
                subject="housing"
            ).status_code == 200:
                break
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    yield running_door
    for process in (envoy, *beside):
        process.terminate()
        process.wait(10)
    shutil.rmtree(place.parent)


@pytest.fixture
def changing(door: Door) -> Iterator[Door]:
    """The same gateway for tests that give it other grants."""
    yield door
    door.say(*usual())


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    data = Path(tempfile.mkdtemp(prefix="gw"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = folder(data)
    beside = started(place)
    envoy = subprocess.Popen(bootstrap(data))
    yield Running(data, port)
    for process in (envoy, *beside):
        process.terminate()
        process.wait(10)
    shutil.rmtree(data)


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
    overrides = override_settings(
        DATA=running.data,
        OAUTH_KEYS=running.data / "oauth",
        GATEWAY_LISTEN=f"127.0.0.1:{running.port}",
        ALLOWED_NETWORKS=[f"127.0.0.1:{source['port']}"],
    )
    with django_db_blocker.unblock(), copied_database(embedded_postgres), overrides:
        with writing("cast"):
            sharing = Sharing(Cast(), source, target)
        unaffected, broken = (
            sharing.granted(sharing.mount("division")),
            sharing.granted(sharing.mount("marriage")),
        )
        sharing.entry("division", name="行政区划名称")
        sharing._mounts.pop(("division", "api"))
        result = Scene(
            sharing, running.port, sharing.granted(sharing.mount("division")), unaffected, broken
        )
        own = sharing.credential()
        basic = base64.b64encode(f"{own['client_id']}:{own['client_secret']}".encode()).decode()
        answer = Client().post(
            "/oauth/token",
            "grant_type=client_credentials",
            content_type="application/x-www-form-urlencoded",
            headers={"Authorization": f"Basic {basic}"},
        )
        result.token = answer.json()["access_token"]
        yield result


@pytest.fixture
def scene(granted: Scene) -> Iterator[Scene]:
    with transaction.atomic():
        reconcile()
        assert [
            granted.until(200, grant)
            for grant in (granted.revoked, granted.unaffected, granted.broken)
        ] == [200] * 3
        yield granted
        transaction.set_rollback(True)
