"""The ledger, and the guard that makes every write pass through it (A28).

`Record` is the base of every model: it refuses to write outside `writing(...)`, which only
`doing.step` and `doing.recorded` open. `append` writes one `Entry` in the transaction of the act.
The runtime database role may insert and read entries, nothing else; `audit` seals them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models.base import ModelState
from django.db.models.expressions import RawSQL
from django.utils import timezone

from huitong.kernel.actor import Actor
from huitong.kernel.laws import citation

_writing: ContextVar[str] = ContextVar("huitong_writing", default="")
M = TypeVar("M", bound=models.Model)


class WriteOutsideAction(RuntimeError):
    """A row was about to be written outside `actions.py`. Put the write into a function with
    @step or @recorded."""


@contextmanager
def writing(act: str) -> Iterator[None]:
    """Allow writes for the time of one act. For `doing`, for the sealer and for tests that plant
    rows."""
    token = _writing.set(act)
    try:
        yield
    finally:
        _writing.reset(token)


def guard(what: str) -> None:
    if not _writing.get():
        raise WriteOutsideAction(
            f"{what}: write through a function in actions.py under @step or @recorded, "
            "so that rights, transaction and ledger entry cannot be forgotten"
        )


class GuardedQuerySet(models.QuerySet[M]):
    """A queryset whose writing methods obey the guard."""

    def update(self, **values: Any) -> int:
        guard(f"{self.model.__name__}.update")
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        guard(f"{self.model.__name__}.delete")
        return super().delete()

    def bulk_create(self, objs: Any, *args: Any, **more: Any) -> list[M]:
        guard(f"{self.model.__name__}.bulk_create")
        return super().bulk_create(objs, *args, **more)

    def bulk_update(self, objs: Any, fields: Any, *args: Any, **more: Any) -> int:
        guard(f"{self.model.__name__}.bulk_update")
        return super().bulk_update(objs, fields, *args, **more)

    def _raw_delete(self, using: str | None) -> int:  # by which Django deletes rows past delete()
        guard(f"{self.model.__name__}.delete")
        return super()._raw_delete(using)


class Record(models.Model):
    """The base model of huitong: readable anywhere, writable only inside an act."""

    objects = GuardedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **more: Any) -> None:
        guard(type(self).__name__)
        super().save(*args, **more)

    def delete(self, *args: Any, **more: Any) -> tuple[int, dict[str, int]]:
        guard(type(self).__name__)
        return super().delete(*args, **more)

    @classmethod
    def from_db(cls, db: str | None, field_names: Iterable[str], values: Iterable[Any]) -> Self:
        """An instance of the fields that were read. Django's own walks every field the model has,
        for each row: a sixth of what a page of a list costs."""
        row = cls.__new__(cls)
        row._state = ModelState()
        row._state.adding, row._state.db = False, db
        row.__dict__.update(zip(field_names, values, strict=True))
        return row


class InsertOnly(Record):
    """Base of rows that are written once: the database refuses change too, by the trigger
    `huitong_insert_only` and by privilege."""

    class Meta:
        abstract = True


class Entry(InsertOnly):
    """One act: who did what to which object under which article, and what it changed.

    Insert-only by trigger `huitong_insert_only`; every table with that trigger is insert-only by
    privilege too.
    """

    seq = models.BigAutoField(primary_key=True)
    # the transaction's own number: sealing waits until every older transaction has ended, because
    # seq is not commit order
    xid = models.BigIntegerField(
        editable=False, db_default=RawSQL("(pg_current_xact_id()::text::bigint)", ())
    )
    at = models.DateTimeField()
    actor = models.JSONField()
    person = models.BigIntegerField(null=True)
    body = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=120)
    article = models.CharField(max_length=8)
    law = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=60, blank=True)
    case = models.BigIntegerField(null=True)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=80, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reasons = models.TextField(blank=True)
    request_key = models.CharField(max_length=80, blank=True)
    request_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            # whose cases they are is told without a look at the entries: lists of what one has done
            models.Index(fields=["case", "seq"], include=["person"], name="entry_case"),
            models.Index(fields=["body", "-seq"]),
            models.Index(fields=["person", "-seq"]),
            models.Index(fields=["verb", "-seq"]),
            models.Index(fields=["object_type", "object_id", "-seq"]),
            models.Index(fields=["xid", "seq"]),
            models.Index(fields=["at"], include=["person"], name="entry_at"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "request_key"],
                name="entry_request_once",
                condition=~models.Q(request_key=""),
            )
        ]

    #: the columns an entry's digest covers, in the order of the export
    SEALED = (
        "seq",
        "xid",
        "at",
        "actor",
        "person",
        "body",
        "verb",
        "article",
        "law",
        "kind",
        "case",
        "object_type",
        "object_id",
        "before",
        "after",
        "reasons",
        "request_key",
        "request_digest",
    )

    def as_dict(self) -> dict[str, Any]:
        return {name: plain(getattr(self, name)) for name in self.SEALED}

    def canonical(self) -> bytes:
        """The bytes that are hashed and sealed: JSON with sorted keys, no spaces, UTF-8 (the RFC
        8785 form for our types)."""
        return canonical({name: getattr(self, name) for name in self.SEALED})


def canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(
        plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    ).encode()


def plain(value: Any) -> Any:
    """A value as the ledger keeps it: strings, integers, booleans, nulls, lists, dicts. Floats
    become strings."""
    if value is None or isinstance(value, bool | int):
        return value if not hasattr(value, "value") else value.value  # type: ignore[union-attr]
    if isinstance(value, str):
        return str(value.value) if hasattr(value, "value") else value
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo("UTC")).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float | Decimal):
        return str(value)
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [plain(v) for v in items]
    if hasattr(value, "model_dump"):
        return plain(value.model_dump(mode="json"))
    return str(value)


def append(
    actor: Actor,
    verb: str,
    article: str,
    *,
    kind: str = "",
    case: int | None = None,
    obj: models.Model | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reasons: str = "",
    request_key: str = "",
    request_digest: str = "",
) -> Entry:
    """Write one entry in the running transaction. Only `doing` calls this."""
    guard("ledger.append")
    written = entry(
        actor,
        verb,
        article,
        kind=kind,
        case=case,
        obj=obj,
        before=before,
        after=after,
        reasons=reasons,
        request_key=request_key,
        request_digest=request_digest,
    )
    written.save(force_insert=True)
    return written


def append_all(entries: Iterable[Entry]) -> list[Entry]:
    """Write these entries in the running transaction, in their order. Only `doing` calls this."""
    guard("ledger.append_all")
    return Entry.objects.bulk_create(entries, batch_size=500)


def entry(
    actor: Actor,
    verb: str,
    article: str,
    *,
    kind: str = "",
    case: int | None = None,
    obj: models.Model | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reasons: str = "",
    request_key: str = "",
    request_digest: str = "",
) -> Entry:
    """One entry, not yet written."""
    return Entry(
        at=timezone.now(),
        actor=plain(actor.as_record()),
        person=actor.person,
        body=actor.body,
        verb=verb,
        article=article,
        law=citation(article).law.code if article else "",
        kind=kind,
        case=case,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=str(obj.pk) if obj is not None else "",
        before=plain(before or {}),
        after=plain(after or {}),
        reasons=reasons,
        request_key=request_key,
        request_digest=request_digest,
    )
