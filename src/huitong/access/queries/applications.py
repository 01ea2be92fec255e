"""Forms and applications: who sees them, what they rest on, who will decide and by when (A3, A18,
A20)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from huitong.access.models import Application, Form
from huitong.access.queries.completing import sharing_of
from huitong.access.rules import S
from huitong.access.rules.answers import standing_fault
from huitong.catalog import queries as catalog
from huitong.catalog.rules import ShareClass
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case, visible
from huitong.kernel.clocks import promise
from huitong.kernel.ledger import Entry
from huitong.kernel.manifest import Event, EventKind
from huitong.kernel.procedure import AgainstRules, End, NotVisible, NotYours
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import load_calendar, today
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Authority, ItemColumn, MountState
from huitong.scope import Scope

#: states in which an application is no part of what its form says
WITHDRAWN = {s.value for s in S.where(end=End.WITHDRAWN)}


def forms_visible_to(actor: Actor) -> QuerySet[Form]:
    """The consumer sees its own forms; so do the bureau and whoever a resource is asked of, once
    a case of it has come to them."""
    rows = Form.objects.select_related("consumer", "duty", "matter", "system", "scan").order_by(
        "-pk"
    )
    if actor.is_system:
        return rows
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        return rows.none()
    # asked of each form looked at, not collected from all cases there are
    asked_of = Application.objects.filter(
        form=OuterRef("pk"), case__in=Case.objects.visible_to(actor).values("pk")
    )
    return rows.filter(Q(consumer=actor.body) | Exists(asked_of))


PRINTED = Statement(
    lambda actor, case: forms_visible_to(actor).filter(
        applications__case=case, printed__isnull=False
    )[:1],
    case=int,
)


def papers_in_case(actor: Actor, case: Case, before: datetime | None, most: int) -> Iterator[Event]:
    """The print of the form behind an application, as who may see the form gets it."""
    if case.kind != "application":
        return
    forms = PRINTED(actor, case=case.pk)
    form: Form | None = forms[0] if forms else None
    at = form.printed_at if form is not None else None
    if form is None or at is None or (before is not None and at >= before):
        return
    yield Event(
        EventKind.PAPER,
        at,
        f"申请表 {form.number} 打印件（第 {form.version} 版）",
        files=((f"申请表 {form.number}.pdf", reverse("access:pdf", args=[form.pk])),),
    )


FORM = Statement(lambda actor, pk: forms_visible_to(actor).filter(pk=pk), pk=int)


def form_for(actor: Actor, pk: int) -> Form:
    """Raises `NotVisible`."""
    if not (forms := FORM(actor, pk=pk)):
        raise NotVisible("该申请表")
    form: Form = forms[0]
    return form


def own_form(actor: Actor, pk: int) -> Form:
    """A form of the actor's own body, to work on. Raises `NotVisible` or `NotYours`."""
    form = form_for(actor, pk)
    if form.consumer_id != actor.body:
        raise NotYours(
            "申请表由使用部门填写。", article="A20", who=f"{form.consumer.short_name}经办人"
        )
    return form


def last_form_of(actor: Actor) -> Form | None:
    """The form a person made last for the body they act in: what of it is likely wanted again."""
    rows = Form.objects.filter(consumer=actor.body, opened_by=actor.person)
    return rows.order_by("-pk").first() if actor.person and actor.body else None


def form_of_draft(actor: Actor, request_key: str) -> int | None:
    """The form a draft of this person has become, by the request that made it."""
    made_by = Entry.objects.filter(
        person=actor.person, request_key=request_key, verb="access.apply"
    ).first()
    return int(made_by.after["form"]) if made_by else None


RELATED = (
    "case",
    "form__consumer",
    "form__duty",
    "form__matter",
    "mount__entry__body",
    "mount__entry__current",
    "mount__database",
    "target",
    "grant__intake_row__intake",
)
LISTED = Statement(
    lambda keys: Application.objects.select_related(*RELATED).filter(pk__any=keys), keys=list
)


def applications_listed(keys: list[int]) -> list[Application]:
    """These applications, in any order, for lists that know which of them may be seen."""
    return LISTED(keys=keys)


def applications_visible_to(actor: Actor) -> QuerySet[Application]:
    """Applications whose case one may see; their forms one sees with them."""
    rows = Application.objects.select_related(*RELATED)
    # with the kind, which they all have, an index of cases gives each order
    return rows.filter(visible(actor, "case__"), case__kind="application")


#: where applications are from, to narrow a list by
BY_SOURCE = {"here": "本平台提出", "intake": "补录的"}


def by_source(rows: QuerySet[Application], source: str) -> QuerySet[Application]:
    """Narrow applications to one of `BY_SOURCE`."""
    brought = Q(grant__intake_row__isnull=False)
    return rows.filter(brought if source == "intake" else ~brought)


def asked_of(actor: Actor) -> QuerySet[Application]:
    """Applications for the resources of the actor's own body, youngest first."""
    return applications_visible_to(actor).filter(mount__entry__body=actor.body).order_by("-pk")


def application_for(actor: Actor, pk: int) -> Application:
    """Raises `NotVisible`."""
    rows = applications_visible_to(actor).prefetch_related("mount__entry__current__items")
    if (application := rows.filter(pk=pk).first()) is None:
        raise NotVisible("该申请")
    return application


OF_CASE = Statement(
    lambda case: Application.objects.select_related(
        "case",
        "form__consumer",
        "form__system",
        "form__matter",
        "mount__entry__body",
        "mount__entry__current",
        "mount__database",
    ).filter(case=case),
    case=int,
)
OF_FORM = Statement(
    lambda form: (
        Application.objects.select_related("case", "mount__entry__body", "mount__entry__current")
        .prefetch_related("mount__entry__current__items")
        .filter(form=form)
    ),
    form=int,
)


def application_of(case: Case) -> Application:
    """The application a case is about, for actions that hold the case's lock already."""
    return OF_CASE.one(case=case.pk)


def form_applications(form: Form) -> list[Application]:
    """What the form asks for: every application save those withdrawn while it lay unsealed. What
    is stamped stays on the paper."""
    rows = OF_FORM(form=form.pk)
    for application in rows:
        application.form = form
    return [
        a
        for a in rows
        if a.case.state not in WITHDRAWN
        or (form.scan_id and a.case.facts.get("scan") == form.scan_id)
    ]


def locked_cases(form: Form) -> list[Case]:
    """All cases of the form, locked: by number and before the form, as a single step locks its
    case before the form, so that two who act on one form at the same moment never wait for each
    other in a circle."""
    return list(
        Case.objects.select_for_update(no_key=True)
        .filter(pk__in=form.applications.values("case"))
        .order_by("pk")
    )


def check_may_ask(actor: Actor, mount: Any) -> None:
    """Raises `AgainstRules` for what the actor's body cannot apply for: its own, what is not shared
    or for other bodies only, what is not delivered now."""
    provider = mount.entry.body.short_name
    if mount.entry.body_id == actor.body:
        raise AgainstRules("这是本部门提供的资源，无需申请。", article="A20")
    publishing.authority_of(mount)  # not shared: refused under A8
    if not catalog.admits(mount.entry, actor.body):
        raise AgainstRules(
            "该资源只提供给目录指定的部门。",
            article="A8",
            who=provider,
            remedy="如确有履职需要，请与提供部门协商调整共享条件；协商不成的，在目录页面提出疑义，"
            "对答复仍有分歧的，再提出争议协商。",
        )
    if mount.state != MountState.ACTIVE:
        raise AgainstRules(
            f"该资源现在“{MountState(mount.state).label}”，不接受申请。",
            article="A28",
            who=provider,
            remedy="恢复交付后再申请；何时恢复，请联系提供部门。",
        )


def standing_of(application: Application) -> tuple[str, str, str] | None:
    """What is wrong today with the duty or matter an application cites, who acts, what next
    (A3); None when they stand."""
    form, conditional = (
        application.form,
        application.mount.published.share_class == ShareClass.CONDITIONAL,
    )
    return standing_fault(form.duty, form.matter, form.consumer_id, conditional, today())


def base_of(application: Application) -> Scope:
    """The most the entry allows."""
    return publishing.base_scope(application.mount)


def columns_of(application: Application) -> tuple[ItemColumn, ...]:
    return publishing.item_columns(application.mount)


# -- who will decide, and by when ------------------------------------------------------------------


def routes_of(mounts: Sequence[Any]) -> list[dict[str, Any]]:
    """Of each mount who accepts, who decides, in which limits, at the latest when, under which
    article: to be read before submitting (A18). As many queries for fifty as for a few."""
    if not mounts:
        return []
    day, calendar = today(), load_calendar()
    table = doing.procedure_now("application", day)

    @cache
    def limits(deciding: S, sharing: str) -> dict[str, Any]:
        facts = {"sharing": sharing}
        accept, accepted = promise(table, S.SUBMITTED, facts, day, calendar)
        decide, decided = promise(table, deciding, facts, accepted.on, calendar)
        return {
            "article": decide.article,
            "accept_words": accept.words,
            "decide_words": decide.words,
            "accept_by": accepted.on,
            "decide_by": decided.on,
            "provisional": decided.provisional or accepted.provisional,
            "recalled": not (accept.verified and decide.verified),
        }

    def route(mount: Any) -> dict[str, Any]:
        by_platform = publishing.authority_of(mount) == Authority.PLATFORM
        who = Authority.PLATFORM.label if by_platform else mount.entry.body.short_name
        deciding = S.WITH_PLATFORM if by_platform else S.WITH_PROVIDER
        return {"who": who} | limits(deciding, sharing_of(mount))

    return [route(mount) for mount in mounts]
