"""Grants of an older platform as a table brings them in, for tests: one row of Housing's for each
call, and the table as a file."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from openpyxl import Workbook, load_workbook
from tests.sharing import Sharing

from huitong.access import actions
from huitong.access.forms.intake import template
from huitong.access.models import Grant, Intake
from huitong.kernel.case import Case
from huitong.kernel.workdays import today
from huitong.organizations.rules import Sheet
from huitong.publishing.models import Mount

SOURCE = "旧交换平台"


class Bringing:
    """``row(mount)`` is a right row; ``prepared`` and ``confirmed`` are tables of such rows."""

    def __init__(self, sharing: Sharing) -> None:
        self.sharing, self.cast = sharing, sharing.cast
        self.count = 0

    def row(self, mount: Mount | None = None, **changes: str) -> dict[str, str]:
        """A right row of Housing's, by the headings of the template."""
        mount = mount or self.sharing.mount("division", "api")
        self.count += 1
        target = {"前置库": self.sharing.target_database().name} if mount.mode == "table" else {}
        return {
            "原编号": f"JH-2024-{self.count:04}",
            "使用部门": "市住建局",
            "使用数据的信息系统": self.sharing.system().name,
            "履职依据": self.cast.duty("housing").text,
            "事项编码": self.cast.matter("housing").code,
            "资源代码": mount.entry.code or "",
            "方式": {"api": "接口", "table": "库表", "file": "文件"}[mount.mode],
            "使用目的": "核对公共租赁住房申请人情况",
            "有效期自": str(today() - timedelta(300)),
            "有效期至": str(today() + timedelta(60)),
            "决定日期": str(today() - timedelta(310)),
            "决定单位": "提供部门",
            "联系人": "沈佳",
            "联系电话": "0513-85215678",
            **target,
            **changes,
        }

    def of_platform(self, **changes: str) -> dict[str, str]:
        """A row of what the platform decides (A23): in force once it is confirmed."""
        return self.row(self.sharing.mount("division", "api"), **{"决定单位": "平台"} | changes)

    def of_provider(self, **changes: str) -> dict[str, str]:
        """A row of what the provider decides (A22): in force once it agrees."""
        return self.row(self.sharing.mount("marriage", "api"), **changes)

    def prepared(self, *rows: dict[str, str], **more: Any) -> Intake:
        given: dict[str, Any] = {"source": SOURCE, "sheet": Sheet(rows)} | more
        intake = actions.prepare(self.cast.bureau_operator, **given)
        return Intake.objects.select_related("case").get(pk=intake.pk)

    def confirmed(self, *rows: dict[str, str], **more: Any) -> list[Grant]:
        """The grants of these rows, in their order."""
        intake = self.prepared(*rows, **more)
        actions.confirm(self.cast.bureau_manager, intake.case)
        return self.grants(intake)

    @staticmethod
    def grants(intake: Intake) -> list[Grant]:
        rows = intake.rows.select_related("grant__case", "grant__application__case")
        return [row.grant for row in rows if row.grant is not None]

    @staticmethod
    def case(grant: Grant) -> Case:
        return Case.objects.get(pk=grant.case_id)


def workbook(*rows: dict[str, str]) -> bytes:
    """The template with these rows in it."""
    book: Workbook = load_workbook(io.BytesIO(template()))
    page = book.worksheets[0]
    headings = [cell.value for cell in page[1]]
    for row in rows:
        page.append([row.get(str(heading)) for heading in headings])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
