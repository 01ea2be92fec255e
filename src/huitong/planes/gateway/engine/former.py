"""The files of version 0.1, which gateway and shaping service went by before there was a store.

They are taken over when a store is new, so that an upgraded platform serves before its first
`reconcile`, and removed after it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from huitong.planes.gateway.engine.envoy.wire import encode
from huitong.planes.gateway.engine.store import Item, Store

#: file and the kind of what is in it; its listener goes on reading the routes from their file
FILES = {"conf/clusters.json": "cluster", "conf/listener.json": "listener"}
FACTS = "shaping.json"


def take_over(store: Store, place: Path) -> None:
    """Take the files over, if the store has nothing yet."""
    if store.serial():
        return
    with suppress(OSError, ValueError, KeyError, TypeError):
        store.write(_items(place))


def remove(place: Path) -> None:
    """Remove the files; they hold passwords."""
    shutil.rmtree(place / "conf", ignore_errors=True)
    (place / FACTS).unlink(missing_ok=True)


def _items(place: Path) -> Iterator[Item]:
    for name, kind in FILES.items():
        for resource in json.loads((place / name).read_text(encoding="utf-8"))["resources"]:
            value = {key: of for key, of in resource.items() if key != "@type"}
            yield Item(kind, resource["name"], encode(kind, value))
    facts = json.loads((place / FACTS).read_text(encoding="utf-8"))
    rules = {key: of for key, of in facts.items() if key not in ("mounts", "grants")}
    yield _fact("service", "shaping", rules)
    for kind in ("mount", "grant"):
        for row in facts[f"{kind}s"]:
            number = row["id"] if kind == "mount" else row["mount"]
            value = {k: of for k, of in row.items() if k != "id" or kind == "grant"}
            yield _fact(kind, row["id"], value, number)


def _fact(kind: str, name: int | str, value: object, mount: int = 0) -> Item:
    return Item(kind, str(name), json.dumps(value).encode(), mount=mount)
