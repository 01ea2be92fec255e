"""What the page of an entry says of applying for it and of who uses it (A18, A20)."""

from __future__ import annotations

import pytest
from tests.sharing import Sharing

from huitong.access import queries

pytestmark = pytest.mark.django_db


def test_the_page_says_how_an_application_goes_by_when_and_who_uses_it(sharing: Sharing) -> None:
    mount = sharing.mount("marriage", "api")
    client, address = sharing.cast.client("housing_operator"), f"/catalog/{mount.entry_id}/"
    [route] = queries.routes_of([mount])
    page = client.get(address).content.decode()
    assert f'最迟 <b class="text-nowrap">{route["decide_by"]:%Y-%m-%d}</b> 有结果' in page
    assert "受理后由市民政局在 10 个工作日内答复" in page and "还没有部门持有有效授权" in page
    sharing.granted(mount)
    assert "1 个部门持有 1 项有效授权" in client.get(address).content.decode()
    json = client.get(f"/catalog/{mount.entry_id}.json").json()
    assert json["used_by"] == [
        {"body_id": sharing.cast.housing_operator.body, "body": "市住建局", "grants": 1}
    ]
    own = sharing.cast.client("civil_operator").get(address).content.decode()
    assert "申请后怎么办理" not in own and "1 个部门持有" in own
