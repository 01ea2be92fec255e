"""An application for personal data names its legal basis, brings the persons' consent where that is
the basis, and a record of the impact; through page, API and command (个人信息保护法)."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader
from tests.journeys.rental import api
from tests.sharing import BACK, HANDLING, Sharing
from tests.sharing import ITEMS as CATALOGUED

from huitong.access import actions, queries
from huitong.access.models import Form, Grant
from huitong.access.tests.papers import written
from huitong.access.tests.test_application_pages import Clerk, text
from huitong.cli import main
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.ui import pdf
from huitong.work import actions as work
from huitong.work import queries as work_queries
from huitong.work.models import AttachmentUse

pytestmark = pytest.mark.django_db
SILENT = dict.fromkeys(HANDLING, "")
CONSENT = {"legal_basis": "consent"}
ITEMS = ("男方姓名", "男方身份号码")


def letter(sharing: Sharing, kind: str = "PNG", name: str = "同意书.png") -> int:
    file = SimpleUploadedFile(name, written(kind))
    return work.attach(sharing.cast.housing_operator, upload=file).pk


def print_text(form: Form) -> str:
    pages = PdfReader(io.BytesIO(queries.printed_matter(Form.objects.get(pk=form.pk)))).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def downloaded(client: Client, url: str) -> bytes:
    answer: Any = client.get(url)
    return b"".join(answer.streaming_content)


# -- questions -------------------------------------------------------------------------------------


def test_who_asks_for_no_personal_item_is_asked_nothing(sharing: Sharing) -> None:
    for table, items in (("division", ("级别",)), ("marriage", ("登记日期", "登记机关"))):
        clerk = Clerk(sharing, sharing.mount(table, "api"))
        clerk.send(**clerk.items(*items))
        page = text(clerk.client.get(f"{clerk.url}grounds/"))
        assert "使用目的" in page and "个人信息" not in page
        answers = clerk.answers() | SILENT
        assert clerk.send("grounds/", **answers)["Location"] == f"{clerk.url}check/"
        clerk.send("check/")
        form = Form.objects.latest("pk")
        assert form.printed_hash and "个人信息" not in print_text(form), "printed at once"
        page = text(clerk.client.get(f"/apply/{form.pk}/"))
        assert "处理个人信息的依据" not in page


def test_the_questions_of_personal_items_are_kept_and_judged(sharing: Sharing) -> None:
    clerk = Clerk(sharing, sharing.mount("marriage", "api"))
    clerk.send(**clerk.items(*ITEMS, "登记日期"))
    page = text(clerk.client.get(f"{clerk.url}grounds/"))
    assert "男方姓名（敏感）、男方身份号码（敏感）" in page
    clerk.send("grounds/", script=True, legal_basis="consent", impact_effect="影响不大")
    clerk.client = sharing.cast.client("housing_operator")  # at another browser
    page = text(clerk.client.get(f"{clerk.url}grounds/"))
    assert re.search(r'value="consent"[^>]* selected', page) and "影响不大</textarea>" in page
    page = text(wrong := clerk.send("grounds/", **clerk.answers() | SILENT))
    assert wrong.status_code == 422 and "请选择处理的依据（《个人信息保护法》第十三条）" in page
    assert page.count("处理敏感个人信息、向其他个人信息处理者提供个人信息，须事前评估") >= 3
    late = clerk.answers(impact_on=str(today() + timedelta(1)), legal_basis="other")
    page = text(wrong := clerk.send("grounds/", **late))
    assert wrong.status_code == 422 and "评估日期不能晚于今天" in page
    assert "须写明是哪部法律、行政法规的哪一条" in page
    right = clerk.send("grounds/", **clerk.answers())
    assert right["Location"] == f"{clerk.url}check/"
    page = text(clerk.client.get(f"{clerk.url}check/"))
    assert HANDLING["impact_measures"] in page and "为履行法定职责" in page
    clerk.send("check/")
    form = Form.objects.get()
    assert form.legal_basis == "duty" and form.impact_by == "沈佳" and form.impact_on == today()
    assert "第十三条第一款第（三）项" in print_text(form)
    assert HANDLING["impact_effect"].replace(" ", "") in print_text(form)


def test_a_file_is_given_whole_with_its_personal_items(sharing: Sharing) -> None:
    clerk = Clerk(sharing, sharing.mount("marriage", "file"))
    clerk.send(mounts=[clerk.mounts[0].pk])
    assert "处理个人信息的依据" in text(clerk.client.get(f"{clerk.url}grounds/"))


# -- letters of consent ----------------------------------------------------------------------------


def test_consent_is_shown_by_a_letter_before_anything_is_printed(sharing: Sharing) -> None:
    clerk = Clerk(sharing, sharing.mount("marriage", "api"))
    clerk.send(**clerk.items(*ITEMS))
    clerk.send("grounds/", **clerk.answers(**CONSENT))
    onward = clerk.send("check/")
    form = Form.objects.get()
    assert onward["Location"] == f"/apply/{form.pk}/" and not form.printed_hash
    page = text(clerk.client.get(f"/apply/{form.pk}/", follow=True))
    assert "以个人同意为依据的，须上传同意书（《个人信息保护法》第十三条）" in page
    assert "上传同意书" in page
    url = f"/apply/{form.pk}/letters/"
    for name, content in (("同意书.png", b"no picture"), ("同意书.docx", b"PK"), ("", b"")):
        given = {"letters": SimpleUploadedFile(name, content)} if name else {}
        refused = clerk.client.post(url, given)
        assert refused.status_code == 422 and not form.letters.exists(), name
    for name, kind in (("甲的同意书.png", "PNG"), ("乙的同意书.jpg", "JPEG"), ("样张.pdf", "PDF")):
        upload = SimpleUploadedFile(name, written(kind))
        assert clerk.client.post(url, {"letters": upload}).status_code == 302, name
    page = text(clerk.client.get(f"/apply/{form.pk}/"))
    assert all(name in page for name in ("甲的同意书.png", "乙的同意书.jpg", "样张.pdf"))
    clerk.client.post(f"/apply/{form.pk}/print/")
    form.refresh_from_db()
    first = form.letters.first()
    assert form.printed_hash and "甲的同意书.png" in print_text(form)
    assert first.attachment.sha256[:16] in print_text(form)
    clerk.client.post(url, {"_remove": first.attachment_id})
    form.refresh_from_db()
    assert not form.printed_hash and form.letters.count() == 2, "it is printed anew"


def test_letters_reach_who_accepts_and_decides_and_the_evidence(sharing: Sharing) -> None:
    cast, mount = sharing.cast, sharing.mount("marriage", "api")
    form = sharing.form(mount, answers=CONSENT)
    clerk = cast.housing_operator
    with pytest.raises(AgainstRules, match="须上传同意书") as refusal:
        actions.print_form(clerk, form=form.pk)
    assert refusal.value.article == "P13" and refusal.value.remedy and refusal.value.who
    brought, dropped = letter(sharing), letter(sharing, "JPEG", "误传.jpg")
    actions.add_letters(clerk, form=form.pk, letters=[brought, dropped, brought])
    actions.remove_letter(clerk, form=form.pk, letter=dropped)
    with pytest.raises(Malformed, match="没有这份同意书"):
        actions.remove_letter(clerk, form=form.pk, letter=dropped)
    url = f"/apply/{form.pk}/letters/{brought}/"
    assert downloaded(cast.client("housing_manager"), url) == written("PNG")
    assert cast.client("civil_manager").get(url).status_code == 404, "still private"
    actions.print_form(clerk, form=form.pk)
    scan = sharing.scan(form)
    actions.seal_form(clerk, form=form.pk, scan=scan, archive_number="ZJ-2026-017")
    with pytest.raises(AgainstRules):
        actions.add_letters(clerk, form=form.pk, letters=[dropped])
    actions.submit_form(cast.housing_manager, form=form.pk)
    application = queries.form_applications(form)[0]
    page = text(cast.client("bureau_operator").get(f"/accept/{application.pk}/"))
    assert url in page and "取得个人的同意" in page and "男方姓名（敏感）" in page
    actions.accept(cast.bureau_operator, application.case, **sharing.checks())
    for page_url in (f"/decide/{application.pk}/", f"/cases/{application.case_id}/"):
        page = text(cast.client("civil_manager").get(page_url))
        assert url in page and HANDLING["impact_effect"] in page and "取得个人的同意" in page
    assert downloaded(cast.client("civil_manager"), url) == written("PNG")
    assert cast.client("stranger_operator").get(url).status_code == 404
    taken_off = f"/apply/{form.pk}/letters/{dropped}/"
    assert cast.client("civil_manager").get(taken_off).status_code == 404
    used = AttachmentUse.objects.filter(case=application.case_id)
    assert {use.attachment_id for use in used} == {brought, scan}
    papers = work_queries.papers_handed_in(
        Form.objects.select_related("scan", "printed").get(pk=form.pk), [application.case_id]
    )
    assert brought in [paper.pk for _, paper in papers], "part of the evidence"
    grant = actions.grant(cast.civil_manager, Case.objects.get(pk=application.case_id))
    assert grant.legal_basis == "consent"
    page = text(cast.client("housing_operator").get(f"/grants/{grant.pk}/"))
    assert "取得个人的同意（《个人信息保护法》第十三条第一款第（一）项）" in page


@pytest.mark.parametrize("change", ["remove", "basis"])
def test_a_letter_no_longer_brought_after_a_seal_is_handed_in_no_more(
    sharing: Sharing, change: str
) -> None:
    """The manager sends the sealed form back; the parties read the letters of the last seal."""
    cast, clerk = sharing.cast, sharing.cast.housing_operator
    form = sharing.form(sharing.mount("marriage", "api"), answers=CONSENT)
    first, second = letter(sharing), letter(sharing, "JPEG", "另一份.jpg")
    actions.add_letters(clerk, form=form.pk, letters=[first, second])

    def seal() -> None:
        actions.print_form(clerk, form=form.pk)
        scan = sharing.scan(form)
        actions.seal_form(clerk, form=form.pk, scan=scan, archive_number="ZJ-2026-017")

    seal()
    case = queries.form_applications(form)[0].case
    actions.send_back(cast.housing_manager, case, **BACK)
    if change == "remove":
        actions.remove_letter(clerk, form=form.pk, letter=first)
        rest = {second}
    else:
        actions.revise(clerk, form=form.pk, legal_basis="duty")
        rest = set()
    seal()
    actions.submit_form(cast.housing_manager, form=form.pk)
    used = AttachmentUse.objects.filter(case=case, attachment__in=[first, second])
    assert set(used.values_list("attachment", flat=True)) == rest
    provider = cast.client("civil_manager")
    assert provider.get(f"/attachments/{first}/").status_code == 404


def test_somebody_elses_file_is_no_letter(sharing: Sharing) -> None:
    form = sharing.form(sharing.mount("marriage", "api"), answers=CONSENT)
    file = SimpleUploadedFile("同意书.png", written("PNG"))
    foreign = work.attach(sharing.cast.civil_operator, upload=file).pk
    with pytest.raises(Malformed, match="不是您上传的"):
        actions.add_letters(sharing.cast.housing_operator, form=form.pk, letters=[foreign])


# -- API and command -------------------------------------------------------------------------------


def test_by_api_what_is_lacking_is_named_and_brought(sharing: Sharing) -> None:
    clerk = api(sharing, "housing_operator")
    about = {n: str(v) if n.startswith("period") else v for n, v in sharing.answers().items()}
    resource = {"mount": sharing.mount("marriage", "api").pk, "items": list(ITEMS)}
    wrong = clerk(
        "/do/access.apply", {**about, "resources": [resource], "legal_basis": "mood"}, 422
    )
    assert list(wrong["fields"]) == ["legal_basis"] and "consent（" in wrong["detail"]
    given = {**about, **SILENT, "resources": [resource]}
    form = int(clerk("/do/access.apply", given)["object_id"])
    lacking = clerk(f"/forms/{form}")["lacking"]
    assert set(lacking) == {*SILENT, "impact_by", "impact_on"}
    refused = clerk("/do/access.print_form", {"form": form}, 409)
    assert refused["law"] == "pipl-2021" and refused["article"] == "P13"
    assert "第五十六条" in refused["detail"] and "修改申请内容" in refused["remedy"]
    clerk("/do/access.revise", {"form": form, **HANDLING, **CONSENT})
    assert set(clerk(f"/forms/{form}")["lacking"]) == {"letters"}
    clerk("/do/access.add_letters", {"form": form, "letters": [letter(sharing)]})
    whole = clerk(f"/forms/{form}")
    assert whole["lacking"] == {} and [row["name"] for row in whole["letters"]] == ["同意书.png"]
    assert whole["impact_by"] == sharing.cast.housing_operator.name
    assert whole["impact_on"] == str(today())
    clerk("/do/access.print_form", {"form": form})


def test_by_command(
    sharing: Sharing, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    form = sharing.form(sharing.mount("marriage", "api"), answers=SILENT)
    words = ["--as", "housing_operator", f"--form={form.pk}"]
    assert main(["do", "access.print_form", *words]) != 0
    assert "请选择处理的依据" in capsys.readouterr().err
    given = [f"--{n.replace('_', '-')}={text}" for n, text in HANDLING.items()]
    assert main(["do", "access.revise", *words, *given]) == 0
    assert main(["do", "access.print_form", *words]) == 0
    form.refresh_from_db()
    assert form.legal_basis == "duty" and form.printed_hash


# -- later -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"legal_basis": "contract"},
        {"legal_basis": "other", "legal_words": "《社会救助暂行办法》第五十八条"},
        {"impact_effect": "风险中等。"},
        {"impact_by": "钱静"},
        {"impact_on": today() - timedelta(3)},
    ],
)
def test_what_is_changed_after_printing_is_printed_anew(
    sharing: Sharing, change: dict[str, Any]
) -> None:
    clerk, form = sharing.cast.housing_operator, sharing.form(sharing.mount("marriage", "api"))
    before = actions.print_form(clerk, form=form.pk)
    after = actions.revise(clerk, form=form.pk, **change)
    assert before.printed_hash and not after.printed_hash
    again = actions.print_form(clerk, form=form.pk)
    assert again.version == 2 and again.printed_hash != before.printed_hash


def test_words_go_with_the_basis_they_were_given_for(sharing: Sharing) -> None:
    clerk, form = sharing.cast.housing_operator, sharing.form(sharing.mount("marriage", "api"))
    other = {"legal_basis": "other", "legal_words": "《社会救助暂行办法》第五十八条"}
    actions.revise(clerk, form=form.pk, **other)
    assert actions.revise(clerk, form=form.pk, purpose="核对婚姻状况").legal_words
    assert actions.revise(clerk, form=form.pk, legal_basis="duty").legal_words == ""


def test_an_item_added_later_asks_for_it(sharing: Sharing) -> None:
    clerk = sharing.cast.housing_operator
    form = sharing.form(sharing.mount("marriage", "api"), answers=SILENT, items=["登记日期"])
    actions.print_form(clerk, form=form.pk)
    application = queries.form_applications(form)[0]
    actions.revise_resource(clerk, application=application.pk, items=["登记日期", "男方姓名"])
    with pytest.raises(AgainstRules, match="男方姓名"):
        actions.print_form(clerk, form=form.pk)


def test_an_item_by_which_rows_are_chosen_asks_for_it_too(sharing: Sharing) -> None:
    """Whose number has these digits is known of every row that comes, though none is given."""
    number = "男方身份号码"
    clear = {number: {"mask": "", "declined": "登记机关依法在本系统内核对。"}}
    items = [item | clear.get(item["name"], {}) for item in CATALOGUED["marriage"]]
    sharing.entry(items=items)
    born = {"op": "prefix", "item": number, "value": {"text": "3206"}}
    form = sharing.form(
        sharing.mount("marriage", "api"), answers=SILENT, items=["登记日期"], row_filter=born
    )
    with pytest.raises(AgainstRules, match="涉及个人信息：男方身份号码"):
        actions.print_form(sharing.cast.housing_operator, form=form.pk)


def test_it_is_applied_for_again_with_the_same_basis_record_and_letters(sharing: Sharing) -> None:
    cast, clerk = sharing.cast, sharing.cast.housing_operator
    form = sharing.form(sharing.mount("marriage", "api"), answers=CONSENT)
    brought = letter(sharing)
    actions.add_letters(clerk, form=form.pk, letters=[brought])
    actions.print_form(clerk, form=form.pk)
    scan = sharing.scan(form)
    actions.seal_form(clerk, form=form.pk, scan=scan, archive_number="ZJ-2026-017")
    actions.submit_form(cast.housing_manager, form=form.pk)
    application = queries.form_applications(form)[0]
    actions.accept(cast.bureau_operator, application.case, **sharing.checks())
    grant = actions.grant(cast.civil_manager, Case.objects.get(pk=application.case_id))
    with writing("test"):
        Grant.objects.filter(pk=grant.pk).update(valid_to=today() + timedelta(9))
    page = text(cast.client("housing_operator").get(f"/grants/{grant.pk}/renew/"))
    assert "取得个人的同意" in page
    again = actions.renew(clerk, grant=grant.pk)
    assert again.legal_basis == "consent" and again.impact_on == today()
    assert again.impact_measures == HANDLING["impact_measures"]
    assert [paper.pk for paper in queries.letters_of(again)] == [brought]
    assert queries.lacks_of(again) == ()


def test_forms_older_than_the_question_are_read_and_go_on_once_it_is_answered(
    sharing: Sharing,
) -> None:
    """What was printed before says nothing of it, and its print says what it said."""
    cast, clerk = sharing.cast, sharing.cast.housing_operator
    old = sharing.accepted(sharing.mount("marriage", "api"))
    with writing("test"):
        Form.objects.filter(pk=old.form_id).update(
            **SILENT, impact_by="", impact_on=None, printed_content=_of_old(old.form)
        )
    for page_url in (f"/decide/{old.pk}/", f"/cases/{old.case_id}/"):
        page = text(cast.client("civil_manager").get(page_url))
        assert "处理个人信息的依据" in page and "未填报" in page
    waiting = sharing.form(sharing.mount("marriage", "api"))
    actions.print_form(clerk, form=waiting.pk)
    scan = sharing.scan(waiting)
    with writing("test"):  # as if it had been printed before the question was there
        Form.objects.filter(pk=waiting.pk).update(**SILENT, impact_by="", impact_on=None)
        content = queries.content_of(Form.objects.get(pk=waiting.pk))
        assert "personal" not in content, "fingerprints of before hold"
        Form.objects.filter(pk=waiting.pk).update(printed_hash=pdf.fingerprint(content))
    page = text(cast.client("housing_operator").get(f"/apply/{waiting.pk}/"))
    assert "个人信息还缺这些，不能打印" in page
    with pytest.raises(AgainstRules, match="请选择处理的依据"):
        actions.seal_form(clerk, form=waiting.pk, scan=scan, archive_number="ZJ-2026-018")


def _of_old(form: Form) -> dict[str, Any]:
    return {n: v for n, v in form.printed_content.items() if n != "personal"}


def test_pages_of_it_ask_the_database_no_more_for_more_letters(
    sharing: Sharing, django_assert_max_num_queries: Any
) -> None:
    form = sharing.form(sharing.mount("marriage", "api"), answers=CONSENT)
    letters = [letter(sharing, name=f"同意书{n}.png") for n in range(6)]
    actions.add_letters(sharing.cast.housing_operator, form=form.pk, letters=letters)
    client: Client = sharing.cast.client("housing_operator")
    client.get(f"/apply/{form.pk}/")
    with django_assert_max_num_queries(40):
        assert "同意书5.png" in text(client.get(f"/apply/{form.pk}/"))
