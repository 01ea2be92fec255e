"""Recorded acts: writes that are no step of a case, with their ledger entry all the same."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.db import models, transaction

from huitong.kernel import grounds, ledger
from huitong.kernel.actor import Actor, Seat
from huitong.kernel.case import Case
from huitong.kernel.doing.act import acting, belongs_to, conclude, take_request
from huitong.kernel.doing.citing import cited, citing, law_now
from huitong.kernel.doing.given import masked, model_of
from huitong.kernel.doing.hands import hands_of, refuse_other_hand
from huitong.kernel.doing.registry import VERBS, Verb
from huitong.kernel.doing.steps import bind
from huitong.kernel.laws import citation


def recorded(
    article: str,
    *who: Seat,
    label: str = "",
    anyone: bool = False,
    inner: bool = False,
    effect: str = "",
    grounds_of: str = "",
    part_of: str = "",
    first: Callable[..., Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Turn a function ``(actor, *, …)`` into a recorded write that is not a step of a case.

    ``who`` are seats of BODY, BUREAU or SYSTEM; whether the object is the actor's to touch is asked
    of `queries` in the body. ``anyone`` opens it to everybody signed in, with or without a post:
    for acts on one's own account only. ``inner`` keeps it from the generic doors: it is part of
    another act, or has a door of its own. ``effect`` says what comes of a weighty act, in the
    reader's words: pages have it confirmed. ``grounds_of`` names the step an act does many times,
    whose grounds are its own. ``part_of`` names the step an act prepares or does many times: it
    cites the law of the step's case (`under`). ``first`` is called with the same before the
    transaction begins, for what takes long or is kept though the act fails; its result is the
    function's second argument. The ledger keeps what was given and what `note` adds. Returns what
    the function does. Raises `ValueError` for both: what a page has confirmed is rehearsed, and
    what comes ``first`` cannot be undone.
    """

    citation(article)
    if effect and first is not None:
        raise ValueError("a verb with effect= is rehearsed: it cannot have a first=")

    def wrap(fn: Callable[..., Any]) -> Callable[..., Any]:
        context = fn.__module__.split(".actions")[0].rpartition(".")[2]
        name = f"{context}.{fn.__name__}"

        @wraps(fn)
        def run(actor: Actor, **given: Any) -> Any:
            part = VERBS[part_of] if part_of else verb
            with citing(part, lambda: law_now(part)):
                typed, once, held = verb.validate(given), take_request(), verb.seats_of(actor)
                before = (first(actor, **typed),) if first else ()
            with (
                acting() as act,
                citing(part, lambda: act.law or law_now(part)),
                transaction.atomic(),
            ):
                act.reasons = grounds.stated(grounds_of or name, typed)
                act.people = actor.at(*held).people
                result = fn(actor, *before, **typed)
                bind(actor, verb, None, typed)
                entry = ledger.append(
                    actor.at(*held),
                    name,
                    cited(article, part, lambda: act.law or law_now(part)),
                    obj=result if isinstance(result, models.Model) else None,
                    before=act.before,
                    after=masked(typed) | act.after,
                    reasons=act.reasons,
                    **once,
                )
                conclude(act, name, entry, result if isinstance(result, Case) else None, result)
                return result

        verb = Verb(
            name,
            label or fn.__name__,
            article,
            model_of(fn, name),
            run,
            inspect.getdoc(fn) or "",
            who=who,
            anyone=anyone,
            inner=inner,
            effect=effect,
            grounds_of=grounds_of,
        )
        VERBS[name] = verb
        return run

    return wrap


def lend_hand(actor: Actor, seat: Seat, cases: Iterable[Case], label: str) -> None:
    """Count the running recorded act as its actor's hand in each of these cases, in this seat, and
    as an act of each: it stands in their timelines and evidence.

    The caller holds the cases' locks. Raises `NotYours` when the actor has acted in one of them
    from another seat.
    """
    for case in cases:
        refuse_other_hand(actor, case, seat, label)
        case.hands |= hands_of(actor, seat)
        case.save(update_fields=["hands"])
        belongs_to(case.pk)
