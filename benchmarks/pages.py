"""Claim: pages are quick in a city after years of use, with the default settings on two cores.

20,000 entries and 100,000 cases (`_city`), a durable embedded PostgreSQL, the real web server and
the search index. For each of six pages, and one that has nothing but its frame: one reader, one
page after the other; then 20 and 200 readers, each with a session of their own and asking again at
once. All the while somebody commits a change of a case once a second: what is kept while nothing
changes helps no more than it does in a city at work.

*Server time* is measured in the server (`Server-Timing`): from the request's coming into Django to
its answer. Waiting for a turn before that, the network and the measuring client are not in it. All
of that is in the *time a reader waits*: 200 readers who read, each turning to another of the pages
every `PAUSE` seconds, measured where they sit.

*Processor time* is that of all web and database processes, divided by the pages answered: what a
page costs wherever it runs, steady on a busy machine too; two cores can give at most 2,000 ms of it
a second (``possible_per_s``), while pages a second are what this machine gave beside the client
that asked. The limit beside them: a bare Django page of the same size on the same server, that
reads its session and its user from the same database and builds nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from tests.installation import environment

from benchmarks._catalog import EVERYWHERE, READERS
from benchmarks._city import plant
from benchmarks._readers import PAUSE, answers, reading
from benchmarks._report import finish, table
from benchmarks.start import BARE_SETTINGS, family
from huitong.cli.place import free_address
from huitong.cli.postgres import EmbeddedPostgres
from huitong.cli.web import cores

BARE = """
import os, time
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bare_settings")
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
def page(request, size):
    begin = time.perf_counter()
    assert request.user.is_anonymous
    answer = HttpResponse(b"x" * size)
    answer["Server-Timing"] = f'app;dur={(time.perf_counter() - begin) * 1000:.2f}, cpu;dur=0, ' \\
        'db;dur=0;desc="1"'
    answer["Content-Length"] = size
    return answer
urlpatterns = [path("<int:size>", page)]
application = get_wsgi_application()
"""


class Site:
    """An installation with everything planted, its readers signed in, and its server."""

    def __init__(self, folder: Path, postgres: EmbeddedPostgres, entries: int, cases: int) -> None:
        self.folder, self.postgres = folder, postgres
        self.environment = environment(
            folder, HUITONG_SECOND_FACTOR="optional", HUITONG_SERVER_TIMING="on"
        )
        self.run("migrate")
        self.run("plant")
        self.url = postgres.superuser_url.rsplit("/", 1)[0] + "/huitong"
        self.planted = self.plant(entries, cases)
        self.readers = self.sign_in()

    def plant(self, entries: int, cases: int) -> dict[str, Any]:
        return plant(self.url, entries, cases)

    def run(self, *words: str) -> None:
        command = [sys.executable, "-m", "huitong.cli", *words]
        subprocess.run(command, env=self.environment, check=True, capture_output=True)

    def sign_in(self) -> list[tuple[str, dict[str, list[str]]]]:
        """Each reader's session, and the addresses of their pages."""
        os.environ.update(self.environment)
        from huitong.cli.django_ready import ready

        ready()
        from django.test import Client
        from django.urls import reverse

        from huitong.catalog.models import Entry
        from huitong.kernel.case import Case
        from huitong.organizations.models import Person
        from huitong.organizations.queries import actor_for

        readers = []
        entries = list(Entry.objects.exclude(current__share_class="3").values_list("pk", flat=True))
        browse = reverse("catalog:browse")
        for n, person in enumerate(Person.objects.filter(username__startswith="reader")):
            client = Client()
            client.force_login(person)
            cases = Case.objects.visible_to(actor_for(person)).filter(kind="application")
            pages = {
                "shell": [reverse("portal:accessibility")],
                "home": [reverse("portal:home")],
                "todo": [reverse("work:todo")],
                "entry": [
                    reverse("catalog:entry", args=[pk]) for pk in entries[n :: len(entries) // 20]
                ],
                "catalog": [browse],
                "search": [reverse("catalog:browse", query={"q": EVERYWHERE})],
                "case": [
                    reverse("work:case", args=[pk])
                    for pk in cases.order_by("-pk").values_list("pk", flat=True)[:20]
                ],
            }
            readers.append((client.cookies["sessionid"].value, pages))
        assert len(readers) == READERS
        return readers

    @contextlib.contextmanager
    def served(self) -> Iterator[tuple[int, list[int]]]:
        """The port of the running server, and the processes that make a page."""
        port = free_address("127.0.0.1:0", "", "")[1]
        command = [sys.executable, "-m", "huitong.cli"]
        with open(self.folder / "server.log", "wb") as log:
            parts = [
                subprocess.Popen([*command, *words], env=self.environment, stdout=log, stderr=log)
                for words in (["web", "--listen", f"127.0.0.1:{port}"], ["index"])
            ]
            try:
                wait_for(port, "/healthz")
                followed = self.folder / "index" / "followed"
                until = time.monotonic() + 300
                while not followed.exists():
                    assert time.monotonic() < until, "the index was not built"
                    time.sleep(0.2)
                assert self.postgres.process is not None
                yield port, [parts[0].pid, self.postgres.process.pid]
            finally:
                for part in parts:
                    part.terminate()
                for part in parts:
                    part.wait(30)


def wait_for(port: int, path: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with contextlib.suppress(OSError, AssertionError):
            asyncio.run(answers(port, [("", [path])], 1, 0))
            return
        time.sleep(0.1)
    raise AssertionError(f"nothing answers on port {port}")


@contextlib.contextmanager
def changing(postgres: EmbeddedPostgres) -> Iterator[None]:
    """Somebody changes a case once a second."""
    over = threading.Event()

    def change() -> None:
        with psycopg.connect(postgres.superuser_url.rsplit("/", 1)[0] + "/huitong") as connection:
            while not over.wait(1):
                connection.execute(
                    "UPDATE kernel_case SET title = title"
                    " WHERE id = (SELECT max(id) - floor(random() * 1000) FROM kernel_case)"
                )
                connection.commit()

    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def p95(times: Sequence[float]) -> float:
    return round(sorted(times)[int(len(times) * 0.95)], 1)


def spent(roots: Sequence[int]) -> float:
    """Seconds of processor time so far of these processes and those below them."""
    ticks = 0
    for pid in {pid for root in roots for pid in family(root)}:
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, stat[11:15]))  # its own, and that of children already gone
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(
    port: int, roots: Sequence[int], readers: Sequence[tuple[str, Sequence[str]]], seconds: float
) -> dict[str, Any]:
    """One page asked by these readers for so long."""
    asyncio.run(answers(port, readers[:20], 2, 0))  # templates, connections of every thread
    processor, begin = spent(roots), time.monotonic()
    answered = asyncio.run(answers(port, readers, 1, seconds))
    took, processor = time.monotonic() - begin, spent(roots) - processor
    times = [ms for ms, _, _ in answered]
    return {
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": p95(times),
        "pages_per_s": round(len(answered) / took, 1),
        "cpu_ms": round(processor * 1000 / len(answered), 1),
        "queries": max(count for _, count, _ in answered),
        "bytes": round(statistics.median([size for _, _, size in answered])),
    }


@contextlib.contextmanager
def bare(folder: Path, postgres: EmbeddedPostgres) -> Iterator[tuple[int, list[int]]]:
    """The limit: Django's own session and user, and a page that is there already."""
    settings = BARE_SETTINGS.format(
        port=postgres.port, password=postgres.superuser_url.split(":")[2].split("@")[0]
    )
    (folder / "bare_settings.py").write_text(
        settings.replace('"NAME": "postgres"', '"NAME": "huitong", "CONN_MAX_AGE": 60')
    )
    (folder / "bare.py").write_text(BARE)
    port = free_address("127.0.0.1:0", "", "")[1]
    words = ["--interface", "wsgi", "--port", str(port), "--no-log", "--workers", str(cores())]
    words += ["--blocking-threads", "4", "bare:application"]
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *words],
        env=os.environ | {"PYTHONPATH": str(folder), "DJANGO_SETTINGS_MODULE": "bare_settings"},
        cwd=folder,
    )
    try:
        wait_for(port, "/10")
        assert postgres.process is not None
        yield port, [process.pid, postgres.process.pid]
    finally:
        process.terminate()
        process.wait(30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=8.0, help="each page, each number")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="huitong-pages-"))
    folder.chmod(0o711)
    results: dict[int, dict[str, dict[str, Any]]] = {1: {}, 20: {}, READERS: {}}
    try:
        with EmbeddedPostgres(folder) as postgres:
            site = Site(folder, postgres, options.entries, options.cases)
            with site.served() as (port, roots), changing(postgres):
                for page in site.readers[0][1]:
                    for number, by_page in results.items():
                        asking = [
                            (session, pages[page]) for session, pages in site.readers[:number]
                        ]
                        by_page[page] = measure(port, roots, asking, options.seconds)
                        print(number, page, json.dumps(by_page[page]), flush=True)
                waits = asyncio.run(reading(port, site.readers, 6 * options.seconds))
            sizes = {page: row["bytes"] for page, row in results[1].items()}
            limit = max(sizes.values())
            with bare(folder, postgres) as (port, roots):
                asking = [(session, [f"/{limit}"]) for session, _ in site.readers]
                for number, by_page in results.items():
                    by_page["bare"] = measure(port, roots, asking[:number], options.seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    table(
        f"{READERS} readers who turn to another page every {PAUSE:g} s wait",
        ["page", "median ms", "p95 ms"],
        [[page, round(statistics.median(ms), 1), p95(ms)] for page, ms in waits.items()],
    )
    for number, by_page in results.items():
        table(
            f"{number} reader{'s' if number > 1 else ''}, {cores()} web processes",
            ["page", "median ms", "p95 ms", "pages/s", "cpu ms", "possible/s", "queries", "bytes"],
            [[page, *_columns(row)] for page, row in by_page.items()],
        )

    def of(number: int, name: str) -> dict[str, Any]:
        return {page: row[name] for page, row in results[number].items()}

    print(json.dumps(site.planted))
    finish(
        "pages",
        {
            "p95_ms": of(READERS, "p95_ms"),
            "pages_per_s": of(20, "pages_per_s"),
            "queries": of(1, "queries"),
            "median_ms": of(1, "median_ms"),
            "cpu_ms": of(20, "cpu_ms"),
            "possible_per_s": {p: round(2000 / ms, 1) for p, ms in of(20, "cpu_ms").items()},
            "pages_per_s_200": of(READERS, "pages_per_s"),
            "p95_ms_20": of(20, "p95_ms"),
            "waited_p95_ms": {page: p95(ms) for page, ms in waits.items()},
            "waited_median_ms": {
                page: round(statistics.median(ms), 1) for page, ms in waits.items()
            },
            "web_processes": cores(),
        },
    )


def _columns(row: dict[str, Any]) -> list[Any]:
    possible = round(2000 / row["cpu_ms"], 1) if row["cpu_ms"] else 0.0
    return [
        row["median_ms"],
        row["p95_ms"],
        row["pages_per_s"],
        row["cpu_ms"],
        possible,
        row["queries"],
        row["bytes"],
    ]


if __name__ == "__main__":
    main()
