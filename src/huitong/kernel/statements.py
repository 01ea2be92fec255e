"""Queries whose SQL Django makes once and PostgreSQL plans once: building and planning a query
costs a page more than running it.

A `Statement` is made from a function that builds a query from *stand-ins*, values no row has. The
SQL is kept and asked with the true values in the stand-ins' places, as a prepared statement of the
connection. Who asks sees what the database holds now, so that rights stay exact (`kernel.answers`
keeps an answer where a page says so, as long as nothing is committed).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any

from django.core.exceptions import EmptyResultSet, ObjectDoesNotExist
from django.db import connection
from django.db.models import QuerySet, Value
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesIterable,
    ValuesListIterable,
    get_related_populators,
    prefetch_related_objects,
)
from psycopg.sql import Literal
from psycopg.types.numeric import Int8

from huitong.kernel.actor import Actor
from huitong.kernel.answers import rows_of
from huitong.kernel.prepared import Row
from huitong.kernel.workdays import today

#: SQL with its parameters
Sql = tuple[str, Sequence[Any]]
#: stand-ins of an actor's keys; negative, and so nobody's
PERSON, BODY, BUREAU_BODY = -2_000_000_001, -2_000_000_002, -2_000_000_003
#: the numbers a key can be; no row has another
LEAST, MOST = -(2**63), 2**63 - 1
#: so many forms of a statement are kept, by posts, offices, day and shape
FORMS = 500
#: what may be a stand-in; anything else must hold none
PLAIN = (bool, int, float, str, bytes, Decimal, date, datetime, type(None))


@dataclass(frozen=True)
class Form:
    """A statement for actors alike: its SQL, its parameters, and what makes objects of its rows."""

    sql: str
    parameters: Sequence[Any]
    read: Callable[[list[Row]], list[Any]]


NOTHING = Form("", (), list)


class Statement:
    """``Statement(build)`` → ``statement(actor)``, ``statement(actor, since=day)``: the rows, as
    the query itself would give them.

    ``build(actor, **values)`` is given an actor like the true one in everything but the numbers of
    person and bodies, and stand-ins of the kinds given to the constructor. It must hand them on to
    the query as they are, compare nothing with them, and ask the database nothing (`RuntimeError`).
    ``shape`` names further values, which decide how the query is built and are given as they are:
    few and hashable, for a form is kept of each.
    """

    def __init__(
        self,
        build: Callable[..., QuerySet[Any, Any] | Sql],
        shape: Sequence[str] = (),
        **kinds: type,
    ) -> None:
        self.build, self.shape = build, tuple(shape)
        self.stand_ins = {
            name: _stand_in(kind, place) for place, (name, kind) in enumerate(kinds.items())
        }
        self._forms: dict[tuple[Any, ...], Form] = {}

    def __call__(self, actor: Actor | None = None, **values: Any) -> list[Any]:
        """The rows as they are now. Raises `TypeError` for values the statement does not take."""
        if values.keys() != {*self.stand_ins, *self.shape}:
            names = ", ".join((*self.stand_ins, *self.shape))
            raise TypeError(f"this statement takes {names or 'no values'}")
        # of a request's actor, which is made when first looked at, the true one
        whose = actor.through() if actor else NOBODY
        alike = _alike(whose)
        shape = {name: values[name] for name in self.shape}
        # what is in force depends on the day, wherever a builder asks for it
        key = (alike, today(), *shape.values())
        if (form := self._forms.get(key)) is None:
            if len(self._forms) >= FORMS:
                self._forms.clear()
            form = self._forms[key] = self._compile(alike if actor is not None else None, shape)
        if form is NOTHING:
            return []
        if any(isinstance(value, int) and not LEAST <= value <= MOST for value in values.values()):
            return []
        true = {_key(stand_in): values[name] for name, stand_in in self.stand_ins.items()}
        numbers = {PERSON: whose.person, BODY: whose.body, BUREAU_BODY: whose.bureau_body}
        rows = rows_of(form.sql, [_bound(each, true | numbers) for each in form.parameters])
        return form.read(rows)

    def one(self, actor: Actor | None = None, **values: Any) -> Any:
        """The first of the rows. Raises `ObjectDoesNotExist` where there is none."""
        for row in self(actor, **values):
            return row
        raise ObjectDoesNotExist(f"no row with {values}")

    def _compile(self, alike: Actor | None, shape: dict[str, Any]) -> Form:
        who = () if alike is None else (alike,)
        try:
            with connection.execute_wrapper(_refuse):
                built = self.build(*who, **self.stand_ins, **shape)
                form = (
                    _form_of(built)
                    if isinstance(built, QuerySet)
                    else Form(built[0], built[1], list)
                )
        except EmptyResultSet:  # Django knows that nothing can match
            return NOTHING
        stand_ins = {PERSON, BODY, BUREAU_BODY, *map(_key, self.stand_ins.values())}
        sql, parameters = _with_literals(form, stand_ins)
        return replace(form, sql=sql, parameters=parameters)


NOBODY = Actor(None, "")


def summed(rows: QuerySet[Any, Any], **aggregates: Any) -> QuerySet[Any, Row]:
    """One row of aggregates over all these rows, as a query; no row where nothing can match."""
    grouped = rows.order_by().values_list(Value(1)).annotate(**aggregates)
    return grouped.values_list(*aggregates)


# -- objects of rows -------------------------------------------------------------------------------


def _form_of(rows: QuerySet[Any, Any]) -> Form:
    """The SQL of a queryset, and what Django would make of its rows."""
    compiler = rows.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    columns = [column for column, *_ in compiler.select[0 : compiler.col_count]]
    converters = compiler.get_converters(columns)
    readers: dict[type, Callable[[Any, Any], Callable[[Iterable[Row]], list[Any]]]] = {
        ModelIterable: _instances,
        ValuesListIterable: lambda rows, compiler: lambda answer: [tuple(row) for row in answer],
        FlatValuesListIterable: lambda rows, compiler: lambda answer: [row[0] for row in answer],
        ValuesIterable: _mappings,
    }
    read = readers[rows._iterable_class](rows, compiler)

    def converted(answer: list[Row]) -> list[Any]:
        return read(compiler.apply_converters(answer, converters) if converters else answer)

    return Form(sql, parameters, converted)


def _instances(rows: QuerySet[Any, Any], compiler: Any) -> Callable[[Iterable[Row]], list[Any]]:
    """Model instances with what `select_related` and `annotate` give them (Django's
    `ModelIterable`), and what `prefetch_related` asks for besides."""
    select, info = compiler.select, compiler.klass_info
    model, fields = info["model"], info["select_fields"]
    first, end = fields[0], fields[-1] + 1
    names = [column.target.attname for column, *_ in select[first:end]]
    related = get_related_populators(info, select, connection.alias)
    annotations = list(compiler.annotation_col_map.items())
    prefetched = rows._prefetch_related_lookups

    def instances(answer: Iterable[Row]) -> Iterator[Any]:
        for row in answer:
            instance = model.from_db(connection.alias, names, row[first:end])
            for populator in related:
                populator.populate(row, instance)
            for name, place in annotations:
                setattr(instance, name, row[place])
            yield instance

    def read(answer: Iterable[Row]) -> list[Any]:
        objects = list(instances(answer))
        if objects and prefetched:
            prefetch_related_objects(objects, *prefetched)
        return objects

    return read


def _mappings(rows: QuerySet[Any, Any], compiler: Any) -> Callable[[Iterable[Row]], list[Any]]:
    query = rows.query
    names = list(chain(query.extra_select, query.values_select, query.annotation_select))
    return lambda answer: [dict(zip(names, row, strict=True)) for row in answer]


# -- stand-ins -------------------------------------------------------------------------------------


def _stand_in(kind: type, place: int) -> Any:
    """A value of this kind that no row has; of a list, its one element."""
    return {
        int: -2_000_000_100 - place,
        list: [-2_000_000_100 - place],
        str: f"\x02{place}\x03",
        date: date(1, 1, 1 + place),
        datetime: datetime(1, 1, 1 + place, tzinfo=UTC),
    }[kind]


def _key(stand_in: Any) -> Any:
    return stand_in[0] if isinstance(stand_in, list) else stand_in


@lru_cache(1_000)
def _alike(actor: Actor) -> Actor:
    """This actor with stand-ins for its numbers, without what is written beside an act."""
    return replace(
        actor,
        person=actor.person and PERSON,
        body=actor.body and BODY,
        bureau_body=BODY if actor.bureau else actor.bureau_body and BUREAU_BODY,
        name="",
        body_name="",
        ip="",
        request_id="",
    )


def _with_literals(form: Form, stand_ins: set[Any]) -> Sql:
    """The SQL with every parameter in it that is no stand-in: PostgreSQL plans best what it
    reads."""
    parameters: Iterator[Any] = iter(form.parameters)
    left: list[Any] = []

    def literal(place: re.Match[str]) -> str:
        if place[0] == "%%":
            return place[0]
        parameter = next(parameters)
        if _varies(parameter, stand_ins):
            left.append(parameter)
            return place[0]
        return Literal(parameter).as_string(connection.connection).replace("%", "%%")

    connection.ensure_connection()
    return re.sub("%%|%s", literal, form.sql), left


def _varies(parameter: Any, stand_ins: set[Any]) -> bool:
    """Whether a parameter is a stand-in or has one in it. Raises `RuntimeError` where `_bound`
    would not find it."""
    if isinstance(parameter, list | tuple):
        return any(_varies(each, stand_ins) for each in parameter)
    if isinstance(parameter, PLAIN) and parameter in stand_ins:
        return True
    if isinstance(parameter, str) and parameter.startswith(f"{BODY}:"):
        return True
    if any(str(stand_in) in str(parameter) for stand_in in stand_ins):
        raise RuntimeError(f"a stand-in lies within {parameter!r}")
    return False


def _bound(parameter: Any, values: dict[Any, Any]) -> Any:
    """A parameter with the true values in the stand-ins' places; a desk ("body:post") is one,
    too. A list takes the elements of a list."""
    if isinstance(parameter, list | tuple):
        elements: list[Any] = []
        for each in parameter:
            true = _bound(each, values)
            elements += true if isinstance(true, list) and isinstance(each, int) else [true]
        return elements
    if isinstance(parameter, str) and parameter.startswith(f"{BODY}:"):
        return parameter.replace(str(BODY), str(values[BODY]), 1)
    true = values.get(parameter, parameter)
    return [_typed(each) for each in true] if isinstance(true, list) else _typed(true)


def _typed(value: Any) -> Any:
    """A number is of one type however large it is, so that one plan serves all."""
    return Int8(value) if type(value) is int else value


def _refuse(execute: Any, sql: str, *_: Any) -> Any:
    raise RuntimeError(f"a statement is built without asking the database: {sql[:80]}")
