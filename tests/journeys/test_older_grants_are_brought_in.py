"""The bureau brings in what an older platform granted, through every door: checked, prepared by
one, confirmed by another, agreed to by the provider; then served, shown as brought in, and ended
like any grant (A19, A22, A26)."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook
from tests.bringing import SOURCE, Bringing, workbook
from tests.sharing import RISK, Sharing, scan_png

from huitong.access import actions, queries
from huitong.access.models import Grant, Intake
from huitong.cli import main
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db
INPUTS = Path(__file__).parents[1] / "inputs" / "imports"
HEADINGS = [
    "原编号",
    "使用部门",
    "使用数据的信息系统",
    "履职依据",
    "事项编码",
    "资源代码",
    "方式",
    "信息项",
    "数据行条件",
    "使用目的",
    "使用场景",
    "有效期自",
    "有效期至",
    "每秒调用上限",
    "每日调用上限",
    "决定日期",
    "决定单位",
    "是否已结束",
    "前置库",
    "送达表名",
    "联系人",
    "联系电话",
    "扫描件",
    "备注",
]


@pytest.fixture
def bringing(sharing: Sharing) -> Bringing:
    return Bringing(sharing)


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", answer.content.decode()))


def uploaded(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def sent(client: Client, content: bytes, **more: Any) -> Any:
    table = {"source": SOURCE, "file": uploaded("补录.xlsx", content)} | more
    return client.post("/grants/intake/", table)


def test_by_the_pages(bringing: Bringing) -> None:
    cast = bringing.cast
    clerk, manager = cast.client("bureau_operator"), cast.client("bureau_manager")
    assert "补录旧授权" in text_of(clerk.get("/grants/"))
    book = load_workbook(io.BytesIO(clerk.get("/grants/intake/template/").content))
    assert [cell.value for cell in book.worksheets[0][1]] == HEADINGS
    assert book.sheetnames == ["授权", "填写说明"]

    # checked: the wrong row by row and column, nothing written, the right ones may go on
    good = bringing.of_provider(扫描件="授权书.png", 备注="住房保障专班")
    bad = bringing.of_platform(资源代码="没有")
    scan = uploaded("授权书.png", scan_png())
    answer = sent(clerk, workbook(good, bad), papers=scan)
    page = text_of(answer, 422)
    assert "1 行有错误" in page and "3 资源代码 没有以此代码发布并挂接的资源" in page
    assert "还没有补录任何授权；扫描件已收到，提交前只有上传人能看" in page
    assert "1 行可以补录" in page and not Intake.objects.exists()
    [key] = re.findall(r'name="key" value="([^"]+)"', answer.content.decode())
    done = clerk.post("/grants/intake/hand-in/", {"key": key})
    again = clerk.post("/grants/intake/hand-in/", {"key": key})
    assert done["Location"] == again["Location"] and Intake.objects.count() == 1
    intake = Intake.objects.get()
    case = f"/cases/{intake.case_id}/"
    assert done["Location"] == case

    # two hands: who prepared has no button for it, the manager sees every row
    assert "确认补录" not in text_of(clerk.get(case))
    page = text_of(manager.get(case))
    assert "确认补录" in page and "待提供部门同意 1 项" in page
    assert "JH-2024-0001" in text_of(manager.get(f"/grants/intake/{intake.pk}/"))
    confirming = manager.post(f"{case}confirm/", {})
    assert "不能" in text_of(confirming, confirming.status_code)
    actions.confirm(cast.bureau_manager, intake.case)
    [grant] = bringing.grants(intake)

    # the provider is confirming, agrees, and the parties read where it is from
    provider = cast.client("civil_manager")
    assert "待提供部门同意" in text_of(provider.get(f"/cases/{grant.case_id}/"))
    assert queries.live_grants() == []
    actions.agree(cast.civil_manager, grant.case)
    for url in (
        f"/grants/{grant.pk}/",
        f"/cases/{grant.case_id}/",
        "/grants/?tab=held&show=intake",
    ):
        page = text_of(cast.client("housing_operator").get(url))
        assert "补录" in page, url
    page = text_of(cast.client("housing_operator").get(f"/grants/{grant.pk}/"))
    for words in (SOURCE, "JH-2024-0001", "由提供部门决定", "住房保障专班", "下载纸质授权扫描件"):
        assert words in page, words
    application = grant.application.case_id
    assert "补录的授权" in text_of(provider.get(f"/cases/{application}/"))
    assert "补录" in text_of(manager.get("/applications/?source=intake"))
    assert "JH-2024-0001" not in text_of(manager.get("/applications/?source=here"))
    assert "JH-2024-0001" in text_of(manager.get("/palette/?q=JH-2024-0001"))
    # taken along
    file = manager.get("/grants/?tab=all&format=csv&cols=source,former")
    rows = b"".join(file.streaming_content).decode()
    assert SOURCE in rows and "JH-2024-0001" in rows

    # uploaded again: nothing comes twice
    page = text_of(sent(clerk, workbook(good)), 422)
    assert "1 行以前补录过" in page and "第 2 行（原编号 JH-2024-0001）" in page
    assert "扫描件已收到" not in page and Grant.objects.count() == 1
    actions.revoke(cast.civil_manager, bringing.case(grant), **RISK)
    assert queries.live_grants() == []


def test_by_the_api(bringing: Bringing) -> None:
    cast = bringing.cast

    def client(who: str) -> Client:
        token = organizations.create_token(getattr(cast, who), label="补录", days=1)["token"]
        return Client(headers={"Authorization": f"Bearer {token}"})

    clerk, manager = client("bureau_operator"), client("bureau_manager")
    assert clerk.get("/api/intakes/template").content.startswith(b"PK")
    rows = [bringing.of_platform(), bringing.of_platform(有效期至="何时")]
    answer = clerk.post(
        "/api/intakes/check", {"source": SOURCE, "file": uploaded("a.xlsx", workbook(*rows))}
    )
    checked = answer.json()
    assert checked["right"] == 1 and checked["faults"][0]["column"] == "有效期至", checked
    [right] = checked["rows"]
    assert right.items() >= rows[0].items(), "the wrong row is not handed on"
    given = {"source": SOURCE, "sheet": rows}

    def do(who: Client, url: str, body: dict[str, Any]) -> Any:
        return who.post(url, json.dumps(body), content_type="application/json")

    refused = do(clerk, "/api/do/intake.prepare", given)
    assert refused.status_code == 422 and "第 3 行“有效期至”" in refused.json()["fields"]
    done = do(clerk, "/api/do/intake.prepare", given | {"sheet": checked["rows"]}).json()
    url = f"/api/cases/intake/{done['case']['id']}/confirm"
    assert do(clerk, url, {}).status_code == 403
    assert do(manager, url, {}).status_code == 200
    [grant] = client("housing_operator").get("/api/grants?intake=true").json()["items"]
    mark = grant["intake"]
    assert (mark["source"], mark["number"]) == (SOURCE, rows[0]["原编号"])
    assert mark["prepared_by"] and mark["confirmed_by"] and grant["state"] == "active"
    [intake] = manager.get("/api/intakes").json()["items"]
    [row] = manager.get(f"/api/intakes/{intake['id']}/rows").json()["items"]
    assert intake["rows"] == 1 and row["grant"] == grant["id"]
    for who in ("civil_manager", "housing_operator"):
        assert client(who).get("/api/intakes").json()["items"] == []
        assert client(who).get(f"/api/intakes/{intake['id']}/rows").status_code == 404
        answer = client(who).post(
            "/api/intakes/check", {"source": SOURCE, "file": uploaded("a.xlsx", workbook(*rows))}
        )
        assert answer.status_code == 403


def test_by_the_command_line(
    bringing: Bringing, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    template, table = tmp_path / "空表.xlsx", tmp_path / "补录.csv"
    assert main(["intake", "template", str(template)]) == 0
    book = load_workbook(template)
    assert [cell.value for cell in book.worksheets[0][1]] == HEADINGS
    paper = tmp_path / "授权书.png"
    paper.write_bytes(scan_png())
    rows = [bringing.of_platform(扫描件="授权书.png"), bringing.of_platform(方式="邮寄")]
    with table.open("w", encoding="gb18030", newline="") as file:
        writer = csv.DictWriter(file, HEADINGS)
        writer.writeheader()
        writer.writerows(rows)
    words = [str(table), "--source", SOURCE, "--paper", str(paper), "--as", "bureau_operator"]
    capsys.readouterr()
    assert main(["intake", "check", *words]) == 1
    assert "第 3 行“方式”" in capsys.readouterr().out
    assert main(["intake", "prepare", *words]) == 1 and not Intake.objects.exists()
    capsys.readouterr()
    assert main(["intake", "prepare", *words, "--leave-out"]) == 0
    case = str(json.loads(capsys.readouterr().out)["case"]["id"])
    confirm = ["do", "intake.confirm", "--case", case, "--as"]
    assert main([*confirm, "bureau_operator"]) == 1
    assert main([*confirm, "bureau_manager"]) == 0
    [live] = queries.live_grants()
    assert live.valid_from.date() == today() - timedelta(300)
    assert main(["intake", "check", *[*words[:-1], "housing_operator"]]) == 1


@pytest.mark.parametrize("name", sorted(path.name for path in INPUTS.iterdir()))
def test_a_hostile_file_gets_a_clear_answer_and_leaves_nothing(
    bringing: Bringing, name: str
) -> None:
    answer = sent(bringing.cast.client("bureau_operator"), (INPUTS / name).read_bytes())
    page = text_of(answer, 422)
    assert re.search("缺少列|双引号|没有数据行|无法|列名|没有列名|错误", page), page
    assert not Intake.objects.exists()


def test_what_is_marked_as_classified_is_refused(bringing: Bringing) -> None:
    clerk = bringing.cast.client("bureau_operator")
    answer = sent(clerk, workbook(bringing.of_platform(备注="机密★10年")))
    assert answer.status_code == 409 and not Intake.objects.exists()
    formula = bringing.of_platform(使用目的='=HYPERLINK("http://x","点我")')
    assert "公式" in text_of(sent(clerk, workbook(formula)), 422)
