"""A form says on which legal basis personal data are handled, how their impact was assessed, and
brings letters of consent; a grant carries the basis (个人信息保护法)."""

import django.db.models.deletion
from django.db import migrations, models


def text(model: str, name: str, size: int) -> migrations.AddField:
    field = models.CharField(blank=True, default="", max_length=size)
    return migrations.AddField(model, name, field, preserve_default=False)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0010_circumstances_renewals"),
        ("work", "0012_notices_of_documents"),
    ]
    operations = [
        *(text(model, "legal_basis", 40) for model in ("form", "grant")),
        *(text(model, "legal_words", 200) for model in ("form", "grant")),
        *(text("form", f"impact_{name}", 1000) for name in ("purpose", "effect", "measures")),
        text("form", "impact_by", 60),
        migrations.AddField("form", "impact_on", models.DateField(null=True)),
        migrations.CreateModel(
            "ConsentLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letters",
                        to="access.form",
                    ),
                ),
                (
                    "attachment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="work.attachment",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["form", "attachment"], name="consent_letter_once"
                    )
                ],
            },
        ),
    ]
