"""Fixtures of more than one test of the kernel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from huitong.kernel import doing
from huitong.kernel.procedure import Procedure
from huitong.kernel.tests.odd import Make, Verbs


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """``make(table, provider=2)``: its verbs, the first of which opens a case between these."""
    before = dict(doing.VERBS)

    def of(procedure: Procedure, facts: dict[str, Any] | None = None, **parties: Any) -> Verbs:
        monkeypatch.setitem(doing.PROCEDURES, procedure.kind, {procedure.law: procedure})
        verbs = {}
        for verb in procedure.verbs:
            opening = any(step.opening for step in procedure.rows(verb))

            def act(actor: Any, case: Any, *, _opening: bool = opening) -> None:
                if _opening:
                    case.between(**({"provider": actor.body} | parties))
                    case.facts |= facts or {}

            act.__name__ = verb
            verbs[verb] = doing.step(procedure)(act)
        return verbs

    yield of
    doing.VERBS.clear()
    doing.VERBS.update(before)
