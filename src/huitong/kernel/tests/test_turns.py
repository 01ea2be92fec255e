"""So few requests compute at once as there are turns, and nobody waits for who waits outside."""

from __future__ import annotations

import threading
from io import BytesIO
from typing import Any

import pytest

from huitong.cli.web import ANONYMOUS, in_turns
from huitong.kernel import turns
from huitong.kernel.turns import Turns
from huitong.work import queries as work

#: seconds: long enough for a thread to come so far, and to fail where it never does
SOON, LONG = 0.2, 10


class Crowd:
    """Threads of which each takes a turn, says so, and goes on when it may."""

    def __init__(self, turns: Turns) -> None:
        self.turns, self.inside = turns, threading.Semaphore(0)
        self.go_on = threading.Event()
        self.threads: list[threading.Thread] = []

    def join(self, number: int, *, outside: bool = False) -> None:
        for _ in range(number):
            thread = threading.Thread(target=self._one, args=(outside,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _one(self, outside: bool) -> None:
        with self.turns.turn():
            if outside:
                self.turns.give_up()
                self.turns.give_up()  # a second address: there is no second turn to give
            self.inside.release()
            self.go_on.wait(LONG)

    def arrived(self, number: int) -> bool:
        """Whether so many are inside, and no more come."""
        return all(self.inside.acquire(timeout=LONG) for _ in range(number)) and not (
            self.inside.acquire(timeout=SOON)
        )

    def leave(self) -> None:
        self.go_on.set()
        for thread in self.threads:
            thread.join(LONG)


def test_no_more_at_once_than_there_are_turns() -> None:
    crowd = Crowd(Turns(2))
    crowd.join(5)
    assert crowd.arrived(2)
    crowd.leave()
    assert crowd.arrived(3)


def test_who_waits_outside_holds_up_nobody() -> None:
    crowd = Crowd(Turns(1))
    crowd.join(3, outside=True)
    assert crowd.arrived(3)
    crowd.join(2)
    assert crowd.arrived(1)
    crowd.leave()


def test_a_fault_gives_the_turn_back() -> None:
    one = Turns(1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), one.turn():
            raise ZeroDivisionError


def test_the_guard_of_outside_addresses_gives_up_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Turns(1)
    monkeypatch.setattr(turns, "web", one)
    with one.turn():
        work.guard()
        crowd = Crowd(one)
        crowd.join(1)
        assert crowd.arrived(1)
        crowd.leave()


class Slow:
    """A sender whose body comes when it comes."""

    def __init__(self) -> None:
        self.sent = threading.Event()
        self.pieces = [b"abc", b""]

    def read(self, size: int) -> bytes:
        self.sent.wait(LONG)
        return self.pieces.pop(0)


def test_slow_senders_hold_no_turn() -> None:
    answered: list[Any] = []

    def application(environment: dict[str, Any], start: Any) -> list[bytes]:
        source = environment.get("wsgi.input")
        return [source.read() if source else b"", environment.get("CONTENT_LENGTH", "").encode()]

    served = in_turns(application, 1000)
    slow = [Slow() for _ in range(4)]
    heads: list[dict[str, Any]] = [{"CONTENT_LENGTH": "3"}, {"HTTP_TRANSFER_ENCODING": "chunked"}]
    threads = [
        threading.Thread(
            target=lambda body=body, head=head: answered.append(
                served({"wsgi.input": body, **head}, None)
            ),
            daemon=True,
        )
        for body, head in zip(slow, heads * 2, strict=True)
    ]
    for thread in threads:
        thread.start()
    assert served({}, None) == [b"", b""]
    assert not answered
    for body in slow:
        body.sent.set()
    for thread in threads:
        thread.join(LONG)
    assert answered == [[b"abc", b"3"]] * 4


def test_a_body_that_ends_early_is_refused() -> None:
    """Half of an opinion is none."""
    status: list[str] = []

    def application(environment: dict[str, Any], start: Any) -> list[bytes]:
        raise AssertionError("called with half a body")

    environment = {"CONTENT_LENGTH": "100", "wsgi.input": BytesIO(b"opinion=")}
    served = in_turns(application, 1000)
    assert b"".join(served(environment, lambda line, head: status.append(line))) == b""
    assert status == ["400 Bad Request"]


@pytest.mark.parametrize("head", ["HTTP_COOKIE", "HTTP_AUTHORIZATION", ""])
def test_much_is_read_only_of_who_shows_something(head: str) -> None:
    size = ANONYMOUS + 1
    source = BytesIO(b"x" * size)

    def application(environment: dict[str, Any], start: Any) -> list[bytes]:
        return [str(environment["wsgi.input"] is source).encode()]

    environment = {"CONTENT_LENGTH": str(size), "wsgi.input": source} | (
        {head: "x"} if head else {}
    )
    assert in_turns(application, 2 * size)(environment, None) == [str(not head).encode()]
