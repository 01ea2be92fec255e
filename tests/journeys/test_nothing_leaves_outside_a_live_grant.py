"""Any order of steps, by anybody, under either law: no plane hands out anything outside a live
grant, and nobody who prepared a matter decides on it (A12, A22-A30)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sharing import BACK, REFUSED, RISK, Sharing

from huitong.access import actions, queries
from huitong.access.models import Grant
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.doing import procedure_of
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import Problem
from huitong.kernel.workdays import SHANGHAI, today
from huitong.organizations import actions as organizations
from huitong.planes.files import queries as files
from huitong.planes.gateway import reconcile as gateway
from huitong.planes.tables import queries as tables
from huitong.publishing import actions as publishing

pytestmark = pytest.mark.django_db
DAY = timedelta(1)
LAWS = ("nantong-2020", "national-2025")
SETTINGS = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def under(sharing: Sharing, law: str) -> None:
    if law != "nantong-2020":
        organizations.adopt_law(
            sharing.cast.system_admin, law=law, in_force=today(), basis="市政府通知"
        )


# -- every plane -----------------------------------------------------------------------------------

WORDS = {"reasons": "按规定办理，理由如下。"}
#: what may be done with a grant, and with what
ACTS: dict[str, dict[str, Any]] = {
    "suspend": RISK,
    "resume": WORDS,
    "revoke": RISK,
    "give_back": WORDS,
    "expire": {},
    "give_notice": WORDS,
    "answer_notice": WORDS,
    "end_answering": {},
    "reclaim": WORDS,
    "keep_running": WORDS,
}
SEATS = (
    "civil_manager",
    "civil_operator",
    "housing_operator",
    "bureau_manager",
    "bureau_operator",
    "stranger_manager",
    "system",
)
MOUNTS = ("stop mount", "resume mount")
moves = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from((*ACTS, *MOUNTS, "many days")), st.sampled_from(SEATS)
    ),
    max_size=10,
)


def handed_out(cast: Any, now: datetime, rows: list[Grant]) -> set[int]:
    """The grants under which a plane would hand something out at this moment: what the gateway lets
    through, what tables deliver, what files are given."""
    offer = gateway._offer()
    out = {grant.id for api in offer.apis for grant in api.grants}
    out |= set(tables.live_tables())
    for grant in rows:
        try:
            files.granted_to(cast.housing_operator, grant.pk)
        except Problem:
            continue
        out.add(grant.pk)
    return out


@pytest.mark.parametrize("law", LAWS)
@SETTINGS
@given(moves=moves)
def test_no_plane_hands_out_anything_outside_a_live_grant(
    sharing: Sharing, law: str, moves: list[tuple[int, str, str]]
) -> None:
    cast = sharing.cast
    grants: list[Grant] = sharing.__dict__.get("three", [])
    if not grants:
        under(sharing, law)
        sharing.credential()
        grants = sharing.__dict__["three"] = [
            sharing.granted(sharing.mount("marriage", mode)) for mode in ("api", "table", "file")
        ]
        assert {sharing.case(grant).law for grant in grants} == {law}
        with writing("test"):  # of four months ago, so that notice of disuse can be given
            Grant.objects.update(valid_from=today() - 120 * DAY)
            Case.objects.filter(kind="grant").update(entered_at=datetime.now(UTC) - 120 * DAY)
        assert handed_out(cast, datetime.now(UTC), grants) == {grant.pk for grant in grants}
    with transaction.atomic():
        for which, act, seat in moves:
            grant, actor = grants[which], getattr(cast, seat)
            try:
                with transaction.atomic():
                    _do(grant, act, actor)
            except Problem:
                pass
            now, rows = datetime.now(UTC), list(Grant.objects.select_related("case", "mount"))
            assert handed_out(cast, now, grants) == {row.pk for row in rows if _live(row, now)}
        transaction.set_rollback(True)


def _do(grant: Grant, act: str, actor: Actor) -> None:
    if act == "many days":  # its period is moved instead of the clock of three planes
        with writing("test"):
            Grant.objects.filter(pk=grant.pk).update(valid_to=today() - DAY)
    elif act == "stop mount":
        publishing.suspend_delivery(actor, mount=grant.mount_id, **RISK)
    elif act == "resume mount":
        publishing.resume_delivery(actor, mount=grant.mount_id, **WORDS)
    else:
        getattr(actions, act)(actor, Case.objects.get(pk=grant.case_id), **ACTS[act])


def _live(row: Grant, now: datetime) -> bool:
    """By hand: what must be so that anything may leave under a grant."""
    on = now.astimezone(SHANGHAI).date()
    return (
        row.case.state in ("active", "noticed", "to_settle", "platform_settle")
        and row.ended_at is None
        and row.valid_from <= on <= row.valid_to
        and row.mount.state == "active"
    )


# -- one's own case --------------------------------------------------------------------------------

STEPS: dict[str, dict[str, Any]] = {
    "submit": {},
    "send_back": BACK,
    "accept": {"checked": ["stamp", "legible", "duty", "content"]},
    "return_for_completion": {"lacking": ["legible"], "words": "第二页看不清"},
    "complete": {"answer": "已重新说明。"},
    "decline": REFUSED,
    "grant": {},
    "refuse": REFUSED,
    "ask_extension": {"days": 5, "reasons": "需向省级主管部门核对数据口径。"},
    "consent": {},
    "deny": {"reasons": "数据口径已在目录中写明，无须核对。"},
    "withdraw": {},
}
#: typed by hand: whose part of the matter a step is; nobody has two
ROLES = {
    **dict.fromkeys(("draft", "seal", "complete", "withdraw"), "applies"),
    **dict.fromkeys(("submit", "send_back"), "answers for the application"),
    **dict.fromkeys(("accept", "return_for_completion", "decline"), "checks"),
    **dict.fromkeys(("grant", "refuse", "ask_extension"), "decides"),
    **dict.fromkeys(("consent", "deny"), "consents"),
}
#: people who hold both posts of their body, and some who hold one
DOUBLE = ("housing_operator", "civil_manager", "bureau_operator")
PEOPLE = (*DOUBLE, "housing_manager", "bureau_manager", "civil_operator")
#: which of the steps open in the state the case is in, and by whom
steps = st.lists(st.tuples(st.integers(0, 99), st.sampled_from(PEOPLE)), min_size=3, max_size=8)


@pytest.mark.parametrize("law", LAWS)
@SETTINGS
@given(steps=steps)
def test_nobody_decides_on_what_went_through_their_own_hands(
    sharing: Sharing, law: str, steps: list[tuple[int, str]]
) -> None:
    """Refuse, in whatever state, to who has had a part in a case, though they hold both posts,
    every step of another's part."""
    cast, form = sharing.cast, sharing.__dict__.get("one_form")
    if form is None:
        under(sharing, law)
        form = sharing.__dict__["one_form"] = sharing.sealed(sharing.mount())
    both = frozenset({Post.OPERATOR, Post.MANAGER})
    people = {key: getattr(cast, key) for key in PEOPLE}
    people |= {key: replace(people[key], posts=both) for key in DOUBLE}
    [pk] = [row.case_id for row in queries.form_applications(form)]
    with transaction.atomic():
        for which, who in steps:
            case, parts = Case.objects.get(pk=pk), _parts(pk)
            table = procedure_of(case)
            verbs = [verb for verb in STEPS if verb in table.verbs and _open(table, verb, case)]
            assert case.law == law and all(len(held) == 1 for held in parts.values()), parts
            for key in DOUBLE:
                held = parts.get(people[key].person or 0)
                for verb in verbs if held else ():
                    if {ROLES[verb]} != held:
                        assert not _done(people[key], verb, case, keep=False), (key, verb)
            if not verbs:
                break
            _done(people[who], verbs[which % len(verbs)], case, keep=True)
        transaction.set_rollback(True)


def _open(table: Any, verb: str, case: Case) -> bool:
    return any(case.state in row.origin and row.fits(case.facts) for row in table.rows(verb))


def _done(actor: Actor, verb: str, case: Case, *, keep: bool) -> bool:
    """Whether the step was taken; taken back where it is not to be kept."""
    try:
        with transaction.atomic():
            getattr(actions, verb)(actor, Case.objects.get(pk=case.pk), **STEPS[verb])
            transaction.set_rollback(not keep)
    except Problem:
        return False
    return True


def _parts(case: int) -> dict[int, set[str]]:
    """Who has had which part in a case, by the ledger."""
    parts: dict[int, set[str]] = {}
    for person, verb in Entry.objects.filter(case=case).values_list("person", "verb"):
        parts.setdefault(person, set()).add(ROLES[verb.removeprefix("application.")])
    return parts
