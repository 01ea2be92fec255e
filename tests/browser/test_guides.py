"""Task guides in a real browser; and their pictures, taken anew by `make guide-pictures`.

``PICTURES`` says what each picture shows: who looks, at which page. A picture is the page's main
part, drawn in few colours so that the help stays small.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from tests.browser.test_work import rooms
from tests.cast import Cast
from tests.journeys.test_home import trouble_everywhere
from tests.sharing import Sharing

import huitong.portal
from huitong.access import actions as access
from huitong.access.models import Application
from huitong.catalog.tests.marriage import drafted
from huitong.portal.guides import guides
from huitong.work import actions as work

FOLDER = Path(huitong.portal.__file__).parent / "static/portal/help"
#: a picture in pixels at most, its colours, its bytes
SIZE, COLOURS, BYTES = (1040, 560), 24, 60_000

Enter = Callable[[str], str]
Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]


class Town:
    """What the pictures are of: a draft, a mount, an application at every desk, troubles."""

    def __init__(self, cast: Cast, sharing: Sharing) -> None:
        self.draft = drafted(cast.civil_operator, "收养登记信息")
        mount = sharing.mount()
        self.entry = mount.entry
        trouble_everywhere(cast, sharing)
        self.deciding = sharing.accepted(mount)
        self.form = sharing.form(mount)
        access.print_form(cast.housing_operator, form=self.form.pk)
        self.accepting = Application.objects.get(form=sharing.applied(mount))
        case = rooms(cast)[2]
        work.urge(cast.housing_operator, case=case.pk, text="请尽快答复，周五开会。")
        self.case = case


#: picture → who looks, the address
PICTURES: dict[str, tuple[str, Callable[[Town], str]]] = {
    "scan-1.png": ("civil_operator", lambda town: "/compile/sources/"),
    "scan-2.png": ("civil_operator", lambda town: "/compile/?tab=draft"),
    "scan-3.png": ("civil_operator", lambda town: f"/compile/{town.draft.pk}/"),
    "paste-1.png": ("civil_operator", lambda town: f"/compile/{town.draft.pk}/items/"),
    "publish-1.png": ("civil_operator", lambda town: "/compile/"),
    "mount-1.png": ("civil_operator", lambda town: "/mounts/"),
    "apply-1.png": ("housing_operator", lambda town: f"/catalog/{town.entry.pk}/"),
    "apply-2.png": ("housing_operator", lambda town: f"/apply/new/?r={town.entry.pk}"),
    "seal-1.png": ("housing_operator", lambda town: f"/apply/{town.form.pk}/"),
    "seal-2.png": ("housing_operator", lambda town: f"/apply/{town.form.pk}/scan/"),
    "accept-1.png": ("bureau_operator", lambda town: "/todo/"),
    "accept-2.png": ("bureau_operator", lambda town: f"/accept/{town.accepting.pk}/"),
    "decide-1.png": ("civil_manager", lambda town: "/todo/"),
    "decide-2.png": ("civil_manager", lambda town: f"/decide/{town.deciding.pk}/"),
    "use-1.png": ("housing_operator", lambda town: "/grants/"),
    "urge-1.png": ("housing_operator", lambda town: "/#elsewhere"),
    "urge-2.png": ("civil_manager", lambda town: "/"),
    "exchange-1.png": ("platform_operator", lambda town: "/exchange/"),
    "account-1.png": ("system_admin", lambda town: "/sys/people/"),
    "appoint-1.png": ("security_admin", lambda town: "/sec/"),
    "audit-1.png": ("audit_admin", lambda town: "/audit/"),
    "audit-2.png": ("audit_admin", lambda town: "/audit/export/"),
}


def drawn(page: Page) -> bytes:
    """The page's main part from its first card that was asked for, as a small picture."""
    top = page.evaluate(
        "(document.querySelector(location.hash || 'main')"
        ".getBoundingClientRect().top + window.scrollY) | 0"
    )
    main = page.locator("main").bounding_box()
    assert main is not None
    height = min(SIZE[1], page.evaluate("document.documentElement.scrollHeight") - top)
    clip = {"x": main["x"], "y": top, "width": min(main["width"], SIZE[0]), "height": height}
    shot: Any = page.screenshot(clip=clip, full_page=True)  # type: ignore[arg-type]
    picture = Image.open(io.BytesIO(shot))
    small = io.BytesIO()
    few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(small, "PNG", optimize=True)
    return small.getvalue()


@pytest.mark.slow
def test_pictures_show_the_pages_the_guides_speak_of(
    page: Page, enter: Enter, cast: Cast, sharing: Sharing, tmp_path: Path
) -> None:
    """Every page of every picture opens; with HUITONG_PICTURES set the pictures are written."""
    town = Town(cast, sharing)
    folder = FOLDER if os.environ.get("HUITONG_PICTURES") else tmp_path
    page.set_viewport_size({"width": 1280, "height": 760})
    for name, (who, address) in PICTURES.items():
        answer = page.goto(f"{enter(who)}{address(town)}")
        assert answer is None or answer.status == 200, name  # None: only the fragment changed
        page.wait_for_load_state("networkidle")
        picture = drawn(page)
        assert len(picture) <= BYTES, f"{name} has {len(picture)} bytes"
        (folder / name).write_bytes(picture)
    assert sum(path.stat().st_size for path in folder.glob("*.png")) <= 600_000


def test_what_every_picture_shows_is_recorded() -> None:
    steps = (step for guide in guides().values() for step in guide.steps)
    assert {step.picture for step in steps if step.picture} == set(PICTURES)


def test_a_guide_is_found_from_its_page_and_by_search(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    site = enter("housing_operator")
    page.goto(f"{site}/applications/")
    page.get_by_role("link", name="办事指南").click()
    page.wait_for_url(f"{site}/help/apply/")
    expect(page.locator("h1")).to_contain_text("申请使用其他部门的数据")
    assert_a11y(page)
    shot(page, "guide")
    page.get_by_role("link", name="全部帮助").click()
    expect(page.locator("#guides-own")).to_contain_text("申请使用其他部门的数据")
    assert_a11y(page)
    shot(page, "help")
    page.get_by_label("要办什么事").fill("盖章")
    page.keyboard.press("Enter")
    expect(page.locator("#guides-found li").first).to_contain_text("打印、盖章、上传申请表")
    page.set_viewport_size({"width": 390, "height": 800})
    assert_a11y(page)
    shot(page, "help-390")
    page.goto(f"{site}/help/seal/")
    assert_a11y(page)
    shot(page, "guide-390")
    page.goto(f"{site}/help/keys/")
    assert_a11y(page)
    page.goto(f"{site}/palette/?q=yhs")
    assert_a11y(page)


def test_guides_read_without_scripts(browser: Browser, live_server: Any) -> None:
    """The help is open to whoever cannot sign in."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/help/")
    for key, guide in list(guides().items())[:3]:
        page.goto(f"{live_server.url}/help/")
        page.get_by_role("link", name=guide.title).click()
        assert page.url.endswith(f"/help/{key}/")
        expect(page.locator("ol.guide-steps > li")).to_have_count(len(guide.steps))
        for image in page.locator("main img").all():
            image.scroll_into_view_if_needed()
            assert image.evaluate("(i) => i.decode().then(() => i.naturalWidth)") > 300
    context.close()
