"""Set up Django for a command, with a database to talk to."""

from __future__ import annotations

import gc
import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from huitong.cli.processes import CannotRun, WrongSetting

__all__ = ["WrongSetting", "database", "loading", "ready", "settings_hold"]


def settings_hold() -> None:
    """Read every setting before anything is started: what cannot be used is said once, not by
    each part in its log. Raises `WrongSetting`."""
    from django.core.exceptions import ImproperlyConfigured

    from huitong.connectors import values

    try:
        importlib.import_module("huitong.settings")
        for variable in ("HUITONG_WEB_WORKERS", "HUITONG_WEB_THREADS", "HUITONG_GATEWAY_THREADS"):
            values.whole(variable, 1, 1, 512)
    except (ImproperlyConfigured, ValueError) as wrong:
        raise WrongSetting(str(wrong)) from None


@contextmanager
def database(make: bool = False) -> Iterator[None]:
    """A running database for the length of a command: the given one, the supervisor's, else the
    embedded one, started, and made only if so asked: who wants to look at something must not find
    an empty one.

    Raises `CannotRun` when there is none, when the given one cannot be reached, or when it has no
    tables of ours yet.
    """
    from django.db import ProgrammingError

    settings_hold()
    try:
        with _running(make):
            yield
    except ProgrammingError as error:
        # undefined table, schema
        if getattr(error.__cause__, "sqlstate", "") not in ("42P01", "3F000"):
            raise
        raise CannotRun(
            "the database has no tables of this version yet: `huitong migrate` makes them"
        ) from None


@contextmanager
def _running(make: bool) -> Iterator[None]:
    if os.environ.get("DATABASE_URL"):
        from django.db import OperationalError

        try:
            yield
        except OperationalError as error:
            raise CannotRun(f"the database of DATABASE_URL: {str(error).strip()}") from error
        return
    from huitong.cli.place import Place
    from huitong.cli.postgres import DatabaseInUse, EmbeddedPostgres

    place = Place.configured()
    if not make and not (place.data / "postgresql").exists():
        raise CannotRun(
            f"there is no database in {place.data} yet: `huitong up` or `huitong demo` makes one;"
            " or set HUITONG_DATA to its folder"
        )
    postgres = EmbeddedPostgres(place.data)
    with suppress(DatabaseInUse):  # by the supervisor: its addresses are in the data folder
        postgres.start()
    try:
        yield
    finally:
        postgres.stop()


@contextmanager
def loading() -> Iterator[None]:
    """Load code without looking for garbage: nearly all of it stays, and going through it again
    and again is a third of a process's start, later a third of a second in a request."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()


def ready(as_owner: bool = False) -> None:
    """Load settings and applications. ``as_owner``: connect as the owner of the tables (migrations
    only).

    Raises `WrongSetting`.
    """
    import django
    from django.core.exceptions import ImproperlyConfigured

    if as_owner:
        os.environ["HUITONG_AS_OWNER"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitong.settings")
    with loading():
        try:
            # the embedded database may have got its address meanwhile
            importlib.reload(importlib.import_module("huitong.settings"))
        except ImproperlyConfigured as wrong:
            raise WrongSetting(str(wrong)) from None
        django.setup()
