"""Finding things as people look for them: what is marked, entries by their items, suggestions,
bodies in letters, following an entry; by page, API and command (A20)."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.cast import Cast
from tests.thawing import thawed

from huitong.catalog import actions, queries
from huitong.catalog.management.follower import Follower
from huitong.catalog.models import ChangeSet, Entry, EntryFollow, Version
from huitong.catalog.queries import index
from huitong.catalog.queries.follows import followers_of_entry
from huitong.catalog.rules.sheets import SheetFile
from huitong.catalog.tests.marriage import ITEMS, published
from huitong.cli.commands import catalog as command
from huitong.cli.processes import CannotRun
from huitong.kernel.procedure import NotVisible
from huitong.kernel.workdays import today
from huitong.organizations.actions import create_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(cast: Cast, settings: Any, tmp_path: Path) -> Cast:
    settings.DATA = tmp_path
    clerks = cast.civil_operator, cast.civil_manager, cast.bureau_operator
    published(*clerks, summary="<b>婚姻</b>登记的办理结果。")
    items = [{**ITEMS[0], "name": "收养日期", "column": "adopted_on"}, *ITEMS[1:]]
    published(*clerks, "收养登记信息", items=items)
    Follower().look()
    return cast


def hide(name: str) -> None:
    """As if it were not shared any more."""
    with thawed():
        Version.objects.filter(name=name).update(share_class="3")
        Entry.objects.get(current__name=name).save()
    Follower().look()


# -- what is asked for, where it stands ------------------------------------------------------------


def test_what_was_asked_for_is_marked_and_nothing_of_a_text_becomes_markup(city: Cast) -> None:
    page = city.client("housing_operator").get("/catalog/", {"q": "婚姻"}).content.decode()
    assert "<mark>婚姻</mark>登记信息</a>" in page
    assert "&lt;b&gt;<mark>婚姻</mark>&lt;/b&gt;登记的办理结果" in page and "<b>婚姻" not in page
    page = city.client("housing_operator").get("/catalog/").content.decode()
    assert "<mark>" not in page and "&lt;b&gt;婚姻" in page


@pytest.mark.parametrize("by", ["index", "sql"])
def test_which_entry_has_this_item(city: Cast, by: str) -> None:
    if by == "sql":
        index.sign_of_life().unlink()
    client = city.client("housing_operator")

    def names_of(q: str, **more: str) -> list[str]:
        answer = client.get("/catalog/", {"q": q, "format_as": "json", **more})
        return re.findall(r'"(\w+登记信息)"', b"".join(answer.streaming_content).decode())

    assert (
        names_of("信息项：收养日期") == names_of("收养日期", **{"in": "items"}) == ["收养登记信息"]
    )
    assert names_of("信息项:adopted_on") == ["收养登记信息"], "by the name of its column, too"
    assert names_of("信息项：收养登记") == [], "the name of an entry is no item"
    page = client.get("/catalog/", {"q": "信息项：收养日期"}).content.decode()
    assert "<b><mark>收养日期</mark></b> <code>adopted_on</code>" in page
    assert 'value="收养日期"' in page and '<option value="items" selected>' in page


def test_bodies_are_found_as_they_are_typed_in_letters(city: Cast) -> None:
    for q in ("minzhengju", "mzj", "市民政局"):
        assert queries.search(city.housing_operator, q).count == 2, q
        index.sign_of_life().unlink()
        assert queries.search(city.housing_operator, q).count == 2, q
        index.sign_of_life().touch()


# -- suggestions -----------------------------------------------------------------------------------


def suggested(cast: Cast, who: str, q: str) -> dict[str, list[tuple[str, str]]]:
    groups = cast.client(who).get("/catalog/suggest/", {"q": q}).json()["groups"]
    return {g["label"]: [(i["label"], i["note"]) for i in g["items"]] for g in groups}


def test_entries_bodies_and_items_are_suggested_of_what_one_may_see(city: Cast) -> None:
    assert [name for name, _ in suggested(city, "housing_operator", "登记")["资源"]] == [
        "婚姻登记信息",
        "收养登记信息",
    ]
    assert suggested(city, "housing_operator", "hydj")["资源"][0][0] == "婚姻登记信息"
    assert suggested(city, "housing_operator", "mz")["提供部门"] == [("市民政局", "2 项资源")]
    assert suggested(city, "housing_operator", "收养")["信息项"] == [("收养日期", "1 项资源")]
    assert suggested(city, "housing_operator", "  ") == {}
    hide("收养登记信息")
    assert "收养" not in str(suggested(city, "housing_operator", "收养"))
    assert suggested(city, "housing_operator", "民政")["提供部门"] == [("市民政局", "1 项资源")]
    assert suggested(city, "civil_operator", "收养")["信息项"] == [("收养日期", "1 项资源")]
    index.sign_of_life().unlink()
    assert suggested(city, "housing_operator", "婚姻") == {}


def test_the_catalog_at_a_glance_counts_what_one_may_see(city: Cast) -> None:
    body = city.civil_operator.body

    def glance(who: str) -> str:
        return city.client(who).get("/catalog/overview/").content.decode()

    assert f'<a href="/catalog/?body={body}">市民政局</a><span class="facet-count"> 2<' in glance(
        "housing_operator"
    )
    hide("收养登记信息")
    assert "共 1 项" in glance("housing_operator") and "共 2 项" in glance("civil_operator")


# -- following -------------------------------------------------------------------------------------


def test_who_follows_an_entry_is_told_as_long_as_they_may_see_it(city: Cast) -> None:
    entry = Entry.objects.get(current__name="婚姻登记信息")
    client = city.client("housing_operator")
    page = client.get(f"/catalog/{entry.pk}/").content.decode()
    assert ">关注<" in page
    actions.follow_entry(city.housing_operator, entry=entry.pk)
    actions.follow_entry(city.housing_operator, entry=entry.pk)
    assert EntryFollow.objects.count() == 1
    assert "取消关注" in client.get(f"/catalog/{entry.pk}/").content.decode()
    assert "婚姻登记信息" in client.get("/catalog/followed/").content.decode()
    assert (
        "婚姻登记信息" not in city.client("hr_operator").get("/catalog/followed/").content.decode()
    )
    assert followers_of_entry(entry.pk) == [city.housing_operator.person]
    hide("婚姻登记信息")
    assert followers_of_entry(entry.pk) == []
    assert "婚姻登记信息" not in client.get("/catalog/followed/").content.decode()
    with pytest.raises(NotVisible):
        actions.follow_entry(city.hr_operator, entry=entry.pk)
    assert actions.unfollow_entry(city.housing_operator, entry=entry.pk) == 1


def test_follows_and_sets_of_changes_pass_to_the_heir(city: Cast) -> None:
    entry = Entry.objects.get(current__name="婚姻登记信息")
    former, heir = city.body("housing"), city.body("hr")
    actions.follow_entry(city.housing_operator, entry=entry.pk)
    both = replace(city.housing_operator, body=heir.pk)
    actions.follow_entry(both, entry=entry.pk)
    actions.follow_entry(city.housing_manager, entry=entry.pk)
    file = SheetFile(b"a workbook")
    own = actions.hand_in_workbook(city.housing_operator, name="目录.xlsx", file=file)
    for _ in range(2):
        actions.pass_on(city.system, predecessors=[former.pk], heir=heir.pk, on=today())
    follows = EntryFollow.objects.filter(entry=entry).values_list("person", "body")
    people = [city.housing_operator.person, city.housing_manager.person]
    assert sorted(follows) == sorted((person, heir.pk) for person in people)
    own = ChangeSet.objects.get(pk=own.pk)
    assert own.body_id == heir.pk and queries.unsealed(own, own.file) == b"a workbook"


# -- the entry's page ------------------------------------------------------------------------------


def test_an_entry_has_a_permanent_address_that_can_be_copied(city: Cast) -> None:
    entry = Entry.objects.get(current__name="婚姻登记信息")
    client = city.client("housing_operator")
    address = f"http://testserver/r/{entry.code}"
    page = client.get(f"/catalog/{entry.pk}/").content.decode()
    assert f'<a id="address" href="{address}">{address}</a>' in page and "data-copy" in page
    assert client.get(f"/r/{entry.code}").headers["Location"] == f"/catalog/{entry.pk}/"


# -- the command -----------------------------------------------------------------------------------


def output_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    import argparse

    parser = argparse.ArgumentParser()
    command.arguments(parser)
    options = parser.parse_args(words)
    from huitong.cli.commands.do import actor

    code = command.ACTS[options.act][0](actor(options.as_user, options.as_body), options)
    assert code == 0
    return capsys.readouterr().out


def test_the_command_finds_shows_and_exports_what_its_person_may_see(
    city: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = Entry.objects.get(current__name="婚姻登记信息")
    who = ("--as", "housing_operator")
    for question in ("信息项：收养日期", "\u3000  信息项： 收养日期"):
        assert json.loads(output_of(capsys, "search", *who, question))["count"] == 1
    answer = json.loads(output_of(capsys, "search", *who, "婚姻", "--facets"))
    assert answer["count"] == 2 and answer["items"][0]["code"] == entry.code
    assert {facet["name"] for facet in answer["facets"]} >= {"body", "theme", "cycle"}
    body = f"body={city.civil_operator.body}"
    assert json.loads(output_of(capsys, "search", *who, "--facet", body))["count"] == 2
    answer = json.loads(output_of(capsys, "show", *who, str(entry.code)))
    client = city.client("housing_operator")
    assert answer == client.get(f"/catalog/{entry.pk}.json").json()
    rows = list(csv.DictReader(io.StringIO(output_of(capsys, "export", *who, "登记"))))
    assert [row["name"] for row in rows] == ["婚姻登记信息", "收养登记信息"]
    hide("收养登记信息")
    lines = output_of(capsys, "export", *who, "--format", "json", "登记").splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["婚姻登记信息"]


@pytest.mark.parametrize("wrong", ["--limit=0", "--limit=-3", "--limit=201", "--limit=many"])
def test_the_command_shows_so_many_and_no_more(
    city: Cast, capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    with pytest.raises(SystemExit):
        output_of(capsys, "search", "--as", "housing_operator", wrong)
    assert "from 1 to 200" in capsys.readouterr().err
    with pytest.raises(CannotRun, match="-published, -used, name, body"):
        output_of(capsys, "search", "--as", "housing_operator", "--sort=newest")


@pytest.mark.parametrize("without_index", [False, True])
def test_a_place_that_was_not_given_out_is_refused(city: Cast, without_index: bool) -> None:
    """The first page again would be read for ever."""
    if without_index:
        index.sign_of_life().unlink()
    token = create_token(city.housing_operator, label="测试", days=1)["token"]
    client = Client(headers={"Authorization": f"Bearer {token}"})
    first = client.get("/api/catalog/entries", {"limit": 1}).json()
    second = {"limit": 1, "after": first["next"]}
    assert client.get("/api/catalog/entries", second).json()["items"] != first["items"]
    for forged in (second | {"after": first["next"][:-2]}, second | {"sort": "name"}):
        answer = client.get("/api/catalog/entries", forged)
        assert answer.status_code == 422 and list(answer.json()["fields"]) == ["after"]
