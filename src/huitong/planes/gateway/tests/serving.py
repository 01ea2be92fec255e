"""A shaping service over tables a test makes for itself, asked as its gateway asks it. Every
answer is read as JSON, strictly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from huitong.planes.gateway.compile import fact
from huitong.planes.gateway.engine.shaping import Service
from huitong.planes.gateway.engine.store import Store

INPUTS = Path(__file__).parents[5] / "tests" / "inputs" / "tables"


def strictly(raw: bytes) -> Any:
    """The answer as any reader of JSON takes it (RFC 8259): no NaN, no Infinity, no name twice
    among what is ours; numbers as text."""

    def no(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    return json.loads(raw.decode(), parse_constant=no, parse_float=str)


def put_facts(
    store: Store,
    allowed: Sequence[str],
    mounts: Iterable[Mapping[str, Any]],
    grants: Iterable[Mapping[str, Any]],
    proof: str = "p",
) -> None:
    """Give the shaping service these and no others, as `reconcile` does."""
    rules = {"proof": proof, "allowed": list(allowed), "doors": []}
    items = [
        fact("service", "shaping", rules),
        *(fact("mount", of["id"], {k: of[k] for k in of if k != "id"}, of["id"]) for of in mounts),
        *(fact("grant", grant["id"], grant, grant["mount"]) for grant in grants),
    ]
    names = {(item.kind, item.name) for item in items}
    present = {(kind, name) for kind in ("mount", "grant") for name in store.made_of(kind)}
    store.write(items, present - names)


def started(place: Path) -> list[subprocess.Popen[bytes]]:
    """The shaping service and the control server of a gateway's folder, running."""
    programs = (
        "from huitong.planes.gateway.engine.serve import serve;"
        f" serve(Path({str(place)!r}), Path({str(place / 'shaping.sock')!r}), 4)",
        f"from huitong.planes.gateway.engine.control import run; run(Path({str(place)!r}))",
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
    return [
        subprocess.Popen(
            [sys.executable, "-c", f"from pathlib import Path; {one}"], env=environment
        )
        for one in programs
    ]


class Serving:
    """A shaping service; ``facts``: what its store has. `serve` adds a mount with one grant of the
    same number."""

    def __init__(self, url: str, place: Path, user: str = "", password: str = "") -> None:
        self.parts, self.store, self.service = (
            psycopg.conninfo.conninfo_to_dict(url),
            Store(place),
            Service(place),
        )
        self.address = {
            "host": "127.0.0.1",
            "port": int(str(self.parts["port"])),
            "database": self.parts["dbname"],
            "user": user or self.parts["user"],
            "password": password or self.parts["password"],
            "tls": "disable",
        }
        self.facts: dict[str, Any] = {
            "allowed": [f"127.0.0.1:{self.parts['port']}"],
            "mounts": [],
            "grants": [],
        }
        self.number, self._written = 0, False

    def write(self) -> None:
        """Put the facts in place."""
        put_facts(self.store, self.facts["allowed"], self.facts["mounts"], self.facts["grants"])
        self._written = True

    def clear(self) -> None:
        """Serve nothing any more; connections stay."""
        self.facts["mounts"], self.facts["grants"] = [], []

    def serve(
        self,
        table: str,
        items: Mapping[str, tuple[str, str]],
        key: tuple[str, ...] = (),
        schema: str = "public",
        *,
        masks: Mapping[str, Any] | None = None,
        row_filter: Any = None,
        token_keys: Mapping[str, str] | None = None,
    ) -> int:
        """``items``: column → (item type, column type)."""
        self.number += 1
        number = self.number
        self.facts["mounts"].append(
            {"id": number, "address": self.address, "schema": schema, "table": table}
        )
        self.facts["grants"].append(
            {
                "id": number,
                "mount": number,
                "key": list(key),
                "token_keys": dict(token_keys or {}),
                "scope": {
                    "items": list(items),
                    "masks": dict(masks or {}),
                    "row_filter": row_filter,
                },
                "columns": {
                    item: {"column": item, "type": kind, "sql_type": sql}
                    for item, (kind, sql) in items.items()
                },
            }
        )
        self._written = False
        return number

    def raw(self, number: int, **params: Any) -> tuple[int, bytes]:
        if not self._written:
            self.write()
        statuses: list[str] = []
        body = self.service(
            {
                "HTTP_X_HUITONG_PROOF": "p",
                "HTTP_X_HUITONG_GRANT": str(number),
                "HTTP_X_HUITONG_MOUNT": str(number),
                "QUERY_STRING": urlencode(params),
            },
            lambda status, headers: statuses.append(status),
        )
        return int(statuses[0][:3]), b"".join(body)

    def ask(self, number: int, **params: Any) -> tuple[int, Any]:
        status, body = self.raw(number, **params)
        return status, strictly(body)

    def pages(self, number: int, limit: int, **params: Any) -> tuple[list[Any], Any]:
        """Every row of every page, and the refusal that ended them, if one did."""
        rows: list[Any] = []
        after: dict[str, str] = {}
        for _ in range(1000):
            status, page = self.ask(number, limit=limit, **params, **after)
            if status != 200:
                return rows, page
            assert page["count"] == len(page["items"]) <= limit
            rows += page["items"]
            if not page["more"]:
                return rows, None
            assert page["after"], "more to come and no way on"
            after = {"after": page["after"]}
        raise AssertionError("pages without end")

    def close(self) -> None:
        self.service.sources.keep([])
