"""The embedded PostgreSQL starts anywhere, asks everyone for a password, and comes back after
anything."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from huitong.cli import processes
from huitong.cli.postgres import DatabaseInUse, EmbeddedPostgres, address_files, addresses
from huitong.cli.processes import running_from


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="huitong-pg-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


def rows(url: str, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as db:
        return db.execute(question).fetchall()


def test_roles_are_separate_and_everyone_needs_a_password(
    embedded_postgres: EmbeddedPostgres,
) -> None:
    pg = embedded_postgres
    assert rows(pg.url, "SELECT current_user::text") == [("huitong",)]
    assert rows(pg.owner_url, "SELECT current_user::text") == [("huitong_owner",)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(pg.url, "CREATE TABLE public.mine (a int)")
    for url in (pg.url, pg.owner_url, pg.superuser_url):
        password = url.split(":")[2].split("@")[0]
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url.replace(password, "guess"))
    methods = {
        method for (method,) in rows(pg.superuser_url, "SELECT auth_method FROM pg_hba_file_rules")
    }
    assert methods == {"scram-sha-256"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only for root another user runs the database")
def test_the_demonstration_is_reached_through_a_folder_another_command_made_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`huitong doctor` by root makes the usual data folder, closed; `make demo` comes after."""
    usual = folder / "usual"
    (usual / "demo").mkdir(parents=True)
    (usual / "keys").mkdir()
    for closed in (usual, usual / "demo", usual / "keys"):
        closed.chmod(0o700)
    monkeypatch.setattr(processes, "default_data", lambda: usual)
    account = processes.account_for_database(usual / "demo")
    assert account is not None
    for entered, within in ((usual / "demo", True), (usual / "keys", False)):
        enter = ["/usr/bin/test", "-x", str(entered)]
        code = subprocess.run(enter, cwd="/", check=False, **account.popen_arguments()).returncode
        assert (code == 0) is within, entered
    assert stat.S_IMODE(folder.stat().st_mode) == 0o711, "what lies above is left as it is"


def test_it_serves_what_the_table_plane_and_chinese_text_need(
    embedded_postgres: EmbeddedPostgres,
) -> None:
    ask = "SELECT current_setting('wal_level'), current_setting('server_encoding'), upper('é')"
    assert rows(embedded_postgres.url, ask) == [("logical", "UTF8", "É")]
    assert rows(embedded_postgres.url, "SHOW listen_addresses") == [("127.0.0.1",)]


def test_addresses_are_kept_private_and_the_port_stays(folder: Path) -> None:
    assert addresses(folder) is None
    with EmbeddedPostgres(folder, fast=True) as pg:
        first, runtime = pg.port, pg.url
        urls = addresses(folder)
        assert urls is not None
        assert (urls.runtime, urls.owner) == (runtime, pg.owner_url)
    with EmbeddedPostgres(folder, fast=True) as pg:
        assert (pg.port, pg.url) == (first, runtime)
    for file in [*address_files(folder).values(), *(folder / "run").glob("*.password")]:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_lost_password_file_is_renewed(folder: Path) -> None:
    with EmbeddedPostgres(folder, fast=True) as pg, psycopg.connect(pg.owner_url) as db:
        db.execute("CREATE TABLE kept AS SELECT 1 AS a")
    for file in (folder / "run").glob("*"):
        file.unlink()
    with EmbeddedPostgres(folder, fast=True) as pg:
        assert rows(pg.owner_url, "SELECT a FROM kept") == [(1,)]


def test_a_second_owner_is_refused(folder: Path) -> None:
    with EmbeddedPostgres(folder, fast=True), pytest.raises(DatabaseInUse, match=str(os.getpid())):
        EmbeddedPostgres(folder, fast=True).start()


OWNER_OF_A_SERVER = """
import sys, time
from pathlib import Path
from huitong.cli.postgres import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as pg:
    print(pg.process.pid, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("victims", ["owner", "server", "both"])
def test_it_comes_back_after_kill_nine_with_everything_committed(
    folder: Path, victims: str
) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", OWNER_OF_A_SERVER, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as owner:
        assert owner.stdout is not None
        server = int(owner.stdout.readline())
        urls = addresses(folder)
        assert urls is not None
        with psycopg.connect(urls.owner, autocommit=True) as db:
            db.execute("CREATE TABLE kept AS SELECT 1 AS a")
            if victims in ("server", "both"):
                os.kill(server, signal.SIGKILL)
            owner.kill()
    with EmbeddedPostgres(folder) as pg:
        assert rows(pg.owner_url, "SELECT a FROM kept") == [(1,)]
        assert not running_from(server, "postgres", str(pg.data))


def test_the_server_does_not_outlive_its_owner(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", OWNER_OF_A_SERVER, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as owner:
        assert owner.stdout is not None
        server = int(owner.stdout.readline())
        owner.kill()
    until = time.monotonic() + 20
    while running_from(server, "postgres", str(folder / "postgresql" / "18")):
        assert time.monotonic() < until
        time.sleep(0.02)
