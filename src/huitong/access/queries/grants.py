"""Grants as their parties see them, and as facts for the planes (A22, A26, A28, A30)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import DataError
from django.db.models import Q, QuerySet
from django.utils import timezone

from huitong.access.models import Credential, DeliveryFact, Grant, Serving
from huitong.access.rules import LIVE, CredentialFact, Fault, LiveGrant, Target, networks_checked
from huitong.catalog import queries as catalog
from huitong.catalog.rules import UNREADABLE
from huitong.kernel import vault
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case, visible
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import SHANGHAI
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Mode, Source, barred
from huitong.scope import Scope, ScopeError, explain, from_json, narrow, own_filter, peeks, to_json
from huitong.scope.parameters import of_matters

RELATED = (
    "case",
    "mount__entry__body",
    "mount__entry__current",
    "consumer",
    "system",
    "matter",
    "application__form",
    "intake_row__intake",
)


def grants_visible_to(actor: Actor) -> QuerySet[Grant]:
    """The parties of a grant see it, and the bureau."""
    rows = Grant.objects.select_related(*RELATED).order_by("-pk")
    # with the kind, which they all have, an index of cases gives each order
    return rows.filter(visible(actor, "case__"), case__kind="grant")


LISTED = Statement(
    lambda keys: Grant.objects.select_related(*RELATED).filter(pk__any=keys), keys=list
)


def grants_listed(keys: list[int]) -> list[Grant]:
    """These grants, in any order, for lists that know which of them may be seen."""
    return LISTED(keys=keys)


def grants_given(actor: Actor) -> QuerySet[Grant]:
    """Grants for the resources of the actor's own body, youngest first."""
    return grants_visible_to(actor).filter(mount__entry__body=actor.body)


def grant_for(actor: Actor, pk: int) -> Grant:
    """Raises `NotVisible`."""
    if (grant := grants_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该授权")
    return grant


OF_CASE = Statement(lambda case: Grant.objects.select_related(*RELATED).filter(case=case), case=int)


def grant_of(case: Case) -> Grant:
    """The grant a case is about, for actions that hold the case's lock already."""
    return OF_CASE.one(case=case.pk)


def grants_to_expire(now: datetime | None = None) -> QuerySet[Grant]:
    """Grants past their end that nobody has ended."""
    local = (now or timezone.now()).astimezone(SHANGHAI)
    over = Q(valid_to__lt=local.date()) | Q(valid_to=local.date(), until__lte=local.time())
    return Grant.objects.filter(over, ended_at=None).select_related("case").order_by("pk")


def ends_at(grant: Grant) -> datetime:
    """The moment a grant ends by itself (exclusive): when its last day is over in Nantong, or at
    the time the decision named."""
    return (
        _start(grant.valid_to + timedelta(1))
        if grant.until is None
        else datetime.combine(grant.valid_to, grant.until, SHANGHAI)
    )


def deliveries_of(grant: Grant) -> QuerySet[DeliveryFact]:
    return grant.deliveries.order_by("-at", "-pk")


def delivered_in_case(
    actor: Actor, case: Case, plane: str, before: datetime | None, most: int
) -> list[DeliveryFact]:
    """The latest deliveries of a plane under the grant of a case the actor sees."""
    if (grant := case.facts.get("grant")) is None:
        return []
    visible = grants_visible_to(actor).filter(pk=grant).order_by()
    rows = DeliveryFact.objects.filter(grant__in=visible.values("pk"), plane=plane)
    rows = rows.filter(at__lt=before) if before is not None else rows
    return list(rows.order_by("-at", "-pk")[:most])


def last_delivered(actor: Actor, grant: int, plane: str, checksum: str) -> DeliveryFact | None:
    """The last delivery by a plane, under a grant the actor sees, of content with a checksum."""
    visible = grants_visible_to(actor).filter(pk=grant).order_by()
    rows = DeliveryFact.objects.filter(grant__in=visible.values("pk"), plane=plane)
    rows = rows.filter(checksum=checksum, status="delivered")
    return rows.select_related("grant").order_by("-at", "-pk").first()


def existing_grants(numbers: Collection[int]) -> set[int]:
    """Which of these numbers are grants: for planes that read them off a log."""
    return set(Grant.objects.filter(pk__in=numbers).values_list("pk", flat=True))


def grants_of_case(case: Case) -> QuerySet[Grant]:
    """The grant a case is about, be it the grant's own case or that of the application it came
    from; all of a table of older grants that were brought in."""
    return Grant.objects.filter(
        Q(case=case) | Q(application__case=case) | Q(intake_row__intake__case=case)
    )


def users_of(mount: int) -> dict[int, Grant]:
    """Every body with a running grant on a resource, and one such grant."""
    running = Grant.objects.filter(mount=mount, ended_at=None).select_related(
        "mount__entry__body", "mount__entry__current"
    )
    return {grant.consumer_id: grant for grant in running}


def belonging(case: Case) -> Iterator[tuple[str, str]]:
    """What belongs to the evidence of a case (A34): both cases of its grant, that of the table it
    was brought in by, and every delivery under it."""
    cases = ("case", "application__case", "intake_row__intake__case")
    for pk, *belong in grants_of_case(case).values_list("pk", *cases):
        yield from ((Case._meta.label_lower, str(own)) for own in belong if own is not None)
        yield Grant._meta.label_lower, str(pk)
        for delivery in DeliveryFact.objects.filter(grant=pk).values_list("pk", flat=True):
            yield DeliveryFact._meta.label_lower, str(delivery)


# -- for the planes --------------------------------------------------------------------------------


def live_grants(
    now: datetime | None = None,
    only: int | None = None,
    faults: list[Fault] | None = None,
    consumer: int | None = None,
    mode: Mode | None = None,
    mounts: Collection[int] | None = None,
) -> list[LiveGrant]:
    """Every grant in force now, of every mode, as frozen facts: a fixed number of queries however
    many there are. Narrowed to one by ``only``, to those of a ``consumer``, ``mode`` or ``mounts``.

    In force: issued and neither suspended nor ended, inside its period, its mount delivering, and
    something left of it under the version published now. A grant or credential that cannot be read
    is not among them, and is added to ``faults``: it lets nothing through, and the others go on.
    """
    faults = [] if faults is None else faults
    moment = now or timezone.now()
    day = moment.astimezone(SHANGHAI).date()
    rows = Grant.objects.filter(
        case__state__in=LIVE,
        ended_at=None,
        valid_from__lte=day,
        valid_to__gte=day,
        mount__in=publishing.deliverable().values("pk"),
    )
    narrowed = {"pk": only, "consumer": consumer, "mount__mode": mode, "mount__in": mounts}
    rows = rows.filter(**{name: value for name, value in narrowed.items() if value is not None})
    rows = (
        rows.select_related(*RELATED, "mount__file")
        .prefetch_related("mount__entry__current__items")
        .order_by("pk")
    )
    grants = _rows(rows, faults)
    usable = Credential.objects.filter(
        system__in={g.system_id for g in grants}, revoked_at=None, expires_at__gt=moment
    )
    by_system: dict[int, list[CredentialFact]] = {}
    for credential in usable:
        try:
            networks = tuple(networks_checked(credential.networks))
        except Malformed as wrong:  # to leave out the network would be to let it come from anywhere
            faults.append(Fault(f"凭证 {credential.client_id}", wrong.detail, "使用部门经办人"))
            continue
        by_system.setdefault(credential.system_id, []).append(
            CredentialFact(credential.client_id, credential.expires_at, networks)
        )
    live = []
    mounts = {grant.mount_id: grant.mount for grant in grants}
    made_for = publishing.made_ready_for(mounts.values())
    doubtful: set[Fault] = set()
    for grant in grants:
        try:
            doubt = publishing.doubt(grant.mount, made_for.get(grant.mount_id))
            live.append(_live(grant, tuple(by_system.get(grant.system_id, ())), doubt))
        except Exception as wrong:  # whatever it is, it is this grant's alone
            faults.append(_fault(grant.pk, wrong, grant.case.number or ""))
            continue
        if doubt:
            about = grant.mount.entry
            what = f"{about.body.short_name}“{about.name}”的挂接 {grant.mount_id}"
            doubtful.add(Fault(what, doubt, "提供部门经办人"))
    faults += sorted(doubtful, key=str)
    return [grant for grant in live if grant.valid_to > moment]


def _rows(rows: QuerySet[Grant], faults: list[Fault]) -> list[Grant]:
    """The rows at once; one by one when among them is one that Python has no form for (an
    infinite day)."""
    try:
        return list(rows)
    except DataError:
        readable = []
        for pk in list(rows.values_list("pk", flat=True)):
            try:
                readable.append(rows.get(pk=pk))
            except DataError as wrong:
                faults.append(_fault(pk, wrong))
        return readable


def _fault(grant: int, wrong: Exception, number: str = "") -> Fault:
    what = f"授权 {number or grant}"
    if isinstance(wrong, AgainstRules):
        return Fault(what, wrong.detail, wrong.who)
    why = str(wrong) if isinstance(wrong, ScopeError) else type(wrong).__name__
    return Fault(what, f"登记的内容无法读取：{why}")


def scope_now(grant: Grant) -> Scope:
    """What a grant lets through under the version of its entry that is published now: what was
    granted, and of that what the entry still allows (A8, A30). Raises `AgainstRules` when nothing
    is left, or nothing that could be handed out without telling more; `ScopeError`."""
    base = publishing.base_scope(grant.mount)
    scope = narrow(base, from_json(grant.scope))
    if (obstacle := void(grant, grant.mount.published, base, scope)) is not None:
        raise obstacle
    return scope


def void(grant: Grant, version: Any, base: Scope, scope: Scope) -> AgainstRules | None:
    """Why nothing of a scope leaves under a grant where this version of its entry allows ``base``;
    None where something does. Raises `ScopeError`."""
    own, who = own_filter(base, from_json(grant.application.scope)), "提供部门经办人"
    why = ""
    if not catalog.offers(version, grant.consumer_id):
        why = "目录现已不予共享，或只提供给其他指定的部门"
    elif missing := {*scope.filtered_items} - {*base.items}:
        why = f"选择数据行所用的信息项已不在目录中：{'、'.join(sorted(missing))}"
    elif hidden := peeks(base, own):
        why = f"使用部门按“{'、'.join(hidden)}”选择数据行，目录现已不再以明文提供该项"
        who = "使用部门经办人"
    elif not scope.items:
        names = "、".join(from_json(grant.scope).items)
        why = f"所授信息项已不在目录中{f'：{names}' if names else ''}"
    else:  # a table without its key is for the run to find: it waits, and its provider is told
        why = barred(grant.mount.mode, scope)
    return AgainstRules(why, article="A8", who=who) if why else None


def _live(grant: Grant, credentials: tuple[CredentialFact, ...], doubt: str) -> LiveGrant:
    """A grant with all a plane needs. A resource that asks for the matter lets pass the grant's own
    only, as its code is now (A18, A30). Of a mount in doubt a file stays where it is."""
    mount, scope, matter = (
        publishing.fact_of(grant.mount),
        scope_now(grant),
        grant.matter.code if grant.matter else "",
    )
    if doubt and mount.mode == Mode.FILE:
        raise AgainstRules(doubt, article="A8", who="提供部门经办人")
    bound = replace(
        scope, control_parameters=of_matters(scope.control_parameters, [matter] if matter else [])
    )
    needed = {*scope.items, *scope.filtered_items}
    return LiveGrant(
        grant=grant.pk,
        number=grant.case.number or "",
        mode=mount.mode,
        mount=mount.pk,
        entry=mount.entry,
        entry_code=mount.code,
        entry_name=mount.name,
        provider=mount.provider,
        provider_name=mount.provider_name,
        consumer=grant.consumer_id,
        consumer_name=grant.consumer.short_name,
        system=grant.system_id,
        system_name=grant.system.name,
        purpose=grant.purpose,
        matter_code=matter,
        scope=to_json(bound),
        items=tuple(i for i in mount.items if i.name in needed),
        schema=mount.schema,
        table=mount.table,
        key=mount.key,
        per_second=grant.per_second,
        per_day=grant.per_day,
        valid_from=_start(grant.valid_from),
        valid_to=ends_at(grant),
        credentials=credentials,
        target=grant.target_id,
        target_table=grant.target_table,
        file=mount.file,
    )


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def token_keys(grant: LiveGrant) -> dict[str, bytes]:
    """The keys of a grant's keyed tokens, each made of the master key, the key's name and the
    consumer: the same person's token joins across the planes of one consumer, and two consumers
    cannot join theirs."""
    return keys_for(grant.consumer, grant.parsed.key_names)


def keys_for(consumer: int, names: Iterable[str]) -> dict[str, bytes]:
    """The same for a consumer and names of keys: a simulation has no grant yet."""

    def key(name: str) -> bytes:
        return hmac.digest(
            settings.MASTER_KEY.encode(),
            f"huitong token {name} {consumer}".encode(),
            hashlib.sha256,
        )

    return {name: key(name) for name in names}


def sources(
    actor: Actor, mounts: Iterable[int] | None = None, faults: list[Fault] | None = None
) -> dict[int, Source]:
    """Mount → where to read it, passwords included: for the platform itself only. Those that
    cannot be read are not among them, and are added to ``faults``. Raises `NotVisible`."""
    readable, broken = publishing.sources(actor, mounts)
    if faults is not None:
        faults += [Fault(f"挂接 {words}", UNREADABLE, "提供部门经办人") for words in broken]
    return readable


def targets(actor: Actor) -> dict[int, Target]:
    """Database → where tables are delivered to, for every grant not ended, without those whose
    password cannot be read; for the platform itself only. Raises `NotVisible`."""
    if not actor.is_system:
        raise NotVisible("前置库地址")
    rows = Grant.objects.filter(ended_at=None, target__isnull=False).select_related("target")
    databases = {grant.target_id: grant.target for grant in rows}
    readable = {}
    for pk, database in databases.items():
        with suppress(vault.Unreadable):
            readable[pk] = Target(pk, catalog.address_of(database), database.schema)
    return readable


# -- what planes hand out by themselves ------------------------------------------------------------


def serving(plane: str, mounts: Collection[int] | None = None) -> set[int]:
    """Grants a plane may still be handing data out under, of all mounts or of these: it was told
    so, and has not confirmed to have stopped (A28)."""
    rows = Serving.objects.filter(plane=plane, stopped_at=None)
    rows = rows if mounts is None else rows.filter(grant__mount__in=mounts)
    return set(rows.values_list("grant", flat=True))


def closings(grants: Iterable[Grant]) -> dict[int, Serving]:
    """Of grants no longer in force, those a plane handed out by itself: not yet confirmed to
    have stopped, or since when."""
    now = timezone.now()
    over = [
        g.pk
        for g in grants
        if g.case.state not in LIVE or g.ended_at or not g.mount.delivers or ends_at(g) <= now
    ]
    return {row.grant_id: row for row in Serving.objects.filter(grant__in=over)} if over else {}


def scope_words(scope: Any) -> list[str]:
    """A kept scope in sentences; one that cannot be read lets nothing through, and says so."""
    try:
        return explain(from_json(scope))
    except ScopeError as wrong:
        return [f"登记的范围无法读取（{wrong}），未提供任何数据；请联系平台运维员。"]
