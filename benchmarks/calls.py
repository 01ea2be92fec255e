"""Claim: the gateway with all its checks costs a call less than making the answer does, and the
whole way costs milliseconds.

The same rows three ways, one caller, one call after the other, everything kept open: ``query`` is
psycopg and ``json.dumps``, the least that answers at all; ``shaping`` the shaping service on its
Unix socket (grant, control parameters, filter and masks compiled to SQL, paging); ``gateway`` the
whole way a consumer's call takes, through Envoy with token, access control, rate and evidence.
``one``: one row by its key. ``page``: a hundred rows, two columns masked (the peer's are not).
Interleaved, medians over the rounds; ratios, of processor time within each round, are steady on a
busy machine too. Processor time is that of every process which takes part: caller, shaping service,
Envoy, the source's server. An answer counts only if it has the right rows.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from joserfc import jwt
from joserfc.jwk import ECKey

from benchmarks._report import finish, median, table
from huitong.cli.postgres import EmbeddedPostgres
from huitong.planes.gateway.compile import (
    Api,
    ApiGrant,
    Gateway,
    api_item,
    ends_item,
    fact,
    gateway_items,
)
from huitong.planes.gateway.engine import bootstrap
from huitong.planes.gateway.engine.process import folder
from huitong.planes.gateway.engine.store import Store

CODE, ROWS, PAGE = "101008/000001", 100_000, 100
COLUMNS = {
    "id": ("I", "bigint"),
    "name": ("C", "text"),
    "id_no": ("C", "text"),
    "region": ("C", "text"),
    "registered_on": ("D", "date"),
}
FILL = """
CREATE TABLE people (id bigint PRIMARY KEY, name text, id_no text, region text, registered_on date);
INSERT INTO people
SELECT n, '张三丰' || n %% 100,
       '320613' || to_char(date '1950-01-01' + n %% 25000, 'YYYYMMDD')
                || lpad((n %% 10000)::text, 4, '0'),
       '320613', date '2020-01-01' + n %% 2000
  FROM generate_series(1, %s) AS n;
ANALYZE people
"""
SHAPING = (
    "from pathlib import Path; from huitong.planes.gateway.engine.serve import serve; import sys;"
    " serve(Path(sys.argv[1]), Path(sys.argv[2]))"
)

CONTROL = (
    "from pathlib import Path; from huitong.planes.gateway.engine.control import run; import sys;"
    " run(Path(sys.argv[1]))"
)


class UnixConnection(HTTPConnection):
    """HTTP on a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("shaping")
        self.path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Bench:
    """A source, a shaping service and an Envoy in one folder, and the three ways to ask."""

    def __init__(self, server: EmbeddedPostgres, place: Path) -> None:
        with psycopg.connect(server.superuser_url, autocommit=True) as root:
            root.execute("CREATE DATABASE provider")
        parts = urlsplit(server.superuser_url)
        self.source = psycopg.connect(
            server.superuser_url.rsplit("/", 1)[0] + "/provider",
            autocommit=True,
            prepare_threshold=None,
        )
        self.source.execute(FILL.replace("%s", str(ROWS)).replace("%%", "%"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        key, proof, now = (
            ECKey.generate_key("P-256", {"kid": "k", "use": "sig", "alg": "ES256"}),
            secrets.token_hex(),
            datetime.now(UTC),
        )
        gateway = Gateway(
            f"127.0.0.1:{port}",
            json.dumps({"keys": [key.as_dict(private=False)]}),
            "huitong",
            "huitong-gateway",
            str(place / "shaping.sock"),
            proof,
            str(place / "access.log"),
        )
        grant = ApiGrant(7, {"consumer": ("127.0.0.0/8",)}, now + timedelta(hours=9), 1_000_000)
        ends = ends_item([grant.ends], now + timedelta(days=1))
        items = [*gateway_items(gateway), ends, api_item(Api(CODE, 5, (grant,)))]
        address = {
            "host": "127.0.0.1",
            "port": parts.port,
            "database": "provider",
            "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "tls": "disable",
        }
        scope = {
            "items": list(COLUMNS),
            "masks": {"name": {"kind": "name"}, "id_no": {"kind": "citizen_number"}},
        }
        of_grant = {
            "id": 7,
            "mount": 5,
            "scope": scope,
            "key": ["id"],
            "columns": {
                item: {"column": item, "type": kind, "sql_type": sql_type}
                for item, (kind, sql_type) in COLUMNS.items()
            },
        }
        rules = {"proof": proof, "allowed": [f"127.0.0.1:{parts.port}"]}
        mount = {"address": address, "schema": "public", "table": "people"}
        items += [
            fact("service", "shaping", rules),
            fact("mount", 5, mount, 5),
            fact("grant", 7, of_grant, 5),
        ]
        Store(place).write(items)
        commands = (
            [sys.executable, "-c", SHAPING, str(place), str(place / "shaping.sock")],
            [sys.executable, "-c", CONTROL, str(place)],
            bootstrap(place.parent),
        )
        self.processes = [
            subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for words in commands
        ]
        claims = {
            "iss": "huitong",
            "aud": "huitong-gateway",
            "sub": "consumer",
            "exp": int(time.time()) + 30_000,
        }
        token = jwt.encode({"alg": "ES256", "kid": "k"}, claims, key)
        self.inside = (
            UnixConnection(place / "shaping.sock"),
            {"x-huitong-proof": proof, "x-huitong-mount": "5", "x-huitong-grant": "7"},
        )
        self.outside = HTTPConnection("127.0.0.1", port), {"Authorization": f"Bearer {token}"}
        self._wait()

    def query(self, call: dict[str, int]) -> list[dict[str, object]]:
        """Without masks, checks or paging: what any answer costs at least."""
        if "id" in call:
            cursor = self.source.execute(
                "SELECT id, name, id_no, region, registered_on FROM people WHERE id = %s",
                (call["id"],),
            )
        else:
            cursor = self.source.execute(
                "SELECT id, name, id_no, region, registered_on FROM people WHERE id > %s"
                " ORDER BY id LIMIT %s",
                (call["id.gt"], call["limit"]),
            )
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]
        shaped: list[dict[str, object]] = json.loads(
            json.dumps(rows, ensure_ascii=False, default=str)
        )
        return shaped

    def shaping(self, call: dict[str, int]) -> list[dict[str, object]]:
        return self._http(*self.inside, call)

    def gateway(self, call: dict[str, int]) -> list[dict[str, object]]:
        return self._http(*self.outside, call)

    def spent(self) -> float:
        """Seconds of processor time so far, of all who take part in a call."""
        servers = [
            row[0]
            for row in self.source.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = 'provider'"
            ).fetchall()
        ]
        workers = [int(pid) for process in self.processes for pid in _children(process.pid)]
        ticks = 0
        for pid in {os.getpid(), *servers, *workers, *(process.pid for process in self.processes)}:
            ticks += sum(
                map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13])
            )
        return ticks / os.sysconf("SC_CLK_TCK")

    def measured(self, name: str, kind: str, calls: int) -> tuple[float, float, float]:
        """Milliseconds: of the median call, of the slowest in a hundred, of processor time a
        call."""
        ask, took, before = getattr(self, name), [], self.spent()
        for n in range(calls):
            first = 1 + n * 7919 % (ROWS - PAGE)
            call = {"id": first} if kind == "one" else {"id.gt": first - 1, "limit": PAGE}
            start = time.perf_counter()
            rows = ask(call)
            took.append((time.perf_counter() - start) * 1000)
            assert [row["id"] for row in rows] == list(
                range(first, first + (1 if kind == "one" else PAGE))
            )
        return (
            statistics.median(took),
            statistics.quantiles(took, n=100)[98],
            (self.spent() - before) * 1000 / calls,
        )

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(20)
        self.source.close()

    @staticmethod
    def _http(
        connection: HTTPConnection, headers: dict[str, str], call: dict[str, int]
    ) -> list[dict[str, object]]:
        connection.request(
            "GET",
            f"/apis/{CODE}?" + "&".join(f"{name}={value}" for name, value in call.items()),
            headers=headers,
        )
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (answer.status, body)
        return json.loads(body)["items"]  # type: ignore[no-any-return]

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while True:
            try:
                self.gateway({"id": 1})
                return
            except (AssertionError, OSError):
                self.outside[0].close()
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--calls", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    home = Path(tempfile.mkdtemp(prefix="huitong-bench-"))
    home.chmod(0o711)
    try:
        with EmbeddedPostgres(home) as server:
            bench = Bench(server, folder(home))
            try:
                rounds = [
                    {
                        (kind, name): bench.measured(name, kind, chosen.calls)
                        for kind in ("one", "page")
                        for name in ("query", "shaping", "gateway")
                    }
                    for _ in range(chosen.rounds)
                ]
            finally:
                bench.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    report(rounds)


def report(rounds: list[dict[tuple[str, str], tuple[float, float, float]]]) -> None:
    def ratio(kind: str, name: str, to: str) -> float:
        return median([r[kind, name][2] / r[kind, to][2] for r in rounds])

    lines = [
        (
            f"{kind}: {name}",
            *(median([r[kind, name][n] for r in rounds]) for n in range(3)),
            ratio(kind, name, "query"),
        )
        for kind, name in rounds[0]
    ]
    table(
        f"one caller, {len(rounds)} rounds",
        ("", "median ms", "99 of 100, ms", "processor ms", "of the query"),
        lines,
    )
    finish(
        "calls",
        {
            f"{kind}_{name}_ratio_to_{to}": ratio(kind, name, to)
            for kind in ("one", "page")
            for name, to in (("shaping", "query"), ("gateway", "query"), ("gateway", "shaping"))
        }
        | {
            f"{kind}_{name}_processor_ms": median([r[kind, name][2] for r in rounds])
            for kind, name in rounds[0]
        },
    )


if __name__ == "__main__":
    main()
