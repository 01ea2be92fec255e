"""Forms and applications: who sees them, what the printed form says, what can be chosen (A18,
A20)."""

from __future__ import annotations

from datetime import datetime, timedelta
from datetime import timezone as timezone_of
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from huitong.access.models import Application, ApplicationSystem, Form
from huitong.access.rules import S
from huitong.access.rules.answers import standing_fault
from huitong.access.rules.stamped import DOUBTS, Print, checklist
from huitong.catalog import queries as catalog
from huitong.catalog.rules import DatabaseRole, ShareClass
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.clocks import promise
from huitong.kernel.laws import article_words
from huitong.kernel.manifest import CaseFacts
from huitong.kernel.procedure import AgainstRules, End, NotVisible, NotYours
from huitong.kernel.workdays import SHANGHAI, load_calendar, today
from huitong.organizations import queries as organizations
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Authority, ItemColumn, Mode
from huitong.scope import Scope, explain_filter, from_json
from huitong.ui import pdf
from huitong.work import queries as work

TEMPLATE = Path(str(files("huitong.access") / "data" / "application.typ"))
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
    asked_of = Application.objects.filter(
        case__in=Case.objects.visible_to(actor).values("pk")
    ).values("form")
    return rows.filter(Q(consumer=actor.body) | Q(pk__in=asked_of))


def form_for(actor: Actor, pk: int) -> Form:
    """Raises `NotVisible`."""
    if (form := forms_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该申请表")
    return form


def own_form(actor: Actor, pk: int) -> Form:
    """A form of the actor's own body, to work on. Raises `NotVisible` or `NotYours`."""
    form = form_for(actor, pk)
    if form.consumer_id != actor.body:
        raise NotYours(
            "申请表由使用部门填写。", article="A20", who=f"{form.consumer.short_name}经办人"
        )
    return form


def applications_visible_to(actor: Actor) -> QuerySet[Application]:
    """Applications of the forms one sees whose case one may see."""
    rows = Application.objects.select_related(
        "case",
        "form__consumer",
        "form__duty",
        "form__matter",
        "mount__entry__body",
        "mount__entry__current",
        "mount__database",
        "target",
    )
    if actor.is_system:
        return rows
    return rows.filter(
        form__in=forms_visible_to(actor).order_by().values("pk"),
        case__in=Case.objects.visible_to(actor).values("pk"),
    )


def asked_of(actor: Actor) -> QuerySet[Application]:
    """Applications for the resources of the actor's own body, youngest first."""
    return (
        applications_visible_to(actor)
        .filter(mount__in=publishing.own(actor).order_by().values("pk"))
        .order_by("-pk")
    )


def application_for(actor: Actor, pk: int) -> Application:
    """Raises `NotVisible`."""
    if (application := applications_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该申请")
    return application


def application_of(case: Case) -> Application:
    """The application a case is about, for actions that hold the case's lock already."""
    rows = Application.objects.select_related(
        "case",
        "form__consumer",
        "form__system",
        "form__matter",
        "mount__entry__body",
        "mount__entry__current",
        "mount__database",
    )
    return rows.get(case=case)


def form_applications(form: Form) -> list[Application]:
    """What the form asks for: every application save those withdrawn while it lay unsealed. What
    is stamped stays on the paper."""
    rows = form.applications.select_related(
        "case", "mount__entry__body", "mount__entry__current"
    ).prefetch_related("mount__entry__current__items")
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


def terms_of(application: Application) -> str:
    """The digest of what a stamp binds its body to for one resource, by the keys of what is
    named: renaming changes nothing."""
    form = application.form
    terms = {
        "form": form.number,
        "duty": form.duty_id,
        "matter": form.matter_id,
        "system": form.system_id,
        "purpose": form.purpose,
        "scenario": form.scenario,
        "period": [form.period_from.isoformat(), form.period_to.isoformat()],
        "mount": application.mount_id,
        "contact": [form.contact, form.phone],
        "scope": application.scope,
        "frequency": application.frequency,
        "target": application.target_id,
        "target_table": application.target_table,
    }
    return pdf.fingerprint(terms)


def stamped(case: Case) -> Application:
    """The application of a submitted case, which must still say what was printed, stamped and
    submitted. Raises `AgainstRules`."""
    application = application_of(case)
    form, stamp = application.form, case.facts.get("stamped")
    # a case submitted before the stamp was kept: what the form says now must be what was printed
    same = (
        stamp == stamp_of(application)
        if stamp
        else pdf.fingerprint(content_now(form)) == form.printed_hash
    )
    if not same:
        raise AgainstRules(
            "申请内容与盖章的申请表不一致，不能据以办理。",
            article="A20",
            who="使用部门经办人",
            remedy="请不予受理或不予授权，由使用部门重新填写、打印、盖章后申请。",
        )
    return application


def stamp_of(application: Application) -> dict[str, Any]:
    """What a case keeps at its submission of the stamped paper: version and content of the
    print, and the terms for this resource."""
    form = application.form
    return {"version": form.version, "content": form.printed_hash, "terms": terms_of(application)}


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


# -- the printed form ------------------------------------------------------------------------------


def content_of(form: Form) -> dict[str, Any]:
    """What the form says, apart from number, version and moment of printing: what its fingerprint
    is taken of.

    A submitted form says what was printed and stamped, even when bodies or resources have been
    renamed since.
    """
    if form.submitted_at is not None and form.printed_content:
        return dict(form.printed_content)
    return content_now(form)


def content_now(form: Form) -> dict[str, Any]:
    """What the form would say if it were printed now."""
    task_force = getattr(form.consumer, "task_force", None)
    return {
        "city": organizations_city(),
        "number": form.number,
        "applicant": {
            "name": form.consumer.name,
            "credit_code": form.consumer.credit_code,
            "office": task_force.office if task_force else "",
        },
        "contact": {"name": form.contact, "phone": form.phone},
        "duty": form.duty.text,
        "matter": {"code": form.matter.code, "name": form.matter.name} if form.matter else None,
        "system": form.system.name,
        "purpose": form.purpose,
        "scenario": form.scenario,
        "period": {"from": form.period_from.isoformat(), "until": form.period_to.isoformat()},
        "resources": [_resource(a) for a in form_applications(form)],
    }


def organizations_city() -> str:
    """The city in the form's title: the site's name up to its 市."""
    name: str = settings.SITE_NAME
    return name[: name.find("市") + 1] if "市" in name else ""


def _resource(application: Application) -> dict[str, Any]:
    entry, scope = application.mount.entry, from_json(application.scope)
    parts = (
        [f"数据行限于：{explain_filter(scope.row_filter)}"] if scope.row_filter is not None else []
    )
    parts += [f"调用频度：{application.frequency}"] if application.frequency else []
    parts += [f"送达表：{application.target_table}"] if application.target_table else []
    return {
        "name": entry.name,
        "code": entry.code or "",
        "provider": entry.body.name,
        "mode": Mode(application.mount.mode).label,
        "items": list(scope.items),
        "scope": "；".join(parts),
    }


def fingerprint_of(form: Form) -> str:
    """SHA-256 of what the form says now."""
    return pdf.fingerprint(content_of(form))


def print_fault(form: Form) -> AgainstRules | None:
    """Why the form's last print does not count: there is none, or what it says has been changed
    since. None when it does."""
    if form.printed_at is None:
        return AgainstRules(
            "申请表尚未打印定版。",
            article="A20",
            remedy="请先在申请表页面点“生成打印件”，盖章后扫描上传。",
        )
    if fingerprint_of(form) != form.printed_hash:
        return AgainstRules(
            "打印之后申请内容已修改，原打印件作废。",
            article="A20",
            remedy="请重新生成打印件并盖章。",
        )
    return None


def printed_matter(form: Form) -> bytes:
    """The very PDF that was printed last. Raises `AgainstRules` when the form has been changed
    since."""
    if (fault := print_fault(form)) is not None:
        raise fault
    if form.printed is not None and (path := work.path_of(form.printed)).is_file():
        return path.read_bytes()
    return typeset(form)  # printed before prints were kept


def print_of(form: Form) -> Print:
    """What names the form's last print."""
    return Print(form.pk, form.number or "", form.version, form.printed_hash)


def typeset(form: Form) -> bytes:
    """The PDF of what was fixed as the form's last print, made now."""
    at: datetime = form.printed_at
    # typst wants a fixed offset
    local = at.astimezone(timezone_of(SHANGHAI.utcoffset(at.replace(tzinfo=None)) or timedelta()))
    content = (form.printed_content or content_of(form)) | {
        "version": form.version,
        "printed_at": f"{local:%Y-%m-%d %H:%M}",
        "fingerprint": form.printed_hash,
        "qr": pdf.qr_svg(print_of(form).code(settings.PUBLIC_URL)),
    }
    return pdf.render(TEMPLATE, content, made_at=local.replace(microsecond=0), fonts=settings.FONTS)


# -- who will decide, and by when ------------------------------------------------------------------


def route_words(mount: Any, on: Any = None) -> dict[str, Any]:
    """Who accepts, who decides, in which limits, at the latest when, under which article: to be
    read before submitting (A18)."""
    day, calendar = on or today(), load_calendar()
    table = doing.procedure_now("application", day)
    who = publishing.authority_of(mount)
    deciding = S.WITH_PLATFORM if who == Authority.PLATFORM else S.WITH_PROVIDER
    accept, accepted = promise(table, S.SUBMITTED, day, calendar)
    decide, decided = promise(table, deciding, accepted.on, calendar)
    name = mount.entry.body.short_name if who == Authority.PROVIDER else Authority.PLATFORM.label
    return {
        "authority": who,
        "who": name,
        "article": decide.article,
        "accept_words": accept.words,
        "decide_words": decide.words,
        "accept_by": accepted.on,
        "decide_by": decided.on,
        "provisional": decided.provisional or accepted.provisional,
    }


# -- to choose from --------------------------------------------------------------------------------


def system_choices(actor: Actor, case: object = None) -> list[tuple[int, str]]:
    return (
        [(s.pk, s.name) for s in ApplicationSystem.objects.filter(body=actor.body)]
        if actor.body
        else []
    )


def duty_choices(actor: Actor, case: object = None) -> list[tuple[int, str]]:
    return (
        [
            (d.pk, d.text if d.is_confirmed else f"{d.text}（未确认）")
            for d in organizations.duties_visible_to(actor).filter(body=actor.body)
        ]
        if actor.body
        else []
    )


def matter_choices(actor: Actor, case: object = None) -> list[tuple[int, str]]:
    return (
        [(m.pk, f"{m.name}（{m.code}）") for m in organizations.matters_of(actor.body)]
        if actor.body
        else []
    )


def target_choices(actor: Actor, case: object = None) -> list[tuple[int, str]]:
    return [
        (d.pk, d.name) for d in catalog.databases_visible_to(actor).filter(role=DatabaseRole.TARGET)
    ]


def apply_choices(actor: Actor, case: object = None) -> list[tuple[int, str]]:
    """Mounts this body may apply for."""
    rows = publishing.visible_to(actor).exclude(entry__body=actor.body)
    return [
        (m.pk, f"{m.entry.name}（{Mode(m.mode).label}，{m.entry.body.short_name}）")
        for m in rows
        if actor.body and catalog.admits(m.entry, actor.body)
    ]


def acceptance_choices(actor: Actor, case: Case | None = None) -> list[tuple[str, str]]:
    """What who accepts must have looked at: the checklist in force, with what is doubtful about
    this case's scan."""
    doubts = case.facts.get("scan_doubts", []) if case is not None else ()
    return [
        (row.key, f"{row.label}（{article_words(row.article)}）")
        for row in checklist(doubts, today())
    ]


# -- the generic case page -------------------------------------------------------------------------


def application_facts(actor: Actor, case: Case) -> CaseFacts:
    """What the case page shows of an application; asked for a case the actor may see."""
    from huitong.access.queries.grants import grants_visible_to, scope_words

    application = applications_visible_to(actor).filter(case=case).first()
    if application is None:
        return CaseFacts()
    grant = grants_visible_to(actor).filter(application=application).first()
    refused = (
        S(case.state).end is End.REFUSED
        and application.form.consumer_id == actor.body
        and actor.has(Post.OPERATOR)
    )
    standing = standing_of(application) if case.is_open else None
    facts = {
        "application": application,
        "form": application.form,
        "doubts": [DOUBTS[d] for d in case.facts.get("scan_doubts", []) if d in DOUBTS],
        "standing": "".join(standing[::2]) if standing else "",
        "again": (
            reverse("access:apply", query={"mount": application.mount_id}) if refused else ""
        ),
        "granted": scope_words(grant.scope) if grant else [],
        "words": scope_words(application.scope),
    }
    pages = {
        "accept": reverse("access:accept", args=[application.pk]),
        "grant": reverse("access:decide", args=[application.pk]),
        "refuse": reverse("access:decide", args=[application.pk], fragment="refuse"),
        "seal": reverse("access:scan", args=[application.form_id]),
    }
    return CaseFacts(facts, pages)
