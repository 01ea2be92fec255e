"""Published entries and registered changes, as tests of A11 need them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from tests.cast import Cast
from tests.journeys.test_the_ledger_in_words import code_in, words_of

from huitong.catalog.actions import changes
from huitong.catalog.models import Entry, LawChange, LegalGround, Version
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.ledger import writing
from huitong.kernel.workdays import today

LAW = "江苏省婚姻登记条例"


def three_entries(cast: Cast) -> dict[str, Entry]:
    """Of Civil Affairs one that cites the law in a condition and one that does not; of Housing one
    not shared on its ground."""
    civil, housing = cast.body("civil").pk, cast.body("housing").pk
    return {
        "marriage": entry_of(civil, "婚姻登记信息", condition=f"按《{LAW}》第十条使用"),
        "divorce": entry_of(civil, "离婚登记信息"),
        "house": entry_of(housing, "购房家庭信息", ground=LAW),
    }


def entry_of(body: int, name: str, ground: str = "", **says: Any) -> Entry:
    """A published entry, as it lies in the catalog, with a ground in this document."""
    serial = Entry.objects.count()
    with writing("test"):
        case = Case.objects.create(
            kind="entry",
            law="nantong-2020",
            number=f"C{serial}",
            state="published",
            parties={"provider": body},
            bodies=[body],
        )
        entry = Entry.objects.create(body_id=body, code=f"306{serial:03d}/{serial:06d}")
        version = Version.objects.create(
            entry=entry, case=case, name=name, share_class="3" if ground else "1", **says
        )
        if ground:
            LegalGround.objects.create(
                version=version,
                kind="law",
                document=ground,
                article="第二十条",
                quotation="不得公开",
            )
        version.number, version.published_at = 1, timezone.now() - timedelta(400)
        version.save()
        entry.current = entry.latest = version
        entry.save()
    return entry


def publish_again(entry: Entry, days_ago: float = 0, change: str = "") -> None:
    """Another version of it, as the tables hold it; ``change``: how far it goes (`Extent`)."""
    with writing("test"):
        case = Case.objects.create(
            kind="entry",
            law="nantong-2020",
            number=f"N{entry.pk}-{days_ago}",
            state="published",
            facts={"change": change},
        )
        number = entry.versions.count() + 1
        entry.current = entry.latest = Version.objects.create(
            entry=entry,
            case=case,
            name=entry.name,
            share_class="1",
            number=number,
            published_at=timezone.now() - timedelta(days_ago),
        )
        entry.save()


def by_civil(cast: Cast, days_ago: int = 0, **more: Any) -> tuple[LawChange, Case]:
    whole = changes.register(
        cast.civil_operator,
        kind="law",
        document=f"《{LAW}》",
        published_on=today() - timedelta(days_ago),
        concerns="离婚登记增设冷静期",
        **more,
    )
    return LawChange.objects.get(case=whole), whole.children.get()


def by_bureau(cast: Cast, *chosen: Entry, days_ago: int = 0) -> Case:
    case: Case = changes.register(
        cast.bureau_operator,
        kind="law",
        document=LAW,
        published_on=today() - timedelta(days_ago),
        concerns="登记档案的公开范围有变化",
    )
    if chosen:
        changes.include(cast.bureau_operator, case, entries=[entry.pk for entry in chosen])
    return Case.objects.get(pk=case.pk)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def unread(cast: Cast, *kinds: str) -> dict[str, object]:
    """What the auditor reads in the ledger of cases of these kinds that is no words: by verb."""
    client, bad = cast.client("audit_admin"), {}
    for entry in LedgerEntry.objects.filter(kind__in=kinds).order_by("seq"):
        page = client.get(f"/audit/{entry.pk}/").content.decode()
        if wrong := [*code_in(words_of(page)), *(["其他内容"] if "其他内容" in page else [])]:
            bad[entry.verb] = wrong
    return bad
