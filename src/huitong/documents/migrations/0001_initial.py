"""Standing documents and their versions, frozen once they are published."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models.deletion import PROTECT

from huitong.kernel.migrating import CreateModels, key

# a named body may be followed by its heir (A2); nothing else of a published version changes
FREEZE = """
CREATE FUNCTION documents_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.number IS NOT NULL AND (TG_OP = 'DELETE'
     OR to_jsonb(NEW) - 'bodies' IS DISTINCT FROM to_jsonb(OLD) - 'bodies') THEN
    RAISE EXCEPTION 'a published version is frozen: publish another';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER documents_version_frozen BEFORE UPDATE OR DELETE ON documents_documentversion
  FOR EACH ROW EXECUTE FUNCTION documents_frozen();
CREATE FUNCTION documents_frozen_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a published version is frozen: publish another';
END $$;
CREATE TRIGGER documents_version_no_truncate BEFORE TRUNCATE ON documents_documentversion
  FOR EACH STATEMENT EXECUTE FUNCTION documents_frozen_whole();
CREATE FUNCTION documents_current_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.current_id IS NOT NULL AND NOT EXISTS (
       SELECT FROM documents_documentversion
        WHERE id = NEW.current_id AND document_id = NEW.id AND number IS NOT NULL) THEN
    RAISE EXCEPTION 'the current version of a document is a published one of its own';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER documents_document_current
  BEFORE INSERT OR UPDATE OF current_id ON documents_document
  FOR EACH ROW EXECUTE FUNCTION documents_current_published();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("kernel", "0011_open_bodies"),
        ("organizations", "0006_grants_of_heirs"),
        ("work", "0011_drafts"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Document",
                    fields=[
                        ("id", key()),
                        ("kind", models.CharField(max_length=20)),
                        ("ended_from", models.DateField(null=True)),
                        ("ended_why", models.CharField(blank=True, max_length=1000)),
                        (
                            "body",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.body"
                            ),
                        ),
                        (
                            "successor",
                            models.ForeignKey(
                                null=True,
                                on_delete=PROTECT,
                                related_name="predecessors",
                                to="documents.document",
                            ),
                        ),
                        (
                            "current",
                            models.OneToOneField(
                                null=True,
                                on_delete=PROTECT,
                                related_name="current_of",
                                to="documents.documentversion",
                            ),
                        ),
                        (
                            "latest",
                            models.OneToOneField(
                                null=True,
                                on_delete=PROTECT,
                                related_name="latest_of",
                                to="documents.documentversion",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["body", "kind"], name="document_of_body")]
                    },
                ),
                migrations.CreateModel(
                    name="DocumentVersion",
                    fields=[
                        ("id", key()),
                        ("title", models.CharField(max_length=120)),
                        ("document_number", models.CharField(blank=True, max_length=60)),
                        (
                            "articles",
                            ArrayField(
                                base_field=models.CharField(max_length=8), blank=True, default=list
                            ),
                        ),
                        (
                            "audience",
                            models.CharField(
                                choices=[
                                    ("bodies", "各部门"),
                                    ("named", "指定部门"),
                                    ("own", "仅本部门"),
                                    ("everybody", "全体登录人员"),
                                ],
                                default="bodies",
                                max_length=12,
                            ),
                        ),
                        (
                            "bodies",
                            ArrayField(
                                base_field=models.BigIntegerField(), blank=True, default=list
                            ),
                        ),
                        ("wording", models.TextField(blank=True)),
                        ("in_force", models.DateField(null=True)),
                        ("until", models.DateField(null=True)),
                        (
                            "replaces",
                            ArrayField(
                                base_field=models.BigIntegerField(), blank=True, default=list
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(null=True)),
                        ("published_at", models.DateTimeField(null=True)),
                        ("published_by", models.CharField(blank=True, max_length=60)),
                        ("sha256", models.CharField(blank=True, max_length=64)),
                        (
                            "case",
                            models.OneToOneField(
                                on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                        (
                            "document",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="versions", to="documents.document"
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                null=True, on_delete=PROTECT, related_name="+", to="work.attachment"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "indexes": [
                            GinIndex(fields=["articles"], name="document_articles"),
                            models.Index(fields=["-published_at"], name="document_published"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("document", "number"), name="document_version_once"
                            )
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL(FREEZE, migrations.RunSQL.noop),
    ]
