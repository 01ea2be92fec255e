"""Servers of others that a test wants beside our own PostgreSQL: a pooler before it, a PostgreSQL
as Debian builds it, a MariaDB.

All come from Debian packages; without them the tests that ask for one are skipped, with one line
that says so.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pymysql
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from huitong.cli.postgres import EmbeddedPostgres

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
MARIADB = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SHM = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
DEBIAN = max(
    Path("/usr/lib/postgresql").glob("*/bin/initdb"),
    key=lambda path: int(path.parts[4]),
    default=None,
)


def _lacks(package: str) -> None:
    """Skip, except where everything must run."""
    if os.environ.get("CI"):
        pytest.fail(f"{package} is not installed: apt-get install {package}")
    pytest.skip(f"{package} is not installed: apt-get install {package}")


@contextmanager
def _running(folder: Path, command: list[str], port: int) -> Iterator[None]:
    """The command, until the end of the block; neither server wants to be run by root."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **_somebody())
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(20)


def _somebody() -> dict[str, str]:
    return {"user": "nobody"} if os.geteuid() == 0 else {}


@contextmanager
def _folder(near: str | None = None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="huitong-test-", dir=near) as name:
        if os.geteuid() == 0:
            shutil.chown(name, "nobody")
        yield Path(name)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


@pytest.fixture(scope="module")
def pooler(embedded_postgres: EmbeddedPostgres) -> Iterator[int]:
    """The port of a PgBouncer before the embedded PostgreSQL: a server connection for each
    transaction, one for each database."""
    if PGBOUNCER is None:
        _lacks("pgbouncer")
    assert PGBOUNCER
    parts, port = urlsplit(embedded_postgres.owner_url), _free_port()
    with _folder() as folder:
        (folder / "users").write_text(
            f'"{unquote(parts.username or "")}" "{unquote(parts.password or "")}"\n'
        )
        (folder / "pgbouncer.ini").write_text(f"""
[databases]
* = host={parts.hostname} port={parts.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 1
""")
        for name in ("users", "pgbouncer.ini"):
            (folder / name).chmod(0o644)
        with _running(folder, [PGBOUNCER, str(folder / "pgbouncer.ini")], port):
            yield port


@pytest.fixture(scope="module")
def debian_postgres() -> Iterator[str]:
    """The address of a PostgreSQL of another major version and build (ICU, libxml) than the
    embedded one."""
    if DEBIAN is None:
        _lacks("postgresql")
    assert DEBIAN
    port = _free_port()
    with _folder() as folder:
        data = folder / "data"
        subprocess.run(
            [
                DEBIAN,
                "-D",
                data,
                "-U",
                "provider",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale",
                "C",
                "--no-sync",
            ],
            check=True,
            capture_output=True,
            cwd=folder,
            **_somebody(),
        )
        command = [
            str(DEBIAN.with_name("postgres")),
            "-D",
            str(data),
            "-p",
            str(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "fsync=off",
        ]
        with _running(folder, command, port):
            url = f"postgresql://provider@127.0.0.1:{port}/postgres"
            for _ in range(100):
                try:
                    psycopg.connect(url).close()
                    break
                except psycopg.OperationalError as starting:
                    assert re.search("starting up|refused", str(starting)), starting
                    time.sleep(0.05)
            yield url


@dataclass(frozen=True)
class MariaDB:
    """A MariaDB with TLS: its port, the certificate it is to be trusted by, its administrator."""

    port: int
    ca_file: str

    @contextmanager
    def root(self, database: str | None = None) -> Iterator[Any]:
        """A cursor of the administrator."""
        with (
            pymysql.connect(
                host="127.0.0.1",
                port=self.port,
                user="root",
                database=database,
                charset="utf8mb4",
                autocommit=True,
            ) as connection,
            connection.cursor() as cursor,
        ):
            yield cursor


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """One server for all tests; each makes databases and accounts of its own."""
    if MARIADB is None:
        _lacks("mariadb-server")
    assert MARIADB
    port = _free_port()
    with _folder(SHM) as folder:
        own = {"datadir": folder / "data", "tmpdir": folder, "user": "nobody", **SMALL}
        options = ["--no-defaults", *(f"--{name}={value}" for name, value in own.items())]
        subprocess.run(
            [
                "mariadb-install-db",
                *options,
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--skip-name-resolve",
            ],
            check=True,
            capture_output=True,
            cwd=folder,
        )
        _certificate(folder)
        command = [
            MARIADB,
            *options,
            f"--port={port}",
            f"--socket={folder}/sock",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--skip-log-bin",
            f"--ssl-cert={folder}/cert.pem",
            f"--ssl-key={folder}/key.pem",
        ]
        with _running(folder, command, port):
            yield MariaDB(port, str(folder / "cert.pem"))


SMALL = {"innodb-buffer-pool-size": "8M", "innodb-log-file-size": "4M"}


def _certificate(folder: Path) -> None:
    """A certificate of the server's own for ``localhost``, which signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    for name_of in ("cert.pem", "key.pem"):
        (folder / name_of).chmod(0o644)
