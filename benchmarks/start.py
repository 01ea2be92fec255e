"""Claim: from an empty folder to the first page in seconds, and a small footprint at rest.

Ours: `huitong up` (database, migrations, worker, web, gateway). Peer: the least that serves a
Django page from a database of its own on the same binaries: initdb, PostgreSQL, Django's own
migrations, granian; no worker, gateway or supervisor. Memory is the proportional set size of every
process of the group, shared pages counted once, ten seconds after the page.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.installation import Installation

from benchmarks._report import finish, median, table
from huitong.cli.parts import RECIPES
from huitong.cli.place import free_address
from huitong.cli.postgres import EmbeddedPostgres
from huitong.cli.processes import leftovers
from huitong.cli.supervisor import serves

REST = 10.0
BARE_SETTINGS = """
SECRET_KEY = "bench"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "bare"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
DATABASES = {{
    "default": {{
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "127.0.0.1",
        "PORT": "{port}",
        "USER": "postgres",
        "PASSWORD": "{password}",
        "NAME": "postgres",
    }}
}}
USE_TZ = True
"""
BARE = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bare_settings")
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
def page(request):
    from django.contrib.auth.models import User
    return HttpResponse(f"<p>{User.objects.count()} users</p>")
urlpatterns = [path("", page)]
application = get_wsgi_application()
"""


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(folder.name))
    pids = [pid]
    for one in pids:
        pids += parents.get(one, [])
    return pids


def memory_mb(pids: list[int]) -> float:
    """Proportional set size of these processes together."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return total / 1024


def measure_huitong() -> dict[str, float]:
    site = Installation()
    try:
        start = time.monotonic()
        site.start()
        figures = {"first_page_s": time.monotonic() - start}
        time.sleep(REST)
        assert site.process is not None
        figures["rss_mb"] = memory_mb(family(site.process.pid))
        for part, pids in {
            "supervisor": [site.process.pid],
            "database": family(site.pids("database")[0]),
            **{part: leftovers(site.folder, part) for part in (recipe.name for recipe in RECIPES)},
        }.items():
            figures[f"rss_{part}_mb"] = memory_mb(pids)
        start = time.monotonic()
        site.stop()
        figures["stop_s"] = time.monotonic() - start
        start = time.monotonic()
        site.start()
        figures["next_start_s"] = time.monotonic() - start
        return figures
    finally:
        site.__exit__()


@contextlib.contextmanager
def bare_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="huitong-bare-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def bare() -> dict[str, float]:
    """The peer, with the same durable PostgreSQL."""
    with bare_folder() as folder:
        start = time.monotonic()
        with EmbeddedPostgres(folder) as postgres:
            password = postgres.superuser_url.split(":")[2].split("@")[0]
            (folder / "bare_settings.py").write_text(
                BARE_SETTINGS.format(port=postgres.port, password=password)
            )
            (folder / "bare.py").write_text(BARE)
            environment = {
                **os.environ,
                "PYTHONPATH": str(folder),
                "DJANGO_SETTINGS_MODULE": "bare_settings",
            }
            subprocess.run(
                [sys.executable, "-m", "django", "migrate", "-v0"],
                env=environment,
                check=True,
                cwd=folder,
            )
            port = free_address("127.0.0.1:0", "", "")[1]
            words = ["--interface", "wsgi", "--port", str(port), "--no-log", "bare:application"]
            web = subprocess.Popen(
                [sys.executable, "-m", "granian", *words],
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
            )
            try:
                while not serves(f"http://127.0.0.1:{port}/"):
                    assert web.poll() is None
                    time.sleep(0.02)
                figures = {"first_page_s": time.monotonic() - start}
                time.sleep(REST)
                assert postgres.process is not None
                figures["rss_mb"] = memory_mb(family(web.pid) + family(postgres.process.pid))
            finally:
                web.send_signal(signal.SIGTERM)
                web.wait(20)
        return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    runs: dict[str, list[dict[str, float]]] = {"huitong": [], "bare": []}
    for _ in range(rounds):  # in turn, so that a slow minute of the machine meets both
        runs["huitong"].append(measure_huitong())
        runs["bare"].append(bare())
    of = {
        who: {key: median([run[key] for run in figures]) for key in figures[0]}
        for who, figures in runs.items()
    }
    columns = ("first_page_s", "rss_mb")
    table(
        f"From an empty folder to the first page; at rest (median of {rounds})",
        ["", "first page s", "memory MB"],
        [[who, *(of[who][key] for key in columns)] for who in of],
    )
    parts = [
        [key[4:-3], value]
        for key, value in of["huitong"].items()
        if key.startswith("rss_") and key != "rss_mb"
    ]
    table("Memory by part", ["part", "MB"], parts)
    ratios = {
        f"{key}_ratio_to_bare": round(of["huitong"][key] / of["bare"][key], 2) for key in columns
    }
    finish(
        "start",
        {
            **of["huitong"],
            **{f"bare_{key}": of["bare"][key] for key in columns},
            **ratios,
            "rounds": rounds,
        },
    )


if __name__ == "__main__":
    main()
