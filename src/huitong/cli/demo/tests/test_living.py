"""The city of the demonstration as it looks after years of use: plausible, whole, lawful, the same
at every start."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from huitong.access.models import Application, DeliveryFact, Grant
from huitong.access.queries import live_grants, stamped
from huitong.catalog import queries as catalog
from huitong.catalog.models import CodeSequence, Entry, Item, Version
from huitong.catalog.rules import Severity, check
from huitong.cli.demo import city
from huitong.cli.demo.actions import plant_past
from huitong.cli.demo.living.resources import departments, resources, rows
from huitong.cli.new_city import INSTALLER
from huitong.kernel import ledger
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.doing import PROCEDURES
from huitong.organizations.models import Person
from huitong.publishing.models import Mount
from huitong.work.models import Notice


def test_three_hundred_resources_of_forty_departments() -> None:
    assert len(resources()) >= 290
    assert len({r.department for r in resources()}) >= 40
    assert sum(len(r.items) for r in resources()) >= 5_000
    assert len({r.name for r in resources()}) == len(resources())
    assert {r["body"] for r in rows("resources")} == set(departments())
    for resource in resources():
        columns = [item.column for item in resource.items]
        assert len(set(columns)) == len(columns), resource.name


@pytest.mark.django_db
def test_the_city_is_whole_and_lawful(tmp_path: Path) -> None:
    city.plant(tmp_path)
    written = plant_past(INSTALLER)
    assert written["entries"] >= 290 and written["cases"] >= 2_000 and written["deliveries"] > 9_000
    _check_catalog()
    _check_cases()
    _check_sharing()
    _check_pages()


def _check_catalog() -> None:
    """Entries no check refuses, in all states; published ones frozen with code and content."""
    states = Counter(Case.objects.filter(kind="entry").values_list("state", flat=True))
    assert set(states) == {
        "draft",
        "in_department",
        "returned",
        "with_bureau",
        "to_publish",
        "published",
    }
    assert states["published"] > 250 and Version.objects.filter(number=2).count() > 30
    assert Item.objects.count() > 5_000
    published = Entry.objects.exclude(current=None).select_related("current", "body")
    wrong = {}
    for n, entry in enumerate(published):
        version = entry.published
        facts = catalog.facts_of(version)
        if n % 20 == 0:
            assert version.content == ledger.plain(
                catalog.public_of(facts) | {"code": entry.code, "version": version.number}
            )
        for finding in check(facts):
            if finding.severity is Severity.ERROR:
                wrong.setdefault(finding.rule, []).append((entry.name, finding.sentence))
    assert not wrong, {rule: rows[:3] for rule, rows in wrong.items()}
    codes = Counter(code.partition("/")[0] for code in published.values_list("code", flat=True))
    for counter in CodeSequence.objects.all():
        assert counter.last >= codes[counter.prefix.rstrip("/")]


def _check_cases() -> None:
    """Moments in order, desks and clocks as the tables of the procedures say."""
    moments = list(
        ledger.Entry.objects.exclude(case=None).order_by("seq").values_list("at", flat=True)
    )
    assert moments == sorted(moments)
    for case in Case.objects.all():
        procedure = PROCEDURES[case.kind][case.law]
        state = procedure.state(case.state)
        assert (case.closed_at is not None) == state.closes, case
        assert case.opened_at <= case.entered_at <= timezone.now()
        desks = [desk for seat in procedure.duties(case.state) for desk in case.desks_of(seat)]
        assert case.awaiting == desks
    notified = set(Notice.objects.filter(kind="arrived").values_list("case", flat=True))
    assert notified == set(Case.objects.exclude(awaiting=[]).values_list("pk", flat=True))
    late = Clock.objects.filter(stopped_on=None, due_on__lt=timezone.now().date())
    assert late.count() >= 3, "nothing is overdue in this city"
    assert Clock.objects.filter(stopped_on=None).count() > late.count()


def _check_sharing() -> None:
    """Grants with a year of deliveries; what is open says what its stamped paper says; nothing
    lives whose database is not there."""
    assert Grant.objects.count() > 400
    year = timezone.now() - timedelta(days=370)
    assert not DeliveryFact.objects.filter(at__lt=year).exists()
    assert DeliveryFact.objects.filter(at__lt=year + timedelta(days=60)).exists()
    submitted = Application.objects.filter(case__state__in=["submitted", "with_provider"])
    assert submitted.count() > 10
    for application in submitted[:5]:
        assert stamped(application.case) == application
    assert {grant.mode for grant in live_grants()} == {"file"}


def _check_pages() -> None:
    """Pages of the three who use them most open, and show what there is."""
    for name in ("dsj_operator", "gjj_manager", "cc_operator"):
        client = Client()
        client.force_login(Person.objects.get(username=name))
        for page in ("/", "/todo/", "/catalog/", "/limits/", "/applications/"):
            answer = client.get(page)
            assert answer.status_code == 200, (name, page, answer.status_code)
        for entry in Entry.objects.exclude(current=None).order_by("pk")[:3]:
            assert client.get(reverse("catalog:entry", args=[entry.pk])).status_code == 200
        for mount in Mount.objects.order_by("pk")[:2]:
            assert client.get(reverse("publishing:mount", args=[mount.pk])).status_code in (
                200,
                404,
            )
        visible = Case.objects.filter(kind="grant").order_by("-pk")[:40]
        codes = {
            client.get(reverse("work:case", args=[case.pk])).status_code for case in visible[:12]
        }
        assert codes <= {200, 404}
