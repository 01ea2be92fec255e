"""A draft is its own body's business until it is sent out: through queries, pages, API, lists,
files and ledger alike (A12, A20).

Who sees an entry or an application at each stage, read at every place that shows cases. What was
sent out once stays seen, also when it comes back for correction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from tests.cast import Cast
from tests.disputing import CLAIM
from tests.sharing import BACK, COMMON, ITEMS, REFUSED, Sharing, scan_png

from huitong.access import actions as access
from huitong.access import queries as access_queries
from huitong.access.models import Application
from huitong.audit import queries as audit
from huitong.catalog import actions as catalog
from huitong.catalog import queries as catalog_queries
from huitong.catalog.models import Entry
from huitong.disputes import actions as disputes
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing
from huitong.organizations import actions as organizations
from huitong.work import actions as work_actions
from huitong.work import queries as work

pytestmark = pytest.mark.django_db
WHO = (
    "bureau_operator",
    "bureau_manager",
    "civil_operator",
    "civil_manager",
    "housing_operator",
    "housing_manager",
    "stranger_operator",
)
BUREAU = {"bureau_operator", "bureau_manager"}
CIVIL = {"civil_operator", "civil_manager"}
HOUSING = {"housing_operator", "housing_manager"}
Stage = tuple[str, set[str], Case]


class Watch:
    """Asks every place that shows cases, as everybody."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.tokens = {
            who: organizations.create_token(getattr(cast, who), label="查看", days=1)["token"]
            for who in WHO
        }

    def seen_at(self, case: Case) -> dict[str, set[str]]:
        """Place → those who see the case there."""
        places: dict[str, Callable[[str], bool]] = {
            "query": (
                lambda who: work.visible_to(getattr(self.cast, who)).filter(pk=case.pk).exists()
            ),
            "page": lambda who: self._shows_case(self.cast.client(who).get(f"/cases/{case.pk}/")),
            "api": lambda who: self._shows_case(self._api(who, f"cases/{case.pk}")),
            "api record": lambda who: self._shows_case(self._api(who, f"cases/{case.pk}/entries")),
            "api list": (
                lambda who: (
                    case.pk
                    in [row["id"] for row in self._api(who, "cases?limit=200").json()["items"]]
                )
            ),
            # one's own acts one always sees
            "ledger": lambda who: self._acts(who, case) == self._acts("audit_admin", case),
        }
        return {place: {who for who in WHO if sees(who)} for place, sees in places.items()}

    def _api(self, who: str, path: str) -> Any:
        return Client(headers={"Authorization": f"Bearer {self.tokens[who]}"}).get(f"/api/{path}")

    @staticmethod
    def _shows_case(answer: Any) -> bool:
        assert answer.status_code in (200, 404)
        return bool(answer.status_code == 200)

    def _acts(self, who: str, case: Case) -> int:
        return audit.entries_visible_to(getattr(self.cast, who)).filter(case=case.pk).count()


def stages_of_an_entry(cast: Cast, sharing: Sharing) -> Iterator[Stage]:
    clerk, chief = cast.civil_operator, cast.civil_manager

    def begun(name: str) -> Case:
        draft = catalog.draft(
            clerk,
            name=name,
            database=sharing.database().pk,
            source_table="division",
            source_schema="public",
        )
        system = catalog_queries.systems_visible_to(clerk).first() or catalog.register_system(
            clerk, name="区划系统"
        )
        catalog.edit(
            clerk,
            draft.case,
            **COMMON | {"items": ITEMS["division"], "system": system.pk, "share_class": "1"},
        )
        return Case.objects.get(pk=draft.case_id)

    case = begun("行政区划代码")
    yield "draft", CIVIL, case
    catalog.submit(clerk, case, cleared=["state", "work"])
    yield "with the department's manager", CIVIL, case
    catalog.return_department(chief, case, ground="badly_named", reasons="目录名称不规范")
    yield "returned by the department", CIVIL, case
    catalog.submit(clerk, case, cleared=["state", "work"])
    catalog.pass_department(chief, case, cleared=["state", "work"])
    yield "with the bureau", CIVIL | BUREAU, case
    catalog.return_bureau(
        cast.bureau_operator, case, ground="badly_named", remarks={"name": "请写全称"}
    )
    yield "returned by the bureau", CIVIL | BUREAU, case
    catalog.discard(clerk, case)
    yield "discarded after review", CIVIL | BUREAU, case
    never = begun("从未送审")
    catalog.discard(clerk, never)
    yield "discarded as a draft", CIVIL, never


def stages_of_an_application(cast: Cast, sharing: Sharing) -> Iterator[Stage]:
    clerk, chief = cast.housing_operator, cast.housing_manager
    form = sharing.form(sharing.mount("division"))
    case = Application.objects.get(form=form).case
    yield "draft", HOUSING, case
    access.print_form(clerk, form=form.pk)
    access.seal_form(clerk, form=form.pk, scan=sharing.scan(form), archive_number="ZJ-2026-017")
    yield "with the department's manager", HOUSING, case
    access.submit_form(chief, form=form.pk)
    yield "submitted", HOUSING | BUREAU | CIVIL, case
    access.withdraw(clerk, case)
    yield "withdrawn", HOUSING | BUREAU | CIVIL, case
    never = Application.objects.get(form=sharing.form(sharing.mount("division"))).case
    access.withdraw(clerk, never)
    yield "withdrawn as a draft", HOUSING, never


@pytest.mark.parametrize(
    "stages", [stages_of_an_entry, stages_of_an_application], ids=lambda fn: fn.__name__
)
def test_each_place_shows_a_case_to_the_same_people(
    stages: Callable[[Cast, Sharing], Iterator[Stage]], cast: Cast, sharing: Sharing
) -> None:
    watch = Watch(cast)
    for stage, expected, case in stages(cast, sharing):
        for place, people in watch.seen_at(case).items():
            assert people == expected, f"{stage}, {place}"


def test_what_hangs_on_a_case_is_seen_by_those_who_see_the_case(
    cast: Cast, sharing: Sharing
) -> None:
    """The catalog's and the applications' own questions agree with the case."""
    for stage, expected, case in stages_of_an_entry(cast, sharing):
        entry = Entry.objects.get(versions__case=case)
        assert {
            who
            for who in WHO
            if catalog_queries.visible_to(getattr(cast, who)).filter(pk=entry.pk).exists()
        } == expected, stage
    for stage, expected, case in stages_of_an_application(cast, sharing):
        application = Application.objects.get(case=case)
        assert {
            who
            for who in WHO
            if access_queries.applications_visible_to(getattr(cast, who))
            .filter(pk=application.pk)
            .exists()
        } == expected, stage
        assert {
            who
            for who in WHO
            if access_queries.forms_visible_to(getattr(cast, who))
            .filter(pk=application.form_id)
            .exists()
        } == expected, stage


def test_the_scan_of_a_sealed_form_stays_inside_too(cast: Cast, sharing: Sharing) -> None:
    form = sharing.form(sharing.mount("division"))
    access.print_form(cast.housing_operator, form=form.pk)
    scan = sharing.scan(form)
    access.seal_form(cast.housing_operator, form=form.pk, scan=scan, archive_number="ZJ-2026-017")
    assert {
        who
        for who in WHO
        if work.attachments_visible_to(getattr(cast, who)).filter(pk=scan).exists()
    } == HOUSING
    access.submit_form(cast.housing_manager, form=form.pk)
    assert {
        who
        for who in WHO
        if work.attachments_visible_to(getattr(cast, who)).filter(pk=scan).exists()
    } == HOUSING | BUREAU | CIVIL


def test_what_was_replaced_in_a_draft_is_never_sent_out(cast: Cast, sharing: Sharing) -> None:
    """A scan that was sent back, a file that was left out: the others get what was sent to them."""
    clerk, manager = cast.housing_operator, cast.housing_manager

    def readers(file: int) -> set[str]:
        seats = [who for who in WHO if who != "housing_operator"]  # whose upload it is
        visible = {who: work.attachments_visible_to(getattr(cast, who)) for who in seats}
        return {who for who, rows in visible.items() if rows.filter(pk=file).exists()}

    form = sharing.sealed(sharing.mount("marriage"))
    first, case = form.scan_id, Application.objects.get(form=form).case
    assert first is not None and readers(first) == {"housing_manager"}
    access.send_back(manager, case, **BACK)
    access.print_form(clerk, form=form.pk)
    second = sharing.scan(form, kind="png")
    access.seal_form(clerk, form=form.pk, scan=second, archive_number="ZJ-2026-018")
    access.submit_form(manager, form=form.pk)
    access.accept(cast.bureau_operator, case, **sharing.checks())
    access.refuse(cast.civil_manager, case, **REFUSED)
    assert (readers(first), readers(second)) == (set(), BUREAU | CIVIL | {"housing_manager"})

    files = [
        work_actions.attach(clerk, upload=SimpleUploadedFile(name, scan_png())).pk
        for name in ("误传.png", "依据.png")
    ]
    dispute = disputes.draft(clerk, about=case.pk, files=files, **CLAIM)
    disputes.edit(clerk, dispute.case, files=files[1:], **CLAIM)
    disputes.submit(manager, dispute.case)
    assert [readers(file) for file in files] == [set(), readers(second)]
    page = cast.client("bureau_operator").get(f"/cases/{dispute.case_id}/").content.decode()
    assert "依据.png" in page and "误传.png" not in page


def test_of_one_form_the_bureau_sees_what_was_submitted_only(cast: Cast, sharing: Sharing) -> None:
    form = sharing.form(sharing.mount("division"), sharing.mount("marriage"))
    access.print_form(cast.housing_operator, form=form.pk)
    access.seal_form(
        cast.housing_operator, form=form.pk, scan=sharing.scan(form), archive_number="ZJ-2026-017"
    )
    first, second = Application.objects.filter(form=form).order_by("pk")
    access.submit(cast.housing_manager, first.case)
    assert [a.pk for a in access_queries.applications_visible_to(cast.bureau_operator)] == [
        first.pk
    ]
    access.submit(cast.housing_manager, second.case)
    assert access_queries.applications_visible_to(cast.bureau_operator).count() == 2


def test_a_draft_is_copied_to_colleagues_only(cast: Cast, sharing: Sharing) -> None:
    case = Application.objects.get(form=sharing.form(sharing.mount("division"))).case
    offered = {pk for pk, _ in work.people_to_copy(cast.housing_operator, case)}
    assert offered == {cast.housing_manager.person}


def test_a_draft_passes_to_the_heir_and_stays_inside(cast: Cast, sharing: Sharing) -> None:
    case = Application.objects.get(form=sharing.form(sharing.mount("division"))).case
    succession = organizations.rename_body(
        cast.system_admin,
        body=cast.body("housing").pk,
        name="南通市住房保障局",
        short_name="市住房局",
        on=cast.body("housing").valid_from.replace(year=2026),
        document="通编办〔2026〕1号",
    )
    case.refresh_from_db()
    assert (case.inside, case.parties["consumer"]) == (succession.pk, succession.pk)
    assert not Case.objects.visible_to(cast.bureau_operator).filter(pk=case.pk).exists()


def test_drafts_of_an_older_database_are_found_by_their_record(
    cast: Cast, sharing: Sharing
) -> None:
    """What migration kernel 0003 makes of cases begun before it is what they would be had they
    been begun after it."""
    for _ in (*stages_of_an_entry(cast, sharing), *stages_of_an_application(cast, sharing)):
        pass
    sharing.form(sharing.mount("marriage"))
    sharing.granted(sharing.mount("marriage", "table"))
    inside = dict(Case.objects.values_list("pk", "inside"))
    assert {None, cast.body("civil").pk, cast.body("housing").pk} == set(inside.values())
    with writing("test"):
        Case.objects.update(inside=None)
    with connection.cursor() as cursor:
        cursor.execute(import_module("huitong.kernel.migrations.0003_inside").STILL_INSIDE)
    assert dict(Case.objects.values_list("pk", "inside")) == inside
