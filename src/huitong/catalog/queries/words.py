"""Words people use when they search: what means the same, what found nothing, what may have been
meant (A20)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from huitong.catalog.models import MissedQuestion, SynonymGroup
from huitong.catalog.rules.synonyms import Synonyms, synonyms_of
from huitong.kernel.actor import Actor, Post
from huitong.kernel.procedure import NotVisible
from huitong.kernel.statements import Statement

#: so many people have asked before others see what was asked, and for so long it is remembered
PEOPLE, REMEMBERED = 2, timedelta(180)

MISSED = Statement(
    lambda since: missed_questions(since).order_by().values_list("text"), since=datetime
)
GROUPS = Statement(lambda: SynonymGroup.objects.order_by("pk").values_list("words", flat=True))


def synonyms() -> Synonyms:
    """What means the same, as the bureau keeps it now."""
    return _synonyms_of(tuple(GROUPS()))


@lru_cache(4)
def _synonyms_of(groups: tuple[str, ...]) -> Synonyms:
    return synonyms_of(groups)


def synonym_groups() -> QuerySet[SynonymGroup]:
    return SynonymGroup.objects.all()


def synonym_group(pk: int) -> SynonymGroup:
    """Raises `NotVisible`."""
    if (row := SynonymGroup.objects.filter(pk=pk).first()) is None:
        raise NotVisible("该组同义词")
    return row


def missed_questions(since: datetime | None = None) -> QuerySet[MissedQuestion, dict[str, Any]]:
    """What several people asked for and did not find since then, the most first."""
    return (
        MissedQuestion.objects.filter(at__gte=since or timezone.now() - REMEMBERED)
        .values("text")
        .annotate(people=Count("person"), last=Max("at"))
        .filter(people__gte=PEOPLE)
        .order_by("-people", "-last", "text")
    )


def missed_questions_for(actor: Actor) -> QuerySet[MissedQuestion, dict[str, Any]]:
    """To the bureau, which keeps the words; none to others."""
    rows = missed_questions()
    return rows if actor.bureau and actor.has(Post.OPERATOR, Post.MANAGER) else rows.none()


def number_missed() -> int:
    """How many questions wait for the bureau to say what is meant."""
    return len(MISSED(since=timezone.now() - REMEMBERED))
