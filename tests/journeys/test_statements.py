"""Every statement whose SQL is made once answers, to every post, as the query it stands for: what an
actor's keys are replaced by while it is built changes nothing of who sees what."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from tests.cast import Cast
from tests.sharing import Sharing

from huitong.access.rules import UNUSED
from huitong.catalog.models import Scan
from huitong.catalog.rules import ScanState
from huitong.kernel import watches
from huitong.kernel.actor import Actor
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import writing
from huitong.kernel.statements import Statement
from huitong.kernel.watches import Watch
from huitong.kernel.workdays import load_calendar, today
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


@pytest.fixture
def city(sharing: Sharing) -> Cast:
    """Something of everything that is counted."""
    cast, mount = sharing.cast, sharing.mount("marriage", "api")
    grant = sharing.granted(sharing.mount("division", "api"))
    sharing.accepted(mount)
    sharing.applied(mount)
    sharing.entry(submitted=False, name="婚姻登记草稿")
    case, late = made.room(cast), today() - timedelta(10)
    work.urge(cast.housing_operator, case=case.pk, text="会期临近，请尽快答复。")
    asked_by = cast.civil_operator.person
    with writing("test"):
        watches.begin(UNUSED, grant, body=cast.body("civil").pk, title="授权长期未使用", on=late)
        for limits in (Clock.objects, Watch.objects):
            limits.update(warn_on=late, half_on=late, due_on=late)
        Scan.objects.create(database=sharing.database(), asked_by=asked_by, state=ScanState.FAILED)
    return cast


def rows_of(statement: Statement, actor: Actor, values: dict[str, Any]) -> Iterator[Any]:
    """The query built anew for this actor, with its own keys."""
    built = statement.build(actor, **values)
    if isinstance(built, QuerySet):
        yield from built
        return
    with connection.cursor() as cursor:
        cursor.execute(*built)
        yield from cursor.fetchall()


def test_every_statement_answers_as_its_query(city: Cast) -> None:
    assert len(STATEMENTS) >= 8, STATEMENTS
    actors = [actor for actor in vars(city).values() if isinstance(actor, Actor)]
    answered = set()
    for name, statement in STATEMENTS.items():
        values = due_days(load_calendar()) if "near" in statement.stand_ins else {}
        assert values.keys() == statement.stand_ins.keys(), f"give {name} its values"
        for actor in actors:
            rows = sorted(statement(actor, **values), key=str)
            assert rows == sorted(rows_of(statement, actor, values), key=str), (name, actor)
            if any(any(row) for row in rows):
                answered.add(name)
    # nothing here is published and not shared
    assert STATEMENTS.keys() - answered == {"catalog.queries.search.UNSHARED"}, answered
