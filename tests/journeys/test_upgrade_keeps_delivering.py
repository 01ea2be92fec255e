"""Grants go on delivering while a platform is upgraded: the gateway and the shaping service of the
city of 0.1 answer calls from the files the old platform left, through the migration, and when the
new platform has taken over (A26, A28, A30).

A caller asks without a pause, with a token it got before; no call fails, none is refused.
"""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from conftest import Live
from psycopg.conninfo import conninfo_to_dict
from tests.journeys import city
from tests.sharing import RISK

from huitong.access import actions
from huitong.access.models import Grant
from huitong.access.rules import AUDIENCE, signing
from huitong.kernel import vault
from huitong.planes.gateway.engine.process import bootstrap, folder, put
from huitong.planes.gateway.jobs import take_evidence
from huitong.planes.gateway.models import Call
from huitong.planes.gateway.reconcile import reconcile
from huitong.planes.gateway.tests.serving import started

SOURCE = """
CREATE TABLE marriage_registration (
  registration_no varchar(24) PRIMARY KEY, male_name varchar(50), male_id_number char(18),
  female_name varchar(50), female_id_number char(18), registered_on date,
  registration_kind varchar(20), registrar varchar(100), registrar_division char(6),
  marital_status varchar(10), mobile varchar(11), updated_at timestamptz DEFAULT now());
INSERT INTO marriage_registration
SELECT 'J' || n, '王小明', '11010519491231002X', '李芳', '11010519491231002X', '2020-01-01',
       '结婚登记', '登记处', CASE WHEN n % 5 = 0 THEN '320500' ELSE '320623' END, '有效'
  FROM generate_series(1, 40) n;
CREATE TABLE administrative_division (
  division_code varchar(12) PRIMARY KEY, division_name varchar(100), division_level varchar(20),
  parent_code varchar(12));
INSERT INTO administrative_division VALUES ('320623', '如东县', 'county', '320600');
"""
#: of the city of 0.1: Housing's grants of marriages and of divisions, and where they are called
MARRIAGE, DIVISION = 6, 7
PATHS = {MARRIAGE: "/apis/101008/000001", DIVISION: "/apis/103008/000001"}
#: the client id of Housing's system
CLIENT = "ht-602b353868a9d04d"


@dataclass
class Caller:
    """Housing's system, which calls both addresses in turn until it is told to stop."""

    url: str
    token: str
    answers: Counter[tuple[int, int]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def ask(self, client: httpx.Client, grant: int) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return client.get(f"{self.url}{PATHS[grant]}", params={"limit": 2}, headers=headers)

    def __call__(self) -> None:
        with httpx.Client(trust_env=False, timeout=20) as client:
            while not self.stopped.is_set():
                for grant in PATHS:
                    try:
                        answer = self.ask(client, grant)
                    except httpx.TransportError as broken:
                        self.wrong.append(repr(broken))
                        continue
                    self.answers[grant, answer.status_code] += 1
                    if answer.status_code != 200 or not answer.json()["items"]:
                        self.wrong.append(answer.text[:300])

    def goes_on(self, calls: int = 20) -> None:
        """Wait until so many more calls were answered."""
        enough, end = self.answers.total() + calls, time.monotonic() + 30
        while self.answers.total() < enough and time.monotonic() < end:
            time.sleep(0.02)
        assert self.answers.total() >= enough, "calls are answered no more"

    def status_becomes(self, grant: int, status: int) -> bool:
        end = time.monotonic() + 15
        with httpx.Client(trust_env=False) as client:
            while (last := self.ask(client, grant).status_code) != status:
                if time.monotonic() > end:
                    return last == status
                time.sleep(0.02)
        return True


@pytest.fixture
def source(embedded_postgres: Any) -> Iterator[dict[str, Any]]:
    """Civil Affairs' front-end database, where the city of 0.1 had it."""
    with psycopg.connect(embedded_postgres.superuser_url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS front_mz WITH (FORCE)")
        server.execute("CREATE DATABASE front_mz")
    url = embedded_postgres.superuser_url.rsplit("/", 1)[0] + "/front_mz"
    with psycopg.connect(url) as database:
        database.execute(SOURCE)
    yield conninfo_to_dict(url)
    with psycopg.connect(embedded_postgres.superuser_url, autocommit=True) as server:
        server.execute("DROP DATABASE front_mz WITH (FORCE)")


@pytest.fixture
def old(live_db: Live, source: dict[str, Any], settings: Any, tmp_path: Path) -> Live:
    """The database of the city of 0.1, not yet migrated, its front-end database reachable."""
    city.take_keys(settings, tmp_path)
    city.load(live_db.owner_url, "city-0.1.sql.xz")
    with psycopg.connect(live_db.owner_url) as owner:
        moved = owner.execute(
            "UPDATE catalog_database SET port = %s, username = %s"
            " RETURNING id, body_id, kind, host, port, dbname, username",
            [int(source["port"]), source["user"]],
        )
        for pk, *address in moved.fetchall():
            # as 0.1 bound a password to its address
            purpose = ":".join(map(str, ["catalog.database", *address]))
            secret = vault.encrypt(source["password"], purpose)
            owner.execute("UPDATE catalog_database SET secret = %s WHERE id = %s", [secret, pk])
    return live_db


@pytest.fixture
def caller(
    old: Live, source: dict[str, Any], settings: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Caller]:
    """A gateway and a shaping service on the files of 0.1, called all the time."""
    settings.DATA = tmp_path_factory.mktemp("g")
    settings.OAUTH_KEYS = settings.DATA / "oauth"
    settings.PUBLIC_URL = "http://127.0.0.1:8800"
    settings.ALLOWED_NETWORKS = [f"127.0.0.1:{source['port']}"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings.GATEWAY_LISTEN = f"127.0.0.1:{port}"
    place = folder(settings.DATA)
    keys = json.dumps(json.dumps(signing.public(settings.OAUTH_KEYS), sort_keys=True))
    written = json.loads((city.INPUTS / "gateway-0.1.json").read_text(encoding="utf-8"))
    for name, text in written.items():
        for mark, value in {
            "@folder@": str(place),
            "@listen@": str(port),
            "@jwks@": keys,
            "@source@": source["port"],
            "@platform@": source["port"],
            "@password@": source["password"],
            '"front_mz_platform"': json.dumps(source["user"]),
        }.items():
            text = text.replace(mark, str(value))
        (place / name).parent.mkdir(exist_ok=True)
        put(place / name, text)
    beside = started(place)
    envoy = subprocess.Popen(bootstrap(settings.DATA))
    claims = {"iss": settings.PUBLIC_URL, "aud": AUDIENCE, "sub": CLIENT}
    token = signing.sign(settings.OAUTH_KEYS, claims | {"exp": int(time.time()) + 600})
    load = Caller(f"http://127.0.0.1:{port}", token)
    thread = threading.Thread(target=load)
    try:
        with httpx.Client(trust_env=False) as client:
            _until_served(lambda: load.ask(client, DIVISION))
        thread.start()
        yield load
    finally:
        load.stopped.set()
        if thread.ident:
            thread.join(30)
        for process in (envoy, *beside):
            process.terminate()
            process.wait(10)


def _until_served(ask: Any) -> None:
    end, last = time.monotonic() + 30, "no answer"
    while time.monotonic() < end:
        try:
            if (answer := ask()).status_code == 200:
                return
            last = answer.text
        except httpx.TransportError as starting:
            last = repr(starting)
        time.sleep(0.05)
    raise AssertionError(f"the gateway does not serve the files of 0.1: {last}")


@pytest.mark.slow
def test_no_call_fails_while_the_platform_is_upgraded(caller: Caller) -> None:
    caller.goes_on()
    city.upgrade()
    caller.goes_on()
    reconcile()
    caller.goes_on(60)
    assert caller.wrong == []
    assert set(caller.answers) == {(MARRIAGE, 200), (DIVISION, 200)}
    caller.stopped.set()
    # the new platform has taken over: what it takes away is closed, the rest goes on
    grant = Grant.objects.select_related("case").get(pk=MARRIAGE)
    actions.suspend(city.People().mz_manager, grant.case, **RISK)
    reconcile()
    assert caller.status_becomes(MARRIAGE, 403) and caller.status_becomes(DIVISION, 200)
    # and what was called meanwhile is on record
    take_evidence()
    served = Call.objects.filter(grant__in=PATHS, status=200)
    assert served.count() >= caller.answers.total()


@pytest.mark.slow
def test_the_data_stay_cut_to_the_grant(caller: Caller) -> None:
    """Masked and filtered the same before, during and after."""
    answers = set()
    with httpx.Client(trust_env=False) as client:
        for act in (lambda: None, city.upgrade, reconcile):
            act()
            rows = caller.ask(client, MARRIAGE).json()["items"]
            assert all(row["registrar_division"].startswith("3206") for row in rows)
            answers.add(json.dumps(rows, ensure_ascii=False))
    assert len(answers) == 1 and "王**" in answers.pop()
