"""The documents of the demonstration pass the verbs of the product, once however often they are
played."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cast import Cast

from huitong.cli.demo.story import issuing
from huitong.cli.demo.story.play import Story
from huitong.documents import queries
from huitong.kernel.actor import Actor

BODIES = {"dsj": "bureau", "mz": "civil"}


@pytest.mark.django_db
def test_the_documents_are_issued_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def actor(story: Story, username: str) -> Actor:
        body, _, post = username.partition("_")
        person: Actor = getattr(cast, f"{BODIES[body]}_{post}")
        return person

    monkeypatch.setattr(Story, "actor", actor)
    monkeypatch.setattr(Story, "retry", lambda story, act: act())
    for _ in range(2):
        issuing.play(Story(Path("unused")))
    titles = set(queries.in_force(cast.hr_operator).values_list("title", flat=True))
    assert titles == {words["title"] for words in (*issuing.CITY, issuing.OWN)}
    assert [v.document.kind for v in queries.on_article(cast.hr_operator, "A22")] == [
        "interpretation"
    ]
    assert queries.in_force(cast.hr_operator, document__kind="standard").count() == 1
