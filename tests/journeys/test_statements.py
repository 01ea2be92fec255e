"""Every statement whose SQL is made once answers, to every post, as the query it stands for: the
stand-ins of an actor's keys change nothing of who sees what."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from tests.cast import Cast
from tests.demanding import Demanding
from tests.sharing import Sharing

from huitong.access.rules import UNUSED
from huitong.catalog import actions as catalog
from huitong.catalog.models import Scan
from huitong.catalog.rules import ScanState
from huitong.disputes import actions as disputes
from huitong.kernel import watches
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import writing
from huitong.kernel.statements import Statement
from huitong.kernel.watches import Watch
from huitong.kernel.workdays import load_calendar, today
from huitong.objections import actions as objections
from huitong.work import actions as work
from huitong.work.queries.cases import due_days
from huitong.work.tests import made

pytestmark = pytest.mark.django_db
#: the statements of an actor, by their names
STATEMENTS = {
    f"{module.removeprefix('huitong.')}.{name}": value
    for module, room in sorted(sys.modules.items())
    if module.startswith("huitong.") and ".tests" not in module
    for name, value in vars(room).items()
    if isinstance(value, Statement) and value.build.__code__.co_varnames[:1] == ("actor",)
}


#: what a statement is about, where its name alone does not say so
ABOUT = {
    "access.queries.applications.FORM": {"pk": "form"},
    "access.queries.pages.GRANT": {"case": "granted"},
    "catalog.queries.entries.ENTRY": {"pk": "entry"},
    "demands.queries.demands.DEMAND_BY_KEY": {"pk": "demand"},
    "demands.queries.demands.PRINTED": {"case": "demanded"},
    "demands.queries.pages.IN_CASE": {"case": "demanded"},
    "disputes.queries.disputes.ABOUT": {"case": "disputed"},
    "disputes.queries.pages.IN_CASE": {"case": "disputing"},
    "objections.queries.pages.IN_CASE": {"case": "objected"},
    "work.queries.cases.CASE": {"pk": "case"},
}


class City(NamedTuple):
    """A cast, and the keys of what statements are asked about."""

    cast: Cast
    keys: dict[str, Any]


@pytest.fixture
def city(sharing: Sharing) -> City:
    """Something of everything that is counted."""
    cast, mount = sharing.cast, sharing.mount("marriage", "api")
    grant = sharing.granted(sharing.mount("division", "api"))
    sharing.accepted(mount)
    sharing.applied(mount)
    sharing.entry(submitted=False, name="婚姻登记草稿")
    room, late = made.room(cast), today() - timedelta(10)
    work.urge(cast.housing_operator, case=room.pk, text="会期临近，请尽快答复。")
    asked_by = cast.civil_operator.person
    case = grant.application.case
    work.follow(cast.housing_operator, case=case.pk)
    catalog.follow_entry(cast.housing_operator, entry=mount.entry_id)
    with writing("test"):
        watches.begin(
            UNUSED["provider"], grant, body=cast.body("civil").pk, title="授权长期未使用", on=late
        )
        for limits in (Clock.objects, Watch.objects):
            limits.update(warn_on=late, half_on=late, due_on=late)
        Scan.objects.create(database=sharing.database(), asked_by=asked_by, state=ScanState.FAILED)
        Case.objects.filter(pk=grant.case_id).update(parent=case.pk)
    demand = Demanding(cast).submitted()
    claim: dict[str, Any] = {"subject": "conditions", "words": "范围过窄", "wish": "放宽"}
    dispute = disputes.draft(cast.housing_operator, about=grant.case_id, **claim)
    doubt: dict[str, Any] = {"kind": "catalog", "words": "摘要有误", "entry": mount.entry_id}
    objection = objections.report(cast.housing_operator, **doubt)
    keys: dict[str, Any] = {
        "objected": objection.case_id,
        "case": case.pk,
        "granted": grant.case_id,
        "application": grant.application_id,
        "form": grant.application.form_id,
        "entry": mount.entry_id,
        "demand": demand.pk,
        "demanded": demand.case_id,
        "disputed": dispute.about_id,
        "disputing": dispute.case_id,
        "entries": [mount.entry_id],
    }
    return City(cast, keys)


def rows_of(statement: Statement, actor: Actor, values: dict[str, Any]) -> Iterator[Any]:
    """The query built anew for this actor, with its own keys."""
    built = statement.build(actor, **values)
    if isinstance(built, QuerySet):
        yield from built
        return
    with connection.cursor() as cursor:
        cursor.execute(*built)
        yield from cursor.fetchall()


def test_every_statement_answers_as_its_query(city: City) -> None:
    cast = city.cast
    assert len(STATEMENTS) >= 20, STATEMENTS
    actors = [actor for actor in vars(cast).values() if isinstance(actor, Actor)]
    given = city.keys | {
        **due_days(load_calendar()),
        "begun": timezone.now(),
        "since": timezone.now() - timedelta(1),
        "part": "over",
        "colleagues": [cast.housing_operator.person, cast.civil_operator.person],
    }
    answered = set()
    for name, statement in STATEMENTS.items():
        about = ABOUT.get(name, {})
        names = (*statement.stand_ins, *statement.shape)
        values = {value: given[about.get(value, value)] for value in names}
        for actor in actors:
            rows = sorted(statement(actor, **values), key=str)
            assert rows == sorted(rows_of(statement, actor, values), key=str), (name, actor)
            if any(any(row) if isinstance(row, tuple) else row for row in rows):
                answered.add(name)
    # nothing here is published and not shared, called, exchanged, left as a draft or
    # unused for longer than the limit
    assert STATEMENTS.keys() - answered == {
        "access.queries.unused.UNUSED_KEYS",
        "planes.gateway.queries.WRONG",
        "planes.tables.queries.BY_TAB",
        "work.queries.drafts.DRAFTS",
    }, STATEMENTS.keys() - answered
