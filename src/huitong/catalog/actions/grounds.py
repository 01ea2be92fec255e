"""Kinds of legal grounds: the bureau adds to the list and ends what is over (A8)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.models import GroundKind
from huitong.kernel.actor import BUREAU, Actor, Post
from huitong.kernel.doing import recorded, was
from huitong.kernel.procedure import Malformed
from huitong.work.rules import Pick

BY_BUREAU = BUREAU(Post.OPERATOR)


@recorded("A8", BY_BUREAU, label="新增依据类别")
def add_ground_kind(
    actor: Actor,
    *,
    label: Annotated[str, Field(title="类别", min_length=2, max_length=40)],
    in_force: Annotated[date, Field(title="生效日期")],
    about: Annotated[
        str, Field(title="说明", description="哪些文件属于这一类。", max_length=200)
    ] = "",
) -> GroundKind:
    """Another kind from a day on. Raises `Malformed` for one there is already."""
    if GroundKind.objects.filter(label=label).exists():
        raise Malformed({"label": f"已有“{label}”"}, article="A8")
    row: GroundKind = GroundKind.objects.create(
        code=f"own-{GroundKind.objects.count() + 1}", label=label, in_force=in_force, note=about
    )
    return row


@recorded("A8", BY_BUREAU, label="停用依据类别")
def end_ground_kind(
    actor: Actor,
    *,
    kind: Annotated[str, Pick(queries.ground_kind_choices), Field(title="依据类别")],
    until: Annotated[date, Field(title="最后有效日")],
) -> GroundKind:
    """No ground of this kind is entered after that day; those entered before stay. Raises
    `Malformed`."""
    row = GroundKind.objects.select_for_update().filter(code=kind).first()
    if row is None:
        raise Malformed({"kind": "没有这个依据类别"}, article="A8")
    if until < row.in_force:
        raise Malformed({"until": f"应不早于生效日期 {row.in_force}"}, article="A8")
    was(until=row.until)
    row.until = until
    row.save(update_fields=["until"])
    return row
