"""What people were told lately: of what waits for them, and of what became of what they began."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from huitong.cli.demo.living.people import Office
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.doing import PROCEDURES
from huitong.kernel.workdays import day_of
from huitong.work.models import Notice
from huitong.work.rules import NoticeKind

#: results older than this were read long ago
RECENT = timedelta(days=45)


def notices(cases: Iterable[Case], offices: dict[str, Office], now: datetime) -> Iterator[Notice]:
    """Those of open cases still ask for something; of results every third is unread."""
    desks = {f"{o.body.pk}:operator": o.clerk.person for o in offices.values()}
    desks |= {f"{o.body.pk}:manager": o.manager.person for o in offices.values()}
    for case in cases:
        procedure = PROCEDURES[case.kind][case.law]
        state = procedure.state(case.state).label
        for desk in case.awaiting:
            row = _notice(case, desks[desk], NoticeKind.ARRIVED, f"待办：{case.title}")
            row.text, row.topic = f"当前环节：{state}。", f"{procedure.label}{state}"
            yield row
        if case.closed_at and case.closed_at > now - RECENT and case.opened_by in desks.values():
            row = _notice(case, case.opened_by, NoticeKind.RESULT, f"已办结：{case.title}")
            row.text = f"办理结果：{state}。"
            row.read_at = None if case.pk % 3 == 0 else case.closed_at + timedelta(hours=2)
            yield row


def _notice(case: Case, person: int | None, kind: NoticeKind, title: str) -> Notice:
    at = case.entered_at
    return Notice(
        person_id=person,
        kind=kind,
        title=title[:200],
        url=reverse("work:case", args=[case.pk]),
        case=case,
        at=at,
        on=day_of(at),
        rings_at=at,
    )
