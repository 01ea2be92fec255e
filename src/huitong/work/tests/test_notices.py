"""Who is told, how they want to be told, and that nothing is lost or sent twice."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.toy import actions as toy

from huitong import reactions
from huitong.kernel.ledger import Entry
from huitong.work import actions, jobs, queries
from huitong.work.models import Delivery, Notice, Reacted
from huitong.work.rules import Channel, Frequency, NoticeKind
from huitong.work.tests import made

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def smtp(settings):
    settings.EMAIL_HOST = "mail.example"


def reacted_to(verb: str) -> None:
    """Run the reactions that the last entry of a verb has deferred, as the worker does."""
    entry = Entry.objects.filter(verb=verb).latest("seq")
    deferred = [j.args for j in ProcrastinateJob.objects.filter(task_name="huitong.react") if j.args["entry"] == entry.seq]
    assert deferred
    for args in deferred:
        reactions.react(**args)
        reactions.react(**args)  # a job that comes twice does nothing twice


def told(actor) -> list[tuple[str, str]]:
    return list(queries.notices_of(actor).order_by("pk").values_list("kind", "title"))


def test_the_next_desk_and_at_last_the_opener_are_told_once(cast):
    case = made.room(cast)
    reacted_to("room.send")
    assert told(cast.civil_manager) == [("arrived", "待办:借用会议室:协调会")]
    assert f"请于 {case.due_on:%Y-%m-%d} 前办理" in queries.notices_of(cast.civil_manager).get().text
    toy.refuse(cast.civil_manager, case, reasons="当日有会")
    reacted_to("room.refuse")
    result = queries.notices_of(cast.housing_operator).get()
    assert result.kind == "result" and "不同意" in result.text and "当日有会" in result.text
    assert told(cast.stranger_manager) == [] and Reacted.objects.count() == 4


def test_a_reaction_that_fails_leaves_nothing_and_may_be_tried_again(cast, monkeypatch):
    made.room(cast)
    entry = Entry.objects.filter(verb="room.send").get()

    def breaks(system, entry, case):
        reactions.tell_the_next_desk(system, entry, case)
        raise OSError("down")

    monkeypatch.setitem(reactions.BY_NAME, "breaks", breaks)
    with pytest.raises(OSError):
        reactions.react(entry.seq, "breaks")
    assert not Notice.objects.exists() and not Reacted.objects.exists()
    monkeypatch.setitem(reactions.BY_NAME, "breaks", reactions.tell_the_next_desk)
    reactions.react(entry.seq, "breaks")
    assert Notice.objects.count() == 1


def notify(cast, kind=NoticeKind.WARNING, title="临近到期"):
    actions.notify(cast.system, people=[cast.person("civil_manager").pk], kind=kind, title=title, url="/todo/")


def test_mail_goes_at_once_daily_or_never_as_each_person_wishes(cast):
    notify(cast)
    (waiting,) = Delivery.objects.all()
    assert waiting.frequency == Frequency.AT_ONCE
    assert ProcrastinateJob.objects.filter(task_name="work.deliver", args={"delivery": waiting.pk}).exists()
    jobs.deliver(waiting.pk)
    jobs.deliver(waiting.pk)
    assert len(mail.outbox) == 1 and mail.outbox[0].to == ["civil_manager@example.gov.cn"] and "/todo/" in mail.outbox[0].body
    for frequency, sent in ((Frequency.DAILY, 1), (Frequency.NEVER, 0)):
        actions.prefer(cast.civil_manager, channel=Channel.MAIL, kind=NoticeKind.WARNING, frequency=frequency)
        notify(cast)
        assert len(queries.undelivered(frequency=frequency)) == sent
    assert Notice.objects.count() == 3  # the list in the product has them all


def test_the_digest_is_one_mail_a_person(cast):
    for n in range(3):
        notify(cast, NoticeKind.ARRIVED, f"待办{n}")
    jobs.digest(0)
    jobs.digest(0)
    (sent,) = mail.outbox
    assert "3 条消息" in sent.subject and all(f"待办{n}" in sent.body for n in range(3))


def test_a_mail_that_fails_is_noted_and_tried_again(cast, monkeypatch):
    notify(cast)
    (waiting,) = Delivery.objects.all()
    sends = EmailMessage.send
    monkeypatch.setattr(EmailMessage, "send", lambda *a, **k: (_ for _ in ()).throw(ConnectionRefusedError("mail is down")))
    with pytest.raises(OSError):
        jobs.deliver(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.tries == 1 and waiting.sent_at is None and "mail is down" in waiting.error
    monkeypatch.setattr(EmailMessage, "send", sends)
    jobs.deliver(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.sent_at is not None and waiting.error == "" and len(mail.outbox) == 1


def test_the_list_counts_opens_and_marks_only_ones_own(cast):
    notify(cast)
    notify(cast, NoticeKind.OTHER, "第二条")
    client, notice = cast.client("civil_manager"), queries.notices_of(cast.civil_manager).latest("pk")
    page = client.get("/notices/").content.decode()
    assert "第二条" in page and '消息<b class="count">2' in page
    cast.client("civil_operator").post("/notices/read/", {"notice": notice.pk})
    assert queries.unread_of(cast.civil_manager).count() == 2
    assert client.post("/notices/read/", {"notice": notice.pk}).url == "/todo/"
    assert queries.unread_of(cast.civil_manager).count() == 1
    client.post("/notices/read/")
    assert queries.unread_of(cast.civil_manager).count() == 0


def test_preferences_are_chosen_on_one_page(cast):
    client = cast.client("civil_manager")
    page = client.get("/notices/preferences/").content.decode()
    assert "临期提醒" in page
    usual = queries.preferences_of([cast.civil_manager.person])[cast.civil_manager.person]
    wanted = {f"{channel}.{kind}": str(f) for (channel, kind), f in usual.items()} | {"mail.warning": "never"}
    said = client.post("/notices/preferences/", wanted, follow=True).content.decode()
    assert "更改 1 项" in said
    assert queries.preferences_of([cast.civil_manager.person])[cast.civil_manager.person][Channel.MAIL, NoticeKind.WARNING] == "never"
    assert client.post("/notices/preferences/", wanted | {"mail.warning": "hourly"}).status_code == 422
