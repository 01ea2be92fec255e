"""From a mounted resource to an application the bureau accepts (A13, A20, A21)."""

from __future__ import annotations

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader
from tests.journeys.rental import api, once, opened, text
from tests.sharing import HANDLING, Sharing

from huitong.access.models import Application, Form
from huitong.cli.demo.stamping import QUICK, stamped
from huitong.kernel.workdays import today
from huitong.publishing.models import Mount

ASSESSED = {"impact_by": "沈佳", "impact_on": str(today())}


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
    page_text = text(clerk.post(url, form | {"_look": "1"}))
    assert (
        "连接成功" in page_text
        and "110105********002X" in page_text
        and "11010519491231002X" not in page_text
    )
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
    url = clerk.get(f"/apply/new/?r={marriage.entry_id}")["Location"]
    page = opened(clerk, url)
    url = url.split("?")[0]
    assert "市民政局" in page and "10 个工作日" in page and "第二十二条" in page, (
        "told beforehand who decides and by when"
    )
    clerk.post(url, {"mounts": [marriage.pk], "_add": "1", "add_mount": division.pk})
    items = ["登记编号", "男方姓名", "男方身份号码", "登记日期", "登记机关区划"]
    both = {"mounts": [marriage.pk, division.pk]}
    none = clerk.post(url, both | {f"m{division.pk}-items": ["区划代码"], "_mark": "1"})
    assert none.status_code == 422 and "请至少选择一个信息项" in text(none)
    answer = both | {
        "_mark": "2",
        f"m{marriage.pk}-items": items,
        f"m{division.pk}-items": ["区划代码", "区划名称"],
        f"m{marriage.pk}-frequency": "每日约 50 次",
    }
    assert clerk.post(url, answer)["Location"] == f"{url}grounds/"
    assert "请先登记信息系统" in opened(clerk, f"{url}grounds/")
    system = sharing.system()
    grounds = {
        "duty": cast.duty("housing").pk,
        "matter": cast.matter("housing").pk,
        "system": system.pk,
        "contact": "沈佳",
        "phone": "0513-85215678",
        "purpose": "核对公共租赁住房申请人婚姻状况",
        "scenario": "窗口受理时核对",
        "period_from": str(today()),
        "period_to": f"{today().year + 1}-06-30",
    }
    wrong = clerk.post(f"{url}grounds/", grounds | {"phone": "", "_mark": "3"})
    assert wrong.status_code == 422
    assert "请选择处理的依据（《个人信息保护法》第十三条）" in text(wrong)
    assert text(wrong).count("（《个人信息保护法》第五十六条）") > 2
    onward = clerk.post(f"{url}grounds/", grounds | HANDLING | ASSESSED | {"_mark": "4"})
    assert onward["Location"] == f"{url}check/"
    check = opened(clerk, f"{url}check/")
    assert all(
        word in check
        for word in (
            "公共租赁住房资格审核",
            "男方身份号码",
            "每日约 50 次",
            "第二十二条",
            "第二十三条",
            "为履行法定职责或者法定义务所必需",
            HANDLING["impact_measures"],
        )
    )
    assert not Form.objects.exists(), "only the last page makes something"
    assert 'name="_mark" value="5"' in check
    first = clerk.post(f"{url}check/", {"_mark": "5"})
    form = Form.objects.get()
    assert first["Location"] == f"/apply/{form.pk}/scan/" and form.applications.count() == 2
    opened(clerk, f"/apply/{form.pk}/")
    clerk.post(f"/apply/{form.pk}/print/")
    clerk.post(f"/apply/{form.pk}/print/")
    printed = clerk.get(f"/apply/{form.pk}/form.pdf")
    printed_text = "".join(
        "".join(p.extract_text().split()) for p in PdfReader(io.BytesIO(printed.content)).pages
    )
    assert (
        form.number in printed_text and "男方身份号码" in printed_text and "第1版" in printed_text
    )
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
        manager.post(f"/apply/{form.pk}/submit/", {"_once": once(page), "_confirmed": "1"})[
            "Location"
        ]
        == f"/apply/{form.pk}/done/"
    )
    done = opened(manager, f"/apply/{form.pk}/done/")
    assert form.number in done and "市民政局" in done and "10 个工作日" in done
    return Form.objects.get()


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
