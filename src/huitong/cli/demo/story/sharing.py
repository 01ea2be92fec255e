"""Chapters two and three: mounting, searching, applying, deciding (A13, A18-A23)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from io import BytesIO
from typing import Any

import psycopg
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from huitong.access import queries as access
from huitong.catalog import queries as catalog
from huitong.cli.demo.fronts import Front
from huitong.cli.demo.stamping import stamped
from huitong.cli.demo.story.cataloging import CLEARED, Resources
from huitong.cli.demo.story.telling import Given, Telling
from huitong.kernel.workdays import today
from huitong.organizations.models import Duty, Matter
from huitong.work import actions as work

KEEPER = {
    "responsible": "孙秀",
    "trained_on": date(2026, 3, 16),
    "update_method": "业务系统每日写入前置库",
}
#: the divisions of Nantong, retired codes included
NANTONG = {"op": "prefix", "item": "登记机关区划代码", "value": {"text": "3206"}}
#: fewer items than asked: what checking a marriage needs
GRANTED = [
    "登记号",
    "男方姓名",
    "男方身份证号",
    "女方姓名",
    "女方身份证号",
    "登记日期",
    "登记类型",
    "登记机关区划代码",
    "婚姻状态",
]

#: what is applied for, as people call it
ASKED = {
    "marriage-api": "“婚姻登记信息”（接口）",
    "marriage-table": "“婚姻登记信息”（数据库表）",
    "division-file": "“行政区划代码”（文件）",
    "division-api": "“行政区划代码”（接口）",
    "insurance-api": "“社会保险参保信息”（接口）",
}

#: what the bureau's clerk has looked at before accepting
CHECKED = ["stamp", "legible", "duty", "content"]


@dataclass
class Shares:
    """What came of it: grants by name, and the systems that hold credentials."""

    grant: dict[str, int] = field(default_factory=dict)
    grant_case: dict[str, int] = field(default_factory=dict)
    system: dict[str, int] = field(default_factory=dict)
    form: int = 0


def mount(t: Telling, made: Resources, front: Front) -> None:
    t.chapter("二、发布：三种方式挂接（第十三条、第十四条、第十八条）")
    where = {"database": made.database["mz"], "schema_name": "public", **KEEPER}
    kept = made.mount
    kept["marriage-api"] = _mounted(
        t,
        "mz_operator",
        "“婚姻登记信息”挂接为接口，由本部门逐一授权",
        "publishing.mount_api",
        {
            "entry": made.entry["marriage"],
            "table": "marriage_registration",
            "key": ["registration_no"],
            "authorization": "direct",
            **where,
        },
    )
    kept["marriage-table"] = _mounted(
        t,
        "mz_operator",
        "“婚姻登记信息”挂接为数据库表，由本部门逐一授权",
        "publishing.mount_table",
        {
            "entry": made.entry["marriage"],
            "table": "marriage_registration",
            "key": ["registration_no"],
            "authorization": "direct",
            **where,
        },
    )
    kept["division-api"] = _mounted(
        t,
        "mz_operator",
        "“行政区划代码”挂接为接口，整体授权给平台",
        "publishing.mount_api",
        {
            "entry": made.entry["division"],
            "table": "administrative_division",
            "key": ["division_code"],
            "authorization": "delegated",
            **where,
        },
    )
    kept["division-file"] = _mounted(
        t,
        "mz_operator",
        "“行政区划代码”挂接为文件",
        "publishing.mount_file",
        lambda: {
            "entry": made.entry["division"],
            "file": _attached(t, "mz_operator", "行政区划代码.xlsx", _divisions(front)),
            "authorization": "delegated",
            "cleared": CLEARED,
            **KEEPER,
        },
        key=f"publishing.mount_file:{made.entry['division']}",
    )
    t.act(
        "A12",
        "mz_manager",
        "查看文件、确认保密审查后，“行政区划代码”文件开始提供",
        "publishing.confirm_change",
        {"mount": kept["division-file"], "cleared": CLEARED},
        key="division-file-confirmed",
    )
    kept["insurance-api"] = _mounted(
        t,
        "rs_operator",
        "“社会保险参保信息”挂接为接口",
        "publishing.mount_api",
        {
            "entry": made.entry["insurance"],
            "database": made.database["rs"],
            "schema_name": "public",
            "table": "social_insurance",
            "key": ["personal_no"],
            "authorization": "direct",
            **KEEPER,
        },
    )


def apply(t: Telling, made: Resources, arrivals: Front) -> Shares:
    t.chapter("三、申请、受理、授权（第十九条至第二十三条）")
    who, shares = "zj_operator", Shares()
    for word in ("婚姻", "行政区划"):
        found = t.patiently(partial(_names, t, who, word))
        t.holds(found, f"检索“{word}”应有结果")
        t.told("A20", t.who(who), f"检索“{word}”", "、".join(found))
    shares.system["housing"] = int(
        t.act(
            "A28",
            who,
            "登记应用系统“公租房管理系统”（等保三级备案）",
            "access.register_system",
            {
                "name": "公租房管理系统",
                "protection_level": "三级",
                "protection_filing": "32060013001-26001",
            },
            came="已登记",
        ).entry.object_id
    )
    shares.system["stranger"] = int(
        t.do(
            "ty_operator", "access.register_system", {"name": "体育场馆预约系统"}, key="ty-system"
        ).entry.object_id
    )
    target = int(
        t.act(
            "A13",
            who,
            "登记住建局前置库，库表送达此处",
            "catalog.register_database",
            {
                "name": "住建局前置库",
                "host": arrivals.host,
                "port": arrivals.port,
                "dbname": arrivals.dbname,
                "username": arrivals.username,
                "password": arrivals.password,
                "schema_name": "arrivals",
                "role": "target",
                "tls": "prefer",
            },
            key="zj-db",
            came="连接成功，口令已加密保存",
        ).entry.object_id
    )
    duty, matter = t.patiently(lambda: _duty_of(t, who))
    begin = today()
    form = {
        "duty": duty,
        "matter": matter,
        "system": shares.system["housing"],
        "purpose": "审核公共租赁住房申请人的婚姻状况和户籍区划",
        "scenario": "窗口受理公租房申请时逐件核对",
        "period_from": begin,
        "period_to": begin + timedelta(days=365),
        "contact": "钱静",
        "phone": "0513-85000000",
    }
    resources = [
        {"mount": made.mount["marriage-api"], "frequency": "每个工作日约 200 次"},
        {
            "mount": made.mount["marriage-table"],
            "frequency": "每日一次",
            "target": target,
            "target_table": "marriage_checked",
        },
        {"mount": made.mount["division-file"], "frequency": "每月一次"},
        {"mount": made.mount["division-api"], "frequency": "每日约 50 次"},
    ]
    shares.form = int(
        t.act(
            "A20",
            who,
            "填写申请表一：婚姻登记、行政区划，写明职责、用途、期限",
            "access.apply",
            {**form, "resources": resources},
            key="form-1",
            came="每项资源一件事项，一张申请表",
        ).entry.object_id
    )
    refused = int(
        t.act(
            "A20",
            who,
            "填写申请表二：社会保险参保信息，用途是“内部研究参考”",
            "access.apply",
            {
                **form,
                "purpose": "了解申请人参保单位情况，供内部研究参考",
                "resources": [{"mount": made.mount["insurance-api"]}],
            },
            key="form-2",
            came="每项资源一件事项，一张申请表",
        ).entry.object_id
    )
    for paper, key, called in ((shares.form, "1", "申请表一"), (refused, "2", "申请表二")):
        _stamp(t, who, paper, key, called)
    cases = {
        a.mount_id: a.case_id
        for paper in (shares.form, refused)
        for a in t.patiently(partial(_applications, t, who, paper))
    }
    for name, called in ASKED.items():
        t.act(
            "A21",
            "dsj_operator",
            f"受理{called}的申请",
            "application.accept",
            {"opinion": "材料齐全", "checked": CHECKED},
            case=cases[made.mount[name]],
        )
    _decide(t, shares, made, cases)
    return shares


def short_application(t: Telling, made: Resources, shares: Shares) -> int:
    """The Sports Bureau asks for the divisions for a few seconds; returns its accepted case."""
    duty, matter = t.patiently(lambda: _duty_of(t, "ty_operator"))
    begin = today()
    paper = int(
        t.act(
            "A20",
            "ty_operator",
            "填写申请表：行政区划",
            "access.apply",
            {
                "duty": duty,
                "matter": matter or None,
                "system": shares.system["stranger"],
                "purpose": "核对体育场馆所在区划",
                "period_from": begin,
                "period_to": begin + timedelta(days=1),
                "contact": "朱杰",
                "phone": "0513-86000000",
                "resources": [{"mount": made.mount["division-api"]}],
            },
            key="form-3",
            came="每项资源一件事项，一张申请表",
        ).entry.object_id
    )
    _stamp(t, "ty_operator", paper, "3", "申请表", chief="ty_manager")
    case = t.patiently(lambda: _applications(t, "ty_operator", paper))[0].case_id
    t.act(
        "A21",
        "dsj_operator",
        "受理体育局的申请",
        "application.accept",
        {"opinion": "材料齐全", "checked": CHECKED},
        case=case,
    )
    return case


def _decide(t: Telling, shares: Shares, made: Resources, cases: dict[int, int]) -> None:
    def granted(name: str, who: str, article: str, text: str, given: dict[str, Any]) -> None:
        case = cases[made.mount[name]]
        t.act(article, who, text, "application.grant", given, case=case)
        grant = t.patiently(
            lambda: access.application_facts(t.actor(who), _case(case)).facts["application"].grant
        )
        shares.grant[name], shares.grant_case[name] = grant.pk, grant.case_id

    granted(
        "division-file",
        "dsj_manager",
        "A23",
        "平台授权“行政区划代码”（文件），结果告知民政局",
        {"opinion": "同意"},
    )
    granted(
        "division-api",
        "dsj_manager",
        "A23",
        "平台授权“行政区划代码”（接口）",
        {"opinion": "同意", "per_second": 50},
    )
    api = cases[made.mount["marriage-api"]]
    application = t.patiently(
        lambda: access.application_facts(t.actor("mz_manager"), _case(api)).facts["application"]
    )
    seen = t.do(
        "mz_manager",
        "access.simulate",
        {"application": application.pk, "items": GRANTED, "row_filter": NANTONG},
        key="simulate",
    )
    sample = (seen.result or {}).get("rows", [])[:1]
    t.told(
        "A22",
        t.who("mz_manager"),
        "授权前模拟：住建局将看到什么",
        "　".join(map(str, sample[0])) if sample else "（此前已看过）",
    )
    narrowed = {
        "items": GRANTED,
        "row_filter": NANTONG,
        "opinion": "仅限南通登记机关的记录",
        "ground": "more_than_needed",
        "cites": "登记机关、未列入授权的信息项",
        "reasons": "公租房资格审核只需核对本市登记的婚姻状况，其余信息项不是办理该事项所必需。",
    }
    granted(
        "marriage-api",
        "mz_manager",
        "A22",
        "部分授权“婚姻登记信息”（接口）：减少信息项、脱敏、仅南通",
        {**narrowed, "per_second": 20},
    )
    granted("marriage-table", "mz_manager", "A22", "部分授权“婚姻登记信息”（数据库表）", narrowed)
    reasons = "申请用途为“内部研究参考”，与所列职责“住房保障资格审核”无关，不符合实施细则第三十条。"
    t.act(
        "A22",
        "rs_manager",
        "不予授权“社会保险参保信息”，说明具体理由",
        "application.refuse",
        {"ground": "outside_duty", "cites": "使用目的", "reasons": reasons},
        case=cases[made.mount["insurance-api"]],
        came=f"不予授权：{reasons}",
    )


def _stamp(
    t: Telling, who: str, form: int, key: str, called: str, chief: str = "zj_manager"
) -> None:
    """Print, stamp, scan, seal, submit."""
    t.act(
        "A20",
        who,
        f"打印{called}，盖章",
        "access.print_form",
        {"form": form},
        key=f"print-{key}",
        came="PDF 带编号、版本、二维码和内容指纹",
    )

    def sealed() -> dict[str, Any]:
        paper = access.own_form(t.actor(who), form)
        scan = stamped(access.printed_matter(paper))
        return {
            "form": form,
            "scan": _attached(t, who, f"盖章扫描件{key}.pdf", scan),
            "archive_number": f"ZJ-2026-{key}",
        }

    t.act(
        "A20",
        who,
        f"上传{called}的盖章扫描件，登记原件档号",
        "access.seal_form",
        sealed,
        key=f"seal-{key}",
        came="与打印的内容一致",
    )
    t.act(
        "A20",
        chief,
        f"审核并提交{called}",
        "access.submit_form",
        {"form": form, "opinion": "同意申请"},
        key=f"submit-{key}",
        came="已送市大数据局受理",
    )


def _mounted(t: Telling, who: str, text: str, verb: str, given: Given, key: str = "") -> int:
    name = key or f"{verb}:{given['entry']}"  # type: ignore[index]
    return int(t.act("A13", who, text, verb, given, key=name, came="已挂接").entry.object_id)


def _attached(t: Telling, who: str, name: str, content: bytes) -> int:
    return int(work.attach(t.actor(who), upload=SimpleUploadedFile(name, content)).pk)


def _names(t: Telling, who: str, word: str) -> list[str]:
    return [row.name for row in catalog.search(t.actor(who), word).entries[:5]]


def _applications(t: Telling, who: str, form: int) -> list[Any]:
    return list(access.form_applications(access.own_form(t.actor(who), form)))


def _case(pk: int) -> Any:
    from huitong.kernel.case import Case

    return Case.objects.get(pk=pk)


def _duty_of(t: Telling, who: str) -> tuple[int, int]:
    body = t.actor(who).body
    matter = (
        Matter.objects.filter(duty__body=body, name__contains="公共租赁住房")
        .select_related("duty")
        .first()
        or Matter.objects.filter(duty__body=body).select_related("duty").first()
    )
    if matter is None:
        duty = Duty.objects.filter(body=body).first()
        t.holds(duty, "住建局应登记有职责")
        return duty.pk, 0
    return matter.duty_id, matter.pk


def _divisions(front: Front) -> bytes:
    """The divisions as the department would save them from its own system."""
    book, saved = Workbook(), BytesIO()
    sheet = book.active
    sheet.title = "行政区划代码"
    sheet.append(["区划代码", "名称", "级别", "上级代码"])
    with psycopg.connect(front.admin_url) as db:
        for row in db.execute("SELECT * FROM administrative_division ORDER BY division_code"):
            sheet.append(row)
    book.save(saved)
    return saved.getvalue()
