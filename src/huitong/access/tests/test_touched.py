"""A plane looks only at the mounts an act touched, and at all when it may be any (A26, A28)."""

from __future__ import annotations

import pytest
from tests.sharing import RISK, Sharing

from huitong.access import actions
from huitong.access.queries import mounts_in_use, mounts_touched
from huitong.kernel.ledger import Entry
from huitong.publishing import actions as publishing
from huitong.publishing.rules import Mode

pytestmark = pytest.mark.django_db


def last(verb: str) -> Entry:
    return Entry.objects.filter(verb=verb).latest("seq")


def test_an_act_touches_the_mounts_of_its_grants(sharing: Sharing) -> None:
    one = sharing.granted(sharing.mount("marriage", "api"))
    other = sharing.granted(sharing.mount("division", "api"))
    both = {one.mount_id, other.mount_id}
    assert mounts_touched(last("grant.issue")) == {other.mount_id}
    issued = sharing.credential()
    assert mounts_touched(last("access.issue_credential")) == both
    actions.limit_networks(
        sharing.cast.housing_operator, credential=issued["credential"], networks=["10.1.0.0/16"]
    )
    assert mounts_touched(last("access.limit_networks")) == both
    actions.suspend(sharing.cast.civil_manager, one.case, **RISK)
    assert mounts_touched(last("grant.suspend")) == {one.mount_id}
    publishing.suspend_delivery(sharing.cast.civil_manager, mount=other.mount_id, **RISK)
    assert mounts_touched(last("publishing.suspend_delivery")) == {other.mount_id}


def test_what_concerns_every_grant_touches_all(sharing: Sharing) -> None:
    sharing.granted()
    assert mounts_touched(last("access.submit_form")) is None


def test_mounts_of_one_entry_are_looked_at_together(sharing: Sharing) -> None:
    marriage = sharing.granted(sharing.mount("marriage", "api")).mount_id
    division = sharing.granted(sharing.mount("division", "api")).mount_id
    file = sharing.granted(sharing.mount("division", "file")).mount_id
    assert sorted(map(sorted, mounts_in_use(Mode.API))) == sorted([[marriage], [division]])
    assert mounts_in_use(Mode.API, {marriage}) == [{marriage}]
    assert mounts_in_use(Mode.FILE) == [{file}]
    assert mounts_in_use(Mode.API, set()) == []
