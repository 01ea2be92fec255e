"""Readers of the environment: a value that cannot be read is a wrong configuration, named in one
line."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo

from huitong import default_data
from huitong.connectors import values

T = TypeVar("T")


def listed(variable: str, separator: str = ",", reads: Callable[[str], object] = str) -> list[str]:
    """The entries of a variable, each of which ``reads`` accepts."""
    parts = map(str.strip, os.environ.get(variable, "").split(separator))
    entries = [part for part in parts if part]
    for entry in entries:
        try:
            reads(entry)
        except ValueError as error:
            raise ImproperlyConfigured(f"{variable}: {str(error).removeprefix(': ')}") from None
    return entries


def one_of(variable: str, usual: str, *others: str) -> str:
    """One of a few words; a misspelt one must not quietly switch something off."""
    word = os.environ.get(variable) or usual
    if word not in (usual, *others):
        raise ImproperlyConfigured(f"{variable}: {word!r} is none of {', '.join((usual, *others))}")
    return word


def read(reads: Callable[..., T], *arguments: object) -> T:
    """Call one of `connectors.values`; what it cannot read is a wrong configuration."""
    try:
        return reads(*arguments)
    except ValueError as error:
        raise ImproperlyConfigured(str(error)) from None


def http_url(variable: str, usual: str) -> str:
    return read(values.url, variable, os.environ.get(variable) or usual, "http", "https").rstrip(
        "/"
    )


def data_folder() -> Path:
    return Path(os.environ.get("HUITONG_DATA") or default_data())


def key_file(name: str) -> str:
    """A random secret of this installation: the variable HUITONG_<NAME> or a file in <data>/keys
    made at first use."""
    if secret := os.environ.get("HUITONG_" + name.upper().replace("-", "_")):
        return secret
    path = data_folder() / "keys" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{name}.{os.getpid()}")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        # another process of ours may be faster; either way the key is there whole, or not at all
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text().strip()  # a key restored by hand may end with a line break


#: many small queries on disks that seek fast, of many readers at once: a list of a hundred thousand
#: is as fast without helpers, which take the other readers' processor (`make bench-work`); what an
#: address says itself comes after and holds
PLANNING = (
    "-c jit=off -c random_page_cost=1.1 -c plan_cache_mode=force_generic_plan"
    " -c max_parallel_workers_per_gather=0"
)


def database(variable: str, file: str) -> dict[str, Any]:
    """A database from a URL in the environment, else from the file the supervisor writes for the
    embedded server."""
    path = data_folder() / "run" / file
    url = os.environ.get(variable) or (path.read_text().strip() if path.exists() else "")
    try:
        parts = urlsplit(url)
        wrong = bool(url) and (
            parts.scheme not in ("postgresql", "postgres") or not parts.hostname or parts.port == 0
        )
        options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
        make_conninfo("", **options)
    except (ValueError, ProgrammingError):  # a port that is none, an option no client knows
        wrong = True
    if wrong:  # never the address itself: it may hold a password
        raise ImproperlyConfigured(
            f"{variable} must be postgresql://user:password@host:port/name?option=value"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "huitong",
        "USER": unquote(parts.username or "huitong"),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "127.0.0.1",
        "PORT": str(parts.port or 5432),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # `kernel.prepared` has its statements planned once a connection; Django's never are
        "OPTIONS": {
            **options,
            "prepare_threshold": 1,
            "options": f"{PLANNING} {options.get('options', '')}".strip(),
        },
    }
