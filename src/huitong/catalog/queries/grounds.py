"""Legal grounds as filed with the bureau, and the kinds they are of (A8)."""

from __future__ import annotations

from datetime import date

from django.db.models import Case as When
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models import When as If

from huitong.catalog.models import GroundKind, LegalGround, Version
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import today

#: where a filed ground stands: what its version is to the entry now
STANDING = {"current": "现行", "review": "审核中", "past": "不再适用"}
KINDS = Statement(lambda: GroundKind.objects.order_by("pk").values_list("code", "label"))


def ground_kinds() -> QuerySet[GroundKind]:
    """Every kind there is or was."""
    return GroundKind.objects.all()


def ground_kind_labels() -> dict[str, str]:
    """What each kind is called, those that are over too."""
    return dict(KINDS())


def ground_kinds_on(on: date) -> QuerySet[GroundKind]:
    """The kinds in force on a day."""
    return GroundKind.objects.filter(Q(until=None) | Q(until__gte=on), in_force__lte=on)


def ground_kind_choices(actor: Actor, case: Case | None = None) -> list[tuple[str, str]]:
    """What a ground entered today may be of."""
    return list(ground_kinds_on(today()).values_list("code", "label"))


def grounds_of(version: Version) -> list[LegalGround]:
    """The grounds of a version, each with what its kind is called (``kind_label``)."""
    return grounds_in_words(list(version.grounds.all()))


def grounds_in_words(rows: list[LegalGround]) -> list[LegalGround]:
    """These grounds, each with what its kind and its standing are called."""
    labels = ground_kind_labels() if rows else {}
    for row in rows:
        row.kind_label = labels.get(row.kind, row.kind)
        row.standing_label = STANDING.get(getattr(row, "standing", ""), "")
    return rows


def filed_grounds(actor: Actor) -> QuerySet[LegalGround]:
    """Every ground filed with the bureau: to the bureau all, to a body its own. ``standing`` is
    one of `STANDING`."""
    rows = LegalGround.objects.filter(filed_at__isnull=False).annotate(
        standing=When(
            If(version__current_of__isnull=False, then=Value("current")),
            If(version__number=None, version__case__closed_at=None, then=Value("review")),
            default=Value("past"),
            output_field=CharField(),
        )
    )
    if not actor.has(Post.OPERATOR, Post.MANAGER):
        return rows.none()
    rows = rows if actor.bureau else rows.filter(version__entry__body=actor.body)
    return rows.select_related("version__entry__body")
