"""From form to live grant, and everything that must not happen on the way (A18-A23, A30)."""

from __future__ import annotations

import pytest
from tests.sharing import Sharing

from huitong.access import queries
from huitong.access.rules import S

pytestmark = pytest.mark.django_db


def test_the_whole_way(sharing: Sharing):
    grant = sharing.granted(items=["男方姓名", "登记日期"], row_filter={"op": "prefix", "item": "登记机关区划", "value": {"text": "3206"}},
                            per_day=1000)
    [live] = queries.live_grants()
    assert live.grant == grant.pk and live.parsed.items == ("男方姓名", "登记日期")
    assert [i.column for i in live.items] == ["m_name", "reg_date", "area"] and live.key == ("reg_no",)
    assert sharing.case(grant.application).state == S.GRANTED
