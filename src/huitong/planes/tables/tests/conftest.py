"""A grant that delivers a table, for the tests of this plane."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.sharing import Sharing

ITEMS = ["登记编号", "男方姓名", "男方身份号码", "登记日期"]
NANTONG = {"op": "prefix", "item": "登记机关区划", "value": {"text": "3206"}}


@pytest.fixture
def grant(sharing: Sharing) -> Iterator[Any]:
    """Marriage data of Nantong, masked, as a table for Housing; both databases as new."""
    with psycopg.connect(sharing.source_url, autocommit=True) as source, psycopg.connect(sharing.target_url, autocommit=True) as target:
        source.execute("DROP TABLE IF EXISTS marriage_kept; CREATE TABLE marriage_kept AS TABLE marriage")
        target.execute("DROP TABLE IF EXISTS marriage, huitong_runs CASCADE")
        yield sharing.granted(sharing.mount("marriage", "table"), items=ITEMS, row_filter=NANTONG)
        source.execute("TRUNCATE marriage; INSERT INTO marriage TABLE marriage_kept; DROP TABLE marriage_kept")
