"""What a demand of an older version says is kept when its table changes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from tests.demanding import Demanding

from huitong.demands.models import Demand

pytestmark = pytest.mark.django_db


def migrate(step: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    MigrationExecutor(connection).migrate([("demands", step)])


def test_the_body_a_demand_was_written_to_becomes_the_first_of_several(
    demanding: Demanding,
) -> None:
    written, open_to_all = demanding.drafted(), demanding.drafted(addressed="")
    civil = demanding.cast.body("civil").pk
    migrate("0001_initial")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE demands_demand SET addressed_id = %s WHERE id = %s", [civil, written.pk]
        )
    migrate("0002_parts_and_predecessors")
    assert Demand.objects.get(pk=written.pk).addressed == [civil]
    assert Demand.objects.get(pk=open_to_all.pk).addressed == []
