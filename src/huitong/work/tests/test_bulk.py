"""Several cases at once: what was chosen is shown first, then what became of each."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.cast import Cast
from tests.toy import actions as toy

from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.work import actions
from huitong.work.tests import made

pytestmark = pytest.mark.django_db


def hidden(html: str) -> dict[str, str]:
    """The hidden inputs of the page's form, and the button that confirms."""
    names = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html)
    return {n: v for n, v in names if n in ("bulk", "rows", "once")} | {"confirm": "1"}


def choose(client: Client, *cases: int, url: str = "/todo/", **more: str) -> str:
    rows = {"bulk": "claim", "row": [str(pk) for pk in cases]}
    return client.post(url, rows | more).content.decode()


def held_by(cast: Cast, key: str) -> set[int]:
    return set(Case.objects.filter(holder=cast.person(key).pk).values_list("pk", flat=True))


def test_what_is_chosen_is_shown_before_anything_happens(cast: Cast) -> None:
    one, other, moved = (made.room(cast, name) for name in ("甲甲", "乙乙", "丙丙"))
    toy.lend(cast.civil_manager, moved)
    html = choose(cast.client("civil_manager"), one.pk, other.pk, moved.pk, 999_999)
    assert one.title in html and other.title in html and "确认批量领办 2 件" in html
    assert html.count("已不在列表中") == 2, "the decided one and the one that never was"
    assert not held_by(cast, "civil_manager"), "nothing has happened yet"


def test_nothing_is_done_with_all_under_a_condition_that_cannot_be_read(cast: Cast) -> None:
    """全部 beside a chip that says 甲甲 and a state nobody knows: neither all cases nor some."""
    made.room(cast, "甲甲"), made.room(cast, "乙乙")
    answer = cast.client("civil_manager").post(
        "/todo/?q=甲甲&state=nonsense", {"bulk": "claim", "all": "1"}
    )
    html = answer.content.decode()
    assert answer.status_code == 422 and "不能批量办理" in html and "确认批量领办" not in html
    assert "甲甲" in html and "乙乙" not in html and not held_by(cast, "civil_manager")


@pytest.mark.parametrize("key", ["9" * 25, "0" * 19 + "1" * 30, "0" * 19 + "1" * 5000, "²"])
def test_what_is_no_key_chooses_nothing(cast: Cast, key: str) -> None:
    """Someone posts more digits than a number or a bigint has, behind zeros that hide them."""
    case = made.room(cast, "甲甲")
    answer = cast.client("civil_manager").post("/todo/", {"bulk": "claim", "row": [key, case.pk]})
    assert answer.status_code == 200 and "确认批量领办 1 件" in answer.content.decode()


def test_each_row_is_done_or_refused_with_its_reason_and_can_be_tried_again(cast: Cast) -> None:
    """A colleague is quicker with one of them."""
    one, other = made.room(cast, "甲甲"), made.room(cast, "乙乙")
    client = cast.client("civil_manager")
    confirm = hidden(choose(client, one.pk, other.pk))
    toy.lend(cast.civil_manager, other)
    html = client.post("/todo/", confirm).content.decode()
    assert "已办 1 件，未办 1 件" in html and other.title in html
    assert held_by(cast, "civil_manager") == {one.pk}
    retry = hidden(html)
    again = client.post("/todo/", {"bulk": "claim", "rows": retry["rows"]}).content.decode()
    assert other.title in again and one.title not in again.partition("bulk-rows")[2]


def test_the_same_post_sent_twice_does_nothing_twice(cast: Cast) -> None:
    """The clerk reloads the page of outcomes."""
    cases = [made.room(cast, f"会{n}") for n in range(3)]
    client = cast.client("civil_manager")
    confirm = hidden(choose(client, *(case.pk for case in cases)))
    first = client.post("/todo/", confirm).content.decode()
    again = client.post("/todo/", confirm).content.decode()
    assert "已办 3 件" in first and "已办 3 件" in again
    assert Entry.objects.filter(verb="work.claim").count() == 3


def test_all_that_match_means_those_of_the_filter_on_every_page(cast: Cast) -> None:
    for n in range(25):
        made.room(cast, f"联审{n:02d}")
    left_out = made.room(cast, "另一件")
    client = cast.client("civil_manager")
    html = choose(client, url="/todo/?q=联审", all="1")
    assert "确认批量领办 25 件" in html and left_out.title not in html
    client.post("/todo/?q=联审", hidden(html))
    assert len(held_by(cast, "civil_manager")) == 25


def test_nothing_chosen_says_so_and_loses_no_filter(cast: Cast) -> None:
    answer = cast.client("civil_manager").post("/todo/?q=会&sort=-due", {"bulk": "claim"})
    assert answer.status_code == 302 and answer.url == "/todo/?q=%E4%BC%9A&sort=-due"


@pytest.mark.parametrize(
    "post",
    [{"bulk": "claim", "rows": "forged"}, {"bulk": "claim", "rows": "forged", "confirm": "1"}],
)
def test_rows_that_were_not_signed_are_refused(cast: Cast, post: dict[str, str]) -> None:
    """Somebody writes the confirming page by hand."""
    assert cast.client("civil_manager").post("/todo/", post).status_code == 400


def test_an_act_that_is_not_offered_any_more_is_told(cast: Cast) -> None:
    """The page of outcomes is loaded again after the last row was done."""
    client = cast.client("civil_manager")
    answer = client.post("/todo/?q=会", {"bulk": "unheard_of", "row": "1"})
    assert answer.status_code == 302 and answer.url.startswith("/todo/?q=")
    assert "现在不能办理" in client.get("/todo/").content.decode()


def test_a_foreign_case_in_the_boxes_is_not_even_named(cast: Cast) -> None:
    """The stranger's manager posts the key of a case of others: no title, no act."""
    case = made.room(cast, "内部会议")
    client = cast.client("stranger_manager")
    html = choose(client, case.pk)
    assert case.title not in html and "已不在列表中" in html
    assert Case.objects.get(pk=case.pk).holder is None


def test_who_holds_a_case_already_is_told_before(cast: Cast) -> None:
    case = made.room(cast)
    actions.claim(cast.civil_manager, case=case.pk)
    client = cast.client("civil_manager")
    assert 'name="row"' not in client.get("/todo/").content.decode()
    assert "您已领办" in choose(client, case.pk)
