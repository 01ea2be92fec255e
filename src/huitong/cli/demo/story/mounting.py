"""Chapter two: mounting, three ways (A13, A14, A18)."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import psycopg
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from huitong.cli.demo.fronts import Front
from huitong.cli.demo.story.cataloging import CLEARED, Resources
from huitong.cli.demo.story.play import Story, Values
from huitong.work import actions as work

KEEPER = {
    "responsible": "孙秀",
    "trained_on": date(2026, 3, 16),
    "update_method": "业务系统每日写入前置库",
}


def mount(story: Story, published: Resources, front: Front) -> None:
    story.chapter("二、发布：三种方式挂接（第十三条、第十四条、第十八条）")
    where = {"database": published.database["mz"], "schema_name": "public", **KEEPER}
    mounts = published.mount
    mounts["marriage-api"] = _mounted(
        story,
        "mz_operator",
        "“婚姻登记信息”挂接为接口，由本部门逐一授权",
        "publishing.mount_api",
        {
            "entry": published.entry["marriage"],
            "table": "marriage_registration",
            "key": ["registration_no"],
            "authorization": "direct",
            **where,
        },
    )
    mounts["marriage-table"] = _mounted(
        story,
        "mz_operator",
        "“婚姻登记信息”挂接为数据库表，由本部门逐一授权",
        "publishing.mount_table",
        {
            "entry": published.entry["marriage"],
            "table": "marriage_registration",
            "key": ["registration_no"],
            "authorization": "direct",
            **where,
        },
    )
    mounts["division-api"] = _mounted(
        story,
        "mz_operator",
        "“行政区划代码”挂接为接口，整体授权给平台",
        "publishing.mount_api",
        {
            "entry": published.entry["division"],
            "table": "administrative_division",
            "key": ["division_code"],
            "authorization": "delegated",
            **where,
        },
    )
    mounts["division-file"] = _mounted(
        story,
        "mz_operator",
        "“行政区划代码”挂接为文件",
        "publishing.mount_file",
        lambda: {
            "entry": published.entry["division"],
            "file": attach(story, "mz_operator", "行政区划代码.xlsx", _divisions(front)),
            "authorization": "delegated",
            "cleared": CLEARED,
            **KEEPER,
        },
        key=f"publishing.mount_file:{published.entry['division']}",
    )
    story.act(
        "A12",
        "mz_manager",
        "查看文件、确认保密审查后，“行政区划代码”文件开始提供",
        "publishing.confirm_change",
        {"mount": mounts["division-file"], "cleared": CLEARED},
        key="division-file-confirmed",
    )
    mounts["insurance-api"] = _mounted(
        story,
        "rs_operator",
        "“社会保险参保信息”挂接为接口",
        "publishing.mount_api",
        {
            "entry": published.entry["insurance"],
            "database": published.database["rs"],
            "schema_name": "public",
            "table": "social_insurance",
            "key": ["personal_no"],
            "authorization": "direct",
            **KEEPER,
        },
    )


def _mounted(story: Story, who: str, text: str, verb: str, values: Values, key: str = "") -> int:
    name = key or f"{verb}:{values['entry']}"  # type: ignore[index]
    return int(
        story.act("A13", who, text, verb, values, key=name, outcome="已挂接").entry.object_id
    )


def attach(story: Story, who: str, name: str, content: bytes) -> int:
    return int(work.attach(story.actor(who), upload=SimpleUploadedFile(name, content)).pk)


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
