"""The seal refuses change in the database too; the ledger can be searched by name and by time."""

from django.db import migrations

TABLES = ("audit_leaf", "audit_node", "audit_checkpoint", "audit_publication", "audit_witnessed", "audit_inspection",
          "audit_package")

CLOSE = "".join(f"""
CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION huitong_insert_only();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION huitong_insert_only();
""" for table in TABLES)
OPEN = "".join(f"DROP TRIGGER {table}_insert_only ON {table}; DROP TRIGGER {table}_no_truncate ON {table};" for table in TABLES)

SEARCH = """
CREATE INDEX audit_entry_by_name ON kernel_entry ((actor ->> 'name'), seq DESC);
CREATE INDEX audit_entry_by_time ON kernel_entry (at);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("kernel", "0002_ledger_and_limits")]
    operations = [migrations.RunSQL(CLOSE, OPEN),
                  migrations.RunSQL(SEARCH, "DROP INDEX audit_entry_by_name; DROP INDEX audit_entry_by_time")]
