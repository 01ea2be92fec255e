"""The record of a case: one timeline of steps, acts beside them, papers, supervision, deliveries
and words between its parties, as far as its reader may see each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet

from huitong.kernel import doing, manifest
from huitong.kernel.actor import SYSTEM, Actor, Post, bodies_of
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case, entries_of
from huitong.kernel.laws import article_words
from huitong.kernel.ledger import Entry
from huitong.kernel.manifest import Event, EventKind
from huitong.kernel.statements import Statement
from huitong.work.models import Attachment, AttachmentUse, Comment
from huitong.work.queries.choices import who_acts
from huitong.work.queries.comments import last_comments
from huitong.work.rules import AttachmentRef, shape_of

#: so many lines of a record are shown at once, and on paper
LINES, WHOLE = 40, 2000
#: before this moment is everything
EVER = datetime(9999, 1, 1, tzinfo=UTC)
#: acts beside the steps by which somebody is urged, warned or informed
SUPERVISION = ("work.urge", "work.answer_urging", "work.warn", "work.copy_to")
#: acts shown as what they made: the words themselves, and to its parties alone
WORDS_BETWEEN = ("work.comment", "work.answer_comment", "work.withdraw_comment")


@dataclass(frozen=True)
class Timeline:
    """A stretch of a case's record for ``<c-timeline>``; ``older`` is what to ask for next: the
    moment before which more happened, None where this is all."""

    lines: list[dict[str, Any]]
    older: datetime | None


def files_of(cases: list[int]) -> dict[int, Attachment]:
    """The files handed in to these cases, by key."""
    return {use.attachment_id: use.attachment for use in USES(cases=cases)}


USES = Statement(
    lambda cases: (
        AttachmentUse.objects.filter(case__id__any=cases)
        .select_related("attachment")
        .order_by("pk")
    ),
    cases=list,
)


def first_entry(case: Case) -> Entry | None:
    """The act by which a case was begun."""
    return entries_of(case.pk).first()


def timeline(
    actor: Actor,
    case: Case,
    names: dict[int, str],
    *,
    kind: EventKind | None = None,
    before: datetime | None = None,
    most: int = LINES,
) -> Timeline:
    """审批流转记录: the latest of what happened in a case, the oldest first, of one kind or of all;
    and last the step it waits for. One query for each kind and each context that adds to it.

    Lines of one moment stay together, for what is older is asked for by the moment alone.
    """
    limit = most + 1
    while True:
        lines = [
            *_of_ledger(case, kind, before or EVER, limit),
            *_of_comments(actor, case, names, kind, before or EVER, limit),
            *map(_of_event, manifest.events(actor, case, kind, before, limit)),
        ]
        lines.sort(key=lambda line: (line["at"], line.get("seq", 0)))
        edge = lines[-most:][0]["at"] if lines else None
        latest = [line for line in lines if line["at"] >= edge]
        if len(latest) < limit:
            break
        limit *= 2  # more happened at the edge than was asked for
    record, older = _merged(latest), edge if len(lines) > len(latest) else None
    if before is None and kind in (None, EventKind.STEP):
        record += _expected(case, names)
    return Timeline(record, older)


def _expected(case: Case, names: dict[int, str]) -> list[dict[str, Any]]:
    """The steps a case waits for now."""
    procedure = doing.procedure_of(case)
    lines = []
    for seat in procedure.duties(case.state):
        bodies = [
            body
            for body in bodies_of(case.parties.get(seat.party))
            if f"{body}:{seat.post}" in case.awaiting
        ]
        if not bodies and procedure.is_joint(case.state):
            continue  # that opinion is in
        lines += [
            {
                "title": f"等待{who_acts(seat)}办理",
                "state": "current",
                "body": names.get(body, ""),
                "post": "" if seat.party == SYSTEM.name else seat.post.label,
            }
            for body in bodies or [0]
        ]
    return lines


# -- from the ledger -------------------------------------------------------------------------------


def _of_ledger(
    case: Case, kind: EventKind | None, before: datetime, most: int
) -> list[dict[str, Any]]:
    if kind in (EventKind.DELIVERY, EventKind.COMMENT):
        return []
    files = files_of([case.pk])
    if kind != EventKind.PAPER:
        entries = LATEST(case=case.pk, key=str(case.pk), before=before, kind=kind, most=most)
        return [_line(case, entry, files) for entry in entries]
    papers = _entries(case.pk, str(case.pk), kind).filter(at__lt=before).order_by("-at", "-seq")
    lines = (_line(case, entry, files) for entry in papers.iterator())
    return list(islice((line for line in lines if line["files"]), most))


LATEST = Statement(
    lambda case, key, before, kind, most: (
        _entries(case, key, kind).filter(at__lt=before).order_by("-at", "-seq")[:most]
    ),
    shape=("kind", "most"),
    case=int,
    key=str,
    before=datetime,
)


def _entries(case: int, key: str, kind: EventKind | None) -> QuerySet[Entry]:
    """The acts in a case and on it; ``key`` is its number as text."""
    on_it = Entry.objects.filter(object_type="kernel.case", object_id=key)
    keys = entries_of(case).order_by().values("pk").union(on_it.values("pk"))
    every = Entry.objects.filter(pk__in=keys).exclude(verb__in=WORDS_BETWEEN)
    if kind == EventKind.STEP:
        return every.filter(case=case)
    if kind == EventKind.NOTICE:
        return every.filter(verb__in=SUPERVISION)
    if kind == EventKind.ACT:
        return every.filter(~Q(verb__in=SUPERVISION), case=None)
    if kind == EventKind.PAPER:
        return every.filter(verb__in=[name for name in doing.VERBS if _file_fields(name)])
    return every


def _file_fields(verb: str) -> list[str]:
    """The parameters of a verb that name files."""
    model = doing.VERBS[verb].given if verb in doing.VERBS else None
    fields = model.model_fields if model is not None else {}
    return [name for name, field in fields.items() if shape_of(field).mark(AttachmentRef)]


def _merged(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Merge what one person did several times in a row without words or files (saving a draft)
    into one line with its number."""
    merged: list[dict[str, Any]] = []
    for line in lines:
        last = merged[-1] if merged else None
        if (
            last
            and "verb" in line
            and not line["opinion"]
            and not line["files"]
            and all(last.get(k) == line[k] for k in ("verb", "actor", "body", "opinion", "files"))
        ):
            merged[-1] = line | {"times": last["times"] + 1}
        else:
            merged.append(line | {"times": 1})
    for line in merged:
        line["title"] += f"（{line['times']} 次）" if line["times"] > 1 else ""
    return merged


def _line(case: Case, entry: Entry, files: dict[int, Attachment]) -> dict[str, Any]:
    verb, actor = doing.VERBS.get(entry.verb), entry.actor
    given = entry.after.get("given", entry.after)
    named = {pk for name in _file_fields(entry.verb) for pk in _listed(given.get(name))}
    deputy = (
        f"（代理{actor['deputy_for_name']}）"
        if actor.get("deputy_for_name") and actor.get("person")
        else ""
    )
    posts = "、".join(Post(p).label for p in actor.get("posts", []) if p in set(Post))
    return {
        "kind": _kind(entry),
        "seq": entry.seq,
        "verb": entry.verb,
        "title": label_of(case, entry) if entry.case else (verb.label if verb else entry.verb),
        "state": _outcome(case, entry) if entry.case else "done",
        "actor": actor.get("name", "") + deputy,
        "body": actor.get("body_name", ""),
        "post": posts,
        "at": entry.at,
        "opinion": "　".join(filter(None, (entry.reasons, _words(given)))),
        "given": given,
        "label": "意见" if entry.case is not None else "内容",
        "article": article_words(entry.article),
        "cites": entry.article,
        "files": [
            (f.name, reverse("work:attachment", args=[pk]))
            for pk, f in files.items()
            if pk in named
        ],
        "state_after": entry.after.get("state", ""),
    }


def _kind(entry: Entry) -> EventKind:
    if entry.case is not None:
        return EventKind.STEP
    return EventKind.NOTICE if entry.verb in SUPERVISION else EventKind.ACT


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


#: parameters that are somebody's words on the matter, shown as 意见
WORDS = ("opinion", "text", "words", "answer")
#: parameters a line of the record says already
SPOKEN = frozenset({"reasons", "ground", "cites", *WORDS})


def _words(given: Any) -> str:
    return next((str(given[k]) for k in WORDS if isinstance(given, dict) and given.get(k)), "")


def label_of(case: Case, entry: Entry) -> str:
    """The label of the step: of a verb in several rows, the one that leaves the state before."""
    name, before = entry.verb.rpartition(".")[2], entry.before.get("state")
    rows = [row for row in doing.procedure_of(case).steps if row.verb == name]
    current = [row for row in rows if before in row.origin or (row.opening and not before)]
    return (current or rows)[0].label if rows else entry.verb


def _outcome(case: Case, entry: Entry) -> str:
    """The outcome of a step: ``refused`` where somebody had to decide and ended it badly,
    ``stopped`` where nobody had to act, else ``done``."""
    name = entry.verb.rpartition(".")[2]
    bad = [row for row in doing.procedure_of(case).steps if row.verb == name and row.danger]
    return "done" if not bad else "stopped" if all(row.optional for row in bad) else "refused"


def refusal_of(case: Case) -> dict[str, Any] | None:
    """The last refusal in a case that gives its reasons, as a line of its record, however long ago
    it was. One query, none where nobody can refuse."""
    steps = doing.procedure_of(case).steps
    verbs = {f"{case.kind}.{row.verb}" for row in steps if row.danger and not row.optional}
    if not verbs:
        return None
    refusals = Entry.objects.filter(case=case.pk, verb__in=verbs).order_by("-seq")
    lines = (_line(case, entry, {}) for entry in refusals)
    return next((line for line in lines if line["opinion"]), None)


# -- from elsewhere --------------------------------------------------------------------------------


def _of_comments(
    actor: Actor,
    case: Case,
    names: dict[int, str],
    kind: EventKind | None,
    before: datetime,
    most: int,
) -> list[dict[str, Any]]:
    if kind not in (None, EventKind.COMMENT):
        return []
    rows = last_comments(actor, case, before, most)
    return [_of_comment(actor, row, names) for row in rows]


def _of_comment(actor: Actor, row: Comment, names: dict[int, str]) -> dict[str, Any]:
    to = "、".join(names.get(body, "") for body in row.to)
    title = f"询问{to}" if to else "答复" if row.answers_id else "留言"
    if row.answers is not None:
        title += f"{names.get(row.answers.body, '')}的{'询问' if row.answers.to else '留言'}"
    links = []
    if row.withdrawn_at is None:
        if row.body != actor.body:
            links.append(("答复", _do("work.answer_comment", row)))
        if row.by_id == actor.person:
            links.append(("撤回", _do("work.withdraw_comment", row)))
    return {
        "kind": EventKind.COMMENT,
        "id": f"comment-{row.pk}",
        "title": title,
        "state": "aside",
        "actor": row.by.name,
        "body": names.get(row.body, ""),
        "at": row.at,
        "opinion": row.text,
        "label": "内容",
        "struck": row.withdrawn_at is not None,
        "links": links,
        "files": [],
    }


def _do(verb: str, row: Comment) -> str:
    return reverse("work:do", args=[verb], query={"comment": row.pk})


def _of_event(event: Event) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "title": event.title,
        "state": event.state,
        "actor": event.actor,
        "body": event.body,
        "at": event.at,
        "opinion": event.text,
        "label": "说明",
        "files": list(event.files),
        "links": list(event.links),
    }
