"""Child processes that never outlive us, and the account the database runs as."""

from __future__ import annotations

import contextlib
import ctypes
import grp
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huitong import default_data

PR_SET_PDEATHSIG = 1
#: looked up before any fork: loading a library between fork and exec could deadlock
_libc = ctypes.CDLL(None, use_errno=True)

#: the system user made for the database when we are started as root (PostgreSQL refuses to run as
#: root)
SYSTEM_USER = "huitong"


class CannotRun(RuntimeError):
    """A foreseen reason why a command cannot do its work; the text says it and the remedy,
    without a traceback."""


class WrongSetting(CannotRun):
    """A variable of the environment, or an option, says what cannot be read; the text names it."""


class NoAccount(CannotRun):
    """There is no user the database could run as."""


@dataclass(frozen=True)
class Account:
    """Another user a child runs as."""

    name: str
    uid: int
    gid: int

    def popen_arguments(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def account_for_database(folder: Path) -> Account | None:
    """Return the account to run the database as. None: whoever we are. As root: the system user,
    created when missing, who must reach ``folder``."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        useradd = shutil.which("useradd") or "/usr/sbin/useradd"
        nologin = "/usr/sbin/nologin"
        command = [
            useradd,
            "--system",
            "--no-create-home",
            "--home-dir",
            "/nonexistent",
            "--shell",
            nologin,
            SYSTEM_USER,
        ]
        try:
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            complaint = result.stderr
        except OSError as error:
            complaint = str(error)
        try:  # two first starts at once: one of them finds the user made by the other
            entry = pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            raise NoAccount(
                f"PostgreSQL does not run as root and the system user {SYSTEM_USER!r} could not be"
                f" created: {complaint.strip()}. Create it, or start as an ordinary user,"
                " or set DATABASE_URL."
            ) from None
    account = Account(SYSTEM_USER, entry.pw_uid, entry.pw_gid)
    # it passes through to its own folder, and sees nothing of the others; through the usual data
    # folder, too, which another command may have made before: the demonstration lies below it
    for own in (folder, *folder.parents):
        below = own == folder or own.is_relative_to(default_data())
        if below and own.stat().st_uid == os.geteuid():
            os.chown(own, -1, account.gid)
            own.chmod(0o710)
    reach = subprocess.run(
        ["/usr/bin/test", "-x", str(folder)], cwd="/", check=False, **account.popen_arguments()
    )
    if reach.returncode:
        raise NoAccount(
            f"the system user {SYSTEM_USER!r}, who runs the database for root, may not enter"
            f" {folder}: choose another folder with HUITONG_DATA (for instance /var/lib/huitong)"
        )
    return account


def make_private(path: Path, account: Account | None = None) -> None:
    """Let only its owner read it; the database's account owns it if there is one."""
    if account is not None:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o700 if path.is_dir() else 0o600)


def let_in(*folders: Path) -> None:
    """Let everybody who comes to these folders enter and list them: they hold programs, nothing of
    ours."""
    for folder in folders:
        folder.chmod(0o755)


#: below the data folder these hold files that are read one by one: their own modes count too
HOLDING = ("run", "logs", "keys")


def open_to_others(data: Path) -> list[Path]:
    """List what below the data folder others than its owner may read, write or enter. The
    database's folder is its account's."""
    group = (
        {group.gr_gid for group in grp.getgrall() if group.gr_name == SYSTEM_USER}
        if os.geteuid() == 0
        else set()
    )
    folders = [
        folder
        for folder in (data, *sorted(data.glob("*/")))
        if folder.name != "postgresql" and not folder.is_symlink()
    ]
    loose = [
        f for f in folders if f.stat().st_mode & (0o067 if f.stat().st_gid in group else 0o077)
    ]
    files = [
        file
        for name in HOLDING
        for file in sorted((data / name).rglob("*"))
        if file.is_file() and not file.is_symlink()
    ]
    files += sorted((data / "gateway").glob("configuration.sqlite3*"))
    return loose + [f for f in files if f.stat().st_mode & 0o077]


def close_to_others(data: Path) -> None:
    """Close what an earlier version, or somebody's hand, left open. Files of another user stay as
    they are."""
    for path in open_to_others(data):
        with contextlib.suppress(PermissionError):
            path.chmod(path.stat().st_mode & 0o700)


def write_private(file: Path, text: str) -> None:
    """Write a file whole or not at all, never readable by others for an instant."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text + "\n")
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)


def die_with_parent(wish: signal.Signals) -> Callable[[], None]:
    """For ``preexec_fn``: the kernel sends ``wish`` to the child as soon as the thread that started
    it is gone.

    Runs after the change of user, because that change would clear the request.
    """
    parent = os.getpid()

    def in_child() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(wish), 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and here
            os._exit(1)

    return in_child


def running_from(pid: int, program: str, argument: str) -> bool:
    """Whether ``pid`` is alive, has the name ``program`` and was started with ``argument``. A pid
    alone may belong to someone else by now."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return Path(os.fsdecode(words[0])).name == program and os.fsencode(argument) in words


def leftovers(data: Path, part: str | None = None) -> list[int]:
    """List processes of ours that an earlier supervisor or a killed part left behind, by the mark
    in their environment.

    Children of the calling process are no leftovers while it keeps them; it asks only after they
    have ended.
    """
    marks = {
        os.fsencode(f"HUITONG_DATA={data}"),
        f"HUITONG_PART={part}".encode() if part else b"",
    } - {b""}
    pids = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
        except OSError:  # another user's, or gone
            continue
        if marks <= set(variables) and any(v.startswith(b"HUITONG_PART=") for v in variables):
            pids.append(int(folder.name))
    return pids


def clear_leftovers(data: Path, part: str | None = None) -> int:
    """Stop them for good; they lost their supervisor, so nothing they hold is worth waiting for.
    Returns how many."""
    total = 0
    for _ in range(100):
        pids = leftovers(data, part)
        if not pids:
            break
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            total += 1
        time.sleep(0.02)
    return total
