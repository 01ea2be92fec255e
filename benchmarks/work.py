"""Claim: with 100,000 applications in the system the to-do list and every list of work stay under
12 queries and 100 ms, 95 times of 100.

A city after years of use (`_city`): 20,000 entries, 100,000 applications and 80,000 grants, a third
of those in force and watched, every second of these never used, of which a third for longer than
the limit; a durable embedded PostgreSQL and the real web server, while somebody commits a change of
a case once a second. Every list is asked for by operators and managers, of the bureau, to whom all
of it is open, and of the department that has most of it: as it opens, by each of its tabs,
narrowed, in another order, by words, and far behind its first page. For each: one reader, one page
after the other, the time in the server and the statements; the headline is the slowest page there
is. Beside that, what readers wait for who turn to another of these pages every `PAUSE` seconds,
network and waiting for a turn in it.

The limit beside them is the frame of a page with nothing in it, for the same reader.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import statistics
import tempfile
from html import unescape
from pathlib import Path
from typing import Any

import psycopg

from benchmarks._catalog import PEOPLE
from benchmarks._city import City
from benchmarks._readers import PAUSE, answers, reading
from benchmarks._report import finish, table
from benchmarks.pages import Site, changing, p95
from huitong.cli.postgres import EmbeddedPostgres

#: a list and how it is asked for; those of a tab are asked only of whom it is shown
LISTS = {
    "todo": ["", "kind=application", "due=overdue", "sort=-title", "q=婚姻登记", "page=100"],
    "todo tabs": [f"tab={tab}" for tab in ("elsewhere", "done", "mine", "cc", "followed")],
    "applications": [
        "",
        "tab=mine",
        "tab=asked",
        "state=with_provider",
        "state=granted",
        "sort=name",
        "sort=-due",
        "page=100",
    ],
    "grants": ["", "tab=held", "tab=given", "show=soon", "sort=name", "sort=until", "page=100"],
    "unused": ["", "show=over", "show=excepted", "sort=name"],
    "limits": ["", "due=overdue", "due=near", "sort=label", "page=100"],
    "notices": ["", "tab=all"],
    "home": [""],
    "frame": [""],
}
ADDRESSES = {
    "todo": "work:todo",
    "todo tabs": "work:todo",
    "applications": "access:applications",
    "grants": "access:grants",
    "unused": "access:unused",
    "limits": "work:limits",
    "notices": "work:notices",
    "home": "portal:home",
    "frame": "portal:accessibility",
}
#: the keys of the managers come after it
MANAGERS = PEOPLE + 10_000
ROLES = ("bureau operator", "bureau manager", "department operator", "department manager")
MOST_QUERIES, MOST_MS = 12, 100.0
#: what a frame takes on the machine of `make bench-pages` at its usual speed
FRAME_MS = 4.5
#: of fewer answers a single late one is the 95th of 100
LEAST = 40


class BusyCity(City):
    """The city with managers, the watches over what nobody uses, and deliveries."""

    def people(self) -> None:
        super().people()
        self.insert(
            "organizations_person",
            "place",
            id=f"{MANAGERS} + n",
            username="'manager' || n",
            name="'负责人' || n",
            password="(SELECT password FROM organizations_person LIMIT 1)",
            is_active="true",
        )
        self.insert(
            "organizations_posting",
            "place",
            id=f"{MANAGERS} + n",
            person_id=f"{MANAGERS} + n",
            body_id="id",
            post="'manager'",
            valid_from="date '2021-01-01'",
        )

    def records(self) -> None:
        super().records()
        running = "access_grant AS g JOIN kernel_case c ON c.id = g.case_id AND c.state = 'active'"
        self.insert(
            "access_deliveryfact",
            f"{running} CROSS JOIN generate_series(1, 3) AS n WHERE g.id % 2 = 0",
            grant_id="g.id",
            plane="'gateway'",
            reference="'b' || g.id || '-' || n",
            at="now() - n * interval '9 days'",
            rows="20",
            bytes="2000",
            status="'delivered'",
        )
        self.insert(
            "kernel_watch",
            running,
            kind="'grant_unused'",
            subject="'access.grant:' || g.id",
            title="c.title",
            article="'A26'",
            party="'provider'",
            post="'manager'",
            body="(c.parties->>'provider')::bigint",
            amount="3",
            unit="'month'",
            # who uses a grant starts its limit again
            **{
                name: "current_date - CASE WHEN g.id % 2 = 0 THEN 9 ELSE 120 - (g.id % 90)::int END"
                f" + {days}"
                for name, days in (
                    ("started_on", 0),
                    ("half_on", 45),
                    ("warn_on", 85),
                    ("due_on", 90),
                )
            },
        )


class WorkSite(Site):
    """The installation, and one reader of each of `ROLES`."""

    def plant(self, entries: int, cases: int) -> dict[str, Any]:
        BusyCity(self.url, entries, cases).plant()
        with psycopg.connect(self.url) as db:
            kinds = db.execute("SELECT kind, count(*) FROM kernel_case GROUP BY 1").fetchall()
        return dict(kinds)

    def sign_in(self) -> list[tuple[str, dict[str, list[str]]]]:
        os.environ.update(self.environment)
        from huitong.cli.django_ready import ready

        ready()
        return readers(self.url)


def readers(url: str) -> list[tuple[str, dict[str, list[str]]]]:
    """The session of a reader of each of `ROLES`, and the addresses of their pages. Django is
    ready, and points to the planted database."""
    from django.test import Client
    from django.utils.http import urlencode

    from huitong.kernel.addresses import reverse
    from huitong.organizations.models import Person

    with psycopg.connect(url) as db:
        [most] = db.execute(
            "SELECT b.id FROM kernel_case c JOIN organizations_body b"
            " ON b.id = (c.parties->>'provider')::bigint AND NOT b.is_bureau"
            " WHERE c.kind = 'application' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
        ).fetchone() or [0]
        people = db.execute(
            "SELECT DISTINCT ON (is_bureau, post) person_id FROM organizations_posting p"
            " JOIN organizations_body b ON b.id = p.body_id WHERE person_id >= %s"
            " AND (is_bureau OR b.id = %s) ORDER BY is_bureau DESC, post DESC, person_id",
            [PEOPLE, most],
        ).fetchall()
    pages = {
        f"{name} {how}".strip(): [
            reverse(ADDRESSES[name]) + ("?" + urlencode(dict([how.split("=")])) if how else "")
        ]
        for name, ways in LISTS.items()
        for how in ways
    }
    sessions = []
    for (person,) in people:
        client = Client()
        client.force_login(Person.objects.get(pk=person))
        # a page behind the end of a short list leads to its first
        own = {
            name: [address]
            for name, [address] in pages.items()
            if "page=" not in name or client.get(address, HTTP_HOST="127.0.0.1").status_code == 200
        }
        for name in ("todo", "applications", "grants", "limits"):
            if later := next_page(client, *pages[name]):
                own[f"{name} next"] = [later]
        sessions.append((client.cookies["sessionid"].value, own))
    assert len(sessions) == len(ROLES)
    return sessions


def next_page(client: Any, address: str) -> str:
    """Where a list goes on, if it does."""
    text = client.get(address, HTTP_HOST="127.0.0.1").content.decode()
    link = re.search(r'href="(\?[^"]*\bafter=[^"]*)"', text)
    return address + unescape(link[1]) if link else ""


def beside_frame(port: int, session: str, page: str, frame: str, seconds: float) -> dict[str, Any]:
    """One page and the frame of a page, asked for in turn by one reader."""
    reader = [(session, [page, frame])]
    # templates, and connections of every thread: the first of a process asks what types there are
    asyncio.run(answers(port, reader, 24, 0))
    answered = asyncio.run(answers(port, reader, 2 * LEAST, seconds))
    pages, frames = answered[::2], [ms for ms, _, _ in answered[1::2]]
    times, frame_ms = [ms for ms, _, _ in pages], statistics.median(frames)
    return {
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": p95(times),
        "frame_ms": frame_ms,
        "p95_frames": round(p95(times) / frame_ms, 1),
        "queries": max(count for _, count, _ in pages),
        "bytes": round(statistics.median([size for _, _, size in pages])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--applications", type=int, default=100_000)
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=2.0, help="each page of each reader")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="huitong-work-"))
    folder.chmod(0o711)
    figures: dict[str, dict[str, dict[str, Any]]] = {}
    try:
        with EmbeddedPostgres(folder) as postgres:
            site = WorkSite(folder, postgres, options.entries, 2 * options.applications)
            with site.served() as (port, _), changing(postgres):
                for role, (session, pages) in zip(ROLES, site.readers, strict=True):
                    figures[role] = {}
                    [frame] = pages["frame"]
                    for name, [path] in pages.items():
                        row = beside_frame(port, session, path, frame, options.seconds)
                        figures[role][name] = row
                        print(role, name, json.dumps(row), flush=True)
                several = [reader for reader in site.readers for _ in range(50)]
                waits = asyncio.run(reading(port, several, 10 * options.seconds))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for role, by_page in figures.items():
        table(
            role,
            ["page", "queries", "median ms", "p95 ms", "p95 in frames", "bytes"],
            [
                [page, r["queries"], r["median_ms"], r["p95_ms"], r["p95_frames"], r["bytes"]]
                for page, r in by_page.items()
            ],
        )
    every = {
        (role, page): row
        for role, by_page in figures.items()
        for page, row in by_page.items()
        if page not in ("home", "frame")  # beside the lists, not of them
    }
    slowest = max(every, key=lambda key: every[key]["p95_frames"])
    asking = max(every, key=lambda key: every[key]["queries"])
    waited = [ms for times in waits.values() for ms in times]
    print(json.dumps(site.planted))
    finish(
        "work",
        {
            "p95_frames": every[slowest]["p95_frames"],
            "most_frames": round(MOST_MS / FRAME_MS, 1),
            "slowest": " ".join(slowest),
            "p95_ms": max(row["p95_ms"] for row in every.values()),
            "queries": every[asking]["queries"],
            "most_asking": " ".join(asking),
            "over": sorted(
                " ".join(key)
                for key, row in every.items()
                if row["queries"] >= MOST_QUERIES or row["p95_frames"] * FRAME_MS > MOST_MS
            ),
            "over_here": sum(row["p95_ms"] > MOST_MS for row in every.values()),
            "frame_ms": round(statistics.median(row["frame_ms"] for row in every.values()), 1),
            "median_ms": round(statistics.median(row["median_ms"] for row in every.values()), 1),
            "waited_p95_ms": p95(waited),
            "waited_every_s": PAUSE,
            "planted": site.planted,
        },
    )


if __name__ == "__main__":
    main()
