"""Data really shared, for tests of mounts, applications, grants and planes: a provider's database
with rows in it, a consumer's front-end database, and the whole way from published entry to live
grant in one call each.

``sharing.mount("marriage", "api")`` · ``sharing.applied(mount)`` · ``sharing.accepted(mount)`` ·
``sharing.granted(mount, items=[…])`` · ``sharing.credential()`` → ``{"client_id",
"client_secret"}``. Provider is Civil Affairs, consumer is Housing.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.cast import Cast
from tests.departments import address_of
from tests.scenes import Stage

from huitong.access import actions as access
from huitong.access import queries
from huitong.access.models import Application, Form, Grant
from huitong.catalog import actions as catalog
from huitong.catalog.models import Database, Entry, InformationSystem
from huitong.catalog.tests.marriage import GIVEN, TERMS
from huitong.catalog.tests.marriage import ITEMS as MARRIAGE
from huitong.cli.demo.stamping import QUICK, stamped
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.workdays import today
from huitong.publishing import actions as publishing
from huitong.publishing.models import Mount
from huitong.work import actions as work

ITEMS: dict[str, list[dict[str, Any]]] = {
    "marriage": [
        *MARRIAGE,
        GIVEN | {"name": "登记机关区划", "column": "area", "type": "C", "length": 6},
    ],
    "division": [
        GIVEN
        | {
            "name": "区划代码",
            "column": "code",
            "type": "C",
            "length": 12,
            "nullable": False,
            "is_key": True,
        },
        GIVEN | {"name": "区划名称", "column": "name", "type": "C", "length": 80},
        GIVEN | {"name": "级别", "column": "level", "type": "C", "length": 12},
        GIVEN | {"name": "上级代码", "column": "parent_code", "type": "C", "length": 12},
    ],
}
#: what goes with a decision that needs a ground: a refusal, less than was asked, a stop
REFUSED = {
    "ground": "outside_duty",
    "cites": "使用目的",
    "reasons": "申请用途与所列职责不符,请补充住房保障审核的依据。",
}
LESS = {"ground": "more_than_needed", "cites": "信息项", "reasons": "只提供办理该事项所需的部分。"}
BACK = {"ground": "form_wrong", "cites": "使用目的", "reasons": "目的请写得更具体。"}
RISK = {"ground": "risk", "reasons": "发现数据可能泄露,先停止使用。"}
#: the secrecy review: no state secrets, no work secrets (A3)
CLEARED = ["state", "work"]
#: what a form says of the personal data it asks for
HANDLING: dict[str, str] = {
    "legal_basis": "duty",
    "impact_purpose": "审核保障资格是法定职责，只取核对婚姻状况所必需的几项，逐件查询。",
    "impact_effect": "泄露会暴露婚姻状况；只供窗口核对，不另存，风险低。",
    "impact_measures": "姓名、证件号码脱敏，专人专号查询，留日志，离岗即停用。",
}
NAMES = {"marriage": "婚姻登记信息", "division": "行政区划代码"}
COMMON: dict[str, Any] = {
    "summary": "全市登记机关办理并逐日汇总的登记信息,1987 年至今。",
    "origin": "own",
    "category": "101",
    "themes": ["201"],
    "industry": "S",
    "format": "database",
    "format_detail": "PostgreSQL",
    "standard": "MZ/T 044",
    "share_modes": ["table", "api", "file"],
    "open_class": "3",
    "open_mode": "none",
    "update_cycle": "2",
    "data_cycle": "2",
    "contact_office": "信息中心",
    "contact_phone": "0513-85512345",
}
SHARING: dict[str, dict[str, Any]] = {
    "marriage": {
        "share_class": "2",
        "shapes": ["masked"],
        "condition": "用于住房保障资格审核。",
        "sharing_terms": TERMS,
    },
    "division": {"share_class": "1"},
}


def scan_png() -> bytes:
    """A small picture that passes for a scanned page."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    rows = zlib.compress(b"\0" * 9 * 8)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


class Sharing:
    """See the module's docstring. Entries, mounts and systems are made at first use."""

    def __init__(
        self, cast: Cast, source: dict[str, Any], target: dict[str, Any], stage: Stage | None = None
    ) -> None:
        self.cast, self.source, self.target, self._stage = cast, source, target, stage
        self._entries: dict[str, Entry] = {}
        self._mounts: dict[tuple[str, str], Mount] = {}

    def _played(self, key: tuple[Any, ...], build: Callable[[], Any]) -> Any:
        """What ``build`` answers, with the entries and mounts it has made."""
        if self._stage is None:
            return build()
        answer, self._entries, self._mounts = self._stage.play(
            key, lambda: (build(), self._entries, self._mounts)
        )
        return answer

    @property
    def source_url(self) -> str:
        return address_of(self.source)

    @property
    def target_url(self) -> str:
        return address_of(self.target)

    def database(self) -> Database:
        """The provider's registered database."""
        database = Database.objects.filter(
            body=self.cast.body("civil"), name="婚姻登记前置库"
        ).first()
        return database or catalog.register_database(
            self.cast.civil_operator, name="婚姻登记前置库", **self.source
        )

    def target_database(self) -> Database:
        """The consumer's registered front-end database."""
        database = Database.objects.filter(
            body=self.cast.body("housing"), name="住房保障前置库"
        ).first()
        return database or catalog.register_database(
            self.cast.housing_operator, name="住房保障前置库", role="target", **self.target
        )

    def entry(self, table: str = "marriage", submitted: bool = True, **changes: Any) -> Entry:
        """A published entry of Civil Affairs; or one that is ready to be submitted."""
        if table not in self._entries or changes:
            clerk = self.cast.civil_operator
            system = InformationSystem.objects.filter(
                body_id=clerk.body
            ).first() or catalog.register_system(clerk, name="婚姻登记系统")
            draft = catalog.draft(
                clerk,
                name=changes.pop("name", NAMES[table]),
                database=self.database().pk,
                source_table=table,
                source_schema="public",
            )
            catalog.edit(
                clerk,
                draft.case,
                **COMMON | {"items": ITEMS[table], "system": system.pk} | SHARING[table] | changes,
            )
            if not submitted:
                return draft
            catalog.submit(clerk, draft.case, cleared=CLEARED)
            catalog.pass_department(self.cast.civil_manager, draft.case, cleared=CLEARED)
            catalog.pass_bureau(self.cast.bureau_operator, draft.case)
            decreed = Case.objects.get(pk=draft.case.pk).law == "national-2025"
            catalog.publish(self.cast.bureau_manager if decreed else clerk, draft.case)
            self._entries[table] = Entry.objects.select_related("body", "current").get(pk=draft.pk)
        return self._entries[table]

    def mount(self, table: str = "marriage", mode: str = "api", **more: Any) -> Mount:
        """The entry mounted so; for a file, a picture stands for the data."""
        if (table, mode) not in self._mounts:
            key = ("mount", table, mode, repr(sorted(more.items())))
            self._played(key, lambda: self._mount(table, mode, **more))
        return self._mounts[table, mode]

    def _mount(self, table: str, mode: str, **more: Any) -> None:
        about: dict[str, Any] = {"entry": self.entry(table).pk, "responsible": "周建国", **more}
        if mode == "file":
            file = work.attach(
                self.cast.civil_operator, upload=SimpleUploadedFile("data.png", scan_png())
            )
            mounted = publishing.mount_file(
                self.cast.civil_operator,
                file=file.pk,
                **{"processed": True, "cleared": CLEARED} | about,
            )
        else:
            act = {"table": publishing.mount_table, "api": publishing.mount_api}[mode]
            mounted = act(self.cast.civil_operator, database=self.database().pk, **about)
        if mounted.proposed:  # a file, or decisions left to the platform: the manager confirms
            mounted = publishing.confirm_change(
                self.cast.civil_manager, mount=mounted.pk, cleared=CLEARED
            )
        self._mounts[table, mode] = mounted

    def system(self) -> InformationSystem:
        """Housing's system that uses data."""
        system = InformationSystem.objects.filter(body=self.cast.body("housing")).first()
        return system or catalog.register_system(
            self.cast.housing_operator,
            name="住房保障系统",
            protection_level="三级",
            protection_filing="32060012345-00001",
        )

    def answers(self, **changes: Any) -> dict[str, Any]:
        """What a form of Housing says beside its resources."""
        return {
            "duty": self.cast.duty("housing").pk,
            "matter": self.cast.matter("housing").pk,
            "system": self.system().pk,
            "purpose": "核对公共租赁住房申请人婚姻状况",
            "period_from": today(),
            "period_to": today() + timedelta(days=365),
            "contact": "沈佳",
            "phone": "0513-85215678",
            **HANDLING,
        } | changes

    def resource(self, mount: Mount, **more: Any) -> dict[str, Any]:
        """One resource of a form."""
        target = (
            {"target": self.target_database().pk}
            if mount.mode == "table" and "target" not in more
            else {}
        )
        return {"mount": mount.pk} | target | more

    def form(self, *mounts: Mount, answers: dict[str, Any] | None = None, **more: Any) -> Form:
        """A form of Housing being filled in."""
        return access.apply(
            self.cast.housing_operator,
            resources=[self.resource(m, **more) for m in mounts],
            **self.answers(**answers or {}),
        )

    def scan(self, form: Form, by: Actor | None = None, **how: Any) -> int:
        """The form as last printed, stamped and scanned, uploaded by Housing's operator: JPEG,
        or as `stamped` is told."""
        kind = how.pop("kind", "jpeg")
        content = stamped(
            queries.printed_matter(Form.objects.get(pk=form.pk)),
            **{"dots": QUICK, "kind": kind} | how,
        )
        return work.attach(
            by or self.cast.housing_operator, upload=SimpleUploadedFile(f"盖章件.{kind}", content)
        ).pk

    @staticmethod
    def checks(*more: str) -> dict[str, Any]:
        """What who accepts has looked at."""
        return {"checked": ["stamp", "legible", "duty", "content", *more]}

    def sealed(self, *mounts: Mount, answers: dict[str, Any] | None = None, **more: Any) -> Form:
        """A form printed, stamped and waiting for its manager."""
        form = self.form(*mounts, answers=answers, **more)
        access.print_form(self.cast.housing_operator, form=form.pk)
        access.seal_form(
            self.cast.housing_operator,
            form=form.pk,
            scan=self.scan(form),
            archive_number="ZJ-2026-017",
        )
        return Form.objects.get(pk=form.pk)

    def applied(self, *mounts: Mount, answers: dict[str, Any] | None = None, **more: Any) -> Form:
        """A form printed, stamped and submitted."""

        def build() -> Form:
            form = self.sealed(*mounts, answers=answers, **more).pk
            return access.submit_form(self.cast.housing_manager, form=form)

        about = (repr([mount.pk for mount in mounts]), repr(answers), repr(sorted(more.items())))
        return self._played(("applied", *about), build)

    def accepted(
        self, mount: Mount, answers: dict[str, Any] | None = None, **more: Any
    ) -> Application:
        """An application that waits for its decision."""
        key = ("accepted", mount.pk, repr(answers), repr(sorted(more.items())))
        return self._played(key, lambda: self._accepted(mount, answers, **more))

    def _accepted(self, mount: Mount, answers: dict[str, Any] | None, **more: Any) -> Application:
        form = self.applied(mount, answers=answers, **more)
        application = Application.objects.get(form=form)
        access.accept(self.cast.bureau_operator, application.case, **self.checks())
        return Application.objects.select_related(
            "case", "form", "mount__entry__body", "mount__entry__current"
        ).get(pk=application.pk)

    def granted(
        self,
        mount: Mount | None = None,
        answers: dict[str, Any] | None = None,
        ask: dict[str, Any] | None = None,
        **decision: Any,
    ) -> Grant:
        """A live grant of Housing, decided by whoever decides."""
        mount = mount or self.mount()
        about = (repr(answers), repr(ask), repr(sorted(decision.items())))
        return self._played(
            ("granted", mount.pk, *about), lambda: self._granted(mount, answers, ask, **decision)
        )

    def _granted(
        self,
        mount: Mount,
        answers: dict[str, Any] | None,
        ask: dict[str, Any] | None,
        **decision: Any,
    ) -> Grant:
        application = self.accepted(mount, answers=answers, **ask or {})
        who = (
            self.cast.civil_manager
            if application.case.facts["authority"] == "provider"
            else self.cast.bureau_manager
        )
        less = decision.keys() & {
            "items",
            "row_filter",
            "masks",
            "per_second",
            "per_day",
            "valid_from",
            "valid_to",
            "until",
        }
        return access.grant(who, application.case, **(LESS if less else {}) | decision)

    def credential(self, **more: Any) -> dict[str, Any]:
        """A credential of Housing's system, with the secret that is shown once."""
        return access.issue_credential(self.cast.housing_operator, system=self.system().pk, **more)

    @staticmethod
    def case(subject: Any) -> Case:
        """The case of an application or grant as it stands now."""
        return Case.objects.get(pk=subject.case_id)


@pytest.fixture
def sharing(
    cast: Cast,
    departments_server: tuple[dict[str, Any], dict[str, Any]],
    settings: Any,
    scenes: Stage,
) -> Sharing:
    source, target = departments_server
    settings.ALLOWED_NETWORKS = [f"127.0.0.1:{source['port']}"]
    return Sharing(cast, source, target, scenes)
