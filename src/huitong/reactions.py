"""After X, do Y: what an act sets in motion elsewhere, as one table instead of signals.

Each reaction is a job deferred in the transaction of the act, so it comes or goes with it; it runs
once in effect (a row keyed by ledger entry and reaction, written in the reaction's own transaction)
and is done by the platform on behalf of whoever acted. A reaction is a function ``(system, entry,
case or None)`` here that calls the `actions` of contexts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse
from procrastinate import App, RetryStrategy

from huitong.access import actions as access
from huitong.catalog import actions as catalog
from huitong.catalog import queries as catalog_queries
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.organizations import queries as organizations
from huitong.planes.gateway import reconcile as gateway
from huitong.planes.tables.reconcile import reconcile as reconcile_tables
from huitong.work import actions as work
from huitong.work import queries as work_queries
from huitong.work.rules import NoticeKind

Reaction = Callable[[Actor, Entry, Case | None], None]


def tell_the_next_desk(system: Actor, entry: Entry, case: Case | None) -> None:
    """A case came to another desk: those who hold the seat hear of it, but for the one who sent
    it there (A19)."""
    came = case is not None and entry.before.get("state") != entry.after.get("state")
    # moved on since: those there hear by themselves
    if case is None or not came or case.state != entry.after.get("state"):
        return
    if people := [pk for pk in work_queries.people_to_notify(case.awaiting) if pk != entry.person]:
        state = doing.procedure_of(case).state(case.state).label
        until = f"请于 {case.due_on:%Y-%m-%d} 前办理。" if case.due_on else ""
        work.notify(
            system,
            people=people,
            kind=NoticeKind.ARRIVED,
            title=f"待办：{case.title or case.number}"[:200],
            text=f"当前环节：{state}。{until}",
            url=reverse("work:case", args=[case.pk]),
            case=case.pk,
        )


def tell_the_opener(system: Actor, entry: Entry, case: Case | None) -> None:
    """A case is closed: whoever began it hears how it ended, with the reasons (A19, A21-A23)."""
    if case is None or case.is_open or not case.opened_by or case.opened_by == entry.person:
        return
    state = doing.procedure_of(case).state(case.state).label
    text = f"办理结果：{state}。" + (f"理由：{entry.reasons}" if entry.reasons else "")
    work.notify(
        system,
        people=[case.opened_by],
        kind=NoticeKind.RESULT,
        title=f"已办结：{case.title or case.number}"[:200],
        text=text[:1000],
        url=reverse("work:case", args=[case.pk]),
        case=case.pk,
    )


def keep_tables_in_step(system: Actor, entry: Entry, case: Case | None) -> None:
    """A grant came into force or went out of it: its table begins to be moved, or stops (A28,
    A30)."""
    reconcile_tables()


def open_or_close_the_gateway(system: Actor, entry: Entry, case: Case | None) -> None:
    """A grant or a credential changed: the API plane learns of it at once, not at its next round
    (A28)."""
    gateway.reconcile()


def tell_users_of_the_resource(system: Actor, entry: Entry, case: Case | None) -> None:
    """Delivery of a resource was stopped or goes on: every body with a running grant hears of it
    (A16, A28)."""
    access.tell_users(
        system,
        mount=int(entry.object_id),
        what=doing.VERBS[entry.verb].label,
        reasons=entry.reasons,
    )


def tell_of_the_account(system: Actor, entry: Entry, case: Case | None) -> None:
    """Something was done to an account that could let another into it: its person, the security
    administrators and, of a new address, the former one hear of it (A28)."""
    person = int(entry.after["person"]) if "person" in entry.after else int(entry.person or 0)
    former, address = entry.before.get("email", ""), entry.after.get("email", "")
    moved = "email" in entry.before and former != address
    if entry.verb == "organizations.edit_own_profile" and not moved:
        return
    who, by = (
        organizations.people_names([person]).get(person, ""),
        entry.actor["deputy_for_name"] or entry.actor["name"],
    )
    done = doing.VERBS[entry.verb].label + ("（更换电子邮箱）" if moved else "")
    told = {
        "kind": NoticeKind.SECURITY,
        "title": f"账号安全：{who}的账号已办理“{done}”",
        "text": f"由{by}办理。{f'原因：{entry.reasons}。' if entry.reasons else ''}如非本人要求，请立即联系安全管理员。"[
            :1000
        ],
    }
    work.notify(system, people=[person], former_address=former if moved else "", **told)
    if guards := [pk for pk in organizations.administrators(Post.SECURITY_ADMIN) if pk != person]:
        work.notify(system, people=guards, url=reverse("organizations:rights"), **told)


def tell_of_a_succession(system: Actor, entry: Entry, case: Case | None) -> None:
    """One administrator makes another body the heir of all a body has: the managers of both and
    the other administrators hear of it, so that no body changes hands unseen (A2, A28)."""
    heir, former = int(entry.after["heir"]), [int(pk) for pk in entry.after["predecessors"]]
    names = organizations.body_names([heir, *former])
    people = {p.pk for body in [heir, *former] for p in organizations.managers_of(body)}
    people |= {
        pk
        for post in (Post.SECURITY_ADMIN, Post.AUDIT_ADMIN)
        for pk in organizations.administrators(post)
    }
    whose, by = "、".join(names[pk] for pk in former), entry.actor["name"]
    work.notify(
        system,
        people=sorted(people - {entry.person}),
        kind=NoticeKind.SECURITY,
        title=f"机构承继：{whose}由{names[heir]}承继"[:200],
        text=(
            f"由{by}办理，自{entry.after['on']}起资源、授权、在办事项和岗位由{names[heir]}接续。"
            "如与批准文件不符，请立即联系安全管理员。"
        ),
    )


def tell_of_refused_connections(system: Actor, entry: Entry, case: Case | None) -> None:
    """Connections to somebody's database were refused until no more are tried: somebody may be
    guessing passwords. The bureau, the security administrators and the managers of who tried and
    of whose it is hear of it (A28)."""
    if not entry.after.get("full"):
        return
    at, name = entry.after["at"], organizations.all_body_names().get(entry.body or 0, "")
    people = {
        *organizations.administrators(Post.SECURITY_ADMIN),
        *work_queries.people_to_notify([f"{system.bureau_body}:{Post.OPERATOR}"]),
    }
    for body in {entry.body, *catalog_queries.owners_of(at)} - {None}:
        people |= {p.pk for p in organizations.managers_of(body)}
    work.notify(
        system,
        people=sorted(people),
        kind=NoticeKind.SECURITY,
        title=f"数据库连接连续被拒绝：{name}登记 {at}"[:200],
        text=(
            f"一小时内被拒绝次数已达上限，暂停登记和测试；最近一次由{entry.actor['name']}办理。"
            "如非正常登记，可能有人在猜测口令，请查明。"
        ),
    )


def tell_of_a_shared_database(system: Actor, entry: Entry, case: Case | None) -> None:
    """A body registered a database another one has registered too: both and the bureau hear of
    it (A13, A28)."""
    if not (others := entry.after.get("also_of")):
        return
    names = organizations.body_names([*others, entry.body or 0])
    whose = "、".join(names[pk] for pk in others)
    people = {p.pk for body in [*others, entry.body or 0] for p in organizations.managers_of(body)}
    people |= set(work_queries.people_to_notify([f"{system.bureau_body}:{Post.OPERATOR}"]))
    work.notify(
        system,
        people=sorted(people),
        kind=NoticeKind.SECURITY,
        title=f"同一数据库由两个部门登记：{whose}、{names.get(entry.body or 0, '')}"[:200],
        text=(
            f"{names.get(entry.body or 0, '')}的{entry.actor['name']}登记了{whose}已登记的数据库"
            f"（{entry.after['at']}，{entry.after['dbname']}）。"
            "如非约定共用，请数据库所属部门立即更换账号口令。"
        ),
    )


def pass_copies_on(system: Actor, entry: Entry, case: Case | None) -> None:
    """A body is followed by another: who was sent a copy in it, or uploaded a file, has it in
    the heir (A2)."""
    work.pass_on(system, **_succession(entry))


def tell_of_confirmed_duties(system: Actor, entry: Entry, case: Case | None) -> None:
    """The bureau confirmed duties: the bodies whose they are hear of it, since they may cite
    them now (A3)."""
    people = organizations.people_of(entry.after["bodies"]).exclude(pk=entry.person)
    if keys := list(people.values_list("pk", flat=True)):
        work.notify(
            system,
            people=keys,
            kind=NoticeKind.OTHER,
            title="本部门职责已经确认",
            url=reverse("organizations:duties"),
            text="市大数据管理局已核对并确认本部门登记的职责，可据以申请使用数据。",
        )


def pass_resources_on(system: Actor, entry: Entry, case: Case | None) -> None:
    """A body is followed by another: what it registered, cataloged and with it mounted becomes
    the heir's (A2)."""
    catalog.pass_on(system, **_succession(entry))


def pass_uses_on(system: Actor, entry: Entry, case: Case | None) -> None:
    """A body is followed by another: its forms, grants, systems and credentials go on as the
    heir's, without a break (A2, A26)."""
    access.pass_on(system, **_succession(entry))
    gateway.reconcile()
    reconcile_tables()


def _succession(entry: Entry) -> dict[str, Any]:
    """Who passes what to whom. An heir that has been followed itself in the meantime takes
    nothing: its own heir does."""
    heir = organizations.successor_of(int(entry.after["heir"]))
    return {"predecessors": entry.after["predecessors"], "heir": heir, "on": entry.after["on"]}


#: after every step of every procedure
AFTER_EVERY_STEP: tuple[Reaction, ...] = (tell_the_next_desk, tell_the_opener)
#: after this verb
AFTER: Mapping[str, tuple[Reaction, ...]] = {
    **{
        f"grant.{verb}": (open_or_close_the_gateway, keep_tables_in_step)
        for verb in ("issue", "suspend", "resume", "revoke", "give_back", "expire")
    },
    **dict.fromkeys(
        (
            "access.issue_credential",
            "access.revoke_credential",
            "access.limit_networks",
            "access.rotate_signing_key",
            "publishing.remount",
            "publishing.confirm_change",
        ),
        (open_or_close_the_gateway,),
    ),
    **dict.fromkeys(
        ("publishing.suspend_delivery", "publishing.resume_delivery"),
        (open_or_close_the_gateway, keep_tables_in_step, tell_users_of_the_resource),
    ),
    **{
        f"organizations.{verb}": (tell_of_the_account,)
        for verb in (
            "add_person",
            "edit_person",
            "edit_own_profile",
            "disable_person",
            "enable_person",
            "reset_password",
            "reset_second_factor",
            "release_change",
            "decline_change",
        )
    },
    "catalog.refuse_connection": (tell_of_refused_connections,),
    "catalog.register_database": (tell_of_a_shared_database,),
    "organizations.confirm_duties": (tell_of_confirmed_duties,),
    "organizations.succeed": (
        tell_of_a_succession,
        pass_copies_on,
        pass_resources_on,
        pass_uses_on,
    ),
}


def react(entry: int, reaction: str) -> None:
    """The job ``huitong.react``: do one reaction to one ledger entry, once in effect."""
    said = Entry.objects.get(pk=entry)
    head = organizations.bureau()
    system = Actor.system(on_behalf_of=said.actor["name"], bureau_body=head.pk if head else None)
    with transaction.atomic():
        if work_queries.has_reacted(entry, reaction):
            return
        work.reacted(system, entry=entry, reaction=reaction)
        BY_NAME[reaction](
            system, said, Case.objects.filter(pk=said.case).first() if said.case else None
        )


BY_NAME: dict[str, Reaction] = {
    fn.__name__: fn for fn in (*AFTER_EVERY_STEP, *(fn for row in AFTER.values() for fn in row))
}


def ready(app: App) -> None:
    """Called once in every process when the applications are known: tells the kernel what
    follows what."""
    doing.load()
    for verb in doing.VERBS.values():
        after = (*(AFTER_EVERY_STEP if verb.is_step else ()), *AFTER.get(verb.name, ()))
        doing.REACTIONS[verb.name] = [fn.__name__ for fn in after]
    if unknown := set(AFTER) - set(doing.VERBS):
        raise LookupError(f"reactions after verbs nobody registered: {sorted(unknown)}")
    app.task(
        name="huitong.react",
        queue="reactions",
        retry=RetryStrategy(max_attempts=8, exponential_wait=3),
    )(react)
