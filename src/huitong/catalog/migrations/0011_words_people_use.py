"""Synonyms, questions that found nothing; names are found by their pinyin and entries by their
conditions."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from huitong.catalog.rules.finding import APART, folded, spelled
from huitong.kernel import shipped
from huitong.catalog.rules.synonyms import words_of_group

# what an entry is found by is made of what it says: making it anew changes nothing that is frozen
FREEZE = """
CREATE OR REPLACE FUNCTION catalog_frozen_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.number IS NOT NULL AND (TG_OP = 'DELETE'
     OR to_jsonb(NEW) - '{named_bodies,words}'::text[]
        IS DISTINCT FROM to_jsonb(OLD) - '{named_bodies,words}'::text[]) THEN
    RAISE EXCEPTION 'a published version is frozen: publish another';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""
FROZEN_BEFORE = FREEZE.replace("'{named_bodies,words}'::text[]", "'named_bodies'")


def plant(apps: Any, editor: Any) -> None:
    groups = apps.get_model("catalog", "SynonymGroup").objects
    groups.bulk_create(
        groups.model(words=" ".join(words_of_group(row["words"]))) for row in shipped.rows("catalog", "synonyms")
    )


def spell(apps: Any, editor: Any) -> None:
    versions = apps.get_model("catalog", "Version").objects
    columns = ("pk", "name", "condition", "words")
    changed = []
    for pk, name, condition, words in versions.values_list(*columns).iterator(2000):
        own, _, context = words.partition(APART)
        more = [folded(condition), *spelled(folded(name))]
        pieces = dict.fromkeys([*own.split("\n"), *(piece for piece in more if piece)])
        changed.append(versions.model(pk=pk, words=f"{chr(10).join(pieces)}{APART}{context}"))
    versions.bulk_update(changed, ["words"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0010_strictest"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="SynonymGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("words", models.CharField(max_length=300, unique=True)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={"ordering": ["words"]},
        ),
        migrations.CreateModel(
            name="MissedQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="missed_at")],
                "constraints": [
                    models.UniqueConstraint(fields=("text", "person"), name="missed_once")
                ],
            },
        ),
        migrations.RunPython(plant, migrations.RunPython.noop),
        migrations.RunSQL(FREEZE, FROZEN_BEFORE),
        migrations.RunPython(spell, migrations.RunPython.noop),
    ]
