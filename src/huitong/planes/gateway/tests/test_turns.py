"""A look at all grants lets a revocation through between its shares (A26)."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from huitong.planes.gateway.engine.process import alone, in_turn


def test_who_waits_for_the_lock_waits_for_one_share_at_most(tmp_path: Path) -> None:
    order: list[str] = []

    def look_at_all() -> None:
        for _ in in_turn(tmp_path, range(20)):
            order.append("share")
            time.sleep(0.05)

    look = threading.Thread(target=look_at_all)
    look.start()
    while len(order) < 3:
        time.sleep(0.005)
    with alone(tmp_path):
        order.append("revocation")
    look.join()
    assert order.index("revocation") <= 6 and order.count("share") == 20
