"""Chapter seven: what is doubted and corrected, what is needed, what is in dispute (A24, A25, A27,
A29)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import psycopg

from huitong.cli.demo.fronts import Front
from huitong.cli.demo.stamping import stamped
from huitong.cli.demo.story.applying import duty_of
from huitong.cli.demo.story.arriving import delivered
from huitong.cli.demo.story.deciding import Shares
from huitong.cli.demo.story.mounting import attach
from huitong.cli.demo.story.play import Story
from huitong.cli.processes import write_private
from huitong.demands import queries as demands
from huitong.kernel.case import Case
from huitong.kernel.doing import Done
from huitong.kernel.workdays import load_calendar, today

#: days the registration was entered wrong by
OFF = timedelta(days=30)


def play(story: Story, shares: Shares, source: Front, target: Front) -> None:
    story.chapter("七、疑义、需求和争议（第二十四条、第二十五条、第二十七条、第二十九条）")
    doubt(story, shares, source, target)
    demand(story)
    dispute(story, shares)


def doubt(story: Story, shares: Shares, source: Front, target: Front) -> None:
    """A date that came wrong is doubted, corrected where it arose, and arrives."""
    grant = shares.grant["marriage-table"]
    run = delivered(story, grant, 0)
    number, on = _registration(story, source)

    def report() -> dict[str, Any]:
        return {
            "kind": "content",
            "words": "申请人出示的结婚证上的登记日期与送达的数据不一致",
            "grant": grant,
            "delivery": str(run.key),
            "item": "登记日期",
            "locator": f"登记号 {number[:4]}****{number[-2:]}",
            "held": f"{on}",
            "believed": f"{on - OFF}",
        }

    case = _case(story.act("A29", "zj_operator", "对一行数据提出疑义", "objection.report", report))
    _at(
        story,
        case,
        "A29",
        "mz_operator",
        "核对属实，承诺三日内更正",
        "objection.admit",
        lambda: {"planned_on": today() + timedelta(days=3)},
    )

    def correct() -> None:
        with psycopg.connect(source.admin_url) as db:
            db.execute(
                "UPDATE marriage_registration SET registered_on = %s, updated_at = now()"
                " WHERE registration_no = %s AND registered_on <> %s",
                [on - OFF, number, on - OFF],
            )

    story.retry(correct)
    _at(
        story,
        case,
        "A29",
        "mz_operator",
        "从源头更正，登记更正情况",
        "objection.correct",
        lambda: {"corrected_on": today(), "correction": "已在婚姻登记系统更正登记日期"},
    )
    _at(story, case, "A29", "mz_manager", "确认更正", "objection.confirm")
    story.do("zj_operator", "tables.run_now", {"grant": grant}, key="run-corrected")
    arrived = story.until("更正送达", lambda: _arrived(target, number, on - OFF))
    story.report("A29", "平台", "下一次交换", f"更正后的登记日期已送达住建局：{arrived}")
    _at(story, case, "A29", "zj_operator", "评价：满意", "objection.evaluate", {"satisfied": "yes"})


def demand(story: Story) -> None:
    """What no catalog has is demanded of the body whose duty it is, which promises it."""
    duty, matter = story.retry(lambda: duty_of(story, "zj_operator"))

    def needed() -> dict[str, Any]:
        return {
            "title": "殡葬服务办理信息",
            "items": ["逝者姓名", "逝者身份证号", "火化日期"],
            "duty": duty,
            "matter": matter,
            "purpose": "核销已故承租人的公共租赁住房租约",
            "scenario": "每月核对在租名单",
            "addressed": [story.actor("mz_operator").body],
            "contact": "钱静",
            "phone": "0513-85000000",
        }

    case = _case(
        story.act("A24", "zj_operator", "填写需求：目录中没有的数据", "demand.draft", needed)
    )
    _at(story, case, "A24", "zj_operator", "打印需求申请表，盖章", "demand.print_form")

    def seal() -> dict[str, Any]:
        print_ = demands.printed_matter(demands.demand_of(Case.objects.get(pk=case)))
        return {
            "scan": attach(story, "zj_operator", "需求盖章件.pdf", stamped(print_)),
            "archive_number": "ZJ-2026-3",
        }

    _at(story, case, "A24", "zj_operator", "上传盖章扫描件", "demand.seal", seal)
    _at(story, case, "A24", "zj_manager", "审核并提交需求", "demand.submit")
    _at(
        story,
        case,
        "A25",
        "mz_operator",
        "属本部门职责，承诺两周内发布",
        "demand.promise",
        lambda: {"planned_on": today() + timedelta(days=14)},
    )


def dispute(story: Story, shares: Shares) -> None:
    """The refusal is disputed: the three are convened and say what they think. They meet on a
    later day."""
    about = shares.refused
    case = _case(
        story.act(
            "A27",
            "zj_operator",
            "对不予授权提出争议协商",
            "dispute.draft",
            {
                "about": about,
                "subject": "result",
                "words": "公共租赁住房审核须核对参保单位，用途填写有误，并非内部研究",
                "wish": "同意提供姓名和参保单位两项",
            },
        )
    )
    _at(story, case, "A27", "zj_manager", "审核并提交", "dispute.submit")
    _at(story, case, "A27", "dsj_operator", "召集三方协商", "dispute.convene", _meeting)
    for who, words in (
        ("rs_operator", "用途改为资格审核的，可以提供参保单位"),
        ("zj_operator", "重新申请时写明资格审核"),
    ):
        _at(story, case, "A27", who, "陈述意见", "dispute.present", {"words": words})


def _meeting() -> dict[str, Any]:
    day = load_calendar().after(today(), 1).on
    return {"on": day, "at": "09:30", "place": "市民中心 302 会议室"}


def _at(
    story: Story, case: int, article: str, who: str, text: str, verb: str, values: Any = None
) -> None:
    story.act(article, who, text, verb, values, case=case)


def _case(done: Done) -> int:
    return int(done.entry.case)


def _registration(story: Story, source: Front) -> tuple[str, date]:
    """A registration of Nantong, and the day it had before it was corrected."""
    file = story.data / "run" / "story-doubt"

    def read() -> None:
        with psycopg.connect(source.admin_url) as db:
            row = db.execute(
                "SELECT registration_no, registered_on FROM marriage_registration"
                " WHERE registrar_division = '320613' ORDER BY registration_no DESC LIMIT 1"
            ).fetchone()
        story.check(row, "婚姻登记中应有南通的登记")
        write_private(file, " ".join(map(str, row or ())))

    if not file.exists():
        story.retry(read)
    number, on = file.read_text().split()
    return number, date.fromisoformat(on)


def _arrived(target: Front, number: str, on: date) -> date | None:
    with psycopg.connect(target.admin_url) as db:
        row = db.execute(
            "SELECT registered_on FROM arrivals.marriage_checked WHERE registration_no = %s",
            [number],
        ).fetchone()
    return on if row is not None and row[0] == on else None
