"""Background work of the catalog: scanning a database into drafts, checking a workbook, checking
every entry. Safe to run again after a crash."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress

from huitong.catalog import actions, queries
from huitong.catalog.forms import sheets
from huitong.catalog.models import ChangeSet, CheckReport, Entry, Scan
from huitong.catalog.rules import UNREADABLE, drift
from huitong.catalog.rules.facts import ItemRow
from huitong.catalog.rules.proposals import is_marked, propose
from huitong.catalog.rules.sheets import Outcome
from huitong.connectors import ConnectorProblem, Reader, TableFound, reading
from huitong.connectors.workbooks import Unreadable as UnreadableFile
from huitong.kernel import jobs
from huitong.kernel.actor import Actor
from huitong.kernel.doing import procedure_now
from huitong.kernel.procedure import AgainstRules, Malformed, Problem
from huitong.kernel.vault import Unreadable
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations

SAMPLED = 50  # rows per table, read to recognize personal columns and forgotten


@jobs.task("catalog.scan")
def scan(scan: int) -> None:
    """Every table of the database becomes a draft, except those that have an entry and those marked
    classified (A3); of a scan nobody asked for none does.

    However it ends, the scan is closed with the reason, so that another can be started; only a
    killed worker or database leaves it open, and then the job is run again.
    """
    platform = Actor.system(via="job")
    running = queries.scan_for(platform, scan)
    if not running.is_running:
        return
    error = ""
    try:
        _read(platform, running)
    except ConnectorProblem as problem:
        error = f"{problem.cause}。{problem.remedy}"
    except Unreadable:
        error = UNREADABLE
    except Problem as problem:
        error = problem.detail
    except jobs.DATABASE_GONE:
        raise
    except Exception:
        actions.finish_scan(platform, scan=scan, error="平台内部出错，已记录；请联系平台运维员。")
        raise
    actions.finish_scan(platform, scan=scan, error=error)


def _read(platform: Actor, running: Scan) -> None:
    clerk = _clerk(platform, running)
    with _source(running) as reader:
        tables = reader.scan(running.database.schema)
    actions.begin_scan(platform, scan=running.pk, total=len(tables))
    for table in tables:
        if is_marked(table):
            actions.refuse_table(platform, scan=running.pk)
        else:
            # rows are read only where a draft may be made of them
            rows = _rows(running, table.granted) if clerk is not None else []
            _take(platform, clerk, running, table.granted, rows)
    _miss(platform, running, {table.name for table in tables})


def _clerk(platform: Actor, running: Scan) -> Actor | None:
    """Whose the drafts will be; None where tables are only compared."""
    if running.asked_by is None:
        return None
    person = organizations.person_for(platform, running.asked_by)
    return organizations.actor_for(person, running.database.body_id, via="job")


def _source(running: Scan) -> AbstractContextManager[Reader]:
    return reading(
        queries.address_of(running.database),
        guard=queries.guard(),
        statement_s=60,
        name="huitong scan",
    )


def _rows(running: Scan, table: TableFound) -> list[dict[str, str | None]]:
    """A few rows to recognize personal columns by; what cannot be read or counted (a broken or
    endless view) is judged by its names.

    Each table on a connection of its own: while a draft is written the source would see one that
    idles, and some cut those off.
    """
    if not table.readable or table.rows_estimate < 0:
        return []
    with _source(running) as reader:
        try:
            return reader.samples(
                table.schema, table.name, [c.name for c in table.columns], SAMPLED
            )
        except ConnectorProblem:
            if reader.closed:
                raise
            return []


def _take(
    platform: Actor,
    clerk: Actor | None,
    running: Scan,
    table: TableFound,
    rows: list[dict[str, str | None]],
) -> None:
    entry, outcome = queries.entry_of_table(running.database, table.schema, table.name), ""
    proposal = propose(table, rows)
    if entry is not None:
        outcome = "已有目录" if entry.created_at < running.asked_at else ""
    elif clerk is None:
        outcome = "没有目录"
    else:
        try:
            entry = actions.draft(
                clerk,
                name=proposal.name,
                summary=proposal.summary,
                origin=proposal.origin,
                items=list(proposal.items),
                database=running.database_id,
                source_schema=table.schema,
                source_table=table.name,
            )
        except AgainstRules:  # only taken apart its words read as a marking (A3)
            actions.refuse_table(platform, scan=running.pk)
            return
        except Malformed as wrong:
            outcome = wrong.detail
    if entry is not None:
        _compare(platform, running, entry, table, proposal.items)
    actions.note_table(
        platform,
        scan=running.pk,
        table=table.name,
        comment=table.comment,
        columns=len(table.columns),
        rows=table.rows_estimate,
        entry=entry.pk if entry else None,
        said=outcome,
    )


def _compare(
    platform: Actor,
    running: Scan,
    entry: Entry,
    table: TableFound | None,
    items: Sequence[ItemRow] = (),
) -> None:
    """Say what is different in the table of an entry, unless it is noted already."""
    agreed = shape = queries.agreed_shape(entry)
    if shape is None:
        own = queries.facts_of(entry.text).items
        shape = drift.first_shape(table, own) if table else drift.shape_of_items(own)
    rows = table.rows_estimate if table else None
    changed = drift.changes(shape, table, items)
    if queries.is_news(entry, agreed, rows, changed):
        actions.compare_table(
            platform,
            scan=running.pk,
            entry=entry.pk,
            rows=rows,
            shape=None if agreed else shape.as_json(),
            changes=[queries.as_given(change) for change in changed],
        )


def _miss(platform: Actor, running: Scan, there: set[str]) -> None:
    """Entries whose tables are there no more."""
    database = running.database
    for entry in queries.entries_of_source(database, database.schema):
        if entry.source_table not in there:
            _compare(platform, running, entry, None)


@jobs.task("catalog.check_workbook")
def check_workbook(changes: int) -> None:
    """Read a workbook as it was handed in, and say what it would change and what must be mended
    first. However it ends, its clerk reads how; of two runs of it the first one counts."""
    platform = Actor.system(via="job")
    own = queries.change_set_for(platform, changes)
    if not own.is_running:
        return
    try:
        outcome = _checked(platform, own)
    except UnreadableFile as wrong:
        outcome = Outcome(error=str(wrong))
    except Unreadable:
        outcome = Outcome(error="上传的文件已无法解密，请重新上传。")
    except AgainstRules:  # only taken apart its words read as a marking (A3)
        outcome = Outcome(refused=True)
    except jobs.DATABASE_GONE:
        raise
    except Exception:
        words = "平台内部出错，已记录；请联系平台运维员。"
        with suppress(AgainstRules):
            actions.finish_check(platform, changes=changes, outcome=Outcome(error=words))
        raise
    with suppress(AgainstRules):
        actions.finish_check(platform, changes=changes, outcome=outcome)


def _checked(platform: Actor, own: ChangeSet) -> Outcome:
    person = organizations.person_for(platform, own.asked_by)
    head = organizations.bureau()
    at = head.pk if own.entered_by and head is not None else own.body_id
    clerk = organizations.actor_for(person, at, via="job")
    content = queries.unsealed(own, own.file)
    actions.note_progress(own.pk, 0, 0)
    lookup = sheets.Lookup(*queries.names_for_workbook(clerk, own.body_id))
    book = sheets.read_book(content, lookup)
    if book.marked:
        return Outcome(refused=True)
    outcome = sheets.plan(
        book,
        queries.stored_entries(clerk, body=own.body_id),
        lookup,
        lambda marks: queries.edits_since(clerk, marks),
        lambda done: actions.note_progress(own.pk, done, len(book.records)),
        queries.requirements.asked_of(own.body_id) | {"law": procedure_now("entry", today()).law},
    )
    if book.grave:
        outcome.annotated = sheets.annotated(content, book)
    return outcome


@jobs.task("catalog.check_all")
def check_all(report: int) -> None:
    """Every entry is checked by today's rules, a chunk at a time, from where a killed worker left
    off; however it ends, the report is closed."""
    platform = Actor.system(via="job")
    running = CheckReport.objects.get(pk=report)
    if not running.is_running:
        return
    try:
        actions.begin_report(running)
        judge = queries.judge_of_many()
        for versions in queries.report.chunks_to_check(running.body_id, running.place):
            actions.note_findings(running, versions, judge)
    except jobs.DATABASE_GONE:
        raise
    except Exception:
        actions.finish_report(platform, report=report, error="平台内部出错，已记录。")
        raise
    actions.finish_report(platform, report=report)


@jobs.periodic(cron="40 18 * * *")  # 02:40 in Nantong
@jobs.task("catalog.look", queueing_lock="catalog.look")
def look(timestamp: int = 0) -> None:
    """Every night: the databases whose day has come are looked at; one that is being scanned the
    next night."""

    def begin(database: int) -> None:
        with suppress(AgainstRules):
            actions.look_at_database(Actor.system(via="job"), database=database)

    jobs.each(queries.databases_to_look_at(today()), begin, "a look at a source")


@jobs.periodic(cron="20 19 * * 0")  # 03:20 on Mondays in Nantong
@jobs.task("catalog.check_weekly", queueing_lock="catalog.check_weekly")
def check_weekly(timestamp: int) -> None:
    """The whole catalog once a week, before anybody asks."""
    with suppress(AgainstRules):  # somebody has asked already
        actions.check_catalog(Actor.system(via="job"))
