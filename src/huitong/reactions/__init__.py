"""After X, do Y: what an act sets in motion elsewhere, as one table instead of signals.

Each reaction is a job deferred in the transaction of the act, so it comes or goes with it; none is
deferred that would find nobody to tell or nothing to do. It runs once in effect (a row keyed by
ledger entry and reaction, written in the reaction's own transaction) and is done by the platform
on behalf of whoever acted. There are two kinds: what *tells* people composes its messages, which
all go out through `work.notify` as told of the act, so that nobody is told twice of one act; what
*does* something calls the `actions` of contexts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from django.db import transaction
from procrastinate import App, RetryStrategy

from huitong.kernel import doing
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry, writing
from huitong.organizations import queries as organizations
from huitong.reactions.kinds import Reaction
from huitong.reactions.moving import (
    keep_tables_in_step,
    open_or_close_the_gateway,
    pass_copies_on,
    pass_demands_on,
    pass_disputes_on,
    pass_documents_on,
    pass_objections_on,
    pass_resources_on,
    pass_uses_on,
)
from huitong.reactions.narrowing import tell_of_a_narrowing, tell_of_a_narrowing_to_come
from huitong.reactions.telling import (
    tell_of_a_document,
    tell_of_a_look,
    tell_of_a_shared_database,
    tell_of_a_succession,
    tell_of_an_office,
    tell_of_broken_sources,
    tell_of_confirmed_duties,
    tell_of_entering,
    tell_of_refused_connections,
    tell_of_the_account,
    tell_the_followers,
    tell_the_followers_of_the_resource,
    tell_the_next_desk,
    tell_the_opener,
    tell_users_of_the_resource,
)
from huitong.work import actions as work
from huitong.work import queries as work_queries

#: after every step of every procedure
AFTER_EVERY_STEP: tuple[Reaction, ...] = (tell_the_next_desk, tell_the_opener, tell_the_followers)
#: after this verb
AFTER: Mapping[str, tuple[Reaction, ...]] = {
    **{
        f"grant.{verb}": (open_or_close_the_gateway, keep_tables_in_step)
        for verb in (
            *("issue", "agree", "suspend", "resume"),
            *("revoke", "reclaim", "give_back", "expire"),
        )
    },
    "intake.confirm": (open_or_close_the_gateway, keep_tables_in_step),
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
        (
            open_or_close_the_gateway,
            keep_tables_in_step,
            tell_users_of_the_resource,
            tell_the_followers_of_the_resource,
        ),
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
    **{
        f"{kind}.{verb}": (tell_of_a_document,)
        for kind in ("city_document", "body_document")
        for verb in ("publish", "repeal")
    },
    **dict.fromkeys(
        ("entry.enter_for", "entry.update_for", "catalog.apply_changes"), (tell_of_entering,)
    ),
    "entry.pass_department": (tell_of_a_narrowing_to_come,),
    "access.narrow_grants": (open_or_close_the_gateway, tell_of_a_narrowing),
    "entry.publish": (tell_the_followers_of_the_resource,),
    "catalog.refuse_connection": (tell_of_refused_connections,),
    "catalog.finish_scan": (tell_of_broken_sources, tell_of_a_look),
    "catalog.register_database": (tell_of_a_shared_database,),
    "organizations.confirm_duties": (tell_of_confirmed_duties,),
    "organizations.assign_office": (tell_of_an_office,),
    "organizations.succeed": (
        tell_of_a_succession,
        pass_copies_on,
        pass_demands_on,
        pass_disputes_on,
        pass_objections_on,
        pass_documents_on,
        pass_resources_on,
        pass_uses_on,
    ),
}


def react(entry: int, reaction: str, act: str = "") -> None:
    """The job ``huitong.react``: do one reaction to one ledger entry, once in effect. ``act`` is
    the act's name; jobs deferred before it was given count each entry as an act."""
    row = Entry.objects.get(pk=entry)
    system = organizations.platform(row.actor["name"])
    case = Case.objects.filter(pk=row.case).first() if row.case else None
    with transaction.atomic():
        if work_queries.has_reacted(entry, reaction):
            return
        with writing("telling"):
            if not doing.stands(entry):  # undone: nobody hears of it
                return
        work.reacted(system, entry=entry, reaction=reaction)
        BY_NAME[reaction].do(system, row, case, act or f"entry {entry}")


BY_NAME: dict[str, Reaction] = {
    reaction.name: reaction
    for reaction in (*AFTER_EVERY_STEP, *(each for row in AFTER.values() for each in row))
}


def _following(after: Iterable[Reaction], entry: Entry, case: Case | None) -> list[str]:
    return [reaction.name for reaction in after if reaction.applies(entry, case)]


def ready(app: App) -> None:
    """Called once in every process when the applications are known: tells the kernel what
    follows what."""
    doing.load()
    for verb in doing.VERBS.values():
        after = (*(AFTER_EVERY_STEP if verb.is_step else ()), *AFTER.get(verb.name, ()))
        doing.REACTIONS[verb.name] = partial(_following, after)
        if verb.undoable and not all(reaction.tells for reaction in after):
            raise LookupError(f"{verb.name} can be undone: it sets nothing in motion elsewhere")
    if unknown := set(AFTER) - set(doing.VERBS):
        raise LookupError(f"reactions after verbs nobody registered: {sorted(unknown)}")
    app.task(
        name="huitong.react",
        queue="reactions",
        retry=RetryStrategy(max_attempts=8, exponential_wait=3),
    )(react)
