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
from huitong.cli.demo.story.play import Story
from huitong.kernel.workdays import today
from huitong.organizations.models import Duty, Matter

#: what is applied for, as people call it
TITLES = {
    "marriage-api": "“婚姻登记信息”（接口）",
    "marriage-table": "“婚姻登记信息”（数据库表）",
    "division-file": "“行政区划代码”（文件）",
    "division-api": "“行政区划代码”（接口）",
    "insurance-api": "“社会保险参保信息”（接口）",
}

#: what an application says of the personal data it asks for
HANDLING = {
    "legal_basis": "duty",
    "impact_purpose": "审核公租房保障资格是法定职责；只取核对所必需的信息，逐件查询，不批量留存。",
    "impact_effect": "泄露会暴露申请人的婚姻、户籍和参保情况；只供窗口核对，查询留痕，风险低。",
    "impact_measures": "姓名、证件号码脱敏；专人专号，操作留日志，离岗即停用账号，用毕不另存。",
}

#: what the bureau's clerk has looked at before accepting
CHECKED = ["stamp", "legible", "duty", "content"]


def apply(story: Story, published: Resources, arrivals: Front) -> Shares:
    story.chapter("三、申请、受理、授权（第十九条至第二十三条）")
    who, shares = "zj_operator", Shares()
    for word in ("婚姻", "行政区划"):
        names = story.retry(partial(_names, story, who, word))
        story.check(names, f"检索“{word}”应有结果")
        story.report("A20", story.who(who), f"检索“{word}”", "、".join(names))
    shares.system["housing"] = int(
        story.act(
            "A28",
            who,
            "登记信息系统“公租房管理系统”（等保三级备案）",
            "catalog.register_system",
            {
                "name": "公租房管理系统",
                "protection_level": "三级",
                "protection_filing": "32060013001-26001",
            },
            outcome="已登记",
        ).entry.object_id
    )
    shares.system["stranger"] = int(
        story.do(
            "ty_operator",
            "catalog.register_system",
            {
                "name": "体育场馆预约系统",
                "protection_level": "二级",
                "protection_filing": "32060013001-26002",
            },
            key="ty-system",
        ).entry.object_id
    )
    target = int(
        story.act(
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
            outcome="连接成功，密码已加密保存",
        ).entry.object_id
    )
    duty, matter = story.retry(lambda: duty_of(story, who))
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
        **HANDLING,
    }
    resources = [
        {"mount": published.mount["marriage-api"], "frequency": "每个工作日约 200 次"},
        {
            "mount": published.mount["marriage-table"],
            "frequency": "每日一次",
            "target": target,
            "target_table": "marriage_checked",
        },
        {"mount": published.mount["division-file"], "frequency": "每月一次"},
        {"mount": published.mount["division-api"], "frequency": "每日约 50 次"},
    ]
    shares.form = int(
        story.act(
            "A20",
            who,
            "填写申请表一：婚姻登记、行政区划，写明职责、用途、期限",
            "access.apply",
            {**form, "resources": resources},
            key="form-1",
            outcome="每项资源一件事项，一张申请表",
        ).entry.object_id
    )
    second_form = int(
        story.act(
            "A20",
            who,
            "填写申请表二：社会保险参保信息，用途是“内部研究参考”",
            "access.apply",
            {
                **form,
                "purpose": "了解申请人参保单位情况，供内部研究参考",
                "resources": [{"mount": published.mount["insurance-api"]}],
            },
            key="form-2",
            outcome="每项资源一件事项，一张申请表",
        ).entry.object_id
    )
    for paper, key, called in ((shares.form, "1", "申请表一"), (second_form, "2", "申请表二")):
        _stamp(story, who, paper, key, called)
    cases = {
        a.mount_id: a.case_id
        for paper in (shares.form, second_form)
        for a in story.retry(partial(_applications, story, who, paper))
    }
    for name, called in TITLES.items():
        story.act(
            "A21",
            "dsj_operator",
            f"受理{called}的申请",
            "application.accept",
            {"opinion": "材料齐全", "checked": CHECKED},
            case=cases[published.mount[name]],
        )
    decide(story, shares, published, cases)
    return shares


def short_application(story: Story, published: Resources, shares: Shares) -> int:
    """The Sports Bureau asks for the divisions for a few seconds; returns its accepted case."""
    duty, matter = story.retry(lambda: duty_of(story, "ty_operator"))
    begin = today()
    paper = int(
        story.act(
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
                "resources": [{"mount": published.mount["division-api"]}],
            },
            key="form-3",
            outcome="每项资源一件事项，一张申请表",
        ).entry.object_id
    )
    _stamp(story, "ty_operator", paper, "3", "申请表", chief="ty_manager")
    case = story.retry(lambda: _applications(story, "ty_operator", paper))[0].case_id
    story.act(
        "A21",
        "dsj_operator",
        "受理体育局的申请",
        "application.accept",
        {"opinion": "材料齐全", "checked": CHECKED},
        case=case,
    )
    return case


def _stamp(
    story: Story, who: str, form: int, key: str, called: str, chief: str = "zj_manager"
) -> None:
    """Print, stamp, scan, seal, submit."""
    story.act(
        "A20",
        who,
        f"打印{called}，盖章",
        "access.print_form",
        {"form": form},
        key=f"print-{key}",
        outcome="PDF 带编号、版本、二维码和内容指纹",
    )

    def sealed() -> dict[str, Any]:
        paper = access.own_form(story.actor(who), form)
        scan = stamped(access.printed_matter(paper))
        return {
            "form": form,
            "scan": attach(story, who, f"盖章扫描件{key}.pdf", scan),
            "archive_number": f"ZJ-2026-{key}",
        }

    story.act(
        "A20",
        who,
        f"上传{called}的盖章扫描件，登记原件档号",
        "access.seal_form",
        sealed,
        key=f"seal-{key}",
        outcome="与打印的内容一致",
    )
    story.act(
        "A20",
        chief,
        f"审核并提交{called}",
        "access.submit_form",
        {"form": form, "opinion": "同意申请"},
        key=f"submit-{key}",
        outcome="已送市大数据局受理",
    )


def _names(story: Story, who: str, word: str) -> list[str]:
    return [row.name for row in catalog.search(story.actor(who), word)[:5]]


def _applications(story: Story, who: str, form: int) -> list[Any]:
    return list(access.form_applications(access.own_form(story.actor(who), form)))


def duty_of(story: Story, who: str) -> tuple[int, int]:
    body = story.actor(who).body
    matter = (
        Matter.objects.filter(duty__body=body, name__contains="公共租赁住房")
        .select_related("duty")
        .first()
        or Matter.objects.filter(duty__body=body).select_related("duty").first()
    )
    if matter is None:
        duty = Duty.objects.filter(body=body).first()
        story.check(duty, "住建局应登记有职责")
        return duty.pk, 0
    return matter.duty_id, matter.pk
