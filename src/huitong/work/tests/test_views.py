"""What people keep of their lists: views under a name, columns, what opens by default."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.cast import Cast

from huitong.kernel.ledger import Entry
from huitong.work.models import SavedView
from huitong.work.tests import made

pytestmark = pytest.mark.django_db

LIST = {"list": "work.todo", "back": "/todo/?tab=todo&q=会"}


def keep(client: Client, act: str, **given: object) -> str:
    answer = client.post("/lists/keep/", LIST | {"act": act} | given)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.url)


def views(cast: Cast, key: str = "civil_manager") -> dict[str, SavedView]:
    rows = SavedView.objects.filter(person=cast.person(key).pk).exclude(name="")
    return {row.name: row for row in rows}


def test_a_view_is_kept_opened_changed_renamed_and_deleted(cast: Cast) -> None:
    made.room(cast, "联审会")
    client = cast.client("civil_manager")
    back = keep(client, "save", name="联审", query="q=联审&sort=-due&cols=-kind")
    view = views(cast)["联审"]
    assert back.endswith(f"view={view.pk}")
    html = client.get("/todo/").content.decode()
    address = re.search(rf'href="([^"]*view={view.pk})"', html)[1].replace("&amp;", "&")
    opened = client.get(address).content.decode()
    assert (
        "联审会" in opened and 'aria-current="true">联审' in opened and "事项类型：" not in opened
    )
    changed = client.get(address.replace("-due", "due")).content.decode()
    assert "联审（已改动）" in changed and "存入改动" in changed
    keep(client, "update", view=view.pk, query="q=联审&sort=due")
    keep(client, "rename", view=view.pk, name="联审会")
    row = views(cast)["联审会"]
    assert (row.pk, row.query) == (view.pk, "q=联审&sort=due")
    keep(client, "delete", view=view.pk)
    assert not views(cast)


def test_the_default_view_opens_when_nothing_is_asked_for(cast: Cast) -> None:
    """And only then: a link with a question, a tab, a way out of the default go where they say."""
    client = cast.client("civil_manager")
    keep(client, "save", name="超期", query="due=overdue", default="1")
    view = views(cast)["超期"]
    assert client.get("/todo/").url == f"/todo/?due=overdue&view={view.pk}"
    for address in ("/todo/?view=", "/todo/?tab=todo", "/todo/?format=csv", "/todo/?q=x"):
        assert client.get(address).status_code == 200, address
    keep(client, "save", name="临期", query="due=near", default="1")
    assert [v.name for v in views(cast).values() if v.default] == ["临期"], "one at most"
    keep(client, "undefault", view=views(cast)["临期"].pk)
    assert client.get("/todo/").status_code == 200


#: lists with a default view: who reads them, where, its key, a condition, the tab of all
DEFAULTS = [
    ("civil_manager", "/exchange/", "tables.exchanges", "show=late", "全部"),
    ("civil_manager", "/calls/", "gateway.calls", "verdict=allowed", "全部"),
    ("civil_manager", "/notices/", "work.notices", "tab=all", "待处理"),
    ("civil_manager", "/catalog/", "catalog.browse", "q=x", ""),
    ("civil_manager", "/orgs/", "organizations.bodies", "kind=department", ""),
]


@pytest.mark.parametrize(("who", "path", "key", "query", "tab"), DEFAULTS)
def test_nobody_is_trapped_in_a_default_view(
    cast: Cast, who: str, path: str, key: str, query: str, tab: str
) -> None:
    """Every way to the list without conditions leads there: its tabs, 重置, a chip taken away, the
    way back from columns; only the address that says nothing opens the view."""
    client = cast.client(who)
    about = {"list": key, "back": path, "act": "save", "name": "默认", "query": query}
    client.post("/lists/keep/", about | {"default": "1"})
    assert client.get(path).status_code == 302, "the default view opens"
    page = client.get(f"{path}?{query}")
    html = page.content.decode()
    assert 'href="?"' not in html and f'href="{path}">重置' not in html
    listing = page.context["list"]
    ways = {listing.only(), listing.url(**{query.partition("=")[0]: None})}
    ways |= {chip.url for chip in listing.chips}
    if tab:
        href = re.search(rf'<a href="([^"]*)"[^>]*>{tab}', html.partition('class="tabs"')[2])
        assert href is not None
        ways.add(href[1])
    assert ways == {"?view="}
    open_list = client.get(f"{path}?view=")
    assert open_list.status_code == 200 and open_list.context["list"].path == f"{path}?view="
    given = {"list": key, "back": f"{path}?sort=x", "act": "choose", "sort": "", "size": ""}
    assert client.post("/lists/keep/", given).url == f"{path}?view="


def test_the_way_out_of_a_search_is_not_its_default_view(cast: Cast) -> None:
    client = cast.client("civil_manager")
    about = {"list": "catalog.browse", "back": "/catalog/", "act": "save", "name": "默认"}
    client.post("/lists/keep/", about | {"query": "q=x", "default": "1"})
    html = client.get("/catalog/?q=nothing-of-this").content.decode()
    assert html.count('href="?view="') >= 2 and "查看全部资源" in html and "重置" in html


def test_columns_of_one_tab_are_not_forgotten_on_another(cast: Cast) -> None:
    """使用部门 is not offered among one's own applications; hidden on another tab it stays hidden."""
    client = cast.client("bureau_operator")
    about = {"list": "access.applications", "act": "choose"}
    first = ["mode", "consumer", "provider", "form"]

    def choose(tab: str, offered: list[str], cols: list[str]) -> str:
        back = {"back": f"/applications/?tab={tab}", "offered": offered, "cols": cols}
        return str(client.post("/lists/keep/", about | back | {"first": first}).url)

    choose("all", [*first, "entered"], ["mode", "provider", "form", "entered"])
    back = choose("mine", ["mode", "provider", "form", "entered"], ["provider", "form"])
    assert back.endswith("cols=-mode%2C-consumer")
    stored = SavedView.objects.get(person=cast.person("bureau_operator").pk, name="")
    assert stored.query == "cols=-mode%2C-consumer"
    choose("all", [*first, "entered"], first)
    assert not SavedView.objects.filter(name="").exists(), "all as at first"


@pytest.mark.parametrize("explicit", [True, False], ids=["kept with its columns", "kept before"])
def test_a_view_of_the_first_columns_brings_them_back(cast: Cast, explicit: bool) -> None:
    """The reader saves a view while nothing was chosen, and later hides a column of the list."""
    made.room(cast)
    client = cast.client("civil_manager")
    query = client.get("/todo/?q=会").context["list"].own_query
    assert query == "q=%E4%BC%9A&cols=-"
    keep(client, "save", name="联审", query=query if explicit else "q=%E4%BC%9A")
    keep(client, "choose", offered=["kind"], first=["kind"], cols=[])
    page = client.get("/todo/?tab=todo").context["list"]
    assert "kind" not in [c.key for c in page.columns]
    [(_, address)] = page.view_links
    opened = client.get(address).context["list"]
    assert "kind" in [c.key for c in opened.columns] and not opened.changed
    assert "kind" in [
        c.key for c in client.get("/todo/" + opened.url(sort="due")).context["list"].columns
    ]


def test_columns_and_size_are_kept_for_the_person_and_the_list(cast: Cast) -> None:
    made.room(cast)
    client = cast.client("civil_manager")
    given = {
        "offered": ["kind", "bodies", "entered", "opened"],
        "first": ["kind", "bodies", "entered"],
        "cols": ["bodies", "entered", "opened"],
        "size": "50",
        "sort": "-entered",
    }
    back = keep(client, "choose", **given)
    assert back == "/todo/?tab=todo&q=%E4%BC%9A&cols=-kind%2Copened&size=50&sort=-entered"

    def heads() -> str:
        html = client.get("/todo/").content.decode()
        return html.partition("<thead>")[2].partition("</thead>")[0]

    assert "发起时间" in heads() and "事项类型" not in heads()
    keep(client, "reset")
    assert "事项类型" in heads()


def test_nobody_touches_the_views_of_others(cast: Cast) -> None:
    keep(cast.client("civil_manager"), "save", name="甲乙视图", query="q=x")
    view = views(cast)["甲乙视图"]
    other = cast.client("housing_operator")
    for act in ("rename", "update", "default", "delete"):
        answer = other.post("/lists/keep/", LIST | {"act": act, "view": view.pk, "name": "抢"})
        assert answer.status_code == 404, act
    assert views(cast)["甲乙视图"].query == "q=x"
    assert "甲乙视图" not in other.get("/todo/").content.decode()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"act": "save", "name": ""}, "名称"),
        ({"act": "save", "name": "长" * 41}, "40"),
        ({"act": "save", "name": "x", "query": "q=" + "x" * 1000}, "1000"),
        ({"act": "save", "name": "x", "list": "../../etc"}, ""),
    ],
)
def test_what_cannot_be_kept_is_said_and_loses_nothing(
    cast: Cast, given: dict[str, str], words: str
) -> None:
    client = cast.client("civil_manager")
    answer = client.post("/lists/keep/", LIST | given, follow=True)
    assert answer.status_code == 200 and not views(cast)
    assert words in answer.content.decode()


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", "", "x"]
)
def test_the_way_back_leads_nowhere_else(cast: Cast, back: str) -> None:
    answer = cast.client("civil_manager").post(
        "/lists/keep/", {"list": "work.todo", "act": "choose", "back": back}
    )
    assert answer.url == "/"


def test_what_somebody_looks_for_stands_in_no_ledger(cast: Cast) -> None:
    keep(cast.client("civil_manager"), "save", name="找人", query="q=张三丰")
    entry = Entry.objects.get(verb="work.save_view")
    assert "张三丰" not in str(entry.as_dict())


@pytest.mark.parametrize(
    ("who", "address", "key"),
    [
        ("civil_operator", "/mounts/", "publishing.mounts"),
        ("civil_operator", "/notices/", "work.notices"),
    ],
)
def test_taking_along_who_is_responsible_or_did_something_is_recorded(
    cast: Cast, who: str, address: str, key: str
) -> None:
    """Lists of other things that name people: who keeps a resource up to date, who handed over."""
    assert cast.client(who).get(f"{address}?format=csv").status_code == 200
    assert Entry.objects.get(verb="work.export_list").after["list"] == key


def test_taking_along_a_list_of_people_is_recorded(cast: Cast) -> None:
    client = cast.client("system_admin")
    assert client.get("/sys/people/?format=csv").status_code == 200
    entry = Entry.objects.get(verb="work.export_list")
    assert (entry.after["list"], entry.after["kind"]) == ("organizations.people", "csv")
    client.get("/orgs/?format=csv")
    assert Entry.objects.filter(verb="work.export_list").count() == 1, "bodies are no people"
