"""A set of changes taken as one (A7, A12): submitted, passed, reviewed and published in one act
each, by page, API and command line; an old catalog keeps its codes."""

from __future__ import annotations

import io
import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook
from tests.cast import Cast

from huitong.catalog import actions, jobs, queries
from huitong.catalog.models import ChangeSet, Entry, FieldRemark, Round, Version
from huitong.catalog.tests.marriage import published
from huitong.catalog.tests.workbooks import COMPLETE, book_of, content_of, handed_in
from huitong.cli import parser_for
from huitong.kernel.actor import Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.organizations.actions import create_token


@pytest.fixture
def city(cast: Cast) -> Cast:
    actions.register_system(cast.civil_operator, name="业务管理系统")
    return cast


CLEARED = ["state", "work"]


def applied(city: Cast, *entries: dict[str, str]) -> ChangeSet:
    own = handed_in(city.civil_operator, book_of(*entries))
    assert own.state == "ready", own.faults
    return actions.apply_changes(city.civil_operator, changes=own.pk)


def states() -> set[str]:
    return set(Case.objects.filter(kind="entry").values_list("state", flat=True))


@pytest.mark.django_db
def test_a_set_is_submitted_passed_reviewed_and_published_as_one(city: Cast) -> None:
    own = applied(city, COMPLETE, COMPLETE | {"资源名称": "收养登记信息"})
    clerk, manager, bureau = city.civil_operator, city.civil_manager, city.bureau_operator
    with pytest.raises(AgainstRules):
        actions.pass_changes(manager, changes=own.pk, cleared=CLEARED)
    actions.submit_changes(clerk, changes=own.pk, cleared=CLEARED)
    assert states() == {"in_department"}
    with pytest.raises(AgainstRules):
        actions.undo_changes(clerk, changes=own.pk)
    with pytest.raises(NotVisible):
        actions.approve_changes(bureau, changes=own.pk)
    actions.pass_changes(manager, changes=own.pk, cleared=CLEARED)
    actions.approve_changes(bureau, changes=own.pk)
    codes = sorted(Entry.objects.values_list("code", flat=True))
    assert states() == {"to_publish"} and len(set(codes)) == 2
    actions.publish_changes(clerk, changes=own.pk)
    assert states() == {"published"}
    assert queries.visible_to(city.housing_operator).count() == 2
    case = Case.objects.first()
    assert case is not None and case.facts["secrecy"]["confirmed"]["by"] == manager.name


WHY = {"ground": "unclear", "reasons": "请写明数据的时间范围"}


@pytest.mark.django_db
def test_a_set_is_returned_as_one_with_one_reason(city: Cast) -> None:
    """By the department, and by the bureau; each entry in its own case and round, and handed in
    again as one."""
    own = applied(city, COMPLETE, COMPLETE | {"资源名称": "收养登记信息"})
    clerk, manager, bureau = city.civil_operator, city.civil_manager, city.bureau_operator
    actions.submit_changes(clerk, changes=own.pk, cleared=CLEARED)
    for actor in (clerk, bureau, city.housing_manager):
        with pytest.raises((NotYours, NotVisible)):
            actions.return_changes(actor, changes=own.pk, **WHY)
    with pytest.raises(Malformed, match="不是现行的理由类别"):
        actions.return_changes(manager, changes=own.pk, **WHY | {"ground": "duty_failed"})
    with pytest.raises(Malformed, match="没有这样的字段"):
        actions.return_changes(manager, changes=own.pk, element="nonsense", **WHY)
    assert states() == {"in_department"}
    actions.return_changes(manager, changes=own.pk, **WHY)
    assert states() == {"returned"} and not FieldRemark.objects.exists()
    actions.submit_changes(clerk, changes=own.pk, cleared=CLEARED)
    actions.pass_changes(manager, changes=own.pk, cleared=CLEARED)
    for actor in (clerk, manager, city.bureau_manager):
        with pytest.raises(NotYours):
            actions.send_back_changes(actor, changes=own.pk, element="summary", **WHY)
    actions.send_back_changes(bureau, changes=own.pk, element="summary", **WHY)
    assert states() == {"returned"} and not Entry.objects.exclude(code=None).exists()
    remarks = FieldRemark.objects.values_list("field", "text", "round", "by")
    assert list(remarks) == [("summary", WHY["reasons"], 2, bureau.name)] * 2
    assert Round.objects.filter(number=2).count() == 2
    for row in own.rows.all():
        acts = LedgerEntry.objects.filter(case=row.case_id).order_by("seq")
        verbs = [act.verb for act in acts]
        assert verbs.count("entry.return_bureau") == 1 and verbs[-1] == "entry.return_bureau"
    whole = LedgerEntry.objects.get(verb="catalog.send_back_changes")
    assert whole.reasons.startswith("表述不清") and whole.reasons.endswith(WHY["reasons"])
    actions.submit_changes(clerk, changes=own.pk, cleared=CLEARED)
    assert set(Version.objects.values_list("round", flat=True)) == {3}


@pytest.mark.django_db
def test_one_that_cannot_keeps_the_whole_set_back_and_is_named(city: Cast) -> None:
    own = applied(city, COMPLETE, {"资源名称": "收养登记信息"})
    with pytest.raises(Malformed) as refused:
        actions.submit_changes(city.civil_operator, changes=own.pk, cleared=CLEARED)
    texts = refused.value.fields["changes"]
    assert "1 条不能提交" in texts[0] and "收养登记信息" in texts[1] and "资源摘要" in texts[1]
    assert states() == {"draft"}


@pytest.mark.django_db
def test_nobody_decides_on_their_own_set(city: Cast) -> None:
    """Who wrote the drafts does not pass them, whatever posts they hold (A12)."""
    own = applied(city, COMPLETE)
    both = replace(city.civil_operator, posts=frozenset({Post.OPERATOR, Post.MANAGER}))
    actions.submit_changes(both, changes=own.pk, cleared=CLEARED)
    with pytest.raises(Malformed, match="须由另一人办理"):
        actions.pass_changes(both, changes=own.pk, cleared=CLEARED)
    assert states() == {"in_department"}


@pytest.mark.django_db
def test_an_old_catalog_keeps_its_codes_by_the_bureau_alone(city: Cast) -> None:
    """Codes come along in the file, and count only when the bureau says so; the next code goes on
    behind them, and one that is another's is named by its row."""
    published(city.civil_operator, city.civil_manager, city.bureau_operator, "公墓信息")
    first_code = Entry.objects.get().code
    prefix = first_code.rpartition("/")[0]
    old = {"资源代码": f"{prefix}/000117"}
    own = applied(
        city, COMPLETE | old, COMPLETE | {"资源名称": "收养登记信息", "资源代码": "ＭＺ-7"}
    )
    assert not Entry.objects.filter(code__in=["MZ-7", f"{prefix}/000117"]).exists()
    actions.submit_changes(city.civil_operator, changes=own.pk, cleared=CLEARED)
    actions.pass_changes(city.civil_manager, changes=own.pk, cleared=CLEARED)
    for actor in (city.civil_operator, city.civil_manager, city.bureau_manager):
        with pytest.raises(NotYours):
            actions.keep_old_codes(actor, changes=own.pk)
    actions.keep_old_codes(city.bureau_operator, changes=own.pk)
    actions.approve_changes(city.bureau_operator, changes=own.pk)
    assert Entry.objects.get(latest__name="婚姻登记信息").code == f"{prefix}/000117"
    assert Entry.objects.get(latest__name="收养登记信息").code == "MZ-7"
    published(city.civil_operator, city.civil_manager, city.bureau_operator, "养老机构信息")
    assert Entry.objects.get(latest__name="养老机构信息").code == f"{prefix}/000118"
    clash = applied(city, COMPLETE | {"资源名称": "救助信息", "资源代码": first_code})
    actions.submit_changes(city.civil_operator, changes=clash.pk, cleared=CLEARED)
    actions.pass_changes(city.civil_manager, changes=clash.pk, cleared=CLEARED)
    with pytest.raises(Malformed, match=f"第 2 行“救助信息”的代码 {first_code} 已属另一条"):
        actions.keep_old_codes(city.bureau_operator, changes=clash.pk)


# -- by page ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_by_page_from_the_template_to_the_bureau(city: Cast) -> None:
    clerk = city.client("civil_operator")
    page = clerk.get("/compile/sheets/").content.decode()
    assert "上传并检查" in page and "下载空白模板" in page
    blank = load_workbook(io.BytesIO(clerk.get("/compile/sheets/template.xlsx").content))
    assert "业务管理系统" in [c.value for row in blank["选项"].iter_rows() for c in row]
    refused = clerk.post("/compile/sheets/", {})
    assert refused.status_code == 422 and "请选择要上传的文件" in refused.content.decode()

    def upload(content: bytes) -> str:
        file = SimpleUploadedFile("目录.xlsx", content)
        answer = clerk.post("/compile/sheets/", {"file": file})
        running = clerk.get(answer["Location"]).content.decode()
        assert "正在读取文件" in running
        jobs.check_workbook(changes=ChangeSet.objects.latest("pk").pk)
        polled = clerk.get(answer["Location"], headers={"HX-Request": "true"})
        assert polled.status_code == 286
        return str(answer["Location"])

    wrong = upload(content_of(book_of(COMPLETE | {"共享类型": "有条件共亨"})))
    page = clerk.get(wrong).content.decode()
    assert "有 1 处错误" in page and "是不是“有条件共享”" in page and "确认写入" not in page
    copy = load_workbook(io.BytesIO(clerk.get(f"{wrong}faults.xlsx").content))
    assert copy.active.title == "问题清单"
    assert city.client("housing_operator").get(f"{wrong}faults.xlsx").status_code == 404
    clerk.post(f"{wrong}give-up/")

    own = upload(content_of(book_of(COMPLETE, COMPLETE | {"资源名称": "收养登记信息"})))
    page = clerk.get(own).content.decode()
    assert "检查通过" in page and "收养登记信息" in page
    clerk.post(f"{own}apply/")
    page = clerk.get(own).content.decode()
    assert "整批撤销" in page and "整批提交审核（2）" in page
    assert "保密审查" in clerk.get(f"{own}all/submit/").content.decode()
    clerk.post(f"{own}all/submit/", {"cleared": CLEARED})
    assert states() == {"in_department"}
    manager = city.client("civil_manager")
    page = manager.get(own).content.decode()
    assert "整批审核通过（2）" in page and "整批退回修改（2）" in page
    form = manager.get(f"{own}all/return/").content.decode()
    assert "表述不清" in form and "退回原因" in form and "资源摘要" in form
    assert manager.post(f"{own}all/return/", {"ground": "unclear"}).status_code == 422
    manager.post(f"{own}all/return/", WHY)
    assert states() == {"returned"}
    clerk.post(f"{own}all/submit/", {"cleared": CLEARED})
    manager.post(f"{own}all/pass/", {"cleared": CLEARED})
    bureau = city.client("bureau_operator")
    page = bureau.get(own).content.decode()
    assert "整批审核通过并赋码（2）" in page and "沿用旧目录代码" not in page
    assert "整批审核退回（2）" in page
    bureau.post(f"{own}all/send_back/", WHY | {"element": "summary"})
    assert states() == {"returned"}
    clerk.post(f"{own}all/submit/", {"cleared": CLEARED})
    manager.post(f"{own}all/pass/", {"cleared": CLEARED})
    bureau.post(f"{own}all/approve/")
    assert states() == {"to_publish"}
    assert city.client("housing_operator").get(own).status_code == 404
    out = clerk.get("/compile/sheets/export.xlsx")
    assert len(list(load_workbook(io.BytesIO(out.content))["目录"].iter_rows(min_row=3))) == 2


# -- by the API and the command line ---------------------------------------------------------------


@pytest.mark.django_db
def test_by_the_api_as_by_the_page(city: Cast) -> None:
    def caller(key: str) -> Client:
        token = create_token(getattr(city, key), label="测试", days=1)["token"]
        return Client(headers={"Authorization": f"Bearer {token}"})

    clerk = caller("civil_operator")
    blank = load_workbook(io.BytesIO(clerk.get("/api/catalog/workbook/template").content))
    assert "目录" in blank.sheetnames
    file = SimpleUploadedFile("目录.xlsx", content_of(book_of(COMPLETE, {"资源名称": "收"})))
    sent = clerk.post("/api/catalog/change-sets", {"file": file})
    assert sent.status_code == 200 and sent.json()["state"] == "queued", sent.content
    address = f"/api/catalog/change-sets/{sent.json()['id']}"
    jobs.check_workbook(changes=sent.json()["id"])
    checked = clerk.get(address).json()
    assert (checked["state"], checked["grave"], checked["new"]) == ("faulty", 1, 1)
    assert [(f["cell"], f["message"]) for f in checked["faults"] if f["grave"]] == [
        ("B3", "至少 2 个字")
    ]
    assert load_workbook(io.BytesIO(clerk.get(f"{address}/faults").content)).active is not None
    file = SimpleUploadedFile("目录.xlsx", content_of(book_of(COMPLETE)))
    own = clerk.post("/api/catalog/change-sets", {"file": file}).json()["id"]
    jobs.check_workbook(changes=own)
    [row] = clerk.get(f"/api/catalog/change-sets/{own}/changes").json()["items"]
    assert (row["name"], row["what"]) == ("婚姻登记信息", "new")
    for key, status in (("housing_operator", 404), ("civil_manager", 403), ("civil_operator", 200)):
        given = json.dumps({"changes": own})
        done = caller(key).post(
            "/api/do/catalog.apply_changes", given, content_type="application/json"
        )
        assert done.status_code == status, (key, done.content)
    assert [s["state"] for s in clerk.get("/api/catalog/change-sets").json()["items"]] == [
        "applied",
        "faulty",
    ]
    assert caller("housing_operator").get(address).status_code == 404
    actions.submit_changes(city.civil_operator, changes=own, cleared=CLEARED)
    manager = caller("civil_manager")
    grounds = manager.get("/api/grounds/catalog.return_changes").json()
    assert "unclear" in {row["code"] for row in grounds}
    returned = manager.post(
        "/api/do/catalog.return_changes",
        json.dumps({"changes": own} | WHY),
        content_type="application/json",
    )
    assert returned.status_code == 200 and states() == {"returned"}, returned.content
    assert clerk.get("/api/catalog/workbook").content[:2] == b"PK"


@pytest.mark.django_db
def test_by_the_command_line(
    city: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huitong.cli.django_ready.database", nullcontext)
    monkeypatch.setattr("huitong.cli.django_ready.ready", lambda: None)

    def run(*words: str) -> int:
        options = parser_for("catalog").parse_args([*words, "--as", "civil_operator"])
        return int(options.run(options))

    file, copy = tmp_path / "目录.xlsx", tmp_path / "问题.xlsx"
    assert run("template", str(file)) == 0 and file.read_bytes()[:2] == b"PK"
    file.write_bytes(content_of(book_of(COMPLETE | {"共享类型": "有条件共亨"})))
    assert run("import", str(file), "--faults", str(copy)) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["state"] == "faulty" and answer["faults"][0].startswith("目录!J2 没有")
    assert load_workbook(copy)["目录"]["J2"].comment is not None
    file.write_bytes(content_of(book_of(COMPLETE)))
    assert run("import", str(file)) == 0 and not Entry.objects.exists()
    assert run("import", str(file), "--apply") == 0
    assert json.loads(capsys.readouterr().out.partition("}\n")[2])["state"] == "applied"
    assert run("workbook", str(file)) == 0
    assert load_workbook(file)["目录"]["C3"].value == "婚姻登记信息"
