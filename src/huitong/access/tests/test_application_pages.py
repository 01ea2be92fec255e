"""The pages of an application: kept from the first, judged where one goes on, made once, nobody
else's (A3, A20)."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.test import Client
from tests.sharing import HANDLING, Sharing

from huitong.access.models import Application, Form
from huitong.access.views.questions import item_choices
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.workdays import today
from huitong.organizations.models import Duty
from huitong.publishing.models import Mount
from huitong.ui.templatetags.ui import tick_groups
from huitong.work.models import Draft

pytestmark = pytest.mark.django_db
PURPOSE = "核对公共租赁住房申请人婚姻状况"


class Clerk:
    """A clerk of Housing at the pages of one application."""

    def __init__(self, sharing: Sharing, *mounts: Mount, key: str = "") -> None:
        self.client: Client = sharing.cast.client("housing_operator")
        self.sharing, self.mounts = sharing, mounts
        query = "&".join(f"mount={mount.pk}" for mount in mounts)
        start = self.client.get(f"/apply/new/?{query}")["Location"]
        self.url = f"/apply/new/{key}/" if key else start.split("?")[0]
        self.start = start

    @property
    def draft(self) -> Draft | None:
        return Draft.objects.filter(key=self.url.split("/")[3]).first()

    def mark(self) -> str:
        row = self.draft
        return str(row.turn) if row else "0"

    def send(self, page: str = "", *, script: bool = False, **given: Any) -> Any:
        headers = {"X-Autosave": str(self.sharing.cast.housing_operator.person)} if script else {}
        given = {"_mark": self.mark()} | given
        return self.client.post(f"{self.url}{page}", given, headers=headers)

    def items(self, *items: str, **more: Any) -> dict[str, Any]:
        first = self.mounts[0].pk
        return {"mounts": [m.pk for m in self.mounts], f"m{first}-items": items} | more

    def answers(self, **more: Any) -> dict[str, Any]:
        cast = self.sharing.cast
        return {
            "duty": cast.duty("housing").pk,
            "matter": cast.matter("housing").pk,
            "system": self.sharing.system().pk,
            "purpose": PURPOSE,
            "period_from": str(today()),
            "period_to": str(today() + timedelta(300)),
            "contact": "沈佳",
            "phone": "0513-85215678",
            **HANDLING,
            "impact_by": "沈佳",
            "impact_on": str(today()),
        } | more


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_coming_to_the_first_page_writes_nothing(sharing: Sharing) -> None:
    """A link checker, a preview, a clerk who only looks: a draft begins with the first thing
    typed."""
    clerk = Clerk(sharing, sharing.mount("division", "api"))
    page = text(clerk.client.get(clerk.start))
    assert "行政区划代码" in page and " checked" not in page.split("<main")[1], "nothing is ticked"
    assert "已选 0 / 4 项" in page and not Draft.objects.exists()


def test_what_is_typed_is_there_in_another_browser(sharing: Sharing) -> None:
    mount = sharing.mount("division", "api")
    clerk = Clerk(sharing, mount)
    answer = clerk.send(script=True, **clerk.items("级别", **{f"m{mount.pk}-frequency": "每日"}))
    assert answer.status_code == 200 and set(answer.json()) == {"at", "mark", "words"}
    clerk.send("grounds/", script=True, purpose="核", phone="")
    other = sharing.cast.client("housing_operator")
    page = text(other.get(clerk.url))
    assert re.search(r'value="级别"[^>]* checked', page) and page.count(" checked") == 1
    page = text(other.get(f"{clerk.url}grounds/"))
    assert ">\n核</textarea>" in page and 'name="phone" value="13' not in page
    assert "未完成的草稿" in text(other.get("/"))
    page = text(other.get("/applications/drafts/"))
    assert "申请使用：行政区划代码（接口）" in page and f"{clerk.url}grounds/" in page


def test_a_draft_is_nobody_elses(sharing: Sharing) -> None:
    clerk = Clerk(sharing, sharing.mount("division", "api"))
    clerk.send(script=True, **clerk.items("级别"))
    clerk.send("grounds/", script=True, purpose="只有我知道")
    for post in ("housing_manager", "civil_operator", "bureau_operator", "audit_admin"):
        client = sharing.cast.client(post)
        for page in ("", "grounds/", "check/"):
            assert "只有我知道" not in text(client.get(f"{clerk.url}{page}", follow=True))
        assert clerk.url not in text(client.get("/applications/drafts/"))


def test_two_windows_do_not_overwrite_each_other(sharing: Sharing) -> None:
    clerk = Clerk(sharing, sharing.mount("division", "api"))
    clerk.send(script=True, **clerk.items("级别"))
    older = clerk.mark()
    clerk.send(script=True, **clerk.items("级别", "区划名称"))
    answer = clerk.send(script=True, **clerk.items("区划代码"), _mark=older)
    assert answer.status_code == 409 and "另一个窗口" in answer.json()["detail"]
    answer = clerk.send(**clerk.items("区划代码"), _mark=older)
    page = text(answer)
    assert answer.status_code == 409 and "两个窗口的内容不一样" in page
    assert re.search(r'value="区划代码"[^>]* checked', page), "what was typed is still there"
    assert clerk.draft and clerk.draft.content[f"m{clerk.mounts[0].pk}-items"] == [
        "级别",
        "区划名称",
    ]
    mark = re.search(r'name="_mark" value="(\d+)"', page)
    assert mark and clerk.send(**clerk.items("区划代码"), _mark=mark[1]).status_code == 302


def test_a_draft_deleted_in_another_window_loses_nothing_typed_here(sharing: Sharing) -> None:
    clerk = Clerk(sharing, sharing.mount("division", "api"))
    clerk.send(**clerk.items("级别"))
    delete = f"/drafts/{clerk.draft.pk if clerk.draft else 0}/delete/"
    clerk.client.post(delete)
    answer = clerk.send("grounds/", script=True, **clerk.answers())
    assert answer.status_code == 409 and "删除" in answer.json()["detail"]
    assert clerk.send("grounds/", **clerk.answers()).status_code == 302
    assert clerk.draft and clerk.draft.deleted_at is None
    assert clerk.draft.content["purpose"] == [PURPOSE]
    clerk.client.post(delete)
    assert clerk.client.get(clerk.url)["Location"] == "/applications/drafts/", "only looked at"


def test_answers_are_kept_though_the_last_resource_was_taken_off(sharing: Sharing) -> None:
    clerk = Clerk(sharing, mount := sharing.mount("division", "api"))
    clerk.send(**clerk.items("级别"))
    clerk.send(**clerk.items("级别"), _drop=mount.pk)
    assert clerk.send("grounds/", script=True, **clerk.answers()).json()["at"]
    answer = clerk.send("grounds/", **clerk.answers(scenario="窗口"))
    assert answer["Location"] == clerk.url
    assert clerk.draft and clerk.draft.content["scenario"] == ["窗口"]


def test_a_withdrawn_resource_is_told_once_however_often_it_was_saved(sharing: Sharing) -> None:
    clerk = Clerk(sharing, sharing.mount("division", "api"))
    dropped = clerk.items("级别") | {"mounts": [clerk.mounts[0].pk, 999_999]}
    for _ in range(3):
        clerk.send(script=True, **dropped)
    assert text(clerk.client.get(clerk.url)).count("已不再提供") == 1
    clerk.send(**clerk.items("级别"))
    assert text(clerk.client.get(f"{clerk.url}grounds/")).count("已不再提供") == 0


def test_whoever_signed_in_since_saves_nothing_as_theirs(sharing: Sharing) -> None:
    clerk = Clerk(sharing, sharing.mount("division", "api"))
    stranger = sharing.cast.client("stranger_operator")
    headers = {"X-Autosave": str(sharing.cast.housing_operator.person)}
    answer = stranger.post(clerk.url, clerk.items("级别"), headers=headers)
    assert answer.status_code == 401 and not Draft.objects.exists()
    answer = Client().post(clerk.url, clerk.items("级别"), headers=headers)
    assert answer.status_code == 401


def test_marked_text_is_told_beside_its_field_and_the_rest_is_kept(sharing: Sharing) -> None:
    clerk = Clerk(sharing, sharing.mount("division", "api"))
    clerk.send(**clerk.items("级别"))
    given = clerk.answers(purpose="按机密★三年文件核对", scenario="窗口")
    answer = clerk.send("grounds/", script=True, **given)
    assert answer.status_code == 409 and answer.json()["article"] == "A3"
    answer = clerk.send("grounds/", **given)
    page = text(answer)
    assert answer.status_code == 422 and "这一栏没有保存" in page and "data-forget" in page
    assert clerk.draft and "purpose" not in clerk.draft.content
    assert clerk.draft.content["scenario"] == ["窗口"]


def test_all_items_are_ticked_by_one_button_without_scripts(sharing: Sharing) -> None:
    mount = sharing.mount("division", "api")
    clerk = Clerk(sharing, mount)
    answer = clerk.send(**clerk.items(), _all=str(mount.pk))
    assert answer["Location"] == f"{clerk.url}#id_m{mount.pk}-items"
    assert "已选 4 / 4 项" in text(clerk.client.get(clerk.url))
    none = clerk.send(**clerk.items())
    assert none.status_code == 422 and "请至少选择一个信息项" in text(none)
    assert "已选 0 / 4 项" in text(none), "what was taken back is taken back"


def test_resources_are_added_and_taken_off_with_the_rest_kept(sharing: Sharing) -> None:
    division, marriage = sharing.mount("division", "api"), sharing.mount("marriage", "api")
    clerk = Clerk(sharing, division)
    clerk.send(**clerk.items("级别"), _add="1", add_mount=marriage.pk)
    page = text(clerk.client.get(clerk.url))
    assert "婚姻登记信息（接口）" in page and re.search(r'value="级别"[^>]* checked', page)
    clerk.send(**clerk.items("级别") | {"mounts": [division.pk, marriage.pk]}, _drop=division.pk)
    page = text(clerk.client.get(clerk.url))
    assert f'id="resource-{marriage.pk}"' in page and f'id="resource-{division.pk}"' not in page
    own = sharing.cast.client("civil_operator").get(f"/apply/new/?mount={marriage.pk}")
    assert own.status_code == 409 and "无需申请" in text(own)
    for missing in ("999999", "", "x"):
        answer = clerk.send(**clerk.items(), _add="1", add_mount=missing)
        assert answer.status_code == 422 and "还要申请的资源" in text(answer)
    words = {"_add": "1", "add_mount-words": "收养"}
    assert "没有找到" in text(clerk.send(**clerk.items(), **words)), "a browser without scripts"


def test_what_there_is_only_one_of_is_filled_in(sharing: Sharing) -> None:
    sharing.system()
    clerk = Clerk(sharing, sharing.mount("division", "api"))
    clerk.send(**clerk.items("级别"))
    page = text(clerk.client.get(f"{clerk.url}grounds/"))
    checked = re.findall(r'name="(\w+)" value="\d+"[^>]* checked', page)
    assert checked == ["duty", "matter", "system"]
    assert 'name="phone" value="1' in page and 'name="contact" value="' in page


def test_what_was_used_last_is_offered_again(sharing: Sharing) -> None:
    form = sharing.form(sharing.mount("division", "api"))
    clerk = Clerk(sharing, sharing.mount("marriage", "api"))
    clerk.send(**clerk.items("登记日期"))
    page = text(clerk.client.get(f"{clerk.url}grounds/"))
    assert f'value="{form.phone}"' in page and f'data-phrase="{form.purpose}"' in page


def test_a_matter_says_its_duty_and_what_does_not_go_together_is_told(sharing: Sharing) -> None:
    cast, clerk = sharing.cast, Clerk(sharing, sharing.mount("division", "api"))
    matter = cast.matter("housing")
    with writing("test"):
        other = Duty.objects.create(
            body=cast.body("housing"), text="监督管理建筑市场", valid_from=today()
        )
    clerk.send(**clerk.items("级别"))
    page = text(clerk.client.get(f"{clerk.url}grounds/"))
    assert f'data-of="{matter.duty_id}"' in page and f'name="duty" value="{other.pk}"' in page
    answer = clerk.send("grounds/", **clerk.answers(duty=other.pk))
    assert answer.status_code == 422 and "该事项不属于所选的职责" in text(answer)
    answer = clerk.send("grounds/", **clerk.answers(period_to=str(today() - timedelta(1))))
    assert answer.status_code == 422 and "止期不能早于起期" in text(answer)
    answer = clerk.send("grounds/", **clerk.answers(duty=""))
    assert answer["Location"] == f"{clerk.url}check/"


def test_a_resource_no_longer_offered_leaves_the_rest_of_the_answers(sharing: Sharing) -> None:
    mount = sharing.mount("division", "api")
    clerk = Clerk(sharing, mount)
    clerk.send(script=True, **clerk.items("级别") | {"mounts": [999999, mount.pk]})
    page = text(clerk.client.get(clerk.url))
    assert "已不再提供" in page and f"m{mount.pk}-items" in page


def test_the_check_page_leads_to_what_is_missing(sharing: Sharing) -> None:
    clerk = Clerk(sharing, sharing.mount("division", "api"))
    assert clerk.client.get(f"{clerk.url}check/")["Location"] == clerk.url
    clerk.send(**clerk.items("级别"))
    assert clerk.client.get(f"{clerk.url}check/")["Location"] == f"{clerk.url}grounds/"
    clerk.send("grounds/", **clerk.answers(purpose=""))
    page = clerk.client.get(f"{clerk.url}check/", follow=True)
    assert "使用目的" in text(page) and "error-summary" in text(page)


def test_one_form_is_made_however_often_the_last_page_is_sent(sharing: Sharing) -> None:
    """A double click; a machine that fails between the application and the end of its draft; an
    old window that sends once more."""
    clerk = Clerk(sharing, sharing.mount("division", "api"))
    clerk.send(**clerk.items("级别", "区划代码"))
    clerk.send("grounds/", **clerk.answers())
    row = clerk.draft
    assert row and not Form.objects.exists(), "only the last page makes something"
    mark = clerk.mark()
    first = clerk.send("check/", _mark=mark)
    form = Form.objects.get()
    assert first["Location"] == f"/apply/{form.pk}/scan/" and form.printed_hash
    assert Application.objects.get().scope["items"] == ["区划代码", "级别"]
    assert not Draft.objects.exists()
    assert clerk.send("check/", _mark=mark)["Location"] == f"/apply/{form.pk}/"
    with writing("test"):  # as if the machine had failed before the draft was forgotten
        row.save(force_insert=True)
    assert clerk.send("check/", _mark=mark)["Location"] == f"/apply/{form.pk}/scan/"
    assert Form.objects.count() == 1 and not Draft.objects.exists()
    assert clerk.client.get(clerk.url)["Location"] == f"/apply/{form.pk}/"
    assert Entry.objects.filter(verb="access.apply").count() == 1


def test_what_another_window_changed_is_checked_again(sharing: Sharing) -> None:
    clerk = Clerk(sharing, sharing.mount("division", "api"))
    clerk.send(**clerk.items("级别"))
    clerk.send("grounds/", **clerk.answers())
    older = clerk.mark()
    clerk.send("grounds/", **clerk.answers(purpose="另一个窗口改过的使用目的"))
    answer = clerk.send("check/", _mark=older)
    assert answer["Location"] == f"{clerk.url}check/" and not Form.objects.exists()
    assert "另一个窗口改过的使用目的" in text(clerk.client.get(f"{clerk.url}check/"))


def test_several_drafts_stand_side_by_side(sharing: Sharing) -> None:
    first = Clerk(sharing, sharing.mount("division", "api"))
    first.send(**first.items("级别"))
    second = Clerk(sharing, sharing.mount("marriage", "api"))
    page = text(second.client.get(second.start))
    assert "您有未完成的申请" in page and first.url in page
    second.send(**second.items("登记日期"))
    page = text(second.client.get("/applications/drafts/"))
    assert first.url in page and second.url in page
    row = first.draft
    assert row
    second.client.post(f"/drafts/{row.pk}/delete/", {"next": "/applications/drafts/"})
    assert second.client.get(first.url)["Location"] == "/applications/drafts/"


@pytest.mark.parametrize("page", ["", "grounds/", "check/"])
def test_an_address_nobody_minted_is_an_empty_page(sharing: Sharing, page: str) -> None:
    client = sharing.cast.client("housing_operator")
    answer = client.get(f"/apply/new/{uuid.uuid4()}/{page}", follow=True)
    assert answer.status_code == 200 and "还没有选择资源" in text(answer)


def test_a_page_costs_few_queries(sharing: Sharing, django_assert_max_num_queries: Any) -> None:
    clerk = Clerk(sharing, sharing.mount("division", "api"), sharing.mount("marriage", "api"))
    clerk.send(**clerk.items("级别"))
    clerk.client.get(clerk.url)
    with django_assert_max_num_queries(30):
        clerk.client.get(clerk.url)
    with django_assert_max_num_queries(22):
        clerk.client.get(f"{clerk.url}grounds/")
    with django_assert_max_num_queries(18):
        clerk.send(script=True, **clerk.items("级别", "区划名称"))


def test_many_items_stand_in_groups_the_masked_apart() -> None:
    items = [f"项{n}" for n in range(14)]
    groups = item_choices(items, {"项3": "name", "项5": "name"})
    assert [label for label, _ in groups] == ["原样提供的", "脱敏提供的"]
    assert groups[1][1] == [("项3", "项3（脱敏提供）"), ("项5", "项5（脱敏提供）")]
    field = ItemsForm(groups)["items"]
    assert [(label, len(options)) for label, options in tick_groups(field)] == [
        ("原样提供的", 12),
        ("脱敏提供的", 2),
    ]
    assert item_choices(items[:4], {"项3": "name"})[3] == ("项3", "项3（脱敏提供）")
    assert [len(options) for _, options in tick_groups(ItemsForm(groups[0][1])["items"])] == [12]


class ItemsForm(forms.Form):
    items = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, choices: list[Any]) -> None:
        super().__init__()
        self.fields["items"].choices = choices


def test_the_only_front_database_receives_and_a_file_is_given_whole(sharing: Sharing) -> None:
    table, whole = sharing.mount("marriage", "table"), sharing.mount("division", "file")
    front = sharing.target_database()
    clerk = Clerk(sharing, table, whole)
    page = text(clerk.client.get(clerk.start))
    assert f'<option value="{front.pk}" selected>' in page and "送达表名：marriage" in page
    assert f"m{whole.pk}-items" not in page and "文件整件提供，含 4 个信息项" in page
    clerk.send(**clerk.items("登记编号", "登记日期", **{f"m{table.pk}-target": front.pk}))
    clerk.send("grounds/", **clerk.answers())
    clerk.send("check/")
    scopes = {a.mount_id: a.scope["items"] for a in Application.objects.all()}
    assert scopes[table.pk] == ["登记编号", "登记日期"] and len(scopes[whole.pk]) == 4
