"""The printed form: what it says, its print, and what a stamp on it binds to (A20)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from huitong.access.models import Application, Form
from huitong.access.queries.applications import application_of, form_applications
from huitong.access.queries.personal import letters_of, printed_handling
from huitong.access.rules import Undertaking, undertakings
from huitong.access.rules.personal import IMPACT
from huitong.access.rules.stamped import APPLICATION_FORM
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import procedure_now
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.workdays import today
from huitong.publishing.rules import Mode
from huitong.scope import explain_filter, from_json
from huitong.ui import pdf
from huitong.work import queries as work
from huitong.work.rules import stamped as papers


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
    handling = printed_handling(form)
    resources = form_applications(form)
    # a print that still counts, of before undertakings were kept as data: the paper had its text
    before = bool(form.printed_hash) and "undertakings" not in form.printed_content
    return {
        "city": work.city_of_forms(),
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
        "resources": [_resource(a) for a in resources],
        # only where there is one: what was printed before there were any stays as it is
        **({"circumstance": form.special} if form.circumstance else {}),
        **({"personal": handling} if handling else {}),
        **({} if before else {"undertakings": [row.text for row in undertakings_of(resources)]}),
    }


def undertakings_of(applications: Iterable[Application]) -> tuple[Undertaking, ...]:
    """What is undertaken today with these applications, by the laws they run under."""
    return undertakings({a.case.law for a in applications}, today())


def undertakings_now() -> tuple[Undertaking, ...]:
    """What is undertaken with an application that would be made today."""
    return undertakings({procedure_now("application", today()).law}, today())


def undertaken(actor: Actor, form: Form) -> dict[str, Any]:
    """What a manager undertakes by submitting a form: the texts as printed on it, who, when."""
    rows = undertakings_of(form_applications(form))
    printed = form.printed_content.get("undertakings", [row.text for row in rows[:1]])
    return {
        "texts": [
            {"code": row.code, "article": row.article, "text": row.text}
            for row in rows
            if row.text in printed
        ],
        "by": f"{form.consumer.short_name} {actor.name}".strip(),
        "at": timezone.now().isoformat(),
        "version": form.version,
    }


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
    """Why the form's last print does not count; None when it does."""
    now = fingerprint_of(form) if form.printed_at is not None else ""
    return papers.print_fault(APPLICATION_FORM, form, now)


def printed_matter(form: Form) -> bytes:
    """The very PDF that was printed last. Raises `AgainstRules` when the form has been changed
    since."""
    if (fault := print_fault(form)) is not None:
        raise fault
    return work.printed_matter(APPLICATION_FORM, form, content_of(form))


# -- the stamp -------------------------------------------------------------------------------------


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
        **(
            {"circumstance": [form.circumstance, form.months, form.circumstance_words]}
            if form.circumstance
            else {}
        ),
        **_handling_terms(form),
    }
    return pdf.fingerprint(terms)


def _handling_terms(form: Form) -> dict[str, Any]:
    """What is said of the handling of personal data; nothing where nothing was, as of old."""
    if not form.legal_basis:
        return {}
    return {
        "basis": [form.legal_basis, form.legal_words],
        "letters": [paper.sha256 for paper in letters_of(form)],
        "impact": [
            *(getattr(form, name) for name in IMPACT),
            form.impact_by,
            form.impact_on.isoformat() if form.impact_on else "",
        ],
    }


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
