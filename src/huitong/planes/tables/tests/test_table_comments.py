"""A delivered table says for what it may be used (A30)."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from tests.sharing import Sharing

from huitong.planes.tables.engine.comments import signed
from huitong.planes.tables.rules import RunState
from huitong.planes.tables.tests.test_runs import again, change, step

pytestmark = pytest.mark.django_db


def test_the_table_says_for_what_it_may_be_used_and_whoever_changed_that_is_left_alone(
    sharing: Sharing, grant: Any
) -> None:
    question = "SELECT obj_description('marriage'::regclass, 'pg_class')"

    def words() -> str:
        with psycopg.connect(sharing.target_url) as target:
            return str(target.execute(question).fetchall()[0][0])

    step(grant)
    notice = words()
    assert grant.purpose in notice and grant.case.number in notice and str(grant.valid_to) in notice
    for old in ("婚姻登记信息。按授权 SH1 共享", "婚姻信息（旧名）\n按授权 SH1 共享"):
        change(sharing, f"COMMENT ON TABLE marriage IS '{signed(old)}'", "target")
        again(sharing, grant)
        assert words() == notice, "of an earlier grant, of an earlier title"
    for own in (
        "住建局自用",
        "婚姻登记信息，住建局自用",
        f"{notice}（住建局核过）",
        f"住建局：{notice}",
    ):
        change(sharing, f"COMMENT ON TABLE marriage IS '{own}'", "target")
        assert again(sharing, grant).state == RunState.DELIVERED
        assert words() == own
