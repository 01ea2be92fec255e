"""Housing checks marriages for public rental housing: the human part of the story, by page, by API
and by command (A13, A18-A23, A30).

By page: Civil Affairs mounts, Housing applies for two resources, prints, seals, submits; the bureau
accepts; the platform grants the one, Civil Affairs grants the other in part after a simulation. By
command a third application is filled in and refused; by API everything that came of it is read, and
a grant given back.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader
from tests.sharing import Sharing

from huitong.access import actions, queries
from huitong.access.models import Application, Form, Grant
from huitong.cli.demo.stamping import QUICK, stamped
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations
from huitong.publishing.models import Mount

ROOT = Path(__file__).parents[2]


def text(response: Any) -> str:
    return response.content.decode()


def opened(client: Client, url: str) -> str:
    """A page that opens, says nothing inline, and holds one heading."""
    response = client.get(url, follow=True)
    page = text(response)
    assert response.status_code == 200, page[-3000:]
    assert len(re.findall(r"<h1[ >]", page)) == 1 and " style=" not in page
    return page


def once(page: str) -> str:
    return re.search(r'name="_once"[^>]*value="([^"]+)"', page)[1]  # type: ignore[index]


# -- by page ---------------------------------------------------------------------------------------


def mounted(sharing: Sharing) -> tuple[Mount, Mount]:
    """Civil Affairs looks at its source and mounts both entries as API."""
    clerk, cast = sharing.cast.client("civil_operator"), sharing.cast
    marriage, division, database = (
        sharing.entry("marriage"),
        sharing.entry("division"),
        sharing.database(),
    )
    assert "婚姻登记信息" in opened(clerk, "/mounts/new/")
    url = f"/mounts/new/{marriage.pk}/api/"
    form = {
        "database": database.pk,
        "schema_name": "public",
        "table": "marriage",
        "authorization": "direct",
        "responsible": "周建国",
        "_once": once(opened(clerk, url)),
    }
    seen = text(clerk.post(url, form | {"_look": "1"}))
    assert "连接成功" in seen and "110105********002X" in seen and "11010519491231002X" not in seen
    wrong = clerk.post(url, form | {"table": "nowhere"})
    assert wrong.status_code == 422 and "表或字段不存在" in text(wrong)
    assert clerk.post(url, form).status_code == 302
    url = f"/mounts/new/{division.pk}/api/"
    clerk.post(url, form | {"table": "division", "_once": once(opened(clerk, url))})
    first, second = Mount.objects.order_by("pk")
    assert "市民政局" in opened(cast.client("stranger_operator"), f"/catalog/{marriage.pk}/")
    assert (
        "marriage"
        not in opened(cast.client("stranger_operator"), f"/mounts/{first.pk}/")
        .split("可提供的信息项")[0]
        .split("基本情况")[1]
    ), "where it lies is the department's own business"
    return first, second


def applied(sharing: Sharing, marriage: Mount, division: Mount) -> Form:
    """Housing's clerk answers the questions for two resources at once; Housing's manager
    submits."""
    cast, clerk = sharing.cast, sharing.cast.client("housing_operator")
    page = opened(clerk, f"/apply/new/?r={marriage.entry_id}")
    assert "市民政局" in page and "10 个工作日" in page and "第二十二条" in page, (
        "told beforehand who decides and by when"
    )
    opened(clerk, f"/apply/new/?mount={division.pk}")
    items = ["登记编号", "男方姓名", "男方身份号码", "登记日期", "登记机关区划"]
    none = clerk.post("/apply/new/", {f"m{division.pk}-items": ["区划代码"]})
    assert none.status_code == 422 and "请至少选择一个信息项" in text(none)
    answer = {
        f"m{marriage.pk}-items": items,
        f"m{division.pk}-items": ["区划代码", "区划名称"],
        f"m{marriage.pk}-frequency": "每日约 50 次",
    }
    assert clerk.post("/apply/new/", answer)["Location"] == "/apply/new/grounds/"
    assert "请先登记应用系统" in opened(clerk, "/apply/new/grounds/")
    system = sharing.system()
    grounds = {
        "duty": cast.duty("housing").pk,
        "matter": cast.matter("housing").pk,
        "system": system.pk,
        "contact": "沈佳",
        "phone": "0513-85215678",
    }
    assert clerk.post("/apply/new/grounds/", grounds | {"phone": ""}).status_code == 422
    assert clerk.post("/apply/new/grounds/", grounds)["Location"] == "/apply/new/purpose/"
    clerk.post(
        "/apply/new/purpose/",
        {
            "purpose": "核对公共租赁住房申请人婚姻状况",
            "scenario": "窗口受理时核对",
            "period_from": str(today()),
            "period_to": f"{today().year + 1}-06-30",
        },
    )
    check = opened(clerk, "/apply/new/check/")
    assert all(
        word in check
        for word in (
            "公共租赁住房资格审核",
            "男方身份号码",
            "每日约 50 次",
            "第二十二条",
            "第二十三条",
        )
    )
    assert not Form.objects.exists(), "only the last page makes something"
    token = once(check)
    first = clerk.post("/apply/new/check/", {"_once": token})
    form = Form.objects.get()
    assert first["Location"] == f"/apply/{form.pk}/" and form.applications.count() == 2
    opened(clerk, f"/apply/{form.pk}/")
    clerk.post(f"/apply/{form.pk}/print/")
    clerk.post(f"/apply/{form.pk}/print/")
    printed = clerk.get(f"/apply/{form.pk}/form.pdf")
    said = "".join(
        "".join(p.extract_text().split()) for p in PdfReader(io.BytesIO(printed.content)).pages
    )
    assert form.number in said and "男方身份号码" in said and "第1版" in said
    page = opened(clerk, f"/apply/{form.pk}/scan/")
    missing = clerk.post(f"/apply/{form.pk}/scan/", {"_once": once(page)})
    assert missing.status_code == 422 and "加盖公章的扫描件" in text(missing).split("<main")[1]
    unstamped = {
        "scan": SimpleUploadedFile("盖章件.pdf", printed.content),
        "archive_number": "",
        "_once": once(page),
    }
    refused = clerk.post(f"/apply/{form.pk}/scan/", unstamped)
    assert refused.status_code == 422 and "原件档案号" in text(refused), (
        "neither the print itself nor an original nobody can find"
    )
    refused = clerk.post(
        f"/apply/{form.pk}/scan/",
        unstamped
        | {"scan": SimpleUploadedFile("盖章件.pdf", printed.content), "archive_number": "ZJ-1"},
    )
    assert refused.status_code == 422 and "未盖章的打印件" in text(refused)
    upload = {
        "scan": SimpleUploadedFile("盖章件.pdf", stamped(printed.content, dots=QUICK)),
        "archive_number": "ZJ-2026-017",
        "_once": once(page),
    }
    assert clerk.post(f"/apply/{form.pk}/scan/", upload)["Location"] == f"/apply/{form.pk}/sealed/"
    assert "本部门负责人" in opened(clerk, f"/apply/{form.pk}/sealed/")
    stranger = cast.client("stranger_operator")
    for url in (f"/apply/{form.pk}/", f"/apply/{form.pk}/form.pdf", f"/apply/{form.pk}/scan/file/"):
        assert stranger.get(url).status_code == 404
    manager = cast.client("housing_manager")
    page = opened(manager, f"/apply/{form.pk}/")
    assert clerk.post(f"/apply/{form.pk}/submit/", {"_once": once(page)}).status_code == 403, (
        "the clerk does not submit"
    )
    assert (
        manager.post(f"/apply/{form.pk}/submit/", {"_once": once(page)})["Location"]
        == f"/apply/{form.pk}/done/"
    )
    done = opened(manager, f"/apply/{form.pk}/done/")
    assert form.number in done and "市民政局" in done and "10 个工作日" in done
    return Form.objects.get()


def decided(sharing: Sharing, form: Form) -> tuple[Grant, Grant]:
    """The bureau accepts both; Civil Affairs grants marriages in part, the platform grants
    divisions whole."""
    cast = sharing.cast
    marriage, division = form.applications.select_related("case").order_by("pk")
    bureau = cast.client("bureau_operator")
    for application in (marriage, division):
        page = opened(bureau, f"/cases/{application.case_id}/")
        assert "核对公共租赁住房申请人婚姻状况" in page
        url = f"/accept/{application.pk}/"
        assert f'href="{url}"' in page, "the case page leads to the scan beside the data"
        page = opened(bureau, url)
        assert ("scan-frame" in page and "男方身份号码" in page) or application == division
        half = bureau.post(url, {"checked": ["stamp", "legible"], "_once": once(page)})
        assert (
            half.status_code == 422
            and "请核对后勾选：使用目的、申请范围与所列履职依据相符" in text(half)
        )
        whole = bureau.post(
            url,
            {
                "checked": ["stamp", "legible", "duty", "content"],
                "opinion": "材料齐全",
                "_once": once(page),
            },
        )
        assert whole["Location"] == f"/cases/{application.case_id}/"
        assert "受理时已核对" in opened(bureau, f"/cases/{application.case_id}/")
    civil, url = cast.client("civil_manager"), f"/decide/{marriage.pk}/"
    assert f'href="{url}"' in opened(civil, f"/cases/{marriage.case_id}/"), (
        "the case page leads to the deciding page"
    )
    page = opened(civil, url)
    assert "scan-frame" in page and "男方身份号码" in page
    frame = civil.get(f"/apply/{form.pk}/scan/file/")
    assert (
        frame["Content-Type"] == "application/pdf"
        and frame["X-Frame-Options"] == "SAMEORIGIN"
        and frame.getvalue().startswith(b"%PDF-")
    )
    frame.close()
    part = {
        "item_1": "on",
        "item_3": "on",
        "item_4": "on",
        "mask_1": "stars",
        "on_0": "登记机关区划",
        "op_0": "prefix",
        "value_0": "3206",
        "per_second": "5",
        "per_day": "500",
        "valid_from": str(today()),
        "valid_to": f"{today().year + 1}-03-31",
        "_once": once(page),
    }
    assert "不在您的环节" in opened(cast.client("civil_operator"), url)
    seen = text(civil.post(url, part | {"_act": "simulate"}))
    assert (
        "320623" in seen
        and "320500" not in seen
        and "11010519491231002X" not in seen
        and "王小明" not in seen
    )
    nothing = civil.post(
        url, {k: v for k, v in part.items() if not k.startswith("item_")} | {"_act": "grant"}
    )
    assert nothing.status_code == 422 and "请至少保留一个信息项" in text(nothing)
    long = civil.post(url, part | {"_act": "grant", "valid_to": f"{today().year + 2}-01-01"})
    assert long.status_code == 422 and "不能晚于申请" in text(long)
    for empty in ("不行", "......", "不同意不同意", "　１２３４５６７　"):
        short = civil.post(
            url, {"_act": "refuse", "ground": "outside_duty", "cites": "使用目的", "reasons": empty}
        )
        assert short.status_code == 422 and "至少 6 个字" in text(short)
    unsaid = text(civil.post(url, part | {"_act": "grant"}))
    assert (
        "授权比申请的少（不提供登记编号、男方身份号码" in unsaid
        and "请选择理由类别" in unsaid
        and "请写明具体理由" in unsaid
    )
    part |= {
        "ground": "more_than_needed",
        "cites": "身份号码、登记编号",
        "reasons": "住房保障审核只需核对姓名和登记日期。",
    }
    for _ in range(2):  # a double click decides once
        assert (
            civil.post(url, part | {"_act": "grant"})["Location"] == f"/cases/{marriage.case_id}/"
        )
    granted = Grant.objects.get()
    assert (
        granted.scope["items"] == ["男方姓名", "登记日期", "登记机关区划"]
        and granted.scope["masks"]["男方姓名"]["first"] == 0
    )
    assert (granted.per_second, granted.per_day) == (5, 500)
    platform, url = cast.client("bureau_manager"), f"/decide/{division.pk}/"
    page = opened(platform, url)
    whole = {
        "item_0": "on",
        "item_1": "on",
        "per_second": "20",
        "valid_from": str(today()),
        "valid_to": str(form.period_to),
        "_once": once(page),
    }
    assert platform.post(url, whole | {"_act": "grant"}).status_code == 302
    assert "平台已授权使用" in opened(cast.client("civil_manager"), "/notices/")
    return granted, Grant.objects.exclude(pk=granted.pk).get()


def credentialed(sharing: Sharing, grant: Grant) -> str:
    """Housing makes a credential: its secret is on one page only."""
    clerk, system = sharing.cast.client("housing_operator"), sharing.system()
    page = opened(clerk, f"/grants/{grant.pk}/")
    assert (
        "登记机关区划以“3206”开头" in page
        and "还没有凭证" in page
        and "只能按授权的方式和范围" in page
    )
    url = f"/systems/{system.pk}/credentials/new/"
    form = {
        "label": "生产环境",
        "days": "90",
        "networks": "127.0.0.0/8",
        "_once": once(opened(clerk, url)),
    }
    made = text(clerk.post(url, form))
    secret = re.search(r'id="client-secret" value="([^"]+)"', made)[1]  # type: ignore[index]
    again = text(clerk.post(url, form))
    assert secret not in again and "不能再次查看" in again
    assert secret not in opened(clerk, f"/systems/{system.pk}/") and secret not in opened(
        clerk, f"/grants/{grant.pk}/"
    )
    client_id = queries.live_grants()[0].client_ids[0]
    answer = clerk.post(
        "/oauth/token",
        f"grant_type=client_credentials&client_id={client_id}&client_secret={secret}",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200 and answer.json()["access_token"].count(".") == 2
    return secret


# -- by API, by command ----------------------------------------------------------------------------


def api(sharing: Sharing, who: str) -> Any:
    """``call(url, given=None, status=200)``: GET, or POST what is given, with a token of this
    person."""
    client = Client(
        headers={
            "Authorization": (
                "Bearer"
                f" {organizations.create_token(getattr(sharing.cast, who), label='接口')['token']}"
            )
        }
    )

    def call(url: str, given: Any = None, status: int = 200) -> Any:
        answer = (
            client.get(f"/api{url}")
            if given is None
            else client.post(f"/api{url}", given, content_type="application/json")
        )
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    return call


def applied_by_api(sharing: Sharing, mount: Mount) -> Application:
    """A third application, from form to acceptance."""
    clerk, manager, bureau = (
        api(sharing, who) for who in ("housing_operator", "housing_manager", "bureau_operator")
    )
    about = {
        name: str(value) if name.startswith("period") else value
        for name, value in sharing.answers(purpose="研究婚姻状况变化趋势").items()
    }
    wrong = clerk(
        "/do/access.apply",
        {**about, "resources": [{"mount": mount.pk, "items": ["女方姓名"]}]},
        422,
    )
    assert "resources.0.items" in wrong["fields"]
    form = int(
        clerk("/do/access.apply", {**about, "resources": [{"mount": mount.pk}]})["object_id"]
    )
    case = Application.objects.get(form=form).case_id
    early = clerk(
        "/do/access.seal_form", {"form": form, "scan": 1, "archive_number": "ZJ-2026-018"}, 409
    )
    assert early["article"] == "A20" and "打印" in early["detail"]
    clerk("/do/access.print_form", {"form": form})
    paper, number = sharing.scan(Form.objects.get(pk=form)), "ZJ-2026-018"
    assert (
        "archive_number"
        in clerk("/do/access.seal_form", {"form": form, "scan": paper}, 422)["fields"]
    )
    clerk("/do/access.seal_form", {"form": form, "scan": paper, "archive_number": number})
    assert clerk(f"/cases/application/{case}/submit", {}, 403)["who"] == "使用部门负责人"
    manager("/do/access.submit_form", {"form": form})
    assert [a["verb"] for a in bureau(f"/cases/{case}")["actions"]] == ["accept", "decline"]
    unticked = bureau(
        f"/cases/application/{case}/accept",
        {"opinion": "材料齐全", "checked": ["stamp", "duty", "content"]},
        422,
    )
    assert list(unticked["fields"]) == ["checked.legible"] and unticked["article"] == "A21"
    bureau(f"/cases/application/{case}/accept", {"opinion": "材料齐全"} | sharing.checks())
    return Application.objects.get(case=case)


def refused_by_command(environment: dict[str, str], application: Application) -> None:
    """Civil Affairs refuses it from the command line: only its manager may, and only with
    specific reasons."""

    def command(who: str, reasons: str) -> tuple[int, dict[str, Any]]:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "huitong.cli",
                "do",
                "application.refuse",
                "--as",
                who,
                "--case",
                str(application.case_id),
                "--ground",
                "outside_duty",
                "--cites",
                "使用目的",
                "--reasons",
                reasons,
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            env=environment | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        )
        return done.returncode, json.loads(done.stdout or done.stderr)

    code, said = command("bureau_manager", "用途与职责不符,不予授权。")
    assert (code, said["status"], said["article"]) == (1, 403, "A22")
    code, said = command("civil_manager", "研究用途与住房保障职责不符,请改用脱敏统计数据。")
    assert (code, said["case"]["state"]) == (0, "refused")


def read_by_api(sharing: Sharing, granted: Grant, refused: Application) -> None:
    housing, stranger = api(sharing, "housing_operator"), api(sharing, "stranger_operator")
    found = housing(f"/grants/{granted.pk}")
    assert (
        found["scope"]["items"] == ["男方姓名", "登记日期", "登记机关区划"]
        and found["state"] == "active"
    )
    assert any("3206" in said for said in found["words"]) and found["per_day"] == 500
    assert {g["id"] for g in housing("/grants")["items"]} == {g.pk for g in Grant.objects.all()}
    assert housing("/forms")["count"] == 2
    shown = housing(f"/applications/{refused.pk}")
    assert shown["state"] == "refused" and shown["form"] == refused.form_id
    assert housing(f"/forms/{refused.form_id}")["applications"][0]["id"] == refused.pk
    assert len(housing("/systems")["items"]) == 1
    assert set(housing(f"/systems/{granted.system_id}/credentials")[0]) == {
        "id",
        "client_id",
        "label",
        "networks",
        "expires_at",
        "revoked_at",
        "last_used_on",
    }
    assert (
        housing("/mounts")["count"] == 2
        and housing(f"/mounts/{granted.mount_id}")["source"] is None
    )
    assert housing(f"/grants/{granted.pk}/deliveries") == []
    for url in (
        f"/grants/{granted.pk}",
        f"/applications/{refused.pk}",
        f"/forms/{refused.form_id}",
        f"/systems/{granted.system_id}/credentials",
    ):
        assert stranger(url, status=404)["code"] == "not_visible"
    assert stranger("/grants")["count"] == 0


def test_housing_checks_marriage_for_public_rental(live_db, sharing: Sharing, settings, tmp_path):
    settings.OAUTH_KEYS = tmp_path / "oauth"
    marriage, division = mounted(sharing)
    form = applied(sharing, marriage, division)
    granted, _ = decided(sharing, form)
    secret = credentialed(sharing, granted)
    refused = applied_by_api(sharing, marriage)
    refused_by_command(live_db.environment, refused)
    read_by_api(sharing, granted, refused)
    pages(sharing, granted)
    articles = dict(
        Entry.objects.filter(
            verb__in=(
                "application.accept",
                "application.grant",
                "application.refuse",
                "application.submit",
            )
        ).values_list("verb", "article")
    )
    assert (
        articles["application.accept"] == "A21"
        and articles["application.refuse"] == "A22"
        and articles["application.submit"] == "A20"
    )
    assert not any(secret in str(e.as_dict()) for e in Entry.objects.all())
    actions.give_back(sharing.cast.housing_operator, granted.case)
    assert (
        len(queries.live_grants()) == 1 and Case.objects.get(pk=granted.case_id).state == "returned"
    )


def pages(sharing: Sharing, granted: Grant) -> None:
    """Every other page opens for those whom it concerns."""
    for who in (
        "housing_operator",
        "housing_manager",
        "civil_operator",
        "civil_manager",
        "bureau_operator",
        "bureau_manager",
        "stranger_operator",
    ):
        client = sharing.cast.client(who)
        for url in (
            "/mounts/",
            "/applications/",
            "/applications/?tab=asked",
            "/grants/",
            "/grants/?tab=given",
            "/systems/",
        ):
            opened(client, url)
    assert "本部门授出的" in opened(sharing.cast.client("civil_operator"), "/grants/?tab=given")
    assert sharing.cast.client("stranger_operator").get(f"/grants/{granted.pk}/").status_code == 404
    assert opened(sharing.cast.client("civil_manager"), f"/cases/{granted.case_id}/")
