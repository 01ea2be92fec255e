"""The catalog of the city: most entries published, some in a second version, a few on their way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from huitong.catalog import queries
from huitong.catalog.actions.review import next_code
from huitong.catalog.models import (
    Database,
    Entry,
    FieldRemark,
    InformationSystem,
    Item,
    LegalGround,
    Version,
)
from huitong.catalog.rules import (
    ELEMENTS,
    ENTRY,
    EntryFacts,
    Format,
    GroundFacts,
    ItemRow,
    Kind,
    OpenClass,
    OpenMode,
    Origin,
    Shape,
    ShareClass,
    of_kind,
    searchable,
)
from huitong.cli.demo.living import resources as data
from huitong.cli.demo.living.history import Keys, Past, Running, insert, plain
from huitong.cli.demo.living.people import Office
from huitong.cli.demo.living.resources import PUBLIC, Resource
from huitong.kernel import ledger
from huitong.kernel.vault import encrypt
from huitong.kernel.workdays import day_of
from huitong.organizations.models import Body

#: of every so many resources (`STRIDE`), which is still a draft, in review, returned …; the rest is
#: published
UNFINISHED = {
    5: "draft",
    18: "in_department",
    31: "returned",
    44: "with_bureau",
    57: "to_publish",
    70: "draft",
    83: "returned",
}
STRIDE = 89
#: every so many published entries: one with a second version, one the bureau returned first
SECOND, RETURNED = 7, 9
#: working days ago: the youngest of the published entries, how far from another they were begun,
#: the second versions, what is on its way; as many as `moments` of an entry need between
YOUNGEST, APART, SECOND_BEGUN, BEGUN = 60, 2, 8, 4
#: entries of one department were not begun one after another: this many resources lie between
SPREAD = 100
#: steps of the longest way to publication, working days between two of them
STEPS, GAPS = 8, (1, 1, 2)
LAW = "中华人民共和国个人信息保护法"
#: what conditions rest on: shape, words, article
BASES = (
    (Shape.PARTIAL_ITEMS, "不提供与办理事项无关的信息项", "第六条"),
    (Shape.MASKED, "个人信息脱敏", "第五十一条"),
    ("", "限于履行法定职责所需", "第三十四条"),
)
GROUND = (
    "regulation",
    "中华人民共和国政府信息公开条例",
    "第十五条",
    "涉及商业秘密、个人隐私等公开会对第三方合法权益造成损害的政府信息，行政机关不得公开。",
)
KIND_LABEL = "行政法规"
CLEARED = ["state", "work"]


@dataclass
class Compiled:
    """An entry with its versions, and where each has come to."""

    resource: Resource
    office: Office
    entry: Entry
    versions: list[tuple[Version, Running, datetime | None]]

    @property
    def decided_at(self) -> datetime:
        """When its first version came to where it is: codes are given in this order."""
        return self.versions[0][1].case.entered_at

    @property
    def published_at(self) -> datetime | None:
        return next((at for _, _, at in self.versions if at is not None), None)


class CatalogOfTheCity:
    """Gathers systems, databases, entries and versions, and writes them."""

    def __init__(self, past: Past, offices: dict[str, Office], bureau: Office, now: datetime):
        self.past, self.offices, self.bureau, self.now = past, offices, bureau, now
        self.entries, self.versions = Keys(Entry), Keys(Version)
        self.systems: dict[tuple[str, str], InformationSystem] = {}
        self.databases: dict[str, Database] = {}
        self.compiled: list[Compiled] = []

    def plant(self) -> list[Compiled]:
        self._sources()
        for n, resource in enumerate(data.resources()):
            self.compiled.append(self._compile(n, resource))
        return self.compiled

    def write(self) -> None:
        """Parts before their versions and versions before their entries, as the database wants
        it of what is published."""
        versions = [row for c in self.compiled for row in c.versions]
        insert(list(self._items()))
        insert(list(self._grounds()))
        insert(list(self._remarks()))
        for c in sorted(self.compiled, key=lambda c: c.decided_at):
            for version, running, at in c.versions:
                version.entry = c.entry
                facts = self._facts(c, version)
                version.words = searchable(facts)
                if running.case.state in ("published", "to_publish"):
                    c.entry.code = c.entry.code or next_code(c.entry, version)
                    running.case.facts |= {"code": c.entry.code}
                if at is not None:
                    self._publish(c, version, facts, at)
            c.entry.latest = c.versions[-1][0]
        insert([version for version, _, _ in versions])
        insert([c.entry for c in self.compiled])

    # -- inside ------------------------------------------------------------------------------------

    def _sources(self) -> None:
        """The systems of each department and county, and the front-end database of a
        department."""
        for n, d in enumerate(data.departments().values()):
            body = self.offices[d.short_name].body
            for name in d.systems:
                self.systems[d.short_name, name] = _system(body, name, uses=name == d.systems[0])
            database = Database(
                body=body,
                name=f"{d.short_name}前置库（历史）",
                host=f"10.32.{n + 1}.10",
                dbname=f"qzk_{d.prefix}",
                username="hztj_reader",
                server="PostgreSQL 14",
            )
            database.secret = encrypt("not reachable", database.secret_purpose)
            self.databases[d.short_name] = database
        for r in data.rows("counties"):
            body = self.offices[r["body"]].body
            self.systems[r["body"], r["system"]] = _system(body, r["system"], uses=True)
        InformationSystem.objects.bulk_create(self.systems.values())
        for d in data.departments().values():
            self.databases[d.short_name].system = self.systems[d.short_name, d.systems[0]]
        Database.objects.bulk_create(self.databases.values())

    def _compile(self, n: int, resource: Resource) -> Compiled:
        office = self.offices[resource.department.short_name]
        entry = Entry(
            pk=next(self.entries),
            updated_at=self.now,
            body=office.body,
            database=self.databases[resource.department.short_name],
            source_schema="public",
            source_table=resource.table,
        )
        end = UNFINISHED.get(n % STRIDE, "published")
        compiled = Compiled(resource, office, entry, [])
        turn = n * SPREAD % len(data.resources())
        back = YOUNGEST + APART * turn if end == "published" else BEGUN + n % 10
        compiled.versions.append(self._version(compiled, back, end, first=True, n=n))
        if end == "published" and n % SECOND == 3:
            back = SECOND_BEGUN + n % 20
            compiled.versions.append(self._version(compiled, back, "published", first=False, n=n))
        return compiled

    def _version(
        self, c: Compiled, back: int, end: str, *, first: bool, n: int
    ) -> tuple[Version, Running, datetime | None]:
        clerk, manager, bureau = c.office.clerk, c.office.manager, self.bureau.clerk
        days = self.past.moments(back, STEPS, GAPS)
        running = self.past.open(ENTRY, "draft", clerk, next(days), provider=c.office.body.pk)
        running.case.title = f"目录：{c.resource.name}"
        running.case.facts |= {"entry": c.entry.pk}
        version = self._described(c, running, first)
        version.created_at = running.case.opened_at
        c.entry.created_at = c.entry.created_at or version.created_at
        published: datetime | None = None
        if end != "draft":
            version.round += 1
            running.do("submit", clerk, next(days), cleared=CLEARED)
        if end == "returned" or (end == "published" and first and n % RETURNED == 4):
            remark = self._remark(n)
            running.do("pass_department", manager, next(days), cleared=CLEARED)
            running.do(
                "return_bureau",
                bureau,
                at := next(days),
                ground=remark["ground"],
                remarks={remark["field"]: remark["text"]},
            )
            version.received_at = at
            if end == "published":
                version.round += 1
                running.do("submit", clerk, next(days), cleared=CLEARED)
        if end in ("with_bureau", "to_publish", "published"):
            running.do("pass_department", manager, at := next(days), cleared=CLEARED)
            version.received_at = version.received_at or at
        if end in ("to_publish", "published"):
            running.do("pass_bureau", bureau, next(days))
        if end == "published":
            published = next(days)
            running.do("publish", clerk, published)
        version.updated_at = running.case.entered_at
        return version, running, published

    def _described(self, c: Compiled, running: Running, first: bool) -> Version:
        """What the version says; the first one of an entry said less."""
        r, d = c.resource, c.resource.department
        kinds = "、".join(item.name for item in r.items[1:7])
        version = Version(
            pk=next(self.versions),
            entry_id=c.entry.pk,
            case=running.case,
            name=r.name,
            system=self.systems[d.short_name, d.systems[len(r.name) % len(d.systems)]],
            summary=f"{d.short_name}依照职责办理和采集的{r.name}，包括{kinds}等。",
            origin=Origin.OWN,
            category=r.category,
            themes=list(r.themes),
            industry=r.industry,
            format=Format.DATABASE,
            format_detail="PostgreSQL",
            standard="本部门数据标准",
            share_class=r.share_class,
            share_modes=list(r.modes),
            open_class=OpenClass.NOT_OPEN,
            open_mode=OpenMode.NONE,
            update_cycle=r.cycle,
            data_cycle=r.cycle,
            contact_office=d.office,
            contact_name=c.office.clerk.name,
            contact_phone=f"0513-8521{1000 + c.entry.pk % 9000}",
        )
        if r.share_class is ShareClass.CONDITIONAL:
            masked = any(item.mask for item in r.items)
            version.shapes = [Shape.PARTIAL_ITEMS, *([Shape.MASKED] if masked else [])]
            version.condition = (
                f"因履行职责需要核对{r.name}的部门可以申请，限于办理事项所需的信息项。"
            )
            version.sharing_terms = [
                {"shape": shape, "text": text, "document": LAW, "article": article}
                for shape, text, article in BASES
                if not shape or shape in version.shapes
            ]
        elif any(item.declined for item in r.items):
            version.personal_reason = PUBLIC
        if not first:
            version.summary += "本版补充了历年数据，并按行业标准统一了代码。"
        return version

    def _publish(self, c: Compiled, version: Version, facts: EntryFacts, at: datetime) -> None:
        version.number = (c.entry.current.number or 0) + 1 if c.entry.current else 1
        version.published_at, version.publish_on = at, day_of(at)
        version.published_by = c.office.clerk.name
        facts = facts.model_copy(update={"publish_on": version.publish_on})
        version.content = ledger.plain(
            queries.public_of(facts) | {"code": c.entry.code, "version": version.number}
        )
        version.sha256 = hashlib.sha256(ledger.canonical(version.content)).hexdigest()
        c.entry.current = version

    def _facts(self, c: Compiled, version: Version) -> EntryFacts:
        apart = of_kind(Kind.SYSTEM, Kind.BODIES, Kind.ITEMS, Kind.GROUNDS)
        kind, document, article, quotation = GROUND
        ground = GroundFacts(
            kind=kind,
            kind_label=KIND_LABEL,
            document=document,
            article=article,
            quotation=quotation,
            filed_on=day_of(version.received_at) if version.received_at else None,
        )
        held = {name: plain(getattr(version, name)) for name in ELEMENTS if name not in apart}
        return EntryFacts(
            **held,
            body=c.office.body.short_name,
            provider_name=c.office.body.name,
            provider_code=c.office.body.credit_code,
            system=version.system.name if version.system else "",
            items=self._rows(c, version),
            grounds=(ground,) if version.share_class == ShareClass.NOT_SHARED else (),
            source_table=c.entry.source_table,
            on=day_of(self.now),
        )

    def _rows(self, c: Compiled, version: Version) -> tuple[ItemRow, ...]:
        """The items of a version: the first of several had two fewer."""
        return c.resource.items if version is c.versions[-1][0] else c.resource.items[:-2]

    def _items(self) -> Iterator[Item]:
        for c in self.compiled:
            for version, _, _ in c.versions:
                for position, row in enumerate(self._rows(c, version), 1):
                    yield Item(version=version, position=position, **queries.columns_of(row))

    def _grounds(self) -> Iterator[LegalGround]:
        kind, document, article, quotation = GROUND
        for c in self.compiled:
            for version, _, _ in c.versions:
                if version.share_class == ShareClass.NOT_SHARED:
                    yield LegalGround(
                        version=version,
                        kind=kind,
                        document=document,
                        article=article,
                        quotation=quotation,
                        filed_at=version.received_at,
                    )

    def _remarks(self) -> Iterator[FieldRemark]:
        for n, c in enumerate(self.compiled):
            version, running, _ = c.versions[0]
            if running.case.state == "returned" or version.round > 1:
                remark = self._remark(n)
                yield FieldRemark(
                    version=version,
                    round=1,
                    field=remark["field"],
                    text=remark["text"],
                    by=self.bureau.clerk.name,
                    by_seat="大数据管理局经办人",
                )

    def _remark(self, n: int) -> dict[str, str]:
        remarks = data.rows("remarks")
        return remarks[n % len(remarks)]


def _system(body: Body, name: str, uses: bool) -> InformationSystem:
    """A system as its body registered it; one that uses data with its protection filing."""
    system = InformationSystem(body=body, name=name)
    if uses:
        system.protection_level = "三级"
        system.protection_filing = f"32060{body.pk:05d}-25001"
    return system
