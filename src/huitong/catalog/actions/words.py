"""Words people use when they search (A20): the bureau keeps what means the same; what found nothing
is remembered."""

from __future__ import annotations

import logging
from typing import Annotated

from django.db import DatabaseError, transaction
from django.utils import timezone
from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.models import MissedQuestion, SynonymGroup
from huitong.catalog.rules.finding import plain
from huitong.catalog.rules.synonyms import fault_of, words_of_group
from huitong.kernel.actor import BUREAU, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import Malformed, NotVisible

log = logging.getLogger(__name__)
BY_BUREAU = BUREAU(Post.OPERATOR)
Words = Annotated[
    str,
    Field(
        title="意思相同的词",
        description="两个到 12 个词，用空格或顿号分开，如：社保、社会保险、参保。",
        max_length=300,
    ),
]
GroupId = Annotated[int, Field(title="同义词组")]
#: so many figures may be the number of a person, a document or a telephone: nobody is to see it
FIGURES = 5
#: characters of a question worth remembering, and questions remembered of one person
SHORTEST, LONGEST, MOST = 2, 40, 200


@recorded("A20", BY_BUREAU, label="添加同义词")
def add_synonyms(actor: Actor, *, words: Words) -> SynonymGroup:
    """Let each of these words find what the others find. Raises `Malformed`."""
    row: SynonymGroup = SynonymGroup.objects.create(words=_checked(words))
    _answered(row)
    return row


@recorded("A20", BY_BUREAU, label="修改同义词")
def change_synonyms(actor: Actor, *, group: GroupId, words: Words) -> SynonymGroup:
    """Raises `Malformed`, `NotVisible`."""
    row = queries.synonym_group(group)
    note(before=row.words)
    row.words = _checked(words, row.pk)
    row.save()
    _answered(row)
    return row


@recorded("A20", BY_BUREAU, label="删除同义词")
def remove_synonyms(actor: Actor, *, group: GroupId) -> None:
    """Raises `NotVisible`."""
    row = queries.synonym_group(group)
    note(before=row.words)
    row.delete()


@recorded("A20", BY_BUREAU, label="不再提示检索词")
def dismiss_missed(
    actor: Actor, *, text: Annotated[str, Field(title="检索词", max_length=LONGEST)]
) -> None:
    """Forget a question that means nothing to the catalog, until it is asked again. Raises
    `NotVisible`."""
    if text not in queries.missed_questions().values_list("text", flat=True):
        raise NotVisible("该检索词")
    MissedQuestion.objects.filter(text=text).delete()


def _checked(text: str, pk: int | None = None) -> str:
    if fault := fault_of(text):
        raise Malformed({"words": fault}, article="A20")
    words = words_of_group(text)
    others = SynonymGroup.objects.exclude(pk=pk).values_list("words", flat=True)
    if any(set(other.split()) == set(words) for other in others):
        raise Malformed({"words": "已有这一组"}, article="A20")
    return " ".join(words)


def _answered(group: SynonymGroup) -> None:
    """What was missed is missed no more."""
    MissedQuestion.objects.filter(text__in=group.words.split()).delete()


def remember_missed(actor: Actor, question: str) -> None:
    """Remember that somebody found nothing, as they found it: no act, and so not in the ledger.
    What cannot be remembered is not."""
    text = plain(question)
    figures = sum(sign.isdecimal() for sign in text)
    if not actor.person or not SHORTEST <= len(text) <= LONGEST or figures >= FIGURES:
        return
    own = MissedQuestion.objects.filter(person_id=actor.person)
    try:
        with transaction.atomic(), writing("catalog.remember_missed"):
            if own.exclude(text=text).count() >= MOST:
                return
            MissedQuestion.objects.update_or_create(
                text=text, person_id=actor.person, defaults={"at": timezone.now()}
            )
            MissedQuestion.objects.filter(at__lt=timezone.now() - queries.REMEMBERED).delete()
    except DatabaseError:
        log.exception("a question that found nothing is not remembered")
