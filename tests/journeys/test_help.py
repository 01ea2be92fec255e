"""The help: task guides by post, whose links and pictures are there; the palette's answers by
rights."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from tests.cast import Cast
from tests.sharing import Sharing

import huitong.portal
from huitong.kernel.manifest import menu
from huitong.kernel.workdays import Limit, today
from huitong.organizations import actions as organizations
from huitong.portal.guides import guide_of, guides
from huitong.ui.pinyin import rank, readings

pytestmark = pytest.mark.django_db
FOLDER = Path(huitong.portal.__file__).parent / "static/portal/help"


@pytest.mark.parametrize("key", guides())
def test_every_link_of_a_guide_opens_for_its_posts_and_its_pictures_are_there(
    cast: Cast, key: str
) -> None:
    guide = guides()[key]
    who = {
        "operator": "bureau_operator" if guide.bureau else "housing_operator",
        "manager": "housing_manager",
    }
    for post in guide.posts:
        client = cast.client(who.get(post, post))
        page = client.get(reverse("portal:guide", args=[key]))
        assert page.status_code == 200
        for step in guide.steps:
            assert step.text in page.content.decode()
            if step.picture:
                assert (FOLDER / step.picture).stat().st_size <= 60_000
    first = cast.client(who.get(min(guide.posts), min(guide.posts)))
    for step in guide.steps:
        if step.page:
            assert first.get(step.url, follow=True).status_code in (200, 403), step.page
    for page in guide.pages:
        assert _exists(page), f"{key}: there is no address named {page}"


def _exists(name: str) -> bool:
    from django.urls import get_resolver

    room, _, page = name.partition(":")
    resolver = get_resolver()
    namespaces = resolver.namespace_dict
    return room in namespaces and page in namespaces[room][1].reverse_dict


def test_pictures_are_used_there_and_small_together() -> None:
    used = {step.picture for guide in guides().values() for step in guide.steps if step.picture}
    there = {path.name for path in FOLDER.glob("*.png")}
    assert used == there, "make guide-pictures"
    assert sum(path.stat().st_size for path in FOLDER.glob("*.png")) <= 600_000


def test_no_page_has_two_guides_and_the_menu_mostly_has_one() -> None:
    pages = [page for guide in guides().values() for page in guide.pages]
    assert len(set(pages)) == len(pages)
    without = {line.page for line in menu() if not guide_of(line.page)}
    assert without <= {
        "work:openings",
        "work:notices",
        "organizations:bodies",
        "organizations:duties",
        "organizations:divisions",
        "organizations:calendar",
        "organizations:limits",
        "catalog:browse",
        "catalog:words",
        "catalog:filed_grounds",
        "catalog:checks",
        "catalog:changes",
        "catalog:coding",
        "documents:documents",
        "catalog:code_lists",
        "catalog:censuses",
    }


def test_the_help_shows_the_guides_of_ones_post_first_and_finds_by_words_and_initials(
    cast: Cast,
) -> None:
    page = cast.client("audit_admin").get("/help/").content.decode()
    own = page.partition('id="guides-own"')[2].partition('id="guides-others"')[0]
    assert "/help/audit/" in own and "/help/apply/" not in own and "/help/apply/" in page
    assert (
        "/help/accept/"
        not in (
            cast.client("housing_operator")
            .get("/help/")
            .content.decode()
            .partition('id="guides-own"')[2]
            .partition('id="guides-others"')[0]
        )
    ), "accepting is the bureau's"
    for q, key in (("盖章", "seal"), ("shouli", "accept"), ("cxqzh", ""), ("密钥", "use")):
        answer = cast.client("housing_operator").get("/help/", {"q": q}).content.decode()
        part = answer.partition('id="guides-found"')[2].partition("</section>")[0]
        assert (f"/help/{key}/" in part) if key else ("没有找到" in part), q
    assert "/api/docs" in page


def test_the_help_is_open_to_whoever_cannot_sign_in() -> None:
    assert Client().get("/help/").status_code == 200
    assert Client().get("/help/apply/").status_code == 200
    assert Client().get("/help/no-such-task/").status_code == 404


def answers(cast: Cast, key: str, q: str) -> dict[str, list[str]]:
    body = cast.client(key).get("/palette/", {"q": q, "format": "json"}).json()
    return {group["label"]: [i["label"] for i in group["items"]] for group in body["groups"]}


def test_the_palette_answers_by_name_pinyin_and_initials(cast: Cast) -> None:
    for q in ("共享申请", "gongxiangshenqing", "gxsq", "GXSQ", "享申"):
        assert "共享申请" in answers(cast, "housing_operator", q)["页面"], q
    assert "共享申请" not in answers(cast, "system_admin", "gxsq").get("页面", [])
    assert "开设账号" in answers(cast, "system_admin", "kszh")["办理"]
    assert "开设账号" not in answers(cast, "housing_operator", "kszh").get("办理", [])
    assert answers(cast, "housing_operator", "申请使用")["指南"]


def test_the_palette_shows_nobody_what_they_may_not_open(cast: Cast, sharing: Sharing) -> None:
    form = sharing.applied(sharing.mount())
    number = form.applications.get().case.number
    assert answers(cast, "housing_operator", number)["事项"] == ["申请使用：婚姻登记信息（接口）"]
    assert "事项" not in answers(cast, "stranger_operator", number)
    assert "事项" not in answers(cast, "system_admin", number)
    assert answers(cast, "stranger_operator", "婚姻登记")["目录"] == ["婚姻登记信息"]
    assert Client().get("/palette/?q=x").status_code == 302


def test_every_answer_of_the_palette_opens(cast: Cast) -> None:
    for key in ("housing_operator", "bureau_manager", "system_admin", "security_admin"):
        client = cast.client(key)
        body = client.get("/palette/?format=json&q=").json()
        more = [client.get(f"/palette/?format=json&q={q}").json() for q in ("s", "x", "g")]
        urls = {i["url"] for one in (body, *more) for g in one["groups"] for i in g["items"]}
        assert urls
        for url in urls:
            assert client.get(url, follow=True).status_code == 200, url


def test_the_palette_as_a_page_lists_the_same(cast: Cast) -> None:
    page = cast.client("housing_operator").get("/palette/?q=gxsq").content.decode()
    assert re.search(r'<li><a href="/applications/">共享申请</a>', page)
    assert "没有找到" in cast.client("housing_operator").get("/palette/?q=zzzzqq").content.decode()


def test_names_are_spelled_and_ranked() -> None:
    assert readings("共享申请") == "gong/hong xiang shen qing"
    ranks = [rank(q, "共享申请") for q in ("共享", "申请", "gx", "gongx", "sq", "shenqing")]
    assert ranks == [0, 1, 2, 2, 3, 3]
    assert rank("审核", "共享申请") is None and rank(" ", "共") is None


def test_the_page_of_keys_lists_every_letter(cast: Cast) -> None:
    page = cast.client("security_admin").get("/help/keys/").content.decode()
    assert "登录与令牌" in page and "<kbd>l</kbd>" in page and "Ctrl+K" in page


def test_the_laws_stand_side_by_side_with_the_limits_as_the_city_has_them(cast: Cast) -> None:
    assert "/help/laws/" in Client().get("/help/").content.decode()
    page = Client().get("/help/laws/").content.decode()
    assert (
        "共享申请：环节" in page
        and "退回补正" in page
        and "大数据管理局经办人：待受理 → 待补正" in page
    )
    limits = page.partition("共享申请：时限")[2]
    assert "10 个工作日，待核实（《政务数据共享条例》）" in limits
    assert "10 个工作日（《实施细则》第二十二条）" in limits
    assert "《政务数据共享条例》" not in page.partition("已开办的事项")[0].partition("新事项")[2]
    row = Limit.objects.get(law="national-2025", name="answer_conditional")
    organizations.confirm_limit(
        cast.system_admin, limit=row.pk, source="国务院公报 2025 年第 17 号"
    )
    organizations.adopt_law(
        cast.system_admin, law="national-2025", in_force=today(), basis="市政府办公室通知"
    )
    page = Client().get("/help/laws/").content.decode()
    assert "10 个工作日（《政务数据共享条例》）" in page.partition("共享申请：时限")[2]
    assert "《实施细则》、《政务数据共享条例》" in page
