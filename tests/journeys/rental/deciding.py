"""From an accepted application to a credential, or to a refusal (A22, A23)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

from tests.journeys.rental import ROOT, once, opened, text
from tests.sharing import Sharing

from huitong.access import queries
from huitong.access.models import Application, Form, Grant
from huitong.kernel.workdays import today


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
                "_confirmed": "1",
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
        "conditions.item": "登记机关区划",
        "conditions.op": "prefix",
        "conditions.value": "3206",
        "per_second": "5",
        "per_day": "500",
        "valid_from": str(today()),
        "valid_to": f"{today().year + 1}-03-31",
        "_once": once(page),
    }
    assert "不在您的环节" in opened(cast.client("civil_operator"), url)
    rows_shown = text(civil.post(url, part | {"_act": "simulate"}))
    assert (
        "320623" in rows_shown
        and "320500" not in rows_shown
        and "11010519491231002X" not in rows_shown
        and "王小明" not in rows_shown
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
            civil.post(url, part | {"_act": "grant", "_confirmed": "1"})["Location"]
            == f"/cases/{marriage.case_id}/"
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
        "conditions.item": "",
        "conditions.op": "等于",
        "conditions.value": "",
        "per_second": "20",
        "valid_from": str(today()),
        "valid_to": str(form.period_to),
        "_once": once(page),
    }
    assert platform.post(url, whole | {"_act": "grant", "_confirmed": "1"}).status_code == 302
    assert "平台已授权使用" in opened(cast.client("civil_manager"), "/notices/")
    return granted, Grant.objects.exclude(pk=granted.pk).get()


def credentialed(sharing: Sharing, grant: Grant) -> str:
    """Housing makes a credential: its secret is on one page only."""
    clerk, system = sharing.cast.client("housing_operator"), sharing.system()
    page = opened(clerk, f"/grants/{grant.pk}/")
    assert (
        "登记机关区划以“3206”开头" in page
        and "还没有凭证" in page
        and "严格按照授权的方式和范围使用" in page
    )
    url = f"/systems/{system.pk}/credentials/new/"
    form = {
        "label": "生产环境",
        "days": "90",
        "networks": "127.0.0.0/8",
        "_once": once(opened(clerk, url)),
    }
    secret_page = text(clerk.post(url, form))
    secret = re.search(r'id="client-secret" value="([^"]+)"', secret_page)[1]  # type: ignore[index]
    again = text(clerk.post(url, form))
    assert secret not in again and "不能再次查看" in again
    assert secret not in opened(clerk, f"/systems/{system.pk}/") and secret not in opened(
        clerk, f"/grants/{grant.pk}/"
    )
    client_id = queries.live_grants()[0].credentials[0].client_id
    answer = clerk.post(
        "/oauth/token",
        f"grant_type=client_credentials&client_id={client_id}&client_secret={secret}",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200 and answer.json()["access_token"].count(".") == 2
    return secret


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

    code, answer = command("bureau_manager", "用途与职责不符,不予授权。")
    assert (code, answer["status"], answer["article"]) == (1, 403, "A22")
    code, answer = command("civil_manager", "研究用途与住房保障职责不符,请改用脱敏统计数据。")
    assert (code, answer["case"]["state"]) == (0, "refused")
