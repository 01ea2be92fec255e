"""Evidence of every call, allowed or denied, and the positions to which the gateway's logs have
been read (A28, A30, A34)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from huitong.kernel.ledger import Record
from huitong.planes.gateway.rules import Verdict


class Call(Record):
    """One line of the gateway's evidence: a call's start or its end. Insert-only; a start without
    an end is a call lost.

    ``stream`` is Envoy's own id of the call. Query strings are never stored: they may carry
    personal data.
    """

    stream = models.CharField(max_length=40)
    ended = models.BooleanField()
    at = models.DateTimeField()
    request_id = models.CharField(max_length=60, blank=True)
    client = models.CharField(max_length=60, blank=True)
    grant = models.ForeignKey("access.Grant", null=True, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=10, blank=True)
    path = models.CharField(max_length=300, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    verdict = models.CharField(max_length=12, choices=Verdict.choices(), blank=True)
    details = models.CharField(max_length=120, blank=True)
    bytes = models.BigIntegerField(default=0)
    ms = models.PositiveIntegerField(null=True)
    ip = models.CharField(max_length=45, blank=True)
    #: ``[{name, digest, value?}]``: the control parameters as in `engine.recording`, found by
    #: digest
    parameters = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["-at"]
        indexes = [
            models.Index(fields=["grant", "-at"]),
            models.Index(fields=["-at"]),
            models.Index(fields=["path", "-at"]),
            models.Index(
                fields=["-at"],
                condition=models.Q(ended=True)
                & ~models.Q(verdict__in=[Verdict.ALLOWED, Verdict.UNKNOWN]),
                name="call_wrong",
            ),
            GinIndex(fields=["parameters"], opclasses=["jsonb_path_ops"], name="call_parameters"),
        ]
        constraints = [models.UniqueConstraint(fields=["stream", "ended"], name="call_once")]


class LogPosition(Record):
    """The position to which a log file has been read into `Call`: moved in the transaction that
    inserts the lines, so that none is lost or doubled."""

    #: `engine.log.identity`
    file = models.CharField(max_length=40, unique=True)
    offset = models.BigIntegerField(default=0)
