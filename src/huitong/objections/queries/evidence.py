"""What an evidence package holds of a doubt beside the steps of its case (A34)."""

from __future__ import annotations

from collections.abc import Iterator

from huitong.kernel.case import Case
from huitong.objections.models import Objection


def doubted_in(case: Case) -> Iterator[tuple[str, str]]:
    """The doubt, and the case of the one it goes on from."""
    for row in Objection.objects.filter(case=case).select_related("again_of"):
        yield Objection._meta.label_lower, str(row.pk)
        if row.again_of is not None:
            yield Case._meta.label_lower, str(row.again_of.case_id)
