"""A condition of a list that cannot be read narrows nothing, is told, and until it is mended
nothing is taken along: no file holds more than its reader chose."""

from __future__ import annotations

import pytest
from tests.cast import Cast

from huitong.work.tests import made

pytestmark = pytest.mark.django_db
LISTS = [
    ("audit_admin", "/audit/", "since", "gestern"),
    ("audit_admin", "/audit/", "people", "nobody"),
    ("civil_manager", "/todo/", "due", "someday"),
    ("civil_manager", "/limits/", "due", "someday"),
    ("civil_manager", "/notices/", "kind", "nonsense"),
    ("civil_manager", "/orgs/", "kind", "nonsense"),
    ("civil_manager", "/sys/duties/", "q", "长" * 61),
    ("system_admin", "/sys/people/", "q", "长" * 61),
    ("system_admin", "/sys/divisions/", "q", "长" * 61),
    ("security_admin", "/sec/", "q", "长" * 61),
    ("security_admin", "/sec/sessions/", "q", "长" * 61),
    ("civil_operator", "/compile/", "q", "长" * 201),
    ("civil_operator", "/applications/", "state", "nonsense"),
    ("civil_operator", "/grants/", "show", "nonsense"),
    ("civil_operator", "/calls/", "since", "gestern"),
    ("civil_operator", "/calls/", "verdict", "nonsense"),
]


@pytest.mark.parametrize(("who", "path", "field", "text"), LISTS)
def test_it_is_told_and_nothing_is_taken_along(
    cast: Cast, who: str, path: str, field: str, text: str
) -> None:
    client = cast.client(who)
    assert client.get(path).status_code == 200
    for more in ({}, {"format": "csv"}, {"format": "xlsx"}, {"format": "json"}):
        answer = client.get(path, {field: text, **more})
        html = answer.content.decode()
        assert answer.status_code == 422 and "有查询条件无法识别" in html, more
        assert "不能导出" in html and "导出 Excel" not in html and 'class="chip"' not in html


def test_what_can_be_read_still_narrows(cast: Cast) -> None:
    """The ledger by a person and a day nobody can read: what this person did, and the day told."""
    made.room(cast)
    name = cast.person("housing_operator").name
    client = cast.client("audit_admin")
    whole = client.get("/audit/", {"since": "2020-01-01"}).context["list"]
    assert {row["who"] for row in whole.rows} > {name}
    page = client.get("/audit/", {"since": "x", "who": name}).context["list"]
    assert {row["who"] for row in page.rows} == {name}
    assert [chip.label for chip in page.chips] == ["办理人"]
