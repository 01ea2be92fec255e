"""In a city after years of use every list of work asks the database less than twelve times, whoever
reads it and however it is narrowed, ordered or paged; `make bench-work` measures the time (A17)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.work import MOST_QUERIES, ROLES, BusyCity, readers
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huitong.cli.demo.city import plant

#: what is no list: the home page and the frame of every page
NO_LISTS = {"home", "frame"}


def test_lists_of_work_ask_less_than_twelve_times(live_db: Any, tmp_path: Path) -> None:
    plant(tmp_path)
    BusyCity(live_db.superuser_url, 200, 1200).plant()
    many, longer = {}, set()
    for role, (session, pages) in zip(ROLES, readers(live_db.superuser_url), strict=True):
        client = Client()
        client.cookies["sessionid"] = session
        for page, [address] in pages.items():
            with CaptureQueriesContext(connection) as statements:
                answer = client.get(address)
            assert answer.status_code == 200, (role, page)
            if page not in NO_LISTS and len(statements) >= MOST_QUERIES:
                many[role, page] = [statement["sql"][:80] for statement in statements]
        longer |= {page for page in pages if page.endswith(" next")}
    assert longer == {"todo next", "applications next", "grants next", "limits next"}
    assert not many, many
