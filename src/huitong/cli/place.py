"""The place of this installation: data folder, addresses, environment of the parts."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from dataclasses import dataclass, field
from errno import EACCES
from pathlib import Path
from typing import Self

from huitong import default_data
from huitong.cli.processes import CannotRun, WrongSetting
from huitong.connectors import values

WEB_ADDRESS = "127.0.0.1:8800"
GATEWAY_ADDRESS = "127.0.0.1:8810"
#: bytes the kernel takes as the path of a Unix socket (unix(7)), its end not counted
LONGEST_SOCKET = 107
#: how far beyond the usual port a free one is looked for when none was asked for
PORTS_TRIED = 50


def is_running(data: Path) -> bool:
    """Whether a supervisor runs on this data folder."""
    lock = data / "run" / "supervisor.lock"
    if not lock.exists():
        return False
    with open(lock) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def use_demonstration() -> None:
    """Without HUITONG_DATA and DATABASE_URL: the demonstration, where it runs and no
    installation does, or where it is the only one there is. Which one is meant is said in one
    line."""
    if os.environ.get("HUITONG_DATA") or os.environ.get("DATABASE_URL"):
        return
    own, demo = default_data(), default_data() / "demo"
    if (
        (demo / "postgresql").exists()
        and not is_running(own)
        and (is_running(demo) or not (own / "postgresql").exists())
    ):
        os.environ["HUITONG_DATA"] = str(demo)
        print(
            f"huitong: looking at the demonstration in {demo};"
            " HUITONG_DATA chooses another installation",
            file=sys.stderr,
        )


@dataclass
class Place:
    """The data folder and what the parts are told through their environment."""

    data: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def configured(cls) -> Self:
        """Return the place that HUITONG_DATA and friends name, made if missing. Raises `CannotRun`
        when the folder cannot be written."""
        data = Path(os.environ.get("HUITONG_DATA") or default_data()).absolute()
        try:
            for folder in [f for f in (data, *data.parents) if not f.exists()][::-1]:
                folder.mkdir(exist_ok=True)
                # as root the database's account passes through what lies above; it has no business
                # in the folder's listing
                folder.chmod(0o700 if folder == data or os.geteuid() else 0o711)
            for name in ("run", "logs", "files"):
                (data / name).mkdir(exist_ok=True, mode=0o700)
            if not os.access(data / "run", os.W_OK | os.X_OK):
                raise PermissionError(EACCES, "it belongs to another user")
        except OSError as error:
            raise CannotRun(
                f"the data folder {data} cannot be used ({error.strerror}):"
                " set HUITONG_DATA to another"
            ) from None
        if (size := len(os.fsencode(data / "gateway" / "shaping.sock"))) > LONGEST_SOCKET:
            raise CannotRun(
                f"the path of the data folder {data} is {size - LONGEST_SOCKET} bytes too long for"
                " the sockets in it (a Chinese character counts three):"
                " set HUITONG_DATA to a shorter one"
            )
        return cls(data)

    @property
    def external_database(self) -> bool:
        return bool(os.environ.get("DATABASE_URL"))

    def choose_addresses(self) -> None:
        """Fix where web and gateway listen. Raises `CannotRun` when an address asked for is
        taken."""
        for name, usual, public in (
            ("HUITONG_LISTEN", WEB_ADDRESS, "HUITONG_PUBLIC_URL"),
            ("HUITONG_GATEWAY_LISTEN", GATEWAY_ADDRESS, "HUITONG_GATEWAY_URL"),
        ):
            host, port = free_address(os.environ.get(name, ""), usual, name)
            self.environment[name] = f"{host}:{port}"
            if not os.environ.get(public):
                self.environment[public] = f"http://{host}:{port}"

    def environment_of(self, part: str, **more: str) -> dict[str, str]:
        """Return the environment of a part: our own, the chosen addresses, and the mark by which
        leftovers are recognised."""
        environment = {
            key: value
            for key, value in os.environ.items()
            if key not in ("DATABASE_OWNER_URL", "HUITONG_AS_OWNER")
        }
        path = os.pathsep.join(
            p for p in (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")) if p
        )
        marks = {
            "HUITONG_DATA": str(self.data),
            "HUITONG_PART": part,
            "PYTHONPATH": path,
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
        }
        return environment | self.environment | marks | more


def command(*words: str) -> list[str]:
    """Return the words of ``huitong …`` with the interpreter we run on."""
    return [sys.executable, "-m", "huitong.cli", *words]


def free_address(text: str, usual: str, setting: str) -> tuple[str, int]:
    """The address asked for, else the usual or the next free port. Port 0 asks for any free one."""
    try:
        host, first = values.address(setting, text or usual)
    except ValueError as wrong:
        raise WrongSetting(str(wrong)) from None
    complaint = "no such address"
    for candidate in range(first, first + (1 if text else PORTS_TRIED)):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host.strip("[]"), candidate))
            except OSError as error:
                complaint = error.strerror or str(error)
                continue
            return host, probe.getsockname()[1]
    raise CannotRun(
        f"cannot listen on {text or usual} ({complaint}): set {setting} to another host:port"
    )
