"""Elements of the national guide of 2017 beside those of A7: 目 and 细目, layer, keywords, related
resources, the provider's code and full name."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.cast import Cast

from huitong.catalog import actions, queries
from huitong.catalog.models import Entry
from huitong.catalog.queries import Filters
from huitong.catalog.tests.marriage import drafted, published, with_bureau
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db


def publish(cast: Cast, name: str, **changes: object) -> Entry:
    clerks = cast.civil_operator, cast.civil_manager, cast.bureau_operator
    return published(*clerks, name, **changes)


def program(cast: Cast) -> Client:
    token = organizations.create_token(cast.hr_operator, label="脚本", days=1)["token"]
    return Client(headers={"Authorization": f"Bearer {token}"})


def test_whoever_types_a_keyword_finds_the_entry_that_says_it_nowhere_else(cast: Cast):
    entry = publish(cast, "婚姻登记信息", keywords=["囍事", "领证"])
    publish(cast, "收养登记信息")
    assert list(queries.search(cast.hr_operator, "囍事", Filters()).entries) == [entry]


def test_related_resources_are_there_and_lead_to_each_other(cast: Cast):
    other = publish(cast, "收养登记信息")
    entry = publish(cast, "婚姻登记信息", related_codes=[other.code])
    reader = cast.client("hr_operator")
    page = reader.get(f"/catalog/{entry.pk}/").content.decode()
    assert f'<a href="/r/{other.code}">收养登记信息</a>' in page
    answer = program(cast).get(f"/api/catalog/entries/{entry.pk}").json()
    assert answer["related"] == [{"code": other.code, "url": f"/r/{other.code}"}]
    assert reader.get(answer["related"][0]["url"]).url == f"/catalog/{other.pk}/"


@pytest.mark.parametrize("codes", [["999001/000001"], ["不是代码"]])
def test_a_related_code_that_nobody_bears_is_refused_by_its_field(cast: Cast, codes: list[str]):
    entry = drafted(cast.civil_operator)
    with pytest.raises(Malformed) as refused:
        actions.edit(cast.civil_operator, entry.case, related_codes=codes)
    assert codes[0] in refused.value.fields["related_codes"][0]


def test_a_draft_of_another_body_cannot_be_named_by_guessing_codes(cast: Cast):
    """What is not published yet is nobody else's to know: no such code, whoever guesses right."""
    hidden = actions.pass_bureau(
        cast.bureau_operator, with_bureau(cast.civil_operator, cast.civil_manager)
    )
    entry = drafted(cast.hr_operator, "参保信息")
    with pytest.raises(Malformed):
        actions.edit(cast.hr_operator, entry.case, related_codes=[hidden.code])


def test_every_answer_names_its_provider_in_full_and_by_its_credit_code(cast: Cast):
    entry, body = publish(cast, "婚姻登记信息"), cast.body("civil")
    reader, token = cast.client("hr_operator"), program(cast)
    whole = {"provider_name": body.name, "provider_code": body.credit_code}
    assert reader.get(f"/catalog/{entry.pk}.json").json().items() >= whole.items()
    assert token.get(f"/api/catalog/entries/{entry.pk}").json().items() >= whole.items()
    assert entry.published.content.items() >= whole.items(), "also what is frozen"
    listed = token.get("/api/catalog/entries").json()["items"]
    assert [row["provider_code"] for row in listed] == [body.credit_code]
    exported = b"".join(reader.get("/catalog/", {"format_as": "json"}).streaming_content).decode()
    assert body.credit_code in exported and body.name in exported


def test_a_coding_rule_may_use_item_and_detail_which_then_must_be_there(cast: Cast):
    rule = "{category}{item:03d}{detail:02d}/{sequence:06d}"
    actions.set_code_rule(cast.bureau_manager, template=rule, in_force=today())
    clerks = cast.civil_operator, cast.civil_manager
    numbered = {"catalog_item": "012 婚姻管理", "sub_item": "3 结婚登记"}
    case = with_bureau(*clerks, **numbered)
    assert actions.pass_bureau(cast.bureau_operator, case).code == "10101203/000001"
    for lacking in numbered:
        case = with_bureau(*clerks, "收养登记信息", **numbered | {lacking: "没有编号"})
        with pytest.raises(AgainstRules) as refused:
            actions.pass_bureau(cast.bureau_operator, case)
        assert "检索与关联" in refused.value.remedy


def test_a_new_entry_is_of_the_layer_of_its_body_until_somebody_says_otherwise(cast: Cast):
    assert actions.draft(cast.civil_operator, name="婚姻登记信息").draft.layer == "city"
