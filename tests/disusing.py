"""Grants for tests that nobody has used for longer than the limit (A26)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from tests.sharing import Sharing

from huitong.access.models import Grant
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing
from huitong.kernel.workdays import today


def unused(sharing: Sharing, table: str = "marriage", **more: Any) -> Grant:
    """A grant of four months ago that nobody has used."""
    grant = sharing.granted(sharing.mount(table, "api"), **more)
    with writing("test"):
        Grant.objects.filter(pk=grant.pk).update(valid_from=today() - timedelta(120))
        Case.objects.filter(pk=grant.case_id).update(entered_at=timezone.now() - timedelta(120))
    return Grant.objects.select_related("case").get(pk=grant.pk)
