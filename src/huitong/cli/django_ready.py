"""Set up Django for a command, with a database to talk to."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from huitong.cli.processes import CannotRun


class WrongSetting(CannotRun):
    """A variable of the environment says what cannot be read; the text names it."""


@contextmanager
def database() -> Iterator[None]:
    """A running database for the length of a command: the given one, the supervisor's, else the embedded one, started.

    Raises `CannotRun` when the given one cannot be reached.
    """
    if os.environ.get("DATABASE_URL"):
        from django.db import OperationalError

        try:
            yield
        except OperationalError as error:
            raise CannotRun(f"the database of DATABASE_URL: {str(error).strip()}") from error
        return
    from huitong.cli.place import Place
    from huitong.cli.postgres import DatabaseInUse, EmbeddedPostgres

    postgres = EmbeddedPostgres(Place.here().data)
    with suppress(DatabaseInUse):  # by the supervisor: its addresses are in the data folder
        postgres.start()
    try:
        yield
    finally:
        postgres.stop()


def ready(as_owner: bool = False) -> None:
    """Load settings and applications. ``as_owner``: connect as the owner of the tables (migrations only).

    Raises `WrongSetting`.
    """
    import django
    from django.core.exceptions import ImproperlyConfigured

    if as_owner:
        os.environ["HUITONG_AS_OWNER"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitong.settings")
    try:
        importlib.reload(importlib.import_module("huitong.settings"))  # the embedded database may have got its address meanwhile
    except ImproperlyConfigured as wrong:
        raise WrongSetting(str(wrong)) from None
    django.setup()
