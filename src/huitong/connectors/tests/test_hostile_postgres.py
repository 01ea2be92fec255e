"""Servers that call themselves PostgreSQL and ask for the password."""

from __future__ import annotations

import hashlib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from huitong.connectors import ConnectorProblem, DatabaseAddress, Guard, connect
from huitong.connectors.tests.test_http import certificate

CLEAR, SALT = struct.pack("!i", 3), b"salt"
MD5 = struct.pack("!i", 5) + SALT
IN_AND_READY = b"R" + struct.pack("!ii", 8, 0) + b"Z" + struct.pack("!i", 5) + b"I"
TLS_WANTED = struct.pack("!ii", 8, 80877103)


class Asking:
    """A server that asks everybody for a password in its way, keeps what it gets and lets them
    in. With a certificate it offers encryption."""

    def __init__(self, way: bytes, context: ssl.SSLContext | None = None) -> None:
        self.way, self.context, self.received = way, context, b""

    def __call__(self, client: socket.socket) -> None:
        start = client.recv(65536)
        if start == TLS_WANTED:
            client.sendall(b"S" if self.context else b"N")
            if self.context:
                client = self.context.wrap_socket(client, server_side=True)
            start = client.recv(65536)
        client.sendall(b"R" + struct.pack("!i", 4 + len(self.way)) + self.way)
        self.received = client.recv(65536)
        client.sendall(IN_AND_READY)
        client.close()


@contextmanager
def served(asking: Asking) -> Iterator[DatabaseAddress]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client, suppress(OSError):  # the guest has gone
                asking(client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield DatabaseAddress("127.0.0.1", "x", "u", "secret", port=server.getsockname()[1])
        thread.join(5)
        assert not thread.is_alive()


@pytest.fixture
def own(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    """A server's side of TLS, and the file that makes its certificate one to be trusted."""
    cert_file, key_file = certificate(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert_file, key_file)
    return context, str(cert_file)


def enter(address: DatabaseAddress) -> str:
    """Sign in there: the name of what is wrong, or nothing."""
    try:
        connect(address, guard=Guard.of([f"127.0.0.1:{address.port}"])).close()
    except ConnectorProblem as problem:
        return problem.code
    return ""


@pytest.mark.parametrize(
    ("tls", "encrypted"),
    [("prefer", False), ("disable", False), ("prefer", True), ("require", True)],
)
def test_nobody_unknown_is_told_the_password_by_asking_for_it(
    tls: str, encrypted: bool, own: tuple[ssl.SSLContext, str]
) -> None:
    """Encrypted or not: whoever sits between makes a certificate of their own."""
    asking = Asking(CLEAR, own[0] if encrypted else None)
    with served(asking) as address:
        assert enter(replace(address, tls=tls)) == "sign_in"
    assert asking.received == b""


def test_a_server_whose_certificate_was_verified_may_ask_for_it(
    own: tuple[ssl.SSLContext, str],
) -> None:
    """As those do that look accounts up in a directory (LDAP)."""
    asking = Asking(CLEAR, own[0])
    with served(asking) as address:
        there = replace(address, host="localhost", tls="verify-full", ca_file=own[1])
        assert enter(there) == ""
    assert asking.received == b"p" + struct.pack("!i", 11) + b"secret\0"


def test_of_older_servers_the_digest_is_answered() -> None:
    asking = Asking(MD5)
    with served(asking) as address:
        assert enter(address) == ""
    stored = hashlib.md5(b"secretu", usedforsecurity=False).hexdigest()
    answer = hashlib.md5(stored.encode() + SALT, usedforsecurity=False).hexdigest()
    assert asking.received[5:] == b"md5" + answer.encode() + b"\0"


def test_our_own_environment_opens_no_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGREQUIREAUTH", "password")
    asking = Asking(CLEAR)
    with served(asking) as address:
        assert enter(address) == "sign_in"
