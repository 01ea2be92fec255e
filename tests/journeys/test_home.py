"""The home page of each post: what needs me, what waits for others, what goes wrong, figures that
open their list."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.cast import Cast
from tests.sharing import Sharing

from huitong.access.models import Grant
from huitong.access.rules import S
from huitong.catalog.models import Scan
from huitong.catalog.rules import ScanState
from huitong.kernel.actor import Post
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import writing
from huitong.kernel.manifest import menu
from huitong.kernel.workdays import today
from huitong.planes.gateway.models import Call
from huitong.planes.gateway.rules import Verdict
from huitong.planes.tables.models import Schedule
from huitong.work import actions as work
from huitong.work.tests import made

pytestmark = pytest.mark.django_db

POSTS = (
    "housing_operator",
    "civil_manager",
    "bureau_operator",
    "system_admin",
    "security_admin",
    "audit_admin",
    "platform_operator",
)
#: statements of a home page at most, the frame's and the session's included; each panel asks a
#: fixed number, whatever there is
BUDGET = 40


def home(cast: Cast, key: str) -> str:
    answer = cast.client(key).get("/")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def part(page: str, name: str) -> str:
    """A card of the page by its id; empty when it is not there."""
    return "".join(
        re.findall(rf'<section class="panel "? ?id="{name}">.*?</section>', page, re.S)
    ) or ("".join(re.findall(rf'<section[^>]*id="{name}".*?</section>', page, re.S)))


def make_late(case: Any, days: int = 30) -> None:
    """The limit of a case ran out some days ago."""
    day = today() - timedelta(days)
    with writing("test"):
        Clock.objects.filter(case=case).update(due_on=day, warn_on=day, half_on=day)
        case.due_on = day
        case.save()


def test_what_one_has_begun_is_shown_with_the_desk_it_waits_at_and_since_when(cast: Cast) -> None:
    case = made.room(cast, "协调会")
    own = part(home(cast, "housing_operator"), "elsewhere")
    assert "借用会议室：协调会" in own and "市民政局负责人" in own and str(today()) in own
    assert "借用会议室" in part(home(cast, "housing_manager"), "elsewhere"), "begun in the body"
    assert not part(home(cast, "civil_manager"), "elsewhere"), "it waits for this very person"
    assert not part(home(cast, "stranger_operator"), "elsewhere")
    answer = cast.client("housing_operator").get("/todo/?tab=elsewhere").content.decode()
    assert f"/cases/{case.pk}/" in answer


def test_what_is_late_stands_among_the_troubles_and_names_who_is_accountable(cast: Cast) -> None:
    make_late(made.room(cast, "协调会"))
    assert "其中 1 项由本部门负责" in part(home(cast, "civil_manager"), "troubles")
    assert "由其他部门负责，可以催办" in part(home(cast, "housing_operator"), "troubles")
    page = home(cast, "bureau_manager")
    body = cast.body("civil").pk
    assert f"/limits/?due=overdue&body={body}" in page and "已超期的时限，按责任部门" in page
    answer = cast.client("bureau_manager").get(f"/limits/?due=overdue&body={body}")
    assert "协调会" in answer.content.decode()
    assert "/limits/" not in part(home(cast, "stranger_manager"), "troubles")


def test_an_urging_without_an_answer_needs_the_body_that_is_urged(cast: Cast) -> None:
    case = made.room(cast, "协调会")
    work.urge(cast.housing_operator, case=case.pk, text="请尽快答复，周五开会。")
    needs = part(home(cast, "civil_manager"), "needs")
    assert "答复催办：借用会议室：协调会" in needs and "请尽快答复，周五开会。" in needs
    assert "答复催办" not in part(home(cast, "housing_operator"), "needs")


def test_a_new_city_is_told_where_to_begin(cast: Cast) -> None:
    page = home(cast, "housing_operator")
    assert "/compile/sources/" in part(page, "begin") and "没有待办事项" in part(page, "needs")
    assert "/compile/" not in part(home(cast, "housing_manager"), "begin")
    made.room(cast, "协调会")
    assert not part(home(cast, "housing_operator"), "begin"), "no longer new"
    for post in ("system_admin", "security_admin", "audit_admin", "platform_operator"):
        assert not part(home(cast, post), "begin")


HEADINGS = {
    "housing_operator": {
        "待我办理",
        "共享使用",
        "发起事项",
        "最近消息",
        "数据目录",
        "等待他人办理",
    },
    "system_admin": {"待我办理", "系统管理", "最近消息"},
    "security_admin": {"待我办理", "安全管理", "最近消息"},
    "audit_admin": {"待我办理", "审计", "最近消息"},
}


def test_the_home_page_differs_by_post(cast: Cast, sharing: Sharing) -> None:
    sharing.applied(sharing.mount())
    panels = {key: set(re.findall(r"<h2>(.*?)</h2>", home(cast, key))) for key in POSTS}
    for key, headings in HEADINGS.items():
        assert headings <= panels[key], key
    three = [panels[key] for key in ("system_admin", "security_admin", "audit_admin")]
    assert len({frozenset(one) for one in three}) == 3
    assert not set.union(*three) & {"共享使用", "时限", "数据交换", "数据目录"}, (
        "no business data (A28)"
    )
    assert "全市办理中的申请，按环节" in home(cast, "bureau_operator")
    assert "全市办理中的申请，按环节" not in home(cast, "housing_operator")


def trouble_everywhere(cast: Cast, sharing: Sharing) -> Grant:
    """Everything that can be wrong at once, in one department."""
    grant = sharing.granted(sharing.mount())
    make_late(made.room(cast, "协调会"))
    with writing("test"):
        Scan.objects.create(
            database=sharing.database(), asked_by=cast.civil_operator.person, state=ScanState.FAILED
        )
        for number, verdict in enumerate((Verdict.FAILED, Verdict.NOT_GRANTED, Verdict.ALLOWED)):
            Call.objects.create(
                stream=f"s{number}",
                ended=True,
                at="2099-01-01T00:00:00Z",
                grant=grant,
                verdict=verdict,
            )
        Schedule.objects.create(grant=grant, cycle="1", failures=2)
    return grant


def test_sources_that_do_not_answer_failed_runs_and_refused_calls_are_told_to_their_parties(
    cast: Cast, sharing: Sharing
) -> None:
    trouble_everywhere(cast, sharing)
    provider, consumer = (
        part(home(cast, k), "troubles") for k in ("civil_operator", "housing_operator")
    )
    assert "没有应答的数据库" in provider and "没有应答的数据库" not in consumer
    for page in (provider, consumer):
        assert "重试中的交换任务" in page and "服务出错" in page and "未获授权或授权已终止" in page
        assert "已放行" not in page
    stranger = part(home(cast, "stranger_operator"), "troubles")
    assert "交换任务" not in stranger and "接口调用" not in stranger
    assert "重试中的交换任务" in part(home(cast, "platform_operator"), "troubles")
    assert "服务出错" in part(home(cast, "audit_admin"), "troubles")


def test_a_grant_that_is_suspended_is_told_to_its_consumer(cast: Cast, sharing: Sharing) -> None:
    grant = sharing.granted(sharing.mount())
    with writing("test"):
        grant.case.state = "suspended"
        grant.case.save()
    assert "已暂停的授权" in part(home(cast, "housing_operator"), "troubles")
    assert "已暂停的授权" not in part(home(cast, "civil_operator"), "troubles")
    client = cast.client("housing_operator")
    listed = client.get("/grants/?tab=held&show=stopped").content.decode()
    assert f"/grants/{grant.pk}/" in listed and "情形：已暂停" in listed
    assert f"/grants/{grant.pk}/" not in client.get("/grants/?tab=held&show=soon").content.decode()


@pytest.mark.parametrize("key", POSTS)
def test_every_figure_and_every_point_opens_its_list(
    cast: Cast, sharing: Sharing, key: str
) -> None:
    trouble_everywhere(cast, sharing)
    page = home(cast, key).partition("<main")[2].partition("</main>")[0]
    urls = {unescape(url) for url in re.findall(r'<a [^>]*href="(/[^"]*)"', page)}
    for data in re.findall(r'type="application/json">(.*?)</script>', page, re.S):
        urls |= {point["url"] for point in json.loads(data)["points"] if point["url"]}
    client = cast.client(key)
    broken = {u: s for u in urls if (s := client.get(u, follow=True).status_code) != 200}
    assert urls and broken == {}
    for chart in re.findall(r"<figure.*?</figure>", page, re.S):
        rows = re.findall(r"<tbody>(.*?)</tbody>", chart, re.S)[0].count("<tr>")
        assert rows == chart.count('"label"') == rows and rows, "the table says what the chart says"


def test_a_point_opens_just_what_it_counts(cast: Cast, sharing: Sharing) -> None:
    sharing.applied(sharing.mount())
    page = home(cast, "housing_operator")
    (url,) = set(re.findall(rf"/applications/\?tab=mine&state={S.SUBMITTED.value}", page))
    listed = cast.client("housing_operator").get(url).content.decode()
    assert listed.count("/apply/") >= 1 and S.SUBMITTED.label in listed


@pytest.mark.parametrize("key", POSTS)
def test_the_home_page_asks_as_often_however_much_there_is(
    cast: Cast, sharing: Sharing, key: str
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        return len(queries)

    trouble_everywhere(cast, sharing)
    client = cast.client(key)
    client.get("/")
    few = statements()
    for number in range(5):
        make_late(made.room(cast, f"协调会 {number}"))
    assert statements() <= few <= BUDGET


def test_only_a_page_with_a_chart_loads_the_library(cast: Cast) -> None:
    assert "echarts" in home(cast, "system_admin")
    client = cast.client("system_admin")
    assert all("echarts" not in client.get(url).content.decode() for url in ("/todo/", "/help/"))


#: posts one person may hold together: the administrators (三员) exclude everything else
TOGETHER = [
    {Post.OPERATOR, Post.MANAGER, Post.PLATFORM_OPERATOR},
    {Post.SYSTEM_ADMIN},
    {Post.SECURITY_ADMIN},
    {Post.AUDIT_ADMIN},
]


def test_every_line_of_the_menu_has_a_letter_and_an_icon_no_two_of_one_person_share() -> None:
    for posts in TOGETHER:
        letters = [line.letter for line in menu() if line.posts & posts]
        assert all(re.fullmatch("[a-z]", letter) for letter in letters), "give MenuLine a letter"
        assert len(set(letters)) == len(letters) and "h" not in letters, "h is the home page"
        icons = Counter(line.icon for line in menu() if line.posts & posts)
        assert not [icon for icon, lines in icons.items() if lines > 1], "one icon a line"
