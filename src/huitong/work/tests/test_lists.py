"""The machinery of lists over real rows: paging by key, order, columns, conditions, files."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from tests.cast import Cast

from huitong.kernel.ledger import writing
from huitong.ui.lists import BulkAct, Column, Keyed, List, Listing, Outcome, United, conditions
from huitong.ui.lists.files import file_of
from huitong.ui.lists.paging import COUNTED
from huitong.ui.moments import ago
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db

NOTICES = List(
    "test.notices",
    "消息",
    (
        Column("number", "编号", "pk", files_only=True),
        Column("title", "标题", sort=("title",), fixed=True),
        Column("person", "收件人", "person.name", sort=("person__name",)),
        Column("read", "读于", "read_at", sort=("read_at",)),
        Column("text", "内容", chosen=False),
        Column("ops", "操作", "pk", page_only=True),
    ),
    size=7,
)
ORDERS = ["", "title", "-title", "person", "-person", "read", "-read"]


class Filter(forms.Form):
    q = forms.CharField(label="标题含", required=False)
    kind = forms.ChoiceField(
        label="类别", required=False, choices=[("", "全部"), ("todo", "待办"), ("result", "结果")]
    )


@pytest.fixture
def rows(cast: Cast) -> list[Notice]:
    """Thirty notices of two people: titles that repeat, most of them unread."""
    people = [cast.person("civil_manager"), cast.person("housing_operator")]
    chance = random.Random(9)
    with writing("test"):
        Notice.objects.bulk_create(
            Notice(
                person=chance.choice(people),
                kind=chance.choice(["todo", "result"]),
                on=date(2026, 11, 1),
                title=f"通知{chance.randrange(9)}",
                read_at=datetime(2026, 11, chance.randrange(1, 5), tzinfo=UTC) if n % 3 else None,
            )
            for n in range(30)
        )
    return list(Notice.objects.all())


def listing(address: str = "", rows: Any = None, spec: List = NOTICES, **more: Any) -> Listing:
    request = RequestFactory().get(f"/list/{address}")
    request.user = AnonymousUser()
    source = Notice.objects.select_related("person").order_by() if rows is None else rows
    return Listing(request, spec, source, **more)


def keyed() -> Keyed:
    """The same rows, put in order by their keys and fetched with their people afterwards."""
    related = Notice.objects.select_related("person")
    return Keyed(related.order_by(), lambda keys: list(related.filter(pk__in=keys)))


def walked(address: str, by: str = "later", **more: Any) -> Iterator[Listing]:
    page = listing(address, **more)
    yield page
    while onward := getattr(page, by):
        page = listing(onward, **more)
        yield page


def keys(pages: Any) -> list[int]:
    return [row.pk for page in pages for row in page.rows]


def as_expected(rows: list[Notice], sort: str) -> list[int]:
    """The order worked out in Python: empty ones last, ties by the youngest."""
    key, down = sort.lstrip("-"), sort.startswith("-")
    value = {
        "": lambda n: 0,
        "title": lambda n: n.title,
        "person": lambda n: n.person.name,
        "read": lambda n: n.read_at,
    }[key]
    youngest = sorted(rows, key=lambda n: -n.pk)
    there = sorted((n for n in youngest if value(n) is not None), key=value, reverse=down)
    if down:  # `reverse` keeps ties in their order, as we want it
        there = sorted((n for n in youngest if value(n) is not None), key=value)
        groups: dict[Any, list[Notice]] = {}
        for n in there:
            groups.setdefault(value(n), []).append(n)
        there = [n for group in reversed(groups.values()) for n in group]
    return [n.pk for n in there + [n for n in youngest if value(n) is None]]


@pytest.mark.parametrize("sort", ORDERS)
@pytest.mark.parametrize("held", ["stored", "keyed", "held"])
def test_every_row_once_in_order_there_and_back(rows: list[Notice], sort: str, held: str) -> None:
    """Over columns that repeat, lie in another table, are empty: the whole list by 7."""
    source = {"stored": None, "keyed": keyed(), "held": rows}[held]
    there = list(walked(f"?sort={sort}", rows=source))
    if held != "held":  # names sort by the database's own collation
        assert sorted(keys(there)) == sorted(n.pk for n in rows)
        if sort.lstrip("-") not in ("title", "person"):
            assert keys(there) == as_expected(rows, sort)
    assert len(keys(there)) == len(set(keys(there))) == 30
    assert [len(page.rows) for page in there] == [7, 7, 7, 7, 2]
    assert [page.first_number for page in there] == [1, 8, 15, 22, 29]
    back = list(walked(there[-1].url(after=there[-2].page.after), "earlier", rows=source))
    assert [keys([page]) for page in reversed(back)] == [keys([page]) for page in there]


@pytest.mark.parametrize("sort", ORDERS)
def test_a_page_asks_once_for_its_rows(rows: list[Notice], sort: str) -> None:
    """Once more where the rows come by their keys, and where they may lack the field."""
    for source in (None, keyed()):
        most = 1 + (source is not None) + (sort.lstrip("-") == "read")
        for page in list(walked(f"?sort={sort}", rows=source)):
            again = listing(page.url(after=page.query.get("after", "")), rows=source)
            with CaptureQueriesContext(connection) as statements:
                names = [row.person.name for row in again.rows]
            assert names and len(statements) <= most


@pytest.mark.parametrize("sort", ORDERS)
def test_a_list_of_nothing_is_empty_and_asks_nothing(rows: list[Notice], sort: str) -> None:
    """As for who may see none: such a queryset has no parts to be united."""
    none = Notice.objects.none()
    bare = none.values_list("title", "pk")
    whole = Notice.objects.values_list("title", "pk")
    for source in (none, none.select_related("person"), Keyed(none, list)):
        page = listing(f"?sort={sort}", rows=source)
        with CaptureQueriesContext(connection) as statements:
            assert list(page.rows) == [] and not statements.captured_queries
    for parts, count in (((bare, bare), 0), ((bare, whole), 30), ((whole, bare, whole), 60)):
        united = United(("title", "pk"), *parts)
        terms = united.terms(["title", "pk"])
        assert len(united.window(terms, None, 0, 99)) == united.count(99) == count


def test_the_order_is_the_databases_own(rows: list[Notice]) -> None:
    for sort in ORDERS:
        whole = listing(f"?sort={sort}&size=200")
        assert keys(walked(f"?sort={sort}")) == keys([whole]), sort


def test_what_comes_in_between_moves_nothing(cast: Cast, rows: list[Notice]) -> None:
    """Somebody reads page 2 while new rows arrive at the top and one of page 1 is deleted."""
    first = listing()
    onward = first.later
    expected = keys([listing(onward)])
    with writing("test"):
        person, on = cast.person("civil_manager"), date(2026, 11, 2)
        Notice.objects.create(person=person, kind="todo", title="新到", on=on)
        Notice.objects.filter(pk=first.rows[0].pk).delete()
    assert keys([listing(onward)]) == expected


@pytest.mark.parametrize(
    "address",
    ["?page=2", "?page=1", "?page=0", "?page=9999999", "?page=x", "?after=forged", "?before=17"],
)
def test_old_and_broken_addresses_find_a_page(rows: list[Notice], address: str) -> None:
    """Bookmarks of before, and what somebody made up: the rows they name, else the first page."""
    page = listing(address)
    assert keys([page]) == keys([list(walked(""))[1 if address == "?page=2" else 0]])


def test_a_place_of_one_order_is_none_in_another(rows: list[Notice]) -> None:
    onward = listing("?sort=title").page.after
    assert keys([listing(f"?sort=read&after={onward}")]) == keys([listing("?sort=read")])


def test_the_state_is_lost_by_nothing(rows: list[Notice]) -> None:
    """Filter, order, columns and size stay through paging, sorting, taking along and keeping."""
    state = "?q=通知&kind=todo&sort=-title&cols=-read,text&size=20"
    page = listing(state, form=Filter({"q": "通知", "kind": "todo"}))
    for address in (
        page.url(after="x"),
        page.url(format="csv"),
        page.own_query,
        *(url for _, url in page.exports),
    ):
        for part in ("q=", "kind=todo", "sort=-title", "cols=-read%2Ctext", "size=20"):
            assert part in address, (part, address)
    assert {name for name, _ in page.hidden} == {"sort", "cols", "size"}, "the form has the rest"
    assert "sort=title" in next(h.url for h in page.headings if h.column.key == "title")


def test_conditions_are_removed_one_by_one(rows: list[Notice]) -> None:
    data = {"q": "通知", "kind": "todo"}
    page = listing("?q=通知&kind=todo&sort=title", form=Filter(data))
    assert [(chip.label, chip.words) for chip in page.chips] == [
        ("标题含", "通知"),
        ("类别", "待办"),
    ]
    assert page.chips[1].url == "?q=%E9%80%9A%E7%9F%A5&sort=title"
    assert page.cleared == "?sort=title"
    assert not listing("?q=", form=Filter({"q": ""})).narrowed


def test_what_cannot_be_read_narrows_nothing_and_what_can_still_does() -> None:
    form = Filter({"q": "通知", "kind": "nonsense"})
    assert conditions(form) == {"q": "通知"} and conditions(Filter()) == {}
    act = BulkAct("accept", "批量受理", lambda *_: Outcome(True))
    page = listing("?q=通知&kind=nonsense", rows=[], form=form, bulk=[act])
    assert [chip.label for chip in page.chips] == ["标题含"]
    assert [label for label, _ in page.faults] == ["类别"] and not page.bulk


def test_columns_are_chosen_by_what_differs(rows: list[Notice]) -> None:
    def names(address: str) -> list[str]:
        return [column.key for column in listing(address).columns]

    assert names("") == ["title", "person", "read", "ops"]
    assert names("?cols=-read,text") == ["title", "person", "text", "ops"]
    assert names("?cols=-title,-nothing") == ["title", "person", "read", "ops"], "fixed stay"
    assert [c.key for c in listing("?cols=-read").file_columns] == ["number", "title", "person"]


@pytest.mark.parametrize(
    "size", ["20", "7", "9", "-1", "x", "99999999999", "0050999999", "0020", "２０", "9" * 5000]
)
def test_only_sizes_on_offer_are_taken(rows: list[Notice], size: str) -> None:
    """Someone forces a page of millions, or more digits than can be a number."""
    assert listing(f"?size={size}").size == (20 if size == "20" else 7)


def content(response: Any) -> bytes:
    try:
        return b"".join(response.streaming_content)
    finally:
        if file := getattr(response, "file_to_stream", None):
            file.close()


def test_files_hold_the_rows_as_narrowed_and_the_columns_as_chosen(rows: list[Notice]) -> None:
    narrowed = Notice.objects.select_related("person").filter(kind="todo")
    page = listing("?sort=-read&cols=-person", rows=narrowed)
    table = list(csv.reader(io.StringIO(content(page.file("csv")).decode("utf-8-sig"))))
    assert table[0] == ["编号", "标题", "读于"]
    assert [int(line[0]) for line in table[1:]] == keys(
        walked("?sort=-read&cols=-person", rows=narrowed)
    )
    items = json.loads(content(page.file("json")))
    assert [item["编号"] for item in items] == [int(line[0]) for line in table[1:]]
    book = load_workbook(io.BytesIO(content(page.file("xlsx"))))
    lines = list(book["列表"].iter_rows(values_only=True))
    assert lines[0] == ("编号", "标题", "读于") and len(lines) == len(table)
    assert isinstance(lines[1][2], datetime), "a moment is a moment, not a text"
    assert json.loads(content(listing(rows=Notice.objects.none()).file("json"))) == []


EVIL = ["=cmd|' /C calc'!A0", "+1", "-2", "@SUM(A1)", "\t=1", "＝1", "a\x00b\x0b", "x" * 40_000]


@pytest.mark.parametrize("text", EVIL, ids=lambda text: repr(text[:6]))
def test_what_others_wrote_runs_in_no_spreadsheet(text: str) -> None:
    """A formula in a title, signs Excel refuses, a text longer than a cell holds."""
    columns = [Column("title", "标题")]
    rows = [{"title": text}]
    line = content(file_of("csv", "x", columns, rows, ())).decode("utf-8-sig").splitlines()[1]
    assert not line.lstrip('"').startswith(("=", "+", "-", "@", "\t", "＝"))
    book = load_workbook(io.BytesIO(content(file_of("xlsx", "x", columns, rows, ()))))
    cell = book["列表"]["A2"]
    assert cell.data_type == "s" and len(cell.value) <= 32_767


def test_a_file_costs_the_same_memory_however_long_it_is() -> None:
    """Rows are asked for while the file is written: none is held for longer than its line."""
    alive, most = 0, 0

    class Line:
        def __init__(self) -> None:
            nonlocal alive, most
            alive += 1
            most = max(most, alive)
            self.title = "标题"

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    for kind in ("csv", "json", "xlsx"):
        alive, most = 0, 0
        response = file_of(kind, "x", [Column("title", "标题")], (Line() for _ in range(3000)), ())
        content(response)
        assert most < 10, kind


@pytest.mark.parametrize("count", [3, 300])
def test_a_page_costs_the_same_whatever_the_list(cast: Cast, count: int) -> None:
    with writing("test"):
        person = cast.person("civil_manager")
        Notice.objects.bulk_create(
            Notice(person=person, kind="todo", title=f"通知{n:03d}", on=date(2026, 11, 1))
            for n in range(count)
        )
    with CaptureQueriesContext(connection) as queries:
        page = listing("?sort=person")
        assert page.total == count and len(page.rows) == min(count, 7)
        assert [column.html(row) for row in page.rows for column in page.columns]
    assert len(queries) == (1 if count < 7 else 2), "one, and one more that counts"


def test_the_number_of_rows_is_exact_up_to_a_limit() -> None:
    page = listing(rows=[{"pk": n, "title": "x"} for n in range(COUNTED + 5)])
    assert page.total_words == f"{COUNTED:,}+"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (timedelta(seconds=-20), "刚刚"),
        (timedelta(minutes=-5), "5 分钟前"),
        (timedelta(hours=-3), "3 小时前"),
        (timedelta(hours=2), "2 小时后"),
        (timedelta(days=-1), "昨天"),
        (timedelta(days=-2), "前天"),
        (timedelta(days=-3), "3 天前"),
        (timedelta(days=12), "12 天后"),
        (timedelta(days=-40), "1 个月前"),
        (timedelta(days=-800), "2 年前"),
    ],
)
def test_moments_are_told_as_people_tell_them(at: timedelta, words: str) -> None:
    now = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    assert ago(now + at, now) == words


def test_days_are_days_of_the_calendar() -> None:
    """Twenty past midnight in Nantong: what happened at eleven in the evening was yesterday."""
    now = datetime(2026, 11, 22, 16, 20, tzinfo=UTC)
    assert ago(now - timedelta(hours=1, minutes=30), now) == "昨天"
    assert ago(date(2026, 11, 23), now) == "今天"
