"""Doing a verb by its name, once per request: what every generated door calls. Rehearsing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db import DatabaseError, transaction

from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import undoing
from huitong.kernel.doing.act import Done, acting, requested
from huitong.kernel.doing.conflicts import refused_by_database
from huitong.kernel.doing.given import digest_of
from huitong.kernel.doing.registry import VERBS
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import Malformed, NotVisible

T = TypeVar("T")


def perform(
    actor: Actor,
    name: str,
    given: Mapping[str, Any],
    *,
    case: int | None = None,
    request_key: str = "",
) -> Done:
    """Do a verb by its name: the one call behind every generated page form, API route and command.

    With a ``request_key`` (Idempotency-Key) a repeated request of the same person returns the first
    one's outcome, and is refused where that was undone since: it neither stands nor is done anew.
    The same key with other content is `Malformed`.
    """
    if (verb := VERBS.get(name)) is None:
        raise NotVisible("该操作")
    if strange := [key for key in given if key not in verb.given.model_fields]:
        raise Malformed(dict.fromkeys(strange, "没有这一项"), article=verb.article)
    digest = digest_of(name, case, given) if request_key else ""
    if request_key and (first := _outcome_of(actor, request_key, digest)) is not None:
        return first
    try:
        with requested(request_key, digest), acting() as act:
            if not verb.is_step or (verb.opening and case is None):
                verb.run(actor, **given)
            else:
                verb.run(actor, Case(pk=case), **given)
            if act.last is None:
                raise RuntimeError(f"{name} left no ledger entry")
            return act.last
    except DatabaseError as wrong:
        if request_key and (first := _outcome_of(actor, request_key, digest)) is not None:
            return first
        if (refusal := refused_by_database(wrong, verb.article)) is None:
            raise
        raise refusal from wrong


def rehearse(
    actor: Actor,
    name: str,
    given: Mapping[str, Any],
    look: Callable[[Done], T],
    *,
    case: int | None = None,
) -> T:
    """Do a verb, let ``look`` see what came of it, and leave everything as it was.

    By this a page says what will come of an act, and what stands against it, before anybody
    confirms it: nothing it says can differ from what is then done. Raises what `perform` raises.
    A verb that has something done ``first``, which would not be undone, is none to be confirmed
    (`recorded`).
    """
    with transaction.atomic():
        try:
            return look(perform(actor, name, given, case=case))
        finally:
            transaction.set_rollback(True)


def _outcome_of(actor: Actor, key: str, digest: str) -> Done | None:
    """The outcome of a request that was made before. Raises `Malformed` for other content,
    `AgainstRules` for what was undone."""
    entry = Entry.objects.filter(person=actor.person, request_key=key).first()
    if entry is None:
        return None
    if entry.request_digest != digest:
        raise Malformed({"Idempotency-Key": "这个幂等键已用于另一个请求，请换一个新的键。"})
    if undoing.was_undone(entry):
        raise undoing.AGAIN()
    case = Case.objects.visible_to(actor).filter(pk=entry.case).first()
    return Done(entry, case, None, replayed=True)
