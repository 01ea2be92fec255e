"""How many web processes there are, when nobody says it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from huitong.cli import web


@pytest.mark.parametrize(
    ("bound", "quota", "processes"),
    [
        (1, None, 1),
        (2, "max 100000", 2),
        (64, "max 100000", web.MOST_WORKERS),
        (16, "150000 100000", 2),  # a container of one and a half processors
        (4, "10000 100000", 1),
        (2, "900000 100000", 2),
        (2, "nonsense", 2),
    ],
)
def test_web_processes_fit_the_cores(
    bound: int, quota: str | None, processes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(bound)))
    monkeypatch.setattr(web, "QUOTA", tmp_path / "cpu.max")
    if quota is not None:
        web.QUOTA.write_text(quota + "\n")
    assert web.cores() == processes
