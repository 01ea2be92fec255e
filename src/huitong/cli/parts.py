"""The parts of a running installation: a table, and the two kinds of part (the database, a
command)."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from huitong.cli.django_ready import settings_hold
from huitong.cli.place import Place, command
from huitong.cli.postgres import EmbeddedPostgres
from huitong.cli.processes import CannotRun, clear_leftovers, die_with_parent, leftovers
from huitong.planes.gateway import engine

#: seconds between a death and the next start, by deaths in a row; a part that lived `STEADY`
#: seconds starts afresh
BACK_OFF = (0.1, 0.5, 1, 2, 5, 10, 30)
STEADY = 30.0


def gateway_command(place: Place) -> list[str]:
    """The Envoy command line, its configuration written. Raises `CannotRun` when there is no
    Envoy to run."""
    settings_hold()
    try:
        words = engine.bootstrap(place.data)
    except engine.NoEnvoy as missing:
        raise CannotRun(str(missing)) from None
    if shutil.which(words[0]) is None:
        raise CannotRun(
            f"{words[0]} is not a program that can be run: set HUITONG_ENVOY to an Envoy"
        )
    return words


@dataclass(frozen=True)
class Recipe:
    """The way a part is run. ``patience``: seconds it may take to stop before it is killed."""

    name: str
    label: str
    command: Callable[[Place], list[str]]
    patience: float = 15.0


#: in the order of starting and, doors first, of stopping; the database comes before and after all
#: of them
RECIPES = (
    Recipe("web", "pages and API", lambda place: command("web")),
    Recipe("shaping", "answers of table-made APIs", lambda place: command("shaping")),
    Recipe("control", "configuration of the gateway", lambda place: command("control")),
    Recipe("gateway", "API gateway", gateway_command),
    Recipe("worker", "jobs", lambda place: command("worker")),
    Recipe("index", "search index", lambda place: command("index")),
)


class Part(Protocol):
    """The interface the supervisor needs of a part."""

    name: str
    label: str
    log: Path

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def alive(self) -> bool: ...


class Database:
    """The embedded PostgreSQL as a part."""

    name = "database"
    label = "embedded PostgreSQL"

    def __init__(self, place: Place) -> None:
        self.place = place
        self.postgres = EmbeddedPostgres(place.data)
        self.log = self.postgres.log

    def start(self) -> None:
        """Start, wait until it answers, tell the others where it is."""
        self.postgres.stop()
        self.postgres.start()
        self.place.environment["DATABASE_URL"] = self.postgres.url

    def stop(self) -> None:
        self.postgres.stop()

    def alive(self, patience: float = 0.0) -> bool:
        """Whether it runs. ``patience``: seconds in which a server that has just cut its
        connections may turn out to be dead."""
        return self.postgres.lives(patience)


class Command:
    """A part that is a child process writing to its own log."""

    def __init__(self, recipe: Recipe, place: Place) -> None:
        self.name, self.label, self.recipe, self.place = recipe.name, recipe.label, recipe, place
        self.log = place.data / "logs" / f"{recipe.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = self.recipe.command(self.place)
        # a killed server may have left workers that hold its port
        clear_leftovers(self.place.data, self.name)
        self.process = spawn(words, self.log, self.place.environment_of(self.name))

    def stop(self) -> None:
        if self.process is not None:
            self._ask_to_stop(self.process)
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(5)
            self.process = None
        clear_leftovers(self.place.data, self.name)

    def _ask_to_stop(self, process: subprocess.Popen[bytes]) -> None:
        """Send SIGTERM, then the same to its children: one just being started may have missed its
        parent's wish."""
        until = time.monotonic() + self.recipe.patience
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        while process.poll() is None and time.monotonic() < until:
            try:
                process.wait(min(0.5, self.recipe.patience))
            except subprocess.TimeoutExpired:
                for child in set(leftovers(self.place.data, self.name)) - {process.pid}:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(child, signal.SIGTERM)

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


def spawn(words: list[str], log: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """A child in a group of its own (the terminal's Ctrl-C is not for it) that ends with us,
    appending to ``log``."""
    with open(log, "ab") as out:
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=environment,
            process_group=0,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )


@dataclass
class Watch:
    """One part with the memory of its deaths."""

    part: Part
    deaths: int = 0
    started: float = 0.0
    due: float | None = None

    def start(self) -> None:
        self.due, self.started = None, time.monotonic()
        self.part.start()

    def schedule(self) -> float:
        """Count a death. Returns in how many seconds the part is started again."""
        if time.monotonic() - self.started > STEADY:
            self.deaths = 0
        wait = BACK_OFF[min(self.deaths, len(BACK_OFF) - 1)]
        self.deaths += 1
        self.due = time.monotonic() + wait
        return wait
