"""Background work of the catalog: scanning a database into drafts. Safe to run again after a crash."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huitong.catalog import actions, queries
from huitong.catalog.models import Scan
from huitong.catalog.rules.proposals import is_marked, propose
from huitong.connectors import ConnectorProblem, TableFound, connect, samples
from huitong.connectors import scan as read_tables
from huitong.kernel.actor import Actor
from huitong.organizations import queries as organizations

SAMPLED = 50  # rows per table, read to recognize personal columns and forgotten


@app.task(name="catalog.scan")
def scan(scan: int) -> None:
    """Every table of the database becomes a draft, except those that have an entry and those marked classified (A3)."""
    platform = Actor.system(via="job")
    asked = queries.scan_for(platform, scan)
    if not asked.is_running:
        return
    clerk = organizations.actor_for(organizations.person_for(platform, asked.asked_by), asked.database.body_id, via="job")
    try:
        with connect(queries.address_of(asked.database), guard=queries.guard(), statement_s=60, name="huitong scan") as connection:
            tables = read_tables(connection, asked.database.schema)
            actions.begin_scan(platform, scan=scan, total=len(tables))
            for table in tables:
                if is_marked(table):
                    actions.refuse_table(platform, scan=scan)
                    continue
                rows = samples(connection, table.schema, table.name, [c.name for c in table.columns], SAMPLED) if table.readable else []
                _take(platform, clerk, asked, table, rows)
    except ConnectorProblem as problem:
        actions.finish_scan(platform, scan=scan, error=f"{problem.cause}。{problem.remedy}")
    else:
        actions.finish_scan(platform, scan=scan)


def _take(platform: Actor, clerk: Actor, asked: Scan, table: TableFound, rows: list[dict[str, str | None]]) -> None:
    there = queries.entry_of_table(asked.database, table.schema, table.name)
    said = ""
    if there is None:
        proposal = propose(table, rows)
        there = actions.draft(clerk, name=proposal.name, summary=proposal.summary, items=list(proposal.items),
                              database=asked.database_id, source_schema=table.schema, source_table=table.name)
    elif there.created_at < asked.asked_at:
        said = "已有目录"
    actions.note_table(platform, scan=asked.pk, table=table.name, columns=len(table.columns), rows=table.rows_estimate,
                       entry=there.pk, said=said)
