"""From which day a rule of the checks stops submissions: what a law asks for is shipped, the rest
the city sets (A5, A9, A10)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from tests.cast import Cast
from tests.journeys.doors import Api, Command

from huitong.catalog import actions, queries
from huitong.catalog.models import Entry, Requirement
from huitong.catalog.rules import Severity
from huitong.catalog.tests.marriage import drafted
from huitong.kernel.procedure import Malformed, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db
CLEARED = ["state", "work"]
BASIS = "通数据〔2026〕3号"


def submitted(cast: Cast, clerk: str, entry: Entry) -> None:
    actions.submit(getattr(cast, f"{clerk}_operator"), entry.case, cleared=CLEARED)


def severities(entry: Entry) -> dict[str, Severity]:
    return {f.rule: f.severity for f in queries.findings_of(entry.draft)}


def test_no_entry_is_submitted_without_a_standard(cast: Cast) -> None:
    """A9: dictionary and standard come with the entry, since the rules are in force."""
    [row] = Requirement.objects.all()
    assert (row.rule, row.in_force, row.own) == ("no_standard", date(2020, 2, 19), False)
    entry = drafted(cast.civil_operator, "婚姻登记统计", standard="")
    with pytest.raises(Malformed) as refused:
        submitted(cast, "civil", entry)
    assert list(refused.value.fields) == ["standard"]
    actions.edit(cast.civil_operator, entry.case, standard="本部门数据标准")
    submitted(cast, "civil", entry)
    with pytest.raises(Malformed, match="法定要求"):
        actions.end_requirement(cast.bureau_operator, rule="no_standard", until=today())


def test_the_city_asks_for_a_task_force_before_anything_is_submitted(cast: Cast) -> None:
    """A5: it blocks only where the city sets it, from its day on, and ends again."""
    entry = drafted(cast.stranger_operator, "体育场馆信息")
    assert "no_task_force" not in severities(entry), "of no concern to an entry until it is asked"
    tomorrow = today() + timedelta(1)
    row = actions.require(
        cast.bureau_operator, rule="no_task_force", in_force=tomorrow, document=BASIS
    )
    assert "no_task_force" not in severities(entry), "not yet"
    actions.end_requirement(cast.bureau_operator, rule="no_task_force", until=today())
    Requirement.objects.get(pk=row.pk)
    assert queries.requirements.required_rules() == {"no_standard"}


def test_a_body_with_its_task_force_submits_and_one_without_is_told_who_acts(cast: Cast) -> None:
    actions.require(cast.bureau_operator, rule="no_task_force", in_force=today(), document=BASIS)
    submitted(cast, "civil", drafted(cast.civil_operator, "婚姻登记统计"))
    entry = drafted(cast.stranger_operator, "体育场馆信息")
    assert severities(entry)["no_task_force"] is Severity.ERROR
    with pytest.raises(Malformed, match="工作专班"):
        submitted(cast, "stranger", entry)
    organizations.set_task_force(
        cast.stranger_manager,
        body=cast.body("stranger").pk,
        leader="分管副局长",
        office="综合处",
        technical_unit="市大数据中心",
    )
    submitted(cast, "stranger", entry)


def test_only_what_warns_can_be_required_by_the_bureau_alone_and_once(cast: Cast) -> None:
    given: dict[str, Any] = {"rule": "no_contact", "in_force": today(), "document": BASIS}
    for actor in (cast.civil_operator, cast.civil_manager, cast.bureau_manager, cast.system_admin):
        with pytest.raises(NotYours):
            actions.require(actor, **given)
    for wrong in ({"rule": "name_unclear"}, {"rule": "no_such_rule"}, {"rule": "no_standard"}):
        with pytest.raises(Malformed):
            actions.require(cast.bureau_operator, **given | wrong)
    with pytest.raises(Malformed, match="不早于"):
        actions.require(cast.bureau_operator, **given | {"in_force": today() - timedelta(1)})
    actions.require(cast.bureau_operator, **given)
    with pytest.raises(Malformed):
        actions.require(cast.bureau_operator, **given)
    with pytest.raises(NotYours):
        actions.end_requirement(cast.civil_operator, rule="no_contact", until=today())
    with pytest.raises(Malformed):
        actions.end_requirement(cast.bureau_operator, rule="unplaced", until=today())


def test_the_rules_stand_on_a_page_in_a_file_and_in_the_api(
    cast: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau, civil = cast.client("bureau_operator"), cast.client("civil_operator")
    page = bureau.get("/catalog/checks/rules/").content.decode()
    assert "没有写明数据标准" in page and "/no_contact/require/" in page
    assert "/no_standard/end/" not in page and "/name_unclear/require/" not in page
    assert "/require/" not in civil.get("/catalog/checks/rules/").content.decode()
    assert civil.get("/catalog/checks/rules/no_contact/require/").status_code == 403
    form = bureau.get("/catalog/checks/rules/no_contact/require/").content.decode()
    assert "设为必须改正：没有联系方式" in form
    sent = bureau.post(
        "/catalog/checks/rules/no_contact/require/",
        {"in_force": today().isoformat(), "document": BASIS},
    )
    assert sent.status_code == 302
    assert "/no_contact/end/" in bureau.get("/catalog/checks/rules/").content.decode()
    file = b"".join(civil.get("/catalog/checks/rules/?format=csv").streaming_content).decode()
    assert BASIS in file and "补充联系处室和电话" in file
    answer = Api(cast)._client("civil_operator").get("/api/catalog/check-rules?limit=100").json()
    rows = {row["name"]: row for row in answer["items"]}
    assert rows["no_contact"]["severity"] == "error" and rows["unplaced"]["severity"] == "warning"
    assert rows["no_standard"]["required_since"] == "2020-02-19"
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    command = Command(cast, capsys)
    until = today().isoformat()
    given = {"rule": "no_contact", "until": until}
    assert command.do("bureau_operator", "catalog.end_requirement", **given) == 200
    assert Requirement.objects.get(rule="no_contact").until == today()
