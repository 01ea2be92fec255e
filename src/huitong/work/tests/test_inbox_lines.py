"""Lines of the inbox, what comes once a day or not at all, what the law has people told."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from tests.cast import Cast
from tests.toy import actions as toy

from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.workdays import SHANGHAI, Calendar, load_calendar
from huitong.organizations import actions as organizations
from huitong.work import actions, jobs, queries
from huitong.work.models import Delivery, Notice
from huitong.work.rules import Channel, DigestAt, Frequency, NoticeKind
from huitong.work.tests import made
from huitong.work.tests.inbox import pending, react, second

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(cast: Cast) -> Actor:
    """A second manager at Civil Affairs."""
    return second(cast, "civil", "manager")


# -- lines, marking, undoing -----------------------------------------------------------------------


def test_ten_notices_of_one_kind_and_topic_a_day_are_one_line_that_opens(cast: Cast) -> None:
    for n in range(10):
        made.room(cast, f"协调会{n}")
    react()
    actions.copy_to(
        cast.housing_operator,
        case=Case.objects.latest("pk").pk,
        to=[cast.person("civil_manager").pk],
    )
    client = cast.client("civil_manager")
    page = client.get("/notices/").content.decode()
    assert '消息<b class="count">2' in page and "借用会议室待答复" in page and "10 条" in page
    assert all(f"协调会{n}" in page for n in range(10))
    line = re.search(r'name="line" value="([^"]*借用会议室待答复)"', page)[1]
    page = client.post("/notices/read/", {"line": line, "stay": "1"}, follow=True).content.decode()
    assert "已将 10 条标为已读" in page and '消息<b class="count">1' in page
    moment = re.search(r'name="moment" value="([^"]+)"', page)[1].replace("&#x2B;", "+")
    page = client.post("/notices/unread/", {"moment": moment}, follow=True).content.decode()
    assert "已恢复 10 条为未读" in page and '消息<b class="count">2' in page
    client.post("/notices/read/", {"all": "1"})
    again = client.post("/notices/read/", {"all": "1"}, follow=True).content.decode()
    assert 'name="moment"' not in again, "nothing more was read that could be taken back"
    assert queries.shell_counts(cast.civil_manager)["notices"] == 0
    assert "请先勾选" in client.post("/notices/read/", follow=True).content.decode()


def test_a_line_of_many_shows_some_and_leads_to_all(cast: Cast) -> None:
    for n in range(queries.OPENED + 3):
        actions.notify(
            cast.system,
            people=[cast.civil_manager.person],
            kind=NoticeKind.OTHER,
            title=f"说明：第 {n} 条",
        )
    client = cast.client("civil_manager")
    page = client.get("/notices/").content.decode()
    assert page.count("<li>") and page.count("说明：第 ") == queries.OPENED
    whole = re.search(r'href="(/notices/\?line=[^"]+)"', page)[1]
    assert client.get(whole).content.decode().count("说明：第 ") == queries.OPENED + 3
    assert client.get("/notices/?line=2026-13-45.x.y").status_code == 200


def test_nobody_marks_or_unmarks_for_another(cast: Cast) -> None:
    actions.notify(
        cast.system, people=[cast.civil_manager.person], kind=NoticeKind.OTHER, title="说明"
    )
    notice = Notice.objects.get()
    assert actions.read(cast.housing_operator, notices=[notice.pk]) == 0
    actions.read(cast.civil_manager)
    assert actions.unread(cast.housing_operator, notices=[notice.pk]) == 0
    assert actions.unread(cast.civil_manager, notices=[notice.pk]) == 1


# -- at once, once a day, not at all ---------------------------------------------------------------


def test_a_kind_that_is_muted_is_in_the_list_and_counts_nowhere(cast: Cast, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example"
    for channel in (Channel.INBOX, Channel.MAIL):
        actions.prefer(
            cast.civil_manager, channel=channel, kind=NoticeKind.OTHER, frequency=Frequency.NEVER
        )
    actions.notify(
        cast.system, people=[cast.civil_manager.person], kind=NoticeKind.OTHER, title="说明"
    )
    assert queries.shell_counts(cast.civil_manager)["notices"] == 0
    assert not Delivery.objects.exists()
    assert "已设为不收" in cast.client("civil_manager").get("/notices/?tab=all").content.decode()


@pytest.mark.parametrize("kind", NoticeKind)
def test_what_the_law_has_people_told_cannot_be_kept_out_of_the_inbox(
    cast: Cast, kind: NoticeKind
) -> None:
    must = kind in {
        NoticeKind.ARRIVED,
        NoticeKind.WARNING,
        NoticeKind.OVERDUE,
        NoticeKind.URGED,
        NoticeKind.RESULT,
        NoticeKind.SECURITY,
    }
    mute = {"channel": Channel.INBOX, "kind": kind, "frequency": Frequency.NEVER}
    if must:
        with pytest.raises(AgainstRules):
            actions.prefer(cast.civil_manager, **mute)
    else:
        actions.prefer(cast.civil_manager, **mute)


def test_a_daily_kind_counts_with_the_digest_of_the_next_working_day(
    cast: Cast, settings: Any
) -> None:
    settings.EMAIL_HOST = "mail.example"
    for channel in (Channel.INBOX, Channel.MAIL):
        actions.prefer(
            cast.civil_manager, channel=channel, kind=NoticeKind.OTHER, frequency=Frequency.DAILY
        )
    actions.digest_at(cast.civil_manager, at=DigestAt.AFTERNOON)
    actions.notify(
        cast.system, people=[cast.civil_manager.person], kind=NoticeKind.OTHER, title="说明"
    )
    notice, delivery = Notice.objects.get(), Delivery.objects.get()
    due = notice.rings_at
    assert due == delivery.due_at and due.astimezone(SHANGHAI).strftime("%H:%M") == "14:30"
    assert load_calendar().is_working(due.astimezone(SHANGHAI).date())
    assert queries.shell_counts(cast.civil_manager)["notices"] == 0
    jobs.digest(int(due.timestamp()) - 1)
    assert mail.outbox == []
    jobs.digest(int(due.timestamp()))
    assert len(mail.outbox) == 1
    with writing("test"):
        Notice.objects.update(rings_at=due - timedelta(30))
    assert queries.shell_counts(cast.civil_manager)["notices"] == 1


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-11-27 08:00", "2026-11-27 08:30"),  # a Friday before the time
        ("2026-11-27 08:30", "2026-11-30 08:30"),  # at the time: the next one, past the weekend
        ("2026-11-28 07:00", "2026-11-30 08:30"),  # a Saturday
        ("2026-10-10 07:00", "2026-10-10 08:30"),  # a Saturday that is worked
    ],
)
def test_a_digest_comes_on_working_days(after: str, expected: str) -> None:
    calendar = Calendar({date(2026, 10, 10): True}, {2026})
    moment = datetime.fromisoformat(after).replace(tzinfo=SHANGHAI)
    digest = queries.next_digest(moment.astimezone(UTC), DigestAt.MORNING, calendar)
    assert f"{digest:%Y-%m-%d %H:%M}" == expected


def test_no_mail_goes_out_about_what_is_done(cast: Cast, colleague: Actor, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example"
    case = made.room(cast)
    react()
    assert Delivery.objects.filter(notice__person=cast.civil_manager.person).count() == 1
    toy.lend(cast.civil_manager, case)
    jobs.digest(int(datetime(2099, 1, 1, tzinfo=UTC).timestamp()))
    assert not [m for m in mail.outbox if "待办" in m.body]
    assert not Delivery.objects.filter(sent_at=None, notice__kind="arrived").exists()


def test_a_closed_account_has_no_to_do(cast: Cast) -> None:
    made.room(cast)
    react()
    organizations.disable_person(
        cast.system_admin, person=cast.civil_manager.person, reasons="长期病休，暂停账号。"
    )
    assert pending(cast.civil_manager) == []
