"""The tables of the catalog, in one step for a new city: what 0001-0029 came to."""

from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models.deletion import CASCADE, PROTECT

import huitong.catalog.rules.sheets
import huitong.catalog.rules.vocabulary
from huitong.kernel import shipped
from huitong.catalog.rules.standards import measures_of, title_of
from huitong.catalog.rules.synonyms import words_of_group
from huitong.kernel.migrating import CreateModels, insert_only, key

# what is published is frozen, and what an entry calls current is published
FREEZE = """
CREATE FUNCTION catalog_frozen_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.number IS NOT NULL AND (TG_OP = 'DELETE'
     OR to_jsonb(NEW) - '{named_bodies,words}'::text[]
        IS DISTINCT FROM to_jsonb(OLD) - '{named_bodies,words}'::text[]) THEN
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
    for table in ("catalog_version", "catalog_item", "catalog_legalground")
)
#: a version that was filed is never changed: what cites it means what it meant
FILED = "".join(
    f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION huitong_insert_only();\n"
    for table in ("catalog_codelistversion", "catalog_code")
)


def plant(apps: Any, editor: Any) -> None:
    """The rows a new city begins with."""
    synonyms, kinds, required = (
        apps.get_model("catalog", name).objects
        for name in ("SynonymGroup", "GroundKind", "Requirement")
    )
    synonyms.bulk_create(
        synonyms.model(words=" ".join(words_of_group(row["words"])))
        for row in shipped.rows("catalog", "synonyms")
    )
    kinds.bulk_create(
        kinds.model(**row | {"until": row["until"] or None}) for row in shipped.rows("catalog", "ground_kinds")
    )
    required.bulk_create(
        required.model(**row | {"until": row["until"] or None}, own=False)
        for row in shipped.rows("catalog", "requirements")
    )


def plant_standards(apps: Any, editor: Any) -> None:
    """The national standards and code lists a new city begins with."""
    standards, lists, versions, codes = (
        apps.get_model("catalog", name).objects
        for name in ("Standard", "CodeList", "CodeListVersion", "Code")
    )
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    of_number = {
        row["number"]: standards.create(**row, filed_at=now) for row in shipped.rows("catalog", "standards")
    }
    for (name, number), rows in groupby(
        shipped.rows("catalog", "code_lists"), lambda row: (row["list"], row["standard"])
    ):
        standard, values = of_number[number], list(rows)
        version = versions.create(
            code_list=lists.create(name=name, standard=standard, filed_at=now),
            number=1,
            title=title_of(name, number, 1),
            in_force=standard.in_force,
            filed_at=now,
            **measures_of(row["code"] for row in values),
        )
        codes.bulk_create(
            codes.model(version=version, position=n, code=row["code"], label=row["label"])
            for n, row in enumerate(values, 1)
        )


class Migration(migrations.Migration):
    replaces = [
        ("catalog", "0001_initial"),
        ("catalog", "0002_versions_insert_only"),
        ("catalog", "0003_words"),
        ("catalog", "0004_entry_changed"),
        ("catalog", "0005_words_folded"),
        ("catalog", "0006_words_visible"),
        ("catalog", "0007_origin_and_reasons"),
        ("catalog", "0008_versions"),
        ("catalog", "0009_guards"),
        ("catalog", "0010_strictest"),
        ("catalog", "0011_words_people_use"),
        ("catalog", "0012_relating"),
        ("catalog", "0013_categories"),
        ("catalog", "0014_ground_kinds"),
        ("catalog", "0015_changes"),
        ("catalog", "0016_coverage"),
        ("catalog", "0017_change_sets"),
        ("catalog", "0018_drift"),
        ("catalog", "0019_standards"),
        ("catalog", "0020_census"),
        ("catalog", "0021_rounds"),
        ("catalog", "0022_units"),
        ("catalog", "0023_reports"),
        ("catalog", "0024_entry_follows"),
        ("catalog", "0025_requirements"),
        ("catalog", "0026_report_place"),
        ("catalog", "0027_looks"),
        ("catalog", "0028_entered"),
        ("catalog", "0029_standard_file"),
    ]

    initial = True

    dependencies = [
        ("kernel", "0011_open_bodies"),
        ("organizations", "0006_grants_of_heirs"),
        ("work", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="InformationSystem",
                    fields=[
                        ("id", key()),
                        ("name", models.CharField(max_length=120)),
                        ("summary", models.CharField(blank=True, max_length=500)),
                        ("network", models.CharField(blank=True, max_length=40)),
                        ("builder", models.CharField(blank=True, max_length=120)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "body",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.body"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name"],
                        "constraints": [
                            models.UniqueConstraint(fields=("body", "name"), name="system_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Database",
                    fields=[
                        ("id", key()),
                        ("name", models.CharField(max_length=120)),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("source", "数据来源"),
                                    ("target", "接收交换数据的前置库"),
                                ],
                                default=huitong.catalog.rules.vocabulary.DatabaseRole["SOURCE"],
                                max_length=12,
                            ),
                        ),
                        ("kind", models.CharField(default="postgresql", max_length=20)),
                        ("host", models.CharField(max_length=253)),
                        ("port", models.PositiveIntegerField(default=5432)),
                        ("dbname", models.CharField(max_length=120)),
                        ("schema", models.CharField(default="public", max_length=120)),
                        ("tls", models.CharField(default="prefer", max_length=12)),
                        ("username", models.CharField(max_length=120)),
                        ("secret", models.TextField(blank=True)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("probed_at", models.DateTimeField(null=True)),
                        ("server", models.CharField(blank=True, max_length=200)),
                        (
                            "body",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.body"
                            ),
                        ),
                        (
                            "system",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="databases",
                                to="catalog.informationsystem",
                            ),
                        ),
                        (
                            "look_cycle",
                            models.CharField(
                                choices=[
                                    ("off", "不定期核对"),
                                    ("month", "每月"),
                                    ("quarter", "每季度"),
                                    ("half", "每半年"),
                                ],
                                default="off",
                                max_length=12,
                            ),
                        ),
                        ("look_first", models.DateField(null=True)),
                        ("look_on", models.DateField(null=True)),
                    ],
                    options={
                        "ordering": ["name"],
                        "constraints": [
                            models.UniqueConstraint(fields=("body", "name"), name="database_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Scan",
                    fields=[
                        ("id", key()),
                        ("asked_by", models.BigIntegerField(null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "排队中"),
                                    ("running", "扫描中"),
                                    ("done", "已完成"),
                                    ("failed", "未成功"),
                                ],
                                default=huitong.catalog.rules.vocabulary.ScanState["QUEUED"],
                                max_length=12,
                            ),
                        ),
                        ("total", models.PositiveIntegerField(default=0)),
                        ("done", models.PositiveIntegerField(default=0)),
                        ("tables", models.JSONField(default=list)),
                        ("refused", models.PositiveIntegerField(default=0)),
                        ("error", models.TextField(blank=True)),
                        ("asked_at", models.DateTimeField(auto_now_add=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "database",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="scans", to="catalog.database"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-asked_at"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            huitong.catalog.rules.vocabulary.ScanState["QUEUED"],
                                            huitong.catalog.rules.vocabulary.ScanState["RUNNING"],
                                        ],
                                    )
                                ),
                                fields=("database",),
                                name="scan_one_running",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Entry",
                    fields=[
                        ("id", key()),
                        ("source_schema", models.CharField(blank=True, max_length=120)),
                        ("source_table", models.CharField(blank=True, max_length=200)),
                        (
                            "code",
                            models.CharField(blank=True, max_length=40, null=True, unique=True),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("updated_at", models.DateTimeField(auto_now=True)),
                        (
                            "body",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.body"
                            ),
                        ),
                        (
                            "database",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="entries",
                                to="catalog.database",
                            ),
                        ),
                        (
                            "current",
                            models.OneToOneField(
                                null=True,
                                on_delete=PROTECT,
                                related_name="current_of",
                                to="catalog.version",
                            ),
                        ),
                        (
                            "latest",
                            models.OneToOneField(
                                null=True,
                                on_delete=PROTECT,
                                related_name="latest_of",
                                to="catalog.version",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="organizations.body",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["database", "source_table"], name="entry_of_table"
                            ),
                            models.Index(fields=["updated_at"], name="entry_changed"),
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Version",
                    fields=[
                        ("id", key()),
                        ("name", models.CharField(max_length=120)),
                        ("summary", models.TextField(blank=True)),
                        (
                            "origin",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("own", "本部门直接采集"),
                                    ("third_party", "通过第三方采集"),
                                    ("delegated", "依法授权管理"),
                                    ("system", "依托信息系统形成"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("category", models.CharField(blank=True, max_length=3)),
                        (
                            "themes",
                            ArrayField(
                                base_field=models.CharField(max_length=3), blank=True, default=list
                            ),
                        ),
                        (
                            "industry",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("A", "农、林、牧、渔业"),
                                    ("B", "采矿业"),
                                    ("C", "制造业"),
                                    ("D", "电力、热力、燃气及水生产和供应业"),
                                    ("E", "建筑业"),
                                    ("F", "批发和零售业"),
                                    ("G", "交通运输、仓储和邮政业"),
                                    ("H", "住宿和餐饮业"),
                                    ("I", "信息传输、软件和信息技术服务业"),
                                    ("J", "金融业"),
                                    ("K", "房地产业"),
                                    ("L", "租赁和商务服务业"),
                                    ("M", "科学研究和技术服务业"),
                                    ("N", "水利、环境和公共设施管理业"),
                                    ("O", "居民服务、修理和其他服务业"),
                                    ("P", "教育"),
                                    ("Q", "卫生和社会工作"),
                                    ("R", "文化、体育和娱乐业"),
                                    ("S", "公共管理、社会保障和社会组织"),
                                    ("T", "国际组织"),
                                ],
                                max_length=1,
                            ),
                        ),
                        (
                            "format",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("database", "数据库"),
                                    ("spreadsheet", "电子表格"),
                                    ("document", "电子文件"),
                                    ("image", "图形图像"),
                                    ("stream", "流媒体"),
                                    ("self_describing", "自描述格式"),
                                    ("service", "服务接口"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("format_detail", models.CharField(blank=True, max_length=60)),
                        ("standard", models.CharField(blank=True, max_length=200)),
                        ("dictionary", models.CharField(blank=True, max_length=300)),
                        (
                            "share_class",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("1", "无条件共享"),
                                    ("2", "有条件共享"),
                                    ("3", "不予共享"),
                                ],
                                max_length=1,
                            ),
                        ),
                        (
                            "shapes",
                            ArrayField(
                                base_field=models.CharField(max_length=40), blank=True, default=list
                            ),
                        ),
                        (
                            "named_bodies",
                            ArrayField(
                                base_field=models.BigIntegerField(), blank=True, default=list
                            ),
                        ),
                        ("condition", models.CharField(blank=True, max_length=500)),
                        ("personal_reason", models.CharField(blank=True, max_length=500)),
                        (
                            "share_modes",
                            ArrayField(
                                base_field=models.CharField(max_length=8), blank=True, default=list
                            ),
                        ),
                        (
                            "usage",
                            ArrayField(
                                base_field=models.CharField(max_length=40), blank=True, default=list
                            ),
                        ),
                        ("control_parameters", models.JSONField(blank=True, default=list)),
                        (
                            "open_class",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("1", "无条件开放"),
                                    ("2", "有条件开放"),
                                    ("3", "不予开放"),
                                ],
                                max_length=1,
                            ),
                        ),
                        (
                            "open_mode",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("download", "数据下载"),
                                    ("api", "接口调用"),
                                    ("query", "在线查询"),
                                    ("none", "不开放"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("open_condition", models.CharField(blank=True, max_length=300)),
                        (
                            "update_cycle",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("1", "实时"),
                                    ("2", "每日"),
                                    ("3", "每周"),
                                    ("4", "每月"),
                                    ("5", "每季度"),
                                    ("6", "每半年"),
                                    ("7", "每年"),
                                    ("8", "不定期"),
                                    ("9", "不更新"),
                                ],
                                max_length=1,
                            ),
                        ),
                        (
                            "data_cycle",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("1", "实时"),
                                    ("2", "每日"),
                                    ("3", "每周"),
                                    ("4", "每月"),
                                    ("5", "每季度"),
                                    ("6", "每半年"),
                                    ("7", "每年"),
                                    ("8", "不定期"),
                                    ("9", "不更新"),
                                ],
                                max_length=1,
                            ),
                        ),
                        ("publish_on", models.DateField(blank=True, null=True)),
                        ("contact_office", models.CharField(blank=True, max_length=80)),
                        ("contact_name", models.CharField(blank=True, max_length=60)),
                        ("contact_phone", models.CharField(blank=True, max_length=40)),
                        ("remark", models.CharField(blank=True, max_length=500)),
                        ("round", models.PositiveIntegerField(default=0)),
                        ("received_at", models.DateTimeField(null=True)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("updated_at", models.DateTimeField(auto_now=True)),
                        ("words", models.TextField(blank=True)),
                        ("number", models.PositiveIntegerField(null=True)),
                        ("content", models.JSONField(default=dict)),
                        ("sha256", models.CharField(blank=True, max_length=64)),
                        ("published_at", models.DateTimeField(null=True)),
                        ("published_by", models.CharField(blank=True, max_length=60)),
                        (
                            "case",
                            models.OneToOneField(
                                on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="versions", to="catalog.entry"
                            ),
                        ),
                        (
                            "system",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="versions",
                                to="catalog.informationsystem",
                            ),
                        ),
                        ("catalog_item", models.CharField(blank=True, max_length=60)),
                        ("sub_item", models.CharField(blank=True, max_length=60)),
                        (
                            "layer",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("national", "国家级"),
                                    ("province", "省级"),
                                    ("city", "市级"),
                                    ("county", "县（市、区）级"),
                                    ("township", "乡镇（街道）级"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "keywords",
                            ArrayField(
                                base_field=models.CharField(max_length=20), blank=True, default=list
                            ),
                        ),
                        (
                            "related_codes",
                            ArrayField(
                                base_field=models.CharField(max_length=40), blank=True, default=list
                            ),
                        ),
                        ("difference", models.CharField(blank=True, max_length=500)),
                        ("entered_by", models.CharField(blank=True, max_length=120)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["-published_at"], name="version_published"),
                            models.Index(
                                condition=models.Q(("share_class", "3")),
                                fields=["entry"],
                                name="version_not_shared",
                            ),
                            GinIndex(fields=["themes"], name="version_themes"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("entry", "number"), name="version_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Item",
                    fields=[
                        ("id", key()),
                        ("position", models.PositiveIntegerField()),
                        ("name", models.CharField(max_length=100)),
                        ("column", models.CharField(blank=True, max_length=128)),
                        (
                            "type",
                            models.CharField(
                                choices=[
                                    ("C", "字符型"),
                                    ("N", "数值型"),
                                    ("Y", "货币型"),
                                    ("D", "日期型"),
                                    ("T", "日期时间型"),
                                    ("L", "逻辑型"),
                                    ("M", "备注型"),
                                    ("G", "通用型"),
                                    ("B", "双精度型"),
                                    ("I", "整型"),
                                    ("F", "浮点型"),
                                ],
                                max_length=1,
                            ),
                        ),
                        ("length", models.PositiveIntegerField(blank=True, null=True)),
                        ("nullable", models.BooleanField(default=True)),
                        ("is_key", models.BooleanField(default=False)),
                        (
                            "level",
                            models.CharField(
                                choices=[
                                    ("1", "一级（公开）"),
                                    ("2", "二级（内部）"),
                                    ("3", "三级（敏感）"),
                                    ("4", "四级（高敏感）"),
                                ],
                                default=huitong.catalog.rules.vocabulary.Level["FOUR"],
                                max_length=1,
                            ),
                        ),
                        (
                            "share_class",
                            models.CharField(
                                choices=[
                                    ("1", "无条件共享"),
                                    ("2", "有条件共享"),
                                    ("3", "不予共享"),
                                ],
                                default=huitong.catalog.rules.vocabulary.ShareClass["NOT_SHARED"],
                                max_length=1,
                            ),
                        ),
                        ("mask", models.CharField(blank=True, default="blank", max_length=30)),
                        ("dictionary", models.CharField(blank=True, max_length=120)),
                        ("remark", models.CharField(blank=True, max_length=300)),
                        ("column_type", models.CharField(blank=True, max_length=80)),
                        ("suggestion", models.JSONField(blank=True, default=dict)),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=CASCADE, related_name="items", to="catalog.version"
                            ),
                        ),
                        ("declined", models.CharField(blank=True, max_length=300)),
                        (
                            "code_list",
                            models.ForeignKey(
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="catalog.codelistversion",
                                to_field="title",
                            ),
                        ),
                        (
                            "standard",
                            models.ForeignKey(
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="catalog.standard",
                                to_field="number",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position"],
                        "indexes": [models.Index(fields=["name"], name="item_name")],
                        "constraints": [
                            models.UniqueConstraint(
                                deferrable=models.Deferrable["DEFERRED"],
                                fields=("version", "position"),
                                name="item_position",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FieldRemark",
                    fields=[
                        ("id", key()),
                        ("round", models.PositiveIntegerField()),
                        ("field", models.CharField(max_length=120)),
                        ("text", models.CharField(max_length=500)),
                        ("by", models.CharField(max_length=60)),
                        ("by_seat", models.CharField(max_length=60)),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=CASCADE, related_name="remarks", to="catalog.version"
                            ),
                        ),
                    ],
                    options={"ordering": ["-round", "pk"]},
                ),
                migrations.CreateModel(
                    name="LegalGround",
                    fields=[
                        ("id", key()),
                        ("kind", models.CharField(max_length=20)),
                        ("document", models.CharField(max_length=200)),
                        ("article", models.CharField(max_length=80)),
                        ("quotation", models.TextField()),
                        ("filed_at", models.DateTimeField(null=True)),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=CASCADE, related_name="grounds", to="catalog.version"
                            ),
                        ),
                    ],
                    options={"ordering": ["pk"]},
                ),
                migrations.CreateModel(
                    name="Census",
                    fields=[
                        ("id", key()),
                        ("year", models.PositiveSmallIntegerField()),
                        ("begins_on", models.DateField()),
                        ("ends_on", models.DateField()),
                        ("instructions", models.CharField(max_length=2000)),
                        ("called_off", models.BooleanField(default=False)),
                        (
                            "case",
                            models.OneToOneField(
                                on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("called_off", False)),
                                fields=("year",),
                                name="census_once_a_year",
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="CensusAnswer",
                    fields=[
                        ("id", key()),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("unchanged", "无变化"),
                                    ("change", "需更新"),
                                    ("retire", "拟撤销发布"),
                                    ("missing", "应编未编"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("name", models.CharField(blank=True, max_length=120)),
                        ("reasons", models.CharField(blank=True, max_length=1000)),
                        ("version", models.PositiveIntegerField(null=True)),
                        ("remark", models.CharField(blank=True, max_length=1000)),
                        ("answered_at", models.DateTimeField()),
                        ("answered_by", models.CharField(max_length=60)),
                        (
                            "census",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="answers", to="catalog.census"
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                null=True, on_delete=PROTECT, related_name="+", to="catalog.entry"
                            ),
                        ),
                        (
                            "part",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["part", "outcome"], name="census_answer_part")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("census", "entry"), name="census_answer_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CensusReport",
                    fields=[
                        ("id", key()),
                        ("content", models.JSONField()),
                        ("sha256", models.CharField(max_length=64)),
                        ("at", models.DateTimeField()),
                        (
                            "census",
                            models.OneToOneField(
                                on_delete=PROTECT, related_name="report", to="catalog.census"
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="LawChange",
                    fields=[
                        ("id", key()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("law", "法律、法规"),
                                    ("regulation", "规章、政策文件"),
                                    ("function", "行政管理职能"),
                                    ("organisation", "机构设置"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("document", models.CharField(max_length=200)),
                        ("number", models.CharField(blank=True, max_length=80)),
                        ("published_on", models.DateField()),
                        ("concerns", models.CharField(max_length=1000)),
                        (
                            "case",
                            models.OneToOneField(
                                on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["-published_on"], name="change_published")]
                    },
                ),
                migrations.CreateModel(
                    name="AffectedEntry",
                    fields=[
                        ("id", key()),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("unchanged", "无需变更"),
                                    ("changed", "已发布新版本"),
                                    ("withdraw", "拟撤销发布"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("reasons", models.CharField(blank=True, max_length=1000)),
                        ("version", models.PositiveIntegerField(null=True)),
                        ("settled_at", models.DateTimeField(null=True)),
                        ("settled_by", models.CharField(blank=True, max_length=60)),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="catalog.entry"
                            ),
                        ),
                        (
                            "part",
                            models.ForeignKey(
                                null=True, on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                        (
                            "change",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="affected", to="catalog.lawchange"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("change", "entry"), name="affected_once"
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="CodeRule",
                    fields=[
                        ("id", key()),
                        ("template", models.CharField(max_length=120)),
                        ("in_force", models.DateField(unique=True)),
                        ("note", models.CharField(blank=True, max_length=200)),
                    ],
                    options={"ordering": ["-in_force"]},
                ),
                migrations.CreateModel(
                    name="CodeSequence",
                    fields=[
                        ("id", key()),
                        ("prefix", models.CharField(max_length=40, unique=True)),
                        ("last", models.PositiveIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name="LeftOut",
                    fields=[
                        ("id", key()),
                        ("subject", models.CharField(max_length=12)),
                        ("key", models.CharField(max_length=300)),
                        ("label", models.CharField(max_length=300)),
                        ("reason", models.CharField(max_length=40)),
                        ("words", models.CharField(blank=True, max_length=300)),
                        ("by", models.CharField(max_length=60)),
                        ("at", models.DateTimeField(auto_now=True)),
                        (
                            "body",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.body"
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                null=True, on_delete=PROTECT, related_name="+", to="catalog.entry"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("body", "subject", "key"), name="left_out_once"
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="CoverageConfirmed",
                    fields=[
                        ("id", key()),
                        ("counts", models.JSONField()),
                        ("lines", models.CharField(max_length=64)),
                        ("by", models.CharField(max_length=60)),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        (
                            "body",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.body"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "indexes": [
                            models.Index(fields=["body", "-at"], name="coverage_confirmed")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SourceShape",
                    fields=[
                        ("id", key()),
                        ("shape", models.JSONField()),
                        (
                            "entry",
                            models.OneToOneField(
                                on_delete=CASCADE, related_name="source_shape", to="catalog.entry"
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Drift",
                    fields=[
                        ("id", key()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("table_missing", "表已不存在或无权读取"),
                                    ("column_missing", "列已不存在或无权读取"),
                                    ("column_new", "新增列"),
                                    ("type_changed", "列类型变更"),
                                    ("comment_changed", "说明变更"),
                                    ("emptied", "数据已清空"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("column", models.CharField(blank=True, max_length=128)),
                        ("before", models.CharField(blank=True, max_length=200)),
                        ("after", models.CharField(blank=True, max_length=200)),
                        ("item", models.JSONField(blank=True, default=dict)),
                        ("breaks", models.BooleanField(default=False)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "待处理"),
                                    ("adopted", "已带入目录"),
                                    ("dismissed", "不带入"),
                                    ("passed", "已自行恢复"),
                                ],
                                default="open",
                                max_length=12,
                            ),
                        ),
                        ("noticed_at", models.DateTimeField(auto_now_add=True)),
                        ("settled_at", models.DateTimeField(null=True)),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=CASCADE, related_name="drifts", to="catalog.entry"
                            ),
                        ),
                        (
                            "scan",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="drifts", to="catalog.scan"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-noticed_at", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "open")),
                                fields=("entry", "kind", "column"),
                                name="drift_open_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EntryFollow",
                    fields=[
                        ("id", key()),
                        ("body", models.BigIntegerField()),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="catalog.entry"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("person", "body", "entry"), name="entry_follow_once"
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="GroundKind",
                    fields=[
                        ("id", key()),
                        ("code", models.CharField(max_length=20, unique=True)),
                        ("label", models.CharField(max_length=40, unique=True)),
                        ("in_force", models.DateField()),
                        ("until", models.DateField(null=True)),
                        ("note", models.CharField(blank=True, max_length=200)),
                    ],
                    options={"ordering": ["in_force", "pk"]},
                ),
                migrations.CreateModel(
                    name="CheckReport",
                    fields=[
                        ("id", key()),
                        ("asked_by", models.BigIntegerField(null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "排队中"),
                                    ("running", "扫描中"),
                                    ("done", "已完成"),
                                    ("failed", "未成功"),
                                ],
                                default=huitong.catalog.rules.vocabulary.ScanState["QUEUED"],
                                max_length=12,
                            ),
                        ),
                        ("asked_at", models.DateTimeField(auto_now_add=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("total", models.PositiveIntegerField(default=0)),
                        ("done", models.PositiveIntegerField(default=0)),
                        ("counts", models.JSONField(default=dict)),
                        ("error", models.CharField(blank=True, max_length=300)),
                        (
                            "body",
                            models.ForeignKey(
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="organizations.body",
                            ),
                        ),
                        ("place", models.BigIntegerField(default=0)),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["queued", "running"])),
                                fields=("body",),
                                name="check_report_one_running",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CheckFinding",
                    fields=[
                        ("id", key()),
                        ("name", models.CharField(max_length=120)),
                        ("published", models.BooleanField()),
                        ("inside", models.BooleanField()),
                        ("rule", models.CharField(max_length=40)),
                        ("severity", models.CharField(max_length=12)),
                        ("field", models.CharField(max_length=120)),
                        ("sentence", models.CharField(max_length=600)),
                        ("other", models.BigIntegerField(null=True)),
                        (
                            "body",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.body"
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="catalog.entry"
                            ),
                        ),
                        (
                            "report",
                            models.ForeignKey(
                                on_delete=CASCADE, related_name="findings", to="catalog.checkreport"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["pk"],
                        "indexes": [
                            models.Index(fields=["report", "rule"], name="check_finding_rule"),
                            models.Index(fields=["report", "body"], name="check_finding_body"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Requirement",
                    fields=[
                        ("id", key()),
                        ("rule", models.CharField(max_length=40)),
                        ("in_force", models.DateField()),
                        ("until", models.DateField(null=True)),
                        ("document", models.CharField(max_length=200)),
                        ("own", models.BooleanField(default=True)),
                    ],
                    options={"ordering": ["in_force", "pk"]},
                ),
                migrations.CreateModel(
                    name="Round",
                    fields=[
                        ("id", key()),
                        ("number", models.PositiveIntegerField()),
                        ("content", models.JSONField()),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="rounds", to="catalog.version"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("version", "number"), name="round_once")
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="ChangeSet",
                    fields=[
                        ("id", key()),
                        ("asked_by", models.BigIntegerField()),
                        ("asked_name", models.CharField(max_length=60)),
                        ("name", models.CharField(max_length=200)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "排队中"),
                                    ("reading", "检查中"),
                                    ("faulty", "有错误待修改"),
                                    ("ready", "待确认"),
                                    ("applied", "已写入"),
                                    ("undone", "已撤销"),
                                    ("given_up", "已放弃"),
                                    ("refused", "已拒绝"),
                                    ("unreadable", "无法读取"),
                                ],
                                default=huitong.catalog.rules.sheets.SetState["QUEUED"],
                                max_length=12,
                            ),
                        ),
                        ("file", models.TextField(blank=True)),
                        ("annotated", models.TextField(blank=True)),
                        ("total", models.PositiveIntegerField(default=0)),
                        ("done", models.PositiveIntegerField(default=0)),
                        ("error", models.TextField(blank=True)),
                        ("same", models.PositiveIntegerField(default=0)),
                        ("grave", models.PositiveIntegerField(default=0)),
                        ("faults", models.JSONField(default=list)),
                        ("mended", models.JSONField(default=list)),
                        ("notes", models.JSONField(default=list)),
                        ("asked_at", models.DateTimeField(auto_now_add=True)),
                        ("checked_at", models.DateTimeField(null=True)),
                        ("applied_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "body",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.body"
                            ),
                        ),
                        ("entered_by", models.CharField(blank=True, max_length=120)),
                        ("entering", models.JSONField(blank=True, default=dict)),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "indexes": [
                            models.Index(fields=["body", "-id"], name="change_set_of_body")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EntryChange",
                    fields=[
                        ("id", key()),
                        ("row", models.PositiveIntegerField()),
                        (
                            "what",
                            models.CharField(
                                choices=[
                                    ("new", "新增"),
                                    ("changed", "修改"),
                                    ("conflict", "冲突，不写入"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("mark", models.BigIntegerField(default=0)),
                        ("given", models.JSONField(default=dict)),
                        ("grounds", models.JSONField(null=True)),
                        ("before", models.JSONField(default=dict)),
                        ("lines", models.JSONField(default=list)),
                        ("code", models.CharField(blank=True, max_length=40)),
                        ("open", models.PositiveIntegerField(default=0)),
                        (
                            "case",
                            models.ForeignKey(
                                null=True, on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                null=True,
                                on_delete=PROTECT,
                                related_name="changed_by",
                                to="catalog.entry",
                            ),
                        ),
                        (
                            "changes",
                            models.ForeignKey(
                                on_delete=CASCADE, related_name="rows", to="catalog.changeset"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["row", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("changes", "row"), name="change_once_a_row"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Standard",
                    fields=[
                        ("id", key()),
                        ("filed_at", models.DateTimeField()),
                        ("filed_by", models.CharField(blank=True, max_length=60)),
                        ("until", models.DateField(blank=True, null=True)),
                        (
                            "body",
                            models.ForeignKey(
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="organizations.body",
                            ),
                        ),
                        ("number", models.CharField(max_length=60, unique=True)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("national", "国家标准"),
                                    ("industry", "行业标准"),
                                    ("local", "地方标准"),
                                    ("department", "部门标准"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("issuer", models.CharField(blank=True, max_length=120)),
                        ("in_force", models.DateField()),
                        (
                            "file",
                            models.ForeignKey(
                                null=True, on_delete=PROTECT, related_name="+", to="work.attachment"
                            ),
                        ),
                    ],
                    options={"ordering": ["number"]},
                ),
                migrations.CreateModel(
                    name="CodeList",
                    fields=[
                        ("id", key()),
                        ("filed_at", models.DateTimeField()),
                        ("filed_by", models.CharField(blank=True, max_length=60)),
                        ("until", models.DateField(blank=True, null=True)),
                        (
                            "body",
                            models.ForeignKey(
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="organizations.body",
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        (
                            "standard",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="code_lists",
                                to="catalog.standard",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("body", "name"), name="code_list_once", nulls_distinct=False
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CodeListVersion",
                    fields=[
                        ("id", key()),
                        ("number", models.PositiveIntegerField()),
                        ("title", models.CharField(max_length=160, unique=True)),
                        ("in_force", models.DateField()),
                        ("size", models.PositiveIntegerField()),
                        ("longest", models.PositiveIntegerField()),
                        ("numeric", models.BooleanField()),
                        ("filed_at", models.DateTimeField()),
                        ("filed_by", models.CharField(blank=True, max_length=60)),
                        (
                            "code_list",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="versions", to="catalog.codelist"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("code_list", "number"), name="code_list_version_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Code",
                    fields=[
                        ("id", key()),
                        ("position", models.PositiveIntegerField()),
                        ("code", models.CharField(max_length=60)),
                        ("label", models.CharField(max_length=200)),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=PROTECT,
                                related_name="codes",
                                to="catalog.codelistversion",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position"],
                        "constraints": [
                            models.UniqueConstraint(fields=("version", "code"), name="code_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SynonymGroup",
                    fields=[
                        ("id", key()),
                        ("words", models.CharField(max_length=300, unique=True)),
                        ("changed_at", models.DateTimeField(auto_now=True)),
                    ],
                    options={"ordering": ["words"]},
                ),
                migrations.CreateModel(
                    name="MissedQuestion",
                    fields=[
                        ("id", key()),
                        ("text", models.CharField(max_length=40)),
                        ("at", models.DateTimeField()),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
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
            ]
        ),
        migrations.RunSQL(FREEZE, migrations.RunSQL.noop),
        migrations.RunSQL(FILED, migrations.RunSQL.noop),
        insert_only("catalog_coverageconfirmed", "catalog_censusreport", "catalog_round"),
        migrations.RunPython(plant, migrations.RunPython.noop),
        migrations.RunPython(plant_standards, migrations.RunPython.noop),
    ]
