"""Cases as those who work on them see them: lists, countdown, the record of what was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from huitong.kernel import doing, grounds, manifest
from huitong.kernel.actor import BUREAU, PARTIES, SYSTEM, Actor, Labelled, Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import NotVisible, Procedure, Step, in_force
from huitong.kernel.workdays import Calendar, today
from huitong.organizations import queries as organizations
from huitong.organizations.rules import LENDABLE
from huitong.ui.rules import article_words
from huitong.work.models import Attachment, AttachmentUse, Copy
from huitong.work.queries.notices import unread_of
from huitong.work.rules import AttachmentRef, shape_of

#: so many entries of a case's record are shown
LINES = 500


class Tab(Labelled):
    """The four lists of the workbench."""

    WAITING = "todo", "待办"
    DONE = "done", "已办"
    MINE = "mine", "我发起的"
    CC = "cc", "抄送我的"


# -- which cases -----------------------------------------------------------------------------------


def visible_to(actor: Actor) -> QuerySet[Case]:
    """The cases an actor may read: as a party or the bureau, or because a copy was sent to them."""
    seen = Case.objects.visible_to(actor)
    return seen if actor.is_system else seen | copied_to(actor)


def copied_to(actor: Actor) -> QuerySet[Case]:
    """The cases sent to an actor for information: to who they are in this body, as long as they
    hold a business post there."""
    if actor.body is None or not actor.has(*LENDABLE):
        return Case.objects.none()
    return Case.objects.filter(
        pk__in=Copy.objects.filter(person=actor.person, body=actor.body).values("case")
    )


def reads_as_party(actor: Actor, case: Case) -> bool:
    """Whether an actor may read a case otherwise than by a copy sent to them: only then may they
    pass it on."""
    return actor.has(*LENDABLE) and (
        actor.body in case.readers or (actor.bureau and case.inside is None)
    )


def case_for(actor: Actor, pk: int) -> Case:
    """One case. Raises `NotVisible`."""
    if (case := visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该事项")
    return case


def tab_cases(actor: Actor, tab: str) -> QuerySet[Case]:
    """The cases of one list. To-do: waiting at a desk of this actor and not taken by somebody
    else."""
    if not actor.person:
        return Case.objects.none()
    if tab == Tab.WAITING:
        return Case.objects.waiting_for(actor).filter(Q(holder=None) | Q(holder=actor.person))
    if tab == Tab.CC:
        return copied_to(actor)
    seen = visible_to(actor)
    if tab == Tab.MINE:
        return seen.filter(opened_by=actor.person)
    return seen.filter(
        pk__in=Entry.objects.filter(person=actor.person, case__isnull=False).values("case")
    )


def due_filter(
    cases: QuerySet[Case], due: str, calendar: Calendar, on: date | None = None
) -> QuerySet[Case]:
    """Narrow to what is overdue or near its end (one working day or less left); a clock that
    stands is neither."""
    day = on or today()
    running = cases.filter(closed_at=None, paused=False)
    if due == "overdue":
        return running.filter(due_on__lt=day)
    if due == "near":
        return running.filter(due_on__gte=day, due_on__lte=calendar.after(day, 1).on)
    return cases


def counted(**lists: QuerySet[Any]) -> dict[str, int]:
    """How many rows each of these has, in one query however many there are."""
    parts: list[str] = []
    params: list[Any] = []
    for rows in lists.values():
        try:
            sql, more = rows.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:  # Django knows that nothing can match
            sql, more = "SELECT 1 WHERE FALSE", ()
        # the ORM's own SQL, its parameters apart
        parts.append(f"(SELECT count(*) FROM ({sql}) AS part)")  # noqa: S608
        params += more
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), params)
        return dict(zip(lists, cursor.fetchone(), strict=True))


def shell_counts(actor: Actor) -> dict[str, int]:
    """What the head of every page shows: ``todo`` and ``notices`` unread, in one query."""
    return counted(todo=tab_cases(actor, Tab.WAITING), notices=unread_of(actor))


def copies_of(case: Case) -> QuerySet[Copy]:
    return Copy.objects.filter(case=case).select_related("person").order_by("pk")


# -- countdown -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Countdown:
    """The facts of ``<c-due>``: working days left (negative: overdue), last day, whether it
    stands or is provisional."""

    left: int | None
    due: date | None
    paused: str = ""
    done: str = ""
    provisional: bool = False

    @property
    def words(self) -> str:
        """In words alone, for files and mail."""
        if self.done or self.paused:
            return self.done or self.paused
        if self.left is None:
            return "无时限"
        return f"已超期 {-self.left} 个工作日" if self.left < 0 else f"剩 {self.left} 个工作日"


def countdown(case: Case, calendar: Calendar, on: date | None = None) -> Countdown:
    """How much time is left for the step a case waits for, counted in working days on this
    calendar."""
    if not case.is_open:
        return Countdown(None, None, done="已办结")
    if case.due_on is None:
        return Countdown(None, None)
    day = on or today()
    left = calendar.between(day, case.due_on)
    # overdue over a weekend: no working day has passed, yet the day is gone
    if day > case.due_on and left == 0:
        left = -1
    return Countdown(
        left, case.due_on, "等待补正" if case.paused else "", provisional=case.provisional
    )


# -- who -------------------------------------------------------------------------------------------


def people_to_hand_over_to(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """Who sits at the desk where a case waits, but for the one who holds it."""
    if case is None:
        return []
    return [(p.pk, p.name) for p in organizations.people_at(case.awaiting) if p.pk != case.holder]


def people_to_copy(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """Who may be sent a copy: people of the bodies that may read the case. Who reads it by a
    copy alone passes nothing on."""
    if case is None or not reads_as_party(actor, case):
        return []
    bodies = {body for body in (*case.readers, actor.body) if body is not None}
    people = organizations.people_of(bodies)
    return [(person.pk, person.name) for person in people if person.pk != actor.person]


# -- the record of a case --------------------------------------------------------------------------


def files_of(cases: list[int]) -> dict[int, Attachment]:
    """The files handed in in these cases, by key."""
    uses = AttachmentUse.objects.filter(case__in=cases).select_related("attachment").order_by("pk")
    return {use.attachment_id: use.attachment for use in uses}


def record_of(case: Case) -> list[Entry]:
    """What was done on this case, the oldest first: how it began, and the last steps and
    recorded acts."""
    acts = Entry.objects.filter(
        Q(case=case.pk) | Q(object_type="kernel.case", object_id=str(case.pk))
    ).order_by("seq")
    first, last = acts[:1], acts.reverse()[:LINES]
    return sorted(
        {entry.seq: entry for entry in (*first, *last)}.values(), key=lambda entry: entry.seq
    )


def timeline(case: Case, entries: list[Entry], names: dict[int, str]) -> list[dict[str, Any]]:
    """审批流转记录 for ``<c-timeline>``: the record of a case in words, and last the step it waits
    for."""
    files = files_of([case.pk])
    record = _gathered([_line(case, entry, files) for entry in entries])
    seat = doing.procedure_of(case).awaits(case.state) if case.is_open else None
    if seat is not None:
        body = names.get(case.parties.get(seat.party, 0), "")
        record.append(
            {
                "title": f"等待{seat.label}办理",
                "state": "current",
                "body": body,
                "post": seat.post.label,
            }
        )
    return record


def _gathered(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same done again at once by the same person, with no word or file to it (saving a
    draft), is one line with its number."""
    found: list[dict[str, Any]] = []
    for line in lines:
        last = found[-1] if found else None
        if (
            last
            and not line["opinion"]
            and not line["files"]
            and all(last.get(k) == line[k] for k in ("verb", "actor", "body", "opinion", "files"))
        ):
            found[-1] = line | {"times": last["times"] + 1}
        else:
            found.append(line | {"times": 1})
    for line in found:
        line["title"] += f"（{line['times']} 次）" if line["times"] > 1 else ""
    return found


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
        "title": _label(case, entry) if entry.case else (verb.label if verb else entry.verb),
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


def _label(case: Case, entry: Entry) -> str:
    """The step's own label: a verb may stand in several rows, told apart by the state it was
    taken in."""
    name, before = entry.verb.rpartition(".")[2], entry.before.get("state")
    rows = [row for row in doing.procedure_of(case).steps if row.verb == name]
    here = [row for row in rows if before in row.origin or (row.opening and not before)]
    return (here or rows)[0].label if rows else entry.verb


def _outcome(case: Case, entry: Entry) -> str:
    """A step that ends badly is a refusal where somebody had to decide, and a stop where nobody
    had to act."""
    name = entry.verb.rpartition(".")[2]
    bad = [row for row in doing.procedure_of(case).steps if row.verb == name and row.danger]
    return "done" if not bad else "stopped" if all(row.optional for row in bad) else "refused"


def refusal_in(record: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The last refusal of a timeline that gives its reasons."""
    return next(
        (line for line in reversed(record) if line["state"] == "refused" and line["opinion"]), None
    )


def party_label(name: str) -> str:
    return PARTIES[name].label if name in PARTIES else name


def parties_of(case: Case) -> list[tuple[str, int]]:
    """The parties as a clerk names them: who asks, who gives, and the bureau last."""
    order = [name for name in PARTIES if name != BUREAU.name] + [BUREAU.name]
    return sorted(
        case.parties.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else -1
    )


def bureau_also(case: Case) -> list[str]:
    """What the bureau is in this case besides the bureau: then other people act in each seat,
    and the page says so (A17)."""
    head = case.parties.get(BUREAU.name)
    return [
        party_label(name)
        for name, body in parties_of(case)
        if head is not None and body == head and name != BUREAU.name
    ]


def bodies_to_choose(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """Every body valid today, in an opening without the actor's own: a list for ``Pick``
    parameters."""
    return [
        (pk, name)
        for pk, name in organizations.all_body_names().items()
        if case is not None or pk != actor.body
    ]


def grounds_to_choose(verb: str, case: Case | None) -> list[tuple[str, str]]:
    """The grounds this verb may rest on today under the law of the case, each with its article."""
    rows = grounds.grounds_for(verb, law=case.law if case is not None else "")
    return [
        (row.code, row.label + (f"（{article_words(row.article)}）" if row.article else ""))
        for row in rows
    ]


def ordered(cases: QuerySet[Case], sort: str) -> QuerySet[Case]:
    """Sorted as asked; by default what is due first comes first, what has no limit last."""
    keys = {
        "due": "due_on",
        "entered": "entered_at",
        "opened": "opened_at",
        "title": "title",
        "number": "number",
    }
    key, down = keys.get(sort.lstrip("-"), ""), sort.startswith("-")
    if not key:
        return cases.order_by(F("due_on").asc(nulls_last=True), "-entered_at", "-pk")
    return cases.order_by((F(key).desc if down else F(key).asc)(nulls_last=True), "-pk")


@dataclass(frozen=True)
class Opening:
    """A kind of case somebody may start, and the page where it is started."""

    table: Procedure
    row: Step
    verb: doing.Verb
    url: str


def openings(actor: Actor) -> list[Opening]:
    """The cases this actor may start, by the tables in force today (A36): a party of a new case is
    whoever opens it. Each has the generic form, or the page its context's manifest names."""
    found = []
    for kind, tables in doing.PROCEDURES.items():
        if not (begun := [t for t in tables.values() if t.in_force <= today()]):
            continue
        table = in_force(begun, today(), getattr(settings, "HUITONG_LAW", ""))
        for row in table.steps:
            mine = (
                row.who.post in actor.posts
                and row.who.party != SYSTEM.name
                and (row.who.party != BUREAU.name or actor.bureau)
            )
            page = manifest.case_page(kind).openings.get(row.verb)
            url = (
                reverse("work:open", args=[kind, row.verb])
                if page is None
                else page and reverse(page)
            )
            if (
                row.opening
                and mine
                and url
                and (verb := doing.VERBS.get(f"{kind}.{row.verb}"))
                and verb.offered
            ):
                found.append(Opening(table, row, verb, url))
    return found
