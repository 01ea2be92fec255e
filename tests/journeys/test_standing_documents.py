"""A document from its draft to its repeal through pages, API and command: who reads it, who is told
of it, where its article leads; a department without rules of its own is warned (A4, A12, A35)."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import Cast
from tests.sharing import Sharing

from huitong import reactions
from huitong.cli.commands import do
from huitong.documents import queries
from huitong.documents.models import Document
from huitong.documents.tests.issued import by_bureau, own_rules
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.organizations import actions as organizations
from huitong.work.models import Notice
from huitong.work.tests.made import pdf

pytestmark = pytest.mark.django_db
WORDS = {
    "kind": "interpretation",
    "title": "关于答复时限的解释",
    "document_number": "通数据〔2026〕5号",
    "articles": "A22",
    "audience": "bodies",
    "wording": "收到之日不计入。",
}


def notices_after(verb: str) -> list[Notice]:
    """Run what the last entry of a verb has deferred, twice; the notices of it."""
    entry = Entry.objects.filter(verb=verb).latest("seq")
    for job in ProcrastinateJob.objects.filter(task_name="huitong.react").order_by("pk"):
        if job.args["entry"] == entry.seq:
            reactions.react(**job.args)
            reactions.react(**job.args)
    return list(Notice.objects.filter(kind="document").order_by("pk"))


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(content.decode())


def test_an_interpretation_through_the_pages(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    clerk, manager = cast.client("bureau_operator"), cast.client("bureau_manager")
    page(clerk, "/documents/new/?article=A22")
    upload = SimpleUploadedFile("解释.pdf", pdf(), "application/pdf")
    short = clerk.post("/documents/new/", WORDS | {"title": "", "file": upload})
    assert short.status_code == 422 and "解释.pdf" in short.content.decode(), "nothing is lost"
    upload.seek(0)
    answer = clerk.post("/documents/new/", WORDS | {"file": upload})
    case = Case.objects.get(kind="city_document")
    assert answer.headers["Location"] == f"/cases/{case.pk}/"
    draft = page(clerk, f"/documents/drafts/{case.pk}/")
    assert "收到之日不计入。" in draft and "解释.pdf" in draft and "A22" in draft
    version = queries.version_of(case)
    changed = WORDS | {
        "wording": "收到之日不计入，自次日起算。",
        "file__kept": str(version.file_id),
    }
    assert clerk.post(f"/documents/drafts/{case.pk}/", changed).status_code == 302
    assert clerk.post(f"/cases/{case.pk}/submit/", {}).status_code == 302
    assert "收到之日不计入，自次日起算。" in page(manager, f"/cases/{case.pk}/")
    page(cast.client("civil_operator"), f"/cases/{case.pk}/", 404)
    question = manager.post(f"/cases/{case.pk}/publish/", {})
    assert question.status_code == 200 and "起草新版本" in question.content.decode(), (
        "confirmed first"
    )
    assert manager.post(f"/cases/{case.pk}/publish/", {"_confirmed": "yes"}).status_code == 302
    document = Document.objects.get()
    reader = cast.client("housing_operator")
    text = page(reader, document.get_absolute_url())
    assert "自次日起算" in text and "/articles/A22/" in text and "现行有效" in text
    assert document.current.file is not None
    file = reader.get(f"/documents/{document.pk}/versions/{document.current.pk}/file/")
    assert b"".join(file.streaming_content).startswith(b"%PDF")
    assert "attachment" in file.headers["Content-Disposition"]
    article = page(reader, "/articles/A22/")
    assert "应在10个工作日内完成审核" in article and WORDS["title"] in article
    assert WORDS["title"] not in page(reader, "/articles/A21/")
    page(reader, "/articles/A99/", 404)
    assert WORDS["title"] in page(reader, "/documents/?q=答复时限")
    rows = list(csv.reader(io.StringIO(page(reader, "/documents/?format=csv").lstrip("\ufeff"))))
    assert any(WORDS["title"] in row for row in rows)
    notices = notices_after("city_document.publish")
    assert {n.person_id for n in notices} >= {
        cast.person("housing_operator").pk,
        cast.person("civil_manager").pk,
    }
    assert len(notices) == len({n.person_id for n in notices}), "one notice of a document"
    assert notices[0].url == document.get_absolute_url() and notices[0].case_id is None
    repeal = {"reasons": "法规已作同样的规定", "_confirmed": "yes"}
    assert manager.post(f"/cases/{case.pk}/repeal/", repeal).status_code == 302
    assert "已废止" in page(reader, document.get_absolute_url())
    assert WORDS["title"] not in page(reader, "/articles/A22/")
    assert WORDS["title"] not in page(reader, "/documents/")
    assert WORDS["title"] in page(reader, "/documents/?tab=all")
    assert "废止" in notices_after("city_document.repeal")[-1].title


def test_a_citation_on_a_page_leads_to_what_is_said_of_its_article(
    cast: Cast, sharing: Sharing
) -> None:
    """Everywhere an article is cited: the help, what one may begin, a case, its record, a limit, a
    form, a refusal."""
    application = sharing.accepted(sharing.mount("marriage", "api"))
    civil = cast.client("civil_manager")
    link = '<a href="/articles/A22/">第二十二条</a>'
    assert link in page(civil, "/help/") and link in page(civil, "/limits/")
    case = page(civil, f"/cases/{application.case_id}/")
    assert '<a href="/articles/A21/">第二十一条</a>' in case, "in the record"
    assert "/articles/A22/" in case
    assert "/articles/" not in page(civil, f"/cases/{application.case_id}/print/"), "on paper"
    clerk = cast.client("civil_operator")
    assert '<a href="/articles/A12/">《实施细则》第十二条</a>' in page(
        clerk, "/documents/departments/", 403
    )


def test_a_standard_through_the_api_and_the_command(cast: Cast, capsys: Any) -> None:
    def call(who: str, path: str, body: dict[str, Any] | None = None) -> Any:
        token = organizations.create_token(getattr(cast, who), label="测试")["token"]
        client = Client(headers={"Authorization": f"Bearer {token}"})
        if body is None:
            return client.get(f"/api{path}")
        return client.post(f"/api{path}", json.dumps(body), "application/json")

    words = {"kind": "standard", "title": "婚姻登记数据标准", "wording": "正文", "articles": ["A9"]}
    case = call("bureau_operator", "/do/city_document.draft", words).json()["case"]["id"]
    assert call("civil_operator", f"/cases/city_document/{case}/submit", {}).status_code == 404
    steps = f"/cases/city_document/{case}"
    assert call("bureau_operator", f"{steps}/publish", {}).status_code == 403
    assert call("bureau_operator", f"{steps}/submit", {}).status_code == 200
    words_to_publish = ["--as", "bureau_manager", "--case", str(case)]
    assert do.perform("city_document.publish", words_to_publish) == 0
    capsys.readouterr()
    [row] = call("civil_operator", "/documents?kind=standard&article=A9").json()["items"]
    assert row["standing"] == "in_force" and row["articles"] == ["A9"]
    whole = call("civil_operator", f"/documents/{row['id']}").json()
    assert whole["wording"] == "正文" and whole["case"] == case
    versions = call("civil_operator", f"/documents/{row['id']}/versions").json()
    assert versions["count"] == 1 and len(versions["items"][0]["sha256"]) == 64
    article = call("civil_operator", "/articles/A9").json()
    assert [d["id"] for d in article["documents"]] == [row["id"]] and article["paragraphs"]
    assert call("civil_operator", "/articles/Z9").status_code == 404
    assert call("civil_operator", "/documents/departments").json()["count"] == 1
    every = call("bureau_operator", "/documents/departments").json()
    assert every["count"] == 6 and all(department["rules"] is None for department in every["items"])
    other = by_bureau(
        cast, title="只给民政局的通知", audience="named", bodies=[cast.body("civil").pk]
    )
    assert call("civil_operator", f"/documents/{other.pk}").status_code == 200
    assert call("housing_operator", f"/documents/{other.pk}").status_code == 404
    assert call("housing_operator", "/documents?q=只给民政局").json()["count"] == 0


def test_a_department_without_rules_of_its_own_is_warned(cast: Cast) -> None:
    civil, bureau = cast.client("civil_operator"), cast.client("bureau_operator")
    housing = cast.client("housing_operator")
    address = f"/orgs/{cast.body('civil').pk}/"
    for client in (civil, cast.client("civil_manager")):
        assert "本部门没有管理办法" in page(client, "/")
    assert "没有现行有效的目录管理办法" in page(civil, address)
    assert "现在起草" in page(civil, address)
    manager = page(cast.client("civil_manager"), address)
    assert "现在起草" not in manager and "请本部门的经办人起草" in manager
    assert "没有管理办法的部门" in page(bureau, "/")
    listed = page(bureau, "/documents/departments/?has=no")
    assert "0 个已制定管理办法（0%）" in listed and "南通市民政局" in listed
    page(civil, "/documents/departments/", 403)
    document = own_rules(cast, audience="own")
    assert "本部门没有管理办法" not in page(civil, "/")
    assert document.current.title in page(civil, address)
    other = page(housing, address)
    assert "已制定，仅供该部门" in other and document.get_absolute_url() not in other
    page(housing, document.get_absolute_url(), 404)
    listed = page(bureau, "/documents/departments/?has=no")
    assert "1 个已制定管理办法（17%）" in listed and "南通市民政局" not in listed
    assert document.current.title in page(bureau, "/documents/departments/?has=yes&format=csv")
    assert "没有现行" not in page(bureau, f"/orgs/{cast.body('rudong').pk}/"), "counties: A6"


def test_a_list_of_documents_costs_the_same_however_long(cast: Cast) -> None:
    by_bureau(cast)
    client = cast.client("civil_operator")

    def cost() -> int:
        with CaptureQueriesContext(connection) as statements:
            page(client, "/documents/")
        return len(statements)

    cost()
    short = cost()
    for number in range(3):
        by_bureau(cast, title=f"数据标准之{number}", articles=["A7", "A9"])
    own_rules(cast)
    assert cost() <= short
