"""What a clerk is typing into a section and has not put into the draft yet: saved by itself, right
or wrong, for that clerk alone."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse

from huitong.catalog.models import Entry, Version
from huitong.catalog.rules import Section
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.requests import Request
from huitong.work import actions as drafts
from huitong.work import queries as work
from huitong.work.forms import Filling

#: the verb that takes what is typed
VERB = "entry.edit"
#: what a form sends beside what was typed
BUTTONS = {"once", "rows", "settle", "next", "stay", "back"}


class Typing(Filling):
    """What is typed into one section of a draft."""

    def __init__(self, request: Request, entry: Entry, section: Section) -> None:
        super().__init__(request, VERB, _key(entry.draft, section))
        self.entry, self.section = entry, section
        if self.row is not None and self.row.deleted_at is not None:  # set aside in a list
            self.content = {}

    @property
    def saved_at(self) -> datetime | None:
        """When what is held was saved; None where nothing is, or it was set aside."""
        row = self.row
        return row.saved_at if row is not None and row.deleted_at is None else None

    @property
    def mark(self) -> int:
        """What a page drawn now is drawn from: nothing, where it was set aside."""
        return super().mark if self.saved_at is not None or self.overtaken is not None else 0

    def keep(self) -> HttpResponse | None:
        """Save what is sent; it supersedes what was set aside. The answer is the script's. Raises
        as `Filling.save`."""
        if self.row is not None and self.saved_at is None:
            drafts.hand_in_draft(self.actor, draft=self.row)
        self.content = {}
        self.take(lambda name: name not in BUTTONS)
        title = f"{self.entry.draft.name}：{self.section.label}"
        return self.save(title, reverse("catalog:section", args=[self.entry.pk, self.section]))

    def keep_wrong(self) -> None:
        """Save what was sent and could not be put in, whatever was typed before."""
        with suppress(AgainstRules, Malformed):
            self.keep()

    def forget(self) -> None:
        """It has been put in, or is given up."""
        if self.row is not None:
            drafts.hand_in_draft(self.actor, draft=self.row)
            self.row, self.content = None, {}


@dataclass(frozen=True)
class Typed:
    """Something typed and not put in: when it was saved, and where one goes on."""

    at: datetime
    url: str


def typed_by_section(actor: Actor, draft: Version) -> Mapping[Section, Typed]:
    """The sections of a draft into which this clerk has typed without putting it in."""
    rows = {row.key: Typed(row.saved_at, row.url) for row in work.drafts_of(actor, VERB)}
    return {s: rows[key] for s in Section if (key := _key(draft, s)) in rows}


def typed_by_version(actor: Actor) -> Mapping[int, Typed]:
    """The drafts into which this clerk has typed without putting it in, by their keys; of each the
    last saved."""
    rows = reversed(work.drafts_of(actor, VERB))
    return {int(row.key.partition("-")[0]): Typed(row.saved_at, row.url) for row in rows}


def _key(draft: Version, section: Section) -> str:
    return f"{draft.pk}-{section}"
