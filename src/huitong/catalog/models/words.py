"""What people call things when they search (A20): words that mean the same, and questions that
found nothing."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from huitong.kernel.ledger import Record

PERSON = "organizations.Person"


class SynonymGroup(Record):
    """Words that mean the same to somebody who searches, kept by the bureau."""

    #: as `rules.synonyms.words_of_group` reads them, divided by blanks
    words = models.CharField(max_length=300, unique=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["words"]

    def __str__(self) -> str:
        return self.words.replace(" ", "、")


class MissedQuestion(Record):
    """A question of a person that found nothing; shown to nobody before a second person asks it,
    for it may name somebody."""

    text = models.CharField(max_length=40)
    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["text", "person"], name="missed_once")]
        indexes = [models.Index(fields=["at"], name="missed_at")]
