"""Chapters five and six: rows arrive in the consumer's own database, and a file is downloaded
(A13, A28, A30)."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import psycopg
from django.conf import settings

from huitong.access import queries as access
from huitong.cli.demo.fronts import Front
from huitong.cli.demo.story.calling import credential, token
from huitong.cli.demo.story.deciding import Shares
from huitong.cli.demo.story.play import Story
from huitong.cli.processes import write_private
from huitong.organizations import queries as organizations
from huitong.planes.tables import queries as tables

COUNT = "SELECT count(*) FROM marriage_registration WHERE registrar_division LIKE '3206%%'"


def rows(story: Story, shares: Shares, source: Front, target: Front) -> None:
    story.chapter("五、库表：送达住建局自己的前置库，双方对账（第十三条、第三十条）")
    story.once("首次送达", lambda: first(story, shares, source, target))
    changed(story, shares, source, target)


def first(story: Story, shares: Shares, source: Front, target: Front) -> None:
    """All granted rows, in agreement on both sides, masked."""
    run = delivered(story, shares.grant["marriage-table"], 0)
    story.check(
        run.source_checksum == run.target_checksum and run.source_checksum, "两侧校验值应一致"
    )
    rows_at_source = _all(story, source.admin_url, COUNT)[0][0]
    rows_at_target = _all(
        story, target.admin_url, "SELECT count(*) FROM arrivals.marriage_checked"
    )[0][0]
    story.check(
        rows_at_source == rows_at_target == run.rows > 0,
        f"两侧行数应一致：{rows_at_source} {rows_at_target} {run.rows}",
    )
    story.report(
        "A30",
        "平台",
        "按授权送达“婚姻登记信息”",
        f"{rows_at_target} 行；两侧校验值一致：{run.source_checksum.rpartition(':')[2][:16]}…",
    )
    sample = _all(story, target.admin_url, "SELECT * FROM arrivals.marriage_checked LIMIT 1")
    story.check("*" in str(sample[0]), "送达的数据应已脱敏")


def changed(story: Story, shares: Shares, source: Front, target: Front) -> None:
    """A row corrected and a row deleted at the source are so at the consumer's after the next
    run."""
    grant, file = shares.grant["marriage-table"], story.data / "run" / "story-rows"
    if not file.exists():
        numbers = _all(
            story,
            source.admin_url,
            "SELECT registration_no FROM marriage_registration WHERE registrar_division = '320613'"
            " ORDER BY registration_no LIMIT 2",
        )
        write_private(
            file,
            " ".join([str(delivered(story, grant, 0, newest=True).pk), *(no for (no,) in numbers)]),
        )
    before, *chosen = file.read_text().split()

    def change() -> None:
        with psycopg.connect(source.admin_url) as db:
            db.execute(
                "UPDATE marriage_registration SET marital_status = '无效', updated_at = now() WHERE"
                " registration_no = %s AND marital_status <> '无效'",
                [chosen[0]],
            )
            db.execute("DELETE FROM marriage_registration WHERE registration_no = %s", [chosen[1]])

    story.retry(change)
    story.report(
        "A14", "市民政局业务系统", "源库中更正一行、删除一行", f"{chosen[0]} 更正，{chosen[1]} 删除"
    )
    story.do("zj_operator", "tables.run_now", {"grant": grant}, key="run-now")
    again = delivered(story, grant, int(before))
    story.check(
        again.updated >= 1 and again.deleted >= 1,
        f"下一次应更新并删除：{again.updated} {again.deleted}",
    )
    arrived = dict(
        _all(
            story,
            target.admin_url,
            "SELECT registration_no, marital_status FROM arrivals.marriage_checked WHERE"
            " registration_no = ANY(%s)",
            chosen,
        )
    )
    story.check(arrived == {chosen[0]: "无效"}, f"更正应到达，删除应消失：{arrived}")
    story.report(
        "A29",
        "平台",
        "下一次交换",
        f"更新 {again.updated} 行、删除 {again.deleted} 行，两侧仍一致（{again.rows} 行）",
    )


def file(story: Story, shares: Shares) -> None:
    story.chapter("六、文件：下载并核对校验值；收回授权（第十三条、第二十八条）")
    grant = shares.grant["division-file"]
    fact = story.retry(
        lambda: next(
            live.file for live in access.live_grants() if live.grant == grant and live.file
        )
    )
    where = f"{settings.PUBLIC_URL}/api/files/{grant}"
    bearer = token(story, credential(story, "zj_operator", shares.system["housing"]))
    answer = story.ask(
        lambda: httpx.get(
            where, headers={"Authorization": f"Bearer {bearer}"}, timeout=30, trust_env=False
        )
    )
    story.check(answer.status_code == 200, f"应可下载：{answer.status_code} {answer.text[:200]}")
    digest = hashlib.sha256(answer.content).hexdigest()
    story.check(digest == fact.sha256, "文件校验值应与目录公布的一致")
    story.report(
        "A30",
        "公租房管理系统",
        "下载“行政区划代码.xlsx”",
        f"{len(answer.content)} 字节，SHA-256 与公布值一致：{digest[:16]}…",
    )
    stranger = token(story, credential(story, "ty_operator", shares.system["stranger"]))
    refusal = story.ask(
        lambda: httpx.get(
            where, headers={"Authorization": f"Bearer {stranger}"}, timeout=30, trust_env=False
        )
    )
    story.check(refusal.status_code in (403, 404), f"未获授权者应被拒绝：{refusal.status_code}")
    story.report(
        "A30", "体育场馆预约系统（未获授权）", "下载同一文件", f"{refusal.status_code}，已拒绝"
    )


def delivered(story: Story, grant: int, after: int, newest: bool = False) -> Any:
    """The first (or newest) run after that one that was delivered, waited for."""

    def look() -> Any:
        runs = [
            run
            for run in tables.runs_of(tables.schedule_for(organizations.platform(), grant))
            if run.pk > after
        ]
        story.check(
            not any(run.state == "failed" and not run.active for run in runs[:1])
            or runs[0].attempts < 3,
            f"交换失败：{[r.problem for r in runs]}",
        )
        return next(
            (run for run in (runs if newest else reversed(runs)) if run.state == "delivered"), None
        )

    def patient() -> Any:
        from huitong.kernel.procedure import NotVisible

        try:
            return look()
        except NotVisible:  # the schedule is made by a reaction to the grant
            return None

    return story.until("库表送达", patient)


def _all(story: Story, url: str, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    def read() -> list[tuple[Any, ...]]:
        with psycopg.connect(url) as db:
            return db.execute(query, parameters).fetchall()

    return story.retry(read)
