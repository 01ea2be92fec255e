"""Categories are dated rows of a table. What a department keeps itself belongs under 307: 301-303 were
the city's own numbers, and 301 reads as an organ of the Party (the national guide of 2017).

Drafts move, so that the code they get begins with 307. What is published is frozen: it keeps its
category, which ended, and its code, which never changes; its next version chooses another.
"""

from django.db import migrations, models

MOVE = """
UPDATE catalog_version
   SET category = '307', words = replace(words, former.label, '省及其下各级政务部门')
  FROM (VALUES ('301', '市级部门信息'), ('302', '县(市)区信息'), ('303', '开发园区信息'))
       AS former (value, label), kernel_case
 WHERE catalog_version.number IS NULL
   AND catalog_version.category = former.value
   AND kernel_case.id = catalog_version.case_id
   AND kernel_case.state <> 'discarded';
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0012_relating")]
    operations = [
        migrations.AlterField("version", "category", models.CharField(blank=True, max_length=3)),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
    ]
