"""An entry bears the number of its own transaction and the next number of the ledger: nobody who may only add slips one in between.

Restoring a dump puts the rows in before the triggers, so restored entries keep their numbers.
"""

from django.db import migrations

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


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_inside")]
    operations = [migrations.RunSQL(OWN_NUMBER, UNDO)]
