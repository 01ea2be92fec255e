"""Name the clocks that run, let grants in force be open, cite the decree by its own mark; opinions and
acts of cases are written once."""

from datetime import date

from django.db import migrations

#: state of a running or stopped clock → its name in the tables of 0.2
NAMES = {"submitted": "acceptance", "with_provider": "decision", "with_platform": "platform_decision"}
#: (article, name) under which limits of the decree were kept → its name under the decree's own mark
DECREE = {
    ("A23", ""): "answer_unconditional",
    ("A22", ""): "answer_conditional",
    ("A22", "extension"): "answer_extension",
    ("A22", "serve"): "provide",
    ("A11", ""): "catalog_update",
    ("A11", "extension"): "catalog_update_extension",
    ("A29", "verify"): "verification",
    ("A21", ""): "form_check",
}
TABLES = ("kernel_opinion", "kernel_actofcase")
INSERT_ONLY = "".join(
    f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION huitong_insert_only();"
    f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION huitong_insert_only();"
    for table in TABLES
)
OPEN = "".join(f"DROP TRIGGER {table}_insert_only ON {table}; DROP TRIGGER {table}_no_truncate ON {table};" for table in TABLES)


def forward(apps, schema_editor):
    case, clock, limit = (apps.get_model("kernel", name) for name in ("Case", "Clock", "Limit"))
    for state, name in NAMES.items():
        clock._base_manager.filter(name="", state=state).update(name=name)
    clock._base_manager.filter(name="").update(name="limit")
    case._base_manager.filter(kind="grant", state="active").update(closed_at=None)
    for (article, name), own in DECREE.items():
        shipped = limit._base_manager.filter(law="national-2025", article=article, name=name, in_force=date(2025, 8, 1))
        # called verified by mistake; what an administrator has confirmed since stays so
        shipped.exclude(note__contains="核实：").update(confidence="recalled")
        # the city's own rows of the same line go along: they were filed under another law's number
        limit._base_manager.filter(law="national-2025", article=article, name=name).update(article="D", name=own)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0006_growth")]
    operations = [
        migrations.RunPython(forward, migrations.RunPython.noop),
        migrations.RunSQL(INSERT_ONLY, OPEN),
    ]
