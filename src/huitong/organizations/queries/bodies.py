"""Bodies, their duties and their successions (A2, A3, A5, A6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import F, Func, Prefetch, Q, QuerySet, TextField

from huitong.kernel.actor import COUNTY, Actor
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotVisible
from huitong.kernel.statements import Statement
from huitong.kernel.watches import watched
from huitong.kernel.workdays import today
from huitong.organizations.models import Body, Duty, Matter, Succession, TaskForce
from huitong.organizations.rules import NO_TASK_FORCE, BodyKind
from huitong.ui.rules import question
from huitong.ui.selectors import Named


def bureaus() -> QuerySet[Body]:
    """The body that is this platform's bureau today: one row, or none yet."""
    return Body.objects.filter(is_bureau=True, valid_to=None)


def bureau() -> Body | None:
    """The body that is this platform's bureau today."""
    return bureaus().first()


def platform(on_behalf_of: str = "", via: str = "job") -> Actor:
    """The platform itself as an actor that knows which body is its bureau."""
    head = bureau()
    return Actor.system(on_behalf_of, via, bureau_body=head.pk if head is not None else None)


def office_holders(office: str) -> list[int]:
    """The bodies that hold an office of the installation today; counties by their register (A6)."""
    held = Q(managing_organ=True) if office == COUNTY.name else Q(offices__contains=[office])
    rows = Body.objects.filter(held, valid_to=None).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def visible_to(actor: Actor, on: date | None = None) -> QuerySet[Body]:
    """The bodies in force on a day: public among those who sign in, hidden from visitors."""
    if actor.is_system or actor.person:
        day = on or today()
        return Body.objects.filter(Q(valid_to=None) | Q(valid_to__gte=day))
    return Body.objects.none()


def body_for(actor: Actor, pk: int) -> Body:
    """One body, also an ended one, for its past stands under its name. Raises `NotVisible`."""
    rows = Body.objects.all() if actor.is_system or actor.person else Body.objects.none()
    body = rows.select_related("parent", "task_force").filter(pk=pk).first()
    if body is None:
        raise NotVisible("该机构")
    return body


def search(actor: Actor, q: str = "", kind: str = "", division: str = "") -> QuerySet[Body]:
    """The bodies of the directory by name, short name or credit code, by kind, and by division with
    those below."""
    rows = visible_to(actor).select_related("parent")
    if q := question(q):
        rows = rows.filter(
            Q(name__icontains=q) | Q(short_name__icontains=q) | Q(credit_code__istartswith=q)
        )
    rows = rows.filter(kind=kind) if kind else rows
    return rows.filter(division_code__startswith=division) if division else rows


def named_like(text: str) -> QuerySet[Body]:
    """Bodies, ended ones too, whose name or short name contains a text; it must be folded (NFKC,
    lower case), as names are here."""
    names = {
        name: Func(
            F(name), template="lower(normalize(%(expressions)s, NFKC))", output_field=TextField()
        )
        for name in ("name", "short_name")
    }
    return Body.objects.alias(folded=names["name"], folded_short=names["short_name"]).filter(
        Q(folded__contains=text) | Q(folded_short__contains=text)
    )


#: a city has a few hundred, ended ones with them
NAMES = Statement(lambda: Body.objects.order_by().values_list("pk", "short_name"))
NAMED = Statement(
    lambda keys: Body.objects.filter(pk__any=keys).order_by().values_list("pk", "short_name"),
    keys=list,
)
#: with more keys than this all names are fetched: a long list of keys costs more than its answer
FEW = 20


def kinds_of(pks: Iterable[int]) -> dict[int, str]:
    """What kind each of these bodies is, in words."""
    rows = Body.objects.filter(pk__in=list(pks)).values_list("pk", "kind")
    return {pk: BodyKind(kind).label for pk, kind in rows}


def short_names() -> dict[int, str]:
    """Short names of all bodies, ended ones too."""
    return dict(NAMES())


def body_names(pks: Iterable[int | None]) -> dict[int, str]:
    """Short names of bodies, for lists that hold only their keys: one query."""
    keys = {pk for pk in pks if pk is not None}
    if len(keys) > FEW:
        return {pk: name for pk, name in NAMES() if pk in keys}
    return dict(NAMED(keys=list(keys))) if keys else {}


def full_names(pks: Iterable[int]) -> list[str]:
    """What bodies are called in full, in the order of their keys: for what is printed."""
    keys = sorted(set(pks))
    rows = Body.objects.filter(pk__in=keys).order_by("pk") if keys else Body.objects.none()
    return list(rows.values_list("name", flat=True))


def subordinates(body: int) -> list[Body]:
    """The units below a body at every depth (A5: their resources are managed with its own)."""
    units, level = list[Body](), [body]
    while level:
        below = [b for b in Body.objects.filter(parent__in=level, valid_to=None) if b not in units]
        units, level = units + below, [b.pk for b in below]
    return units


def unit_choices(actor: Actor, case: object = None) -> list[tuple[int, str]]:
    """The units below the actor's body, to choose from (A5)."""
    units = subordinates(actor.body) if actor.body is not None else []
    return [(unit.pk, unit.name) for unit in sorted(units, key=lambda unit: unit.name)]


def governs(actor: Actor, body: int) -> bool:
    """Whether the body is the actor's own or a unit below it (A5)."""
    return actor.body is not None and (
        body == actor.body or body in {b.pk for b in subordinates(actor.body)}
    )


def successor_of(body: int) -> int:
    """The body itself, or the heir at the end of its line of successions."""
    return successors_of([body])[body]


def successors_of(bodies: Iterable[int]) -> dict[int, int]:
    """The same of each of these bodies: one query."""
    heirs = dict(Succession.objects.filter(heir=True).values_list("predecessor", "successor"))
    last = {}
    for body in bodies:
        heir, visited = body, {body}
        while (following := heirs.get(heir)) is not None and following not in visited:
            heir = following
            visited.add(heir)
        last[body] = heir
    return last


def open_cases_of(body: int) -> QuerySet[Case]:
    """Running cases a body is a party of, for succession and ending; no right is checked."""
    return Case.objects.filter(bodies__contains=[body], closed_at=None)


def responsible_office(body: int | None) -> tuple[str, str] | None:
    """The office of the body's task force that answers for sharing, and its phone (A5); None
    where neither is registered."""
    return (
        TaskForce.objects.filter(body=body).exclude(phone="").values_list("office", "phone").first()
    )


def missing_task_forces() -> QuerySet[Body]:
    """Bodies that must have a task force and have none (A5)."""
    return Body.objects.filter(valid_to=None, task_force=None, parent=None)


WITHOUT_TASK_FORCE = Statement(
    lambda body: missing_task_forces().filter(pk=body).values_list("pk"), body=int
)


def task_forces_to_watch() -> dict[int, bool]:
    """Bodies whose watch over a missing task force is out of date: key → whether one is to begin,
    or to end. Two queries however many there are."""
    lacking = set(missing_task_forces().values_list("pk", flat=True))
    return {pk: pk in lacking for pk in sorted(lacking ^ watched(NO_TASK_FORCE))}


def lacks_task_force(body: int) -> bool:
    """Whether this body must have a task force and has none (A5)."""
    return bool(WITHOUT_TASK_FORCE(body=body))


def departments() -> QuerySet[Body]:
    """The bodies of A2 today, units below them not: those that keep a catalog of their own
    (A12). Counties and zones manage theirs (A6)."""
    elsewhere = (BodyKind.COUNTY, BodyKind.ZONE)
    return Body.objects.filter(valid_to=None, parent=None).exclude(kind__in=elsewhere)


def duties_visible_to(actor: Actor, on: date | None = None) -> QuerySet[Duty]:
    """Duties are public among those who sign in; those in force on a day."""
    if not (actor.is_system or actor.person):
        return Duty.objects.none()
    day = on or today()
    return Duty.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day
    ).select_related("body")


def unconfirmed_duties(actor: Actor) -> QuerySet[Duty]:
    """Duties in force that the bureau has not confirmed since they were last changed (A3)."""
    return (
        duties_visible_to(actor)
        .filter(confirmed_at=None)
        .order_by("body__division_code", "body_id", "pk")
    )


def with_matters(duties: QuerySet[Duty], actor: Actor) -> QuerySet[Duty]:
    """Duties with the matters handled today, for lists: two queries."""
    return duties.prefetch_related(Prefetch("matters", queryset=matters_visible_to(actor)))


def duty_for(actor: Actor, pk: int) -> Duty:
    """One duty in force. Raises `NotVisible`."""
    if (duty := duties_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该职责")
    return duty


def matters_named(text: str) -> QuerySet[Matter]:
    """The duties with a matter of this name or code."""
    return Matter.objects.filter(Q(name__icontains=text) | Q(code=text)).values("duty")


def matters_visible_to(actor: Actor, on: date | None = None) -> QuerySet[Matter]:
    """Matters handled on a day under duties in force on it: public as the duties are."""
    day = on or today()
    return Matter.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=day), duty__in=duties_visible_to(actor, day)
    ).select_related("duty", "duty__body")


def matter_for(actor: Actor, pk: int) -> Matter:
    """One matter handled today. Raises `NotVisible`."""
    if (matter := matters_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该事项")
    return matter


def matters_of(body: int | None) -> QuerySet[Matter]:
    """The matters a body handles today, which its applications may name (A3, A20)."""
    day = today()
    return Matter.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=day),
        Q(duty__valid_to=None) | Q(duty__valid_to__gte=day),
        duty__body=body,
    ).select_related("duty")


VALID = Statement(
    lambda day: Body.objects.filter(Q(valid_to=None) | Q(valid_to__gte=day)).values_list(
        "pk", "short_name", "name"
    ),
    day=date,
)


def all_body_names(on: date | None = None) -> dict[int, str]:
    """Short names of the bodies valid on a day, in the order of the register: for lists to
    choose from, where they are found by their full names too."""
    return {pk: Named(short, name) for pk, short, name in VALID(day=on or today())}


def by_kind(bodies: QuerySet[Body], *, full: bool = False) -> list[tuple[str, list[Any]]]:
    """Bodies to choose from, kind by kind, by their short names or their ``full`` ones; found by
    either."""
    kinds: dict[str, list[Any]] = {kind.value: [] for kind in BodyKind}
    for pk, kind, name, short in bodies.values_list("pk", "kind", "name", "short_name"):
        kinds[kind].append((pk, Named(name, short) if full else Named(short, name)))
    return [(BodyKind(kind).label, rows) for kind, rows in kinds.items() if rows]
