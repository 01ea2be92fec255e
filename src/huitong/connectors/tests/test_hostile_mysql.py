"""Servers that are none, or mean harm: they get no file, no password, and cost little."""

from __future__ import annotations

import hashlib
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any

import pymysql
import pytest

from huitong.connectors import (
    ConnectorProblem,
    DatabaseAddress,
    Guard,
    mysql,
    mysql_scanning,
    probe,
)


def guard_for(address: DatabaseAddress) -> Guard:
    return Guard.of([f"127.0.0.1:{address.port}"])


GREETING = (
    b"\x0a5.7.99-hostile\0" + struct.pack("<I", 7) + b"saltsalt\0" + struct.pack("<H", 0xA285)
    + b"\x2d\x02\x00" + struct.pack("<H", 0x0008) + b"\x15" + bytes(10) + b"saltsaltsalt\0"
    + b"mysql_native_password\0"
)  # fmt: skip
OK = b"\x00\x00\x00\x02\x00\x00\x00"
COLUMN = b"\x03def\x00\x00\x00\x01c\x00\x0c\x2d\x00\x00\x01\x00\x00\xfd\x00\x00\x00\x00\x00"


def packet(body: bytes, number: int) -> bytes:
    return struct.pack("<I", len(body))[:3] + bytes([number % 256]) + body


class Hostile:
    """A server that greets as MySQL does, signs everybody in, and then does its worst."""

    def __init__(self, worst: Callable[[socket.socket, bytes], None], asks: bytes = b"") -> None:
        self.worst, self.asks, self.received = worst, asks, b""

    def __call__(self, client: socket.socket) -> None:
        client.sendall(packet(GREETING, 0))
        self.received += client.recv(65536)
        if self.asks:
            client.sendall(packet(self.asks, 2))
            self.received += client.recv(65536)
            return
        client.sendall(packet(OK, 2))
        while question := client.recv(65536):
            if b"VERSION" in question:
                self.worst(client, question)
                self.received += client.recv(65536)
                return
            client.sendall(packet(OK, 1))


@contextmanager
def served(conduct: Callable[[socket.socket], None]) -> Iterator[DatabaseAddress]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client, suppress(OSError):  # cut off, as it deserves
                conduct(client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield DatabaseAddress(
            "127.0.0.1", "x", "u", "secret", port=server.getsockname()[1], kind="mysql"
        )
        thread.join(5)
        assert not thread.is_alive()


def flood_rows(client: socket.socket, _: bytes) -> None:
    client.sendall(packet(b"\x02", 1) + packet(COLUMN, 2) + packet(COLUMN, 3))
    client.sendall(packet(b"\xfe\0\0\x02\0", 4))
    for n in range(5, 5_000_000, 256):
        client.sendall(b"".join(packet(b"\x01a\x01b", n + k) for k in range(256)))


def flood_columns(client: socket.socket, _: bytes) -> None:
    client.sendall(packet(b"\xfe" + b"\xff" * 7 + b"\0", 1))
    for n in range(2, 5_000_000, 256):
        client.sendall(b"".join(packet(COLUMN, n + k) for k in range(256)))


def one_endless_packet(client: socket.socket, _: bytes) -> None:
    for n in range(1, 1000):
        client.sendall(b"\xff\xff\xff" + bytes([n]) + bytes(0xFFFFFF))


def our_file(client: socket.socket, _: bytes) -> None:
    client.sendall(packet(b"\xfb/etc/passwd", 1))


WORST = {
    "rows without end": (flood_rows, {"too_much", "strange", "database_error"}),
    "columns without end": (flood_columns, {"too_much"}),
    "one packet without end": (one_endless_packet, {"too_much"}),
    "asks for our file": (our_file, {"strange"}),
}


@pytest.mark.parametrize(("worst", "codes"), WORST.values(), ids=WORST)
def test_a_hostile_server_gets_no_file_and_little_memory(
    worst: Callable[[socket.socket, bytes], None], codes: set[str]
) -> None:
    hostile = Hostile(worst)
    with served(hostile) as address:
        tracemalloc.start()
        try:
            result = probe(address, guard=guard_for(address))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert result.problem is not None and result.problem.code in codes, result.problem
    assert peak < 40_000_000 and b"root:" not in hostile.received


def answer(client: socket.socket, *rows: Sequence[bytes]) -> None:
    """Rows of texts, as the protocol sends them."""
    width = len(rows[0])
    columns = [packet(COLUMN, 2 + n) for n in range(width)]
    texts = [b"".join(bytes([len(text)]) + text for text in row) for row in rows]
    end, first = b"\xfe\0\0\x02\0", width + 3
    packets = [packet(text, first + n) for n, text in enumerate(texts)]
    head = packet(bytes([width]), 1) + b"".join(columns) + packet(end, width + 2)
    client.sendall(head + b"".join(packets) + packet(end, first + len(rows)))


#: what a server that means harm says of its tables: by the query it answers
NONSENSE = {
    "no number": {b".TABLES": (b"t", b"BASE TABLE", b"", b"many")},
    "too few columns": {b".TABLES": (b"t", b"BASE TABLE")},
    "no length": {b".COLUMNS": (b"t", b"c", b"char", b"char(9)", b"YES", b"", b"9x", b"", b"")},
    "no width": {b".STATISTICS": (b"t",)},
}
SENSE = {
    b"VERSION()": (b"8.0.99", b"utf8mb4"),
    b".COLUMNS": (b"t", b"c", b"char", b"char(9)", b"YES", b"", b"9", b"", b"select"),
    b".STATISTICS": (b"t", b"PRIMARY", b"c", b""),
    b".TABLES": (b"t", b"BASE TABLE", b"", b"7"),
    b"COUNT(*)": (b"7",),
}


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
def test_a_scan_of_nonsense_ends_in_words(nonsense: dict[bytes, Sequence[bytes]]) -> None:
    def scanned(answers: dict[bytes, Sequence[bytes]]) -> Any:
        def conduct(client: socket.socket) -> None:
            client.sendall(packet(GREETING, 0))
            client.recv(65536)
            client.sendall(packet(OK, 2))
            while question := client.recv(65536):
                row = next((row for part, row in answers.items() if part in question), None)
                if row is None:
                    client.sendall(packet(OK, 1))
                else:
                    answer(client, row)

        with (
            served(conduct) as address,
            closing(mysql_scanning.reader(address, guard=guard_for(address))) as reader,
        ):
            return reader.scan("x")

    assert [table.rows_estimate for table in scanned(SENSE)] == [7]
    with pytest.raises(ConnectorProblem) as refused:
        scanned(SENSE | nonsense)
    assert refused.value.code == "strange"


@pytest.mark.parametrize("asks", [b"mysql_clear_password", b"dialog", b"mysql_old_password"])
def test_nobody_is_shown_the_password_by_asking_for_another_way_in(asks: bytes) -> None:
    hostile = Hostile(our_file, b"\xfe" + asks + b"\0Password: ")
    with served(hostile) as address:
        result = probe(address, guard=guard_for(address))
    assert result.problem is not None and result.problem.code == "sign_in"
    assert b"secret" not in hostile.received


NONCE = b"0123456789abcdefghij"
SHA2 = b"\xfecaching_sha2_password\0" + NONCE + b"\0"


def test_an_account_of_mysql_8_signs_in_by_its_scramble() -> None:
    """As the protocol says it: XOR(SHA256(password), SHA256(SHA256(SHA256(password)) + nonce))."""
    received = []

    def server(client: socket.socket) -> None:
        client.sendall(packet(GREETING.replace(b"5.7.99-hostile", b"8.0.36"), 0))
        client.recv(65536)
        client.sendall(packet(SHA2, 2))
        received.append(client.recv(65536)[4:])
        client.sendall(packet(b"\x01\x03", 4) + packet(OK, 5))
        while question := client.recv(65536):
            if b"VERSION" in question:
                answer(client, (b"8.0.36", b"utf8mb4"))
            elif b"PRIVILEGES" in question:
                answer(client, (b"3",))
            else:
                client.sendall(packet(OK, 1))

    with served(server) as address:
        result = probe(address, guard=guard_for(address))
    once = hashlib.sha256(b"secret").digest()
    twice = hashlib.sha256(hashlib.sha256(once).digest() + NONCE).digest()
    assert received == [bytes(a ^ b for a, b in zip(once, twice, strict=True))]
    assert (result.problem, result.version, result.tables) == (None, "8.0.36", 3)


SHA256 = b"\xfesha256_password\0" + NONCE + b"\0"
#: how a server comes to want the whole password: how it greets, and what it sends after each answer
SEALED = {
    "scramble not remembered": (GREETING, [SHA2, b"\x01\x04"]),
    "greeted so": (
        GREETING.replace(b"mysql_native_password", b"caching_sha2_password"),
        [b"\x01\x04"],
    ),
    "switched to the older way": (GREETING, [SHA256]),
    "key sent before anybody asked": (
        GREETING.replace(b"mysql_native_password", b"sha256_password"),
        [b"\x01-----BEGIN PUBLIC KEY-----"],
    ),
}


@pytest.mark.parametrize(("greeting", "wants"), SEALED.values(), ids=SEALED)
def test_the_password_is_sealed_with_no_key_the_server_names_itself(
    greeting: bytes, wants: list[bytes]
) -> None:
    """Nothing is encrypted, and the server wants the whole password, to be sealed with its key."""
    last = []

    def server(client: socket.socket) -> None:
        client.sendall(packet(greeting, 0))
        for number, body in enumerate(wants, 1):
            client.recv(65536)
            client.sendall(packet(body, 2 * number))
        last.append(client.recv(65536))

    with served(server) as address:
        result = probe(address, guard=guard_for(address))
    assert result.problem is not None and result.problem.code == "sign_in"
    assert last == [b""], "not even asked for the key"


def drip(client: socket.socket) -> None:
    for byte in packet(GREETING, 0) * 100:
        client.sendall(bytes([byte]))
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("conduct", "codes"),
    [
        (lambda c: c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), {"strange", "lost", "too_much"}),
        (lambda c: c.close(), {"lost"}),
        (lambda c: time.sleep(1.5), {"unreachable"}),
        (drip, {"unreachable", "lost"}),
        (lambda c: c.sendall(packet(b"\xff\x69\x04#HY000Host blocked", 0)), {"not_admitted"}),
        (lambda c: c.sendall(packet(b"\xff\x10\x04#08004Too many", 0)), {"too_many"}),
        (lambda c: c.sendall(packet(b"\xff\xfb\x04#HY000Old password", 0)), {"sign_in"}),
    ],
    ids=["HTTP", "closed", "silent", "byte by byte", "blocked", "too many", "old password"],
)
def test_silent_strange_and_slow_servers_have_names(
    conduct: Callable[[socket.socket], None], codes: set[str]
) -> None:
    start = time.monotonic()
    with served(conduct) as address, pytest.raises(ConnectorProblem) as refused:
        mysql.connect(address, guard=guard_for(address), timeout_s=1)
    assert refused.value.code in codes and time.monotonic() - start < 3


def test_servers_too_old_are_refused() -> None:
    def old(client: socket.socket, _: bytes) -> None:
        values = b"".join(bytes([len(v)]) + v for v in (b"5.1.73-log", b"gbk"))
        client.sendall(packet(b"\x02", 1) + packet(COLUMN, 2) + packet(COLUMN, 3))
        client.sendall(packet(b"\xfe\0\0\x02\0", 4) + packet(values, 5))
        client.sendall(packet(b"\xfe\0\0\x02\0", 6))

    with served(Hostile(old)) as there:
        problem = probe(there, guard=guard_for(there)).problem
    assert problem is not None and (problem.code, problem.detail) == ("too_old", "MySQL 5.1.73-log")


def test_errors_without_a_name_of_ours_show_their_number_only() -> None:
    problem = mysql.named(pymysql.OperationalError(1234, "secret row"))
    assert (problem.code, problem.detail) == ("database_error", "错误 1234")
