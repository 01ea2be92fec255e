"""No sequence of verbs brings a case to acceptance or grant whose content differs from what its
stamped print says (A20, A22, A30).

Walked through from an empty form: in each situation every verb is tried, through `perform`, in a
savepoint; what leads to a situation seen before is not followed again. What a print says is kept by
this test when it is printed, from the rows, and belongs to the bytes of the paper made of it; so
does a scan of it, whatever the platform thinks of that.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import qrcode
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image, ImageDraw
from tests.sharing import Sharing

from huitong.access import queries
from huitong.access.models import Application, Form
from huitong.access.rules import S
from huitong.access.rules.stamped import APPLICATION_FORM
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import perform
from huitong.kernel.procedure import Problem
from huitong.work import actions as work
from huitong.work import queries as papers

pytestmark = pytest.mark.django_db
PURPOSES = ("核对申请人所在区划", "内部研究参考之用")
#: verbs tried at most, so that a walk without end is a failure and not a wait
MOST = 6000


@dataclass
class Walk:
    """The form, its papers, and what has been seen."""

    sharing: Sharing
    form: int
    mounts: tuple[int, int]
    papers: dict[int, Any] = field(
        default_factory=dict
    )  # scan → what the paper it was made of says
    situations: set[Any] = field(default_factory=set)
    tried: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)

    def rows(self) -> list[Application]:
        return list(
            Application.objects.filter(form=self.form).select_related("case").order_by("pk")
        )

    def content(self) -> tuple[Any, ...]:
        """What is asked now: of the form, and of each resource on it."""
        about = Form.objects.values_list(
            "purpose", "duty", "matter", "system", "period_from", "period_to"
        ).get(pk=self.form)
        return (
            about,
            {
                a.mount_id: (tuple(a.scope["items"]), a.frequency)
                for a in self.rows()
                if a.case.state != S.WITHDRAWN
            },
        )

    def situation(self) -> Any:
        form = Form.objects.get(pk=self.form)
        cases = tuple(
            (
                a.mount_id,
                a.case.state,
                tuple(a.scope["items"]),
                a.case.facts.get("scan") is not None,
            )
            for a in self.rows()
        )
        return (
            form.purpose,
            cases,
            bool(form.printed_hash),
            form.submitted_at is not None,
            form.scan_id and repr(self.papers[form.scan_id]),
            bool(form.printed_hash) and form.printed_hash == queries.fingerprint_of(form),
            tuple(sorted(map(repr, self.papers.values()))),
        )

    def moves(self) -> Iterator[tuple[str, Actor, dict[str, Any], int | None]]:
        cast, form, rows = self.sharing.cast, Form.objects.get(pk=self.form), self.rows()
        clerk, manager = cast.housing_operator, cast.housing_manager
        on = {"form": self.form}
        whole = bool(rows) and len(rows[0].scope["items"]) > 1
        # one change at a time: what it is matters to no verb
        if form.purpose == PURPOSES[0] and whole:
            yield "access.revise", clerk, on | {"purpose": PURPOSES[1]}, None
            yield (
                "access.revise_resource",
                clerk,
                {"application": rows[0].pk, "items": ["区划名称"]},
                None,
            )
            if len(rows) < len(self.mounts):
                yield "application.draft", clerk, on | {"mount": self.mounts[len(rows)]}, None
        if len(self.papers) < 2:
            yield "access.print_form", clerk, on, None
        for scan in self.papers:
            yield "access.seal_form", clerk, on | {"scan": scan, "archive_number": "ZJ-1"}, None
        for a in rows:
            yield "application.submit", manager, {}, a.case_id
            yield (
                "application.send_back",
                manager,
                {
                    "ground": "form_wrong",
                    "cites": "使用目的",
                    "reasons": "使用目的与所列职责不符，请改写",
                },
                a.case_id,
            )
            if a.case.state != S.DRAFT:
                yield "application.withdraw", clerk, {}, a.case_id
            yield "application.accept", cast.bureau_operator, self.sharing.checks(), a.case_id

    def go(self) -> None:
        if (current := self.situation()) in self.situations:
            return
        self.situations.add(current)
        for verb, actor, given, case in list(self.moves()):
            self.tried[verb] += 1
            assert self.tried.total() <= MOST, "more situations than were thought of"
            papers_before = dict(self.papers)
            with transaction.atomic():
                try:
                    with transaction.atomic():
                        before = self.content() if verb == "access.print_form" else None
                        perform(actor, verb, given, case=case)
                except Problem:
                    continue
                self.done[verb] += 1
                if verb == "access.print_form":
                    self.scanned(before)
                if verb == "application.accept":
                    self.check(Case.objects.get(pk=case))
                else:
                    self.go()
                transaction.set_rollback(True)
            self.papers = papers_before

    def scanned(self, says: Any) -> None:
        """The new print stamped and scanned. Its picture is drawn once: which print it is of is
        asked of its own code."""
        form = Form.objects.get(pk=self.form)
        code = papers.print_of(APPLICATION_FORM, form).code("https://share.example")
        scan = work.attach(
            self.sharing.cast.housing_operator,
            upload=SimpleUploadedFile("盖章件.jpeg", drawn(code)),
        )
        self.papers.setdefault(scan.pk, says)

    def check(self, case: Case) -> None:
        """Accepted: and what is asked is what the paper says that was handed in for it. Then
        granted: likewise."""
        application = Application.objects.get(case=case)
        about, stamped_resources = self.papers[case.facts["scan"]]
        now, resources = self.content()
        assert now == about, "the form says something else than its stamped print"
        assert resources[application.mount_id] == stamped_resources.get(application.mount_id), (
            "the resource was not on the stamped print"
        )
        self.done["checked"] += 1


PICTURES: dict[str, bytes] = {}


def drawn(code: str) -> bytes:
    """A page with this code and a red ring: what the platform reads of a scan."""
    if code not in PICTURES:
        page, out = Image.new("RGB", (500, 700), "white"), io.BytesIO()
        code_image = qrcode.QRCode(box_size=4, border=2)
        code_image.add_data(code)
        page.paste(code_image.make_image().get_image().convert("RGB"), (20, 20))
        ImageDraw.Draw(page).ellipse((280, 480, 460, 660), outline=(200, 30, 30), width=8)
        page.save(out, "JPEG", quality=80)
        PICTURES[code] = out.getvalue()
    return PICTURES[code]


@pytest.mark.slow
def test_what_is_accepted_is_what_was_stamped(sharing: Sharing) -> None:
    mounts = (sharing.mount("division", "api").pk, sharing.mount("marriage", "api").pk)
    form = perform(
        sharing.cast.housing_operator, "access.begin_form", sharing.answers(purpose=PURPOSES[0])
    ).result
    perform(
        sharing.cast.housing_operator, "application.draft", {"form": form.pk, "mount": mounts[0]}
    )
    walk = Walk(sharing, form.pk, mounts)
    walk.go()
    assert (
        walk.done["checked"] >= 4
        and walk.done["access.print_form"]
        and walk.done["application.send_back"]
    ), walk.done
