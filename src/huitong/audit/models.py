"""The tree over the ledger, the signed checkpoints, where they went, and what inspections found.

All insert-only, by the trigger of migration 0002.
"""

from __future__ import annotations

from django.db import models

from huitong.kernel.addresses import reverse
from huitong.kernel.ledger import Record


class Leaf(Record):
    """A sealed entry: ``number`` has no gaps and is the entry's place in the tree for ever."""

    number = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField("kernel.Entry", on_delete=models.DO_NOTHING, related_name="+")
    hash = models.BinaryField(max_length=32)


class Node(Record):
    """The hash over ``2**level`` leaves from leaf ``index * 2**level`` on; stored once complete
    (level 0 is `Leaf`)."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)


class Checkpoint(Record):
    """A signed statement of the ledger's size and root; ``note`` is the signed text as it leaves
    the machine."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    suite = models.CharField(max_length=10)
    key = models.CharField(max_length=200)
    note = models.TextField()


class Publication(Record):
    """A checkpoint that was brought to a place outside, or could not be: then ``said`` tells
    why."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.DO_NOTHING, related_name="+")
    target = models.CharField(max_length=500)
    at = models.DateTimeField()
    done = models.BooleanField()
    said = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["target", "-at"])]


class Witnessed(Record):
    """A checkpoint of another platform, kept here for it: it cannot rewrite its ledger without
    us seeing it."""

    origin = models.CharField(max_length=200)
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["origin", "-size"])]
        constraints = [
            models.UniqueConstraint(fields=["origin", "size", "root"], name="witnessed_once")
        ]


class Inspection(Record):
    """One reading of the whole ledger against its leaves, roots and outside checkpoints, with its
    result."""

    at = models.DateTimeField()
    seconds = models.FloatField()
    entries = models.BigIntegerField()
    size = models.BigIntegerField()
    compared = models.IntegerField(help_text="已比对的外存检查点数")
    faults = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["-at"])]


class Package(Record):
    """An export or evidence package that was handed out; the file lies under the media folder
    for some days."""

    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    entries = models.BigIntegerField()
    size = models.BigIntegerField()
    case = models.BigIntegerField(null=True)
    person = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    file = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["person", "-at"])]

    def get_absolute_url(self) -> str:
        return reverse("audit:package", args=[self.pk])
