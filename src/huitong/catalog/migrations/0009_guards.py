"""What is read as published is published: the database refuses an entry whose current version is a
draft or another entry's, and to empty the tables whose published rows are frozen."""

from django.db import migrations

TABLES = ("catalog_version", "catalog_item", "catalog_legalground")
GUARD = """
CREATE FUNCTION catalog_current_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.current_id IS NOT NULL AND NOT EXISTS (
       SELECT FROM catalog_version
        WHERE id = NEW.current_id AND entry_id = NEW.id AND number IS NOT NULL) THEN
    RAISE EXCEPTION 'the current version of an entry is a published one of its own';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER catalog_entry_current BEFORE INSERT OR UPDATE OF current_id ON catalog_entry
  FOR EACH ROW EXECUTE FUNCTION catalog_current_published();
CREATE FUNCTION catalog_frozen_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a published version is frozen: publish another';
END $$;
""" + "".join(
    f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION catalog_frozen_whole();\n"
    for table in TABLES
)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_versions")]
    operations = [migrations.RunSQL(GUARD, migrations.RunSQL.noop)]
