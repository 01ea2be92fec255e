from django.db import migrations, models


class Migration(migrations.Migration):
    """Bodies that serve the public are a kind of their own (江苏省数据条例)."""

    dependencies = [("organizations", "0006_grants_of_heirs")]
    operations = [
        migrations.AlterField(
            model_name="body",
            name="kind",
            field=models.CharField(
                choices=[
                    ("department", "政府部门"),
                    ("institution", "授权行政职能的事业单位"),
                    ("social_organization", "授权行政职能的社会组织"),
                    ("authorized", "其他依法授权管理公共事务的组织"),
                    ("public_enterprise", "公共企事业单位"),
                    ("county", "县（市）区主管机构"),
                    ("zone", "开发园区管委会"),
                ],
                max_length=24,
            ),
        )
    ]
