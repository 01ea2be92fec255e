"""Standing documents and their versions: a draft on its case, frozen once it is published."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from huitong.documents.rules import KINDS, Audience, DocumentKind, Ending, Span
from huitong.kernel.addresses import reverse
from huitong.kernel.ledger import Record

BODY = "organizations.Body"


class Document(Record):
    """A standing document of a body, for ever: what it says stands in its versions.

    ``current`` is the youngest published one, ``latest`` the youngest of all. From the day
    ``ended_from`` it holds no longer: ``successor`` took its place, or else it was repealed.
    """

    body = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    #: a row of `rules.KINDS`
    kind = models.CharField(max_length=20)
    current = models.OneToOneField(
        "DocumentVersion", null=True, on_delete=models.PROTECT, related_name="current_of"
    )
    latest = models.OneToOneField(
        "DocumentVersion", null=True, on_delete=models.PROTECT, related_name="latest_of"
    )
    ended_from = models.DateField(null=True)
    ended_why = models.CharField(max_length=1000, blank=True)
    successor = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="predecessors"
    )

    class Meta:
        indexes = [models.Index(fields=["body", "kind"], name="document_of_body")]

    @property
    def kind_row(self) -> DocumentKind:
        return KINDS[self.kind]

    @property
    def ending(self) -> Ending | None:
        repealed = self.successor_id is None
        return None if self.ended_from is None else Ending(self.ended_from, repealed)

    def get_absolute_url(self) -> str:
        return reverse("documents:document", args=[self.pk])


class DocumentVersion(Record):
    """What a document says, to whom and from when.

    Published, it has a number and is frozen: the database refuses every change but one, that a
    named body is followed by its heir (A2).
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    #: 文号, as the paper bears it
    document_number = models.CharField(max_length=60, blank=True)
    #: short citations: A12
    articles = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    audience = models.CharField(
        max_length=12, choices=Audience.choices(), default=Audience.BODIES.value
    )
    bodies = ArrayField(models.BigIntegerField(), default=list, blank=True)
    wording = models.TextField(blank=True)
    file = models.ForeignKey(
        "work.Attachment", null=True, on_delete=models.PROTECT, related_name="+"
    )
    #: first and last day; without a first day it holds from the day it is published
    in_force = models.DateField(null=True)
    until = models.DateField(null=True)
    #: documents of the same body whose place it takes
    replaces = ArrayField(models.BigIntegerField(), default=list, blank=True)
    #: given when it is published; ``sha256`` covers all of the above and the file
    number = models.PositiveSmallIntegerField(null=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.CharField(max_length=60, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes = [
            GinIndex(fields=["articles"], name="document_articles"),
            models.Index(fields=["-published_at"], name="document_published"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="document_version_once")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def span(self) -> Span:
        """Its time, of a published one. Raises `ValueError` for a draft."""
        if self.number is None or self.in_force is None:
            raise ValueError("a draft has no time")
        return Span(self.number, self.in_force, self.until)

    @property
    def cited_as(self) -> str:
        """《title》（document_number）, as it is cited."""
        return f"《{self.title}》" + (f"（{self.document_number}）" if self.document_number else "")
