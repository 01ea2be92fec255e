"""A department registers a system once: its databases and entries, what it applies for and is
granted, and its credentials name that one object (A7, A28)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from tests.cast import Cast
from tests.sharing import Sharing

from huitong.access import actions as access
from huitong.catalog import actions, queries
from huitong.catalog.models import InformationSystem
from huitong.catalog.tests.marriage import drafted
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db
#: queries of the page of a system, shell and sign-in included
BUDGET = 22
PROTECTION = {"protection_level": "三级", "protection_filing": "32060012345-00001"}


def text_of(page: Any) -> str:
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page.content.decode()))


def test_one_system_is_scanned_cataloged_granted_and_signs_in(sharing: Sharing) -> None:
    """Housing's system has a database and an entry, and uses the data of others."""
    cast, clerk = sharing.cast, sharing.cast.housing_operator
    system, grant = sharing.system(), sharing.granted()
    issued = sharing.credential()
    waiting = sharing.applied(sharing.mount("division", "api"))
    database = actions.register_database(
        clerk, name="住房保障业务库", system=system.pk, **sharing.source
    )
    case = drafted(clerk, name="公租房申请信息").case
    actions.edit(clerk, case, system=system.pk)
    assert {grant.system_id, waiting.system_id, database.system_id} == {system.pk}

    page = text_of(cast.client("housing_operator").get(f"/systems/{system.pk}/"))
    for word in (
        "三级",
        "32060012345-00001",
        "住房保障业务库",
        "公租房申请信息",
        issued["client_id"],
        "婚姻登记信息（接口）",
        "行政区划代码（接口） 申请中",
        "生成凭证",
        "修改",
    ):
        assert word in page, word
    assert issued["client_secret"] not in page


def test_the_bureau_sees_that_a_system_is_there_and_changes_nothing(sharing: Sharing) -> None:
    cast, system = sharing.cast, sharing.system()
    sharing.granted()
    sharing.credential()
    actions.register_database(
        cast.housing_operator, name="住房保障业务库", system=system.pk, **sharing.source
    )
    answer = cast.client("bureau_operator").get(f"/systems/{system.pk}/")
    page = text_of(answer)
    assert "三级" in page and "婚姻登记信息" in page
    assert not [w for w in ("住房保障业务库", "生成凭证", "吊销") if w in page]
    assert f"/systems/{system.pk}/change/" not in answer.content.decode()
    assert "吊销" in text_of(cast.client("bureau_manager").get(f"/systems/{system.pk}/"))
    assert "市住建局" in text_of(cast.client("bureau_operator").get("/systems/"))
    for narrowed, listed in (
        ("?q=住房 系统&state=used", True),
        (f"?body={system.body_id}", True),
        ("?state=retired", False),
        ("?q=婚姻", False),
    ):
        answer = cast.client("bureau_operator").get(f"/systems/{narrowed}")
        assert ("住房保障系统" in text_of(answer)) is listed, narrowed
        assert {"q", "state"} <= set(re.findall(r'name="(\w+)"', answer.content.decode()))
    for who in ("civil_operator", "stranger_operator", "system_admin"):
        assert cast.client(who).get(f"/systems/{system.pk}/").status_code == 404, who
        assert "住房保障系统" not in text_of(cast.client(who).get("/systems/")), who
    assert cast.client("bureau_operator").get(f"/systems/{system.pk}/change/").status_code == 403
    changed: dict[str, Any] = {"system": system.pk, "name": "别的系统"}
    for actor, refusal in (
        (cast.bureau_operator, NotYours),
        (cast.housing_manager, NotYours),
        (cast.stranger_operator, NotVisible),
    ):
        with pytest.raises(refusal):
            actions.change_system(actor, **changed)
    # others' systems are offered to nobody, the bureau included
    assert system.pk not in dict(queries.system_choices(cast.bureau_operator))


def test_what_is_registered_of_a_system_is_corrected(cast: Cast) -> None:
    clerk = cast.client("civil_operator")
    actions.register_system(cast.civil_operator, name="婚姻登记系统")
    system = actions.register_system(cast.civil_operator, name="收养登记系统", summary="办理收养")
    url = f"/systems/{system.pk}/change/"
    page = clerk.get(url).content.decode()
    assert "办理收养" in page
    once = re.search(r'name="(_?once)" value="([^"]+)"', page)
    assert once
    given = {"name": "收养登记管理系统", "summary": "办理收养", **PROTECTION, once[1]: once[2]}
    assert clerk.post(url, given)["Location"] == f"/systems/{system.pk}/"
    row = InformationSystem.objects.get(pk=system.pk)
    assert (row.name, row.protection_level, row.body_id) == (
        "收养登记管理系统",
        "三级",
        system.body_id,
    )
    act = LedgerEntry.objects.get(verb="catalog.change_system")
    assert act.before["name"] == "收养登记系统" and act.after["name"] == row.name
    with pytest.raises(Malformed, match="已登记过"):
        actions.change_system(cast.civil_operator, system=system.pk, name="婚姻登记系统")


def test_a_system_that_uses_data_is_not_retired(sharing: Sharing) -> None:
    """Not while it is granted something, asks for something or can sign in."""
    cast, clerk, system = sharing.cast, sharing.cast.housing_operator, sharing.system()
    grant, issued = sharing.granted(), sharing.credential()
    with pytest.raises(AgainstRules, match="1 项未结束的授权、1 个有效的凭证"):
        actions.retire_system(clerk, system=system.pk)
    access.give_back(clerk, sharing.case(grant), reasons="不再需要")
    access.revoke_credential(clerk, credential=issued["credential"])
    form = sharing.form(sharing.mount("division", "api"))
    with pytest.raises(AgainstRules, match="1 项办理中的申请"):
        actions.retire_system(clerk, system=system.pk)
    access.withdraw(clerk, form.applications.get().case)
    for actor, refusal in ((cast.stranger_operator, NotVisible), (cast.bureau_operator, NotYours)):
        with pytest.raises(refusal):
            actions.retire_system(actor, system=system.pk)
    assert actions.retire_system(clerk, system=system.pk).retired_on == today()


def test_nothing_new_names_a_retired_system_until_it_is_restored(sharing: Sharing) -> None:
    clerk, system = sharing.cast.housing_operator, sharing.system()
    client = sharing.cast.client("housing_operator")
    page = client.get(f"/systems/{system.pk}/").content.decode()
    assert "catalog.retire_system" in page
    actions.retire_system(clerk, system=system.pk)
    page = text_of(client.get(f"/systems/{system.pk}/"))
    assert "停用" in page and "恢复使用" in page and "生成凭证" not in page
    assert not queries.system_choices(clerk)
    with pytest.raises(AgainstRules, match="已停用"):
        sharing.credential()
    with pytest.raises(AgainstRules, match="已停用"):
        sharing.form(sharing.mount("division", "api"))
    with pytest.raises(AgainstRules, match="已停用"):
        actions.register_database(clerk, name="业务库", system=system.pk, **sharing.source)
    actions.restore_system(clerk, system=system.pk)
    assert sharing.credential()["client_id"]


def test_the_register_by_the_api(sharing: Sharing) -> None:
    system = sharing.system()

    def ask(who: str, url: str) -> Any:
        token = organizations.create_token(getattr(sharing.cast, who), label=who, days=1)["token"]
        return Client(headers={"Authorization": f"Bearer {token}"}).get(url)

    own = ask("housing_operator", f"/api/systems/{system.pk}").json()
    assert own["name"] == "住房保障系统" and own["protection_level"] == "三级"
    assert ask("bureau_manager", f"/api/systems/{system.pk}").json() == own
    assert ask("stranger_operator", f"/api/systems/{system.pk}").status_code == 404


def test_the_old_page_of_systems_leads_to_the_register(cast: Cast) -> None:
    answer = cast.client("civil_operator").get("/compile/sources/systems/")
    assert answer["Location"] == "/systems/"


def test_a_page_costs_the_same_however_much_names_the_system(
    sharing: Sharing, django_assert_max_num_queries: Any
) -> None:
    system = sharing.system()
    client = sharing.cast.client("housing_operator")
    for mount in (sharing.mount("marriage", "api"), sharing.mount("division", "api")):
        sharing.granted(mount)
        sharing.applied(mount)
        sharing.credential()
    client.get(f"/systems/{system.pk}/")
    for url in (f"/systems/{system.pk}/", "/systems/"):
        with django_assert_max_num_queries(BUDGET):
            client.get(url)
