"""Chapter three: searching, applying on paper, accepting (A19-A21)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from huitong.access import queries as access
from huitong.catalog import queries as catalog
from huitong.cli.demo.fronts import Front
from huitong.cli.demo.stamping import stamped
from huitong.cli.demo.story.cataloging import Resources
from huitong.cli.demo.story.deciding import Shares, decide
from huitong.cli.demo.story.mounting import attach
from huitong.cli.demo.story.telling import Telling
from huitong.kernel.workdays import today
from huitong.organizations.models import Duty, Matter

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
    decide(t, shares, made, cases)
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
            "scan": attach(t, who, f"盖章扫描件{key}.pdf", scan),
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


def _names(t: Telling, who: str, word: str) -> list[str]:
    return [row.name for row in catalog.search(t.actor(who), word).entries[:5]]


def _applications(t: Telling, who: str, form: int) -> list[Any]:
    return list(access.form_applications(access.own_form(t.actor(who), form)))


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
