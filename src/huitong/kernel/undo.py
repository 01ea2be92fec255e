"""Steps their person may undo for a moment, before anybody is told of them; see `doing.undoing`."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models

from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry, Record


class Exact(json.JSONEncoder):
    """Values of columns as JSON that gives the same values back, to the microsecond."""

    def default(self, value: Any) -> Any:
        if isinstance(value, date | datetime):
            return value.isoformat()
        return str(value) if isinstance(value, Decimal) else super().default(value)


class Undoable(Record):
    """A step as it can be undone: the rows it changed, as they were and as it left them.

    There is one as long as nobody has been told of the step; ``undone`` is the moment at which it
    was undone instead. What is left of both is cleared at night.
    """

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    #: the act the step is part of (`doing.act_key`): it is undone as a whole
    act = models.CharField(max_length=40, db_index=True)
    person = models.BigIntegerField()
    until = models.DateTimeField(db_index=True)
    before = models.JSONField()
    after = models.JSONField()
    undone = models.DateTimeField(null=True)
