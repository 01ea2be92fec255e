"""What the compiling pages have in common: who compiles, the frame around a page, what may be done
now, where a finding is mended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huitong.catalog import queries
from huitong.catalog.models import Entry, Version
from huitong.catalog.queries.entering import enters, enters_in, to_compile
from huitong.catalog.rules import EntryFacts, Finding, section_of
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import Place, panels
from huitong.kernel.procedure import NotYours
from huitong.kernel.requests import Request


def clerk_of(request: Request) -> Actor:
    """Who compiles: operators and managers of a body. Raises `NotYours`."""
    actor = request.actor
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        raise NotYours("目录由政务部门的经办人编制。", article="A7", who="经办人")
    return actor


def writer_of(request: Request) -> Actor:
    """Who writes: operators. Raises `NotYours` before a form is shown that could not be sent."""
    actor = clerk_of(request)
    if not actor.has(Post.OPERATOR):
        raise NotYours(
            "目录由经办人编制，负责人审核。", article="A12", who=f"{actor.body_name}经办人"
        )
    return actor


def tabs_of(pages: Mapping[str, tuple[str, str]], active: str) -> list[dict[str, Any]]:
    """The tabs of a room: by key what one is called and its page."""
    return [
        {"label": label, "url": reverse(f"catalog:{page}"), "active": key == active}
        for key, (label, page) in pages.items()
    ]


def frame_of(request: Request, entry: Entry, title: str = "") -> dict[str, Any]:
    name, entering = entry.draft.name, enters_in(request.actor, entry)
    crumbs = [
        ("代录目录", reverse("catalog:entering"))
        if entering
        else ("目录编制", reverse("catalog:mine")),
        (name, reverse("catalog:compile", args=[entry.pk]) if title else ""),
    ]
    return {
        "entry": entry,
        "draft": entry.draft,
        "state": entry.state,
        "tone": entry.state.tone,
        "editable": may(request, entry, "edit"),
        # the bureau's record of why it enters for the department, and whether that is this clerk
        "entering": entry.case.facts.get("entering") if entry.draft.entered_by else None,
        "enters": entering,
        "crumbs": [*crumbs, (title, "")] if title else crumbs,
    }


def may(request: Request, entry: Entry, verb: str) -> bool:
    return any(row.verb == verb for row, _ in doing.open_to(request.actor, entry.case))


def may_update(request: Request, entry: Entry) -> bool:
    """Whether this actor may begin the next version of an entry now."""
    actor = request.actor
    return (
        entry.body_id == actor.body
        and actor.has(Post.OPERATOR)
        and entry.is_published
        and entry.draft.is_published
    )


def may_update_for(request: Request, entry: Entry) -> bool:
    """Whether this actor may begin it in its department's place (代录)."""
    published = entry.is_published and entry.draft.is_published
    return published and enters(request.actor) and entry.body_id != request.actor.body


def changes_of(actor: Actor, version: Version) -> dict[str, Any]:
    """What a draft changes of what is published, and what the contexts above say of it; nothing
    for a first version."""
    if version.is_published or version.entry.current is None:
        return {}
    changes = queries.against_published(version)
    return {"changes": changes, "panels": panels(Place.VERSION, actor, version)}


def editable(request: Request, actor: Actor, pk: int) -> Entry:
    """The entry, if this actor may edit it now. Raises what editing would raise."""
    entry = to_compile(actor, pk)
    if not may(request, entry, "edit"):
        doing.procedure_of(entry.case).check(
            "edit", entry.case.state, actor.seats_in(entry.case.parties), {}
        )
        raise NotYours("您已在其他环节经手，本环节须由另一人办理。", article="A12")
    return entry


def place_of(entry: int, facts: EntryFacts, finding: Finding) -> str:
    """Where a finding is mended: the field, the row of the grid, the page of grounds."""
    field, _, item = finding.field.partition(".")
    if field == "grounds":
        return reverse("catalog:grounds", args=[entry])
    row = next((n for n, i in enumerate(facts.items, 1) if i.name == item), 1)
    place = f"items-row-{row}" if field == "items" else f"id_{field}"
    return reverse("catalog:section", args=[entry, section_of(field)], fragment=place)
