"""A published version is never changed: the database refuses it too."""

from django.db import migrations

TABLE = "catalog_entryversion"
CLOSE = f"""
CREATE TRIGGER {TABLE}_insert_only BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION huitong_insert_only();
CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION huitong_insert_only();
"""
OPEN = f"DROP TRIGGER {TABLE}_insert_only ON {TABLE}; DROP TRIGGER {TABLE}_no_truncate ON {TABLE};"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("kernel", "0002_ledger_and_limits")]
    operations = [migrations.RunSQL(CLOSE, OPEN)]
