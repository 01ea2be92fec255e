"""What somebody typed into a step is read by whoever acts next.

A kind of case without a page of its own says in its record what came with each step
(`work.views.record`). A page of its own says it itself; here is looked whether it can.
"""

from __future__ import annotations

import inspect
import re
from functools import cache
from pathlib import Path

import pytest

import huitong
from huitong.catalog.rules import ELEMENTS
from huitong.kernel import doing, manifest
from huitong.work.queries import SPOKEN
from huitong.work.rules import AttachmentRef, Hidden, shape_of

doing.load()
SOURCE = Path(huitong.__file__).parent
#: what a page says by another name
OTHERWISE = {
    "demand.not_ours.right_body": "as `Answer.named`",
    "dispute.convene.on": "as `Dispute.meets_at`",
    "grant.keep_running.adopt": "as the grant's own circumstance",
    "objection.correct.version": "as `Objection.corrected_by`",
}
STEPS = [
    (name, inspect.unwrap(verb.run).__module__.split(".")[1], verb)
    for name, verb in sorted(doing.VERBS.items())
    if verb.is_step
    and not verb.inner
    and verb.run.__module__.startswith("huitong.")
    and manifest.case_page(name.partition(".")[0]).template
]


@cache
def pages_of(room: str) -> str:
    """All a room draws pages with."""
    paths = [*(SOURCE / room / "templates").rglob("*.html")]
    for part in ("queries", "views"):
        paths += [*(SOURCE / room / part).rglob("*.py"), SOURCE / room / f"{part}.py"]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths if path.exists())


@pytest.mark.parametrize(("name", "room", "verb"), STEPS, ids=lambda value: str(value)[:40])
def test_what_came_with_a_step_stands_on_the_page_of_its_case(
    name: str, room: str, verb: doing.Verb
) -> None:
    for field, about in verb.given.model_fields.items():
        shape = shape_of(about)
        visible = field in SPOKEN or field in ELEMENTS or shape.mark(AttachmentRef)
        if visible or shape.mark(Hidden) or f"{name}.{field}" in OTHERWISE:
            continue
        assert re.search(rf"[.\"']{field}\b", pages_of(room)), (
            f"{name}: no page of {room} reads {field} ({about.title}), so nobody sees what was"
            " given: let the facts of the case's page say it"
        )


def test_what_is_said_otherwise_is_still_given() -> None:
    given = {f"{name}.{field}" for name, _, verb in STEPS for field in verb.given.model_fields}
    assert set(OTHERWISE) <= given
