"""Three grants of one consumer behind a running gateway."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tests.sharing import Sharing

from huitong.access import actions
from huitong.access.models import Grant
from huitong.kernel.ledger import writing
from huitong.planes.gateway.engine.process import folder


@dataclass
class Running:
    """A gateway and a shaping service on a data folder of their own."""

    data: Path
    port: int

    @property
    def place(self) -> Path:
        return folder(self.data)


@dataclass
class Scene:
    """Three grants of one consumer under three addresses: one will be taken back, one goes on,
    of one something is broken."""

    sharing: Sharing
    port: int
    revoked: Grant
    unaffected: Grant
    broken: Grant
    token: str = ""

    def take_back(self, grant: Grant) -> None:
        """The bureau revokes a grant."""
        actions.revoke(
            self.sharing.cast.bureau_manager,
            self.sharing.case(grant),
            ground="duty_failed",
            reasons="使用部门没有落实日志审计。",
        )

    def call(self, grant: Grant) -> int:
        # the certificates of the world, which are not looked at here, take 25 ms to read
        address = f"http://127.0.0.1:{self.port}"
        with httpx.Client(base_url=address, trust_env=False, verify=False) as client:
            return client.get(
                f"/apis/{grant.mount.entry.code}?limit=1",
                headers={"Authorization": f"Bearer {self.token}"},
            ).status_code

    def until(self, status: int, grant: Grant) -> int:
        """The status a call comes to be answered with, waited for."""
        end = time.monotonic() + 15
        while True:
            try:
                if (last := self.call(grant)) == status or time.monotonic() > end:
                    return last
            except httpx.TransportError:
                if time.monotonic() > end:
                    raise
            time.sleep(0.02)


def changed(model: type[Any], pk: int, **values: Any) -> None:
    with writing("test"):
        model.objects.filter(pk=pk).update(**values)
