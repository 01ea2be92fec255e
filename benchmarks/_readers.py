"""Those who read pages: as fast as they are answered, or as people do."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import time
from collections.abc import Sequence

#: seconds that a reader reads, on average
PAUSE = 5.0
TIMING = re.compile(rb'server-timing: app;dur=([\d.]+), cpu;dur=[\d.]+, db;dur=[\d.]+;desc="(\d+)"')


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, path: str, session: str
) -> tuple[bytes, int]:
    """The head of an answer, in lower case, and the bytes of its body."""
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: sessionid={session}"
        "\r\n\r\n".encode()
    )
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert head.startswith(b"http/1.1 200"), (path, head[:300])
    size = int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]
    await reader.readexactly(size)
    return head, size


async def one(
    port: int, session: str, paths: Sequence[str], until: float, least: int
) -> list[tuple[float, int, int]]:
    """Ask again and again on one connection: (server ms, statements, bytes) of each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers: list[tuple[float, int, int]] = []
    try:
        for path in itertools.cycle(paths):
            if len(answers) >= least and time.monotonic() >= until:
                return answers
            head, size = await ask(reader, writer, port, path, session)
            timing = TIMING.search(head)
            answers.append((float(timing[1]), int(timing[2]), size) if timing else (0.0, 0, size))
    finally:
        writer.close()
    return answers


async def answers(
    port: int, readers: Sequence[tuple[str, Sequence[str]]], least: int, seconds: float
) -> list[tuple[float, int, int]]:
    until = time.monotonic() + seconds
    parts = await asyncio.gather(
        *(one(port, session, paths, until, least) for session, paths in readers)
    )
    return [answer for part in parts for answer in part]


async def waited(
    port: int, session: str, pages: dict[str, list[str]], begin: float, until: float
) -> list[tuple[str, float]]:
    """One who reads: the pages turned to, and the milliseconds until each was there whole."""
    dice = random.Random(session)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times: list[tuple[str, float]] = []
    try:
        while True:
            await asyncio.sleep(dice.uniform(0, 2 * PAUSE))
            if time.monotonic() >= until:
                return times
            page = dice.choice(list(pages))
            start = time.monotonic()
            await ask(reader, writer, port, dice.choice(pages[page]), session)
            if start >= begin:
                times.append((page, (time.monotonic() - start) * 1000))
    finally:
        writer.close()


async def reading(
    port: int, readers: Sequence[tuple[str, dict[str, list[str]]]], seconds: float
) -> dict[str, list[float]]:
    """Milliseconds that readers waited, by page; the first `PAUSE` are not counted."""
    begin = time.monotonic() + PAUSE
    parts = await asyncio.gather(
        *(waited(port, session, pages, begin, begin + seconds) for session, pages in readers)
    )
    by_page: dict[str, list[float]] = {}
    for page, ms in itertools.chain.from_iterable(parts):
        by_page.setdefault(page, []).append(ms)
    return by_page
