"""What pages of cases, mounts and systems show of applications, grants and credentials."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils import timezone

from huitong.access.models import Application, Grant, Serving
from huitong.access.queries.applications import applications_visible_to, routes_of, standing_of
from huitong.access.queries.comparing import COLUMNS, compared, compared_grant
from huitong.access.queries.credentials import credentials_visible_to
from huitong.access.queries.grants import closings, grants_visible_to, scope_words
from huitong.access.queries.personal import handling_of, personal_of
from huitong.access.queries.provision import provide_by
from huitong.access.queries.uses import disuse_of, evidence_words, kept_by, uses_since
from huitong.access.rules import LIVE, TOKEN_SECONDS, G, S, circumstance_words
from huitong.catalog import queries as catalog
from huitong.catalog.rules.protection import unprotected
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.clocks import is_late
from huitong.kernel.manifest import CaseFacts, Panel
from huitong.kernel.procedure import End
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import today
from huitong.publishing import queries as publishing
from huitong.publishing.rules import MountState
from huitong.work.rules.stamped import doubt_words

#: grants and applications listed on the page of a system
LISTED = 50

IN_CASE = Statement(lambda actor, case: applications_visible_to(actor).filter(case=case), case=int)


UPON = Statement(
    lambda actor, application: grants_visible_to(actor).filter(application=application)[:1],
    application=int,
)


def application_facts(actor: Actor, case: Case) -> CaseFacts:
    """What the case page shows of an application; asked for a case the actor may see."""
    if not (applications := IN_CASE(actor, case=case.pk)):
        return CaseFacts()
    application: Application = applications[0]
    grants: list[Grant] = UPON(actor, application=application.pk)
    grant = grants[0] if grants else None
    refused = (
        S(case.state).end is End.REFUSED
        and application.form.consumer_id == actor.body
        and actor.has(Post.OPERATOR)
    )
    standing = standing_of(application) if case.is_open else None
    facts = {
        "application": application,
        "form": application.form,
        "handling": handling_of(application.form, personal_of([application])),
        "doubts": doubt_words(case.facts.get("scan_doubts", [])),
        "standing": "".join(standing[::2]) if standing else "",
        "again": (
            reverse("access:begin", query={"mount": application.mount_id}) if refused else ""
        ),
        "completing": (
            case.state == S.TO_COMPLETE
            and application.form.consumer_id == actor.body
            and actor.has(Post.OPERATOR)
        ),
        "grant": grant,
        "granted": scope_words(grant.scope) if grant else [],
        "lines": compared(application, grant),
        "columns": COLUMNS[: 3 if grant else 2],
    }
    pages = {
        "accept": reverse("access:accept", args=[application.pk]),
        "grant": reverse("access:decide", args=[application.pk]),
        "refuse": reverse("access:decide", args=[application.pk], fragment="refuse"),
        "seal": reverse("access:scan", args=[application.form_id]),
    }
    if is_late(case):
        pages["ask_extension"] = ""
    return CaseFacts(facts, pages)


GRANT = Statement(lambda actor, case: grants_visible_to(actor).filter(case=case), case=int)


def grant_facts(actor: Actor, case: Case) -> CaseFacts:
    """What the case page shows of a grant; asked for a case the actor may see."""
    if not (grants := GRANT(actor, case=case.pk)):
        return CaseFacts()
    grant: Grant = grants[0]
    disuse = disuse_facts(grant)
    facts = {
        "grant": grant,
        "words": scope_words(grant.scope),
        "lines": compared_grant(grant),
        "columns": COLUMNS,
        "closing": closings([grant]).get(grant.pk),
        "provide_by": provide_by(grant),
        "disuse": disuse,
    }
    return CaseFacts(facts, closed_steps(disuse))


def disuse_facts(grant: Grant) -> dict[str, Any]:
    """What a grant's pages say of its disuse: since when, what was announced, what was answered,
    what has been used since; empty for one that has ended or is stopped."""
    if grant.case.state not in LIVE or grant.ended_at is not None:
        return {}
    facts = grant.case.facts
    now = disuse_of(grant)
    notice, answer = facts.get("disuse"), facts.get("reply")
    since = uses_since(grant, datetime.fromisoformat(notice["at"])) if notice else None
    return {
        "now": now,
        "words": evidence_words(now),
        "notice": notice,
        "answer": answer,
        "stated": (
            circumstance_words(
                answer["circumstance"], answer["months"], answer["circumstance_words"]
            )
            if answer
            else ""
        ),
        "uses": since.count() if since is not None else 0,
        "kept": kept_by(grant) if notice else "",
        "last": since.first() if since is not None else None,
    }


def closed_steps(disuse: dict[str, Any]) -> dict[str, str]:
    """Steps the table allows and the facts do not: no button for a notice of what is in use, nor
    for taking back as unused what was used since its notice, or could not be."""
    closed = {} if disuse and disuse["now"].over else {"give_notice": ""}
    return closed | ({"reclaim": ""} if disuse and disuse["kept"] else {})


def standing_words(grant: Grant) -> tuple[str, str]:
    """How a grant stands, in words, and the tone of it."""
    state = G(grant.case.state)
    if state in LIVE and grant.valid_to < today():
        return "已到期", "neutral"
    return state.label, state.tone


USERS = Statement(
    lambda entry: (
        Grant.objects.filter(mount__entry=entry, ended_at=None, case__state__in=LIVE)
        .order_by()
        .values_list("consumer", "consumer__short_name")
        .annotate(n=Count("pk"))
    ),
    entry=int,
)


def entry_panels(actor: Actor, entry: Any) -> list[Panel]:
    """On the page of a published entry: how an application for it will go and by when, and who
    uses it."""
    if not entry.is_published or not actor.has(Post.OPERATOR, Post.MANAGER):
        return []
    users = sorted(USERS(entry=entry.pk), key=lambda row: (-row[2], row[0]))
    routes: list[dict[str, Any]] = []
    if actor.body != entry.body_id and catalog.admits(entry, actor.body or 0):
        mounts = publishing.mounts_of(actor, entry.pk)
        offered = [m for m in mounts if m.state == MountState.ACTIVE and publishing.decider(m)]
        for route in routes_of(offered):
            if not any(route["who"] == other["who"] for other in routes):
                routes.append(route)
    facts = {"routes": routes, "users": users, "grants": sum(n for *_, n in users)}
    data = {
        "used_by": [{"body_id": pk, "body": name, "grants": number} for pk, name, number in users]
    }
    return [Panel("access/entry_panel.html", facts, data)]


def mount_panels(actor: Actor, mount: Any) -> list[Panel]:
    """On the page of a mount of the actor's own body, or to the bureau: how many grants of it
    are still being taken back."""
    if not actor.bureau and mount.entry.body_id != actor.body:
        return []
    grants = list(
        Grant.objects.filter(
            mount=mount, pk__in=Serving.objects.filter(stopped_at=None).values("grant")
        ).select_related("case", "mount")
    )
    still = sum(row.stopped_at is None for row in closings(grants).values())
    return [Panel("access/mount_panel.html", {"open": still})] if still else []


def system_panels(actor: Actor, system: Any) -> list[Panel]:
    """On the page of a system: its credentials, what it is granted and what is asked for it."""
    now, own = timezone.now(), system.body_id == actor.body
    may = own and actor.has(Post.OPERATOR)
    credentials = [
        {
            "credential": c,
            "state": _credential_state(c, now),
            "alive": c.revoked_at is None and c.expires_at > now,
        }
        for c in credentials_visible_to(actor).filter(system=system)
    ]
    grants = grants_visible_to(actor).filter(system=system, ended_at=None)[:LISTED]
    running = applications_visible_to(actor).filter(form__system=system, case__closed_at=None)
    facts = {
        "system": system,
        "credentials": credentials,
        "grants": [{"grant": grant, "state": standing_words(grant)} for grant in grants],
        "applications": [
            {"application": a, "state": S(a.case.state)} for a in running.order_by("-pk")[:LISTED]
        ],
        "mine": may,
        "issues": may and system.retired_on is None,
        "lacking": unprotected(system.protection_level, system.protection_filing),
        "minutes": TOKEN_SECONDS // 60,
        "may_revoke": own or (actor.bureau and actor.has(Post.MANAGER)),
        "here": reverse("catalog:system", args=[system.pk]),
    }
    return [Panel("access/system_panel.html", facts)]


def _credential_state(credential: Any, now: Any) -> tuple[str, str]:
    if credential.revoked_at is not None:
        return "已吊销", "danger"
    if credential.expires_at <= now:
        return "已过期", "neutral"
    return (
        ("新旧密钥并用", "warning")
        if credential.former_until and credential.former_until > now
        else ("有效", "success")
    )
