"""A real Envoy and the control server: what changes arrives, whatever dies; what is refused harms
nobody else (A26, A28).

No shaping service runs: a call that is let through finds nobody behind the gateway (503).
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import ECKey

from huitong.planes.gateway.compile import Api, api_item, ends_item
from huitong.planes.gateway.engine.envoy.wire import decode, encode
from huitong.planes.gateway.engine.process import bootstrap, folder
from huitong.planes.gateway.rules import HORIZON
from huitong.planes.gateway.tests.door import Door, gateway_at, grant, items_of

THROUGH, REFUSED = 503, 403
WORDS = (
    "import sys; from pathlib import Path; from huitong.planes.gateway.engine.control import run;"
)


@dataclass
class Site(Door):
    """A gateway and its control server, each of which can be killed and started."""

    control: subprocess.Popen[bytes] | None = None
    envoy: subprocess.Popen[bytes] | None = None

    def start_control(self) -> None:
        words = [sys.executable, "-c", f"{WORDS} run(Path(sys.argv[1]))", str(self.place)]
        self.control = subprocess.Popen(words)

    def start_envoy(self) -> None:
        self.envoy = subprocess.Popen(bootstrap(self.place.parent))

    def kill(self, process: subprocess.Popen[bytes] | None) -> None:
        assert process is not None
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    def comes(self, status: int, code: str, subject: str = "one") -> bool:
        """Whether a call comes to be answered so, once the gateway listens."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                if self.call(f"/apis/{code}", subject=subject).status_code == status:
                    return True
            except httpx.TransportError:
                pass
            time.sleep(0.02)
        return False


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    place = folder(Path(tempfile.mkdtemp(prefix="gw")))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    key = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
    gateway = gateway_at(place, port, key)
    site = Site(place, port, key, gateway)
    site.start_control()
    site.start_envoy()
    yield site
    for process in (site.envoy, site.control):
        assert process is not None
        process.terminate()
        process.wait(10)
    shutil.rmtree(place.parent)


def api(code: str, number: int, *clients: str) -> Api:
    return Api(code, number, (grant(number, *(clients or ("one",))),))


def test_what_was_decided_while_nobody_could_be_told_holds_when_they_are_back(
    running: Site,
) -> None:
    """Control server, gateway, both: killed at any time, in any order."""
    running.say(api("a/1", 1), api("a/2", 2))
    assert running.comes(THROUGH, "a/1") and running.comes(THROUGH, "a/2")
    running.kill(running.control)
    assert running.comes(THROUGH, "a/1"), "a gateway goes on without its control server"
    running.store.write([api_item(api("a/3", 3))], [("scope", "/apis/a/1")])
    running.start_control()
    assert running.comes(REFUSED, "a/1") and running.comes(THROUGH, "a/3")
    running.kill(running.envoy)
    running.store.write([], [("scope", "/apis/a/2")])
    running.start_envoy()
    assert running.comes(THROUGH, "a/3") and running.comes(REFUSED, "a/2")
    running.kill(running.control)
    running.kill(running.envoy)
    running.store.write([api_item(api("a/1", 4))], [("scope", "/apis/a/3")])
    running.start_envoy()
    running.start_control()
    assert running.comes(THROUGH, "a/1") and running.comes(REFUSED, "a/3")


def test_what_is_refused_is_refused_alone_and_named(running: Site) -> None:
    many = [api(f"b/{number}", number) for number in range(1, 8)]
    running.say(*many)
    bad = {}
    for of in (many[2], many[5]):
        item = api_item(replace(of, mount=99))
        value = decode("scope", item.body)
        value["route_configuration"]["virtual_hosts"][0]["routes"][0]["match"] = {}
        bad[of.code] = replace(item, body=encode("scope", value))
    good = [api_item(replace(of, mount=98)) for of in many if of.code not in bad]
    serial = running.store.write([*good, *bad.values()])
    end = time.monotonic() + 10
    while (node := running.store.nodes()["gateway"]).serial < serial and time.monotonic() < end:
        time.sleep(0.01)
    assert set(node.refused) == {f"scope /apis/{code}" for code in bad}
    assert all("validation failed" in why for why in node.refused.values())
    assert all(
        running.call(f"/apis/{of.code}", subject="one").status_code == THROUGH for of in many
    )
    # what is taken away is gone, and named no longer
    running.say(*(of for of in many if of.code not in bad))
    assert running.call(f"/apis/{many[2].code}", subject="one").status_code == REFUSED
    assert running.store.nodes()["gateway"].refused == {}


def test_what_is_refused_among_many_at_a_start_is_refused_alone(running: Site) -> None:
    """A start is sent in messages of hundreds."""
    many = [api(f"j/{number}", number) for number in range(1, 701)]
    running.say(*many)
    running.kill(running.envoy)
    nowhere = Api("j/350", 350, (grant(350, "one", networks=("300.1.1.1/32",)),))
    serial = running.store.write([api_item(nowhere)])
    running.start_envoy()
    assert running.comes(THROUGH, "j/1")
    end = time.monotonic() + 20
    while (node := running.store.nodes()["gateway"]).serial < serial and time.monotonic() < end:
        time.sleep(0.01)
    assert set(node.refused) == {"scope /apis/j/350"}
    expected = {f"/apis/{of.code}": THROUGH for of in many} | {"/apis/j/350": REFUSED}
    assert {path: running.call(path, subject="one").status_code for path in expected} == expected
    running.say(api("j/350", 350), api("j/1", 1))
    assert running.comes(THROUGH, "j/350") and running.comes(REFUSED, "j/2")


def test_what_is_narrowed_beside_what_is_refused_is_narrowed(running: Site) -> None:
    """Wrong in a way that Envoy sees only when it builds the routes, last of its message."""
    running.say(api("h/1", 1, "one", "two"), api("h/9", 9))
    assert running.comes(THROUGH, "h/1") and running.comes(THROUGH, "h/9")
    nowhere = Api("h/9", 9, (grant(9, "one", networks=("300.1.1.1/32",)),))
    serial = running.store.write([api_item(api("h/1", 1, "two")), api_item(nowhere)])
    end = time.monotonic() + 10
    while (node := running.store.nodes()["gateway"]).serial < serial and time.monotonic() < end:
        time.sleep(0.01)
    assert set(node.refused) == {"scope /apis/h/9"}
    assert running.call("/apis/h/1", subject="one").status_code == REFUSED
    assert running.call("/apis/h/1", subject="two").status_code == THROUGH
    assert running.call("/apis/h/9", subject="one").status_code == THROUGH, "as it was"
    running.say(api("h/9", 10, "two"))
    assert running.comes(REFUSED, "h/9") and running.comes(THROUGH, "h/9", "two")


def test_a_second_control_server_of_a_folder_is_refused(running: Site) -> None:
    words = [sys.executable, "-c", f"{WORDS} run(Path(sys.argv[1]))", str(running.place)]
    second = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 1 and "another control server" in second.stderr
    running.say(api("i/1", 1))
    assert running.comes(THROUGH, "i/1")


def test_thousands_of_items_come(running: Site) -> None:
    running.say(*(api(f"c/{number}", number) for number in range(1, 1203)))
    assert running.comes(THROUGH, "c/1") and running.comes(THROUGH, "c/1202")
    running.say(api("c/7", 7))
    assert running.comes(REFUSED, "c/1202") and running.comes(THROUGH, "c/7")


def test_nobody_is_served_beyond_the_horizon_and_everybody_again_when_it_moves(
    running: Site,
) -> None:
    """What a gateway was not told of for so long may have ended."""
    running.say(api("d/1", 1))
    assert running.comes(THROUGH, "d/1")
    now = datetime.now(UTC)
    running.store.write([ends_item([], now + timedelta(seconds=1))])
    assert running.comes(REFUSED, "d/1")
    running.store.write([ends_item([], now + HORIZON)])
    assert running.comes(THROUGH, "d/1")


def test_an_end_is_kept_without_anybody_told(running: Site) -> None:
    """Both processes of ours dead: the grant ends by the gateway's own clock, the other goes on."""
    ending = Api("e/1", 1, (grant(1, "one", ends=4), grant(2, "two")))
    running.say(ending)
    assert running.comes(THROUGH, "e/1") and running.comes(THROUGH, "e/1", "two")
    running.kill(running.control)
    assert running.comes(REFUSED, "e/1") and running.comes(THROUGH, "e/1", "two")
    running.start_control()


def test_only_the_whole_path_is_an_api(running: Site) -> None:
    running.say(api("f/1", 1), api("f/11", 2, "two"))
    for path in ("/apis/f/1/", "/apis/f/1;x", "/apis/f", "/apis/f/11", "/apis/f/%31/", "/apis/F/1"):
        assert running.call(path, subject="one").status_code == REFUSED, path
    for path in ("/apis/f/1?x=1", "/apis/./f/1", "/apis//f/1", "/x/../apis/f/1"):
        assert running.call(path, subject="one").status_code == THROUGH, path
    own = {"x-huitong-api": "/apis/f/11", "x-huitong-client": "two", "x-huitong-grant": "2/9/9"}
    assert running.call("/apis/f/11", subject="one", headers=own).status_code == REFUSED
    assert running.call("/apis/f/1", subject="two", headers=own).status_code == REFUSED


def test_items_are_the_same_bytes_and_read_back(running: Site) -> None:
    one = Api("g/1", 1, (grant(1, "one", networks=("10.0.0.0/8",)), grant(2, "two", rate=0)))
    assert Api.of(one.text()) == one and api_item(one) == api_item(Api.of(one.text()))
    kinds = [item.kind for item in items_of([one], running.gateway, running.horizon)]
    assert kinds == ["cluster", "listener", "filter", "scope"]
    with pytest.raises(ValueError, match="ScopedRouteConfiguration"):
        encode("scope", {"name": "x", "no such field": 1})
