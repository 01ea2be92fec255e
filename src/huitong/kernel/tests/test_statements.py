"""Statements made once and asked with other values: that they answer as the query they stand for,
see every change at once, and refuse to be built wrongly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, TextField, Value
from tests.cast import Cast

from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing
from huitong.kernel.statements import Statement
from huitong.organizations.models import Posting
from huitong.organizations.tests.planting import plant_case

VISIBLE = Statement(lambda actor: Case.objects.visible_to(actor).order_by("pk").values_list("pk"))
WAITING = Statement(lambda actor: Case.objects.waiting_for(actor).order_by("pk").values_list("pk"))
SINCE = Statement(
    lambda post, day: (
        Posting.objects.filter(post=post, valid_from__gte=day).order_by("pk").values_list("pk")
    ),
    post=str,
    day=date,
)


def test_everybody_gets_the_answer_of_the_query_itself(cast: Cast) -> None:
    plant_case(cast, "civil")
    plant_case(cast, "hr")
    with writing("test"):
        Case.objects.filter(pk=plant_case(cast, "civil").pk).update(inside=cast.body("civil").pk)
        Case.objects.filter(pk=plant_case(cast, "hr").pk).update(overseen=False, bodies=[])
        own = [cast.body("civil").pk]  # the bureau reads it and is no party
        Case.objects.filter(pk=plant_case(cast, "civil").pk).update(bodies=own)
    actors = [getattr(cast, key) for key in vars(cast) if isinstance(getattr(cast, key), Actor)]
    actors += [Actor(None, ""), Actor(person=0, name="访客")]
    assert len(actors) > 15
    for _ in range(2):  # made for the first, kept for the others
        for actor in actors:
            for statement, rows in (
                (VISIBLE, Case.objects.visible_to(actor)),
                (WAITING, Case.objects.waiting_for(actor)),
            ):
                expected = list(rows.order_by("pk").values_list("pk"))
                assert statement(actor) == expected, actor


def test_what_changes_is_seen_by_the_next_asking(cast: Cast) -> None:
    case = plant_case(cast, "civil")
    assert VISIBLE(cast.civil_manager) == [(case.pk,)]
    with writing("test"):
        Case.objects.filter(pk=case.pk).update(bodies=[cast.body("housing").pk])
    assert VISIBLE(cast.civil_manager) == []
    assert VISIBLE(replace(cast.civil_manager, body=cast.body("housing").pk)) == [(case.pk,)]
    assert VISIBLE(replace(cast.housing_manager, posts=frozenset({Post.AUDIT_ADMIN}))) == []


def test_values_take_their_places(cast: Cast) -> None:
    first = Posting.objects.order_by("pk").first()
    assert first is not None
    day = first.valid_from
    managers = Posting.objects.filter(post="manager").order_by("pk").values_list("pk")
    assert SINCE(post="manager", day=day) == list(managers) != []
    assert SINCE(post="manager", day=day + timedelta(1)) == []
    assert SINCE(post="' OR true --", day=day) == []


def test_no_row_has_a_number_no_column_holds(db: None) -> None:
    by_key = Statement(lambda pk: Case.objects.filter(pk=pk).values_list("pk"), pk=int)
    for number in (2**63 - 1, 2**63, -(2**63) - 1):
        assert by_key(pk=number) == []


@pytest.mark.parametrize("given", [{}, {"post": "manager"}, {"post": "a", "day": 1, "more": 2}])
def test_a_value_too_many_or_too_few_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="post, day"):
        SINCE(**given)


def test_a_statement_is_built_without_asking_the_database(cast: Cast) -> None:
    """What was read while building would be kept for ever, and with it somebody's rights."""
    careless = Statement(
        lambda actor: Case.objects.filter(
            pk__in=list(Case.objects.visible_to(actor).values_list("pk", flat=True))
        )
    )
    with pytest.raises(RuntimeError, match="without asking the database"):
        careless(cast.civil_manager)


def test_nothing_can_match_where_django_says_so(cast: Cast) -> None:
    nothing = Statement(lambda actor: Case.objects.none().values_list("pk"))
    assert nothing(cast.civil_manager) == []


OF_BODY = Statement(
    lambda actor, keys, order: (
        Posting.objects.filter(body=actor.body, pk__any=keys)
        .select_related("person", "body")
        .annotate(since=F("valid_from__year"))
        .order_by(order)
    ),
    shape=("order",),
    keys=list,
)


def test_rows_are_what_the_query_itself_gives(cast: Cast, django_assert_num_queries: Any) -> None:
    """Model instances with what is selected and annotated beside them, in the order asked for."""
    manager = cast.civil_manager
    keys = list(Posting.objects.filter(body=manager.body).values_list("pk", flat=True))
    assert len(keys) > 1
    OF_BODY(manager, keys=keys, order="pk")
    with django_assert_num_queries(1):
        rows = OF_BODY(manager, keys=keys, order="-pk")
        assert [row.pk for row in rows] == sorted(keys, reverse=True)
        assert {row.body.pk for row in rows} == {manager.body} and all(r.person.name for r in rows)
    assert all(row.since == row.valid_from.year for row in rows)
    assert [row.pk for row in OF_BODY(manager, keys=keys[:1], order="pk")] == keys[:1]
    assert OF_BODY(manager, keys=[], order="pk") == []
    assert OF_BODY(cast.housing_manager, keys=keys, order="pk") == []


def test_flat_and_named_values_come_as_they_are_named(cast: Cast) -> None:
    flat = Statement(lambda: Posting.objects.order_by("pk").values_list("post", flat=True))
    named = Statement(lambda: Posting.objects.order_by("pk").values("pk", "post"))
    assert flat() == list(Posting.objects.order_by("pk").values_list("post", flat=True))
    assert named() == list(Posting.objects.order_by("pk").values("pk", "post"))


def test_a_text_with_signs_of_the_language_stays_text(cast: Cast) -> None:
    texts = Statement(
        lambda actor: Posting.objects.filter(person=actor.person).annotate(
            text=Value("100% '%s' \\\\ %%", TextField())
        )
    )
    assert {row.text for row in texts(cast.civil_manager)} == {"100% '%s' \\\\ %%"}


def test_it_is_planned_once_a_connection(cast: Cast) -> None:
    WAITING(cast.civil_manager), WAITING(cast.civil_manager), WAITING(cast.hr_manager)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE '%awaiting%'"
        )
        assert cursor.fetchall() == [(3, 0)]


def test_a_stand_in_that_would_not_be_seen_is_refused(cast: Cast) -> None:
    hidden = Statement(lambda actor: Case.objects.filter(parties__contains={"bureau": actor.body}))
    with pytest.raises(RuntimeError, match="stand-in"):
        hidden(cast.civil_manager)
