"""What an evidence package holds of a dispute beside the steps of its case (A34)."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from huitong.disputes.models import Dispute
from huitong.kernel.case import Case


def disputed_in(case: Case) -> Iterator[tuple[str, str]]:
    """Of a dispute the case in dispute and the one that went on from it; of a case its disputes."""
    rows = Dispute.objects.filter(Q(case=case) | Q(about=case) | Q(followed_by=case))
    for dispute in rows:
        yield Dispute._meta.label_lower, str(dispute.pk)
        for pk in (dispute.case_id, dispute.about_id, dispute.followed_by_id):
            if pk is not None and pk != case.pk:
                yield Case._meta.label_lower, str(pk)
