"""No row of any table lets data out beyond its period or beyond what is published; and a table of a
thousand rows costs as many queries as one of ten (A8, A26, A30)."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.bringing import SOURCE, Bringing
from tests.sharing import Sharing

from huitong.access import actions, queries
from huitong.access.models import Grant
from huitong.access.rules import G
from huitong.kernel import doing
from huitong.kernel.procedure import Problem
from huitong.kernel.workdays import SHANGHAI, today
from huitong.organizations.rules import Sheet
from huitong.publishing import queries as publishing
from huitong.scope import from_json, widens

pytestmark = pytest.mark.django_db
ITEMS = ("", "登记日期", "登记日期、登记机关区划", "男方身份号码", "登记日期、户籍地")
ROWS = ("", "登记机关区划 开头 3206", "男方身份号码 = 1", "登记日期 ≥ 昨天", "户籍地 = 3")
#: first and last day, counted from today
PERIODS = ((-300, 60), (-300, -1), (-300, 0), (5, 60), (60, -300))


@pytest.fixture
def bringing(sharing: Sharing) -> Bringing:
    return Bringing(sharing)


def served_on(days: int) -> set[int]:
    noon = datetime.combine(today() + timedelta(days), datetime.min.time(), SHANGHAI)
    return {live.grant for live in queries.live_grants(noon + timedelta(hours=12))}


def test_no_row_lets_data_out_beyond_its_period_or_what_is_published(bringing: Bringing) -> None:
    """Every combination of items, rows, period and end: refused, or served inside both, and only
    once the provider has agreed."""
    mount, cast = bringing.sharing.mount("marriage", "api"), bringing.cast
    base = publishing.base_scope(mount)
    rows = [
        bringing.row(
            mount,
            信息项=items,
            数据行条件=condition,
            有效期自=str(today() + timedelta(first)),
            有效期至=str(today() + timedelta(last)),
            决定日期=str(today() - timedelta(310)),
            是否已结束=ended,
        )
        for items, condition, (first, last), ended in product(ITEMS, ROWS, PERIODS, ("", "是"))
    ]
    grants = bringing.confirmed(*rows, leave_out=True)
    assert 10 < len(grants) < len(rows)
    assert not served_on(0)
    for grant in grants:
        assert not widens(base, from_json(grant.scope))
        if grant.case.state == G.TO_AGREE:
            actions.agree(cast.civil_manager, grant.case)
        else:
            assert grant.case.state == G.EXPIRED
    for days in (-400, -301, -300, -1, 0, 1, 4, 5, 60, 61):
        on = today() + timedelta(days)
        expected = {
            g.pk for g in grants if g.case.state != G.EXPIRED and g.valid_from <= on <= g.valid_to
        }
        assert served_on(days) == expected, days


CELLS = st.text(
    st.sampled_from("0123456789-年月日.、；=≥开头属于登记日期机关区划是否平台 '\"\n\\{}[]"),
    max_size=30,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cells=st.dictionaries(
        st.sampled_from(("信息项", "数据行条件", "有效期自", "有效期至", "是否已结束", "决定单位")),
        CELLS,
    )
)
def test_whatever_is_typed_is_refused_by_its_cell_or_inside_what_is_published(
    bringing: Bringing, cells: dict[str, str]
) -> None:
    mount = bringing.sharing.mount("marriage", "api")
    sheet = Sheet([bringing.row(mount, **cells)])
    check = queries.check_intake(bringing.cast.bureau_operator, SOURCE, sheet)
    assert len(check.grants) + check.wrong_rows == 1
    for old in check.grants:
        assert not widens(publishing.base_scope(mount), from_json(old.scope))
        assert old.footing == "over" or old.valid_to >= today()


def test_a_thousand_rows_cost_the_queries_of_ten(bringing: Bringing) -> None:
    """Checking, preparing and looking at the case; confirming asks by the batch."""
    mounts = [bringing.sharing.mount("division", "api"), bringing.sharing.mount("marriage", "api")]

    def table(number: int) -> Sheet:
        return Sheet([bringing.row(mounts[n % 2]) for n in range(number)])

    def cost(act: Any) -> int:
        with CaptureQueriesContext(connection) as statements:
            act()
        return len(statements)

    clerk = bringing.cast.bureau_operator
    few, many = table(10), table(1000)
    assert cost(lambda: queries.check_intake(clerk, SOURCE, few)) < 15
    assert cost(lambda: queries.check_intake(clerk, SOURCE, few)) == cost(
        lambda: queries.check_intake(clerk, SOURCE, many)
    )
    small = cost(lambda: bringing.prepared(*few.rows))
    large = cost(lambda: bringing.prepared(*many.rows))
    assert large <= small + 2
    first, second = (row.case for row in queries.intakes_visible_to(clerk).order_by("pk"))
    manager = bringing.cast.bureau_manager
    small = cost(lambda: actions.confirm(manager, first))
    large = cost(lambda: actions.confirm(manager, second))
    assert large <= small + 40, (small, large)
    assert Grant.objects.count() == 1010


def test_only_a_confirmed_table_makes_what_is_brought_in(bringing: Bringing) -> None:
    """No door offers the verbs that make applications and grants of rows; none does by itself."""
    for name in ("application.bring_in", "grant.bring_in"):
        assert not doing.VERBS[name].offered
    check = queries.check_intake(
        bringing.cast.bureau_operator, SOURCE, Sheet([bringing.of_platform()])
    )
    with pytest.raises(Problem):
        doing.VERBS["application.bring_in"].run(bringing.cast.bureau_manager, old=check.grants[0])
    with pytest.raises(Problem):
        doing.VERBS["grant.bring_in"].run(
            bringing.cast.bureau_manager, old=check.grants[0], application=1
        )
    assert not Grant.objects.exists()
