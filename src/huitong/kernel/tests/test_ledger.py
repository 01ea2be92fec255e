"""The ledger and the guard: nothing is written outside an act, nothing recorded is ever changed
(A28)."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from huitong.kernel import ledger, vault
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry, Record, WriteOutsideAction, writing
from huitong.kernel.procedure import AgainstRules, limit
from huitong.kernel.workdays import CalendarDay, CalendarYear, Limit, limit_row, load_calendar

CLERK = Actor(1, "张三", 7, "市民政局", frozenset({Post.OPERATOR}))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "write",
    [
        lambda: Case.objects.create(kind="x", law="y"),
        lambda: Case(kind="x", law="y").save(),
        lambda: Case.objects.bulk_create([Case(kind="x", law="y")]),
        lambda: Entry.objects.create(at=timezone.now(), actor={}, verb="a.b", article="A7"),
        lambda: Limit.objects.update(amount=99),
        lambda: Limit.objects.bulk_update([Limit.objects.first()], ["amount"]),
        lambda: Limit.objects.all().delete(),
        lambda: Limit.objects.first().delete(),
        lambda: CalendarDay.objects.update_or_create(
            day=date(2026, 1, 1), defaults={"worked": True}
        ),
    ],
    ids=[
        "create",
        "save",
        "bulk_create",
        "entry",
        "update",
        "bulk_update",
        "delete",
        "delete row",
        "update_or_create",
    ],
)
def test_no_write_outside_an_act(write):
    with pytest.raises(WriteOutsideAction):
        write()


@pytest.mark.django_db
def test_an_entry_keeps_who_what_which_article_and_its_transaction():
    with writing("test"):
        entry = ledger.append(
            CLERK,
            "catalog.draft",
            "A7",
            before={"state": ""},
            after={"state": "draft", "share": 0.5},
        )
    entry.refresh_from_db()
    assert entry.xid > 0
    assert entry.actor["name"] == "张三"
    assert entry.after == {"state": "draft", "share": "0.5"}
    assert entry.canonical() == Entry.objects.get(pk=entry.pk).canonical()
    assert "张三" in entry.canonical().decode()


def test_the_runtime_role_may_insert_and_read_the_ledger_but_not_change_it(live_db, runtime):
    with writing("test"):
        ledger.append(CLERK, "a.b", "A7")
    runtime.execute(
        "INSERT INTO kernel_entry (at, actor, verb, article, law, kind, object_type, object_id,"
        " before, after, reasons, request_key, request_digest) VALUES (now(), '{}', 'v', 'A1', '',"
        " '', '', '', '{}', '{}', '', '', '')"
    )
    assert runtime.execute("SELECT count(*) FROM kernel_entry").fetchone() == (2,)
    for change in (
        "UPDATE kernel_entry SET verb = 'x'",
        "DELETE FROM kernel_entry",
        "TRUNCATE kernel_entry",
        "ALTER TABLE kernel_entry DISABLE TRIGGER ALL",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            runtime.execute(change)


def test_even_the_owner_meets_a_trigger(live_db):
    with writing("test"):
        ledger.append(CLERK, "a.b", "A7")
    with (
        psycopg.connect(live_db.owner_url) as owner,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="insert-only"),
    ):
        owner.execute("UPDATE kernel_entry SET verb = 'x'")


@pytest.mark.django_db
def test_calendar_and_limits_are_loaded_as_data():
    calendar = load_calendar()
    assert calendar.after(date(2026, 2, 12), 10).on == date(2026, 3, 4)
    assert CalendarYear.objects.filter(year=2026).exists()
    assert limit_row(limit("A22"), date(2026, 1, 1)).words == "10 个工作日"
    with pytest.raises(AgainstRules, match="没有 2019-01-01 有效的时限"):
        limit_row(limit("A22"), date(2019, 1, 1))


def test_a_secret_decrypts_only_for_its_purpose():
    stored = vault.encrypt("口令 s3cret", "database:1")
    assert "s3cret" not in stored
    assert vault.decrypt(stored, "database:1") == "口令 s3cret"
    with pytest.raises(vault.Unreadable):
        vault.decrypt(stored, "database:2")
    with pytest.raises(vault.Unreadable):
        vault.decrypt(stored[:-4] + "AAAA", "database:1")
    assert vault.encrypt("x", "p") != vault.encrypt("x", "p")


def test_secrets_made_under_an_old_master_key_are_read_and_new_ones_made_under_the_new(settings):
    stored, settings.OLD_MASTER_KEYS, settings.MASTER_KEY = (
        vault.encrypt("口令", "database:1"),
        [settings.MASTER_KEY],
        "another master key",
    )
    assert vault.decrypt(stored, "database:1") == "口令"
    fresh = vault.encrypt("口令", "database:1")
    settings.OLD_MASTER_KEYS = []
    assert vault.decrypt(fresh, "database:1") == "口令"
    with pytest.raises(vault.Unreadable, match="another master key"):
        vault.decrypt(stored, "database:1")


def test_plain_values_have_one_form():
    moment = timezone.now()
    assert ledger.plain({"b": {2, 1}, "a": (moment.date(), None, True, 1.5)}) == {
        "b": [1, 2],
        "a": [moment.date().isoformat(), None, True, "1.5"],
    }


@pytest.mark.parametrize("model", [m for m in apps.get_models() if issubclass(m, Record)])
def test_a_row_is_read_as_django_would_read_it(model: type[Record]) -> None:
    fields = [field.attname for field in model._meta.concrete_fields]
    for names in (fields, fields[:2], fields[::3]):
        values = [f"{name} of the row" for name in names]
        row = model.from_db("default", names, values)
        other = models.Model.from_db.__func__(model, "default", names, values)
        state, expected = vars(row).pop("_state"), vars(other).pop("_state")
        assert vars(row) == vars(other)
        for part in ("db", "adding", "fields_cache"):
            assert getattr(state, part) == getattr(expected, part)
        assert row.get_deferred_fields() == {*fields} - {*names}
