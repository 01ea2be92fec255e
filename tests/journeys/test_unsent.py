"""What was submitted after the session had ended is submitted by one press after signing in: by the
person who wrote it, and by nobody else."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.cast import PASSWORD, Cast

from huitong.kernel import vault
from huitong.kernel.actor import Post
from huitong.kernel.ledger import writing
from huitong.kernel.workdays import today
from huitong.organizations.models import Posting
from huitong.organizations.queries import ACTING_BODY
from huitong.portal import unsent
from huitong.work.models import SavedView

WRITTEN_ON = "http://testserver/todo/?tab=done"
FIELDS = {
    "act": "save",
    "list": "work.todo",
    "back": "/todo/",
    "query": "due=overdue",
    "name": "“本月”\n<b>超期</b>",
}
INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def end(client: Client) -> None:
    """The time of the session runs out."""
    key = client.cookies["sessionid"].value
    Session.objects.filter(session_key=key).update(expire_date=timezone.now() - timedelta(1))


def submit(client: Client, fields: dict[str, Any] = FIELDS, **more: Any) -> str:
    """Submit as a browser does; where one is sent after signing in."""
    if "content_type" not in more:
        more |= {"content_type": "application/x-www-form-urlencoded"}
        body: Any = "&".join(f"{n}={quote_plus(v)}" for n, v in fields.items())
    else:
        del more["content_type"]
        body = fields
    answer = client.post("/lists/keep/", body, headers={"Referer": WRITTEN_ON}, **more)
    assert answer.status_code == 302, answer.status_code
    return parse_qs(urlsplit(answer.headers["Location"]).query).get("next", [""])[0]


def test_it_is_submitted_as_it_was(cast: Cast) -> None:
    client = cast.client("housing_operator")
    end(client)
    assert submit(client) == "/unsent/"
    assert not SavedView.objects.exists()
    typed = {"login": "housing_operator", "password": PASSWORD, "next": "/unsent/"}
    assert client.post("/account/login/", typed).headers["Location"] == "/unsent/"
    page = client.get("/unsent/").content.decode()
    assert "继续提交" in page and "提交时登录已结束" in page
    fields = {unescape(n): unescape(v) for n, v in INPUT.findall(page)}
    assert {name: fields[name] for name in FIELDS} == FIELDS
    client.post("/lists/keep/", fields)
    assert SavedView.objects.get().query == "due=overdue"
    assert client.get("/unsent/").headers["Location"] == "/", "submitted, it is forgotten"


def test_one_may_rather_go_back_to_the_page(cast: Cast) -> None:
    client = cast.client("housing_operator")
    end(client)
    submit(client)
    client.force_login(cast.person("housing_operator"))
    assert client.post("/unsent/").headers["Location"] == "/todo/?tab=done"
    assert client.get("/unsent/").headers["Location"] == "/"
    assert not SavedView.objects.exists()


def test_also_where_the_person_signed_in_elsewhere(cast: Cast) -> None:
    client = cast.client("housing_operator")
    cast.client("housing_operator")
    assert submit(client) == "/unsent/"
    client.force_login(cast.person("housing_operator"))
    assert "继续提交" in client.get("/unsent/").content.decode()


def test_nobody_else_sees_or_submits_it(cast: Cast) -> None:
    client = cast.client("housing_operator")
    end(client)
    submit(client)
    client.force_login(cast.person("civil_operator"))
    answer = client.get("/unsent/")
    assert answer.headers["Location"] == "/"
    assert unsent.KEY not in client.session, "it is gone for good"


def test_it_lies_encrypted(cast: Cast) -> None:
    client = cast.client("housing_operator")
    end(client)
    submit(client, FIELDS | {"password": "Geheim-123"})
    content = client.session[unsent.KEY]
    assert content.startswith("v1.") and "Geheim" not in content


def test_also_after_another_page_was_asked_for_first(cast: Cast) -> None:
    """A second tab, the script that saves, the sign-in page and back again: the browser has a new
    session by then."""
    client = cast.client("housing_operator")
    end(client)
    client.get("/todo/")
    client.get("/account/login/")
    assert client.post("/applications/", headers={"X-Autosave": "1"}).status_code == 401
    for _ in range(2):  # pressed, gone back, pressed again
        assert submit(client) == "/unsent/"
    assert Session.objects.count() == 1, "a session that ended leaves no second one"
    client.force_login(cast.person("housing_operator"))
    assert "继续提交" in client.get("/unsent/").content.decode()


def test_it_stays_until_it_was_taken(cast: Cast) -> None:
    client = cast.client("housing_operator")
    end(client)
    submit(client)
    client.force_login(cast.person("housing_operator"))
    assert "继续提交您填写的内容" in client.get("/").content.decode(), "the home page leads there"
    refused = client.post("/lists/keep/", {"act": "?"})
    assert refused.status_code == 404
    assert "继续提交" in client.get("/unsent/").content.decode()
    session = client.session
    at = (timezone.now() - unsent.KEEPING - timedelta(minutes=1)).isoformat()
    content = json.loads(vault.decrypt(session[unsent.KEY], unsent.KEY)) | {"at": at}
    session[unsent.KEY] = vault.encrypt(json.dumps(content), unsent.KEY)
    session.save()
    assert client.get("/unsent/").headers["Location"] == "/", "nobody finds it a day later"


def test_it_is_submitted_for_the_body_it_was_written_for(cast: Cast) -> None:
    person, other = cast.person("housing_operator"), cast.body("civil")
    with writing("test"):
        posting = Posting.objects.create(
            person=person, body=other, post=Post.OPERATOR, valid_from=today()
        )
    client = cast.client("housing_operator")
    session = client.session
    session[ACTING_BODY] = other.pk
    session.save()
    end(client)
    submit(client)
    client.force_login(person)
    page = client.get("/unsent/", follow=True).content.decode()
    assert "以市民政局的身份" in page
    with writing("test"):
        Posting.objects.filter(pk=posting.pk).delete()
    page = client.get("/unsent/").content.decode()
    assert "没有岗位，不能继续提交" in page and "/lists/keep/" not in page


def test_what_was_confirmed_too_late_is_asked_again(cast: Cast) -> None:
    client = cast.client("housing_operator")
    end(client)
    submit(client, FIELDS | {"_confirmed": "1"})
    client.force_login(cast.person("housing_operator"))
    assert "_confirmed" not in client.get("/unsent/").content.decode()


WHY = ["file", "long", "account", "stranger", "signed_out", "damaged", "marked"]


@pytest.mark.parametrize("why", WHY)
def test_what_is_not_kept_leads_back_to_its_page(why: str, cast: Cast) -> None:
    client = cast.client("housing_operator")
    if why == "signed_out":
        client.post("/account/logout/")
    elif why == "stranger":
        client.cookies.clear()
    else:
        end(client)
    if why == "file":
        file = SimpleUploadedFile("a.txt", b"x")
        assert submit(client, FIELDS | {"file": file}, content_type="multipart") != "/unsent/"
    elif why == "long":
        assert submit(client, FIELDS | {"query": "x" * unsent.MOST}) == "/todo/?tab=done"
    elif why == "marked":
        assert submit(client, FIELDS | {"name": "机密★5年"}) == "/todo/?tab=done"
    elif why == "account":
        answer = client.post("/account/password/change/", {"oldpassword": "x"})
        assert "/unsent/" not in answer.headers["Location"]
    elif why == "damaged":
        submit(client)
        session = client.session
        session[unsent.KEY] = session[unsent.KEY][:-8] + "AAAAAAA="
        session.save()
        client.force_login(cast.person("housing_operator"))
        assert client.get("/unsent/").headers["Location"] == "/"
        return
    else:
        assert submit(client) == "/todo/?tab=done"
    assert unsent.KEY not in client.session


def test_what_another_site_made_the_browser_send_is_not_kept(cast: Cast) -> None:
    signed_in = cast.client("housing_operator")
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in.cookies
    client.get("/todo/")  # with the cookie of the token
    end(client)
    assert submit(client) == "/todo/?tab=done"
    assert unsent.KEY not in client.session
    token = client.cookies["csrftoken"].value
    assert submit(client, FIELDS | {"csrfmiddlewaretoken": token}) == "/unsent/"


def test_whose_account_was_closed_is_sent_to_sign_in(cast: Cast) -> None:
    """Their session has not run out: nothing is kept of it, and nothing breaks."""
    client = cast.client("housing_operator")
    with writing("test"):
        person = cast.person("housing_operator")
        person.is_active = False
        person.save()
    assert submit(client) == "/todo/?tab=done"
    answer = client.get("/todo/")
    assert answer.status_code == 302 and "/account/login/" in answer.headers["Location"]
