"""Bodies are merged and renamed: what they registered, were granted and asked for goes on, and
the past keeps its names (A2)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from django.core.cache import cache
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pypdf import PdfReader
from tests.cast import Cast
from tests.sharing import Sharing

from huitong import reactions
from huitong.access import actions as access
from huitong.access import queries as uses
from huitong.access.models import Grant
from huitong.catalog import actions as catalog_actions
from huitong.catalog import queries as catalog
from huitong.catalog.models import Database, InformationSystem
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import NotVisible
from huitong.kernel.workdays import today
from huitong.organizations import actions, queries
from huitong.organizations.rules import SuccessionKind
from huitong.planes.tables import jobs
from huitong.planes.tables.actions import run_now
from huitong.planes.tables.models import Run
from huitong.planes.tables.reconcile import reconcile
from huitong.planes.tables.rules import RunState
from huitong.publishing import queries as publishing

pytestmark = pytest.mark.django_db
DOCUMENT = "通编〔2026〕17号"


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path, sharing: Sharing) -> None:
    """Keys of this test's own, and Housing's database as new."""
    settings.OAUTH_KEYS = tmp_path / "oauth"
    cache.clear()
    with psycopg.connect(sharing.target_url, autocommit=True) as target:
        target.execute("DROP TABLE IF EXISTS marriage, huitong_runs CASCADE")


def react() -> None:
    """What the successions deferred is done, as the worker does it; a job that comes twice does
    nothing twice."""
    entries = set(Entry.objects.filter(verb="organizations.succeed").values_list("seq", flat=True))
    deferred = [
        j.args
        for j in ProcrastinateJob.objects.filter(task_name="huitong.react").order_by("pk")
        if j.args["entry"] in entries
    ]
    assert len(deferred) == len(reactions.AFTER["organizations.succeed"]) * len(entries)
    for args in 2 * deferred:
        reactions.react(**args)


def merged(cast: Cast, old: str, heir: str) -> None:
    actions.succeed(
        cast.system_admin,
        kind=SuccessionKind.MERGE,
        predecessors=[cast.body(old).pk],
        successors=[cast.body(heir).pk],
        on=today(),
        document=DOCUMENT,
    )


def acting(cast: Cast, key: str) -> Any:
    return queries.actor_for(cast.person(key))


def test_the_providers_resources_are_the_heirs_and_its_grants_go_on(
    cast: Cast, sharing: Sharing
) -> None:
    table, waiting = (
        sharing.granted(sharing.mount("marriage", "table")),
        sharing.accepted(sharing.mount("marriage", "api")),
    )
    catalog_actions.register_system(cast.hr_operator, name="婚姻登记系统")
    before = uses.live_grants()
    reconcile()
    jobs.deliver(Run.objects.get(schedule__grant=table).pk)

    merged(cast, "civil", "hr")
    react()

    heir, entry = cast.body("hr").pk, catalog.entry_for(cast.hr_operator, sharing.entry().pk)
    assert entry.body_id == heir and entry.code == sharing.entry().code
    assert {s.name for s in catalog.systems_visible_to(cast.hr_operator)} == {
        "婚姻登记系统",
        "婚姻登记系统（市民政局）",
    }
    assert {m.pk for m in publishing.own(cast.hr_operator)} == {
        sharing.mount("marriage", m).pk for m in ("table", "api")
    }
    assert not publishing.own(cast.civil_operator).exists()

    now = uses.live_grants()
    assert [(g.grant, g.number, g.scope, g.valid_to) for g in now] == [
        (g.grant, g.number, g.scope, g.valid_to) for g in before
    ]
    assert now[0].provider == heir
    # the clerk is the heir's clerk now; the kept password still opens
    run = run_now(acting(cast, "civil_operator"), grant=table.pk)
    jobs.deliver(run.pk)
    assert Run.objects.get(pk=run.pk).state == RunState.DELIVERED

    decided = access.grant(cast.hr_manager, Case.objects.get(pk=waiting.case_id))
    assert decided.case.parties["provider"] == heir
    ledger_entry = Entry.objects.get(verb="catalog.pass_on")
    assert (
        ledger_entry.article == "A2"
        and ledger_entry.actor["name"] == "平台"
        and ledger_entry.after["heir"] == heir
    )
    assert (
        ledger_entry.after["predecessors"] == [cast.body("civil").pk]
        and ledger_entry.after["entries"] == [entry.pk]
        and ledger_entry.after["unreadable"] == []
    )
    assert (
        Entry.objects.get(verb="grant.issue", case=table.case_id).actor["body"]
        == cast.body("civil").pk
    ), "the ledger keeps who granted it"


def test_the_consumers_grants_credentials_and_forms_are_the_heirs(
    cast: Cast, sharing: Sharing
) -> None:
    api, draft = (
        sharing.granted(sharing.mount("marriage", "api")),
        sharing.form(sharing.mount("division", "api")),
    )
    access.print_form(cast.housing_operator, form=draft.pk)
    credential, live = sharing.credential(), uses.live_grants()

    new = actions.rename_body(
        cast.system_admin,
        body=cast.body("housing").pk,
        name="南通市住房和城市更新局",
        short_name="市住更局",
        on=today(),
        document=DOCUMENT,
    )
    react()

    clerk = acting(cast, "housing_operator")
    assert clerk.body == new.pk and uses.grant_for(clerk, api.pk).consumer_id == new.pk
    assert [(g.grant, g.credentials, g.consumer_name) for g in uses.live_grants()] == [
        (g.grant, g.credentials, "市住更局") for g in live
    ]
    answer = Client().post(
        "/oauth/token",
        urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": credential["client_id"],
                "client_secret": credential["client_secret"],
            }
        ),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200, "the machine notices nothing"
    assert catalog.own_system(clerk, api.system_id).body_id == new.pk
    with pytest.raises(NotVisible):
        uses.grant_for(cast.stranger_operator, api.pk)

    stamped = uses.own_form(clerk, api.application.form_id)
    printed = "".join(
        "".join(page.extract_text().split())
        for page in PdfReader(io.BytesIO(uses.printed_matter(stamped))).pages
    )
    assert "南通市住房和城乡建设局" in printed and "城市更新局" not in printed, (
        "what was stamped keeps the name it was stamped under"
    )
    assert access.print_form(clerk, form=draft.pk).version == 2, (
        "what was not submitted is printed and stamped anew"
    )
    assert Entry.objects.get(verb="access.pass_on").after["grants"] == [api.pk]


def test_an_heir_followed_at_once_takes_nothing(cast: Cast, sharing: Sharing) -> None:
    """Two successions one after the other before the first reaction ran: everything is with the
    last."""
    grant = sharing.granted(sharing.mount("marriage", "api"))
    merged(cast, "housing", "finance")
    merged(cast, "finance", "stranger")
    react()
    last = cast.body("stranger").pk
    assert Grant.objects.get(pk=grant.pk).consumer_id == last
    assert InformationSystem.objects.get(pk=grant.system_id).body_id == last
    assert not Database.objects.filter(body=cast.body("finance")).exists()
