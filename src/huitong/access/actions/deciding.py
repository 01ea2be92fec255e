"""Acceptance and decision: by the bureau or the provider as A18 routes it, in full or in part,
or refused with reasons (A21-A23)."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any

from pydantic import Field

from huitong.access import queries
from huitong.access.actions.granting import Decision, issue
from huitong.access.actions.parameters import ApplicationRef
from huitong.access.actions.sealing import Opinion
from huitong.access.actions.standing import check_standing
from huitong.access.models import Application, Grant
from huitong.access.rules import (
    APPLICATION,
    APPLICATION_UNDER_DECREE,
    CALLS_PER_SECOND,
    check_filter,
    check_masks,
    decided_scope,
    lessened,
)
from huitong.access.rules.answers import matter_wanting
from huitong.access.rules.scoping import MOST_PER_SECOND, Filtered, Items, Masked
from huitong.access.rules.stamped import checklist, unticked
from huitong.catalog import queries as catalog
from huitong.kernel.actor import BODY, BUREAU, Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.doing import lend_hand, note, recorded, stated_reasons, step, under
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.kernel.workdays import today
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Authority, unserved
from huitong.scope import Scope, explain, from_json, to_json
from huitong.work import actions as work
from huitong.work.rules import Cites, GroundRef, Pick

#: a reason somebody can act on or dispute (A22: specific reasons); that it is words, the kernel
#: sees to
Specific = Annotated[
    str,
    Field(
        title="具体理由",
        description="写明不符合哪一项要求、依据什么、怎样才可以。",
        max_length=1000,
    ),
]
Lessening = Annotated[
    str,
    Field(
        title="部分同意的具体理由",
        description="授权比申请的少时必填：少了什么，为什么。",
        max_length=1000,
    ),
]
Ticked = Annotated[
    list[str],
    Pick(queries.acceptance_choices),
    Field(title="受理核对", description="看过盖章件，逐项核对后勾选。", max_length=20),
]


@step(APPLICATION, APPLICATION_UNDER_DECREE)
def accept(
    actor: Actor,
    case: Case,
    *,
    checked: Ticked = [],  # noqa: B006 - pydantic copies it
    opinion: Opinion = "",
) -> Application:
    """The form is in order: on to the platform's own review or to the provider, as A18 routes
    it. What was looked at is kept."""
    application = queries.stamped(case)
    check_standing(application)
    doubts = case.facts.get("scan_doubts", [])
    if wrong := unticked(checked, doubts, today()):
        raise Malformed(wrong, article="A21")
    case.facts |= {"checked": {row.key: row.label for row in checklist(doubts, today())}}
    return application


@step(APPLICATION, APPLICATION_UNDER_DECREE)
def decline(
    actor: Actor, case: Case, *, ground: GroundRef, cites: Cites = "", reasons: Specific
) -> Application:
    """The form is not in order: not accepted, with the ground and the reason."""
    return _closed(actor, case, "不予受理")


@step(APPLICATION, APPLICATION_UNDER_DECREE)
def grant(
    actor: Actor,
    case: Case,
    *,
    items: Items = None,
    row_filter: Filtered = None,
    masks: Masked = None,
    per_second: Annotated[
        int, Field(title="每秒调用上限", ge=1, le=MOST_PER_SECOND)
    ] = CALLS_PER_SECOND,
    per_day: Annotated[int | None, Field(title="每日调用上限", ge=1, le=100_000_000)] = None,
    valid_from: Annotated[date | None, Field(title="授权起")] = None,
    valid_to: Annotated[date | None, Field(title="授权止")] = None,
    until: Annotated[
        time | None, Field(title="最后一日的截止时刻", description="不填则当日结束时止。")
    ] = None,
    opinion: Opinion = "",
    ground: GroundRef = "",
    cites: Cites = "",
    reasons: Lessening = "",
) -> Grant:
    """Grant what was asked, or part of it: fewer items, fewer rows, stronger masks, a quota, a
    shorter period. Never more, and less only on a ground, with reasons."""
    application = queries.stamped(case)
    check_standing(application)
    _check_still_theirs(application)
    scope = _decided(application, items, row_filter, masks)
    first, last = _period(application, valid_from, valid_to)
    less = lessened(
        from_json(application.scope),
        scope,
        application.mount.mode,
        per_second=per_second,
        per_day=per_day,
        begins_later=first > max(today(), application.form.period_from),
        ends_sooner=last < application.form.period_to or until is not None,
    )
    if less and not (ground and reasons):
        shortfall = f"授权比申请的少（{'、'.join(less)}）"
        faults = {
            "ground": "" if ground else f"{shortfall}，请选择理由类别",
            "reasons": "" if reasons else f"{shortfall}，请写明具体理由",
        }
        raise Malformed({name: fault for name, fault in faults.items() if fault}, article="A22")
    decision = Decision(
        application=application.pk,
        scope=to_json(scope),
        per_second=per_second,
        per_day=per_day,
        valid_from=first,
        valid_to=last,
        until=until,
    )
    issued: Grant = issue(actor, decision=decision)
    partly = bool(less)
    case.facts |= {"grant": issued.pk, "partly": partly}
    note(
        grant=issued.pk,
        scope=issued.scope,
        partly=partly,
        less=less,
        valid_from=first,
        valid_to=last,
        until=until,
    )
    entry = application.mount.entry
    why = f"少于申请的：{'、'.join(less)}。理由：{stated_reasons()}。" if partly else ""
    text = f"{'部分同意' if partly else '同意'}。{''.join(explain(scope))}有效期至 {last}。{why}"
    work.tell_bodies(
        actor,
        {application.form.consumer_id},
        f"申请已获授权：{entry.name}",
        text,
        reverse("access:grant", args=[issued.pk]),
        case,
    )
    if case.facts.get("authority") == Authority.PLATFORM:
        work.tell_bodies(
            actor,
            {entry.body_id},
            f"平台已授权使用：{entry.name}",
            f"{application.form.consumer.short_name}：{text}",
            reverse("access:grant", args=[issued.pk]),
            case,
        )
    return issued


@step(APPLICATION, APPLICATION_UNDER_DECREE)
def refuse(
    actor: Actor, case: Case, *, ground: GroundRef, cites: Cites = "", reasons: Specific
) -> Application:
    """Refuse, on a ground, with specific reasons the consumer can act on or dispute."""
    application = _closed(actor, case, "不予授权")
    if case.facts.get("authority") == Authority.PLATFORM:
        entry = application.mount.entry
        work.tell_bodies(
            actor,
            {entry.body_id},
            f"平台不予授权：{entry.name}",
            f"{application.form.consumer.short_name}：{stated_reasons()}",
            reverse("work:case", args=[case.pk]),
            case,
        )
    return application


@recorded(
    "A22",
    BODY(Post.MANAGER),
    BUREAU(Post.MANAGER),
    label="模拟查看样例数据",
    part_of="application.grant",
)
def simulate(
    actor: Actor,
    *,
    application: ApplicationRef,
    items: Items = None,
    row_filter: Filtered = None,
    masks: Masked = None,
) -> dict[str, Any]:
    """Before deciding: rows of the real source exactly as the consumer would see them. The look
    is recorded, the rows are not."""
    pending = queries.application_for(actor, application)
    under(pending.case.law)
    if (seat := queries.deciding_seat(actor, pending)) is None:
        raise NotYours(
            "模拟查看样例数据只对正在审核该申请的负责人开放。", article="A22", who="审核部门负责人"
        )
    scope = _decided(pending, items, row_filter, masks)
    columns, rows = queries.simulate(pending, scope)
    lend_hand(
        actor,
        seat,
        Case.objects.select_for_update(no_key=True).filter(pk=pending.case_id),
        "模拟查看样例数据",
    )
    note(case=pending.case_id, rows_seen=len(rows), scope=to_json(scope))
    return {"columns": columns, "rows": rows, "words": explain(scope)}


# -- inside ----------------------------------------------------------------------------------------


def _decided(
    application: Application,
    items: list[str] | None,
    row_filter: dict[str, Any] | None,
    masks: dict[str, Any] | None,
) -> Scope:
    tree, mount = check_filter(row_filter, queries.columns_of(application)), application.mount
    check_masks(masks, queries.columns_of(application))
    scope = decided_scope(
        queries.base_of(application),
        from_json(application.scope),
        mount.mode,
        items=items,
        row_filter=tree,
        masks=masks,
    )
    if matter_wanting(scope, application.form.matter_id):
        raise AgainstRules(
            "该资源每次调用须说明事项，申请表没有载明事项，授权后任何调用都不能放行。",
            article="A18",
            who="使用部门",
            remedy="请不予授权并说明，由使用部门写明办理事项后重新申请。",
        )
    if why := unserved(mount.mode, scope, publishing.key_items(mount)):
        raise Malformed({"items": why}, article="A13")
    return scope


def _check_still_theirs(application: Application) -> None:
    """Whoever decides does so under the entry as it is published now: it still admits the consumer
    (A8), and still routes the decision to them (A18). Raises `AgainstRules`."""
    mount, form = application.mount, application.form
    provider = mount.entry.body.short_name
    again = "请不予授权，理由写明目录已更新"
    if not catalog.admits(mount.entry, form.consumer_id):
        raise AgainstRules(
            f"目录已更新，该资源不再提供给{form.consumer.short_name}。",
            article="A8",
            who="审核部门负责人",
            remedy=f"{again}；使用部门确有履职需要的，与{provider}协商。",
        )
    now = publishing.authority_of(mount)
    if now != application.case.facts["authority"]:
        decides = provider if now == Authority.PROVIDER else now.label
        raise AgainstRules(
            f"目录或授权方式已更新，该资源现在由{decides}审核。",
            article="A18",
            who="审核部门负责人",
            remedy=f"{again}；由使用部门重新申请，届时由{decides}审核。",
        )


def _period(application: Application, first: date | None, last: date | None) -> tuple[date, date]:
    """The granted period lies inside the asked one and is not over. Raises `Malformed`."""
    form, now = application.form, today()
    begins, ends = first or max(now, form.period_from), last or form.period_to
    if ends < now:
        raise Malformed(
            {"valid_to": "授权期限已经过去；申请的使用期限届满的，请不予授权并说明"}, article="A26"
        )
    if begins < form.period_from:
        raise Malformed({"valid_from": f"不能早于申请的 {form.period_from}"}, article="A26")
    if ends > form.period_to:
        raise Malformed({"valid_to": f"不能晚于申请的 {form.period_to}"}, article="A26")
    if ends < begins:
        raise Malformed({"valid_to": "止期不能早于起期"}, article="A26")
    return begins, ends


def _closed(actor: Actor, case: Case, what: str) -> Application:
    application = queries.application_of(case)
    work.tell_bodies(
        actor,
        {application.form.consumer_id},
        f"申请{what}：{application.mount.entry.name}",
        stated_reasons(),
        reverse("work:case", args=[case.pk]),
        case,
    )
    return application
