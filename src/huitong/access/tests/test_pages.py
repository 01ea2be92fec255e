"""What pages and lists cost, and to whom they answer nothing (A28)."""

from __future__ import annotations

import pytest
from tests.sharing import Sharing

from huitong.access.models import Application, Grant

pytestmark = pytest.mark.django_db
#: queries of a list page, shell and sign-in included
BUDGET = 20


@pytest.mark.parametrize("url", ["/applications/", "/applications/?tab=asked", "/grants/", "/grants/?tab=given", "/mounts/", "/systems/"])
def test_a_list_costs_the_same_however_long(sharing: Sharing, url: str, django_assert_max_num_queries):
    for mount in (sharing.mount("marriage", "api"), sharing.mount("marriage", "table"), sharing.mount("division", "api")):
        sharing.granted(mount)
    assert Grant.objects.count() == 3
    client = sharing.cast.client("civil_operator" if "tab=" in url or "mounts" in url else "housing_operator")
    client.get(url)
    with django_assert_max_num_queries(BUDGET):
        page = client.get(url).content.decode()
    assert page.count("婚姻登记信息") >= 2 or "systems" in url


def test_what_is_not_ones_own_is_not_there(sharing: Sharing):
    grant = sharing.granted()
    application = Application.objects.get(grant=grant)
    made = sharing.credential()
    stranger = sharing.cast.client("stranger_operator")
    for url in (f"/apply/{application.form_id}/", f"/decide/{application.pk}/", f"/grants/{grant.pk}/", f"/systems/{grant.system_id}/",
                f"/credentials/{made['credential']}/rotate/", f"/cases/{application.case_id}/", f"/apply/{application.form_id}/scan/file/"):
        assert stranger.get(url).status_code == 404, url
    bureau = sharing.cast.client("bureau_operator")
    for url in (f"/apply/{application.form_id}/scan/", f"/systems/{grant.system_id}/credentials/new/"):
        assert bureau.get(url).status_code == 403, url
    assert sharing.cast.client("housing_manager").get("/apply/new/").status_code == 403, "applying is the clerk's work"
    assert sharing.cast.client("system_admin").get(f"/grants/{grant.pk}/").status_code == 404
