"""The tables of the seal, in one step for a new city: what 0001 and 0002 came to."""

from django.db import migrations, models
from django.db.models.deletion import DO_NOTHING

from huitong.kernel.migrating import CreateModels, insert_only, key

TABLES = (
    "audit_leaf",
    "audit_node",
    "audit_checkpoint",
    "audit_publication",
    "audit_witnessed",
    "audit_inspection",
    "audit_package",
)
#: the ledger can be searched by name and by time
SEARCH = """
CREATE INDEX audit_entry_by_name ON kernel_entry ((actor ->> 'name'), seq DESC);
CREATE INDEX audit_entry_by_time ON kernel_entry (at);
"""


class Migration(migrations.Migration):
    replaces = [("audit", "0001_initial"), ("audit", "0002_insert_only")]

    initial = True

    dependencies = [("kernel", "0002_ledger_and_limits")]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Leaf",
                    fields=[
                        ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("hash", models.BinaryField(max_length=32)),
                        (
                            "entry",
                            models.OneToOneField(
                                on_delete=DO_NOTHING, related_name="+", to="kernel.entry"
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Node",
                    fields=[
                        ("level", models.SmallIntegerField()),
                        ("index", models.BigIntegerField()),
                        ("hash", models.BinaryField(max_length=32)),
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "level",
                                "index",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Checkpoint",
                    fields=[
                        ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("root", models.BinaryField(max_length=32)),
                        ("at", models.DateTimeField()),
                        ("suite", models.CharField(max_length=10)),
                        ("key", models.CharField(max_length=200)),
                        ("note", models.TextField()),
                    ],
                ),
                migrations.CreateModel(
                    name="Publication",
                    fields=[
                        ("id", key()),
                        ("target", models.CharField(max_length=500)),
                        ("at", models.DateTimeField()),
                        ("done", models.BooleanField()),
                        ("said", models.CharField(blank=True, max_length=500)),
                        (
                            "checkpoint",
                            models.ForeignKey(
                                on_delete=DO_NOTHING, related_name="+", to="audit.checkpoint"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["target", "-at"], name="audit_publi_target_63f62d_idx"
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Witnessed",
                    fields=[
                        ("id", key()),
                        ("origin", models.CharField(max_length=200)),
                        ("size", models.BigIntegerField()),
                        ("root", models.BinaryField(max_length=32)),
                        ("note", models.TextField()),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["origin", "-size"], name="audit_witne_origin_ba3c7f_idx"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("origin", "size", "root"), name="witnessed_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Inspection",
                    fields=[
                        ("id", key()),
                        ("at", models.DateTimeField()),
                        ("seconds", models.FloatField()),
                        ("entries", models.BigIntegerField()),
                        ("size", models.BigIntegerField()),
                        ("compared", models.IntegerField(help_text="已比对的外存检查点数")),
                        ("faults", models.JSONField(default=list)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["-at"], name="audit_inspe_at_56be21_idx")]
                    },
                ),
                migrations.CreateModel(
                    name="Package",
                    fields=[
                        ("id", key()),
                        ("name", models.CharField(max_length=120)),
                        ("digest", models.CharField(max_length=64)),
                        ("entries", models.BigIntegerField()),
                        ("size", models.BigIntegerField()),
                        ("case", models.BigIntegerField(null=True)),
                        ("person", models.BigIntegerField(null=True)),
                        ("at", models.DateTimeField()),
                        ("file", models.CharField(max_length=80)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["person", "-at"], name="audit_packa_person_67bf51_idx"
                            )
                        ]
                    },
                ),
            ]
        ),
        insert_only(*TABLES),
        migrations.RunSQL(SEARCH, "DROP INDEX audit_entry_by_name; DROP INDEX audit_entry_by_time"),
    ]
