"""Grants in force, and nothing outside them: facts for planes, the ends of a grant, deliveries,
any order of steps (A22-A30)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.sharing import RISK, Sharing

from huitong.access import actions, jobs, queries
from huitong.access.models import Credential, DeliveryFact, Grant
from huitong.access.rules import G
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours, Problem
from huitong.kernel.workdays import SHANGHAI, today
from huitong.publishing import actions as publishing
from huitong.scope import ItemType, Scope, explain, from_json, masks, peeks, to_json, widens
from huitong.scope.filters import OneOf, Prefix

pytestmark = pytest.mark.django_db
DAY = timedelta(1)


def test_a_live_grant_says_all_a_plane_must_know(sharing: Sharing):
    issued = sharing.credential(networks=["10.0.0.0/8"])
    grant = sharing.granted(
        sharing.mount("marriage", "table"),
        items=["登记编号", "男方姓名"],
        per_day=9,
        row_filter={"op": "prefix", "item": "登记机关区划", "value": {"text": "3206"}},
    )
    [live] = queries.live_grants()
    assert (live.grant, live.number, live.mode) == (grant.pk, grant.case.number, "table")
    assert (live.provider_name, live.consumer_name, live.matter_code) == (
        "市民政局",
        "市住建局",
        "ZJ-001",
    )
    assert [(i.name, i.column, i.sql_type) for i in live.items] == [
        ("登记编号", "reg_no", "character varying(30)"),
        ("男方姓名", "m_name", "character varying(50)"),
        ("登记机关区划", "area", "character(6)"),
    ]
    assert (live.schema, live.table, live.key, live.per_second, live.per_day) == (
        "public",
        "marriage",
        ("reg_no",),
        20,
        9,
    )
    (credential,) = live.credentials
    assert credential.client_id == issued["client_id"]
    assert credential.networks == ("10.0.0.0/8",)
    assert (
        live.valid_from == datetime.combine(today(), datetime.min.time(), SHANGHAI)
        and live.valid_to.tzinfo
    )
    assert (
        live.valid_to - live.valid_from == timedelta(days=366) and live.target_table == "marriage"
    )
    assert (
        queries.targets(sharing.cast.system)[live.target].address.password
        == sharing.target["password"]
    )
    assert queries.sources(sharing.cast.system)[live.mount].table == "marriage"
    with pytest.raises(NotVisible):
        queries.targets(sharing.cast.housing_operator)


def test_only_living_credentials_are_named(sharing: Sharing):
    living, revoked, expired = (sharing.credential() for _ in range(3))
    sharing.granted()
    actions.revoke_credential(sharing.cast.housing_operator, credential=revoked["credential"])
    with writing("test"):
        Credential.objects.filter(pk=expired["credential"]).update(expires_at=datetime.now(UTC))
    (usable,) = queries.live_grants()[0].credentials
    assert usable.client_id == living["client_id"]


def test_facts_cost_the_same_however_many_grants(sharing: Sharing):
    def cost() -> int:
        with CaptureQueriesContext(connection) as statements:
            queries.live_grants()
        return len(statements)

    sharing.credential()
    sharing.granted()
    one = cost()
    for mount in (
        sharing.mount("division", "api"),
        sharing.mount("division", "file"),
        sharing.mount("marriage", "table"),
    ):
        sharing.granted(mount)
    assert len(queries.live_grants()) == 4 and cost() == one <= 4


def test_the_period_is_kept_to_the_day_in_nantong(sharing: Sharing):
    grant = sharing.granted(valid_from=today() + 2 * DAY, valid_to=today() + 3 * DAY)

    def live(at: datetime) -> bool:
        return bool(queries.live_grants(at))

    first = datetime.combine(grant.valid_from, datetime.min.time(), SHANGHAI)
    end = first + 2 * DAY
    second = timedelta(seconds=1)
    assert [live(t) for t in (first - second, first, end - second, end)] == [
        False,
        True,
        True,
        False,
    ]


def test_on_its_last_day_a_grant_ends_at_the_time_the_decision_named(sharing: Sharing):
    grant = sharing.granted(valid_to=today() + DAY, until="12:00")
    noon = datetime.combine(today() + DAY, time(12), SHANGHAI)
    for at, live in ((noon - timedelta(seconds=1), True), (noon, False)):
        assert bool(queries.live_grants(at)) is live
        assert queries.grants_to_expire(at).filter(pk=grant.pk).exists() is not live


def test_a_grant_in_force_is_neither_finished_nor_waiting_for_a_hand(sharing: Sharing):
    cast, grant = sharing.cast, sharing.granted()
    manager, address = cast.client("civil_manager"), f"/cases/{grant.case_id}/"
    assert "领办人" not in manager.get(address).content.decode()

    def listed() -> list[bool]:
        states = ("open", "running", "closed")
        pages = [manager.get(f"/todo/?tab=done&kind=grant&state={state}") for state in states]
        return [address in page.content.decode() for page in pages]

    assert listed() == [False, True, False]
    actions.suspend(cast.civil_manager, grant.case, **RISK)
    assert "尚未领办" in manager.get(address).content.decode()
    assert listed() == [True, False, False]
    done = manager.post(
        f"{address}resume/", {"reasons": "情况已核实", "_confirmed": "1"}, follow=True
    )
    assert "该事项生效中。" in done.content.decode() and "该事项已办结" not in done.content.decode()


def test_suspended_revoked_returned_and_expired_grants_are_dead(sharing: Sharing):
    cast, grant = sharing.cast, sharing.granted()
    actions.suspend(cast.civil_manager, grant.case, **RISK)
    assert queries.live_grants() == []
    with pytest.raises(NotYours):
        actions.resume(cast.housing_manager, grant.case, reasons="请恢复")
    actions.resume(cast.civil_manager, grant.case, reasons="情况已核实")
    assert len(queries.live_grants()) == 1
    actions.revoke(cast.bureau_manager, grant.case, **RISK)
    assert queries.live_grants() == [] and Grant.objects.get(pk=grant.pk).ended_at
    assert Entry.objects.get(verb="grant.revoke").article == "A28"
    for act in (actions.resume, actions.revoke, actions.suspend):
        with pytest.raises(AgainstRules):
            act(
                cast.civil_manager,
                grant.case,
                **({"reasons": "再来一次"} if act is actions.resume else RISK),
            )
    other = sharing.granted(sharing.mount("division", "api"))
    actions.give_back(cast.housing_operator, other.case)
    assert queries.live_grants() == [] and sharing.case(other).state == G.RETURNED


def test_what_is_over_is_ended_by_the_platform(sharing: Sharing):
    grant = sharing.granted(valid_to=today())
    jobs.expire()
    assert sharing.case(grant).state == G.ACTIVE, "the last day still counts"
    with pytest.raises(AgainstRules):
        actions.expire(sharing.cast.system, grant.case)
    with writing("test"):
        Grant.objects.filter(pk=grant.pk).update(
            valid_from=today() - 2 * DAY, valid_to=today() - DAY
        )
    assert queries.live_grants() == [], "planes stop without the job"
    jobs.expire()
    jobs.expire()
    assert sharing.case(grant).state == G.EXPIRED
    entry = Entry.objects.get(verb="grant.expire")
    assert entry.article == "A26" and entry.person is None
    with pytest.raises(NotYours):
        actions.expire(sharing.cast.bureau_manager, grant.case)


def test_a_delivery_counts_once_whoever_repeats_it(sharing: Sharing):
    grant = sharing.granted()
    about = {
        "plane": "gateway",
        "reference": "2026-11-23T03/1",
        "grant": grant.pk,
        "at": datetime.now(UTC),
        "rows": 7,
        "bytes": 900,
    }
    first = actions.report_delivery(sharing.cast.system, **about)
    again = actions.report_delivery(sharing.cast.system, **about | {"rows": 8})
    assert first.pk == again.pk and DeliveryFact.objects.get().rows == 7
    other = sharing.granted(sharing.mount("division", "api"))
    with pytest.raises(AgainstRules):
        actions.report_delivery(sharing.cast.system, **about | {"grant": other.pk})
    with pytest.raises(NotVisible):
        actions.report_delivery(sharing.cast.system, **about | {"grant": 10**9, "reference": "x"})
    with pytest.raises(NotYours):
        actions.report_delivery(sharing.cast.bureau_manager, **about)
    assert [d.rows for d in queries.deliveries_of(grant)] == [7]


def test_of_several_each_case_shows_its_own(sharing: Sharing):
    grants = [sharing.granted(sharing.mount(table, "api")) for table in ("marriage", "division")]
    for grant in grants:
        assert (
            queries.grant_facts(sharing.cast.housing_operator, grant.case).facts["grant"] == grant
        )
        facts = queries.application_facts(
            sharing.cast.housing_operator, grant.application.case
        ).facts
        assert facts["application"] == grant.application and facts["granted"] == explain(
            from_json(grant.scope)
        )
        assert (
            list(queries.grants_of_case(grant.application.case))
            == list(queries.grants_of_case(grant.case))
            == [grant]
        )
    assert queries.existing_grants([grants[0].pk, 10**9]) == {grants[0].pk}


def test_grants_are_seen_by_their_parties(sharing: Sharing):
    cast, grant = sharing.cast, sharing.granted()
    for actor in (cast.housing_operator, cast.civil_operator, cast.bureau_operator):
        assert queries.grant_for(actor, grant.pk)
    for actor in (cast.stranger_operator, cast.hr_manager, cast.security_admin):
        with pytest.raises(NotVisible):
            queries.grant_for(actor, grant.pk)
    with pytest.raises(NotVisible):
        actions.give_back(cast.stranger_operator, grant.case)
    with pytest.raises(NotYours):
        actions.revoke(cast.housing_manager, grant.case, **RISK)


# -- never wider -----------------------------------------------------------------------------------

ITEMS = ("甲", "乙", "丙")
SOME = st.lists(st.sampled_from(ITEMS), unique=True, min_size=1)
MASK = st.sampled_from(
    [None, masks.named("name"), masks.named("blank"), masks.partial(2, 1), masks.named("email")]
)
FILTER = st.sampled_from(
    [None, Prefix("甲", "3206"), Prefix("甲", "32"), OneOf("乙", ("1", "2")), OneOf("乙", ("1",))]
)


@settings(max_examples=300, deadline=None)
@given(
    base_masks=st.dictionaries(st.sampled_from(ITEMS), MASK),
    base_filter=FILTER,
    ask=SOME,
    ask_filter=FILTER,
    decide=st.none() | SOME,
    decide_filter=FILTER,
    decide_masks=st.dictionaries(st.sampled_from(ITEMS), MASK),
)
def test_what_is_granted_is_never_wider_than_asked_nor_than_the_entry(
    base_masks, base_filter, ask, ask_filter, decide, decide_filter, decide_masks
):
    from huitong.access.rules import asked_scope, decided_scope

    base = Scope(ITEMS, base_filter, {i: m for i, m in base_masks.items() if m})
    assume(not peeks(base, ask_filter))  # refused: see test_what_can_be_served
    requested = asked_scope(base, ask, ask_filter)
    assert widens(base, requested) == ()
    masks = to_json(Scope(ITEMS, None, {i: m for i, m in decide_masks.items() if m}))["masks"]
    try:
        decided = decided_scope(
            base, requested, "api", items=decide, row_filter=decide_filter, masks=masks
        )
    except Problem:
        return
    assert (
        widens(base, decided) == ()
        and widens(requested, decided) == ()
        and set(decided.items) <= set(ask)
    )


def test_item_types_of_facts_are_those_of_scope(sharing: Sharing):
    sharing.granted()
    assert {ItemType(i.type) for i in queries.live_grants()[0].items} == {
        ItemType.TEXT,
        ItemType.DATE,
    }


def test_users_of_a_resource_hear_that_its_delivery_stopped(sharing: Sharing):
    from huitong import reactions
    from huitong.work.models import Notice

    grant = sharing.granted()
    publishing.suspend_delivery(
        sharing.cast.civil_operator,
        mount=grant.mount_id,
        ground="wrong_data",
        reasons="发现部分数据错误",
    )
    entry = Entry.objects.get(verb="publishing.suspend_delivery")
    reactions.react(entry.seq, "tell_users_of_the_resource")
    # the bureau's own leads to the resource
    notices = Notice.objects.filter(
        title="市民政局暂停交付：婚姻登记信息", url=f"/grants/{grant.pk}/"
    )
    assert {n.person_id for n in notices} == {
        sharing.cast.housing_operator.person,
        sharing.cast.housing_manager.person,
    }
