"""Chapter two: mounting, three ways (A13, A14, A18)."""

from __future__ import annotations

import io
from collections.abc import Callable
from urllib.parse import urlsplit

from openpyxl import Workbook
from tests.browser.desk import Desk
from tests.browser.story import CLEARED, UPDATING

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def mounts(sit: Callable[..., Desk]) -> None:
    """As an API and as a table, granted one by one; as an API and as a file, delegated to the
    platform (A13, A14, A18)."""
    clerk = (
        sit("mz_operator")
        .menu("资源挂接")
        .look("mounts-empty")
        .click("挂接资源")
        .look("mount-choose")
    )
    clerk.click("接口", within="婚姻登记信息").fill(UPDATING).choose("由本部门逐一授权").press(
        "测试数据源"
    ).says("连接成功").look("mount-tested")
    clerk.press("挂接").says("服务中").look("mount")
    clerk.open("/mounts/new/").click("库表", within="婚姻登记信息").fill(UPDATING).choose(
        "由本部门逐一授权"
    ).press("挂接").says("服务中")
    clerk.open("/mounts/new/").click("接口", within="行政区划代码").fill(UPDATING).says(
        "不必选择授权方式"
    ).press("挂接").says("服务中")
    file = {"name": "行政区划代码.xlsx", "mimeType": SPREADSHEET, "buffer": spreadsheet()}
    clerk.open("/mounts/new/").click("文件", within="行政区划代码").look("mount-file").fill(
        {"数据文件": file, **UPDATING}
    )
    clerk.choose(*CLEARED).press("挂接").says("待负责人确认").look("mount-of-file")
    chief = (
        sit("mz_manager")
        .open(urlsplit(clerk.page.url).path)
        .says("确认前不生效")
        .look("mount-to-confirm")
        .click("确认挂接变更")
    )
    chief.choose(*CLEARED).look("mount-confirm").press("确认").agree("挂接变更").says("服务中")
    clerk.menu("资源挂接").look("mounts")


def spreadsheet() -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in (("区划代码", "名称"), ("320600", "南通市"), ("320623", "如东县")):
        book.active.append(row)
    book.save(out)
    return out.getvalue()
