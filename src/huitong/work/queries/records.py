"""The record of a case: what was done, by whom, with which files."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from huitong.kernel import doing
from huitong.kernel.actor import SYSTEM, Post, bodies_of
from huitong.kernel.case import Case, entries_of
from huitong.kernel.laws import article_words
from huitong.kernel.ledger import Entry
from huitong.work.models import Attachment, AttachmentUse
from huitong.work.queries.choices import who_acts
from huitong.work.rules import AttachmentRef, shape_of

#: so many entries of a case's record are shown
LINES = 500


def files_of(cases: list[int]) -> dict[int, Attachment]:
    """The files handed in to these cases, by key."""
    uses = AttachmentUse.objects.filter(case__in=cases).select_related("attachment").order_by("pk")
    return {use.attachment_id: use.attachment for use in uses}


def record_of(case: Case) -> list[Entry]:
    """The ledger entries of a case, the oldest first: the first one and the last `LINES`."""
    on_it = Entry.objects.filter(object_type="kernel.case", object_id=str(case.pk))
    acts = (entries_of(case.pk) | on_it).order_by("seq")
    first, last = acts[:1], acts.reverse()[:LINES]
    return sorted(
        {entry.seq: entry for entry in (*first, *last)}.values(), key=lambda entry: entry.seq
    )


def timeline(case: Case, entries: list[Entry], names: dict[int, str]) -> list[dict[str, Any]]:
    """审批流转记录 for ``<c-timeline>``: the record of a case in words, and last the step it waits
    for."""
    files = files_of([case.pk])
    record = _merged([_line(case, entry, files) for entry in entries])
    for seat in doing.procedure_of(case).duties(case.state):
        bodies = [
            body
            for body in bodies_of(case.parties.get(seat.party))
            if f"{body}:{seat.post}" in case.awaiting
        ]
        if not bodies and doing.procedure_of(case).is_joint(case.state):
            continue  # that opinion is in
        record += [
            {
                "title": f"等待{who_acts(seat)}办理",
                "state": "current",
                "body": names.get(body, ""),
                "post": "" if seat.party == SYSTEM.name else seat.post.label,
            }
            for body in bodies or [0]
        ]
    return record


def _merged(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Merge what one person did several times in a row without words or files (saving a draft)
    into one line with its number."""
    merged: list[dict[str, Any]] = []
    for line in lines:
        last = merged[-1] if merged else None
        if (
            last
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
    named = {
        pk
        for name, field in (verb.given.model_fields if verb else {}).items()
        if shape_of(field).mark(AttachmentRef)
        for pk in _listed(given.get(name))
    }
    deputy = (
        f"（代理{actor['deputy_for_name']}）"
        if actor.get("deputy_for_name") and actor.get("person")
        else ""
    )
    posts = "、".join(Post(p).label for p in actor.get("posts", []) if p in set(Post))
    return {
        "verb": entry.verb,
        "title": label_of(case, entry) if entry.case else (verb.label if verb else entry.verb),
        "state": _outcome(case, entry) if entry.case else "done",
        "actor": actor.get("name", "") + deputy,
        "body": actor.get("body_name", ""),
        "post": posts,
        "at": entry.at,
        "opinion": "　".join(filter(None, (entry.reasons, _words(given)))),
        "article": article_words(entry.article),
        "files": [
            (f.name, reverse("work:attachment", args=[pk]))
            for pk, f in files.items()
            if pk in named
        ],
        "state_after": entry.after.get("state", ""),
    }


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


#: parameters that are somebody's words on the matter, shown as 意见
WORDS = ("opinion", "text", "words", "answer")


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


def refusal_in(record: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The last refusal of a timeline that gives its reasons."""
    return next(
        (line for line in reversed(record) if line["state"] == "refused" and line["opinion"]), None
    )
