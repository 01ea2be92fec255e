"""What was just done is offered to be undone over every page, each for as long as its moment."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.cast import Cast

from huitong.kernel.actor import Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing
from huitong.organizations.models import Posting
from huitong.work.tests import made

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _thirty_seconds(settings: Any) -> None:
    settings.UNDO_SECONDS = 30


def send(client: Client, case: Case) -> None:
    answer = client.post(f"/cases/{case.pk}/send/", {"_confirmed": "1"})
    assert answer.status_code == 302, answer.content.decode()


def bars(client: Client) -> list[str]:
    """The acts of each line over the page, from the top."""
    html = client.get("/notices/").content.decode()
    return [
        " ".join(re.findall(r'name="act" value="(\w+)"', form))
        for form in re.findall(r'<form class="[^"]*undo-bar.*?</form>', html, re.S)
    ]


def test_the_next_act_leaves_the_former_offer(cast: Cast) -> None:
    """The manager submits one, then another within the moment, and finds the first was wrong."""
    one, other = (made.room(cast, title, sent=False) for title in ("甲甲", "乙乙"))
    client = cast.client("housing_manager")
    send(client, one)
    (first,) = bars(client)
    send(client, other)
    latest, former = bars(client)
    assert former == first != latest
    client.post("/undo/", {"act": first})
    states = [Case.objects.get(pk=case.pk).state for case in (one, other)]
    assert states == ["draft", "asked"] and bars(client) == [latest]
    client.post("/undo/", {"act": latest})
    assert bars(client) == [] and Case.objects.get(pk=other.pk).state == "draft"


def test_from_another_body_it_is_refused_and_still_offered(cast: Cast) -> None:
    """The manager sits in two bodies and has switched to the other one: what they find on going
    back is the button."""
    with writing("test"):
        Posting.objects.create(
            person=cast.person("housing_manager"),
            body=cast.body("stranger"),
            post=Post.MANAGER,
            valid_from=date(2020, 1, 1),
        )
    case, client = made.room(cast, sent=False), cast.client("housing_manager")
    switch = reverse("organizations:switch_body")
    client.post(switch, {"body": cast.body("housing").pk})
    send(client, case)
    (act,) = bars(client)
    client.post(switch, {"body": cast.body("stranger").pk})
    answer = client.post("/undo/", {"act": act}, follow=True).content.decode()
    assert "不能撤销" in answer and Case.objects.get(pk=case.pk).state == "asked"
    client.post(switch, {"body": cast.body("housing").pk})
    assert bars(client) == [act]
    client.post("/undo/", {"act": act})
    assert Case.objects.get(pk=case.pk).state == "draft"


def test_only_the_latest_few_are_offered_and_none_after_its_moment(cast: Cast) -> None:
    client = cast.client("housing_manager")
    for n in range(6):
        send(client, made.room(cast, f"会{n}", sent=False))
    assert len(bars(client)) == 5
    session = client.session
    oldest = session["undo"][-1]
    oldest["until"] = (datetime.fromisoformat(oldest["until"]) - timedelta(seconds=31)).isoformat()
    session.save()
    assert len(bars(client)) == 4


def test_a_session_of_the_version_before_is_read(cast: Cast) -> None:
    client = cast.client("housing_manager")
    session = client.session
    session["undo"] = {"acts": ["a"], "until": "2026-01-01T00:00:00+08:00", "words": "已提交。"}
    session.save()
    assert bars(client) == []
    send(client, made.room(cast, sent=False))
    assert len(bars(client)) == 1
