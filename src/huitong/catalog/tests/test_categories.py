"""Categories are dated data: one that ended stays readable and is chosen by nobody, and the codes
of what a department keeps begin with 307 (A7)."""

from __future__ import annotations

import csv
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest
from django.db import connection
from tests.cast import Cast
from tests.thawing import thawed

import huitong.catalog
from huitong.catalog import actions, queries
from huitong.catalog.models import Version
from huitong.catalog.rules import Category, categories_on
from huitong.catalog.tests.marriage import drafted, published, with_bureau
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import Malformed

FORMER = ("301", "302", "303")
ENDED = date(2026, 11, 28)


def test_a_number_is_never_given_to_another_category():
    data = Path(huitong.catalog.__file__).parent / "data" / "categories.csv"
    rows = [
        row["class"] + row["item"]
        for row in csv.DictReader(data.read_text(encoding="utf-8").splitlines())
    ]
    assert len(set(rows)) == len(rows) == len(Category)


def test_the_local_numbers_ended_and_the_guide_s_place_stands():
    assert set(FORMER) <= {*map(str, categories_on(ENDED))}
    now = {*map(str, categories_on(date(2026, 11, 29)))}
    assert "307" in now and not now & set(FORMER)
    assert Category("301").label == "市级部门信息", "what bears it is still read"
    assert not categories_on(date(2019, 1, 1))


@pytest.mark.django_db
def test_the_code_of_what_a_department_keeps_begins_with_307(cast: Cast):
    case = with_bureau(cast.civil_operator, cast.civil_manager, category="307")
    number = cast.body("civil").number
    assert actions.pass_bureau(cast.bureau_operator, case).code == f"307{number:03d}/000001"


@pytest.mark.django_db
@pytest.mark.parametrize("former", FORMER)
def test_what_ended_is_neither_offered_nor_taken(cast: Cast, former: str):
    entry = drafted(cast.civil_operator)
    with pytest.raises(Malformed) as refused:
        actions.edit(cast.civil_operator, entry.case, category=former)
    assert "已停用" in refused.value.fields["category"][0]
    page = cast.client("civil_operator").get(f"/compile/{entry.pk}/basics/").content.decode()
    assert 'value="307"' in page and f'value="{former}"' not in page


@pytest.mark.django_db
def test_an_upgrade_moves_drafts_and_leaves_what_is_published(cast: Cast):
    """A department that had begun before gets its code under 307; a code that was given and the
    frozen version stay, and read as they did."""
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    draft = drafted(cast.civil_operator, "收养登记信息")
    given_up = drafted(cast.civil_operator, "试填的登记信息")
    actions.discard(cast.civil_operator, given_up.case)
    with thawed():
        Version.objects.filter(number__isnull=False).update(category="301")
    with writing("test"):
        Version.objects.filter(number=None).update(category="302", words="县(市)区信息")
    with connection.cursor() as cursor:
        cursor.execute(import_module("huitong.catalog.migrations.0013_categories").MOVE)
    stands = dict(Version.objects.values_list("entry", "category"))
    assert stands == {entry.pk: "301", draft.pk: "307", given_up.pk: "302"}
    assert "省及其下各级政务部门" in Version.objects.get(entry=draft).words
    again = queries.entry_for(cast.civil_operator, entry.pk)
    assert again.code == entry.code and again.code.startswith("101")
    page = cast.client("hr_operator").get(f"/catalog/{entry.pk}/").content.decode()
    assert "市级部门信息" in page
    rules = {f.rule for f in queries.findings_of(again.text)}
    assert "category_ended" in rules, "its next version chooses another"
