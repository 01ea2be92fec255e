"""A demand to several bodies has a part for each, with its own limits; one that nobody met may be
raised again (A24, A25)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.demanding import Demanding
from tests.journeys.doors import Api
from tests.journeys.test_the_ledger_in_words import every_entry_reads_in_words
from tests.sharing import Sharing

from huitong.demands import actions, queries
from huitong.demands.models import Demand
from huitong.demands.rules import S
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations
from huitong.work import jobs
from huitong.work.models import AttachmentUse, Notice

pytestmark = pytest.mark.django_db
WHY = "该数据由民政部门登记管理，不在本部门系统中。"


def finish(demand: Demand) -> None:
    """What the worker does once a part is over."""
    jobs.finish_parent(parent=demand.case_id)


def parts(demand: Demand) -> dict[int | None, Demand]:
    return {part.provider_id: part for part in Demand.objects.filter(whole=demand)}


def text_of(client: Client, demand: Demand) -> str:
    answer = client.get(f"/cases/{demand.case_id}/")
    assert answer.status_code == 200
    return str(answer.content.decode())


# -- several bodies --------------------------------------------------------------------------------


def test_each_body_has_its_part_and_its_own_limits_and_the_last_ends_the_whole(
    demanding: Demanding, sharing: Sharing
) -> None:
    cast, demand = demanding.cast, demanding.submitted(addressed="civil hr")
    civil, hr = cast.body("civil").pk, cast.body("hr").pk
    assert demanding.at(demand) is S.HANDED_OUT
    assert not Clock.objects.filter(case=demand.case_id).exists()
    own = parts(demand)
    assert own.keys() == {civil, hr}
    for body, part in own.items():
        running = Clock.objects.filter(case=part.case_id, stopped_on=None)
        assert {(c.name, c.body) for c in running} == {("obstacle", body), ("publish", body)}
        assert (part.title, part.printed_hash, part.scan_id) == (
            demand.title,
            demand.printed_hash,
            demand.scan_id,
        )
    actions.not_ours(cast.hr_operator, demanding.case(own[hr]), reasons=WHY)
    still = Clock.objects.filter(case=own[civil].case_id, stopped_on=None)
    assert still.count() == 2, "the limits of one do not move those of another"
    # the bureau does not send it to a body that has a part already
    with pytest.raises(Malformed, match="另一部分"):
        actions.assign(cast.bureau_operator, demanding.case(own[hr]), body=civil, words="另有职责")
    actions.close(cast.bureau_operator, demanding.case(own[hr]), reasons="没有部门掌握。")
    finish(demand)
    assert demanding.at(demand) is S.HANDED_OUT
    entry = sharing.mount("marriage").entry
    actions.answer(cast.civil_operator, demanding.case(own[civil]), entry=entry.pk)
    finish(demand)
    assert demanding.at(demand) is S.CONCLUDED


def test_each_sees_its_own_part_and_the_demander_all_on_one_page(
    demanding: Demanding, sharing: Sharing
) -> None:
    cast, demand = demanding.cast, demanding.submitted(addressed="civil hr")
    own = parts(demand)
    civil, hr = own[cast.body("civil").pk], own[cast.body("hr").pk]
    with pytest.raises(NotVisible):
        queries.demand_for(cast.civil_operator, hr.pk)
    with pytest.raises(NotVisible):
        queries.demand_for(cast.civil_operator, demand.pk)
    planned = today() + timedelta(5)
    actions.promise(cast.hr_operator, demanding.case(hr), planned_on=planned)
    entry = sharing.mount("marriage").entry
    actions.answer(cast.civil_operator, demanding.case(civil), entry=entry.pk)
    page = text_of(cast.client("housing_operator"), demand)
    assert f"计划 {planned} 发布" in page and entry.name in page
    assert f"/demands/{civil.pk}/apply/" in page, "it is applied for from where all answers stand"
    # to a body its part, with the paper; the code on the paper leads there
    client = cast.client("civil_operator")
    page = text_of(client, civil)
    assert "各部门分别答复" in page and "所属事项" not in page
    assert client.get(f"/demands/{demand.pk}/").url == f"/cases/{civil.case_id}/"
    for path in (f"/demands/{civil.pk}/scan/file/", f"/attachments/{demand.scan_id}/"):
        assert b"".join(client.get(path)), path
    used = AttachmentUse.objects.filter(attachment=demand.scan_id).values_list("case", flat=True)
    assert set(used) == {demand.case_id, civil.case_id, hr.case_id}
    # in lists: to the demander one, in the list of demands one for each body
    assert [d.pk for d in queries.own_demands(cast.housing_operator)] == [demand.pk]
    assert [d.pk for d in queries.received_demands(cast.civil_operator)] == [civil.pk]
    listed = {d.pk for d in queries.submitted_demands(cast.bureau_operator)}
    assert listed == {civil.pk, hr.pk}
    api = Api(cast)._client("housing_operator").get(f"/api/demands/{demand.pk}").json()
    assert api["parts"] == [civil.pk, hr.pk] and len(api["addressed"]) == 2
    assert [row["kind"] for row in api["answers"]] == ["promised", "answered"]


def test_withdrawn_as_a_whole_every_part_that_runs_goes_with_it(demanding: Demanding) -> None:
    cast, demand = demanding.cast, demanding.submitted(addressed="civil hr")
    own = parts(demand)
    actions.withdraw(cast.housing_operator, demanding.case(demand), reasons="已通过其他途径取得。")
    assert {demanding.at(part) for part in (demand, *own.values())} == {S.WITHDRAWN}
    for who in ("civil_operator", "hr_operator"):
        titles = Notice.objects.filter(person=getattr(cast, who).person).values_list("title")
        assert ("需求申请已撤回：婚姻登记信息",) in titles, who
    every_entry_reads_in_words(cast, "demand.")


def test_nobody_opens_a_part_by_hand(demanding: Demanding) -> None:
    door = Api(demanding.cast)
    given: dict[str, Any] = {"body": demanding.cast.body("civil").pk, "scan": 1}
    assert door.do("housing_operator", "demand.hand_out", **given) in (403, 404)


# -- raised again ----------------------------------------------------------------------------------


def unmet(demanding: Demanding) -> Demand:
    cast, demand = demanding.cast, demanding.submitted(addressed="hr")
    actions.not_ours(cast.hr_operator, demanding.case(demand), reasons=WHY)
    actions.close(cast.bureau_operator, demanding.case(demand), reasons="没有部门掌握。")
    return demand


def test_an_unmet_demand_is_raised_again_and_both_pages_say_so(demanding: Demanding) -> None:
    cast, before = demanding.cast, unmet(demanding)
    client = cast.client("housing_operator")
    link = f"/demands/new/?again={before.pk}"
    assert link in text_of(client, before)
    page = client.get(link).content.decode()
    assert "再次提出" in page and f"again={before.pk}&amp;q=" in page
    demand = demanding.submitted(again=before.pk)
    assert demand.again_id == before.pk
    page = text_of(client, before)
    assert demand.case.number in page and "已再次提出" in page and link not in page
    # who answers now reads what was answered then, though the case before is none of theirs
    with pytest.raises(NotVisible):
        queries.demand_for(cast.civil_operator, before.pk)
    page = text_of(cast.client("civil_operator"), demand)
    assert "此前提出的同一需求" in page and WHY in page and "没有部门掌握。" in page


def test_it_is_raised_again_once_unless_that_is_withdrawn(demanding: Demanding) -> None:
    cast, before = demanding.cast, unmet(demanding)
    client, link = cast.client("housing_operator"), f"/demands/new/?again={before.pk}"
    second = demanding.drafted(again=before.pk)
    with pytest.raises(AgainstRules, match=second.case.number):
        demanding.drafted(again=before.pk)
    assert client.get(link).status_code == 409
    actions.withdraw(cast.housing_operator, demanding.case(second))
    assert link in text_of(client, before)
    third = demanding.submitted(addressed="civil hr", again=before.pk)
    page = text_of(client, before)
    assert page.count("已再次提出") == 1, "its parts are not named beside it"
    assert third.case.number in page and second.case.number not in page
    part = parts(third)[cast.body("civil").pk]
    page = text_of(cast.client("civil_operator"), part)
    assert "此前提出的同一需求" in page and WHY in page


def test_its_words_are_filled_in_and_the_link_is_kept(demanding: Demanding) -> None:
    before, client = unmet(demanding), demanding.cast.client("housing_operator")
    page = client.get(f"/demands/new/{uuid.uuid4()}/?again={before.pk}").content.decode()
    assert before.purpose in page and before.items[0] in page
    assert f'name="again" value="{before.pk}"' in page


@pytest.mark.parametrize("who", ["civil_operator", "stranger_operator"])
def test_others_cannot_raise_it(demanding: Demanding, who: str) -> None:
    before, body = unmet(demanding), who.removesuffix("_operator")
    with pytest.raises(NotVisible):
        demanding.drafted(body=body, addressed="hr", again=before.pk)


def test_what_runs_or_is_answered_is_not_raised_again(demanding: Demanding) -> None:
    running = demanding.submitted()
    with pytest.raises(AgainstRules, match="无部门掌握"):
        demanding.drafted(again=running.pk)
    client = demanding.cast.client("housing_operator")
    assert client.get(f"/demands/new/?again={running.pk}").status_code == 409
    assert client.get("/demands/new/?again=99999999").status_code == 404


# -- under the decree ------------------------------------------------------------------------------


def test_one_opened_after_the_decree_is_adopted_belongs_to_it_and_goes_on_as_before(
    demanding: Demanding,
) -> None:
    cast, before = demanding.cast, demanding.submitted()
    organizations.adopt_law(
        cast.system_admin, law="national-2025", in_force=today(), basis="市政府通知"
    )
    demand = demanding.submitted(addressed="civil hr")
    assert demanding.case(before).law == "nantong-2020"
    for row in (demand, *(own := parts(demand)).values()):
        assert demanding.case(row).law == "national-2025"
    part = own[cast.body("civil").pk]
    running = Clock.objects.filter(case=part.case_id, stopped_on=None)
    assert {(c.article, c.amount, c.unit) for c in running} == {
        ("A25", 10, "wd"),
        ("A25", 1, "month"),
    }
    given: dict[str, Any] = {"until": today() + timedelta(40), "reasons": "历史档案正在录入。"}
    actions.obstacle(cast.civil_operator, demanding.case(part), ground="not_digital", **given)
    assert demanding.at(part) is S.DEFERRED
    acts = Entry.objects.filter(case=part.case_id).values_list("article", flat=True)
    assert set(acts) == {"A24", "A25"}, "the decree says nothing of it: the local rule is cited"
