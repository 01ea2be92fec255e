"""Entries of random words, for what the index and the database must answer alike."""

from __future__ import annotations

from random import Random

from django.utils import timezone
from hypothesis import strategies as st
from tests.cast import Cast

from huitong.catalog import actions
from huitong.catalog.models import Entry, Version
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
