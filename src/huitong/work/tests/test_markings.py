"""Classified text enters by no verb, in no field, in no spelling; what only looks like it may
enter (A3)."""

from __future__ import annotations

import json
import sys
import unicodedata
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pydantic import SecretStr
from tests.cast import Cast
from tests.each import each
from tests.sharing import scan_png

from huitong.catalog import actions as catalog
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.doing import VERBS
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.procedure import AgainstRules
from huitong.organizations import actions as organizations
from huitong.organizations.models import Matter
from huitong.work import actions
from huitong.work.models import Attachment
from huitong.work.rules import marking_in
from huitong.work.rules.markings import normalized

doing.load()
#: every field of every verb people can do; a new verb comes into the test by itself
FIELDS = [
    (verb.name, name)
    for verb in VERBS.values()
    if (verb.offered or verb.inner) and not verb.name.startswith("toy")
    for name, field in verb.given.model_fields.items()
    if SecretStr not in (field.annotation, *getattr(field.annotation, "__args__", ()))
]


@pytest.mark.parametrize(
    "text",
    [
        "作战部署图绝密",
        "地下管线图（机密件）",
        "内部资料-机密",
        "涉密人员名单",
        "涉 密 档案",
        "秘密★10年",
        "机密☆20年",
        "(秘密)名单",
        "密级:绝密",
        "机密",
        "其中部分为机密级",
        "含国家秘密",
        "绝密文件目录",
        "秘密:名单",
        "绝·密工程",
        "机\u200b密图",
        "机_密",
        "ｘ機密",
        "工作秘密：会议纪要",
        "会议纪要（工作秘密）",
        "计算机密码本机密",
        "不含个人信息的机密图",
    ],
)
def test_markings_are_seen_wherever_they_stand(text: str):
    """The names an audit found stored: marked at the end, in brackets with another word, after a
    dash."""
    assert marking_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "非涉密数据",
        "不含涉密内容",
        "不涉及国家秘密",
        "不含国家秘密、商业秘密",
        "不含绝密、机密、秘密级内容",
        "商业秘密信息登记",
        "秘密花园景区客流",
        "保密教育培训名单",
        "密码应用测评",
        "《保守国家秘密法》培训记录",
        "数据机密性要求",
        "计算机密码应用登记",
        "发动机密封件检测",
        "手机密码重置",
        "随机密钥",
        "拒绝密码登录次数",
        "隔绝密封材料",
        "侵犯商业秘密案件",
        "收养人要求保守收养秘密",
        "国家保密局",
        "国家秘密载体销毁登记",
        "涉密信息系统集成资质单位名录",
        "通信秘密受法律保护",
        "人口密度",
        "密云区",
        "classified",
        "",
    ],
)
def test_denials_and_look_alikes_are_no_markings(text: str):
    assert not marking_in(text)


def test_no_sign_that_nobody_sees_parts_a_marking() -> None:
    unseen = (c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Cf")
    assert [f"U+{ord(c):X}" for c in unseen if normalized(f"机{c}密") != "机密"] == []


def test_the_words_are_dated():
    assert marking_in("会议纪要（工作秘密）", date(2023, 1, 1)) == "密级字样", (
        "before 2024 the law did not speak of work secrets"
    )
    assert "工作秘密" in marking_in("会议纪要（工作秘密）", date(2024, 5, 1))


#: the refusal comes before anything is asked of the database
SOMEBODY = Actor(1, "某人", 1, "某局", frozenset({Post.OPERATOR, Post.MANAGER}), bureau_body=1)


@each(FIELDS)
def test_no_field_of_any_verb_takes_in_marked_text(place: tuple[str, str]) -> None:
    """Contact fields, titles of parameters, purposes, duties, reasons …: each field of each
    verb, at any depth."""
    (verb, field), marked = place, "作战部署图绝密"
    for value in (marked, [marked], {"title": marked}, [{"rows": [{marked: ""}]}]):
        try:
            doing.perform(SOMEBODY, verb, {field: value})
        except AgainstRules as refusal:
            words = refusal.detail + refusal.remedy
            assert refusal.article == "A3" and marked not in words, value
        else:
            raise AssertionError(f"{value} is taken in")


def test_a_marking_hidden_in_json_is_read_first(cast: Cast):
    """Escapes of JSON spell the same word otherwise."""
    hidden = json.dumps([{"name": "登记编号", "remark": "机密"}], ensure_ascii=True)
    assert "机密" not in hidden
    entry = catalog.draft(cast.civil_operator, name="工程名册")
    with pytest.raises(AgainstRules, match="密级"):
        doing.perform(cast.civil_operator, "entry.edit", {"items": hidden}, case=entry.case_id)


def test_an_upload_with_a_marked_name_is_not_kept(cast: Cast):
    before = LedgerEntry.objects.count()
    with pytest.raises(AgainstRules):
        actions.attach(
            cast.civil_operator, upload=SimpleUploadedFile("部署图（机密件）.png", scan_png())
        )
    assert not Attachment.objects.exists() and LedgerEntry.objects.count() == before
    assert actions.attach(
        cast.civil_operator, upload=SimpleUploadedFile("计算机密码应用.png", scan_png())
    ).pk


def test_an_imported_row_with_a_marking_refuses_the_table(cast: Cast):
    rows = [
        {
            "body": cast.body("civil").name,
            "duty": "负责某工程",
            "matter_code": "MZ-9",
            "matter_name": "某工程（绝密）",
        }
    ]
    with pytest.raises(AgainstRules, match="导入内容"):
        doing.perform(cast.civil_manager, "organizations.import_duties", {"sheet": rows})
    assert not Matter.objects.filter(code="MZ-9").exists()


def test_a_password_is_no_text():
    VERBS["organizations.change_password"].validate({"password": "绝密-Very-long-2026"})


@pytest.mark.parametrize("door", ["page", "api"])
def test_both_doors_refuse_and_repeat_nothing(cast: Cast, door: str):
    client, given = (
        cast.client("civil_manager"),
        {"body": cast.body("civil").pk, "text": "火星部署图绝密"},
    )
    if door == "api":
        token = organizations.create_token(cast.civil_manager, label="脚本", days=1)["token"]
        client = Client(headers={"Authorization": f"Bearer {token}"})
        answer = client.post(
            "/api/do/organizations.add_duty", json.dumps(given), content_type="application/json"
        )
    else:
        answer = client.post("/do/organizations.add_duty/", given)
    words = str(answer.json()) if door == "api" else answer.content.decode()
    assert answer.status_code == 409 and "非涉密" in words and "火星" not in words
