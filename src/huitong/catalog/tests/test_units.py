"""What a subordinate unit holds is cataloged and published in its name by its department (A5)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.cast import SINCE, Cast

from huitong.catalog import actions, queries
from huitong.catalog.tests.marriage import COMPLETE, published, second_draft
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import Malformed
from huitong.organizations.models import Body

pytestmark = pytest.mark.django_db
NAME = "南通市殡葬管理所"


@pytest.fixture
def unit(cast: Cast) -> Body:
    """A unit below Civil Affairs."""
    with writing("test"):
        return Body.objects.create(
            name=NAME,
            short_name="市殡葬管理所",
            kind="institution",
            credit_code="12320600MB1234567X",
            division_code="320600",
            valid_from=SINCE,
            parent=cast.body("civil"),
        )


def in_name_of(cast: Cast, unit: Body) -> Any:
    """An entry of Civil Affairs, published in the name of its unit."""
    system = actions.register_system(cast.civil_operator, name="殡葬管理系统")
    entry = actions.draft(cast.civil_operator, name="殡葬服务单位信息", unit=unit.pk)
    actions.edit(cast.civil_operator, entry.case, **COMPLETE | {"system": system.pk})
    cleared = ["state", "work"]
    actions.submit(cast.civil_operator, entry.case, cleared=cleared)
    actions.pass_department(cast.civil_manager, entry.case, cleared=cleared)
    actions.pass_bureau(cast.bureau_operator, entry.case)
    return actions.publish(cast.civil_operator, entry.case)


def test_the_unit_stands_wherever_the_provider_does(cast: Cast, unit: Body) -> None:
    entry = in_name_of(cast, unit)
    assert entry.body_id == cast.civil_operator.body, "the provider stays the department"
    reader = cast.client("housing_operator")
    assert entry.published.content["unit"] == NAME
    assert json.loads(reader.get(f"/catalog/{entry.pk}.json").content)["unit"] == NAME
    for url in (f"/catalog/{entry.pk}/", "/catalog/?q=殡葬管理所"):
        page = reader.get(url).content.decode()
        assert "殡葬管理所" in page and "民政局" in page, url
    review = cast.client("bureau_operator").get(f"/review/{entry.case_id}/").content.decode()
    assert f"{NAME}的资源" in review
    matches = queries.search(cast.housing_operator, "殡葬管理所").entries
    assert [one.pk for one in matches] == [entry.pk]
    case = second_draft(cast.civil_operator, entry)
    assert queries.facts_of(queries.version_of(case)).unit == NAME, "and of its next version"


def test_only_in_the_name_of_ones_own_units(cast: Cast, unit: Body) -> None:
    for clerk, named in (
        (cast.hr_operator, unit.pk),
        (cast.civil_operator, cast.body("hr").pk),
        (cast.civil_operator, cast.body("civil").pk),
        (cast.civil_operator, 999_999),
    ):
        with pytest.raises(Malformed) as refused:
            actions.draft(clerk, name="殡葬服务单位信息", unit=named)
        assert refused.value.article == "A5" and "unit" in refused.value.fields
    own = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    assert queries.facts_of(own.published).unit == ""


def test_a_clerk_chooses_the_unit_on_the_page_where_there_is_one(cast: Cast, unit: Body) -> None:
    assert "所属下属单位" not in cast.client("hr_operator").get("/compile/new/").content.decode()
    clerk = cast.client("civil_operator")
    assert NAME in clerk.get("/compile/new/").content.decode()
    form = {"name": "殡葬服务单位信息", "classified": "no", "unit": str(unit.pk)}
    page = clerk.post("/compile/new/", form, follow=True).content.decode()
    assert f"{NAME}的资源" in page
    other = clerk.post("/compile/new/", form | {"unit": str(cast.body("hr").pk)})
    assert other.status_code == 422
