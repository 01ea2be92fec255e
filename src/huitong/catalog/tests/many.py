"""Entries of random words, for what the index and the database must answer alike."""

from __future__ import annotations

from random import Random

from django.utils import timezone
from hypothesis import strategies as st
from tests.cast import Cast

from huitong.catalog import actions
from huitong.catalog.models import Entry, Item, Version
from huitong.catalog.rules import words_for
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing

PIECES = (
    "婚姻",
    "登记",
    "信息",
    "社会保险",
    "参保",
    "行政区划",
    "代码",
    "机关",
    "研究生",
    "生命",
    "起源",
    "南通市",
    "住房",
    "公积金",
    "身份证号",
    "A1",
    "reg_no",
    "Straße",
    "É",
    "ﬁ",
    "Ⅷ",
    "㈱",
    "１２",
    "（如东）",
    "、",
    "，",
    ";",
    " ",
    "\u3000",
    "\n",
    "%",
    "_",
    "\\",
    "|",
    "'",
    "\x1f",
    "囍",
    "𠮷",
    "\u200b",
)
TEXT = st.lists(st.sampled_from(PIECES), min_size=1, max_size=9).map("".join)


def entries_of_random_words(cast: Cast) -> list[Entry]:
    """Entries of random words, shared by all, both bodies and two systems."""
    chance = Random(20)
    systems = [
        actions.register_system(clerk, name=name)
        for clerk, name in (
            (cast.civil_operator, "婚姻登记管理系统（新）"),
            (cast.hr_operator, "社会保险系统ＶⅡ"),
        )
    ]
    with writing("test"):
        cases = Case.objects.bulk_create(
            [
                Case(kind="entry", law="nantong-2020", number=f"X{n}", state="published")
                for n in range(60)
            ]
        )
        entries = []
        for n, case in enumerate(cases):
            name, summary, *items = ("".join(chance.choices(PIECES, k=k)) for k in (3, 6, 2, 2))
            system = systems[n % 2]
            words = words_for(
                name, summary, [(items[0], "col"), (items[1], "reg_no")], [system.name, "公共服务"]
            )
            entry = Entry.objects.create(body_id=system.body_id, code=f"101{n % 7:03d}/{n:06d}")
            entry.current = entry.latest = Version.objects.create(
                entry=entry,
                case=case,
                system=system,
                name=name,
                summary=summary,
                words=words,
                share_class="1",
                number=1,
                published_at=timezone.now(),
            )
            entry.save()
            entries.append(entry)
        return entries


#: what names and items that are like each other are made of
SUBJECTS = ("婚姻", "离婚", "收养", "学籍", "养老机构", "社保参保", "GPS轨迹", "企", "不动产")
ENDS = ("登记信息", "登记", "审批数据", "名录", "注销登记信息（历史）", "100%名单", "")
COLUMNS = ("登记编号", "登记日期", "办理机关", "登记编号", "证书编号", "注销日期", "经办人", "姓名")


def like_entries(cast: Cast, number: int) -> list[Version]:
    """So many published entries of three bodies, many of them like each other: the current
    versions."""
    chance = Random(7)
    bodies = [cast.body(name).pk for name in ("civil", "hr", "housing")]
    with writing("test"):
        cases = Case.objects.bulk_create(
            [
                Case(kind="entry", law="nantong-2020", number=f"L{n}", state="published")
                for n in range(number)
            ]
        )
        entries = Entry.objects.bulk_create(
            [Entry(body_id=chance.choice(bodies), code=f"307001/{n:06d}") for n in range(number)]
        )
        versions = Version.objects.bulk_create(
            [
                Version(
                    entry=entry,
                    case=case,
                    name=f"{chance.choice(['', '南通市', '如东县'])}{chance.choice(SUBJECTS)}"
                    f"{chance.choice(ENDS)}",
                    share_class=chance.choice("1123"),
                )
                for entry, case in zip(entries, cases, strict=True)
            ]
        )
        Item.objects.bulk_create(
            [
                Item(version=version, position=n, name=name, column=f"c{n}", type="C")
                for version in versions
                for n, name in enumerate(chance.choices(COLUMNS, k=chance.randint(0, 6)))
            ]
        )
        keys = [version.pk for version in versions]
        Version.objects.filter(pk__in=keys).update(number=1, published_at=timezone.now())
        for entry, version in zip(entries, versions, strict=True):
            entry.current = entry.latest = version
        Entry.objects.bulk_update(entries, ["current", "latest"])
    return list(
        Version.objects.filter(entry__in=entries)
        .select_related("entry__body", "system", "case")
        .order_by("pk")
    )
