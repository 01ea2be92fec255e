"""Data standards and code lists (数据字典), filed with the bureau (A9)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from huitong.catalog.rules import StandardKind, choices
from huitong.kernel.ledger import Record

BODY = "organizations.Body"


class Filed(Record):
    """What a body files with the bureau; without a body it came with the platform."""

    body = models.ForeignKey(BODY, null=True, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()
    filed_by = models.CharField(max_length=60, blank=True)
    #: the last day it holds
    until = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


class Standard(Filed):
    """A data standard. Entries cite it by its number, for ever."""

    number = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=choices(StandardKind))
    issuer = models.CharField(max_length=120, blank=True)
    in_force = models.DateField()
    #: its text as it was issued, for everybody who reads the standards
    file = models.ForeignKey(
        "work.Attachment", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class CodeList(Filed):
    """A code list: which codes a column holds and what they mean. Its values stand in its
    versions."""

    name = models.CharField(max_length=80)
    standard = models.ForeignKey(
        Standard, null=True, blank=True, on_delete=models.PROTECT, related_name="code_lists"
    )

    class Meta:
        ordering: ClassVar = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "name"], name="code_list_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name


class CodeListVersion(Record):
    """The values of a code list from a day on: never changed, another version follows.

    ``title`` is what items cite it by; ``longest`` and ``numeric`` are what their type and length
    are checked against.
    """

    code_list = models.ForeignKey(CodeList, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=160, unique=True)
    in_force = models.DateField()
    size = models.PositiveIntegerField()
    #: characters of the longest code
    longest = models.PositiveIntegerField()
    #: whether every code is a number that is written in one way only
    numeric = models.BooleanField()
    filed_at = models.DateTimeField()
    filed_by = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["code_list", "number"], name="code_list_version_once")
        ]

    def __str__(self) -> str:
        return self.title


class Code(Record):
    """A value of a code list and what it means."""

    version = models.ForeignKey(CodeListVersion, on_delete=models.PROTECT, related_name="codes")
    position = models.PositiveIntegerField()
    code = models.CharField(max_length=60)
    label = models.CharField(max_length=200)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="code_once")]
