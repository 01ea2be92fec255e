"""A grant unused for three months is taken back after notice and answer only, by who granted it;
data are had under it until then (A26)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.disusing import unused
from tests.sharing import RISK, Sharing

from huitong.access import actions, jobs, queries
from huitong.access.models import Grant
from huitong.access.rules import G
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.kernel.workdays import load_calendar, today
from huitong.publishing import actions as publishing
from huitong.work import jobs as work_jobs
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db
WHY = {"reasons": "授权以来没有调用过，请说明是否仍需使用。"}
ANSWER = {"reasons": "系统改造推迟，下月上线后使用。"}


def noticed(sharing: Sharing) -> Grant:
    grant = unused(sharing)
    actions.give_notice(sharing.cast.civil_manager, grant.case, **WHY)
    return grant


def answered(sharing: Sharing, **more: Any) -> Grant:
    grant = noticed(sharing)
    actions.answer_notice(sharing.cast.housing_operator, grant.case, **ANSWER | more)
    return grant


def use(sharing: Sharing, grant: Grant, **more: Any) -> None:
    actions.report_delivery(
        sharing.cast.system,
        **{"plane": "tables", "reference": "use", "grant": grant.pk, "at": timezone.now()} | more,
    )


def live(grant: Grant) -> bool:
    return grant.pk in {row.grant for row in queries.live_grants()}


def verbs(actor: Actor, grant: Grant) -> set[str]:
    return {row.verb for row, _ in doing.open_to(actor, Sharing.case(grant))}


# -- notice ----------------------------------------------------------------------------------------


def test_notice_is_given_after_the_limit_only(sharing: Sharing) -> None:
    grant = sharing.granted()
    with pytest.raises(AgainstRules) as early:
        actions.give_notice(sharing.cast.civil_manager, grant.case, **WHY)
    assert early.value.article == "A26" and "还没有届满" in early.value.detail
    row = unused(sharing)
    use(sharing, row, at=timezone.now() - timedelta(130))
    disuse = queries.disuse_of(row)
    assert disuse.since == today() - timedelta(120), "never from before it could be used"
    due = load_calendar().after_months(today() - timedelta(120), 3).on
    assert disuse.due_on == due and disuse.over
    actions.give_notice(sharing.cast.civil_manager, row.case, **WHY)
    assert sharing.case(row).state == G.NOTICED


def test_a_delivery_by_any_plane_and_of_this_moment_counts(sharing: Sharing) -> None:
    """Not as the platform last looked at it, by the hour: as it is known now."""
    for n, plane in enumerate(("gateway", "tables", "files", "comparison")):
        grant = unused(sharing)
        jobs.watch_use()
        use(sharing, grant, plane=plane, reference=f"r{n}", at=timezone.now() - timedelta(5))
        with pytest.raises(AgainstRules) as used:
            actions.give_notice(sharing.cast.civil_manager, grant.case, **WHY)
        assert f"{today() - timedelta(5)}" in used.value.detail


def test_what_was_refused_or_failed_is_no_use(sharing: Sharing) -> None:
    grant = unused(sharing)
    for status in ("refused", "failed", "cut", "paused"):
        use(sharing, grant, reference=status, status=status)
    actions.give_notice(sharing.cast.civil_manager, grant.case, **WHY)
    assert sharing.case(grant).state == G.NOTICED


@pytest.mark.parametrize("code", ["emergency", "other", "seasonal"])
def test_a_circumstance_that_holds_forbids_it(sharing: Sharing, code: str) -> None:
    grant = unused(sharing)
    away = [today().month % 12 + 1] if code == "seasonal" else []
    with writing("test"):
        Grant.objects.filter(pk=grant.pk).update(circumstance=code, months=away)
    with pytest.raises(AgainstRules) as held:
        actions.give_notice(sharing.cast.civil_manager, grant.case, **WHY)
    assert "不计为未使用" in held.value.detail and sharing.case(grant).state == G.ACTIVE


def test_who_granted_gives_it(sharing: Sharing) -> None:
    """What the platform granted is not undone by a provider alone."""
    cast = sharing.cast
    own, platform = unused(sharing), unused(sharing, "division")
    jobs.watch_use()
    for reader in (cast.civil_manager, cast.bureau_manager):
        assert set(queries.unused_grants(reader)) == {own, platform}, "read by either"
    for grant, may, may_not in (
        (own, cast.civil_manager, (cast.bureau_manager, cast.civil_operator)),
        (platform, cast.bureau_manager, (cast.civil_manager, cast.bureau_operator)),
    ):
        for actor in (*may_not, cast.housing_manager):
            with pytest.raises(NotYours):
                actions.give_notice(actor, grant.case, **WHY)
        actions.give_notice(may, grant.case, **WHY)
        actions.answer_notice(cast.housing_operator, grant.case, **ANSWER)
        for actor in (*may_not, cast.housing_manager):
            with pytest.raises(NotYours):
                actions.reclaim(actor, grant.case, **WHY)
        actions.reclaim(may, grant.case, **WHY)
        assert sharing.case(grant).state == G.REVOKED


def test_the_consumer_hears_the_evidence_and_has_five_working_days(sharing: Sharing) -> None:
    grant = noticed(sharing)
    clock = Clock.objects.get(case=grant.case)
    assert (clock.article, clock.party, clock.post) == ("C", "consumer", "operator")
    assert clock.due_on == load_calendar().after(today(), 5).on
    notice = Notice.objects.filter(
        person=sharing.cast.housing_operator.person, title__startswith="拟收回长期未使用的授权"
    ).get()
    assert "授权后没有任何交付" in notice.text and WHY["reasons"] in notice.text
    assert sharing.case(grant).awaiting == [f"{sharing.cast.housing_operator.body}:operator"]
    entry = Entry.objects.get(verb="grant.give_notice")
    assert entry.article == "A26" and "没有任何交付" in str(entry.after["facts"]["disuse"])


# -- meanwhile -------------------------------------------------------------------------------------


def test_data_are_had_until_it_is_decided(sharing: Sharing) -> None:
    grant = unused(sharing)
    assert live(grant)
    actions.give_notice(sharing.cast.civil_manager, grant.case, **WHY)
    assert live(grant)
    assert queries.closings([Grant.objects.select_related("case", "mount").get()]) == {}
    actions.answer_notice(sharing.cast.housing_operator, grant.case, **ANSWER)
    assert live(grant)
    actions.reclaim(sharing.cast.civil_manager, grant.case, **WHY)
    assert not live(grant) and Grant.objects.get(pk=grant.pk).ended_at is not None


def test_use_meanwhile_and_the_answer_stand_before_who_decides(sharing: Sharing) -> None:
    grant = answered(sharing, circumstance="seasonal", months=[8, 6, 7])
    use(sharing, grant)
    client = sharing.cast.client("civil_manager")
    for url in (f"/cases/{grant.case_id}/", f"/grants/{grant.pk}/"):
        page = client.get(url).content.decode()
        for words in (
            ANSWER["reasons"],
            "季节性应用（每年 6、7、8 月使用）",
            "1 次交付，最近一次",
            "授权后没有任何交付",
        ):
            assert words in page, (url, words)


def test_what_was_used_after_its_notice_is_not_taken_back_as_unused(sharing: Sharing) -> None:
    """A delivery under way when the notice was given, or before it, changes nothing; one after it
    is the use whose lack was told."""
    cast, grant = sharing.cast, answered(sharing)
    use(sharing, grant, at=timezone.now() - timedelta(200), reference="before")
    use(sharing, grant, status="refused", reference="refused")
    assert f"/cases/{grant.case_id}/reclaim/" in _pages(sharing, grant)
    use(sharing, grant)
    with pytest.raises(AgainstRules) as used:
        actions.reclaim(cast.civil_manager, grant.case, **WHY)
    assert used.value.article == "A26" and str(today()) in used.value.detail
    assert live(grant) and f"/cases/{grant.case_id}/reclaim/" not in _pages(sharing, grant)
    actions.keep_running(cast.civil_manager, grant.case, reasons="已经使用，予以保留。")
    assert sharing.case(grant).state == G.ACTIVE


def test_what_its_provider_does_not_deliver_is_not_unused(sharing: Sharing) -> None:
    """Who stops a resource cannot say that nobody uses it: not while it stands, nor with the time
    it stood."""
    cast, grant = sharing.cast, unused(sharing)
    jobs.watch_use()
    assert queries.disuse_of(grant).over and list(queries.unused_grants(cast.civil_manager))
    stop = {"mount": grant.mount_id, "ground": "maintenance", "reasons": "系统检修，暂停交付。"}
    publishing.suspend_delivery(cast.civil_operator, **stop)
    with pytest.raises(AgainstRules, match="资源暂停交付"):
        actions.give_notice(cast.civil_manager, grant.case, **WHY)
    assert not list(queries.unused_grants(cast.civil_manager))
    jobs.watch_use()
    assert queries.uses_to_watch() == {}, "nothing is watched while nothing is delivered"
    publishing.resume_delivery(cast.civil_manager, mount=grant.mount_id, reasons="检修完成。")
    jobs.watch_use()
    row = Grant.objects.select_related("case", "mount").get(pk=grant.pk)
    assert queries.disuse_of(row).since == today() and not queries.disuse_of(row).over
    with pytest.raises(AgainstRules, match="还没有届满"):
        actions.give_notice(cast.civil_manager, row.case, **WHY)


def test_who_could_not_use_it_after_the_notice_does_not_lose_it_for_that(sharing: Sharing) -> None:
    cast, grant = sharing.cast, answered(sharing)
    stop = {"mount": grant.mount_id, "ground": "maintenance", "reasons": "系统检修，暂停交付。"}
    publishing.suspend_delivery(cast.civil_operator, **stop)
    for go_on in (False, True):
        if go_on:
            publishing.resume_delivery(cast.civil_manager, mount=grant.mount_id, reasons="完成。")
        with pytest.raises(AgainstRules, match="不能照常使用"):
            actions.reclaim(cast.civil_manager, sharing.case(grant), **WHY)
    page = _pages(sharing, grant)
    assert "不能照常使用" in page and f"/cases/{grant.case_id}/reclaim/" not in page
    actions.keep_running(cast.civil_manager, sharing.case(grant), reasons="予以保留。")
    assert live(grant)


def _pages(sharing: Sharing, grant: Grant) -> str:
    client = sharing.cast.client("civil_manager")
    urls = (f"/cases/{grant.case_id}/", f"/grants/{grant.pk}/")
    return "".join(client.get(url).content.decode() for url in urls)


def test_the_button_stands_there_once_the_limit_is_past(sharing: Sharing) -> None:
    fresh = sharing.granted(sharing.mount("division", "api"))
    old = unused(sharing)
    for grant, who, there in ((fresh, "bureau_manager", False), (old, "civil_manager", True)):
        client = sharing.cast.client(who)
        for url in (f"/cases/{grant.case_id}/", f"/grants/{grant.pk}/"):
            page = client.get(url).content.decode()
            assert (f"/cases/{grant.case_id}/give_notice/" in page) == there, url
            assert ("长期未使用（第二十六条）" in page) == there


@pytest.mark.parametrize("act", ["suspend", "revoke"])
def test_another_ground_still_works_meanwhile(sharing: Sharing, act: str) -> None:
    """Notice of disuse protects nobody from a stop for risk; resumed, the notice has fallen."""
    cast, grant = sharing.cast, answered(sharing)
    getattr(actions, act)(cast.civil_manager, grant.case, **RISK)
    assert not live(grant)
    if act == "suspend":
        assert "disuse" not in sharing.case(grant).facts
        actions.resume(cast.civil_manager, grant.case, reasons="已经核实")
        assert live(grant) and sharing.case(grant).state == G.ACTIVE
        assert not queries.disuse_of(Grant.objects.select_related("case").get()).over


def test_disuse_is_no_ground_of_a_plain_revocation(sharing: Sharing) -> None:
    grant = unused(sharing)
    with pytest.raises(Malformed) as none:
        actions.revoke(sharing.cast.civil_manager, grant.case, ground="unused", **WHY)
    assert "ground" in none.value.fields


# -- settled ---------------------------------------------------------------------------------------


def test_nothing_is_taken_back_when_the_time_is_over(sharing: Sharing) -> None:
    grant = noticed(sharing)
    due = Clock.objects.get(case=grant.case).due_on
    with pytest.raises(AgainstRules):
        actions.end_answering(sharing.cast.system, grant.case)
    with pytest.raises(NotYours):
        actions.end_answering(sharing.cast.civil_manager, grant.case)
    assert verbs(sharing.cast.civil_manager, grant).isdisjoint({"reclaim", "keep_running"})
    with writing("test"):
        Clock.objects.filter(case=grant.case).update(due_on=today() - timedelta(1))
    assert due > today()
    work_jobs.watch(today())
    assert sharing.case(grant).state == G.TO_SETTLE and live(grant)
    assert sharing.case(grant).awaiting == [f"{sharing.cast.civil_manager.body}:manager"]
    page = sharing.cast.client("civil_manager").get(f"/cases/{grant.case_id}/").content.decode()
    assert "答复期已满，没有答复" in page
    work_jobs.watch(today() + timedelta(400))
    assert live(grant), "however long who decides waits"


def test_left_running_the_limit_begins_anew(sharing: Sharing) -> None:
    grant = answered(sharing)
    actions.keep_running(sharing.cast.civil_manager, grant.case, reasons="下月上线，予以保留。")
    jobs.watch_use()
    row = Grant.objects.select_related("case").get(pk=grant.pk)
    disuse = queries.disuse_of(row)
    assert row.case.state == G.ACTIVE and disuse.since == today() and not disuse.over
    assert row.case.facts.keys().isdisjoint({"disuse", "reply"})
    assert Notice.objects.filter(
        person=sharing.cast.housing_operator.person, title__startswith="授权予以保留"
    ).exists()
    with pytest.raises(AgainstRules):
        actions.give_notice(sharing.cast.civil_manager, row.case, **WHY)


def test_a_circumstance_that_is_adopted_is_carried_by_the_grant(sharing: Sharing) -> None:
    cast, grant = sharing.cast, answered(sharing, circumstance="emergency")
    assert queries.disuse_of(Grant.objects.select_related("case").get()).circumstance == ""
    actions.keep_running(cast.civil_manager, grant.case, reasons="属于应急处置。", adopt=True)
    row = Grant.objects.select_related("case").get(pk=grant.pk)
    assert row.special == "应急处置" and queries.disuse_of(row).since is None
    assert Entry.objects.get(verb="grant.keep_running").after["circumstance"] == "emergency"


def test_what_was_not_stated_is_not_adopted(sharing: Sharing) -> None:
    grant = answered(sharing)
    with pytest.raises(Malformed) as nothing:
        actions.keep_running(
            sharing.cast.civil_manager, grant.case, reasons="予以保留。", adopt=True
        )
    assert "adopt" in nothing.value.fields and sharing.case(grant).state == G.TO_SETTLE


def test_an_answer_that_does_not_fit_is_refused(sharing: Sharing) -> None:
    grant = noticed(sharing)
    for given, field in (
        ({"circumstance": "seasonal"}, "months"),
        ({"circumstance": "other"}, "circumstance_words"),
        ({"months": [13]}, "months.0"),
        ({"circumstance": "x"}, "circumstance"),
        ({"reasons": "。。。"}, "reasons"),
    ):
        with pytest.raises(Malformed) as wrong:
            actions.answer_notice(sharing.cast.housing_operator, grant.case, **ANSWER | given)
        assert field in wrong.value.fields, given
    assert sharing.case(grant).state == G.NOTICED


def test_a_grant_in_question_can_be_given_back_and_expires(sharing: Sharing) -> None:
    grant = noticed(sharing)
    actions.give_back(sharing.cast.housing_operator, grant.case)
    assert sharing.case(grant).state == G.RETURNED
    other = answered(sharing)
    with writing("test"):
        Grant.objects.filter(pk=other.pk).update(valid_to=today() - timedelta(1))
    assert not live(other)
    jobs.expire()
    assert sharing.case(other).state == G.EXPIRED
