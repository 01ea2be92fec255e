"""A real installation in a temporary folder: `huitong up` as a child, started, watched, killed
and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Self

from huitong.cli.logs import tail
from huitong.cli.processes import clear_leftovers, leftovers
from huitong.cli.supervisor import serves

REPOSITORY = Path(__file__).parent.parent
#: settings of the calling process that must not leak into the installation
OWN_SETTINGS = ("DATABASE_URL", "DATABASE_OWNER_URL", "DJANGO_SETTINGS_MODULE")

#: seconds a first page may take on a machine busy with other tests; a quiet one needs five
PATIENCE = 180.0


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The caller's environment without its huitong settings, and free ports."""
    others = {
        k: v
        for k, v in os.environ.items()
        if k not in OWN_SETTINGS and not k.startswith("HUITONG_")
    }
    addresses = {"HUITONG_LISTEN": "127.0.0.1:0", "HUITONG_GATEWAY_LISTEN": "127.0.0.1:0"}
    return (
        others
        | addresses
        | {"HUITONG_DATA": str(folder), "PYTHONPATH": str(REPOSITORY / "src")}
        | more
    )


class Installation:
    """``with Installation() as here: here.get("account/login/")``. The folder is removed at the
    end."""

    def __init__(self, folder: Path | None = None, *words: str, **settings: str) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="huitong-up-"))
        self.folder.chmod(0o711)
        self.words = words or ("up",)
        self.environment = environment(self.folder, **settings)
        self.output = self.folder / "up.out"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, patience: float = PATIENCE) -> Self:
        """Start and wait for the first page. Raises `AssertionError` with the output when it
        does not come."""
        self.web_url.unlink(missing_ok=True)
        with open(self.output, "ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "huitong.cli", *self.words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=self.environment,
                start_new_session=True,
            )
        self.wait_until_served(patience)
        return self

    def wait_until_served(self, patience: float = PATIENCE) -> float:
        """Seconds until a page is served. Raises `AssertionError` when it takes longer than
        ``patience``."""
        start = time.monotonic()
        while time.monotonic() - start < patience:
            if self.web_url.exists() and serves(self.url):
                return time.monotonic() - start
            if self.process is not None and self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(
            f"no page after {time.monotonic() - start:.0f}"
            f" s\n{tail(self.output)}\n{self.last_words()}"
        )

    def last_words(self) -> str:
        return "\n".join(
            f"== {log.name}\n{tail(log, size=1500)}"
            for log in sorted((self.folder / "logs").glob("*.log"))
        )

    @property
    def web_url(self) -> Path:
        return self.folder / "run" / "web-url"

    @property
    def url(self) -> str:
        return self.web_url.read_text().strip()

    def get(self, path: str = "") -> int:
        """The status of a page; raises `OSError` when there is no answer."""
        with urllib.request.urlopen(self.url + path, timeout=5) as answer:
            return int(answer.status)

    def pids(self, part: str) -> list[int]:
        """The processes of a part, first started first."""
        if part == "supervisor":
            return [self.process.pid] if self.process else []
        if part == "database":
            try:
                return [int((self.folder / "postgresql/18/postmaster.pid").read_text().split()[0])]
            except (OSError, IndexError):  # just being written
                return []
        return sorted(leftovers(self.folder, part))

    def kill(self, part: str) -> None:
        """kill -9 the first process of a part; the supervisor's own death is collected."""
        for pid in self.pids(part)[:1]:
            os.kill(pid, signal.SIGKILL)
        if part == "supervisor" and self.process is not None:
            self.process.wait()
            self.process = None

    def stop(self, wish: signal.Signals = signal.SIGTERM, patience: float = 60.0) -> int:
        """Ask it to stop; returns its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(wish)
        code = self.process.wait(patience)
        self.process = None
        return code

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.__exit__()  # nothing of ours stays behind, whether or not it came up
            raise

    def __exit__(self, *how: object) -> None:
        try:
            self.stop()
        finally:
            if self.process is not None:
                self.process.kill()
                self.process.wait()
            clear_leftovers(self.folder)
            until = time.monotonic() + 10
            while (
                self.folder / "postgresql/18/postmaster.pid"
            ).exists() and time.monotonic() < until:
                time.sleep(0.05)
            shutil.rmtree(self.folder, ignore_errors=True)
