"""The city of the demonstration as it looks after years of use: plausible, whole, lawful, the same
at every start."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from huitong.access import queries as access
from huitong.access.models import Application, DeliveryFact, Grant
from huitong.access.queries import live_grants, stamped, unused_grants
from huitong.catalog import queries as catalog
from huitong.catalog.models import CodeSequence, Entry, Item, Version
from huitong.catalog.rules import Severity, check
from huitong.cli.demo import city
from huitong.cli.demo.actions import plant_past
from huitong.cli.demo.living.resources import departments, resources, rows
from huitong.cli.new_city import INSTALLER, load_registers, open_account
from huitong.cli.processes import CannotRun
from huitong.demands import queries as demands
from huitong.demands.models import Demand
from huitong.kernel import ledger
from huitong.kernel.actor import Post
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.doing import PROCEDURES
from huitong.kernel.workdays import load_calendar
from huitong.organizations import queries as organizations
from huitong.organizations.models import Person
from huitong.publishing import queries as publishing
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
def test_a_real_city_gets_no_invented_past() -> None:
    load_registers()
    open_account("zhang.hua", "张华", Post.SYSTEM_ADMIN, organizations.bureau().pk)
    with pytest.raises(CannotRun, match="no demonstration"):
        plant_past(INSTALLER)
    assert Person.objects.count() == 1 and not Case.objects.exists() and not Entry.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db
def test_the_city_is_whole_and_lawful(tmp_path: Path) -> None:
    city.plant(tmp_path)
    written = plant_past(INSTALLER)
    assert written["entries"] >= 290 and written["cases"] >= 2_000 and written["deliveries"] > 9_000
    _check_catalog()
    _check_cases()
    _check_moments()
    _check_sharing()
    _check_demands()
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


def _check_moments() -> None:
    """One act of a case after another, at work; nothing asked for before it was there, used
    before it was granted or after it was taken back."""
    acts: dict[int, list[datetime]] = {}
    calendar = load_calendar()
    for entry in ledger.Entry.objects.exclude(case=None).order_by("seq"):
        acts.setdefault(entry.case, []).append(entry.at)
        local = timezone.localtime(entry.at)
        assert "expire" in entry.verb or (
            calendar.is_working(local.date()) and time(8) < local.time() < time(18)
        ), (entry.verb, local)
    assert all(len(set(moments)) == len(moments) for moments in acts.values())
    granted = {}
    for a in Application.objects.select_related("mount__entry", "form", "case"):
        first = a.mount.entry.versions.order_by("pk")[0]
        assert first.published_at < a.mount.mounted_at < a.form.opened_at == a.case.opened_at
        assert "scan" not in a.case.facts or a.case.is_open
        granted[a.pk] = a.case.closed_at
    for grant in Grant.objects.select_related("case"):
        assert grant.case.opened_at == granted[grant.application_id]
        assert grant.valid_from <= grant.valid_to
        assert grant.ended_at is None or grant.case.opened_at < grant.ended_at < timezone.now()
    uses = DeliveryFact.objects.select_related("grant__case")
    for fact in uses.order_by("pk")[::7]:
        assert fact.grant.case.opened_at < fact.at < (fact.grant.ended_at or timezone.now())


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
    manager = Person.objects.get(username="dsj_manager")
    bureau = organizations.actor_for(manager)
    assert 3 < unused_grants(bureau, "over").count() < 40


def _check_demands() -> None:
    """Demands at every point of their way; what is promised runs within its month."""
    states = Counter(Demand.objects.values_list("case__state", flat=True))
    assert set(states) == {"promised", "deferred", "with_body", "to_assign", "unmet"}
    for demand in Demand.objects.select_related("case", "scan"):
        assert demands.print_fault(demand) is None and demand.scan_id == demand.case.facts["scan"]
        words = [answer.at for answer in demand.answers.order_by("pk")]
        assert words == sorted(words) and all(demand.submitted_at < at for at in words)
    running = Clock.objects.filter(case__kind="demand", stopped_on=None)
    assert set(running.values_list("name", flat=True)) == {
        "publish",
        "deferred",
        "obstacle",
        "assign",
    }
    promised = running.filter(case__state="promised")
    assert {clock.started_on < clock.due_on for clock in promised} == {True}


def _check_pages() -> None:
    """Pages of the three who use them most open, and show what there is: of whatever is visible to
    see, the first and the last few."""
    names = Person.objects.values_list("name", flat=True)
    assert len(set(names)) == len(names)
    for name in ("dsj_operator", "gjj_manager", "cc_operator"):
        client = Client()
        client.force_login(person := Person.objects.get(username=name))
        actor = organizations.actor_for(person)
        lists = ("/demands/?tab=all", "/demands/responsibilities/", "/demands/duties/")
        for page in ("/", "/todo/", "/catalog/", "/limits/", "/applications/", *lists):
            answer = client.get(page)
            assert answer.status_code == 200, (name, page, answer.status_code)
        visible = {
            "catalog:entry": catalog.visible_to(actor).exclude(current=None),
            "catalog:versions": catalog.visible_to(actor).exclude(current=None),
            "publishing:mount": publishing.visible_to(actor),
            "access:form": access.forms_visible_to(actor),
            "catalog:system": catalog.systems_visible_to(actor),
            "access:grant": access.grants_visible_to(actor),
            "work:case": Case.objects.visible_to(actor),
            "work:print": Case.objects.visible_to(actor),
        }
        for page, rows_of in visible.items():
            keys = list(rows_of.order_by("pk").values_list("pk", flat=True).distinct())
            assert keys, (name, page)
            for key in {*keys[:3], *keys[-3:], *keys[:: len(keys) // 3 + 1]}:
                answer = client.get(reverse(page, args=[key]))
                assert answer.status_code == 200, (name, page, key, answer.status_code)
