"""Notices reach their people over the channels they chose; none is lost or sent twice."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from procrastinate.contrib.django.models import ProcrastinateJob

from huitong.connectors import ConnectorProblem
from huitong.connectors.http import signed_by
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import Malformed
from huitong.organizations import actions as organizations
from huitong.work import actions, jobs, queries
from huitong.work.models import Delivery, Notice
from huitong.work.rules import ALWAYS, Channel, Frequency, NoticeKind

pytestmark = pytest.mark.django_db
#: a moment at which every digest is due
LATER = int(time.time()) + 30 * 86_400


@pytest.fixture(autouse=True)
def smtp(settings):
    settings.EMAIL_HOST = "mail.example"


def notify(cast, kind=NoticeKind.WARNING, title="即将到期"):
    actions.notify(
        cast.system, people=[cast.person("civil_manager").pk], kind=kind, title=title, url="/todo/"
    )


def test_mail_goes_at_once_daily_or_never_as_each_person_wishes(cast):
    notify(cast)
    (waiting,) = Delivery.objects.all()
    assert waiting.frequency == Frequency.AT_ONCE
    assert ProcrastinateJob.objects.filter(
        task_name="work.deliver", args={"delivery": waiting.pk}
    ).exists()
    jobs.deliver(waiting.pk)
    jobs.deliver(waiting.pk)
    assert (
        len(mail.outbox) == 1
        and mail.outbox[0].to == ["civil_manager@example.gov.cn"]
        and "/todo/" in mail.outbox[0].body
    )
    for frequency, sent in ((Frequency.DAILY, 1), (Frequency.NEVER, 0)):
        actions.prefer(
            cast.civil_manager, channel=Channel.MAIL, kind=NoticeKind.WARNING, frequency=frequency
        )
        notify(cast)
        assert len(queries.undelivered(frequency=frequency)) == sent
    assert Notice.objects.count() == 3  # the list in the product has them all


def test_the_digest_is_one_mail_a_person(cast):
    for n in range(3):
        notify(cast, NoticeKind.ARRIVED, f"待办{n}")
    jobs.digest(LATER)
    jobs.digest(LATER)
    (sent,) = mail.outbox
    assert "3 条消息" in sent.subject and all(f"待办{n}" in sent.body for n in range(3))


def test_who_has_left_since_is_sent_nothing(cast):
    notify(cast)
    notify(cast, NoticeKind.ARRIVED)
    organizations.disable_person(
        cast.system_admin, person=cast.civil_manager.person, reasons="调离"
    )
    for delivery in queries.undelivered(frequency=Frequency.AT_ONCE):
        jobs.deliver(delivery.pk)
    jobs.digest(LATER)
    assert mail.outbox == [] and not Delivery.objects.filter(sent_at=None).exists()


def test_a_title_of_several_lines_makes_one_subject(cast):
    notify(cast, title="即将到期：婚姻登记\r\nBcc: x@example.com")
    jobs.deliver(Delivery.objects.get().pk)
    assert mail.outbox[0].subject.endswith("即将到期：婚姻登记 Bcc: x@example.com")


def test_a_mail_that_fails_is_noted_and_tried_again(cast, monkeypatch):
    notify(cast)
    (waiting,) = Delivery.objects.all()
    sends = EmailMessage.send
    monkeypatch.setattr(
        EmailMessage,
        "send",
        lambda *a, **k: (_ for _ in ()).throw(ConnectionRefusedError("mail is down")),
    )
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
    client, notice = (
        cast.client("civil_manager"),
        queries.notices_of(cast.civil_manager).latest("pk"),
    )
    page = client.get("/notices/").content.decode()
    assert "第二条" in page and '消息<b class="count">2' in page
    cast.client("civil_operator").post("/notices/read/", {"notice": notice.pk})
    assert queries.unread_of(cast.civil_manager).count() == 2
    marked = client.post("/notices/read/", {"notice": notice.pk, "stay": "1"})
    assert marked.url.startswith("/notices/?read=")
    assert client.post("/notices/read/", {"notice": notice.pk}).url == "/todo/"
    assert queries.unread_of(cast.civil_manager).count() == 1
    client.post("/notices/read/", {"all": "1"})
    assert queries.unread_of(cast.civil_manager).count() == 0


@pytest.mark.parametrize(
    "url", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)"]
)
def test_a_notice_never_leads_out_of_the_product(cast, url):
    with pytest.raises(Malformed):
        actions.notify(
            cast.system,
            people=[cast.civil_manager.person],
            kind=NoticeKind.OTHER,
            title="看",
            url=url,
        )


def test_a_notice_opened_from_the_home_page_is_read(cast):
    notify(cast)
    client = cast.client("civil_manager")
    assert (
        '<button type="submit" class="link-button">即将到期</button>'
        in client.get("/").content.decode()
    )
    client.post("/notices/read/", {"notice": queries.notices_of(cast.civil_manager).get().pk})
    assert '<a href="/todo/">即将到期</a>' in client.get("/").content.decode()


def test_preferences_are_chosen_on_one_page(cast):
    client = cast.client("civil_manager")
    page = client.get("/notices/preferences/").content.decode()
    assert "到期提醒" in page and "没有设置消息接口" in page and "没有配置邮件服务" not in page
    usual = queries.preferences_of([cast.civil_manager.person])[cast.civil_manager.person]
    preferences = {
        f"{channel}.{kind}": str(f) for (channel, kind), f in usual.items() if kind not in ALWAYS
    } | {"mail.warning": "never", "digest": "08:30"}
    html = client.post("/notices/preferences/", preferences, follow=True).content.decode()
    assert "更改 1 项" in html
    assert (
        queries.preferences_of([cast.civil_manager.person])[cast.civil_manager.person][
            Channel.MAIL, NoticeKind.WARNING
        ]
        == "never"
    )
    assert (
        client.post("/notices/preferences/", preferences | {"mail.warning": "hourly"}).status_code
        == 422
    )


@pytest.fixture
def receiver():
    """A department's own message service: keeps what it is sent."""
    messages: list[tuple[bytes, str]] = []

    class Receives(BaseHTTPRequestHandler):
        def do_POST(self):
            messages.append(
                (
                    self.rfile.read(int(self.headers["Content-Length"])),
                    self.headers["X-Huitong-Signature"],
                )
            )
            self.send_response(204 if len(messages) > 1 else 503)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receives)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/notices", server.server_port, messages
    server.shutdown()
    server.server_close()


def test_a_webhook_gets_a_signed_post_and_is_tried_again(cast, settings, receiver):
    url, port, messages = receiver
    settings.ALLOWED_NETWORKS = [f"127.0.0.1:{port}"]
    key = actions.set_webhook(cast.civil_manager, url=url)
    assert key not in str(list(Entry.objects.values_list("after", flat=True)))
    notify(cast)
    delivery = Delivery.objects.get(channel="webhook")
    with pytest.raises(OSError, match="503"):
        jobs.deliver(delivery.pk)
    jobs.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.sent_at is not None and delivery.tries == 2
    body, signature = messages[-1]
    assert json.loads(body)["notices"][0]["title"] == "即将到期" and signed_by(
        key.encode(), body, signature, now=int(time.time())
    )


def test_a_webhook_never_reaches_where_the_platform_may_not_go(cast, receiver):
    url, _, messages = receiver
    actions.set_webhook(cast.civil_manager, url=url)
    notify(cast)
    with pytest.raises(ConnectorProblem, match="不允许"):
        jobs.deliver(Delivery.objects.get(channel="webhook").pk)
    assert not messages
    for wrong in ("ftp://a/b", "http://user:pw@a/", "javascript:alert(1)", "http://"):
        with pytest.raises(Malformed):
            actions.set_webhook(cast.civil_manager, url=wrong)


def test_the_key_of_a_webhook_is_shown_once(cast):
    client = cast.client("civil_manager")
    page = client.post("/do/work.set_webhook/", {"url": "https://oa.example.gov.cn/hook"})
    assert page.status_code == 200 and "只显示这一次" in page.content.decode()
    client.post("/do/work.set_webhook/", {"url": ""})
    assert queries.webhook_of(cast.civil_manager.person) is None
