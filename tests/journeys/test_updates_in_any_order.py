"""Any order of what two people and the bureau may do: never two drafts of an entry, what is
published never changes, a running grant never widens (A10, A11, A12, A30)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from tests.cast import Cast
from tests.journeys.test_an_entry_is_updated import OFFICE, office, without
from tests.sharing import CLEARED, ITEMS, Sharing

from huitong.access import queries as access
from huitong.access.models import Grant
from huitong.catalog import actions, queries
from huitong.catalog.models import Entry, Version
from huitong.kernel.case import Case
from huitong.kernel.procedure import Problem
from huitong.scope import from_json, widens

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA = settings.MEDIA_ROOT = tmp_path


EDITS = st.fixed_dictionaries(
    {},
    optional={
        "contact_name": st.sampled_from(["", "周建国", "吴敏"]),
        "condition": st.sampled_from(["用于住房保障资格审核。", "用于公积金提取审核。"]),
        "items": st.sampled_from(
            [ITEMS["marriage"], without(OFFICE), office(mask="name"), office(share_class="3")]
        ),
        "shapes": st.sampled_from([["masked"], ["masked", "partial_items"]]),
    },
)
VERBS = ("update", "submit", "pass_department", "return_department", "pass_bureau", "return_bureau")
ACTS = st.lists(
    st.tuples(
        st.one_of(EDITS, st.sampled_from([*VERBS, "discard", "publish"])),
        st.sampled_from(["civil_operator", "civil_manager", "bureau_operator"]),
    ),
    max_size=14,
)
WITH: dict[str, dict[str, Any]] = {
    "submit": {"cleared": CLEARED},
    "pass_department": {"cleared": CLEARED},
    "return_department": {
        "ground": "review_other",
        "reasons": "请把使用条件写得更具体一些，再行提交。",
    },
    "return_bureau": {
        "ground": "review_other",
        "remarks": {"condition": "请写明用于哪些事项"},
        "reasons": "请按字段意见修改后再行提交。",
    },
}
#: the way of an update, which chance alone seldom goes to its end
WAY = ("update", {"items": without(OFFICE)}, "submit", "pass_department", "pass_bureau", "publish")


def seat(act: Any) -> str:
    return {
        "pass_department": "civil_manager",
        "return_department": "civil_manager",
        "pass_bureau": "bureau_operator",
        "return_bureau": "bureau_operator",
    }.get(act if isinstance(act, str) else "", "civil_operator")


@limits(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, ways=st.lists(st.integers(0, len(WAY)), max_size=2))
def test_never_two_drafts_published_never_changes_grants_never_widen(
    sharing: Sharing, acts: list[Any], ways: list[int]
) -> None:
    """Any order of verbs by any of three people, some of them the right way for a while."""
    cast = sharing.cast
    grant = sharing.granted(sharing.mount("marriage", "api"))
    entry = sharing.entry()
    straight = [(act, seat(act)) for way in ways for act in WAY[:way]]
    with transaction.atomic():
        frozen: dict[int, Any] = {}
        scope = from_json(Grant.objects.get(pk=grant.pk).scope)
        for act, who in [*straight, *acts]:
            attempt(cast, entry, act, who)
            drafts = Version.objects.filter(entry=entry, number=None, case__closed_at=None)
            assert drafts.count() <= 1
            for version in Version.objects.filter(entry=entry, number__isnull=False):
                now = (queries.facts_of(version), version.content, version.sha256)
                assert frozen.setdefault(version.number or 0, now) == now
            narrower = from_json(Grant.objects.get(pk=grant.pk).scope)
            assert not widens(scope, narrower)
            scope = narrower
            for live in access.live_grants():
                assert not widens(scope, live.parsed)
        transaction.set_rollback(True)


def attempt(cast: Cast, entry: Entry, act: Any, who: str) -> None:
    """An act by whoever it falls to; refused, it has changed nothing."""
    actor = getattr(cast, who)
    case = Case.objects.get(pk=queries.entry_for(cast.civil_operator, entry.pk).case_id)
    try:
        with transaction.atomic():
            if act == "update":
                actions.update(actor, entry=entry.pk)
            elif isinstance(act, str):
                getattr(actions, act)(actor, case, **WITH.get(act, {}))
            else:
                actions.edit(actor, case, **act)
    except Problem:
        pass
