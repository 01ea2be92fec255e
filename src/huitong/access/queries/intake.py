"""What a table of older grants would bring in, judged row by row against the registers and the
catalog as they are now; and the tables brought in so far (A19, A22)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet

from huitong.access.models import Intake, IntakeRow
from huitong.access.queries.completing import sharing_of
from huitong.access.rules import G, asked_scope, check_filter
from huitong.access.rules.answers import TABLE_NAME, matter_wanting
from huitong.access.rules.conditions import written_filter
from huitong.access.rules.intake import (
    GRANTS,
    INTAKE,
    MOST_ROWS,
    Fault,
    Footing,
    OldGrant,
    faults_of_days,
    faults_of_resource,
    way_of,
)
from huitong.catalog import queries as catalog
from huitong.catalog.queries.sources import targets_named
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.manifest import CaseFacts
from huitong.kernel.procedure import Malformed, NotVisible
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.organizations.rules import Report, Sheet, parse
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Mode, MountState, unserved
from huitong.scope import Scope, to_json
from huitong.work import queries as work


@dataclass
class Check:
    """What a table comes to: the grants its right rows are, what is wrong with the others, which
    were brought in before, by row and number."""

    report: Report
    grants: list[OldGrant] = field(default_factory=list)
    before: list[tuple[int, str]] = field(default_factory=list)

    @property
    def wrong_rows(self) -> int:
        return len({error.row for error in self.report.errors})

    def count(self, footing: Footing) -> int:
        return sum(grant.footing == footing for grant in self.grants)


def check_intake(
    actor: Actor,
    source: str,
    sheet: Sheet,
    papers: Collection[int] = (),
    *,
    own: Intake | None = None,
) -> Check:
    """Judge every row; nothing is written. ``papers`` are the keys of the scans that came with it;
    ``own`` is the table it stands in already, whose numbers are no others'. A fixed number of
    queries however many rows there are. Raises `Malformed` for what is no such table."""
    if len(sheet) > MOST_ROWS:
        raise Malformed({"sheet": f"一次最多补录 {MOST_ROWS} 行，请分成几个文件。"}, article="A19")
    check = Check(parse(GRANTS, sheet))
    rows = check.report.rows
    numbers = IntakeRow.objects.filter(
        source=source, void=False, number__in=[row["number"] for _, row in rows]
    )
    used = set((numbers if own is None else numbers.exclude(intake=own)).values_list("number"))
    named = _Named(actor, [row for _, row in rows], papers)
    for number, row in rows:
        if (row["number"],) in used:
            check.before.append((number, row["number"]))
            continue
        faults = list(_faults_of(named, row))
        scope = None if faults else _scope(named, row, faults)
        for column, words in faults:
            check.report.add_error(number, GRANTS.column(column).heading, words)
        if scope is not None and not faults:
            check.grants.append(_old_grant(named, source, number, row, scope))
    return check


class _Named:
    """What the rows of a table name, found at once."""

    def __init__(self, actor: Actor, rows: list[dict[str, Any]], papers: Collection[int]) -> None:
        bodies = list(organizations.visible_to(actor).values_list("pk", "name", "short_name"))
        self.short = {pk: short for pk, _, short in bodies}
        self.bodies = _by_name((short, pk) for pk, _, short in bodies)
        # a full name is that of its body alone, whatever others are called for short
        self.bodies |= _by_name((name, pk) for pk, name, _ in bodies)
        consumers = {self.consumer(row) for row in rows}
        systems = catalog.systems_visible_to(actor).filter(
            body__in=consumers, name__in={row["system"] for row in rows}
        )
        self.systems = {(system.body_id, system.name): system for system in systems}
        duties = organizations.duties_visible_to(actor).filter(
            body__in=consumers, text__in={row["duty"] for row in rows}
        )
        self.duties = {(duty.body_id, duty.text): duty for duty in duties}
        matters = organizations.matters_visible_to(actor).filter(
            code__in={row["matter"] for row in rows}
        )
        self.matters = {matter.code: matter for matter in matters}
        mounts = publishing.visible_to(actor).filter(entry__code__in={row["code"] for row in rows})
        mounts = mounts.exclude(state=MountState.WITHDRAWN)
        self.mounts = {
            (mount.entry.code, mount.mode): mount
            for mount in mounts.prefetch_related("entry__current__items")
        }
        self.targets = targets_named(consumers, {row["target"] for row in rows})
        files = work.attachments_to_hand_in(actor).filter(pk__in=papers)
        self.papers = _by_name(files.values_list("name", "pk"))
        self._bases: dict[int, Scope] = {}

    def consumer(self, row: Mapping[str, Any]) -> int:
        """The one body of that name; 0 where there is none, or more than one."""
        return _only(self.bodies, row["consumer"]) or 0

    def mount(self, row: Mapping[str, Any]) -> Any:
        return self.mounts.get((row["code"], row["mode"]))

    def duty(self, row: Mapping[str, Any]) -> Any:
        return self.duties.get((self.consumer(row), row["duty"]))

    def system(self, row: Mapping[str, Any]) -> Any:
        return self.systems.get((self.consumer(row), row["system"]))

    def base(self, mount: Any) -> Scope:
        if mount.pk not in self._bases:
            self._bases[mount.pk] = publishing.base_scope(mount)
        return self._bases[mount.pk]


def _by_name(rows: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """Keys by what they are called: a name may be that of several."""
    named: dict[str, list[int]] = {}
    for name, pk in rows:
        named.setdefault(name, []).append(pk)
    return named


def _only(named: Mapping[str, Sequence[int]], name: str) -> int | None:
    """The one of a name; None where there is none, or more than one."""
    keys = named.get(name, ())
    return keys[0] if len(keys) == 1 else None


def _faults_of(named: _Named, row: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong with whom and what a row names, and with its days."""
    yield from faults_of_days(row, today())
    if row["consumer"] not in named.bodies:
        yield "consumer", f"没有名为“{row['consumer']}”的部门：请填机构目录中的全称或简称"
        return
    if (same := len(named.bodies[row["consumer"]])) > 1:
        yield "consumer", f"有 {same} 个部门简称“{row['consumer']}”：请填全称"
        return
    system = named.system(row)
    if system is None:
        yield "system", "该部门没有登记这个信息系统：请其先在“系统与数据库”中登记，名称须一致"
    elif system.retired_on is not None:
        yield "system", "该信息系统已停用：请改填在用的系统"
    if (duty := named.duty(row)) is None:
        yield "duty", "该部门没有登记这项职责，或已终止：请先在“职责与事项”中登记，文字须一致"
    if row["matter"]:
        matter = named.matters.get(row["matter"])
        if matter is None or (duty is not None and matter.duty_id != duty.pk):
            yield "matter", "该项职责下没有这个事项编码，或事项已终止：请核对"
    if row["paper"] and row["paper"] not in named.papers:
        yield "paper", f"没有收到“{row['paper']}”：请与表格一起上传，文件名须一致"
    elif row["paper"] and (same := len(named.papers[row["paper"]])) > 1:
        yield "paper", f"收到 {same} 个名为“{row['paper']}”的文件：请改成不同的文件名再上传"
    yield from _faults_of_mount(named, row)


def _faults_of_mount(named: _Named, row: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong with the resource, for this consumer (A3, A8, A13)."""
    if (mount := named.mount(row)) is None:
        ways = [Mode(way).label for code, way in named.mounts if code == row["code"]]
        yield (
            ("mode", f"这项资源没有以该方式挂接，现有：{'、'.join(ways)}")
            if ways
            else ("code", "没有以此代码发布并挂接的资源：请核对代码，或请提供部门先挂接")
        )
        return
    consumer, duty = named.consumer(row), named.duty(row)
    yield from faults_of_resource(
        row,
        mount.published.share_class,
        mount.state,
        own=mount.entry.body_id == consumer,
        admitted=catalog.admits(mount.entry, consumer),
        confirmed=duty is None or duty.is_confirmed,
    )


def _scope(named: _Named, row: Mapping[str, Any], faults: list[Fault]) -> Scope | None:
    """What the row lets through: never more than the resource as it is published now (A8, A30).
    What keeps it from being delivered so is added to the faults."""
    mount = named.mount(row)
    base, columns = named.base(mount), publishing.item_columns(mount)
    words = {"items": "items", "row_filter": "rows", "matter": "matter"}
    try:
        tree = check_filter(written_filter(row["rows"], columns), columns)
        if mount.mode == Mode.FILE and (
            tree or (row["items"] and {*row["items"]} != {*base.items})
        ):
            raise Malformed({"items": "文件整件提供，不能只提供一部分：请留空"})
        scope = asked_scope(base, row["items"], tree)
        matter = named.matters[row["matter"]].pk if row["matter"] else None
        if wanting := matter_wanting(scope, matter):
            raise Malformed(wanting)
    except ValueError as wrong:
        faults.append(("rows", str(wrong)))
        return None
    except Malformed as wrong:
        for name, texts in wrong.fields.items():
            faults.append((words.get(name, "items"), "；".join(texts)))
        return None
    if not row["ended"] and (why := unserved(mount.mode, scope, publishing.key_items(mount))):
        faults.append(("items", why))
    if mount.mode == Mode.TABLE and not row["ended"]:
        faults += _faults_of_target(named, row)
    return scope


def _faults_of_target(named: _Named, row: Mapping[str, Any]) -> Iterator[Fault]:
    if (named.consumer(row), row["target"]) not in named.targets:
        yield (
            "target",
            "库表方式须填接收数据的前置库：请使用部门先登记，用途选“接收交换数据的前置库”，名称须一致",
        )
    if row["target_table"] and not re.fullmatch(TABLE_NAME, row["target_table"]):
        yield "target_table", "只能用小写字母、数字和下划线，以字母或下划线开头"


def _old_grant(
    named: _Named, source: str, number: int, row: Mapping[str, Any], scope: Scope
) -> OldGrant:
    mount, consumer = named.mount(row), named.consumer(row)
    authority, footing = way_of(row, publishing.authority_of(mount))
    table = mount.mode == Mode.TABLE
    return OldGrant(
        row=number,
        source=source,
        number=row["number"],
        decided_on=row["decided_on"],
        decided_by=row["decided_by"],
        authority=authority.value,
        footing=footing.value,
        mount=mount.pk,
        resource=mount.entry.name,
        provider=mount.entry.body_id,
        sharing=sharing_of(mount),
        consumer=consumer,
        consumer_name=named.short[consumer],
        system=named.system(row).pk,
        duty=named.duty(row).pk,
        matter=named.matters[row["matter"]].pk if row["matter"] else None,
        purpose=row["purpose"],
        scenario=row["scenario"],
        scope=to_json(scope),
        per_second=row["per_second"],
        per_day=row["per_day"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        target=named.targets.get((consumer, row["target"])) if table else None,
        target_table=(row["target_table"] or mount.table) if table else "",
        contact=row["contact"],
        phone=row["phone"],
        paper=_only(named.papers, row["paper"]),
        note=row["note"],
    )


# -- who brings in ---------------------------------------------------------------------------------


def brings_in_grants(actor: Actor) -> bool:
    """Whether an actor prepares tables of older grants or decides on them."""
    return not doing.seats_to_open(actor).isdisjoint(row.who for row in INTAKE.steps)


def may_prepare_intake(actor: Actor) -> bool:
    """Whether an actor prepares such tables."""
    return not doing.seats_to_open(actor).isdisjoint(row.who for row in INTAKE.rows("prepare"))


def check_may_prepare_intake(actor: Actor) -> None:
    """Raises `NotYours` for whoever does not, before their table is looked at."""
    INTAKE.check_opening("prepare", doing.seats_to_open(actor))


# -- tables brought in -----------------------------------------------------------------------------


def intakes_visible_to(actor: Actor) -> QuerySet[Intake]:
    """The bureau's own business; the parties of a grant see where it came from on the grant."""
    rows = Intake.objects.select_related("case")
    if actor.is_system:
        return rows
    if not actor.bureau:
        return rows.none()
    return rows.filter(case__in=Case.objects.visible_to(actor).values("pk"))


def intakes_counted(actor: Actor) -> QuerySet[Intake]:
    """The same, the youngest first, with the number of their rows."""
    return intakes_visible_to(actor).annotate(number_of_rows=Count("rows")).order_by("-pk")


def intake_for(actor: Actor, pk: int) -> Intake:
    """Raises `NotVisible`."""
    if (intake := intakes_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该补录")
    return intake


def intake_rows(intake: Intake) -> QuerySet[IntakeRow]:
    """What stands in a table, with what has become of each row."""
    return intake.rows.select_related("grant__case", "grant__mount__entry__current", "paper")


def sources_of_intakes(actor: Actor) -> list[str]:
    """Where grants have been brought in from so far, to be named alike again."""
    rows = intakes_visible_to(actor).order_by("source").values_list("source", flat=True)
    return list(rows.distinct())


def rechecked(actor: Actor, intake: Intake) -> Check:
    """A table judged again, as things are now, when its manager looks at it."""
    rows = list(intake.rows.values_list("row", "given"))
    sheet = Sheet([given for _, given in rows], [row for row, _ in rows])
    return check_intake(actor, intake.source, sheet, intake.papers, own=intake)


def intake_facts(actor: Actor, case: Case) -> CaseFacts:
    """What the page of a table's case shows of it; asked for a case the actor may see."""
    intake = intakes_visible_to(actor).filter(case=case).first()
    if intake is None:
        return CaseFacts()
    check = rechecked(actor, intake) if case.is_open else None
    became = dict(
        intake.rows.exclude(grant=None)
        .order_by()
        .values_list("grant__case__state")
        .annotate(n=Count("pk"))
    )
    facts = {
        "intake": intake,
        "check": check,
        "footings": (
            [(way.label, check.count(way)) for way in Footing if check.count(way)] if check else []
        ),
        "became": [(G(state).label, number) for state, number in sorted(became.items())],
        "rows": intake.rows.count(),
    }
    return CaseFacts(facts)
