"""What a version lets out, and to whom (A8, A18)."""

from __future__ import annotations

from huitong.catalog.models import Entry, Version
from huitong.catalog.queries.items import rows_of_items
from huitong.catalog.rules import Shape, ShareClass, binds
from huitong.scope import Scope
from huitong.scope.masks import named
from huitong.scope.parameters import parameter_from_json


def scope_of(version: Version) -> Scope:
    """The most that may leave under this version: shared items, masks, control parameters,
    comparison (A8, A18).

    Items go by their name. Access narrows this with what is asked and what is granted. Not shared =
    nothing.
    """
    if version.share_class == ShareClass.NOT_SHARED:
        return Scope(items=())
    items = [i for i in rows_of_items(version) if i.share_class != ShareClass.NOT_SHARED]
    return Scope(
        items=tuple(i.name for i in items),
        masks={i.name: named(i.mask) for i in items if i.mask},
        control_parameters=tuple(
            parameter_from_json(p, f"control_parameters[{n}]")
            for n, p in enumerate(version.control_parameters)
        ),
        comparison_only=Shape.COMPARISON in version.shapes,
    )


def admits(entry: Entry, body: int | None) -> bool:
    """May this body apply at all: published, and the published version is for it (A8)."""
    return entry.current is not None and offers(entry.published, body)


def offers(version: Version, body: int | None) -> bool:
    """Whether a version is for this body: shared, and when it is for named bodies only, with this
    one among them (A8), unless the bureau struck that condition."""
    if version.share_class == ShareClass.NOT_SHARED:
        return False
    return (
        not binds(version, Shape.NAMED_BODIES, version.entry.struck)
        or body in version.named_bodies
        or body == version.entry.body_id
    )
