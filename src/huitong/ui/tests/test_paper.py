"""Papers are looked at in processes that may die: each with limits, none holding anything of ours,
none harmed by the paper of somebody else (docs/decisions/0044)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from huitong.access.tests.papers import endless, put, written
from huitong.ui import look_at_paper, paper
from huitong.ui.paper import Paper, Unshowable, look_at

PLAIN = Paper(1, True, "", (), False)
PDF, PNG = "application/pdf", "image/png"
SRC = Path(paper.__file__).parents[2]


def page(folder: Path, name: str) -> Path:
    return put(folder, f"{name}.png", written("PNG"))


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def children(pid: int) -> list[int]:
    """Processes begun by this one that run."""
    result = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if parent_of(int(process.name)) == pid:
                result.append(int(process.name))
    return result


def opened(pid: int) -> dict[str, str]:
    """What a process has open."""
    return {str(fd.name): str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()}


def ended(*pids: int) -> bool:
    """None of them runs."""
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                return False
    return True


def helpers(of: int | None = None) -> list[int]:
    script = str(paper.SCRIPT).encode()
    return [
        pid
        for pid in children(of or os.getpid())
        if script in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    ]


def soon(true: Callable[[], Any], seconds: float = 10) -> Any:
    until = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < until, "it never came"
        time.sleep(0.01)
    return value


def looker(of: int | None = None) -> int:
    """The child that looks at a paper now."""
    pid = soon(lambda: [child for helper in helpers(of) for child in children(helper)])[0]
    # its limits are the first it does
    soon(lambda: f"{look_at_paper.MEMORY}" in Path(f"/proc/{pid}/limits").read_text())
    return int(pid)


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """Nobody waits from an earlier test, nobody after this."""
    paper._end_all()
    yield
    paper._end_all()


class Endless(threading.Thread):
    """A look at a paper that never ends, while the test goes on."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.path, self.refused = put(folder, "endless.pdf", endless()), False

    def run(self) -> None:
        try:
            look_at(self.path, PDF)
        except Unshowable:
            self.refused = True


def test_who_looks_has_limits_no_environment_and_nothing_of_ours_open(tmp_path: Path) -> None:
    with open(tmp_path / "lock", "w") as held:
        os.set_inheritable(held.fileno(), True)
        thread = Endless(tmp_path)
        thread.start()
        child = looker()
        helper = parent_of(child)
        for pid in (helper, child):
            process = Path(f"/proc/{pid}")
            assert process.joinpath("environ").read_bytes() == b""
            assert process.joinpath("cmdline").read_bytes().split(b"\0")[:2] == [
                sys.executable.encode(),
                b"-I",
            ]
            assert str((process / "cwd").readlink()) == "/" and os.getpgid(pid) == helper
            assert len(list(process.joinpath("task").iterdir())) == 1
        its, childs = opened(helper), opened(child)
        # what its child writes comes to the helper, and to nobody else
        assert its.keys() == {"0", "1", "2", "3"} and its["3"] == childs["1"]
        assert childs["0"] == childs["2"] == its["2"] == os.devnull
        assert set(childs.values()) <= {os.devnull, its["3"], str(thread.path)}
        limits = Path(f"/proc/{child}/limits").read_text().splitlines()
        for name, most in (
            ("Max address space", look_at_paper.MEMORY),
            ("Max cpu time", look_at_paper.SECONDS),
            ("Max file size", 0),
            ("Max core file size", 0),
        ):
            row = next(line for line in limits if line.startswith(name))
            assert row[len(name) :].split()[:2] == [str(most)] * 2
        os.kill(child, signal.SIGKILL)
        thread.join()
    assert thread.refused


def test_a_paper_that_hangs_keeps_nobody_waiting_and_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "PATIENCE", 4)
    thread = Endless(tmp_path)
    thread.start()
    child = looker()
    os.kill(child, signal.SIGSTOP)
    for n in range(3):
        assert look_at(page(tmp_path, f"{n}"), PNG) == PLAIN
    assert thread.is_alive(), "the others waited for it"
    thread.join(10)
    assert thread.refused and ended(child)


def test_a_paper_that_kills_its_child_ends_its_helper_and_no_other(tmp_path: Path) -> None:
    """What the crash of a child teaches of the memory of its helper helps nobody with the next."""
    assert look_at(page(tmp_path, "before"), PNG) == PLAIN
    (first,) = helpers()
    thread = Endless(tmp_path)
    thread.start()
    child = looker()
    assert parent_of(child) == first
    assert look_at(page(tmp_path, "during"), PNG) == PLAIN
    (other,) = set(helpers()) - {first}
    os.kill(child, signal.SIGSEGV)
    thread.join(10)
    assert thread.refused
    for n in range(3):
        assert look_at(page(tmp_path, f"after {n}"), PNG) == PLAIN
    soon(lambda: helpers() == [other])


def test_a_helper_that_died_waiting_is_replaced_and_one_serves_many_papers(tmp_path: Path) -> None:
    for n in range(4):
        assert look_at(page(tmp_path, f"{n}"), PNG) == PLAIN
    (helper,) = helpers()
    os.kill(helper, signal.SIGKILL)
    assert look_at(page(tmp_path, "next"), PNG) == PLAIN
    assert helpers() != [helper] and len(helpers()) == 1


def test_a_helper_that_dies_over_a_paper_is_not_given_it_again(tmp_path: Path) -> None:
    thread = Endless(tmp_path)
    thread.start()
    child = looker()
    os.kill(parent_of(child), signal.SIGKILL)
    thread.join(10)
    assert thread.refused
    soon(lambda: ended(child))


def test_helpers_serve_a_number_of_papers_and_no_more_wait_than_are_of_use(tmp_path: Path) -> None:
    (tmp_path / "paper").write_bytes(written("PNG", (100, 100)))
    served = set()
    for _ in range(look_at_paper.PAPERS + 1):
        look_at.cache_clear()
        assert look_at(tmp_path / "paper", PNG) == PLAIN
        served.update(helpers())
    assert len(served) == 2
    threads = [
        threading.Thread(target=look_at, args=(page(tmp_path, f"{n}"), PNG)) for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(helpers()) <= paper.WAITING


def test_helper_and_child_end_with_whoever_asks(tmp_path: Path) -> None:
    """An end nobody announces: the helper notices, though its child looks for ever."""
    program = (
        f"from huitong.ui.paper import look_at; look_at({str(tmp_path / 'endless.pdf')!r}, {PDF!r})"
    )
    put(tmp_path, "endless.pdf", endless())
    with subprocess.Popen([sys.executable, "-c", program], env={"PYTHONPATH": str(SRC)}) as asking:
        child = looker(asking.pid)
        helper = parent_of(child)
        asking.kill()
    soon(lambda: ended(helper, child), 3)


FORKED = """
import os, sys
from pathlib import Path
from huitong.ui import paper
first, second, third = map(Path, sys.argv[1:])
paper.look_at(first, "image/png")
(helper,) = paper._helpers
child = os.fork()
if not child:
    assert not paper._helpers and not paper._idle
    paper.look_at(second, "image/png")
    (own,) = paper._helpers
    assert own.process.pid != helper.process.pid
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
paper.look_at(third, "image/png")
assert paper._helpers == {helper} and helper.process.poll() is None
"""


def test_a_fork_of_whoever_asks_has_a_helper_of_its_own(tmp_path: Path) -> None:
    papers = [str(page(tmp_path, name)) for name in ("first", "second", "third")]
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", FORKED, *papers],
        env={"PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert (done.returncode, done.stderr) == (0, "")
