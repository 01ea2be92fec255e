"""Who leads a datum changes: replaced, taken back, ended, and passed on to the heir of a body
(一数一源; the decree)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.cast import Cast

from huitong.catalog import actions
from huitong.catalog.models import Datum, Lead
from huitong.catalog.tests.test_leads import BASIS, FROM, dissolved, registered
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today

pytestmark = pytest.mark.django_db


def rows() -> list[tuple[str, date, date | None]]:
    leads = Lead.objects.order_by("in_force").select_related("body")
    return [(lead.body.short_name, lead.in_force, lead.until) for lead in leads]


def test_the_lead_is_replaced_taken_back_and_ended(cast: Cast) -> None:
    datum, keeper, later = registered(cast, "hr"), cast.bureau_operator, FROM + timedelta(30)
    with pytest.raises(AgainstRules, match="没有变更过"):
        actions.take_back_lead(keeper, datum=datum.pk, reasons="登记有误")
    about = {"datum": datum.pk, "basis": BASIS}
    with pytest.raises(Malformed, match="应晚于"):
        actions.replace_lead(keeper, body=cast.body("civil").pk, in_force=FROM, **about)
    with pytest.raises(Malformed, match="已是数源部门"):
        actions.replace_lead(keeper, body=cast.body("hr").pk, in_force=later, **about)
    actions.replace_lead(keeper, body=cast.body("civil").pk, in_force=later, **about)

    hr, civil = (cast.body(name).short_name for name in ("hr", "civil"))
    assert rows() == [(hr, FROM, later - timedelta(1)), (civil, later, None)]
    actions.take_back_lead(keeper, datum=datum.pk, reasons="文件尚未印发")
    assert rows() == [(hr, FROM, None)]
    actions.replace_lead(keeper, body=cast.body("civil").pk, in_force=later, **about)
    actions.end_lead(keeper, datum=datum.pk, until=later + timedelta(9))
    with pytest.raises(Malformed, match="应不早于"):
        actions.end_lead(keeper, datum=datum.pk, until=later - timedelta(1))
    assert rows()[-1] == (civil, later, later + timedelta(9))
    actions.rename_datum(keeper, datum=datum.pk, name="登记机构", synonyms="登记机关")
    assert Datum.objects.get().words == ["登记机构", "登记机关"]


def test_what_is_taken_back_has_its_planned_end_again(cast: Cast) -> None:
    datum, keeper, later = registered(cast, "hr"), cast.bureau_operator, FROM + timedelta(30)
    hr, civil = (cast.body(name).short_name for name in ("hr", "civil"))
    planned = later + timedelta(300)
    actions.end_lead(keeper, datum=datum.pk, until=planned)
    about = {"datum": datum.pk, "basis": BASIS}
    actions.replace_lead(keeper, body=cast.body("civil").pk, in_force=later, **about)
    assert rows()[0] == (hr, FROM, later - timedelta(1))
    actions.take_back_lead(keeper, datum=datum.pk, reasons="文件尚未印发")
    assert rows() == [(hr, FROM, planned)]
    # ended, and begun again in the same body the day after: the end stands when that is taken back
    actions.replace_lead(keeper, body=cast.body("hr").pk, in_force=planned + timedelta(1), **about)
    assert rows() == [(hr, FROM, planned), (hr, planned + timedelta(1), None)]
    actions.take_back_lead(keeper, datum=datum.pk, reasons="文件尚未印发")
    assert rows() == [(hr, FROM, planned)]
    actions.replace_lead(keeper, body=cast.body("civil").pk, in_force=later, **about)
    dissolved(cast, "hr", today() - timedelta(1))
    with pytest.raises(AgainstRules, match="已撤销，不能恢复"):
        actions.take_back_lead(keeper, datum=datum.pk, reasons="文件尚未印发")
    assert rows()[-1] == (civil, later, None)


def test_the_heir_leads_from_its_day_and_the_past_stays(cast: Cast) -> None:
    on = today() - timedelta(3)
    datum, coming = registered(cast, "hr"), registered(cast, "civil", "婚姻状况")
    actions.end_lead(cast.bureau_operator, datum=datum.pk, until=today() + timedelta(9))
    about = {"datum": coming.pk, "basis": BASIS, "in_force": today() + timedelta(5)}
    actions.replace_lead(cast.bureau_operator, body=cast.body("hr").pk, **about)
    former, heir = cast.body("hr"), cast.body("housing")
    for _ in range(2):
        actions.pass_on(cast.system, predecessors=[former.pk], heir=heir.pk, on=on)
    of = Lead.objects.order_by("in_force").values_list("body", "in_force", "until")
    assert list(of.filter(datum=datum)) == [
        (former.pk, FROM, on - timedelta(1)),
        (heir.pk, on, today() + timedelta(9)),
    ]
    assert of.filter(datum=coming).last() == (heir.pk, about["in_force"], None)
    note = LedgerEntry.objects.filter(verb="catalog.pass_on").earliest("seq").after
    assert note["leads"] == sorted([datum.pk, coming.pk])


def test_the_database_keeps_one_lead_at_a_time(cast: Cast) -> None:
    datum = registered(cast, "hr")
    other = {"datum": datum, "body": cast.body("civil"), "basis": BASIS}
    refused = pytest.raises(IntegrityError, match="lead_one_at_a_time")
    with refused, transaction.atomic(), writing("test"):
        Lead.objects.create(**other, in_force=FROM + timedelta(400))
    with writing("test"):
        Lead.objects.create(**other, in_force=FROM - timedelta(9), until=FROM - timedelta(1))
