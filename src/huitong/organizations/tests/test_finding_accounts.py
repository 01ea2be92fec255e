"""Choosing whom to appoint among all accounts of a city: searched on the server, by rights, never
listed."""

from __future__ import annotations

import pytest
from tests.cast import Cast

from huitong.organizations import actions, queries

pytestmark = pytest.mark.django_db
URL = "/sec/accounts/"


def found_by(cast: Cast, q: str) -> list[str]:
    answer = cast.client("security_admin").get(URL, {"q": q})
    assert answer.status_code == 200
    return [row["value"] for row in answer.json()["choices"]]


def test_an_account_is_found_by_name_user_name_pinyin_and_initials(cast: Cast) -> None:
    person = cast.person("housing_operator")
    assert person.name == "郑经办人"
    for q in ("郑经办人", "郑", "zjb", "zhengjing", person.username):
        assert str(person.pk) in found_by(cast, q), q
    assert found_by(cast, f"郑 {person.username}") == [str(person.pk)], "all words must hold"
    for q in ("", "没有此人", "qqqq", "%", "'"):
        assert found_by(cast, q) == [], q
    actions.disable_person(cast.system_admin, person=person.pk, reasons="调离本单位")
    assert found_by(cast, "郑经办人") == []
    assert queries.account_names(cast.security_admin, [person.pk]) == {}


def test_only_who_appoints_may_search_them(cast: Cast) -> None:
    for who in ("system_admin", "audit_admin", "bureau_manager", "housing_manager"):
        assert cast.client(who).get(URL, {"q": "a"}).status_code == 403, who


def test_the_form_lists_nobody_and_takes_words(cast: Cast) -> None:
    """Without scripts: a name that means one account is taken, of several one is chosen."""
    client, person = cast.client("security_admin"), cast.person("housing_operator")
    page = client.get("/sec/appoint/").content.decode()
    assert f'data-source="{URL}"' in page and person.name not in page
    given = {"body": cast.body("housing").pk, "post": "manager"}
    several = client.post("/sec/appoint/", given | {"person-words": "经办人"})
    assert several.status_code == 422 and "找到多项，请在列表中选择" in several.content.decode()
    one = client.post("/sec/appoint/", given | {"person-words": person.name})
    assert one.status_code == 302
    assert queries.managers_of(cast.body("housing").pk).filter(pk=person.pk).exists()
