"""What a workbook would change: every entry of it beside what the platform has, judged by the rules
before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from types import SimpleNamespace
from typing import Any

from pydantic import ValidationError

from huitong.catalog import queries
from huitong.catalog.forms.sheets.book import Book, Fault, Record
from huitong.catalog.forms.sheets.cells import Lookup
from huitong.catalog.forms.sheets.layout import ENTRIES, PARTS, STATED, Sheet
from huitong.catalog.rules import (
    ELEMENTS,
    LONGEST,
    RULES,
    EntryFacts,
    GroundFacts,
    ItemRow,
    Kind,
    Severity,
    check,
    follow_category,
    settle,
    struck_in,
)
from huitong.catalog.rules.sheets import Edit, Outcome, Planned, StoredEntry, What
from huitong.kernel import doing
from huitong.kernel.doing.given import checked
from huitong.kernel.procedure import Malformed
from huitong.kernel.workdays import today

#: faults kept to be listed on the page; the copy of the file has all
MOST_LISTED = 2000
#: of entries and the acts at which each was read, the edits since
Since = Callable[[Collection[tuple[int, int]]], Mapping[int, Sequence[Edit]]]
#: rules that may stop a submission; markings (A3) were looked for in the whole file
STOPPING = [rule for rule in RULES if rule.name != "classified"]
#: makes facts of the values of an entry, new or as it is stored
Judge = Callable[[Mapping[str, Any], StoredEntry | None], EntryFacts]
PART_OF = {part.holds: part for part in PARTS}


def plan(
    book: Book,
    entries: Iterable[StoredEntry],
    lookup: Lookup,
    since: Since,
    progress: Callable[[int], None] = lambda done: None,
    required: Mapping[str, Any] | None = None,
) -> Outcome:
    """Compare a file with what there is. ``required``: of new entries of the body, today, as
    facts. Faults are added to the book; nothing is written."""
    existing = {one.entry: one for one in entries}
    own = {record.entry for record in book.records}
    judge = _judge(lookup, [*book.records, *existing.values()], required or {})
    others = {one.values["name"]: one for one in existing.values() if one.entry not in own}
    outcome, changes = Outcome(), list[Planned]()
    for done, record in enumerate(book.records, 1):
        if (before := _before(record, existing, others, book)) is None and record.entry:
            continue
        if not record.wrong and (one := _planned(record, before, lookup, book, judge)) is not None:
            changes.append(one)
        elif not record.wrong:
            outcome.same += 1
        if done % 50 == 0:
            progress(done)
    marks = {r.entry: int(r.mark) for r in book.records if r.entry in existing and not r.wrong}
    moved = since([(one.entry, marks[one.entry]) for one in changes if one.entry])
    merged = [
        _beside(one, moved.get(one.entry, ()), existing[one.entry].values, lookup, book)
        if one.entry
        else one
        for one in changes
    ]
    outcome.planned = [one for one in merged if one is not None]
    outcome.same += len(merged) - len(outcome.planned)
    outcome.grave = len(book.grave)
    outcome.faults = [_listed(fault) for fault in book.in_order[:MOST_LISTED]]
    outcome.mended = [_listed(fault) for fault in book.mended[:MOST_LISTED]]
    outcome.notes = book.notes
    return outcome


def _listed(fault: Fault) -> dict[str, Any]:
    return asdict(fault) | {"cell": fault.cell}


def _before(
    record: Record,
    existing: Mapping[int, StoredEntry],
    others: Mapping[str, StoredEntry],
    book: Book,
) -> StoredEntry | None:
    """The entry a record changes; a fault where it cannot be that. ``others``: by name, those the
    file does not speak of."""
    before = existing.get(record.entry or 0)
    renamed = before is None or before.values["name"] != record.name
    if renamed and (other := others.get(record.name)) is not None:
        record.wrong = True
        remedy = "请改名" if record.entry else "要修改它，请先导出，在导出的文件中改"
        words = f"本部门已有同名的目录（{other.state}）：{remedy}"
        book.fault(ENTRIES, record.row, "name", words)
    if record.entry is None:
        return None
    if before is None:
        record.wrong = True
        words = f"本部门没有平台编号为 {record.entry} 的目录；新增的目录请把平台编号留空"
        book.fault(ENTRIES, record.row, "entry", words)
    elif not (record.mark.isascii() and record.mark.isdecimal() and len(record.mark) < 19):
        record.wrong = True
        words = "校验码不完整，无法判断导出之后有没有别人修改过：请重新导出"
        book.fault(ENTRIES, record.row, "mark", words)
    return before


def _planned(
    record: Record, before: StoredEntry | None, lookup: Lookup, book: Book, judge: Judge
) -> Planned | None:
    """What becomes of the entry; None when nothing does. Faults are noted."""
    stated = {name: value for name, value in record.values.items() if name in STATED}
    stand = dict(before.values) if before else {name: _empty(name) for name in STATED}
    merged_values = SimpleNamespace(
        **{**dict.fromkeys(ELEMENTS, ""), **stand, **_whole(stated, stand)}
    )
    if merged_values.category != stand["category"]:
        follow_category(merged_values)
    for name in settle(merged_values):
        if name in stated:
            words = "与所选的共享或开放类型无关，不保存"
            book.mend(ENTRIES, record.row, ENTRIES.by_name[name], words) if name in (
                ENTRIES.by_name
            ) else None
    after = {name: getattr(merged_values, name) for name in stand}
    lines = [line for name in stated for line in _lines(name, stand[name], after[name], lookup)]
    if before and not lines:
        return None
    if before and not before.editable:
        words = f"该目录现为“{before.state}”，不能用表格修改；要改已发布的目录，请在平台上发起变更"
        book.fault(ENTRIES, record.row, "name", words)
        return None
    changed = {n: after[n] for n in stated if _differ(n, stand[n], after[n], lookup)}
    given = {n: v for n, v in changed.items() if n != "grounds" and (before or v or n == "name")}
    _try(record, given, before, book)
    open_findings = 0 if record.wrong else _check(record, after, before, judge, book)
    return Planned(
        record.row,
        What.CHANGED if before else What.NEW,
        record.name,
        record.entry,
        before.case if before else None,
        before.mark if before else 0,
        given,
        after["grounds"] if "grounds" in changed else None,
        {name: stand[name] for name in changed} if before else {},
        tuple(lines),
        record.code if not before else "",
        open_findings,
    )


def _empty(name: str) -> Any:
    kind = ELEMENTS[name].kind
    return "" if kind in (Kind.TEXT, Kind.CHOICE, Kind.SYSTEM) else []


def _whole(stated: Mapping[str, Any], stand: Mapping[str, Any]) -> dict[str, Any]:
    """What is stated, items with what the sheet does not show of them."""
    whole = dict(stated)
    if "items" in whole:
        ways = ("column", "name")
        own = {(way, i[way]): i for i in stand["items"] for way in ways if i[way]}
        rows = []
        for item in stated["items"]:
            same = [own[w, item[w]] for w in ways if item.get(w) and (w, item[w]) in own]
            row = {**(same[0] if same else {}), **item}
            if not LONGEST.get(row.get("type", ""), 1):
                row["length"] = None
            rows.append(row)
        whole["items"] = rows
    return whole


# -- in words --------------------------------------------------------------------------------------


def _differ(name: str, before: Any, after: Any, lookup: Lookup) -> bool:
    return any(_lines(name, before, after, lookup))


def _lines(name: str, before: Any, after: Any, lookup: Lookup) -> list[tuple[str, str, str]]:
    """What changes in an element: its label, before, after."""
    if (part := PART_OF.get(name)) is not None:
        return _lines_of_part(part, before, after, lookup)
    heading = ENTRIES.by_name[name]
    old, new = heading.show(before, lookup), heading.show(after, lookup)
    return [(heading.label, old, new)] if old != new else []


def _lines_of_part(
    part: Sheet, before: list[Any], after: list[Any], lookup: Lookup
) -> list[tuple[str, str, str]]:
    old, new = (
        {
            str(row[part.needs[-1] if part.holds == "grounds" else part.needs[0]]): row
            for row in rows
        }
        for rows in (before, after)
    )
    lines = [
        (part.name, _brief(part, key, row, lookup), "")
        for key, row in old.items()
        if key not in new
    ]
    for key, row in new.items():
        if key not in old:
            lines.append((part.name, "", _brief(part, key, row, lookup)))
            continue
        for heading in part.headings[2:]:
            was, now = (heading.show(r.get(heading.name), lookup) for r in (old[key], row))
            if was != now and heading.name in row:
                lines.append((f"{part.name}“{key[:40]}” {heading.label}", was, now))
    if not lines and list(old) != list(new):
        lines.append((part.name, "、".join(old), "、".join(new)))
    return lines


def _brief(part: Sheet, key: str, row: Mapping[str, Any], lookup: Lookup) -> str:
    if part.holds == "grounds":
        return f"《{row['document']}》{row['article']}"
    words = [h.show(row.get(h.name), lookup) for h in part.headings[3:5]]
    return f"{key}（{'，'.join(filter(None, words))}）"


# -- judged ----------------------------------------------------------------------------------------


def _try(record: Record, given: Mapping[str, Any], before: StoredEntry | None, book: Book) -> None:
    """What the verb itself would refuse, at its cell. Markings (A3) were looked for in the file."""
    verb = doing.VERBS["entry.edit" if before else "entry.draft"]
    try:
        checked(verb.given, given, verb.article, by_people=False)
    except Malformed as refused:
        for place, texts in refused.fields.items():
            for text in texts:
                _fault(record, place, text, book, grave=True)


def _fault(record: Record, place: str, message: str, book: Book, *, grave: bool) -> None:
    """A fault at the cell of a field: ``summary``, or ``items.3.name``."""
    name, _, rest = place.partition(".")
    number, _, column = rest.partition(".")
    record.wrong |= grave
    if (part := PART_OF.get(name)) is not None and number.isdecimal():
        book.fault(part, record.rows[name][int(number)], column, message, grave=grave)
    else:
        book.fault(ENTRIES, record.row, name, message, grave=grave)


def _check(
    record: Record, after: Mapping[str, Any], before: StoredEntry | None, judge: Judge, book: Book
) -> int:
    """What the checks find: it may be written as a draft, but not submitted so. Returns how much of
    it must be mended."""
    try:
        facts = judge(after, before)
    except ValidationError:  # of what the platform has kept since before a rule
        return 0
    findings = [f for f in check(facts, STOPPING) if f.severity is Severity.ERROR]
    items = [item.name for item in facts.items]
    for finding in findings:
        name, _, item = finding.field.partition(".")
        rows = record.rows.get(name, [])
        if item in items and (n := items.index(item)) < len(rows):
            place = f"{name}.{n}.name"
        else:
            place = name
        _fault(record, place, f"{finding.message}。{finding.remedy}", book, grave=False)
    return len(findings)


def _judge(
    lookup: Lookup, entries: Iterable[Record | StoredEntry], required: Mapping[str, Any]
) -> Judge:
    """What makes facts of an entry as it would be, as its page judges them: by the law of its case,
    with what is struck of it. What the items of all cite is asked for once. It raises
    `ValidationError`."""
    items = [item for one in entries for item in one.values.get("items") or ()]
    names = ({item.get(n, "") for item in items} - {""} for n in ("code_list", "standard"))
    registers = queries.registers_of(*names)

    def facts_of(values: Mapping[str, Any], before: StoredEntry | None) -> EntryFacts:
        given = {name: _fact(name, value, lookup) for name, value in values.items()}
        facts = EntryFacts(**given, **registers.cited(given["items"]), **required, on=today())
        if before is None:
            return facts
        own = {"law": before.law, "struck": struck_in(facts, before.struck)}
        return facts.model_copy(update=own)

    return facts_of


def _fact(name: str, value: Any, lookup: Lookup) -> Any:
    match ELEMENTS[name].kind:
        case Kind.SYSTEM:
            return lookup.system_names.get(value, "")
        case Kind.BODIES:
            return tuple(lookup.body_names.get(pk, str(pk)) for pk in value)
        case Kind.ITEMS:
            return tuple(ItemRow(**item) for item in value)
        case Kind.GROUNDS:
            return tuple(GroundFacts(**ground) for ground in value)
    return value


def _beside(
    one: Planned, edits: Sequence[Edit], stand: Mapping[str, Any], lookup: Lookup, book: Book
) -> Planned | None:
    """The change beside what was edited since the file was exported: what the clerk left as it was
    then is not given, what follows from the rest is; the same element changed by both is a
    conflict. None when nothing is left."""
    first: dict[str, Edit] = {}
    for edit in edits:
        for name in edit.elements:
            first.setdefault(name, edit)
    given, lines = dict(one.given), list(one.lines)
    for name, edit in first.items():
        if name in given and name in edit.before and name in ENTRIES.by_name:
            heading = ENTRIES.by_name[name]
            if heading.show(edit.before[name], lookup) == heading.show(given[name], lookup):
                del given[name]
                lines = [line for line in lines if line[0] != heading.label]
    if not given and one.grounds is None:
        return None
    following = _following(given, stand, lookup)
    given |= following
    lines += [line for n, value in following.items() for line in _lines(n, stand[n], value, lookup)]
    touched = {*given, *(("grounds",) if one.grounds is not None else ())}
    for edit in edits:
        if not edit.own and touched & edit.elements:
            words = f"导出之后，{edit.who}已于 {edit.when} 修改了同一部分：这一条不写入，"
            book.fault(ENTRIES, one.row, "name", words + "请重新导出后再改", grave=False)
            return replace(one, what=What.CONFLICT, given={}, grounds=None, before={})
    before = {name: stand[name] for name in touched}
    return replace(one, given=given, before=before, lines=tuple(lines))


def _following(
    given: Mapping[str, Any], stand: Mapping[str, Any], lookup: Lookup
) -> dict[str, Any]:
    """What else of an entry changes with what is given: what a choice empties, or fills in. It is
    shown and undone with the rest."""
    values = SimpleNamespace(**{**stand, **given})
    if "category" in given:
        follow_category(values)
    settle(values)
    after = {name: getattr(values, name) for name in ELEMENTS if name in STATED - {*given}}
    return {n: value for n, value in after.items() if _differ(n, stand[n], value, lookup)}
