"""A reader who asks the catalog and measures what the answers take, and somebody who publishes."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

#: rows of a page
ROWS = 20
#: pages turned, one behind the other
TURNED = 40
#: answers measured of those that nobody asked for before
FIRSTS = 60


async def answer_times(
    port: int, credentials: str, paths: Sequence[str], seconds: float
) -> list[float]:
    """Ask these one after the other for so long: the milliseconds of each."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times: list[float] = []
    until = time.monotonic() + seconds
    try:
        for path in itertools.cycle(paths):
            if time.monotonic() >= until:
                return times
            begin = time.perf_counter()
            await body_of(reader, writer, path, credentials)
            times.append((time.perf_counter() - begin) * 1000)
    finally:
        writer.close()
    return times


async def body_of(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, credentials: str
) -> bytes:
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{credentials}\r\n\r\n"
    writer.write(head.encode())
    answer = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert answer.startswith(b"http/1.1 200"), (path, answer[:300])
    size = re.search(rb"content-length: (\d+)", answer)
    assert size is not None, answer
    return await reader.readexactly(int(size[1]))


async def turned(port: int, credentials: str, path: str) -> list[float]:
    """Turn page after page of the API by its keys: the milliseconds of each but the first."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times, after, visited = [], "", set()
    for _ in range(TURNED):
        begin = time.perf_counter()
        page = json.loads(
            await body_of(reader, writer, f"{path}&after={quote(after)}", credentials)
        )
        times.append((time.perf_counter() - begin) * 1000)
        visited |= {row["id"] for row in page["items"]}
        after = page["next"]
    writer.close()
    assert len(visited) == TURNED * ROWS
    return times[1:]


async def first_times(
    folder: Path, url: str, port: int, credentials: str, path: str, entries: int
) -> list[float]:
    """Publish, wait until the follower has committed that, ask: the milliseconds of each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    [meta] = (folder / "index").glob("v*/meta.json")
    times = []
    with psycopg.connect(url, autocommit=True) as db:
        for n in range(FIRSTS):
            before = meta.stat().st_mtime_ns
            publish(db, entries, n)
            while meta.stat().st_mtime_ns == before:
                await asyncio.sleep(0.01)
            begin = time.perf_counter()
            await body_of(reader, writer, path, credentials)
            times.append((time.perf_counter() - begin) * 1000)
    writer.close()
    return times


async def once_each(port: int, credentials: str, questions: Sequence[str]) -> list[float]:
    """Ask the API each of these for the first time: the milliseconds of each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times = []
    for question in questions:
        path = f"/api/catalog/entries?q={quote(question)}&limit={ROWS}"
        begin = time.perf_counter()
        await body_of(reader, writer, path, credentials)
        times.append((time.perf_counter() - begin) * 1000)
    writer.close()
    return times


def publish(db: psycopg.Connection[Any], entries: int, n: int) -> None:
    db.execute(
        "UPDATE catalog_entry SET updated_at = now() WHERE id = %s", [1 + n * 7919 % entries]
    )


@contextlib.contextmanager
def publishing(url: str, entries: int) -> Iterator[None]:
    """Somebody publishes an entry every second: the follower writes it and commits."""
    over = threading.Event()

    def every_second() -> None:
        with psycopg.connect(url, autocommit=True) as db:
            for n in itertools.count(1):
                if over.wait(1):
                    return
                publish(db, entries, n)

    thread = threading.Thread(target=every_second)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
