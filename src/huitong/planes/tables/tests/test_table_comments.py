"""A delivered table says for what it may be used (A30)."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from tests.sharing import Sharing

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
    change(sharing, "COMMENT ON TABLE marriage IS '婚姻登记信息。按授权 SH1 共享'", "target")
    again(sharing, grant)
    assert words() == notice, "of an earlier grant"
    change(sharing, "COMMENT ON TABLE marriage IS '住建局自用'", "target")
    assert again(sharing, grant).state == RunState.DELIVERED
    assert words() == "住建局自用"
