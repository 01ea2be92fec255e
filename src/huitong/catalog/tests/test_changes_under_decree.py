"""A change of law under the State Council's decree: ten working days, five more with consent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import Cast

from huitong.catalog.actions import extending
from huitong.catalog.models import Entry
from huitong.catalog.tests.changing import by_civil, fresh, three_entries
from huitong.kernel.clocks import Clock
from huitong.kernel.doing import open_to, perform
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.kernel.workdays import load_calendar, today
from huitong.organizations import actions as organizations
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db
MORE = {"days": 5, "reasons": "涉及的系统正在改造，下周完成。"}


@pytest.fixture
def entries(cast: Cast) -> dict[str, Entry]:
    organizations.adopt_law(
        cast.system_admin, law="national-2025", in_force=today(), basis="市政府办公室通知"
    )
    return three_entries(cast)


def test_the_limit_counts_from_publicity_and_is_extended_once_with_consent(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    calendar, since = load_calendar(), today() - timedelta(7)
    whole, part = by_civil(cast, 7, entries=[entries["marriage"].pk])
    assert (whole.case.law, part.law) == ("national-2025", "national-2025")
    first = calendar.after(since, 10).on
    assert (part.due_on, Clock.objects.get(case=part).article) == (first, "D")
    with pytest.raises(Malformed, match="最多可延长 5 个工作日"):
        extending.ask_extension(cast.civil_manager, part, **MORE | {"days": 6})
    assert "consent" not in {row.verb for row, _ in open_to(cast.bureau_manager, part)}
    extending.ask_extension(cast.civil_manager, part, **MORE)
    assert fresh(part).due_on == first, "the limit runs on"
    assert Notice.objects.filter(
        title__contains="申请延长更新时限", person=cast.bureau_manager.person
    ).exists()
    page = cast.client("bureau_manager").get(f"/cases/{part.pk}/").content.decode()
    assert f"申请延长更新时限 {MORE['days']} 个工作日" in page, "who consents reads to what"
    with pytest.raises(NotYours):
        extending.consent(cast.civil_manager, fresh(part))
    extending.consent(cast.bureau_manager, fresh(part))
    assert fresh(part).due_on == calendar.after(first, 5).on
    with pytest.raises(AgainstRules, match="不适用"):
        extending.ask_extension(cast.civil_manager, fresh(part), **MORE)
    perform(
        cast.civil_operator,
        "catalog_change_part.settle",
        {
            "outcome": "unchanged",
            "entries": [entries["marriage"].pk],
            "reasons": "所引条款没有变化。",
        },
        case=part.pk,
    )
    assert fresh(part).state == "settled" and fresh(whole.case).law == "national-2025"


def test_what_is_over_is_not_extended(cast: Cast, entries: dict[str, Entry]) -> None:
    """Registered late, a change may be overdue at birth: more days would hide how late it is."""
    _, part = by_civil(cast, 60, entries=[entries["marriage"].pk])
    assert part.due_on < today()
    page = cast.client("civil_manager").get(f"/cases/{part.pk}/").content.decode()
    assert f"/cases/{part.pk}/ask_extension/" not in page
    with pytest.raises(AgainstRules, match="届满后不能再申请延长"):
        extending.ask_extension(cast.civil_manager, part, **MORE)
    assert fresh(part).facts.get("extension") is None
    _, running = by_civil(cast, 1, entries=[entries["marriage"].pk])
    page = cast.client("civil_manager").get(f"/cases/{running.pk}/").content.decode()
    assert f"/cases/{running.pk}/ask_extension/" in page


def test_without_consent_the_limit_stays(cast: Cast, entries: dict[str, Entry]) -> None:
    _, part = by_civil(cast, 2, entries=[entries["marriage"].pk])
    first = part.due_on
    extending.ask_extension(cast.civil_manager, part, **MORE)
    extending.deny(cast.bureau_manager, fresh(part), reasons="变动较小，可以按期完成。")
    assert fresh(part).due_on == first
    with pytest.raises(AgainstRules):
        extending.ask_extension(cast.civil_manager, fresh(part), **MORE)
