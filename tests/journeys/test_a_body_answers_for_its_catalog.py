"""A body names its task force, files its standards and dictionaries, and only then its entries go
to review: by page, API and command (A5, A9)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cast import Cast
from tests.journeys.doors import Api, Command, Door, Page

from huitong.catalog.models import CodeList, Entry, Requirement, Standard
from huitong.catalog.tests.marriage import drafted
from huitong.kernel.workdays import today
from huitong.organizations.models import TaskForce

pytestmark = pytest.mark.django_db
CLEARED = ["state", "work"]
TASK_FORCE: dict[str, Any] = {
    "leader": "陈副局长",
    "office": "综合处",
    "technical_unit": "市体育信息中心",
    "members": [{"name": "王工", "role": "数据专员", "phone": "051312345678"}],
}
STANDARD = {"number": "TY/T 1001-2026", "name": "体育场馆数据元", "kind": "department"}
#: what every body may have as it is
FOR_ALL: dict[str, Any] = {"share_class": "1", "shapes": [], "condition": ""}
VALUES = [{"code": "1", "label": "体育馆"}, {"code": "2", "label": "游泳馆"}]


class Pages(Page):
    """The pages of this story."""

    def _require(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        return self._post(who, f"/catalog/checks/rules/{given.pop('rule')}/require/", given)

    def _set_task_force(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        rows = _columns("members", given.pop("members"))
        return self._post(who, f"/orgs/{given.pop('body')}/task-force/", given | rows)

    def _register_standard(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        return self._post(who, "/catalog/standards/new/", given)

    def _register_code_list(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        rows = _columns("values", given.pop("values"))
        return self._post(who, "/catalog/code-lists/new/", given | rows)


def _columns(part: str, rows: list[dict[str, str]]) -> dict[str, list[str]]:
    """Rows as a grid posts them: column by column."""
    return {f"{part}.{name}": [row[name] for row in rows] for name in rows[0]}


@pytest.fixture(params=["page", "api", "cli"])
def door(
    request: pytest.FixtureRequest,
    cast: Cast,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Door:
    # the command starts no database of its own
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    return {
        "page": lambda: Pages(cast),
        "api": lambda: Api(cast),
        "cli": lambda: Command(cast, capsys),
    }[request.param]()


def test_a_body_without_a_task_force_submits_nothing_once_the_city_asks_for_one(
    door: Door, cast: Cast
) -> None:
    entry: Entry = drafted(cast.stranger_operator, "体育场馆信息")
    given = {"in_force": today().isoformat(), "document": "通数据〔2026〕3号"}
    for who in ("stranger_manager", "bureau_manager"):
        assert door.do(who, "catalog.require", rule="no_task_force", **given) == 403, who
    assert door.do("bureau_operator", "catalog.require", rule="no_task_force", **given) == 200
    assert Requirement.objects.get(rule="no_task_force").own
    assert door.do("stranger_operator", "entry.submit", entry.case_id, cleared=CLEARED) == 422
    assert "工作专班" in door.text
    own = {"body": cast.body("stranger").pk, **TASK_FORCE}
    assert door.do("civil_manager", "organizations.set_task_force", **own) == 403
    assert door.do("stranger_manager", "organizations.set_task_force", **own) == 200, door.text
    assert TaskForce.objects.get(body=cast.body("stranger")).office == "综合处"
    assert door.do("stranger_operator", "entry.submit", entry.case_id, cleared=CLEARED) == 200


def test_dictionary_and_standard_come_with_the_entry_and_are_filed(door: Door, cast: Cast) -> None:
    entry: Entry = drafted(cast.stranger_operator, "体育场馆信息", standard="", **FOR_ALL)
    assert door.do("stranger_operator", "entry.submit", entry.case_id, cleared=CLEARED) == 422
    assert "数据标准" in door.text
    standard = STANDARD | {"in_force": today().isoformat()}
    assert door.do("bureau_operator", "catalog.register_standard", **standard) == 200, door.text
    assert Standard.objects.get(number=STANDARD["number"]).filed_at
    again = standard | {"name": "又一份"}
    assert door.do("stranger_operator", "catalog.register_standard", **again) == 422
    own = standard | {"number": "Q/TY 1-2026"}
    assert door.do("stranger_manager", "catalog.register_standard", **own) == 403
    assert door.do("stranger_operator", "catalog.register_standard", **own) == 200, door.text
    codes = {"name": "场馆类型", "in_force": today().isoformat(), "values": VALUES}
    assert door.do("stranger_operator", "catalog.register_code_list", **codes) == 200, door.text
    filed = CodeList.objects.get(name="场馆类型")
    assert filed.filed_at and filed.body_id == cast.body("stranger").pk
    title = filed.versions.get().title
    items = [
        {
            "name": "场馆编号",
            "column": "no",
            "is_key": True,
            "level": "2",
            "share_class": "1",
            "mask": "",
        },
        {
            "name": "场馆类型",
            "column": "kind",
            "level": "2",
            "share_class": "1",
            "mask": "",
            "code_list": title,
            "standard": "Q/TY 1-2026",
        },
    ]
    given = {"standard": "Q/TY 1-2026", "items": items}
    assert door.do("stranger_operator", "entry.edit", entry.case_id, **given) == 200, door.text
    for who, verb, more in (
        ("stranger_operator", "submit", {"cleared": CLEARED}),
        ("stranger_manager", "pass_department", {"cleared": CLEARED}),
        ("bureau_operator", "pass_bureau", {}),
        ("stranger_operator", "publish", {}),
    ):
        assert door.do(who, f"entry.{verb}", entry.case_id, **more) == 200, door.text
    assert door.read("housing_operator", entry.pk) == 200
    assert title in door.text and "Q/TY 1-2026" in door.text, "part of the catalog"
