"""An answer takes a bounded amount of memory, of any table (A28)."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from huitong.planes.gateway.rules import MOST_BYTES
from huitong.planes.gateway.tests.serving import Serving, strictly

#: what the service's memory may grow by, in bytes: a few answers' worth, not the table's
ROOM = 4 * MOST_BYTES


class Local(http.client.HTTPConnection):
    """HTTP on a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("shaping", timeout=60)
        self.path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


@pytest.fixture
def process(serving: Serving, provider: psycopg.Connection) -> Iterator[tuple[Path, int]]:
    """``(socket, process)`` of a service of its own, in front of sixty rows of a mebibyte and
    one of forty."""
    provider.execute(
        "CREATE TABLE IF NOT EXISTS heavy (id int PRIMARY KEY, x text);"
        " TRUNCATE heavy;"
        "INSERT INTO heavy SELECT n, repeat(chr(64 + n % 26), 1 << 20)"
        " FROM generate_series(1, 60) n;"
        "INSERT INTO heavy VALUES (61, repeat('x', 40 << 20))"
    )
    serving.ask(
        serving.serve("heavy", {"id": ("I", "integer"), "x": ("C", "text")}, key=("id",)), id=1
    )
    place = serving.store.path.with_name("s.sock")
    code = (
        "import sys; from pathlib import Path; from huitong.planes.gateway.engine.serve import"
        " serve; serve(Path(sys.argv[1]), Path(sys.argv[2]), 4)"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code, str(serving.store.path.parent), str(place)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])},
    )
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            call(place, "id=1")
            break
        except OSError:
            time.sleep(0.05)
    yield place, running.pid
    running.terminate()
    running.wait(30)


def memory(pid: int) -> int:
    """Bytes the service holds, its workers among them."""
    pids = [
        pid,
        *(int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()),
    ]
    lines = [
        line
        for each in pids
        for line in Path(f"/proc/{each}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    ]
    return sum(int(line.split()[1]) * 1024 for line in lines)


def call(place: Path, query: str) -> tuple[int, object]:
    with closing(Local(place)) as there:
        there.request(
            "GET",
            f"/?{query}",
            headers={"x-huitong-proof": "p", "x-huitong-mount": "1", "x-huitong-grant": "1"},
        )
        answer = there.getresponse()
        body = answer.read()
    assert int(answer.headers["content-length"]) == len(body)
    return answer.status, strictly(body)


def test_rows_of_a_mebibyte_are_paged_in_flat_memory(process: tuple[Path, int]):
    """Sixty rows of 1 MiB once took the service from 56 to 461 MB, for good."""
    place, pid = process
    before, ids, after = memory(pid), [], ""
    while True:
        status, page = call(place, f"limit=1000{after}")
        assert isinstance(page, dict)
        if status != 200:
            break
        assert sum(len(row["x"]) for row in page["items"]) <= MOST_BYTES
        ids += [row["id"] for row in page["items"]]
        after = f"&after={page['after']}"
    assert (
        ids == list(range(1, 61))
        and (page["code"], page["who"]) == ("row_too_large", "提供部门")
        and "id=61" in page["detail"]
    )
    assert call(place, f"after={page['after']}") == (
        200,
        {"items": [], "count": 0, "more": False, "after": None},
    )
    assert memory(pid) - before < ROOM


def test_callers_that_do_not_read_hold_no_more_than_their_own_answers(process: tuple[Path, int]):
    place, pid = process
    before, waiting = memory(pid), []
    for _ in range(3):
        caller = socket.socket(socket.AF_UNIX)
        caller.connect(str(place))
        caller.sendall(
            b"GET /?limit=1000 HTTP/1.1\r\nHost: s\r\nx-huitong-proof: p\r\nx-huitong-mount:"
            b" 1\r\nx-huitong-grant: 1\r\n\r\n"
        )
        waiting.append(caller)
    time.sleep(2)
    grown = memory(pid) - before
    for caller in waiting:
        caller.close()
    assert grown < 2 * ROOM
