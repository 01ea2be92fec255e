"""A run is killed at any moment: the table is the old one or the new one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

import pytest

from huitong.planes.tables.engine import Plan, run
from huitong.planes.tables.tests.town import Town
from huitong.scope import Prefix, Scope
from huitong.scope.masks import named

KILLED = """
import json, sys
from huitong.connectors import DatabaseAddress, Guard
from huitong.planes.tables.engine import Plan, run
order = json.load(sys.stdin)
source, target = (DatabaseAddress(**order[side]) for side in ("source", "target"))
print("ready", flush=True)
run(
    Plan.from_json(order["plan"]), source, target, guard=Guard.of(order["allowed"]),
    progress=lambda p: print(p.stage, flush=True),
)
"""


@pytest.mark.parametrize("first", [True, False], ids=["first load", "update"])
def test_kill_nine_never_leaves_a_mixture(town: Town, first: bool) -> None:
    """Killed at random moments, mostly amid COPY and apply: old rows or new rows, and the rerun
    knows which."""
    random = Random(11)
    town.provider.execute(
        "INSERT INTO public.marriage (id, xm, code, note)"
        " SELECT n, '张三', '320613', repeat('字', 60) FROM generate_series(1000, 12000) n"
    )
    scope = Scope(("id", "xm", "note"), Prefix("code", "32"), {"xm": named("name")})
    states: list[str] = []
    old = None
    for turn in range(60 if os.environ.get("HUITONG_SOAK") else 4):
        if first:
            town.consumer.execute("DROP TABLE IF EXISTS public.marriage_in, public.huitong_runs")
        elif turn == 0:
            town.run("before", scope)
        town.provider.execute(
            "UPDATE public.marriage SET note = %s || left(note, 50)", (str(turn),)
        )
        old, plan = _state(town), town.plan(f"turn{turn}", scope)
        _kill_once(
            town,
            plan,
            random.uniform(0.0, 0.06),
            after=random.choice(["checking", "applying", "reconciling"]),
        )
        left = _state(town)
        delivery = run(plan, town.source, town.target, guard=town.guard)
        new = _state(town)
        assert left in (old, new), "a mixture"
        assert (
            delivery.repeated == (left == new)
            and delivery.source_checksum == delivery.target_checksum
        )
        states.append("new" if left == new else "old")
    if os.environ.get("HUITONG_SOAK"):
        assert {"old", "new"} == set(states), "of many kills some come in time, some too late"


def _state(town: Town) -> Any:
    for _ in range(100):  # the killed process's session ends by itself
        query = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'huitong tables' AND datname = current_database()"
        )
        if town.consumer.execute(query).fetchone() == (0,):
            break
        time.sleep(0.05)
    if town.arrived() is None:
        return None
    return town.consumer.execute(
        "SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM public.marriage_in t"
    ).fetchone()


def _kill_once(town: Town, plan: Plan, after_s: float, after: str) -> None:
    order = {"plan": plan.to_json(), "allowed": [f"127.0.0.1:{town.source.port}"]}
    for side in ("source", "target"):
        order[side] = asdict(getattr(town, side))
    root = str(Path(__file__).parents[4])
    with subprocess.Popen(
        [sys.executable, "-c", KILLED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": root},
    ) as process:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(order).encode())
        process.stdin.close()
        for line in process.stdout:
            if line.strip().decode() == after:
                break
        time.sleep(after_s)
        process.kill()
        process.wait()
