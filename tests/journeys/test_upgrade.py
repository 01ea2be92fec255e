"""A city that ran before is brought up to date: nothing is lost, its ledger verifies, its running
cases go on where they stood, and what was still to be done is done (A17, A28, A34, A36)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import Live, copied_database
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.journeys import city
from tests.journeys.doors import Api
from tests.sharing import HANDLING

from huitong.access import queries as access
from huitong.access.models import Credential, Form, Grant
from huitong.audit.actions import inspect
from huitong.cli.demo.stamping import QUICK, stamped
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.workdays import day_of
from huitong.organizations.models import Body, Duty
from huitong.work import actions as work
from huitong.work.jobs import watch_clocks
from huitong.work.models import Notice, Warned

ROOT = Path(__file__).parents[2]
OLD, PRESENT = "city-before-0.1.sql.xz", "city-0.1.sql.xz"
BOTH = pytest.mark.parametrize("old", [OLD, PRESENT], indirect=True)
#: of entries and versions; what was not asked yet is not among what has moved
VERSIONS = {
    "catalog_entry": {
        "version": "the number of its version, which a draft has not",
        "words": "folded and cleaned since",
    },
    "catalog_entryversion": {"id": "a version has its entry's number"},
}
#: what an upgrade may change or take away: table, column, why; `*` is the table, `-` its rows
GROWTH: dict[str, dict[str, str]] = {
    "kernel_case": {
        "closed_at": "a grant in force is not over",
        "due_on": "what waits to be published has a limit of the city's own",
        "subject_type": "nobody read it",
        "subject_id": "nobody read it",
        "facts": "a stamp is bound to the system by its number",
    },
    "access_applicationsystem": {"id": "it has its number in the one register of systems"},
    **{
        f"access_{name}": {"system_id": "systems stand in one register"}
        for name in ("form", "grant", "credential")
    },
    "publishing_mount": {
        "entry_version": "nobody read it",
        "proposed": "a file that waits says the version it was made for",
    },
    "kernel_decisionground": {"until": "a grant nobody uses goes back by steps of its own"},
    "kernel_limit": {
        "article": "the decree is cited by its own mark",
        "name": "several limits of the decree stand under it",
        "confidence": "no number of the decree has been read in its text",
    },
}
CHANGED: dict[str, dict[str, dict[str, str]]] = {
    PRESENT: GROWTH | VERSIONS,
    OLD: {
        **GROWTH,
        **VERSIONS,
        "gateway_call": {"matter": "kept with what else a call says for itself"},
        "kernel_case": {**GROWTH["kernel_case"], "facts": "and grants say who gave them"},
    },
}
#: what an entry says stands in its version now, which has the same number
TEXT = [
    "case_id",
    "name",
    "system_id",
    "summary",
    "origin",
    "category",
    "themes",
    "industry",
    "format",
    "format_detail",
    "standard",
    "dictionary",
    "share_class",
    "shapes",
    "named_bodies",
    "condition",
    "personal_reason",
    "share_modes",
    "usage",
    "control_parameters",
    "open_class",
    "open_mode",
    "open_condition",
    "update_cycle",
    "data_cycle",
    "publish_on",
    "contact_office",
    "contact_name",
    "contact_phone",
    "remark",
    "round",
    "received_at",
    "created_at",
    "updated_at",
    "words",
    "published_at",
]
PARTS = {
    "item": (
        "id position name column type length nullable is_key level share_class mask dictionary"
        " remark column_type suggestion"
    ),
    "legalground": "id kind document article quotation filed_at",
    "fieldremark": "id round field text by by_seat at",
}
MOVED: dict[str, dict[str, dict[str, str]]] = {
    "access_applicationsystem": {
        "catalog_informationsystem": {
            name: name
            for name in ["body_id", "name", "protection_level", "protection_filing", "created_at"]
        }
    },
    "catalog_entry": {
        "catalog_entry": {
            name: name
            for name in [
                "id",
                "body_id",
                "database_id",
                "source_schema",
                "source_table",
                "code",
                "created_at",
            ]
        },
        "catalog_version": {"id": "entry_id"} | {name: name for name in TEXT},
    },
    "catalog_entryversion": {
        "catalog_version": {
            name: name
            for name in ["entry_id", "number", "content", "sha256", "published_at", "published_by"]
        }
    },
    **{
        f"catalog_{part}": {
            f"catalog_{part}": {"entry_id": "version_id"} | {name: name for name in columns.split()}
        }
        for part, columns in PARTS.items()
    },
}
#: kind and state → the limit that had none before: it runs from the upgrade
GAINED = {
    ("entry", "to_publish"): "to_publish",
    ("grant", "suspended"): "suspension",
    ("grant", "held"): "suspension",
}
CLEARED = {"cleared": ["state", "work"]}
CHECKED = {"checked": ["stamp", "legible", "duty", "content"], "opinion": "材料齐全"}


@dataclass
class Old:
    """A city as the platform left it, and its database brought up to date."""

    dump: str
    before: city.Rows
    database: Live


@pytest.fixture(scope="module")
def upgraded(
    embedded_postgres: Any,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Old]]:
    """Brings a city up to date, once for all tests, which copy it."""
    by_dump: dict[str, Old] = {}

    def once(dump: str) -> Old:
        if dump not in by_dump:
            database = stack.enter_context(copied_database(embedded_postgres))
            with override_settings():
                city.take_keys(django_settings, tmp_path_factory.mktemp("keys"))
                city.load(database.owner_url, dump)
                before = city.rows_of(database.owner_url)
                city.upgrade()
            by_dump[dump] = Old(dump, before, database)
        return by_dump[dump]

    with django_db_blocker.unblock(), ExitStack() as stack:
        yield once


@pytest.fixture
def old(
    request: pytest.FixtureRequest,
    upgraded: Callable[[str], Old],
    embedded_postgres: Any,
    django_db_blocker: Any,
    settings: Any,
    tmp_path: Path,
) -> Iterator[Old]:
    """A city brought up to date, this test's own: that of 0.1, unless the test asks for another."""
    city.take_keys(settings, tmp_path)
    with django_db_blocker.unblock():
        original = upgraded(getattr(request, "param", PRESENT))
        with copied_database(embedded_postgres, original.database.name) as copy:
            yield Old(original.dump, original.before, copy)


@BOTH
def test_an_upgrade_loses_nothing(old: Old) -> None:
    after = city.rows_of(old.database.owner_url)
    assert city.losses(old.before, after, CHANGED[old.dump], MOVED) == [], (
        "an upgrade loses nothing: move the data, or name here what may change, and why"
    )


@BOTH
def test_the_ledger_verifies_across_it(old: Old) -> None:
    """All that was sealed before, by the key it was sealed with; the older city's key is lost."""
    inspection = inspect()
    assert inspection.size == len(old.before["audit_leaf"]) > 300
    assert {f["kind"] for f in inspection.faults} == ({"signature"} if old.dump == OLD else set())


@BOTH
def test_grants_go_on(old: Old) -> None:
    live = {grant.grant for grant in access.live_grants()}
    assert city.live_before(old.before) <= live
    of_grants = Case.objects.filter(kind="grant")
    assert {case.facts["authority"] for case in of_grants} <= {"platform", "provider"}


@BOTH
def test_whatever_named_a_system_names_the_same_in_the_one_register(old: Old) -> None:
    systems = {row["id"]: row for row in old.before["access_applicationsystem"]}
    assert systems
    for model, table in ((Form, "form"), (Grant, "grant"), (Credential, "credential")):
        names = dict(model.objects.values_list("pk", "system__name"))
        bodies = dict(model.objects.values_list("pk", "system__body"))
        rows = old.before[f"access_{table}"]
        assert rows
        for row in rows:
            system = systems[row["system_id"]]
            assert (names[row["id"]], bodies[row["id"]]) == (system["name"], system["body_id"])


@BOTH
def test_bodies_are_numbered_and_nothing_vouches_for_duties_without_a_source(old: Old) -> None:
    assert not Body.objects.exclude(number__gt=0).exists()
    assert not Duty.objects.filter(source="").exclude(confirmed_at=None).exists()


def test_running_cases_stand_where_they_stood(old: Old) -> None:
    """The same desk, the same person in hand, the same last day; clocks run on as they ran."""
    cases = {row["id"]: row for row in old.before["kernel_case"] if row["closed_at"] is None}
    assert len({(row["kind"], row["state"]) for row in cases.values()}) >= 11
    same = ("state", "awaiting", "holder", "due_on", "paused", "hands", "facts", "parties")
    in_force = Case.objects.filter(kind="grant", state="active")
    assert in_force.exists() and not in_force.exclude(closed_at=None).exists()
    for case in Case.objects.filter(closed_at=None).exclude(pk__in=in_force):
        row = cases.pop(case.pk)
        if (case.kind, case.state) in GAINED:
            assert row["due_on"] is None
            row |= {"due_on": case.clocks.get(stopped_on=None, name__in=GAINED.values()).due_on}
        for stamp in (case.facts.get("stamped"), row["facts"].get("stamped")):
            (stamp or {}).pop("terms", None)  # whether it holds: the case goes on, below
        assert [getattr(case, name) for name in same] == [row[name] for name in same]
    assert not cases
    clocks = {row["id"]: row for row in old.before["kernel_clock"] if row["stopped_on"] is None}
    assert len({row["due_on"] for row in clocks.values()}) >= 4, "one of them ran out"
    same = ("started_on", "half_on", "warn_on", "due_on", "amount", "unit", "body")
    for clock in Clock.objects.filter(stopped_on=None).exclude(name__in=GAINED.values()):
        row = clocks.pop(clock.pk)
        assert [getattr(clock, name) for name in same] == [row[name] for name in same]
    assert not clocks


def test_nobody_is_warned_again_of_what_they_were_warned_of(old: Old) -> None:
    def levels() -> set[tuple[int, int, str]]:
        return set(Warned.objects.values_list("pk", "clock", "level"))

    before = levels()
    assert len(before) == len(old.before["work_warned"]) > 5
    watch_clocks(0)
    assert before <= levels()
    assert len({(clock, level) for _, clock, level in levels()}) == len(levels())


def test_what_people_were_told_ends_with_its_case(old: Old) -> None:
    """A to-do that was done long ago, told before notices ended with their case."""
    earlier = Notice.objects.filter(pk__in=[row["id"] for row in old.before["work_notice"]])
    duties = earlier.filter(kind__in=["arrived", "urged", "warning", "overdue"])
    assert duties.exists()
    for notice in duties.exclude(case=None).select_related("case"):
        moved_on = notice.at < notice.case.entered_at or not notice.case.awaiting
        assert moved_on == (notice.settled_at is not None), notice.title
        assert notice.settled_at is None or "已由" in notice.outcome, notice.title
    assert all(n.on == day_of(n.at) and n.rings_at == n.at and n.topic for n in earlier)


def test_what_still_waited_for_a_worker_is_done(old: Old) -> None:
    waiting = [job["id"] for job in old.before["procrastinate_jobs"] if job["status"] == "todo"]
    assert len(waiting) >= 8, "the platform was stopped with work to do"
    notices = Notice.objects.count()
    words = ["-m", "django", "procrastinate", "worker", "--one-shot", "--queues", "reactions"]
    paths = os.pathsep.join(str(ROOT / part) for part in ("src", ""))
    environment = old.database.environment | {"PYTHONPATH": paths}
    worker = subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, check=False
    )
    assert worker.returncode == 0, worker.stderr
    done = ProcrastinateJob.objects.filter(pk__in=waiting)
    assert set(done.values_list("status", flat=True)) == {"succeeded"}
    assert Notice.objects.count() > notices, "the next desk hears what it was not told before"


# -- each running case is taken on by the one it waits for ----------------------------------------

#: kind and state → verb and what is given
NEXT: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {
    ("entry", "draft"): ("entry.edit", {"summary": "全市登记机关的名称和办公时间，2015 年至今。"}),
    ("entry", "in_department"): ("entry.pass_department", CLEARED),
    ("entry", "with_bureau"): ("entry.pass_bureau", {"reasons": "规范"}),
    ("entry", "returned"): ("entry.submit", CLEARED),
    ("entry", "to_publish"): ("entry.publish", {}),
    ("application", "sealed"): ("application.submit", {}),
    ("application", "submitted"): ("application.accept", CHECKED),
    ("application", "with_platform"): ("application.grant", {"opinion": "同意"}),
    ("application", "with_provider"): ("application.grant", {"opinion": "同意"}),
    ("grant", "suspended"): ("grant.resume", {"reasons": "已查明，可以恢复"}),
    ("grant", "held"): ("grant.resume", {"reasons": "已查明，可以恢复"}),
}


def test_every_running_case_goes_on(old: Old) -> None:
    door = Api(city.People())  # type: ignore[arg-type]
    waiting = Case.objects.filter(closed_at=None).exclude(awaiting=[])
    for case in waiting.exclude(kind="application", state="draft").order_by("pk"):
        verb, given = NEXT[case.kind, case.state]
        [who] = city.at_desk(case.awaiting[0])
        assert door.do(who, verb, case.pk, **given) == 200, (case, door.text)
        now = Case.objects.get(pk=case.pk)
        assert now.state != case.state or verb == "entry.edit"


def test_forms_being_filled_in_are_printed_stamped_and_submitted(
    old: Old, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    door = Api(city.People())  # type: ignore[arg-type]
    forms = Form.objects.filter(applications__case__state="draft").distinct()
    assert len(forms) >= 3
    assert any(access.lacks_of(form) for form in forms), "personal data asked for before"
    for form in forms:
        [clerk], [chief] = (
            city.at_desk(f"{form.consumer_id}:{post}") for post in ("operator", "manager")
        )
        if lacks := access.lacks_of(form):  # what was not asked when it was begun
            assert door.do(clerk, "access.print_form", form=form.pk) == 409
            assert all(lack.words in door.text for lack in lacks) and "修改申请内容" in door.text
            assert door.do(clerk, "access.revise", form=form.pk, **HANDLING) == 200, door.text
        assert door.do(clerk, "access.print_form", form=form.pk) == 200, door.text
        form.refresh_from_db()
        scan = stamped(access.printed_matter(form), dots=QUICK, kind="jpeg")
        upload = SimpleUploadedFile("盖章件.jpeg", scan)
        attachment = work.attach(getattr(city.People(), clerk), upload=upload)
        sealing = {"form": form.pk, "scan": attachment.pk, "archive_number": f"DA-{form.pk}"}
        assert door.do(clerk, "access.seal_form", **sealing) == 200, door.text
        assert door.do(chief, "access.submit_form", form=form.pk) == 200, door.text
        cases = Case.objects.filter(kind="application", facts__form=form.pk)
        assert {case.state for case in cases} == {"submitted"}
        assert all(case.due_on for case in cases), "the clock of acceptance runs"
