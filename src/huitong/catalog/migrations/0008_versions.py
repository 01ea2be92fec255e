"""What is said of an entry moves into its versions: drafts, frozen once they are published.

Until now an entry had one version at most, so the version gets the entry's own number and items,
remarks and grounds need only point elsewhere.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

from huitong.catalog.rules import (
    Category,
    Cycle,
    Format,
    Industry,
    OpenClass,
    OpenMode,
    Origin,
    ShareClass,
    choices,
)

TEXT = (
    "case_id name system_id summary origin category themes industry format format_detail standard"
    " dictionary share_class shapes named_bodies condition personal_reason share_modes usage"
    " control_parameters open_class open_mode open_condition update_cycle data_cycle publish_on"
    " contact_office contact_name contact_phone remark round received_at created_at updated_at"
    " words published_at"
).split()
MOVE = f"""
INSERT INTO catalog_version (id, entry_id, {", ".join(TEXT)}, number, content, sha256, published_by)
SELECT e.id, e.id, {", ".join(f"e.{name}" for name in TEXT)},
       v.number, coalesce(v.content, '{{}}'), coalesce(v.sha256, ''), coalesce(v.published_by, '')
  FROM catalog_entry e
  LEFT JOIN catalog_entryversion v ON v.entry_id = e.id AND v.number = e.version;
SELECT setval(pg_get_serial_sequence('catalog_version', 'id'), max(id)) FROM catalog_version;
UPDATE catalog_entry e SET latest_id = v.id, current_id = CASE WHEN v.number > 0 THEN v.id END
  FROM catalog_version v WHERE v.entry_id = e.id;
SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;
"""
FREEZE = """
CREATE FUNCTION catalog_frozen_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.number IS NOT NULL AND (TG_OP = 'DELETE'
     OR to_jsonb(NEW) - 'named_bodies' IS DISTINCT FROM to_jsonb(OLD) - 'named_bodies') THEN
    RAISE EXCEPTION 'a published version is frozen: publish another';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE FUNCTION catalog_frozen_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM catalog_version WHERE number IS NOT NULL AND id IN (
       CASE WHEN TG_OP <> 'INSERT' THEN OLD.version_id END,
       CASE WHEN TG_OP <> 'DELETE' THEN NEW.version_id END)) THEN
    RAISE EXCEPTION 'a published version is frozen: publish another';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER catalog_version_frozen BEFORE UPDATE OR DELETE ON catalog_version
  FOR EACH ROW EXECUTE FUNCTION catalog_frozen_version();
CREATE TRIGGER catalog_item_frozen BEFORE INSERT OR UPDATE OR DELETE ON catalog_item
  FOR EACH ROW EXECUTE FUNCTION catalog_frozen_part();
CREATE TRIGGER catalog_legalground_frozen BEFORE INSERT OR UPDATE OR DELETE ON catalog_legalground
  FOR EACH ROW EXECUTE FUNCTION catalog_frozen_part();
"""
MOVED = "name system summary origin category themes industry format format_detail standard"
MOVED += " dictionary share_class shapes named_bodies condition personal_reason share_modes usage"
MOVED += " control_parameters open_class open_mode open_condition update_cycle data_cycle"
MOVED += " publish_on contact_office contact_name contact_phone remark version round received_at"
MOVED += " published_at words case"


def several(size: int = 40) -> django.contrib.postgres.fields.ArrayField:
    return django.contrib.postgres.fields.ArrayField(
        models.CharField(max_length=size), blank=True, default=list
    )


def text(size: int, **more: object) -> models.CharField:
    return models.CharField(blank=True, max_length=size, **more)


def belongs(name: str) -> list[migrations.RunPython]:
    """The parts of an entry become parts of its version, which has the same number."""
    return [
        migrations.RenameField(name, "entry", "version"),
        migrations.AlterField(
            name,
            "version",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name={"item": "items", "fieldremark": "remarks", "legalground": "grounds"}[
                    name
                ],
                to="catalog.version",
            ),
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_origin_and_reasons"), ("kernel", "0002_ledger_and_limits")]
    operations = [
        migrations.CreateModel(
            name="Version",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("summary", models.TextField(blank=True)),
                ("origin", text(12, choices=choices(Origin))),
                ("category", text(3, choices=choices(Category))),
                ("themes", several(3)),
                ("industry", text(1, choices=choices(Industry))),
                ("format", text(20, choices=choices(Format))),
                ("format_detail", text(60)),
                ("standard", text(200)),
                ("dictionary", text(300)),
                ("share_class", text(1, choices=choices(ShareClass))),
                ("shapes", several()),
                (
                    "named_bodies",
                    django.contrib.postgres.fields.ArrayField(
                        models.BigIntegerField(), blank=True, default=list
                    ),
                ),
                ("condition", text(500)),
                ("personal_reason", text(500)),
                ("share_modes", several(8)),
                ("usage", several()),
                ("control_parameters", models.JSONField(blank=True, default=list)),
                ("open_class", text(1, choices=choices(OpenClass))),
                ("open_mode", text(12, choices=choices(OpenMode))),
                ("open_condition", text(300)),
                ("update_cycle", text(1, choices=choices(Cycle))),
                ("data_cycle", text(1, choices=choices(Cycle))),
                ("publish_on", models.DateField(blank=True, null=True)),
                ("contact_office", text(80)),
                ("contact_name", text(60)),
                ("contact_phone", text(40)),
                ("remark", text(500)),
                ("round", models.PositiveIntegerField(default=0)),
                ("received_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("words", models.TextField(blank=True)),
                ("number", models.PositiveIntegerField(null=True)),
                ("content", models.JSONField(default=dict)),
                ("sha256", text(64)),
                ("published_at", models.DateTimeField(null=True)),
                ("published_by", text(60)),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="kernel.case",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.entry",
                    ),
                ),
                (
                    "system",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="catalog.informationsystem",
                    ),
                ),
            ],
        ),
        *(
            migrations.AddField(
                "entry",
                name,
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name=f"{name}_of",
                    to="catalog.version",
                ),
            )
            for name in ("current", "latest")
        ),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.RemoveConstraint("item", "item_position"),
        *(step for name in ("item", "fieldremark", "legalground") for step in belongs(name)),
        migrations.AddConstraint(
            "item",
            models.UniqueConstraint(
                deferrable=models.Deferrable.DEFERRED,
                fields=("version", "position"),
                name="item_position",
            ),
        ),
        migrations.DeleteModel("EntryVersion"),
        migrations.AlterField(
            "version",
            "entry",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="catalog.entry",
            ),
        ),
        *(
            migrations.RemoveIndex("entry", name)
            for name in ("entry_published", "entry_of_body", "entry_not_shared", "entry_themes")
        ),
        *(migrations.RemoveField("entry", name) for name in MOVED.split()),
        migrations.AddIndex(
            "version", models.Index(fields=["-published_at"], name="version_published")
        ),
        migrations.AddIndex(
            "version",
            models.Index(
                condition=models.Q(("share_class", "3")),
                fields=["entry"],
                name="version_not_shared",
            ),
        ),
        migrations.AddIndex(
            "version",
            django.contrib.postgres.indexes.GinIndex(fields=["themes"], name="version_themes"),
        ),
        migrations.AddConstraint(
            "version",
            models.UniqueConstraint(fields=("entry", "number"), name="version_once"),
        ),
        migrations.RunSQL(FREEZE, migrations.RunSQL.noop),
    ]
