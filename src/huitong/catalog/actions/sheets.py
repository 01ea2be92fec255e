"""A workbook handed in, checked, and taken over as one set of drafts, or given up (A7, A12)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from django.db import connection
from django.utils import timezone
from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.actions.connecting import BY_CLERK
from huitong.catalog.actions.entering import entering_of
from huitong.catalog.actions.entries import add_ground, drop_ground
from huitong.catalog.actions.filling import drafts, edits, take_back
from huitong.catalog.actions.sources import BY_PLATFORM
from huitong.catalog.models import ChangeSet, EntryChange
from huitong.catalog.queries import entering
from huitong.catalog.queries.sheets import handles
from huitong.catalog.rules.entering import SHORTEST, Request, SomeReasons
from huitong.catalog.rules.sheets import RUNNING, Outcome, SetState, SheetFile, What
from huitong.connectors.sheets import MAX_BYTES, SIZE_WORDS
from huitong.kernel import jobs
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import belongs_to, note, recorded, together
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.ui.rules import file_name
from huitong.work.rules import Pick

ChangesId = Annotated[int, Pick(queries.change_set_choices), Field(title="变更集", ge=1)]
#: names of entries a refusal lists
NAMED = 5


@recorded("A7", BY_CLERK, inner=True, label="上传目录表格")
def hand_in_workbook(
    actor: Actor,
    *,
    name: Annotated[str, Field(title="文件名", max_length=200)],
    file: Annotated[SheetFile, Field(title="文件")],
    body: Annotated[
        int | None,
        Pick(entering.departments),
        Field(title="提供部门", description="大数据管理局为其他部门代录的，选该部门。"),
    ] = None,
    reasons: SomeReasons = "",
    request: Request = "",
) -> ChangeSet:
    """Take in a workbook of the actor's body, or of a department in whose place the bureau enters
    (代录), with why; it is checked in the background."""
    provider = entering.provider_for(actor, body)
    if provider != actor.body and len(reasons.strip()) < SHORTEST:
        raise Malformed({"reasons": "请写明代录原因"}, article="A7")
    if len(file.content) > MAX_BYTES:
        raise Malformed({"file": f"文件超过 {SIZE_WORDS}，请分成几个文件。"})
    if not file.content:
        raise Malformed({"file": "文件是空的，请重新选择。"})
    own = ChangeSet.objects.create(
        body_id=provider,
        asked_by=actor.person,
        asked_name=actor.name,
        name=file_name(name) or "未命名",
    )
    if provider != actor.body:
        own.entered_by = actor.body_name
        own.entering = {"reasons": reasons, "request": request}
    own.file = queries.sealed(own, file.content)
    own.save(update_fields=["file", "entered_by", "entering"])
    jobs.defer("catalog.check_workbook", lock=f"workbook:{own.body_id}", changes=own.pk)
    return own


def note_progress(changes: int, done: int, total: int) -> None:
    """How far a check has come, while it runs; no act, and so not in the ledger."""
    with writing("catalog.note_progress"):
        running = ChangeSet.objects.filter(pk=changes, state__in=RUNNING)
        running.update(state=SetState.READING, done=done, total=total)


@recorded("A7", BY_PLATFORM, label="检查目录表格")
def finish_check(
    actor: Actor,
    *,
    changes: Annotated[int, Field(title="变更集")],
    outcome: Annotated[Outcome, Field(title="结果")],
) -> ChangeSet:
    """Keep what a check came to. The file itself is kept no longer; of one that carries a marking
    of classified matter nothing is (A3). Raises `AgainstRules` when another run of the same check
    was done first."""
    own = ChangeSet.objects.select_for_update().get(pk=changes)
    if not own.is_running:
        raise AgainstRules("这次检查已经结束。", article="A7", remedy="请刷新页面查看结果。")
    own.state, own.error, own.same = outcome.state, outcome.error, outcome.same
    own.grave, own.faults, own.mended = outcome.grave, outcome.faults, outcome.mended
    own.notes, own.checked_at, own.file = outcome.notes, timezone.now(), ""
    own.total = own.done = len(outcome.planned) + outcome.same
    own.annotated = queries.sealed(own, outcome.annotated)
    if outcome.refused:
        own.name = "（未保存）"
    own.save()
    own.rows.all().delete()
    EntryChange.objects.bulk_create(
        [
            EntryChange(
                changes=own,
                row=one.row,
                what=one.what,
                name=one.name,
                entry_id=one.entry,
                case_id=one.case,
                mark=one.mark,
                given=queries.as_column(one.given),
                grounds=one.grounds,
                before=queries.as_column(one.before),
                lines=[list(line) for line in one.lines],
                code=one.code,
                open=one.open,
            )
            for one in outcome.planned
        ],
        batch_size=500,
    )
    return own


@recorded("A7", BY_CLERK, label="写入目录变更")
def apply_changes(actor: Actor, *, changes: ChangesId) -> ChangeSet:
    """Make the drafts a checked workbook asks for, new ones and edits, all or none."""
    # with all that wait in this body: of two that add the same entry one is written first
    provider = queries.change_set_for(actor, changes).body_id
    waiting = ChangeSet.objects.filter(body=provider, state=SetState.READY)
    list(waiting.select_for_update().order_by("pk").values_list("pk"))
    own = _own(actor, changes, SetState.READY)
    rows = list(own.rows.exclude(what=What.CONFLICT))
    if not rows:
        raise AgainstRules("没有可以写入的内容。", article="A7", remedy="请放弃这次导入。")
    new = [row for row in rows if row.what == What.NEW]
    changed = [row for row in rows if row.what == What.CHANGED]
    hold(actor, changed)
    _check_untouched(changed, "检查之后又有修改", "请重新导出，在新的文件中修改后再上传。")
    _check_names(actor, own, rows)
    if new:
        for row, case in zip(new, _begun(actor, own, new), strict=True):
            row.case, row.entry_id = case, case.facts["entry"]
    if changed:
        together(actor, "entry.edit", [(row.case_id, row.given) for row in changed], edits(actor))
    for row in rows:
        _replace_grounds(actor, row, row.grounds)
    _settle(own, rows, SetState.APPLIED)
    own.applied_at = timezone.now()
    own.annotated = ""
    own.save(update_fields=["applied_at", "annotated"])
    note(new=len(new), changed=len(changed))
    if own.entered_by:
        note(entered_for=own.body_id, why=own.entering["reasons"])
    return own


@recorded("A12", BY_CLERK, label="撤销目录变更")
def undo_changes(actor: Actor, *, changes: ChangesId) -> ChangeSet:
    """Bring the drafts of a set back as they were before it, while nothing else has happened to
    them: new ones are discarded, edited ones say again what they said."""
    own = _own(actor, changes, SetState.APPLIED)
    rows = list(queries.written(actor, own))
    hold(actor, rows)
    _check_untouched(rows, "写入之后又有办理或修改", "请逐条修改，或删除草稿。")
    new: list[tuple[int | None, dict[str, Any]]]
    new = [(row.case_id, {}) for row in rows if row.what == What.NEW]
    if new:
        together(actor, "entry.discard", new, take_back)
    changed = [row for row in rows if row.what == What.CHANGED]
    if changed:
        batch = [
            (row.case_id, {n: v for n, v in row.before.items() if n != "grounds"})
            for row in changed
        ]
        together(actor, "entry.edit", batch, edits(actor))
    for row in changed:
        _replace_grounds(actor, row, row.before.get("grounds"))
    _settle(own, rows, SetState.UNDONE)
    note(discarded=len(new), brought_back=len(changed))
    return own


@recorded("A12", BY_CLERK, label="放弃目录变更")
def give_up_changes(actor: Actor, *, changes: ChangesId) -> ChangeSet:
    """Give up a workbook before it is applied; nothing of its content stays."""
    own = _own(actor, changes, SetState.FAULTY, SetState.READY)
    own.rows.all().delete()
    own.faults, own.mended, own.annotated = [], [], ""
    own.state, own.ended_at = SetState.GIVEN_UP, timezone.now()
    own.save(update_fields=["faults", "mended", "annotated", "state", "ended_at"])
    return own


# -- held until the act is over --------------------------------------------------------------------


def held(actor: Actor, pk: int, *states: SetState) -> ChangeSet:
    """A set in one of these states, held until the act is over."""
    row = queries.change_set_for(actor, pk)
    own = ChangeSet.objects.select_for_update().defer("file", "annotated").get(pk=row.pk)
    if own.state not in states:
        raise AgainstRules(
            f"这次导入现为“{own.get_state_display()}”，不能这样办理。",
            article="A7",
            remedy="请刷新页面，查看现在可以怎样办理。",
        )
    return own


def hold(actor: Actor, rows: Iterable[EntryChange]) -> dict[int | None, str]:
    """Hold the cases of these changes until the act is over, in one order whoever acts, before
    anything of them is judged. Returns their states."""
    keys = [row.case_id for row in rows if row.case_id]
    cases = Case.objects.visible_to(actor).filter(pk__in=keys).order_by("pk")
    return {case.pk: case.state for case in cases.select_for_update(no_key=True)}


# -- inside ----------------------------------------------------------------------------------------


def _own(actor: Actor, pk: int, *states: SetState) -> ChangeSet:
    """A set that is the actor's to handle, held."""
    row = queries.change_set_for(actor, pk)
    if not handles(actor, row):
        whose = row.entered_by or row.body.short_name
        raise NotYours(f"这次导入由{whose}办理。", article="A7", who=f"{whose}经办人")
    return held(actor, pk, *states)


def _begun(actor: Actor, own: ChangeSet, new: list[EntryChange]) -> list[Case]:
    """A case for each new entry of a set: the body's own draft, or one the bureau enters for it,
    of which it is told by the set."""
    if not own.entered_by:
        batch = [(None, row.given) for row in new]
        return together(actor, "entry.draft", batch, drafts(actor, own.body_id))
    why = {"body": own.body_id, **own.entering}
    return together(
        actor,
        "entry.enter_for",
        [(None, row.given | why) for row in new],
        drafts(actor, own.body_id, entering_of(actor, **own.entering)),
        showing=True,
    )


def _check_names(actor: Actor, own: ChangeSet, rows: Sequence[EntryChange]) -> None:
    """Refuse when an entry would get the name of another of its body: one begun after the check,
    or by another file."""
    naming = [row for row in rows if row.given.get("name")]
    names = queries.names_of_body(actor, own.body_id)
    names |= {row.entry_id: row.given["name"] for row in naming if row.entry_id}
    bearers = Counter([*names.values(), *(r.given["name"] for r in naming if not r.entry_id)])
    if twice := [row.name for row in naming if bearers[row.given["name"]] > 1]:
        raise AgainstRules(
            f"{_named(twice)}与{'该' if own.entered_by else '本'}部门另一条目录同名，没有任何改动。",
            article="A7",
            remedy="请改名，或导出后在导出的文件中修改已有的那一条，再上传。",
        )


def _check_untouched(rows: list[EntryChange], what: str, remedy: str) -> None:
    """Refuse when anything has happened to one of these entries since the set last looked."""
    acts = queries.last_acts(row.case_id for row in rows if row.case_id)
    if moved := [row.name for row in rows if acts.get(row.case_id or 0) != row.mark]:
        words = f"{_named(moved)}{what}，没有任何改动。"
        raise AgainstRules(words, article="A12", remedy=remedy)


def _named(names: Sequence[str]) -> str:
    few = "、".join(f"“{name}”" for name in names[:NAMED])
    return few + (f"等 {len(names)} 条" if len(names) > NAMED else "")


def _replace_grounds(actor: Actor, row: EntryChange, grounds: list[dict[str, str]] | None) -> None:
    """Take back the grounds of a draft that are no more, and add those that are new (A8)."""
    if grounds is None or row.case_id is None:
        return
    case = Case(pk=row.case_id)
    version = queries.version_of(case)
    missing = [{n: str(ground[n]) for n in queries.GROUND_FIELDS} for ground in grounds]
    for ground in version.grounds.all():
        text = {n: str(getattr(ground, n)) for n in queries.GROUND_FIELDS}
        if text in missing:
            missing.remove(text)
        else:
            drop_ground(actor, case, filing=ground.pk)
    for ground in missing:
        add_ground(actor, case, **ground)


def _settle(own: ChangeSet, rows: list[EntryChange], state: SetState) -> None:
    """The set has done this, and remembers the last act on each of its entries."""
    acts = queries.last_acts(row.case_id for row in rows if row.case_id)
    of_row = [(row.pk, row.entry_id, row.case_id, acts.get(row.case_id or 0, 0)) for row in rows]
    with connection.cursor() as cursor:  # Django makes a case of a statement for each row
        cursor.execute(
            "UPDATE catalog_entrychange SET entry_id = row.entry, case_id = row.of, mark = row.act"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])"
            " AS row (id, entry, of, act) WHERE catalog_entrychange.id = row.id",
            [list(column) for column in zip(*of_row, strict=True)],
        )
    own.state, own.ended_at = state, timezone.now()
    own.save(update_fields=["state", "ended_at"])
    belongs_to(*(row.case_id for row in rows if row.case_id))
