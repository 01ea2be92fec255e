"""The record of a case is one timeline: narrowed by kind, in stretches, whole on paper."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from tests.cast import Cast
from tests.toy import actions as toy

from huitong.kernel import ledger, manifest
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import writing
from huitong.kernel.manifest import Event, EventKind
from huitong.kernel.workdays import load_calendar, today
from huitong.work import actions, queries
from huitong.work.models import Attachment
from huitong.work.tests import made

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case with a letter, that was taken, urged, warned of, copied, talked about and decided."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    letter: Attachment = actions.attach(
        cast.housing_operator, upload=SimpleUploadedFile("公函.pdf", made.pdf(2))
    )
    row: Case = made.room(cast, letter=letter.pk)
    actions.claim(cast.civil_manager, case=row.pk)
    actions.urge(cast.housing_operator, case=row.pk, text="会期临近")
    with writing("test"):
        clock = Clock.objects.get(case=row)
        clock.started_on = today() - timedelta(45)
        clock.aim(load_calendar())
        clock.save()
    actions.warn(cast.system, clock=clock.pk, on=today())
    actions.copy_to(cast.civil_manager, case=row.pk, to=[cast.person("civil_operator").pk])
    actions.comment(cast.civil_manager, case=row.pk, text="请告知人数。")
    row.refresh_from_db()
    toy.lend(cast.civil_manager, row, opinion="同意，请爱护设施。")
    row.refresh_from_db()
    return row


def titles(cast: Cast, case: Case, kind: EventKind | None = None) -> list[str]:
    record = queries.timeline(cast.housing_operator, case, {}, kind=kind)
    return [str(line["title"]) for line in record.lines]


def test_everything_that_happened_stands_in_one_line_of_time(cast: Cast, case: Case) -> None:
    assert titles(cast, case) == [
        "拟借用会议室",
        "提交借用",
        "领办",
        "催办",
        "时限预警",
        "抄送",
        "留言",
        "同意借用",
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (EventKind.STEP, ["拟借用会议室", "提交借用", "同意借用"]),
        (EventKind.ACT, ["领办"]),
        (EventKind.PAPER, ["拟借用会议室"]),
        (EventKind.NOTICE, ["催办", "时限预警", "抄送"]),
        (EventKind.DELIVERY, []),
        (EventKind.COMMENT, ["留言"]),
    ],
)
def test_the_record_is_narrowed_by_kind(
    cast: Cast, case: Case, kind: EventKind, expected: list[str]
) -> None:
    assert titles(cast, case, kind) == expected
    page = cast.client("housing_operator").get(f"/cases/{case.pk}/?kind={kind}")
    assert page.status_code == 200


def test_a_file_is_offered_where_it_was_handed_in_to_who_may_read_it(
    cast: Cast, case: Case
) -> None:
    text = cast.client("civil_operator").get(f"/cases/{case.pk}/?kind=paper").content.decode()
    link = re.search(r'href="(/attachments/\d+/)"', text)
    assert link is not None and "公函.pdf" in text
    download = cast.client("civil_operator").get(link[1])
    assert download.status_code == 200 and b"".join(download.streaming_content)[:4] == b"%PDF"
    assert cast.client("stranger_operator").get(link[1]).status_code == 404


def test_a_long_record_is_read_in_stretches_without_gap_or_double(cast: Cast, case: Case) -> None:
    whole, stretches, before = titles(cast, case), [], None
    while True:
        record = queries.timeline(cast.housing_operator, case, {}, before=before, most=3)
        stretches = [str(line["title"]) for line in record.lines] + stretches
        if (before := record.older) is None:
            break
    assert stretches == whole


def test_papers_are_counted_after_what_has_none(cast: Cast, case: Case) -> None:
    """Steps that could have brought a paper, and did not, came after the one that did."""
    for _ in range(5):
        with writing("test"):
            ledger.append(
                cast.housing_operator,
                "room.ask_room",
                "A20",
                case=case.pk,
                after={"given": {"letter": None}},
            )
    record = queries.timeline(
        cast.housing_operator, case, {}, kind=EventKind.PAPER, before=timezone.now(), most=2
    )
    (line,) = record.lines
    assert [name for name, _ in line["files"]] == ["公函.pdf"] and record.older is None


def test_what_happened_in_one_moment_is_never_left_between_two_stretches(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten tables of one grant were delivered at the same moment, each an event of its own."""
    moment = timezone.now() - timedelta(hours=1)
    runs = [Event(EventKind.DELIVERY, moment, f"数据交换 {n}") for n in range(10)]
    earlier = Event(EventKind.DELIVERY, moment - timedelta(hours=1), "此前的交换")

    def events(
        actor: Actor, case: Case, kind: EventKind | None, before: datetime | None, most: int
    ) -> list[Event]:
        rows = [e for e in (*runs, earlier) if before is None or e.at < before]
        return rows[:most] if kind in (None, EventKind.DELIVERY) else []

    monkeypatch.setattr(manifest, "events", events)
    whole = titles(cast, case)
    assert len(whole) == 8 + 11
    for most in (1, 3, 5, 9, 12):
        stretches: list[str] = []
        before = None
        while True:
            record = queries.timeline(cast.housing_operator, case, {}, before=before, most=most)
            stretches = [str(line["title"]) for line in record.lines] + stretches
            if (before := record.older) is None:
                break
        assert stretches == whole, most


def test_the_page_leads_to_what_came_before_and_back(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries.timeline, "__kwdefaults__", {
        "kind": None, "before": None, "most": 3,
    })  # fmt: skip
    client = cast.client("housing_operator")
    first = client.get(f"/cases/{case.pk}/").content.decode()
    assert "同意借用" in first and "更早的记录" in first
    older = re.search(r'href="([^"#]+)#record">更早的记录', first)[1].replace("&amp;", "&")
    second = client.get(older).content.decode()
    assert "时限预警" in second and "回到最新的记录" in second
    assert client.get(f"/cases/{case.pk}/?before=not-a-time&kind=nothing").status_code == 200


def test_the_reasons_of_a_refusal_stand_on_top_however_much_was_said_since(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever stretch or kind of the record is shown."""
    row = made.room(cast)
    toy.refuse(cast.civil_manager, row, reasons="当日会议室已满")
    for n in range(queries.LINES + 1):
        actions.comment(cast.civil_operator, case=row.pk, text=f"第 {n} 次说明")
    client = cast.client("housing_operator")
    for query in ("", "?kind=notice", "?kind=comment"):
        text = client.get(f"/cases/{row.pk}/{query}").content.decode()
        assert "不同意借用的理由" in text and "当日会议室已满" in text, query
    lent = made.room(cast, "另一会")
    toy.lend(cast.civil_manager, lent, opinion="同意")
    assert queries.refusal_of(lent) is None


def test_an_urging_that_waits_for_its_answer_stands_on_top(cast: Cast) -> None:
    row = made.room(cast)
    actions.urge(cast.housing_operator, case=row.pk, text="会期临近")
    text = cast.client("civil_manager").get(f"/cases/{row.pk}/").content.decode()
    assert "催办（" in text and "/do/work.answer_urging/?urging=" in text
    (urging,) = queries.urgings_of(row)
    actions.answer_urging(cast.civil_manager, urging=urging.pk, answer="明日答复")
    text = cast.client("civil_manager").get(f"/cases/{row.pk}/").content.decode()
    assert "/do/work.answer_urging/" not in text and "明日答复" in text


def test_on_paper_a_case_is_whole(cast: Cast, case: Case) -> None:
    paper = cast.client("housing_operator").get(f"/cases/{case.pk}/print/").content.decode()
    assert str(case.number) in paper and cast.housing_operator.name in paper
    for words in titles(cast, case):
        assert words in paper
    assert "同意，请爱护设施。" in paper and "请告知人数。" in paper
    assert ">答复<" not in paper and "更早的记录" not in paper
    assert cast.client("stranger_operator").get(f"/cases/{case.pk}/print/").status_code == 404
    # by a copy one reads the case, not what its parties said to each other
    with writing("test"):
        from huitong.work.models import Copy

        Copy.objects.create(
            case=case, person_id=cast.stranger_operator.person, body=cast.stranger_operator.body
        )
    copied = cast.client("stranger_operator").get(f"/cases/{case.pk}/print/").content.decode()
    assert "同意，请爱护设施。" in copied and "请告知人数。" not in copied
