"""Claim: with 100,000 grants the gateway checks every call at three quarters of what bare Envoy
proxies, and a change of a grant takes effect in a moment.

Three ways to the same upstream (nginx on a Unix socket that answers 50 bytes), one processor each,
in turn within each round: ``nginx`` and ``envoy`` as bare proxies, without any check or log;
``ours`` as a city has it: token, grant, end of grant, rate, networks, headers, evidence of each
call's start and end. Calls a second with 32 connections; processor time a call of the proxy alone,
the steadier of the two; then all three at half of our calls a second, for what is added to a call.

A change is written as `reconcile` writes it, and is in effect when a call is answered by it. Needs
nginx and h2load (Debian: nginx-light, nghttp2-client).
"""

from __future__ import annotations

import argparse
import json
import os
import re
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

from joserfc import jwt
from joserfc.jwk import ECKey

from benchmarks._report import finish, median, table
from huitong.planes.gateway.compile import (
    Api,
    ApiGrant,
    Gateway,
    api_item,
    ends_item,
    gateway_items,
)
from huitong.planes.gateway.engine import binary, bootstrap
from huitong.planes.gateway.engine.envoy import socket_cluster
from huitong.planes.gateway.engine.envoy.names import HTTP, V3
from huitong.planes.gateway.engine.process import folder
from huitong.planes.gateway.engine.store import Store
from huitong.planes.gateway.rules import HORIZON

CONTROL = (
    "from pathlib import Path; from huitong.planes.gateway.engine.control import run; import sys;"
    " run(Path(sys.argv[1]))"
)
NGINX = """
worker_processes 1; pid {home}/nginx.pid; error_log /dev/null; {user}
events {{ worker_connections 4096; }}
http {{
  access_log off;
  upstream up {{ server unix:{socket}; keepalive 64; }}
  server {{
    listen unix:{socket}; keepalive_requests 100000000;
    location / {{
      default_type application/json;
      return 200 '{{"items": [{{"id": 1, "name": "x"}}], "count": 1, "more": false}}';
    }}
  }}
  server {{
    listen 127.0.0.1:{port}; keepalive_requests 100000000;
    location / {{
      proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection "";
    }}
  }}
}}
"""
PROXIES = ("nginx", "envoy", "ours")
CONNECTIONS = 32


class Bench:
    """The three proxies, running."""

    def __init__(self, home: Path, apis: int, grants: int) -> None:
        self.place, self.apis, self.grants = folder(home), apis, grants
        self.ports = dict(zip(PROXIES, _free_ports(len(PROXIES)), strict=True))
        self.now = datetime.now(UTC)
        upstream = self.place / "shaping.sock"
        self.key = ECKey.generate_key("P-256", {"kid": "k", "use": "sig", "alg": "ES256"})
        gateway = Gateway(
            f"127.0.0.1:{self.ports['ours']}",
            json.dumps({"keys": [self.key.as_dict(private=False)]}),
            "huitong",
            "huitong-gateway",
            str(upstream),
            secrets.token_hex(),
            str(self.place / "access.log"),
        )
        begin = time.perf_counter()
        served = [self.api(number) for number in range(apis)]
        ends = {grant.ends for api in served for grant in api.grants}
        items = [*gateway_items(gateway), ends_item(ends, self.now + HORIZON)]
        items += map(api_item, served)
        self.compile_s = time.perf_counter() - begin
        self.bytes = sum(len(item.body) for item in items)
        self.store = Store(self.place)
        self.store.write(items)
        user = "user root;" if os.geteuid() == 0 else ""
        conf = NGINX.format(home=home, user=user, socket=upstream, port=self.ports["nginx"])
        (home / "nginx.conf").write_text(conf)
        (home / "bare.json").write_text(json.dumps(_bare(self.ports["envoy"], str(upstream))))
        envoy = [binary(), "-c", str(home / "bare.json"), "--log-level", "error"]
        command = bootstrap(home)
        command[command.index("--concurrency") + 1] = "1"
        begin = time.perf_counter()
        self.processes = {
            name: subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for name, words in {
                "nginx": ["nginx", "-c", str(home / "nginx.conf"), "-g", "daemon off;"],
                "envoy": [*envoy, "--disable-hot-restart", "--concurrency", "1"],
                "control": [sys.executable, "-c", CONTROL, str(self.place)],
                "ours": command,
            }.items()
        }
        self.token = self._token("c0")
        self.path = self.api(apis // 2).path
        for name in PROXIES:
            self._wait_for(name)
        self.start_s = time.perf_counter() - begin

    def api(self, number: int, *more: ApiGrant) -> Api:
        """An API with its grants, which end on different days; every tenth client may come from
        some networks only."""
        return Api(
            f"{number // 1000:06d}/{number:06d}",
            number + 1,
            (*(self._grant(number, n) for n in range(self.grants)), *more),
        )

    def _grant(self, number: int, n: int) -> ApiGrant:
        networks = ("10.0.0.0/8", "127.0.0.0/8") if n % 10 == 0 else ()
        midnight = self.now.replace(hour=16, minute=0, second=0, microsecond=0)
        ends = midnight + timedelta(days=1 + (number * 7 + n) % 365)
        return ApiGrant(number * self.grants + n + 1, {f"c{n}": networks}, ends, 1_000_000)

    def _token(self, subject: str) -> str:
        claims = {"iss": "huitong", "aud": "huitong-gateway", "exp": int(time.time()) + 30_000}
        return jwt.encode({"alg": "ES256", "kid": "k"}, claims | {"sub": subject}, self.key)

    def status(self, name: str, token: str) -> int:
        connection = HTTPConnection("127.0.0.1", self.ports[name], timeout=5)
        try:
            connection.request("GET", self.path, headers={"Authorization": f"Bearer {token}"})
            return connection.getresponse().status
        finally:
            connection.close()

    def _wait_for(self, name: str) -> None:
        until = time.monotonic() + 300
        while time.monotonic() < until:
            try:
                if self.status(name, self.token) == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"{name} does not answer")

    def load(self, name: str, seconds: int, a_second: float = 0) -> tuple[float, float, float]:
        """Calls a second, processor ms of the proxy a call; with ``a_second`` calls a second the
        median and the 99th of 100 in ms instead of the first two. Raises when one call is not
        answered by 200."""
        log = self.place / "h2load.log"
        log.unlink(missing_ok=True)
        words = ["h2load", "--h1", "-t1", f"-c{CONNECTIONS}", f"-D{seconds}", f"--log-file={log}"]
        words += [f"--rps={a_second / CONNECTIONS:.1f}"] if a_second else []
        words += ["-H", f"Authorization: Bearer {self.token}"]
        before = self._processor(name)
        answer = subprocess.run(
            [*words, f"http://127.0.0.1:{self.ports[name]}{self.path}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        used = self._processor(name) - before
        times = []
        for line in log.read_text().splitlines():
            _, status, micros = line.split("\t")
            assert status in ("200", "-1"), f"{name} answers {status}"  # -1: cut off at the end
            if status == "200":
                times.append(int(micros) / 1000)
        if a_second:
            cuts = statistics.quantiles(times, n=100)
            return cuts[49], cuts[98], used * 1000 / len(times)
        rate = re.search(r"([\d.]+) req/s", answer)
        assert rate is not None, answer
        return float(rate[1]), used * 1000 / len(times), 0

    def _processor(self, name: str) -> float:
        """Seconds of processor of a proxy, its workers included."""
        pid = self.processes[name].pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ticks = 0
        for one in (str(pid), *children):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def changes(self, count: int) -> list[float]:
        """A grant is given and taken back in turn: the ms from the write to its effect."""
        token, times = self._token("late"), []
        late = ApiGrant(10**9, {"late": ()}, self.now + timedelta(days=3), 1000)
        for n in range(count):
            given = n % 2 == 0
            begin = time.perf_counter()
            self.store.write([api_item(self.api(self.apis // 2, *[late] * given))])
            while (self.status("ours", token) == 200) != given:
                if time.perf_counter() - begin > 30:
                    raise RuntimeError("a change has no effect")
                time.sleep(0.001)
            times.append((time.perf_counter() - begin) * 1000)
        return times

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.processes['ours'].pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
            process.wait(20)


def _bare(port: int, upstream: str) -> dict[str, object]:
    """An Envoy that proxies and does nothing else."""
    host = {
        "name": "all",
        "domains": ["*"],
        "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "shaping"}}],
    }
    kind = "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
    manager = {
        "@type": V3 + kind,
        "stat_prefix": "bare",
        "route_config": {"name": "bare", "virtual_hosts": [host]},
        "http_filters": [{"name": "router", "typed_config": {"@type": HTTP + "router.v3.Router"}}],
    }
    listener = {
        "name": "bare",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }
    clusters = [socket_cluster("shaping", upstream)]
    return {"static_resources": {"listeners": [listener], "clusters": clusters}}


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--apis", type=int, default=5000)
    options.add_argument("--grants", type=int, default=20, help="grants of each API")
    options.add_argument("--seconds", type=int, default=4)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--changes", type=int, default=200)
    chosen = options.parse_args()
    for program in ("nginx", "h2load"):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is missing: apt-get install nginx-light nghttp2-client")
    home = Path(tempfile.mkdtemp(prefix="huitong-bench-"))
    home.chmod(0o711)
    try:
        bench = Bench(home, chosen.apis, chosen.grants)
        try:
            report(bench, chosen)
        finally:
            bench.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def report(bench: Bench, chosen: argparse.Namespace) -> None:
    rounds = [
        {name: bench.load(name, chosen.seconds) for name in PROXIES} for _ in range(chosen.rounds)
    ]
    half = median([r["ours"][0] for r in rounds]) / 2
    halves = [
        {name: bench.load(name, chosen.seconds, half) for name in PROXIES}
        for _ in range(chosen.rounds)
    ]
    changes = sorted(bench.changes(chosen.changes))
    memory = bench.memory_mb()
    table(
        f"{chosen.apis:,} APIs, {chosen.apis * chosen.grants:,} grants; {len(rounds)} rounds",
        ("", "calls/s", "processor ms", "at half load: median ms", "99 of 100, ms"),
        [
            (
                name,
                *(median([r[name][n] for r in rounds]) for n in (0, 1)),
                *(median([r[name][n] for r in halves]) for n in (0, 1)),
            )
            for name in PROXIES
        ],
    )
    figures = {
        "ratio_to_nginx": median([r["ours"][0] / r["nginx"][0] for r in rounds]),
        "ratio_to_envoy": median([r["ours"][0] / r["envoy"][0] for r in rounds]),
        "processor_ratio_to_envoy": median([r["envoy"][1] / r["ours"][1] for r in rounds]),
        "added_p50_ms": median([r["ours"][0] - r["envoy"][0] for r in halves]),
        "added_p99_ms": median([r["ours"][1] - r["envoy"][1] for r in halves]),
        "change_p50_ms": round(changes[len(changes) // 2], 1),
        "change_p99_ms": round(changes[int(len(changes) * 0.99) - 1], 1),
        "rss_mb": round(memory),
        "bytes_a_grant": round(bench.bytes / (chosen.apis * chosen.grants)),
        "compile_s": round(bench.compile_s, 1),
        "start_s": round(bench.start_s, 1),
    }
    finish("gateway", figures)


if __name__ == "__main__":
    main()
