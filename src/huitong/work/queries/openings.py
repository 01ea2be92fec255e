"""The cases a person may start, and where."""

from __future__ import annotations

from dataclasses import dataclass

from huitong.kernel import doing, manifest
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import Procedure, Step
from huitong.kernel.workdays import today


@dataclass(frozen=True)
class Opening:
    """A kind of case somebody may start, and the page where it is started."""

    table: Procedure
    row: Step
    verb: doing.Verb
    url: str


def openings(actor: Actor) -> list[Opening]:
    """The cases this actor may start, by the tables in force today (A36): each verb once, however
    many of its seats they hold, with the page its context's manifest names, or the generic form."""
    startable, seats = [], doing.seats_to_open(actor)
    for kind, table in doing.procedures_now(today()).items():
        own = {row.verb: row for row in reversed(table.steps) if row.opening and row.who in seats}
        for name in table.verbs:
            page = manifest.case_page(kind).openings.get(name)
            url = (
                reverse("work:open", args=[kind, name]) if page is None else page and reverse(page)
            )
            verb = doing.VERBS.get(f"{kind}.{name}")
            if name in own and url and verb is not None and verb.offered:
                startable.append(Opening(table, own[name], verb, url))
    return startable
