"""Queries whose SQL Django makes once: building a query costs a page more than asking it.

A `Statement` is made from a function that builds a query from *stand-ins*, values no row has. The
SQL is kept and asked with the true values in the stand-ins' places. Nothing of an answer is kept:
who asks sees what the database holds now, so that rights stay exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from huitong.kernel.actor import Actor
from huitong.kernel.workdays import today

#: SQL with its parameters
Form = tuple[str, Sequence[Any]]
NOTHING: Form = ("", ())
#: stand-ins of an actor's keys; negative, and so nobody's
PERSON, BODY, BUREAU_BODY = -2_000_000_001, -2_000_000_002, -2_000_000_003
#: so many forms of a statement are kept, by posts, offices and day
FORMS = 500


class Statement:
    """``Statement(build)`` → ``statement(actor)``, ``statement(actor, since=day)``: the rows.

    ``build(actor, **values)`` is given an actor like the true one in everything but the numbers of
    person and bodies, and stand-ins of the kinds given to the constructor. It must hand them on to
    the query as they are, compare nothing with them, and ask the database nothing (`RuntimeError`).
    """

    def __init__(self, build: Callable[..., QuerySet[Any] | Form], **kinds: type) -> None:
        self.build = build
        self.stand_ins = {
            name: _stand_in(kind, place) for place, (name, kind) in enumerate(kinds.items())
        }
        self._forms: dict[tuple[Actor, date], Form] = {}

    def __call__(self, actor: Actor | None = None, **values: Any) -> list[tuple[Any, ...]]:
        """The rows as they are now. Raises `TypeError` for values the statement does not take."""
        if values.keys() != self.stand_ins.keys():
            raise TypeError(f"this statement takes {', '.join(self.stand_ins) or 'no values'}")
        whose = actor or NOBODY
        alike = _alike(whose)
        # what is in force depends on the day, wherever a builder asks for it
        key = (alike, today())
        if (form := self._forms.get(key)) is None:
            if len(self._forms) >= FORMS:
                self._forms.clear()
            form = self._forms[key] = self._compile(alike if actor is not None else None)
        if form == NOTHING:
            return []
        true = {self.stand_ins[name]: value for name, value in values.items()}
        numbers = {PERSON: whose.person, BODY: whose.body, BUREAU_BODY: whose.bureau_body}
        sql, parameters = form
        with connection.cursor() as cursor:
            cursor.execute(sql, [_bound(each, true | numbers) for each in parameters])
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

    def _compile(self, alike: Actor | None) -> Form:
        who = () if alike is None else (alike,)
        try:
            with connection.execute_wrapper(_refuse):
                built = self.build(*who, **self.stand_ins)
                form: Form = built.query.sql_with_params() if isinstance(built, QuerySet) else built
                return form
        except EmptyResultSet:  # Django knows that nothing can match
            return NOTHING


NOBODY = Actor(None, "")


def _stand_in(kind: type, place: int) -> Any:
    return {int: -2_000_000_100 - place, str: f"\x02{place}\x03", date: date(1, 1, 1 + place)}[kind]


def _alike(actor: Actor) -> Actor:
    """This actor with stand-ins for its numbers, without what is written beside an act."""
    return replace(
        actor.through(),  # of a request's actor, which is made when first looked at, the true one
        person=actor.person and PERSON,
        body=actor.body and BODY,
        bureau_body=BODY if actor.bureau else actor.bureau_body and BUREAU_BODY,
        name="",
        body_name="",
        ip="",
        request_id="",
    )


def _bound(parameter: Any, values: dict[Any, Any]) -> Any:
    """A parameter with the true values in the stand-ins' places; a desk ("body:post") is one,
    too."""
    if isinstance(parameter, list | tuple):
        return [_bound(each, values) for each in parameter]
    if isinstance(parameter, str) and parameter.startswith(f"{BODY}:"):
        return parameter.replace(str(BODY), str(values[BODY]), 1)
    return values.get(parameter, parameter)


def _refuse(execute: Any, sql: str, *_: Any) -> Any:
    raise RuntimeError(f"a statement is built without asking the database: {sql[:80]}")
