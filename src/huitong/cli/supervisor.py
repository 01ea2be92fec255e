"""`huitong up`: one process that starts the parts, restarts what dies, and stops them in order.

Why own code: docs/decisions/0010-own-supervisor.md. All children ask the kernel to be stopped when
this process is gone, so that even its own kill -9 leaves nothing behind that the next start would
trip over.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from types import FrameType
from typing import IO

import psycopg

from huitong.cli.django_ready import settings_hold
from huitong.cli.logs import rotate, tail
from huitong.cli.parts import RECIPES, Command, Database, Part, Recipe, Watch
from huitong.cli.place import Place, command
from huitong.cli.processes import (
    CannotRun,
    clear_leftovers,
    close_to_others,
    die_with_parent,
    write_private,
)
from huitong.cli.steps import TRIES, Steps, StopRequested

#: how the line of a greeting begins that tells what is secret
SECRET_LINE = "password of all:"  # noqa: S105 - what stands before it
#: seconds the first page may take before we say that something is wrong
PATIENCE = 120.0


class Supervisor:
    """The process that runs an installation. ``once``: stop as soon as the first page is served."""

    def __init__(
        self,
        place: Place | None = None,
        once: bool = False,
        recipes: tuple[Recipe, ...] = RECIPES,
        steps: tuple[str, ...] = ("migrate",),
        greeting: str = "",
        beside: Sequence[Callable[[Place], Part]] = (),
        story: str = "",
    ) -> None:
        self.place = place or Place.configured()
        self.once = once
        #: commands to finish between the database and the parts
        self.steps = Steps(steps, self.place, self._owner_url, self._database_again, self.say)
        #: a file below run/ whose lines are shown when the first page is served
        self.greeting = greeting
        #: a command to run to its end once everything serves; its exit code is ours when ``once``
        self.story = story
        self.database = None if self.place.external_database else Database(self.place)
        parts: list[Part] = [self.database] if self.database else []
        #: servers that are not the platform's own, started before it and watched like its parts
        self.beside = [make(self.place) for make in beside]
        parts += self.beside
        parts += [Command(recipe, self.place) for recipe in recipes]
        self.watches = [Watch(part) for part in parts]
        self.stopping = False
        self._ready_to_serve = self.place.data / "run" / "ready-to-serve"
        self._waiting = False
        self._lock: IO[str] | None = None

    def run(self) -> int:
        """Run until asked to stop. Returns the exit code; raises `CannotRun` with the reason when
        it cannot start."""
        settings_hold()
        self._take_lock()
        close_to_others(self.place.data)
        self.place.choose_addresses()
        self._ready_to_serve.unlink(missing_ok=True)
        self.place.environment["HUITONG_AFTER"] = str(self._ready_to_serve)
        self._listen_for_signals()
        start = time.monotonic()
        served, code = False, 0
        try:
            self._waiting = True
            self.say(f"data folder {self.place.data}")
            if clear_leftovers(self.place.data):
                self.say("stopped what an earlier start had left running")
            self._start("database")
            finish_steps = self._begin_steps()
            # loads its code meanwhile, and serves when they are done
            self._start(*(part.name for part in self.beside), "web")
            finish_steps()
            self._ready_to_serve.touch()
            self._start("control", "gateway")
            served = self._wait_for_first_page()
            if served:
                self._greet(time.monotonic() - start)
            self._start()  # what nobody waits for leaves the processor to the first page
            self._waiting = False
            code = self._play() if served and self.story else 0
            if self.story and served and not self.once and not self.stopping:
                self._show_addresses()  # those shown before the story have scrolled away
            if not self.once:
                self._watch()
        except StopRequested:
            pass
        finally:
            self._waiting = False
            self.stopping = True
            self._stop_all()
        return code or (0 if served or not self.once else 1)

    # -- start -------------------------------------------------------------------------------------

    def _start(self, *names: str) -> None:
        """Start these parts, or all that are not yet started."""
        for watch in self.watches:
            if not watch.started and (not names or watch.part.name in names):
                self._start_one(watch)
                self.say(f"started {watch.part.name} ({watch.part.label})")

    def _start_one(self, watch: Watch) -> None:
        """A server that is killed while it is made ready is started once more."""
        for tries in range(1, TRIES + 1):
            try:
                watch.start()
                break
            except psycopg.OperationalError:
                if tries == TRIES:
                    raise
                self.say(f"{watch.part.name} ended while it was starting; starting it again")

    def _play(self) -> int:
        """Run the story and watch the parts meanwhile; a story that was killed runs again. Returns
        its exit code."""
        for _ in range(TRIES):
            child = subprocess.Popen(
                command(self.story),
                env=self.place.environment_of(self.story),
                stdin=subprocess.DEVNULL,
                process_group=0,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
            while child.poll() is None and not self.stopping:
                self._watch_once(0.5)
            if self.stopping:
                child.terminate()
                child.wait()
                return 1
            if child.returncode >= 0:
                return child.returncode
            self.say(f"the story was killed (signal {-child.returncode}); playing it again")
        return 1

    def _begin_steps(self) -> Callable[[], None]:
        """Begin the first step, or none when nothing has changed since the last start.

        What is returned brings them to their end and must be called before anything relies on them.
        """
        greeted = not self.greeting or (self.place.data / "run" / self.greeting).exists()
        if self.database and greeted and self.steps.up_to_date():
            return lambda: None
        first = self.steps.begin(self.steps.names[0])

        def finish() -> None:
            self.steps.finish(first)
            if self.database:
                self.steps.remember()

        return finish

    def _owner_url(self) -> str:
        if self.database:
            return self.database.postgres.owner_url
        return os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]

    def _database_again(self) -> bool:
        """Start our database again if it was killed. Returns whether it was."""
        if self.database is None or self.database.alive(patience=1.0):
            return False
        while not self.database.alive():
            self._restart_dead()
            time.sleep(0.05)
        return True

    def _wait_for_first_page(self) -> bool:
        web = next((watch for watch in self.watches if watch.part.name == "web"), None)
        if web is None:
            return True
        until, warned = time.monotonic() + PATIENCE, False
        while time.monotonic() < until:
            if serves(self.url):
                return True
            self._restart_dead()
            if web.deaths >= 3 and not warned:
                warned = True
                self.say(f"web does not stay up; the end of {web.part.log}:\n{tail(web.part.log)}")
                if self.once:
                    break
            time.sleep(0.05)
        self.say(
            f"no page at {self.url} yet; see {web.part.log} and `huitong doctor`. Still trying."
        )
        return False

    def _greet(self, seconds: float) -> None:
        write_private(self.place.data / "run" / "web-url", self.url)
        if self._has_gateway():
            write_private(
                self.place.data / "run" / "gateway-address",
                self.place.environment["HUITONG_GATEWAY_LISTEN"],
            )
        self.say(f"ready after {seconds:.1f} s")
        self._show_addresses()

    def _has_gateway(self) -> bool:
        return any(watch.part.name == "gateway" for watch in self.watches)

    def _show_addresses(self) -> None:
        """Print where to look, and who may sign in."""
        lines = [("open", self.url), ("logs", str(self.place.data / "logs")), ("stop", "Ctrl-C")]
        if self._has_gateway():
            lines.insert(1, ("API gateway", self.place.environment_of("")["HUITONG_GATEWAY_URL"]))
        for name, value in lines:
            print(f"    {name:<12} {value}", flush=True)
        if self.greeting and (accounts := self.place.data / "run" / self.greeting).exists():
            lines_of_accounts = accounts.read_text().splitlines()
            # whatever stores our output would store the password: its place is enough
            if not sys.stdout.isatty():
                lines_of_accounts = [
                    f"{SECRET_LINE} see {accounts}" if line.startswith(SECRET_LINE) else line
                    for line in lines_of_accounts
                ]
            text = "".join(f"      {line}\n" for line in lines_of_accounts)
            print(f"    sign in as\n{text}", flush=True)

    @property
    def url(self) -> str:
        listen = self.place.environment["HUITONG_LISTEN"]
        # the address is read here, not bound
        listen = listen.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]")  # noqa: S104
        return f"http://{listen}/"

    # -- watch -------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Sleep until a child dies, a restart is due, or we are asked to stop."""
        rotated = 0.0
        while not self.stopping:
            self._watch_once(10.0)
            if time.monotonic() - rotated > 10:
                rotated = time.monotonic()
                for log in (self.place.data / "logs").glob("*.log"):
                    rotate(log)

    def _watch_once(self, patience: float) -> None:
        """Sleep so many seconds at most; less when a child dies or a restart is due. Then
        restart what is due."""
        dues = [watch.due - time.monotonic() for watch in self.watches if watch.due is not None]
        select.select([self._bell], [], [], max(0.0, min([patience, *dues])))
        while True:
            try:
                if not self._bell.recv(4096):
                    break
            except BlockingIOError:
                break
        if not self.stopping:
            self._restart_dead()

    def _restart_dead(self) -> None:
        """Start dead parts again, in order; while the database is down nothing else is started."""
        for watch in self.watches:
            if not watch.started:
                continue
            if watch.due is None and not watch.part.alive():
                wait = watch.schedule()
                self.say(
                    f"{watch.part.name} ended; starting again in {wait:g} s (log: {watch.part.log})"
                )
            if watch.due is not None and watch.due <= time.monotonic():
                self._start_again(watch)
            if watch.part is self.database and not watch.part.alive():
                return

    def _start_again(self, watch: Watch) -> None:
        before = self.place.environment.get("DATABASE_URL")
        waited, self._waiting = self._waiting, True
        try:
            watch.start()
        except (CannotRun, psycopg.OperationalError) as error:
            self.say(f"{watch.part.name}: {error}")
            watch.schedule()
            return
        finally:
            self._waiting = waited
        self.say(f"started {watch.part.name} again")
        if watch.part is self.database and before != self.place.environment["DATABASE_URL"]:
            # its port was taken meanwhile: the others must learn the new one
            for other in self.watches:
                if other is not watch:
                    other.part.stop()

    # -- stop --------------------------------------------------------------------------------------

    def _stop_all(self) -> None:
        self.say("stopping")
        self._ready_to_serve.touch()  # a web process still waiting would not hear the signal
        # the database last
        for watch in sorted(self.watches, key=lambda watch: watch.part is self.database):
            watch.part.stop()
        clear_leftovers(self.place.data)
        for name in ("web-url", "gateway-address"):
            (self.place.data / "run" / name).unlink(missing_ok=True)
        self.say("stopped")
        if self._lock is not None:
            self._lock.close()

    # -- signals and lock --------------------------------------------------------------------------

    def _listen_for_signals(self) -> None:
        self._bell, ring = socket.socketpair()
        self._bell.setblocking(False)
        ring.setblocking(False)
        self._ring = ring
        signal.set_wakeup_fd(ring.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)  # wakes the loop

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        first, self.stopping = not self.stopping, True
        if first and self._waiting:
            raise StopRequested

    def _take_lock(self) -> None:
        path = self.place.data / "run" / "supervisor.lock"
        # held, and so open, as long as we live
        lock = open(path, "a+")  # noqa: SIM115
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read().strip()
            lock.close()
            running = self.place.data / "run" / "web-url"
            where = f" at {running.read_text().strip()}" if running.exists() else ""
            raise CannotRun(
                f"already running{where} (process {owner}, data folder {self.place.data})"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def say(self, text: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def serves(url: str) -> bool:
    """Whether the address answers like a working page, redirects to sign-in included."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 our own address
            return bool(answer.status < 400)
    except urllib.error.HTTPError as refused:
        # Django refuses a host name that is not among HUITONG_HOSTS: it is up
        return refused.code == 400
    except OSError:
        return False
