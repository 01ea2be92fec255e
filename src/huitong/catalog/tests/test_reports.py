"""Every published and running entry is checked by today's rules, in the background; who reads what
of it (A10)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from tests.cast import Cast

from huitong.catalog import actions, jobs, queries
from huitong.catalog.models import CheckFinding, CheckReport
from huitong.catalog.tests.marriage import drafted, published, with_bureau
from huitong.cli import main
from huitong.kernel.actor import Actor
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours
from huitong.organizations.actions import create_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Marriages of Civil Affairs published without a contact; a draft of Human Resources with the
    bureau, one that is not; a draft Civil Affairs gave up."""
    people = (cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    published(*people, contact_phone="", contact_name="", contact_office="")
    with_bureau(cast.hr_operator, cast.hr_manager, "社会保险参保信息", themes=[], industry="")
    drafted(cast.hr_operator, "劳动能力鉴定信息", summary="鉴定")
    actions.discard(cast.civil_operator, drafted(cast.civil_operator, "殡葬信息").case)
    return cast


def checked(actor: Actor) -> CheckReport:
    """A report this actor had made."""
    report: CheckReport = actions.check_catalog(actor)
    jobs.check_all(report=report.pk)
    report.refresh_from_db()
    return report


def read(actor: Actor, report: CheckReport) -> set[tuple[str, str]]:
    return set(queries.report.check_findings(actor, report).values_list("name", "rule"))


def test_the_bureaus_report_is_of_the_whole_city_and_a_body_reads_its_part(city: Cast) -> None:
    report = checked(city.bureau_operator)
    assert (report.state, report.body_id, report.total, report.done) == ("done", None, 3, 3)
    rows = read(city.bureau_manager, report)
    assert {("婚姻登记信息", "no_contact"), ("社会保险参保信息", "unplaced")} <= rows
    assert "劳动能力鉴定信息" not in {name for name, _ in rows}, "a draft is its body's own"
    own = read(city.hr_manager, report)
    assert ("劳动能力鉴定信息", "thin_summary") in own
    assert "婚姻登记信息" not in {name for name, _ in own}
    for other in (city.housing_operator, city.system_admin, city.audit_admin):
        assert read(other, report) == set(), other.name
    assert report.counts["no_contact"] == {str(city.body("civil").pk): 1}
    act = LedgerEntry.objects.filter(verb="catalog.finish_report").latest("seq")
    assert act.after["entries"] == 3 and act.after["findings"] == len(
        CheckFinding.objects.filter(report=report)
    )


def test_a_bodys_own_report_is_of_its_entries(city: Cast) -> None:
    report = checked(city.hr_operator)
    assert (report.body_id, report.done) == (city.body("hr").pk, 2)
    assert queries.report.last_report(city.hr_manager) == report
    assert queries.report.last_report(city.bureau_operator) is None, "it reads the whole city's"
    with pytest.raises(NotVisible):
        queries.report.report_for(city.civil_operator, report.pk)
    for actor in (city.system_admin, city.platform_operator):
        with pytest.raises(NotYours):
            actions.check_catalog(actor)


def test_one_at_a_time(city: Cast) -> None:
    report = actions.check_catalog(city.bureau_operator)
    with pytest.raises(AgainstRules, match="正在检查"):
        actions.check_catalog(city.bureau_manager)
    assert actions.check_catalog(city.hr_operator).pk != report.pk, "its own is another"
    jobs.check_weekly(timestamp=0)  # leaves it to the one that waits
    assert CheckReport.objects.filter(body=None).count() == 1


def test_a_killed_worker_goes_on_where_it_was(city: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in the second chunk: what was found in the first stands, not looked at again."""
    monkeypatch.setattr(queries.report, "CHUNK", 1)
    whole = checked(city.bureau_operator)
    counts = {rule: sum(by.values()) for rule, by in whole.counts.items()}
    report = actions.check_catalog(city.bureau_operator)
    judge, looks = queries.judge_of_many(), []

    def killed(version: Any) -> Any:
        looks.append(version.pk)
        if len(looks) == 2:
            raise OperationalError("the worker was killed")
        return judge(version)

    monkeypatch.setattr(queries, "judge_of_many", lambda: killed)
    with pytest.raises(OperationalError):
        jobs.check_all(report=report.pk)
    report.refresh_from_db()
    assert (report.state, report.done, report.total) == ("running", 1, 3)
    page = city.client("bureau_operator").get("/catalog/checks/progress/").content.decode()
    assert "1 / 3 个版本" in page
    jobs.check_all(report=report.pk)
    jobs.check_all(report=report.pk)  # and once more, when it was done
    report.refresh_from_db()
    assert (report.state, report.done) == ("done", 3) and len(looks) == 4
    assert {rule: sum(by.values()) for rule, by in report.counts.items()} == counts
    ended = city.client("bureau_operator").get("/catalog/checks/progress/")
    assert (ended.status_code, ended.headers["HX-Refresh"]) == (286, "true")


def test_the_numbers_are_kept_and_the_findings_until_the_next(city: Cast) -> None:
    first = checked(city.bureau_operator)
    numbers = first.counts
    second = checked(city.bureau_operator)
    first.refresh_from_db()
    assert not first.findings.exists() and first.counts == numbers == second.counts


def test_a_rule_that_breaks_closes_the_report_with_a_word(
    city: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = actions.check_catalog(city.bureau_operator)

    def broken(version: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(queries, "judge_of_many", lambda: broken)
    with pytest.raises(ZeroDivisionError):
        jobs.check_all(report=report.pk)
    report.refresh_from_db()
    assert (report.state, report.error) == ("failed", "平台内部出错，已记录。")
    assert actions.check_catalog(city.bureau_operator).pk != report.pk


def test_the_pages_by_rule_by_body_and_one_by_one(city: Cast) -> None:
    client, clerk = city.client("bureau_operator"), city.client("hr_operator")
    assert "没有发现问题" in client.get("/catalog/checks/").content.decode()
    assert client.post("/catalog/checks/run/").status_code == 302
    report = CheckReport.objects.get()
    waiting = client.get("/catalog/checks/").content.decode()
    assert "正在检查" in waiting and 'hx-get="/catalog/checks/progress/"' in waiting
    assert "正在检查" in client.post("/catalog/checks/run/", follow=True).content.decode()
    jobs.check_all(report=report.pk)
    page = client.get("/catalog/checks/").content.decode()
    assert "没有联系方式" in page and "/catalog/checks/list/?rule=no_contact" in page
    bodies = client.get("/catalog/checks/bodies/").content.decode()
    assert "市民政局" in bodies and "市人社局" in bodies
    listed = client.get("/catalog/checks/list/?rule=no_contact").content.decode()
    assert "婚姻登记信息" in listed and "社会保险参保信息" not in listed
    entry = CheckFinding.objects.filter(rule="no_contact").first()
    assert entry is not None and f'href="/catalog/{entry.entry_id}/"' in listed
    file = b"".join(client.get("/catalog/checks/list/?format=csv").streaming_content).decode()
    assert "没有联系人或联系电话" in file
    own = clerk.get("/catalog/checks/list/").content.decode()
    draft = CheckFinding.objects.filter(name="劳动能力鉴定信息").first()
    assert draft is not None and f'href="/compile/{draft.entry_id}/"' in own, "to mend it"
    assert "没有联系人" not in own and "按部门" not in own
    assert city.client("system_admin").get("/catalog/checks/").status_code == 403


def test_by_the_api_as_by_the_page(city: Cast) -> None:
    def client(key: str) -> Client:
        token = create_token(getattr(city, key), label="测试", days=1)["token"]
        return Client(headers={"Authorization": f"Bearer {token}"})

    bureau, clerk = client("bureau_operator"), client("hr_operator")
    done = bureau.post("/api/do/catalog.check_catalog", {}, content_type="application/json")
    assert done.status_code == 200, done.content
    [report] = bureau.get("/api/catalog/checks").json()["items"]
    jobs.check_all(report=report["id"])
    address = f"/api/catalog/checks/{report['id']}/findings"
    rows = bureau.get(f"{address}?rule=no_contact").json()["items"]
    assert [(row["name"], row["body"]) for row in rows] == [("婚姻登记信息", "市民政局")]
    assert {row["body"] for row in clerk.get(address).json()["items"]} == {"市人社局"}
    assert bureau.get(f"{address}?severity=error").status_code == 200
    wrong = bureau.get(f"{address}?severity=nonsense")
    assert wrong.status_code == 422 and list(wrong.json()["fields"]) == ["severity"]


def test_by_command_as_by_the_page(
    city: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    assert main(["catalog", "check", "--as", "bureau_operator"]) in (0, 1)
    answer = json.loads(capsys.readouterr().out)
    assert (answer["state"], answer["versions"]) == ("done", 3)
    assert "no_contact" in [row["rule"] for row in answer["rules"]]
    assert main(["catalog", "coverage", "--as", "hr_operator"]) == 0
    assert "社会保险参保登记" in capsys.readouterr().out
    assert main(["catalog", "coverage", "--as", "bureau_operator"]) == 0
    assert "市人社局" in capsys.readouterr().out
    assert main(["catalog", "check", "--as", "system_admin"]) == 1
