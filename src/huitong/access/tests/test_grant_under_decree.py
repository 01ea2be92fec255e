"""A grant under the State Council's decree, and which law a refusal within a step cites."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sharing import LESS, RISK, Sharing

from huitong.access import actions, queries
from huitong.access.rules import GRANT, GRANT_UNDER_DECREE, UNPROVIDED, G
from huitong.kernel.grounds import grounds_for
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import Malformed, NotYours, Problem
from huitong.kernel.watches import Watch
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db
STOPPED = {"ground": "risk", "reasons": "发现数据可能泄露，先停止使用。"}


def adopt(sharing: Sharing) -> None:
    organizations.adopt_law(
        sharing.cast.system_admin, law="national-2025", in_force=today(), basis="市政府通知"
    )


def cited(case: int) -> dict[str, str]:
    """What each act of a case cites."""
    return dict(Entry.objects.filter(case=case).values_list("verb", "article"))


def test_a_running_grant_keeps_its_law_and_a_later_one_runs_under_the_decree(
    sharing: Sharing,
) -> None:
    cast = sharing.cast
    before = sharing.granted()
    waiting = sharing.accepted(sharing.mount("division", "api"))
    adopt(sharing)
    after = actions.grant(cast.bureau_manager, waiting.case)
    laws = [sharing.case(row).law for row in (before, waiting, after)]
    assert laws == ["nantong-2020", "nantong-2020", "national-2025"]
    for grant in (before, after):
        actions.suspend(cast.civil_manager, sharing.case(grant), **STOPPED)
    actions.resume(cast.civil_manager, sharing.case(before), reasons="已核实。")
    actions.resume(cast.bureau_manager, sharing.case(after), reasons="已核实。")
    assert cited(before.case_id) == {
        "grant.issue": "A22",
        "grant.suspend": "A28",
        "grant.resume": "A28",
    }
    assert set(cited(after.case_id).values()) == {"D"}
    watched = Watch.objects.filter(kind=UNPROVIDED.kind)
    assert [row.subject for row in watched] == [f"access.grant:{after.pk}"], "20 working days"


def test_under_the_decree_the_platform_may_stop_what_a_provider_granted(decreed: Sharing) -> None:
    cast, grant = decreed.cast, decreed.granted()
    actions.suspend(cast.bureau_manager, grant.case, **STOPPED)
    assert decreed.case(grant).state == G.HELD and not queries.live_grants()
    with pytest.raises(NotYours):
        actions.resume(cast.civil_manager, decreed.case(grant), reasons="继续。")
    actions.resume(cast.bureau_manager, decreed.case(grant), reasons="已核实。")
    assert len(queries.live_grants()) == 1


def test_under_the_rules_of_2020_it_may_not(sharing: Sharing) -> None:
    with pytest.raises(NotYours):
        actions.suspend(sharing.cast.bureau_manager, sharing.granted().case, **STOPPED)


def test_disuse_and_the_period_go_on_under_the_local_rule() -> None:
    local = {row.verb for row in GRANT_UNDER_DECREE.steps if row.article == "A26"}
    assert local == {row.verb for row in GRANT.steps if row.article == "A26"}
    assert {row.article for row in GRANT_UNDER_DECREE.steps} == {"A26", "D"}


def test_every_ground_of_the_decree_names_it_and_the_consumers_duty_is_one(
    decreed: Sharing,
) -> None:
    for verb in ("grant.suspend", "grant.revoke"):
        rows = grounds_for(verb, law="national-2025")
        assert {row.article for row in rows} <= {"D", ""}
        assert any("使用期间的安全责任" in row.label for row in rows)
    with pytest.raises(Malformed, match="现行的理由类别"):
        actions.suspend(
            decreed.cast.civil_manager, decreed.granted().case, **RISK | {"ground": "maintenance"}
        )


# -- what a refusal cites --------------------------------------------------------------------------


def refused(act: Any, *args: Any, **given: Any) -> str:
    with pytest.raises(Problem) as wrong:
        act(*args, **given)
    return wrong.value.article


@pytest.mark.parametrize(("law", "accepts", "decides"), [("A", "A21", "A22"), ("D", "D", "D")])
def test_a_refusal_within_a_step_cites_the_law_of_its_case(
    sharing: Sharing, law: str, accepts: str, decides: str
) -> None:
    cast = sharing.cast
    if law == "D":
        adopt(sharing)
    form = sharing.applied(sharing.mount())
    application = queries.form_applications(form)[0]
    assert refused(actions.accept, cast.bureau_operator, application.case) == accepts
    actions.accept(cast.bureau_operator, application.case, **sharing.checks())
    waiting = sharing.case(application)
    assert refused(actions.grant, cast.civil_manager, waiting, per_day=5) == decides
    assert refused(actions.grant, cast.civil_manager, waiting, per_day="x") == decides, "unread"
    late = LESS | {"valid_to": today().replace(year=today().year + 9)}
    assert refused(actions.grant, cast.civil_manager, waiting, **late) == "A26", "a local rule"
    more = LESS | {"items": ["没有的项"]}
    assert refused(actions.grant, cast.civil_manager, waiting, **more) == "A30", "a local rule"


@pytest.mark.parametrize(("law", "asks"), [("A", "A20"), ("D", "D")])
def test_a_refused_opening_cites_the_law_the_case_would_run_under(
    sharing: Sharing, law: str, asks: str
) -> None:
    form, mount = sharing.form(sharing.mount()), sharing.mount()
    if law == "D":
        adopt(sharing)
    clerk = sharing.cast.housing_operator
    assert refused(actions.draft, clerk, form=form.pk, mount=mount.pk) == asks, "asked for twice"
    assert refused(actions.draft, clerk, form=form.pk, mount="x") == asks, "not even read"


def test_an_act_on_a_form_cites_the_law_of_its_cases(sharing: Sharing) -> None:
    """Which are opened with it, or run already."""
    cast = sharing.cast
    before = sharing.form(sharing.mount())
    adopt(sharing)

    def articles() -> dict[str, str]:
        rows = Entry.objects.filter(case=None, verb__startswith="access.").order_by("seq")
        return dict(rows.values_list("verb", "article"))

    actions.revise(cast.housing_operator, form=before.pk, purpose="核验申请人的婚姻状况")
    actions.print_form(cast.housing_operator, form=before.pk)
    assert articles() == dict.fromkeys(
        ("access.begin_form", "access.apply", "access.revise", "access.print_form"), "A20"
    )
    assert refused(actions.submit_form, cast.housing_manager, form=before.pk) == "A20"
    application = sharing.accepted(sharing.mount())
    actions.simulate(cast.civil_manager, application=application.pk)
    rows = articles()
    acts = ("begin_form", "apply", "print_form", "seal_form", "submit_form", "simulate")
    assert {rows[f"access.{act}"] for act in acts} == {"D"} and rows["access.revise"] == "A20"
    assert refused(actions.print_form, cast.housing_operator, form=application.form_id) == "D"
    assert refused(actions.apply, cast.housing_operator, resources="x") == "D"
