"""The doctor names what is broken and what to do; each test breaks one thing and looks whether
it is named."""

from __future__ import annotations

import json
import socket
import stat
from pathlib import Path

import psycopg
import pytest
from conftest import Live
from pytest_django.live_server_helper import LiveServer

from huitong.cli import main
from huitong.cli.commands import doctor as command
from huitong.cli.doctor import BROKEN, GOOD, NOTE, Check, Finding, database, examine, machine
from huitong.cli.processes import close_to_others


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("HUITONG_DATA", str(tmp_path))
    return tmp_path


def look(check: Check, state: str) -> list[Finding]:
    """The findings of one check that are in this state; each has a detail, and a remedy unless
    it is good."""
    findings = list(examine([check]))
    assert all(
        finding.detail and bool(finding.remedy) == (finding.state != GOOD) for finding in findings
    )
    return [finding for finding in findings if finding.state == state]


@pytest.fixture
def as_runtime(live_db: Live, monkeypatch: pytest.MonkeyPatch) -> Live:
    """Django connected as the product connects."""
    from django.db import connection

    from huitong.settings.environment import database as address

    monkeypatch.setenv("DATABASE_URL", live_db.url)
    connection.close()
    connection.settings_dict.update(
        {k: v for k, v in address("DATABASE_URL", "").items() if k in ("USER", "PASSWORD")}
    )
    return live_db


def owner(live: Live, statement: str) -> None:
    with psycopg.connect(live.superuser_url) as db:
        db.execute(statement)


def test_a_healthy_database_has_nothing_broken(as_runtime: Live) -> None:
    for check in database.CHECKS:
        assert look(check, BROKEN) == []


def test_a_pending_migration_is_named(as_runtime: Live) -> None:
    owner(
        as_runtime,
        "DELETE FROM django_migrations WHERE app = 'documents' AND name = '0001_initial'",
    )
    (finding,) = look(database.migrations, BROKEN)
    assert finding.detail.startswith("1 pending: documents.")
    assert finding.remedy == "huitong migrate"


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        ("GRANT UPDATE ON kernel_entry TO huitong", "may change kernel_entry"),
        ("ALTER TABLE kernel_entry DISABLE TRIGGER ALL", "switched off on kernel_entry"),
        ("DROP FUNCTION huitong_insert_only CASCADE", "lost the trigger"),
    ],
)
def test_an_unprotected_ledger_is_named(as_runtime: Live, harm: str, message: str) -> None:
    owner(as_runtime, harm)
    assert any(message in finding.detail for finding in look(database.ledger, BROKEN))


def test_a_ledger_that_cannot_be_sealed_any_more_is_named(as_runtime: Live) -> None:
    owner(
        as_runtime,
        "INSERT INTO audit_checkpoint (size, root, at, suite, key, note) VALUES (5, '', now(),"
        " 'sha256', '', '')",
    )
    (finding,) = look(database.sealing, BROKEN)
    assert finding.name == "sealing"
    assert "verify" in finding.remedy


def test_a_missing_calendar_year_is_named(as_runtime: Live) -> None:
    owner(as_runtime, "DELETE FROM kernel_calendaryear WHERE year = extract(year FROM now())")
    assert "not loaded" in look(database.calendar, BROKEN)[0].detail


def test_a_product_that_owns_its_tables_is_named(live_db: Live) -> None:
    assert "huitong_owner" in look(database.roles, BROKEN)[0].detail


def test_failed_jobs_are_noted(as_runtime: Live) -> None:
    owner(
        as_runtime,
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
        " VALUES ('default', 'gone', 'failed')",
    )
    assert any("1 failed for good: gone" in finding.detail for finding in look(database.jobs, NOTE))


def test_a_worker_that_died_long_ago_does_not_count(as_runtime: Live) -> None:
    owner(
        as_runtime,
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')",
    )
    assert [finding.name for finding in look(database.jobs, NOTE)] == ["worker"]
    owner(as_runtime, "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
    assert [finding.detail for finding in look(database.jobs, GOOD)] == ["1 running"]


@pytest.mark.parametrize(
    "name",
    [
        "run/database-url",
        "run/fronts.json",
        "keys/ledger-ed25519.pem",
        "keys/oauth/1.pem",
        "gateway/configuration.sqlite3",
        "logs/plant.log",
    ],
)
def test_secrets_others_may_read_are_named(folder: Path, name: str) -> None:
    assert look(machine.data_folder, BROKEN) == []
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    for above in (folder / name).relative_to(folder).parents:
        (folder / above).chmod(0o700)
    (folder / name).write_text("secret")
    (folder / name).chmod(0o644)
    (finding,) = look(machine.data_folder, BROKEN)
    assert finding.remedy.endswith(f"chmod -R go= {folder / name}")


@pytest.mark.parametrize("name", ["", "logs", "files", "run", "keys", "index"])
def test_folders_others_may_enter_are_named_and_closed_at_the_next_start(
    folder: Path, name: str
) -> None:
    assert look(machine.data_folder, BROKEN) == []
    (folder / name).mkdir(exist_ok=True, mode=0o700)
    (folder / name).chmod(0o755)
    (finding,) = look(machine.data_folder, BROKEN)
    assert str(folder / name) in finding.detail and "huitong up" in finding.remedy
    close_to_others(folder)
    assert (
        look(machine.data_folder, BROKEN) == []
        and stat.S_IMODE((folder / name).stat().st_mode) == 0o700
    )


def test_what_leads_out_of_the_folder_is_left_alone(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    outside.chmod(0o755)
    (outside / "a.log").write_text("theirs")
    (outside / "a.log").chmod(0o644)
    machine.Place.configured()
    (folder / "files").rmdir()
    (folder / "files").symlink_to(outside)
    (folder / "logs" / "a.log").symlink_to(outside / "a.log")
    close_to_others(folder)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (outside, outside / "a.log")] == [
        0o755,
        0o644,
    ]


def test_an_envoy_that_does_not_run_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert look(machine.gateway_program, GOOD)
    for bad in ("/bin/false", "/nowhere/envoy"):
        monkeypatch.setenv("HUITONG_ENVOY", bad)
        assert bad in look(machine.gateway_program, BROKEN)[0].detail


def test_a_taken_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        monkeypatch.setenv("HUITONG_LISTEN", f"127.0.0.1:{listener.getsockname()[1]}")
        assert "HUITONG_LISTEN" in look(machine.ports, BROKEN)[0].remedy


def test_a_port_held_by_parts_of_ours_under_a_service_manager_is_right(
    monkeypatch: pytest.MonkeyPatch, live_server: LiveServer
) -> None:
    monkeypatch.setenv("HUITONG_LISTEN", live_server.url.removeprefix("http://"))
    assert look(machine.ports, BROKEN), "without a service manager another installation holds it"
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere")
    assert "huitong answers" in look(machine.ports, GOOD)[0].detail


def test_missing_packages_and_browser_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(machine.PACKAGES, "no_such_package", "showing that it is missed")
    assert "no_such_package" in look(machine.packages, BROKEN)[0].detail
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    assert {finding.name for finding in look(machine.for_tests, BROKEN)} == {
        "Chromium",
        "Chinese fonts",
    }


def test_an_examination_that_fails_is_a_finding() -> None:
    def odd_thing() -> list[Finding]:
        raise ValueError("boom")

    (finding,) = examine([odd_thing])
    assert (finding.name, finding.state) == ("odd thing", BROKEN)
    assert "boom" in finding.detail


def test_an_unreachable_database_is_one_clear_line_and_exit_code_one(
    monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a process of its own, because Django's settings are read once."""
    import subprocess
    import sys

    from tests.installation import environment

    result = subprocess.run(
        [sys.executable, "-m", "huitong.cli", "doctor", "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=environment(folder, DATABASE_URL="postgresql://a:b@127.0.0.1:1/x"),
    )
    assert result.returncode == 1
    broken = [finding for finding in json.loads(result.stdout) if finding["state"] == BROKEN]
    assert [finding["name"] for finding in broken] == ["database"]
    assert "DATABASE_URL" in broken[0]["remedy"]


def test_a_folder_without_a_database_is_only_noted(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert [finding.state for finding in command.look_into_database()] == [NOTE]
    assert not (folder / "postgresql").exists()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "mysql://a:b@db.example/x"),
        ("HUITONG_ALLOWED_NETWORKS", "10.0.0.1/8"),
        ("HUITONG_PROXIES", "*"),
        ("HUITONG_SMTP_PORT", "smtp"),
        ("HUITONG_SMTP_TLS", "yes"),
        ("HUITONG_SECOND_FACTOR", "Required"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, live_db: Live, variable: str, value: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", live_db.url)
    monkeypatch.setenv(variable, value)
    (finding,) = command.look_into_database()
    assert (finding.name, finding.state) == ("settings", BROKEN)
    assert variable in finding.detail and "operations.md" in finding.remedy


def test_an_old_python_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.version_info", (3, 9, 2))
    assert main(["doctor"]) == 1
    assert "3.11 or newer is needed" in capsys.readouterr().err
