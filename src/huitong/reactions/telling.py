"""Whom an act concerns beside its parties, and what they are told of it (A19, A28)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from huitong.access import queries as access_queries
from huitong.catalog import queries as catalog_queries
from huitong.catalog.queries.follows import followers_of_entry, followers_shut_out
from huitong.catalog.rules import ShareClass
from huitong.documents import queries as documents_queries
from huitong.documents.rules import KINDS
from huitong.kernel import doing
from huitong.kernel.actor import Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.organizations import queries as organizations
from huitong.organizations.rules import Office
from huitong.publishing import queries as publishing_queries
from huitong.reactions.kinds import Message, tells
from huitong.work import queries as work_queries
from huitong.work.rules import NoticeKind


@tells
def tell_the_next_desk(entry: Entry, case: Case | None) -> Iterator[Message]:
    """A case came to another desk: those who hold the seat hear of it (A19)."""
    moved = case is not None and entry.before.get("state") != entry.after.get("state")
    # moved on since: those there hear by themselves
    if case is None or not moved or case.state != entry.after.get("state"):
        return
    procedure = doing.procedure_of(case)
    state = procedure.state(case.state).label
    until = f"请于 {case.due_on:%Y-%m-%d} 前办理。" if case.due_on else ""
    yield Message(
        work_queries.people_to_notify(case.awaiting),
        NoticeKind.ARRIVED,
        f"待办：{case.title or case.number}",
        f"当前环节：{state}。{until}",
        reverse("work:case", args=[case.pk]),
        case.pk,
        topic=f"{procedure.label}{state}",
    )


@tells
def tell_the_opener(entry: Entry, case: Case | None) -> Iterator[Message]:
    """A case is closed: whoever began it hears how it ended, with the reasons (A19, A21-A23)."""
    if case is None or case.is_open or not case.opened_by:
        return
    state = doing.procedure_of(case).state(case.state).label
    yield Message(
        [case.opened_by],
        NoticeKind.RESULT,
        f"已办结：{case.title or case.number}",
        f"办理结果：{state}。" + (f"理由：{entry.reasons}" if entry.reasons else ""),
        reverse("work:case", args=[case.pk]),
        case.pk,
    )


@tells
def tell_the_followers(entry: Entry, case: Case | None) -> Iterator[Message]:
    """A step was taken: whoever follows the case hears of it, unless told of it anyway (A19)."""
    if case is None or not (followers := set(work_queries.followers_of(case))):
        return
    # as the step left the case: told of later, it may have moved on
    state = doing.procedure_of(case).state(entry.after["state"])
    followers -= set(work_queries.people_to_notify(case.awaiting))
    followers -= {case.opened_by} if state.closes else set()
    label = work_queries.label_of(case, entry)
    yield Message(
        followers,
        NoticeKind.FOLLOWED,
        f"关注的事项：{case.title or case.number}",
        f"{entry.actor['body_name']}{entry.actor['name']}已办理“{label}”，现为“{state.label}”。",
        reverse("work:case", args=[case.pk]),
        case.pk,
    )


@tells
def tell_the_followers_of_the_resource(entry: Entry, case: Case | None) -> Iterator[Message]:
    """A resource was published anew, or its delivery was stopped or goes on: whoever follows it
    and may see it still hears of it (A20); why, is between the provider and who uses it. Who may
    not see it any more hears that."""
    if case is not None:
        version = catalog_queries.version_of(case)
        resource, number = catalog_queries.entry_of(case), version.number or 1
        what = "已发布" if number == 1 else f"已发布第 {number} 版"
        yield from _no_longer_shared(version)
    else:
        resource = publishing_queries.entry_of(int(entry.object_id))
        what = f"已{doing.VERBS[entry.verb].label}"
    yield Message(
        followers_of_entry(resource.pk),
        NoticeKind.FOLLOWED,
        f"关注的资源：{resource.name}",
        f"{resource.body.short_name}{what}。",
        reverse("catalog:entry", args=[resource.pk]),
    )


def _no_longer_shared(version: Any) -> Iterator[Message]:
    """A resource was taken from the share catalog by its next version; named as it was there."""
    before, withheld = catalog_queries.version_before(version), ShareClass.NOT_SHARED
    if before is None or before.share_class == withheld or version.share_class != withheld:
        return
    yield Message(
        followers_shut_out(version.entry_id),
        NoticeKind.FOLLOWED,
        f"关注的资源：{before.name}",
        f"{version.entry.body.short_name}不再共享这项资源，目录中不再列出，今后的变化也不再告知。",
        reverse("catalog:followed"),
    )


@tells
def tell_users_of_the_resource(entry: Entry, case: Case | None) -> Iterator[Message]:
    """Delivery of a resource was stopped or goes on: every body with a running grant hears of it
    (A16, A28)."""
    users = access_queries.users_of(int(entry.object_id))
    names = organizations.body_names(users)
    for body, grant in users.items():
        resource = grant.mount.entry
        yield Message(
            organizations.people_of([body]).values_list("pk", flat=True),
            NoticeKind.RESULT,
            f"{resource.body.short_name}{doing.VERBS[entry.verb].label}：{resource.name}",
            f"涉及{names[body]}的授权。{entry.reasons}",
            reverse("access:grant", args=[grant.pk]),
        )


@tells
def tell_of_a_document(entry: Entry, case: Case | None) -> Iterator[Message]:
    """A standing document was published or repealed: those it is published to hear of it, once
    (A4, A12, A35)."""
    if case is None:
        return
    version = documents_queries.version_of(case)
    document, kind = version.document, KINDS[version.document.kind].label
    if entry.verb.endswith(".repeal"):
        what, since = f"{kind}废止", document.ended_from
        text = f"自 {since} 起不再有效。{entry.reasons}"
    else:
        what = kind if version.number == 1 else f"{kind}修订"
        text = f"{document.body.short_name}发布，自 {version.in_force} 起施行。"
    yield Message(
        documents_queries.readers_of(version),
        NoticeKind.DOCUMENT,
        f"{what}：{version.cited_as}",
        text,
        document.get_absolute_url(),
    )


@tells
def tell_of_the_account(entry: Entry, case: Case | None) -> Iterator[Message]:
    """Something was done to an account that could let another into it: its person, the security
    administrators and, of a new address, the former one hear of it (A28)."""
    person = int(entry.after["person"]) if "person" in entry.after else int(entry.person or 0)
    former, address = entry.before.get("email", ""), entry.after.get("email", "")
    moved = "email" in entry.before and former != address
    if entry.verb == "organizations.edit_own_profile" and not moved:
        return
    who = organizations.people_names([person]).get(person, "")
    by = entry.actor["deputy_for_name"] or entry.actor["name"]
    what = doing.VERBS[entry.verb].label + ("（更换电子邮箱）" if moved else "")
    why = f"原因：{entry.reasons}。" if entry.reasons else ""
    message = Message(
        [person],
        NoticeKind.SECURITY,
        f"账号安全：{who}的账号已办理“{what}”",
        f"由{by}办理。{why}如非本人要求，请立即联系安全管理员。",
    )
    # who acted on their own account hears of it too: it may have been another
    yield replace(message, former_address=former if moved else "", also_actor=True)
    guards = [pk for pk in organizations.administrators(Post.SECURITY_ADMIN) if pk != person]
    yield replace(message, people=guards, url=reverse("organizations:rights"), also_actor=True)


@tells
def tell_of_an_office(entry: Entry, case: Case | None) -> Iterator[Message]:
    """One administrator names the body that holds an office, a party of cases to come: the bureau's
    managers, those of the bodies concerned and the other administrators hear of it (A4, A28)."""
    holder, former = int(entry.object_id), [int(pk) for pk in entry.after["former"]]
    names = organizations.body_names([holder, *former])
    head = organizations.bureau()
    bodies = [holder, *former, *([head.pk] if head else [])]
    people = {p.pk for body in bodies for p in organizations.managers_of(body)}
    for post in (Post.SECURITY_ADMIN, Post.AUDIT_ADMIN):
        people |= set(organizations.administrators(post))
    office = Office(entry.after["office"]).label
    before = f"原为{'、'.join(names[pk] for pk in former)}，" if former else ""
    yield Message(
        people,
        NoticeKind.SECURITY,
        f"{office}：{names[holder]}",
        f"由{entry.actor['name']}指定，{before}依据：{entry.after['document']}。"
        "在办事项中该职能的一方随之变更。如有疑问，请联系大数据管理局。",
        reverse("organizations:body", args=[holder]),
    )


@tells
def tell_of_a_succession(entry: Entry, case: Case | None) -> Iterator[Message]:
    """One administrator makes another body the heir of all a body has: the managers of both and
    the other administrators hear of it, so that no body changes hands unseen (A2, A28)."""
    heir, former = int(entry.after["heir"]), [int(pk) for pk in entry.after["predecessors"]]
    names = organizations.body_names([heir, *former])
    people = {p.pk for body in [heir, *former] for p in organizations.managers_of(body)}
    for post in (Post.SECURITY_ADMIN, Post.AUDIT_ADMIN):
        people |= set(organizations.administrators(post))
    whose, by = "、".join(names[pk] for pk in former), entry.actor["name"]
    yield Message(
        people,
        NoticeKind.SECURITY,
        f"机构承继：{whose}由{names[heir]}承继",
        f"由{by}办理，自{entry.after['on']}起资源、授权、在办事项和岗位由{names[heir]}接续。"
        "如与批准文件不符，请立即联系安全管理员。",
    )


@tells
def tell_of_refused_connections(entry: Entry, case: Case | None) -> Iterator[Message]:
    """Connections to somebody's database were refused until no more are tried: somebody may be
    guessing passwords. The bureau, the security administrators and the managers of who tried and
    of whose it is hear of it (A28)."""
    if not entry.after.get("full"):
        return
    at, name = entry.after["at"], organizations.all_body_names().get(entry.body or 0, "")
    people = {*organizations.administrators(Post.SECURITY_ADMIN), *_clerks_of_the_bureau()}
    for body in {entry.body, *catalog_queries.owners_of(at)} - {None}:
        people |= {p.pk for p in organizations.managers_of(body)}
    yield Message(
        people,
        NoticeKind.SECURITY,
        f"数据库连接连续被拒绝：{name}登记 {at}",
        f"一小时内被拒绝次数已达上限，暂停登记和测试；最近一次由{entry.actor['name']}办理。"
        "如非正常登记，可能有人在猜测密码，请查明。",
        also_actor=True,
    )


@tells
def tell_of_a_shared_database(entry: Entry, case: Case | None) -> Iterator[Message]:
    """A body registered a database another one has registered too: both and the bureau hear of
    it (A13, A28)."""
    if not (others := entry.after.get("also_of")):
        return
    names = organizations.body_names([*others, entry.body or 0])
    whose, registrant = "、".join(names[pk] for pk in others), names.get(entry.body or 0, "")
    people = {p.pk for body in [*others, entry.body or 0] for p in organizations.managers_of(body)}
    yield Message(
        {*people, *_clerks_of_the_bureau()},
        NoticeKind.SECURITY,
        f"同一数据库由两个部门登记：{whose}、{registrant}",
        f"{registrant}的{entry.actor['name']}登记了{whose}已登记的数据库"
        f"（{entry.after['at']}，{entry.after['dbname']}）。"
        "如非约定共用，请数据库所属部门立即更换账号密码。",
        also_actor=True,
    )


@tells
def tell_of_entering(entry: Entry, case: Case | None) -> Iterator[Message]:
    """The bureau enters for a department (代录): its clerks and managers hear that it does, why, and
    that the draft is theirs."""
    if (body := entry.after.get("entered_for")) is None:
        return
    posts = (Post.OPERATOR, Post.MANAGER)
    people = organizations.people_at([f"{body}:{post}" for post in posts])
    page = "catalog:compile" if case else "catalog:change_set"
    what = case.title if case else "一批目录（表格导入）"
    yield Message(
        {person.pk for person in people},
        NoticeKind.OTHER,
        f"{entry.actor['body_name']}为本部门代录：{what.removeprefix('代录')}",
        f"{entry.actor['name']}代录，原因：{entry.after['why']}。"
        "录完交本部门核对、提交和审核；本部门也可以随时接手编制，或删除草稿。",
        reverse(page, args=[entry.object_id]),
        case.pk if case else None,
        topic="代录目录",
    )


@tells
def tell_of_broken_sources(entry: Entry, case: Case | None) -> Iterator[Message]:
    """A scan saw that what published entries promise stands in their tables no more: the operators
    of the body hear of it (A11)."""
    if not (broken := catalog_queries.broken_by(int(entry.object_id or 0))):
        return
    first = broken[0].entry
    lines = [
        f"“{d.entry.name}”（{d.entry.source_table}）：{d.get_kind_display()} {d.column}"
        for d in broken
    ]
    more = f"；另有 {len(lines) - 10} 处" if len(lines) > 10 else ""
    yield Message(
        organizations.people_at([f"{first.body_id}:{Post.OPERATOR}"]).values_list("pk", flat=True),
        NoticeKind.OTHER,
        f"来源表变化影响已发布的目录：{first.database}",
        f"{'；'.join(lines[:10])}{more}。请与建设运维单位核实；确已变更的，在“来源变化”中带入更新版本。",
        reverse("catalog:drifts"),
    )


@tells
def tell_of_a_look(entry: Entry, case: Case | None) -> Iterator[Message]:
    """A source was looked at because its day had come: the operators of its body hear of what
    changed, or why it could not be looked at; what breaks published entries is told apart (A11)."""
    if (look := catalog_queries.look_outcome(int(entry.object_id or 0))) is None:
        return
    scan, drifts = look
    changed = len([drift for drift in drifts if not drift.breaks])
    if not (scan.error or changed):
        return
    title = "定期核对没有成功" if scan.error else f"来源表有 {changed} 处变化"
    text = scan.error or (
        "定期核对发现，来源表与目录登记的不一致。请在“来源变化”中逐项带入目录，或标为不带入。"
    )
    page = "sources" if scan.error else "drifts"
    yield Message(
        organizations.people_at([f"{scan.database.body_id}:{Post.OPERATOR}"]).values_list(
            "pk", flat=True
        ),
        NoticeKind.OTHER,
        f"{title}：{scan.database}",
        text,
        reverse(f"catalog:{page}"),
    )


@tells
def tell_of_confirmed_duties(entry: Entry, case: Case | None) -> Iterator[Message]:
    """The bureau confirmed duties: the bodies whose they are hear of it, since they may cite
    them now (A3)."""
    yield Message(
        organizations.people_of(entry.after["bodies"]).values_list("pk", flat=True),
        NoticeKind.OTHER,
        "本部门职责已经确认",
        "市大数据管理局已核对并确认本部门登记的职责，可据以申请使用数据。",
        reverse("organizations:duties"),
    )


def _clerks_of_the_bureau() -> list[int]:
    head = organizations.bureau()
    return work_queries.people_to_notify([f"{head.pk}:{Post.OPERATOR}"]) if head is not None else []
