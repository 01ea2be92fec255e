"""A shaping service over tables a test makes for itself, asked as its gateway asks it. Every
answer is read as JSON, strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from huitong.planes.gateway.engine.shaping import Service

INPUTS = Path(__file__).parents[5] / "tests" / "inputs" / "tables"


def strictly(raw: bytes) -> Any:
    """The answer as any reader of JSON takes it (RFC 8259): no NaN, no Infinity, no name twice
    among what is ours; numbers as text."""

    def no(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    return json.loads(raw.decode(), parse_constant=no, parse_float=str)


class Serving:
    """A shaping service; ``facts``: its file. `serve` adds a mount with one grant of the
    same number."""

    def __init__(self, url: str, path: Path, user: str = "", password: str = "") -> None:
        self.parts, self.path, self.service = (
            psycopg.conninfo.conninfo_to_dict(url),
            path,
            Service(path),
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
            "proof": "p",
            "allowed": [f"127.0.0.1:{self.parts['port']}"],
            "doors": [],
            "mounts": [],
            "grants": [],
        }
        self.number, self._written = 0, False

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
            self.path.write_text(json.dumps(self.facts))
            self._written = True
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
