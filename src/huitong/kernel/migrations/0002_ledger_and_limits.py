"""The ledger refuses change in the database too, and the calendar and limits of the law are loaded."""

import csv
from datetime import date
from pathlib import Path

from django.db import migrations

DATA = Path(__file__).parent.parent / "data"

INSERT_ONLY = """
CREATE OR REPLACE FUNCTION huitong_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is insert-only: the ledger is never changed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER kernel_entry_insert_only BEFORE UPDATE OR DELETE ON kernel_entry
    FOR EACH ROW EXECUTE FUNCTION huitong_insert_only();
CREATE TRIGGER kernel_entry_no_truncate BEFORE TRUNCATE ON kernel_entry
    FOR EACH STATEMENT EXECUTE FUNCTION huitong_insert_only();
"""


def rows(name):
    lines = (line for line in (DATA / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return list(csv.DictReader(lines))


def load(apps, schema_editor):
    day, year, limit = (apps.get_model("kernel", name) for name in ("CalendarDay", "CalendarYear", "Limit"))
    days = rows("calendar.csv")
    day.objects.bulk_create([day(day=r["date"], worked=r["kind"] == "work", name=r["name"]) for r in days])
    source = "国务院办公厅节假日安排(chinesecalendar 1.11.0)"
    year.objects.bulk_create([year(year=y, source=source) for y in sorted({int(r["date"][:4]) for r in days})])
    limit.objects.bulk_create([limit(**r | {"amount": int(r["amount"]), "until": r["until"] or None,
                                            "in_force": date.fromisoformat(r["in_force"])}) for r in rows("limits.csv")])


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunSQL(INSERT_ONLY, migrations.RunSQL.noop), migrations.RunPython(load, migrations.RunPython.noop)]
