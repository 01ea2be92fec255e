"""A duty counts once the bureau has seen it in its source document; changed, it counts no more
(A3)."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from tests.cast import Cast

from huitong import reactions
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import actions, queries
from huitong.organizations.models import Body, Duty
from huitong.organizations.rules import Sheet
from huitong.work.models import Notice

SOURCE = "通办〔2019〕16号"


def own(cast: Cast, **more: str) -> Duty:
    given = {"text": "负责房屋租赁管理", "source": SOURCE, **more}
    return actions.add_duty(cast.housing_manager, body=cast.body("housing").pk, **given)


def confirmed(duty: Duty) -> bool:
    return Duty.objects.get(pk=duty.pk).is_confirmed


def test_what_a_body_writes_for_itself_waits_for_the_bureau_which_tells_it(cast: Cast):
    duty = own(cast)
    assert not confirmed(duty) and duty in queries.unconfirmed_duties(cast.bureau_operator)
    with pytest.raises(NotYours):
        actions.confirm_duties(cast.housing_manager, duties=[duty.pk])
    actions.confirm_duties(cast.bureau_operator, duties=[duty.pk])
    assert (
        confirmed(duty) and Duty.objects.get(pk=duty.pk).confirmed_by == cast.bureau_operator.name
    )
    reactions.react(
        Entry.objects.filter(verb="organizations.confirm_duties").get().seq,
        "tell_of_confirmed_duties",
    )
    assert Notice.objects.filter(
        person=cast.person("housing_manager"), title="本部门职责已经确认"
    ).exists()


@pytest.mark.parametrize(
    "change", [{"text": "负责房屋租赁和买卖管理"}, {"source": "另一文号"}], ids=["words", "source"]
)
def test_a_changed_duty_is_to_be_confirmed_anew(cast: Cast, change: dict[str, str]):
    duty = own(cast)
    actions.confirm_duties(cast.bureau_operator, duties=[duty.pk])
    actions.edit_duty(cast.housing_manager, duty=duty.pk, text=duty.text, source=duty.source)
    assert confirmed(duty), "saved without a change it stays as it was"
    actions.edit_duty(
        cast.housing_manager, duty=duty.pk, **{"text": duty.text, "source": duty.source} | change
    )
    assert not confirmed(duty)


def test_without_a_source_nothing_is_confirmed(cast: Cast):
    duty = own(cast, source="")
    with pytest.raises(Malformed, match="依据"):
        actions.confirm_duties(cast.bureau_operator, duties=[duty.pk])
    actions.confirm_duties(cast.bureau_operator, duties=[duty.pk], source=SOURCE)
    assert confirmed(duty) and Duty.objects.get(pk=duty.pk).source == SOURCE


def test_the_bureaus_own_duty_takes_two_of_the_bureau(cast: Cast):
    duty = actions.add_duty(
        cast.bureau_operator, body=cast.body("bureau").pk, text="负责公共数据开放", source=SOURCE
    )
    assert not confirmed(duty)
    with pytest.raises(AgainstRules, match="另一人"):
        actions.confirm_duties(cast.bureau_operator, duties=[duty.pk])
    actions.confirm_duties(cast.bureau_manager, duties=[duty.pk])
    assert confirmed(duty)


@pytest.mark.parametrize(
    ("who", "source", "sure"),
    [
        ("bureau_operator", SOURCE, True),
        ("bureau_operator", "", False),
        ("housing_manager", SOURCE, False),
        ("system_admin", SOURCE, False),
        ("system", SOURCE, True),
    ],
)
def test_an_import_confirms_only_by_the_bureaus_hand_and_with_its_source(
    cast: Cast, who: str, source: str, sure: bool
):
    sheet = Sheet([{"body": cast.body("housing").name, "duty": "负责房屋租赁管理"}])
    actions.import_duties(getattr(cast, who), sheet=sheet, source=source)
    assert Duty.objects.get(text="负责房屋租赁管理").is_confirmed is sure


def test_pages_and_api_show_what_is_not_confirmed(cast: Cast):
    duty = own(cast)
    actions.add_matter(cast.housing_manager, duty=duty.pk, code="ZJ-9", name="租赁备案")
    assert "未确认" in cast.client("stranger_operator").get("/sys/duties/").content.decode()
    assert (
        "/sys/duties/confirm/"
        not in cast.client("housing_manager").get("/sys/duties/").content.decode()
    )
    bureau = cast.client("bureau_operator")
    assert "确认职责（1）" in bureau.get("/sys/duties/").content.decode()
    token = actions.create_token(cast.bureau_operator, label="接口")["token"]
    api = Client(headers={"Authorization": f"Bearer {token}"})
    matter = next(m for m in api.get("/api/matters?code=ZJ-9").json()["items"])
    assert (matter["duty_confirmed"], matter["duty_source"]) == (False, SOURCE)
    answer = bureau.get("/sys/duties/confirm/")
    assert "负责房屋租赁管理" in answer.content.decode()
    assert bureau.post(
        "/sys/duties/confirm/", {"duties": [duty.pk], "source": ""}
    ).status_code == 302 and confirmed(duty)
    assert (
        api.post(
            "/api/do/organizations.confirm_duties",
            json.dumps({"duties": [duty.pk]}),
            content_type="application/json",
        ).status_code
        == 200
    )


def test_an_upgrade_confirms_what_the_bureau_brought_in_with_its_source(cast: Cast):
    """Duties of before the upgrade: the register the bureau imported goes on, what a body wrote
    for itself waits."""
    by_itself, bare = (
        own(cast),
        actions.add_duty(cast.bureau_operator, body=cast.body("hr").pk, text="没有依据的职责"),
    )
    with writing("test"):
        Duty.objects.update(confirmed_at=None, confirmed_by="")
        import_module("huitong.organizations.migrations.0004_numbers_and_confirmations").confirm(
            apps, None
        )
    assert confirmed(cast.duty("civil")) and not confirmed(by_itself) and not confirmed(bare)


# -- the number of a body in codes -----------------------------------------------------------------


def test_a_body_has_its_number_once_and_keeps_it_when_renamed(cast: Cast):
    """Codes were made of a key of the database: a renamed body began a new counter under another
    number."""
    numbers = list(Body.objects.values_list("number", flat=True))
    assert len(set(numbers)) == len(numbers) and cast.body("civil").number
    new = actions.rename_body(
        cast.system_admin,
        body=cast.body("civil").pk,
        name="南通市民政事务局",
        short_name="市民政事务局",
        on=today(),
        document="通编〔2026〕1号",
    )
    assert new.number == cast.body("civil").number and new.pk != cast.body("civil").pk
    with writing("test"):
        fresh = Body.objects.bulk_create(
            [
                Body(
                    name=f"新设{n}局",
                    short_name=f"新{n}局",
                    kind="department",
                    credit_code=f"CODE{n}",
                    division_code="320600",
                    valid_from=today(),
                )
                for n in range(2)
            ]
        )
    assert not {body.number for body in fresh} & set(numbers) and fresh[0].number != fresh[1].number
