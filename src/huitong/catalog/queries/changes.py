"""Changes of law and function: who sees which, what each concerns, how far each body is (A11).

Who sees a change is who sees its case: the body that registered it, the bodies it was sent to, the
bureau. Of the entries it concerns a body sees its own part alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Max, Q, QuerySet

from huitong.catalog.models import AffectedEntry, Entry, LawChange, LegalGround
from huitong.catalog.queries.reach import visible_to
from huitong.catalog.queries.updating import content_versions
from huitong.catalog.rules.changes import CHANGE, CHANGE_PART, Settlement, counts_from, names_of
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.clocks import is_late
from huitong.kernel.manifest import CaseFacts
from huitong.kernel.procedure import NotVisible
from huitong.kernel.workdays import SHANGHAI
from huitong.organizations import queries as organizations
from huitong.work import queries as work

#: the fields of a version, beside its grounds, whose text may cite a document
CITING = {
    "condition": "共享条件",
    "personal_reason": "共享理由",
    "open_condition": "开放条件",
    "summary": "摘要",
    "standard": "执行标准",
    "remark": "备注",
}


def changes_visible_to(actor: Actor) -> QuerySet[LawChange]:
    """The changes whose case the actor may read."""
    cases = work.visible_to(actor).filter(kind=CHANGE.kind)
    return LawChange.objects.filter(case__in=cases.values("pk")).select_related("case")


def change_for(actor: Actor, case: int) -> LawChange:
    """The change of a case. Raises `NotVisible`."""
    if (change := changes_visible_to(actor).filter(case=case).first()) is None:
        raise NotVisible("该法规职能变动")
    return change


def changes_named(actor: Actor, words: str) -> QuerySet[LawChange]:
    """The changes whose document or number has these words."""
    rows = changes_visible_to(actor)
    for word in words.split():
        rows = rows.filter(Q(document__icontains=word) | Q(number__icontains=word))
    return rows


def change_part_for(actor: Actor, case: int) -> Case:
    """A body's part in a change. Raises `NotVisible`."""
    part = work.case_for(actor, case)
    if part.kind != CHANGE_PART.kind:
        raise NotVisible("该事项")
    return part


def change_case_for(actor: Actor, case: int) -> Case:
    """The case of a change or of a body's part in one. Raises `NotVisible`."""
    about = work.case_for(actor, case)
    if about.kind not in (CHANGE.kind, CHANGE_PART.kind):
        raise NotVisible("该法规职能变动")
    return about


def change_of(case: Case) -> LawChange:
    """The change a case, or the part of one, is about, for those who may see the case."""
    return LawChange.objects.select_related("case").get(case=case.parent_id or case.pk)


def parts_of_change(actor: Actor, change: LawChange) -> QuerySet[Case]:
    """The parts of a change the actor may read."""
    return work.visible_to(actor).filter(parent=change.case_id, kind=CHANGE_PART.kind)


def own_part(actor: Actor, case: Case) -> Case | None:
    """The running part of the actor's body in a change."""
    parts = work.visible_to(actor).filter(parent=case, kind=CHANGE_PART.kind, closed_at=None)
    return parts.filter(parties__provider=actor.body).order_by("-pk").first()


def late_changes(actor: Actor, day: date) -> QuerySet[LawChange]:
    """The changes with a part, of those the actor reads, whose limit is over on a day."""
    late = work.visible_to(actor).filter(kind=CHANGE_PART.kind, closed_at=None, due_on__lt=day)
    return LawChange.objects.filter(case__in=late.values("parent"))


def nearest_parts(actor: Actor, changes: Collection[LawChange]) -> dict[int, Case]:
    """Of each change the running part that is due first, as far as the actor reads it: one
    query, by the case of the change."""
    parts = work.visible_to(actor).filter(
        parent__in=[change.case_id for change in changes], closed_at=None, due_on__isnull=False
    )
    return {part.parent_id or 0: part for part in parts.order_by("-due_on", "-pk")}


@dataclass(frozen=True)
class Numbers:
    """How many entries, and how many of them were settled in which way."""

    entries: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)

    @property
    def settled(self) -> int:
        return sum(self.outcomes.values())

    @property
    def left(self) -> int:
        return self.entries - self.settled


def numbers_by(name: str, rows: QuerySet[AffectedEntry]) -> dict[int, Numbers]:
    """The numbers of these entries, by their part or their change: one query."""
    counted: dict[int, dict[str, int]] = {}
    values = rows.order_by().values_list(name, "outcome").annotate(n=Count("pk"))
    for key, outcome, number in values:
        counted.setdefault(key, {})[outcome] = number
    return {
        key: Numbers(sum(by.values()), {o.value: by.get(o.value, 0) for o in Settlement})
        for key, by in counted.items()
    }


def affected_visible_to(actor: Actor) -> QuerySet[AffectedEntry]:
    """The entries that changes concern, as far as the actor reads their parts; the bureau those
    not sent out, too."""
    parts = work.visible_to(actor).filter(kind=CHANGE_PART.kind).values("pk")
    visible = Q(part__in=parts)
    if actor.is_system or (actor.bureau and actor.has(Post.OPERATOR, Post.MANAGER)):
        visible |= Q(part=None)
    return AffectedEntry.objects.filter(visible).select_related(
        "entry__body", "entry__current", "entry__latest__case"
    )


# -- which entries ---------------------------------------------------------------------------------


def entries_to_include(actor: Actor, case: Case) -> QuerySet[Entry]:
    """The published entries that can still be counted among those a change concerns: to the bureau
    all, to a body its own."""
    rows = visible_to(actor).filter(current__isnull=False).select_related("body", "current")
    if case.kind == CHANGE_PART.kind:
        rows = rows.filter(body=case.body_of("provider"))
    elif not actor.bureau:
        rows = rows.none()
    change = AffectedEntry.objects.filter(change__case=case.parent_id or case.pk)
    return rows.exclude(pk__in=change.values("entry"))


def citing(rows: QuerySet[Entry], document: str) -> QuerySet[Entry]:
    """Of these entries, those whose published version cites the document: in a ground for not
    sharing, a condition, a reason."""
    if not (names := names_of(document)):
        return rows.none()
    ground, text = Q(), Q()
    for name in names:
        ground |= Q(document__icontains=name)
        for element in CITING:
            text |= Q(**{f"current__{element}__icontains": name})
    grounds = LegalGround.objects.filter(ground).values("version")
    return rows.filter(text | Q(current__in=grounds))


def of_duties(rows: QuerySet[Entry], actor: Actor, document: str) -> QuerySet[Entry]:
    """Of these entries, those of bodies with a duty or a matter that rests on the document."""
    if not (names := names_of(document)):
        return rows.none()
    duty, matter = Q(), Q()
    for name in names:
        duty |= Q(source__icontains=name) | Q(text__icontains=name)
        matter |= Q(basis__icontains=name)
    duties = organizations.duties_visible_to(actor).filter(duty).values("body")
    matters = organizations.matters_visible_to(actor).filter(matter).values("duty__body")
    return rows.filter(Q(body__in=duties) | Q(body__in=matters))


def where_cited(entries: Collection[Entry], document: str) -> dict[int, str]:
    """Where each entry cites the document, in words; empty where it does not. One query."""
    names = names_of(document)
    grounds: dict[int, list[str]] = {}
    versions = [entry.current_id for entry in entries]
    for ground in LegalGround.objects.filter(version__in=versions):
        if any(name in ground.document for name in names):
            grounds.setdefault(ground.version_id, []).append(f"不予共享依据（{ground.article}）")
    return {
        entry.pk: "、".join(
            [
                *grounds.get(entry.current_id or 0, []),
                *(
                    label
                    for element, label in CITING.items()
                    if any(name in getattr(entry.published, element) for name in names)
                ),
            ]
        )
        for entry in entries
    }


# -- settling --------------------------------------------------------------------------------------


def unsettled(part: Case) -> QuerySet[AffectedEntry]:
    return AffectedEntry.objects.filter(part=part, outcome="")


def entries_to_settle(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """The entries of a part, the unsettled ones first: what was said can be changed while the
    part runs."""
    rows = AffectedEntry.objects.filter(part=case).select_related("entry__current")
    return [
        (row.entry_id, f"{row.entry.name}（{row.entry.code}）")
        for row in rows.order_by("outcome", "pk")
    ]


def versions_since(change: LawChange, entries: Collection[int]) -> dict[int, int]:
    """Of these entries, those with a version published for the change: the number of the last one
    (`rules.changes.counts_from`, by the days of the city)."""
    since = counts_from(change.published_on, change.case.opened_at.astimezone(SHANGHAI))
    rows = content_versions().filter(entry__in=entries, published_at__gt=since)
    return dict(rows.order_by().values_list("entry").annotate(last=Max("number")))


# -- on the page of a case -------------------------------------------------------------------------


def change_facts(actor: Actor, case: Case) -> CaseFacts:
    """What the case page shows of a change; asked for a case the actor may see."""
    change = change_of(case)
    numbers = numbers_by("change", affected_visible_to(actor).filter(change=change))
    facts = {"change": change, "numbers": numbers.get(change.pk, Numbers()), "part": None}
    pages = {
        "include": reverse("catalog:choose_affected", args=[case.pk]),
        "exclude": reverse("catalog:change", args=[case.pk]),
    }
    return CaseFacts(facts, pages)


def change_part_facts(actor: Actor, case: Case) -> CaseFacts:
    """The same of a body's part."""
    numbers = numbers_by("part", AffectedEntry.objects.filter(part=case))
    facts = {"change": change_of(case), "numbers": numbers.get(case.pk, Numbers()), "part": case}
    pages = {
        "take_in": reverse("catalog:choose_affected", args=[case.pk]),
        "settle": reverse("catalog:change_part", args=[case.pk]),
    }
    if is_late(case):
        pages["ask_extension"] = ""
    return CaseFacts(facts, pages)
