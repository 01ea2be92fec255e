"""The tables of the kernel, in one step for a new city: what 0001-0012 came to."""

import csv
from pathlib import Path
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models.deletion import PROTECT
from django.db.models.expressions import RawSQL

from huitong.kernel.migrating import CreateModels, insert_only, key

DATA = Path(__file__).parent.parent / "data"
REFUSE = """
CREATE OR REPLACE FUNCTION huitong_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is insert-only: the ledger is never changed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""
# An entry bears the number of its own transaction and the next number of the ledger. A dump puts
# its rows in before the triggers, so restored entries keep their numbers.
OWN_NUMBER = """
-- the search path is fixed, and with it the table's name a qualified one: a temporary table of that name misleads nobody
CREATE FUNCTION huitong_own_number() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.xid <> pg_current_xact_id()::text::bigint OR NEW.seq <> currval(pg_get_serial_sequence(TG_RELID::regclass::text, 'seq')) THEN
        RAISE EXCEPTION 'an entry is given its numbers by the ledger' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER kernel_entry_own_number BEFORE INSERT ON kernel_entry FOR EACH ROW EXECUTE FUNCTION huitong_own_number();
"""
UNDO = "DROP TRIGGER kernel_entry_own_number ON kernel_entry; DROP FUNCTION huitong_own_number();"


def rows(name: str) -> list[dict[str, Any]]:
    """Rows of a shipped table, without an end where none is given."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [
        {key: value if key != "until" else value or None for key, value in row.items()}
        for row in csv.DictReader(line for line in lines if not line.startswith("#"))
    ]


def load(apps: Any, editor: Any) -> None:
    """The calendar, limits and grounds a new city begins with."""
    days, years, limits, grounds = (
        apps.get_model("kernel", name).objects
        for name in ("CalendarDay", "CalendarYear", "Limit", "DecisionGround")
    )
    calendar = rows("calendar.csv")
    days.bulk_create(
        days.model(day=row["date"], worked=row["kind"] == "work", name=row["name"])
        for row in calendar
    )
    source = "国务院办公厅节假日安排(chinesecalendar 1.11.0)"
    years.bulk_create(
        years.model(year=year, source=source)
        for year in sorted({int(row["date"][:4]) for row in calendar})
    )
    limits.bulk_create(limits.model(**row) for row in rows("limits.csv"))
    grounds.bulk_create(
        grounds.model(**row | {"verbs": row["verbs"].split()}) for row in rows("grounds.csv")
    )


class Migration(migrations.Migration):
    replaces = [
        ("kernel", "0001_initial"),
        ("kernel", "0002_ledger_and_limits"),
        ("kernel", "0003_inside"),
        ("kernel", "0004_own_number"),
        ("kernel", "0005_grounds"),
        ("kernel", "0006_growth"),
        ("kernel", "0007_growth_data"),
        ("kernel", "0008_desks"),
        ("kernel", "0009_home"),
        ("kernel", "0010_undoable"),
        ("kernel", "0011_open_bodies"),
        ("kernel", "0012_case_entered"),
    ]

    initial = True

    dependencies = []

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Entry",
                    fields=[
                        ("seq", models.BigAutoField(primary_key=True, serialize=False)),
                        (
                            "xid",
                            models.BigIntegerField(
                                db_default=RawSQL("(pg_current_xact_id()::text::bigint)", ()),
                                editable=False,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("actor", models.JSONField()),
                        ("person", models.BigIntegerField(null=True)),
                        ("body", models.BigIntegerField(null=True)),
                        ("verb", models.CharField(max_length=120)),
                        ("article", models.CharField(max_length=8)),
                        ("law", models.CharField(blank=True, max_length=40)),
                        ("kind", models.CharField(blank=True, max_length=60)),
                        ("case", models.BigIntegerField(null=True)),
                        ("object_type", models.CharField(blank=True, max_length=60)),
                        ("object_id", models.CharField(blank=True, max_length=80)),
                        ("before", models.JSONField(default=dict)),
                        ("after", models.JSONField(default=dict)),
                        ("reasons", models.TextField(blank=True)),
                        ("request_key", models.CharField(blank=True, max_length=80)),
                        ("request_digest", models.CharField(blank=True, max_length=64)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["case", "seq"], name="kernel_entr_case_2ad85b_idx"
                            ),
                            models.Index(
                                fields=["body", "-seq"], name="kernel_entr_body_184b31_idx"
                            ),
                            models.Index(
                                fields=["person", "-seq"], name="kernel_entr_person_0b6839_idx"
                            ),
                            models.Index(
                                fields=["verb", "-seq"], name="kernel_entr_verb_93b762_idx"
                            ),
                            models.Index(
                                fields=["object_type", "object_id", "-seq"],
                                name="kernel_entr_object__820cc0_idx",
                            ),
                            models.Index(fields=["xid", "seq"], name="kernel_entr_xid_727f4b_idx"),
                            models.Index(fields=["at"], include=("person",), name="entry_at"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("request_key", ""), _negated=True),
                                fields=("person", "request_key"),
                                name="entry_request_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Case",
                    fields=[
                        ("id", key()),
                        ("kind", models.CharField(max_length=60)),
                        ("law", models.CharField(max_length=40)),
                        ("number", models.CharField(max_length=40, null=True, unique=True)),
                        ("title", models.CharField(blank=True, max_length=300)),
                        ("state", models.CharField(blank=True, max_length=40)),
                        ("parties", models.JSONField(default=dict)),
                        ("bodies", ArrayField(base_field=models.BigIntegerField(), default=list)),
                        ("facts", models.JSONField(default=dict)),
                        ("hands", models.JSONField(default=dict)),
                        (
                            "awaiting",
                            ArrayField(base_field=models.CharField(max_length=60), default=list),
                        ),
                        ("holder", models.BigIntegerField(null=True)),
                        ("opened_by", models.BigIntegerField(null=True)),
                        ("opened_at", models.DateTimeField(auto_now_add=True)),
                        ("entered_at", models.DateTimeField(auto_now_add=True)),
                        ("closed_at", models.DateTimeField(null=True)),
                        ("due_on", models.DateField(null=True)),
                        ("provisional", models.BooleanField(default=False)),
                        ("paused", models.BooleanField(default=False)),
                        ("inside", models.BigIntegerField(null=True)),
                        ("overseen", models.BooleanField(default=True)),
                        (
                            "parent",
                            models.ForeignKey(
                                null=True,
                                on_delete=PROTECT,
                                related_name="children",
                                to="kernel.case",
                            ),
                        ),
                        ("round", models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        "indexes": [
                            GinIndex(fields=["awaiting"], name="kernel_case_awaitin_6df522_gin"),
                            GinIndex(fields=["bodies"], name="kernel_case_bodies_09055c_gin"),
                            models.Index(
                                fields=["kind", "state"], name="kernel_case_kind_7e5998_idx"
                            ),
                            models.Index(
                                condition=models.Q(("closed_at", None)),
                                fields=["due_on"],
                                name="case_open_due",
                            ),
                            models.Index(
                                fields=["opened_by", "-opened_at"],
                                name="kernel_case_opened__093beb_idx",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("closed_at", None), models.Q(("awaiting", []), _negated=True)
                                ),
                                fields=["opened_by", "entered_at"],
                                name="case_begun_waiting",
                            ),
                            GinIndex(
                                condition=models.Q(("closed_at", None)),
                                fields=["bodies"],
                                name="case_open_bodies",
                            ),
                            models.Index(fields=["kind", "entered_at"], name="case_entered"),
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Opinion",
                    fields=[
                        ("id", key()),
                        ("round", models.PositiveSmallIntegerField()),
                        ("party", models.CharField(max_length=20)),
                        ("post", models.CharField(max_length=30)),
                        ("body", models.BigIntegerField()),
                        ("person", models.BigIntegerField(null=True)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="opinions", to="kernel.case"
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="kernel.entry"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("case", "round", "party", "post", "body"),
                                name="opinion_once_a_round",
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="ActOfCase",
                    fields=[
                        ("id", key()),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="acts", to="kernel.case"
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="kernel.entry"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("case", "entry"), name="act_of_case_once"
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="CalendarYear",
                    fields=[
                        (
                            "year",
                            models.PositiveSmallIntegerField(primary_key=True, serialize=False),
                        ),
                        ("source", models.CharField(max_length=200)),
                        ("loaded_at", models.DateTimeField(auto_now_add=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="CalendarDay",
                    fields=[
                        ("day", models.DateField(primary_key=True, serialize=False)),
                        ("worked", models.BooleanField()),
                        ("name", models.CharField(max_length=40)),
                    ],
                ),
                migrations.CreateModel(
                    name="Limit",
                    fields=[
                        ("id", key()),
                        ("law", models.CharField(max_length=40)),
                        ("article", models.CharField(max_length=8)),
                        ("name", models.CharField(blank=True, max_length=40)),
                        ("amount", models.PositiveSmallIntegerField()),
                        (
                            "unit",
                            models.CharField(
                                choices=[("wd", "个工作日"), ("day", "日"), ("month", "个月")],
                                max_length=8,
                            ),
                        ),
                        ("in_force", models.DateField()),
                        ("until", models.DateField(blank=True, null=True)),
                        ("confidence", models.CharField(default="verified", max_length=12)),
                        ("note", models.CharField(blank=True, max_length=300)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("law", "article", "name", "in_force"),
                                name="limit_once_a_day",
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Clock",
                    fields=[
                        ("id", key()),
                        ("state", models.CharField(max_length=40)),
                        ("article", models.CharField(max_length=8)),
                        ("party", models.CharField(max_length=20)),
                        ("post", models.CharField(max_length=30)),
                        ("body", models.BigIntegerField(null=True)),
                        ("amount", models.PositiveSmallIntegerField()),
                        ("unit", models.CharField(max_length=8)),
                        ("started_on", models.DateField()),
                        ("half_on", models.DateField()),
                        ("warn_on", models.DateField()),
                        ("due_on", models.DateField()),
                        ("provisional", models.BooleanField(default=False)),
                        ("pauses", models.JSONField(default=list)),
                        ("stopped_on", models.DateField(null=True)),
                        ("gross", models.IntegerField(null=True)),
                        ("net", models.IntegerField(null=True)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="clocks", to="kernel.case"
                            ),
                        ),
                        ("extension", models.PositiveSmallIntegerField(null=True)),
                        ("name", models.CharField(max_length=40)),
                        ("extension_unit", models.CharField(blank=True, max_length=8)),
                        ("standing", models.BooleanField(default=False)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("stopped_on", None)),
                                fields=["due_on"],
                                name="clock_running_due",
                            ),
                            models.Index(
                                fields=["body", "article", "stopped_on"],
                                name="kernel_cloc_body_fdc0f1_idx",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("stopped_on", None)),
                                fields=("case", "name", "party", "post", "body"),
                                name="clock_running_once",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DecisionGround",
                    fields=[
                        ("id", key()),
                        ("law", models.CharField(max_length=40)),
                        ("code", models.CharField(max_length=40)),
                        ("label", models.CharField(max_length=60)),
                        ("article", models.CharField(blank=True, max_length=8)),
                        ("verbs", ArrayField(base_field=models.CharField(max_length=60))),
                        (
                            "names",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "不需要"),
                                    ("field", "所涉栏目或信息项"),
                                    ("article", "所依据的条款"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("in_force", models.DateField()),
                        ("until", models.DateField(blank=True, null=True)),
                        ("note", models.CharField(blank=True, max_length=300)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("law", "code", "in_force"), name="ground_once_a_day"
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Undoable",
                    fields=[
                        ("id", key()),
                        ("act", models.CharField(db_index=True, max_length=40)),
                        ("person", models.BigIntegerField()),
                        ("until", models.DateTimeField(db_index=True)),
                        ("before", models.JSONField()),
                        ("after", models.JSONField()),
                        ("undone", models.DateTimeField(null=True)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                        (
                            "entry",
                            models.OneToOneField(
                                on_delete=PROTECT, related_name="+", to="kernel.entry"
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Watch",
                    fields=[
                        ("id", key()),
                        ("article", models.CharField(max_length=8)),
                        ("party", models.CharField(max_length=20)),
                        ("post", models.CharField(max_length=30)),
                        ("body", models.BigIntegerField(null=True)),
                        ("amount", models.PositiveSmallIntegerField()),
                        ("unit", models.CharField(max_length=8)),
                        ("extension", models.PositiveSmallIntegerField(null=True)),
                        ("started_on", models.DateField()),
                        ("half_on", models.DateField()),
                        ("warn_on", models.DateField()),
                        ("due_on", models.DateField()),
                        ("provisional", models.BooleanField(default=False)),
                        ("pauses", models.JSONField(default=list)),
                        ("stopped_on", models.DateField(null=True)),
                        ("gross", models.IntegerField(null=True)),
                        ("net", models.IntegerField(null=True)),
                        ("kind", models.CharField(max_length=40)),
                        ("subject", models.CharField(max_length=100)),
                        ("title", models.CharField(max_length=300)),
                        ("url", models.CharField(blank=True, max_length=200)),
                        ("extension_unit", models.CharField(blank=True, max_length=8)),
                        ("standing", models.BooleanField(default=False)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("stopped_on", None)),
                                fields=["due_on"],
                                name="watch_running_due",
                            ),
                            models.Index(
                                fields=["body", "kind", "stopped_on"],
                                name="kernel_watc_body_7202f8_idx",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("stopped_on", None)),
                                fields=("kind", "subject"),
                                name="watch_running_once",
                            )
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL(REFUSE, "DROP FUNCTION huitong_insert_only()"),
        insert_only("kernel_entry", "kernel_opinion", "kernel_actofcase"),
        migrations.RunSQL(OWN_NUMBER, UNDO),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
