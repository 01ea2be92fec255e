"""The stamped scan is looked at (A20): no print of our own, no other form's paper, and what the
machine cannot see people tick (A21)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.sharing import HANDLING, Sharing

from huitong.access import actions, queries
from huitong.access.models import Application, Form
from huitong.access.rules import S
from huitong.access.rules.stamped import APPLICATION_FORM, checklist, unticked
from huitong.access.tests.papers import (
    bomb,
    endless,
    over_text,
    picture_pdf,
    put,
    resaved,
    with_picture_of_a_stamp,
    written,
)
from huitong.cli.demo.stamping import QUICK, stamped
from huitong.kernel.case import Case
from huitong.kernel.doing import perform
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import Malformed
from huitong.ui import paper
from huitong.ui.paper import Paper, Unshowable, look_at
from huitong.work import actions as work
from huitong.work.rules.stamped import DOUBTS, Print, doubts_about

MARK = "0123456789abcdef" * 4
PRINT = Print(APPLICATION_FORM, 7, "SQ-2026-000007", 2, MARK)
SCAN = Paper(1, True, "", (PRINT.code("https://share.example"),), True)


def code(form: int = 7, version: int = 2, mark: str = MARK, number: str = "SQ-2026-000007") -> str:
    return Print(APPLICATION_FORM, form, number, version, mark).code("http://10.0.0.8:8800")


# -- the rule, without a database ------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes,doubts",
    [
        ({}, []),
        ({"codes": ()}, ["code_unread"]),
        ({"red": False}, ["no_red"]),
        ({"codes": (), "red": False}, ["code_unread", "no_red"]),
        ({"codes": ("https://weixin.qq.com/r/abc", code())}, []),
        ({"codes": ("https://weixin.qq.com/r/abc",)}, ["code_unread"]),
        ({"text": "由扫描全能王扫描创建"}, []),
        # as printed before the number stood in it
        ({"codes": ("http://host/apply/7/?v=2&h=0123456789abcdef",)}, []),
    ],
)
def test_a_scan_passes_with_what_people_must_look_at(
    changes: dict[str, Any], doubts: list[str]
) -> None:
    assert doubts_about(Paper(**{**SCAN.__dict__, **changes}), PRINT) == doubts


@pytest.mark.parametrize(
    "changes,words",
    [
        ({"pictures": False}, "未盖章的打印件"),
        ({"text": "编号 SQ-2026-\n000007　第 2 版"}, "未盖章的打印件"),
        ({"text": MARK}, "未盖章的打印件"),
        ({"codes": (code(form=8, number="SQ-2026-000008"),)}, "SQ-2026-000008"),
        ({"codes": (code(), code(form=8, number="SQ-2026-000008"))}, "SQ-2026-000008"),
        ({"codes": ("http://host/apply/8/?v=2&h=0123456789abcdef",)}, "另一张"),
        ({"codes": (code(version=1),)}, "第 1 版"),
        ({"codes": (code(mark="f" * 64),)}, "第 2 版"),
    ],
)
def test_what_is_no_scan_of_this_print_is_refused_saying_of_what_it_is(
    changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(Malformed) as wrong:
        doubts_about(Paper(**{**SCAN.__dict__, **changes}), PRINT)
    assert words in wrong.value.fields["scan"][0] and wrong.value.article == "A20"


def test_the_checklist_is_dated_cites_its_articles_and_grows_with_what_is_doubtful() -> None:
    rows = checklist((), date(2026, 11, 23))
    assert [row.key for row in rows] == ["stamp", "legible", "duty", "content"] and {
        row.article for row in rows
    } == {"A20", "A21"}
    assert [row.key for row in checklist(DOUBTS, date(2026, 11, 23))][4:] == ["code", "ink"]
    assert checklist((), date(2019, 1, 1)) == ()
    keys = [row.key for row in rows]
    for key in keys:
        assert list(unticked(set(keys) - {key}, (), date(2026, 11, 23))) == [f"checked.{key}"]
    assert list(unticked([*keys, "luck"], (), date(2026, 11, 23))) == ["checked.luck"]
    assert not unticked(keys, (), date(2026, 11, 23)) and unticked(
        keys, ["no_red"], date(2026, 11, 23)
    )


# -- what is on a paper ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind,content,words",
    [
        ("image/png", bomb, "a decompression bomb"),
        ("application/pdf", endless, "a page that never ends"),
        ("image/jpeg", lambda: written("JPEG")[:-200], "a picture cut off"),
        ("application/pdf", lambda: b"%PDF-1.7\n%%EOF", "no document"),
        ("image/png", lambda: written("GIF"), "another kind"),
        ("application/ofd", lambda: b"PK", "a kind nothing here shows"),
        ("application/pdf", lambda: picture_pdf(), "an empty page"),
    ],
)
def test_what_cannot_be_shown_ends_soon_and_takes_nobody_along(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    content: Callable[[], bytes],
    words: str,
) -> None:
    monkeypatch.setattr(paper, "PATIENCE", 4)
    with pytest.raises(Unshowable):
        look_at(put(tmp_path, "paper", content()), kind)


# -- through the platform --------------------------------------------------------------------------


def printed(sharing: Sharing, table: str = "division") -> Form:
    """One page: where no item is of a person nothing is said of personal data."""
    unsaid = dict.fromkeys(HANDLING, "") if table == "division" else {}
    form = sharing.form(sharing.mount(table, "api"), answers=unsaid)
    paper: Form = actions.print_form(sharing.cast.housing_operator, form=form.pk)
    return paper


def sealing(
    sharing: Sharing, form: Form, content: bytes, suffix: str = "pdf", number: str = "ZJ-2026-017"
) -> Form:
    scan = work.attach(
        sharing.cast.housing_operator, upload=SimpleUploadedFile(f"盖章件.{suffix}", content)
    ).pk
    return actions.seal_form(
        sharing.cast.housing_operator, form=form.pk, scan=scan, archive_number=number
    )  # type: ignore[no-any-return]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "forge", [lambda content: content, resaved, over_text, with_picture_of_a_stamp]
)
def test_our_own_print_is_no_scan_however_it_was_saved(
    sharing: Sharing, forge: Callable[[bytes], bytes]
) -> None:
    """The problem input: the platform's own unstamped PDF passed as the stamped scan."""
    form = printed(sharing)
    with pytest.raises(Malformed) as wrong:
        sealing(sharing, form, forge(queries.printed_matter(form)))
    assert (
        "未盖章的打印件" in wrong.value.fields["scan"][0]
        and Application.objects.get(form=form).case.state == S.DRAFT
    )


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["pdf", "jpeg", "png"])
def test_a_true_scan_passes_without_a_doubt_whatever_saved_it(sharing: Sharing, kind: str) -> None:
    form = printed(sharing)
    sealed = sealing(
        sharing, form, stamped(queries.printed_matter(form), kind=kind, dots=QUICK), kind
    )
    assert (
        sealed.scan_doubts == []
        and Application.objects.get(form=form).case.facts["scan_doubts"] == []
    )


@pytest.mark.django_db
def test_the_scan_of_another_form_or_of_another_version_says_of_which_it_is(
    sharing: Sharing,
) -> None:
    """The problem input: the scan of another form passed, and 586 rows were delivered on it."""
    clerk, form, other = (
        sharing.cast.housing_operator,
        printed(sharing),
        printed(sharing, "marriage"),
    )
    with pytest.raises(Malformed) as wrong:
        sealing(sharing, form, stamped(queries.printed_matter(other), dots=QUICK))
    assert (
        other.number in wrong.value.fields["scan"][0]
        and form.number in wrong.value.fields["scan"][0]
    )
    old = stamped(queries.printed_matter(form), dots=QUICK)
    actions.revise(clerk, form=form.pk, scenario="窗口受理时逐件核对")
    form = actions.print_form(clerk, form=form.pk)
    with pytest.raises(Malformed) as wrong:
        sealing(sharing, form, old)
    assert "第 1 版" in wrong.value.fields["scan"][0] and "第 2 版" in wrong.value.fields["scan"][0]


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["", "   ", "无", "……", "\u200b"])
def test_without_the_archive_number_of_the_original_nothing_is_sealed(
    sharing: Sharing, number: str
) -> None:
    form = printed(sharing)
    with pytest.raises(Malformed) as wrong:
        sealing(sharing, form, stamped(queries.printed_matter(form), dots=QUICK), number=number)
    assert list(wrong.value.fields) == ["archive_number"]
    assert (
        sealing(
            sharing, form, stamped(queries.printed_matter(form), dots=QUICK), number=" ZJ-2026-017 "
        ).archive_number
        == "ZJ-2026-017"
    )


@pytest.mark.django_db
def test_what_the_machine_cannot_see_is_said_kept_and_ticked(sharing: Sharing) -> None:
    cast, form = sharing.cast, printed(sharing)
    content = stamped(queries.printed_matter(form), dots=QUICK, code=False, seal=False)
    assert sealing(sharing, form, content).scan_doubts == ["code_unread", "no_red"]
    manager = cast.client("housing_manager").get(f"/apply/{form.pk}/").content.decode()
    actions.submit_form(cast.housing_manager, form=form.pk)
    application = Application.objects.select_related("case").get(form=form)
    clerk = cast.client("bureau_operator").get(f"/accept/{application.pk}/").content.decode()
    for words in DOUBTS.values():
        assert words in manager and words in clerk
    with pytest.raises(Malformed) as wrong:
        actions.accept(cast.bureau_operator, application.case, **sharing.checks())
    assert set(wrong.value.fields) == {"checked.code", "checked.ink"}
    done = perform(
        cast.bureau_operator,
        "application.accept",
        sharing.checks("code", "ink"),
        case=application.case_id,
    )
    checked = Case.objects.get(pk=application.case_id).facts["checked"]
    assert (
        set(checked) == {"stamp", "legible", "duty", "content", "code", "ink"}
        and "人工核对" in checked["code"]
    )
    assert done.entry.after["facts"]["checked"] == checked and done.entry.after["facts"][
        "scan_doubts"
    ] == ["code_unread", "no_red"]


@pytest.mark.django_db
@pytest.mark.parametrize("missing", ["stamp", "legible", "duty", "content"])
def test_each_box_of_the_checklist_is_demanded_by_name(sharing: Sharing, missing: str) -> None:
    application = Application.objects.get(form=sharing.applied(sharing.mount("division", "api")))
    given = {"checked": [key for key in sharing.checks()["checked"] if key != missing]}
    with pytest.raises(Malformed) as wrong:
        perform(sharing.cast.bureau_operator, "application.accept", given, case=application.case_id)
    assert list(wrong.value.fields) == [f"checked.{missing}"] and wrong.value.article == "A21"
    assert Case.objects.get(pk=application.case_id).state == S.SUBMITTED


@pytest.mark.django_db
def test_a_scan_nobody_could_look_at_is_refused_with_words(sharing: Sharing) -> None:
    """A picture whose framing is whole and whose content is not; a kind no page shows."""
    form = printed(sharing)
    damaged = bytearray(stamped(queries.printed_matter(form), dots=QUICK))
    at = damaged.find(b"stream")
    damaged[at + 8 : at + 4000] = bytes(3992)
    for content, suffix, words in (
        (bytes(damaged), "pdf", "不能显示"),
        (bomb(), "png", "不能显示"),
    ):
        with pytest.raises(Malformed) as wrong:
            sealing(sharing, form, content, suffix)
        assert words in wrong.value.fields["scan"][0], suffix
    from huitong.work.tests.made import docx

    with pytest.raises(Malformed) as wrong:
        sealing(sharing, form, docx(), "docx")
    assert "PDF、JPG" in wrong.value.fields["scan"][0]


@pytest.mark.django_db
def test_the_print_is_kept_as_it_left_and_its_code_names_it(
    sharing: Sharing, settings: Any
) -> None:
    form = printed(sharing)
    content = queries.printed_matter(form)
    settings.PUBLIC_URL = "https://another.example"
    assert queries.printed_matter(Form.objects.get(pk=form.pk)) == content
    entry = Entry.objects.get(verb="access.print_form", object_id=str(form.pk))
    assert entry.after["printed_sha256"] == form.printed.sha256
    with pypdfium2.PdfDocument(content) as document:
        assert len(document) == 1
