"""A city that has adopted the State Council's decree."""

from __future__ import annotations

import pytest
from tests.sharing import Sharing

from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations


@pytest.fixture
def decreed(sharing: Sharing) -> Sharing:
    """A city that has adopted the decree today."""
    organizations.adopt_law(
        sharing.cast.system_admin,
        law="national-2025",
        in_force=today(),
        basis="市政府办公室关于贯彻政务数据共享条例的通知",
    )
    return sharing
