"""Simulation: real rows of the provider's source exactly as the consumer would get them (A22,
A23)."""

from __future__ import annotations

from huitong.access.models import Application
from huitong.access.queries.applications import columns_of
from huitong.access.queries.grants import keys_for
from huitong.catalog import queries as catalog
from huitong.connectors import ConnectorProblem, check_characters, connect
from huitong.connectors.databases import named_errors
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Seat
from huitong.kernel.procedure import AgainstRules
from huitong.publishing.rules import Mode
from huitong.scope import ItemType, Scope, ScopeError
from huitong.scope.columns import Column
from huitong.scope.sql import as_text, select

#: rows shown in a simulation, and characters of a value
SAMPLED, LONGEST = 10, 200


def deciding_seat(actor: Actor, application: Application) -> Seat | None:
    """The seat in which this actor decides this application now; none when somebody else does,
    or they had another hand in it."""
    case, procedure = application.case, doing.procedure_of(application.case)
    own = actor.seats_in(case.parties)
    deciding = (
        row.who
        for row in procedure.steps
        if row.verb == "grant" and case.state in row.origin and row.who in own
    )
    return next((seat for seat in deciding if not doing.other_hand(actor, case, seat)), None)


def simulate(application: Application, scope: Scope) -> tuple[list[str], list[list[str | None]]]:
    """``(columns, rows)``: what the consumer would see under this scope. For the act of
    `deciding_seat` alone.

    Filter and masks are applied by the source's own database, as they will be for deliveries.
    Raises `AgainstRules` when there is nothing to show: files go out whole, comparison gives a
    verdict only, the source is unreachable.
    """
    mount = application.mount
    if mount.mode == Mode.FILE:
        raise AgainstRules(
            "文件方式整件提供，没有可以模拟的数据行。",
            article="A13",
            remedy="请下载文件查看后再决定。",
        )
    columns = columns_of(application)
    try:
        query = as_text(
            select(
                scope,
                (mount.schema, mount.table),
                {c.name: Column(c.column, ItemType(c.type), c.sql_type) for c in columns},
                limit=SAMPLED,
            ),
            LONGEST,
        )
        address = catalog.address_of(mount.database)
        with (
            named_errors(),
            connect(
                address, guard=catalog.guard(), statement_s=15, name="huitong simulate"
            ) as connection,
        ):
            check_characters(connection, query)
            rows = connection.execute(query.statement, query.parameters).fetchall()
    except ScopeError as wrong:
        raise AgainstRules(f"{wrong.message}。", article="A8") from None
    except ConnectorProblem as wrong:
        raise AgainstRules(
            f"暂时不能读取数据源：{wrong.cause}。",
            article="A14",
            who=wrong.who,
            remedy=wrong.remedy,
        ) from None
    keys = keys_for(application.form.consumer_id, scope.key_names)
    return list(query.items), [list(query.finish(row, keys)) for row in rows]
